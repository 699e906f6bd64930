"""Stories as texts: what they say and every mistake in them; all of ours hold in the engine."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pointbook.analytics.storybooks import STORIES, read_file, story_files
from pointbook.engine.replay.playing import WorldStage, play
from pointbook.engine.replay.scenes import (
    Held,
    Matched,
    Redeemed,
    Refused,
    Stocked,
    Stood,
    StoodUntil,
)
from pointbook.engine.replay.transcripts import check
from pointbook.engine.rules.reading.problems import BlueprintErrors
from pointbook.engine.values.errors import NotFoundError
from pointbook.engine.values.facts import Returned
from tests.engine.replay.storytelling import HEAD, PROGRAM, mistakes, read, story

TOLD = Path(__file__).parents[2] / "stories"
PEERS, COMBINATIONS, REWARDS = TOLD / "peers", TOLD / "combinations", TOLD / "rewards"
FILES = story_files([STORIES, PEERS, COMBINATIONS, REWARDS])
ONE = "happened: [{at: 2026-03-01, member: anna, total: 5}]\n"


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_stories_hold_in_the_engine(file):
    told = []
    for one in read_file(file):
        found = check(one, play(one, stage=WorldStage(one)))
        told += [f"{file.name}: {one.title}: {difference}" for difference in found]
    assert not told, "\n".join(told)


class TestWhatIsRead:
    def test_a_day_alone_is_noon_and_a_minute_later_each_time(self):
        one = story(
            "happened:\n"
            "  - {at: 2026-03-02, member: anna, total: 5}\n"
            "  - {at: 2026-03-01, member: anna, total: 5}\n"
            "  - {at: 2026-03-01, member: anna, total: 5}\n"
            "  - {at: 2026-03-01 09:30, member: anna, total: 5}\n"
        )
        times = [(fact.id, fact.occurred_at.strftime("%d %H:%M")) for fact in facts(one)]
        assert times == [
            ("f4", "01 08:30"),
            ("f2", "01 11:00"),
            ("f3", "01 11:01"),
            ("f1", "02 11:00"),
        ]

    def test_the_story_is_framed_by_whole_days(self):
        one = story(ONE + "left: [{member: anna, at: 2026-03-04, points: 5}]\n")
        assert one.starts_at == datetime(2026, 2, 28, 23, tzinfo=UTC)
        assert one.ends_at == datetime(2026, 3, 4, 22, 59, 59, tzinfo=UTC)
        assert one.checkpoints[0].at == one.ends_at
        assert story(ONE + "ends: 2026-03-09").ends_at.day == 9

    def test_a_moment_can_be_looked_at(self):
        one = story(ONE + "left: [{member: anna, at: 2026-03-01 12:00, points: 5}]\n")
        assert one.checkpoints[0].at == datetime(2026, 3, 1, 11, tzinfo=UTC)

    def test_a_late_fact_comes_when_it_arrives(self):
        one = story(
            "happened:\n"
            "  - {id: late, at: 2026-02-01, arrives: 2026-03-02, member: anna, total: 5}\n"
            "  - {id: first, at: 2026-03-01, member: anna, total: 5}\n"
        )
        assert [fact.id for fact in facts(one)] == ["first", "late"]
        assert one.starts_at == datetime(2026, 1, 31, 23, tzinfo=UTC)

    def test_of_is_what_a_return_returns_and_what_others_are_about(self):
        one = story(
            "happened:\n"
            "  - {id: p, at: 2026-03-01, member: anna, total: 5, source: till}\n"
            "  - {at: 2026-03-02, member: anna, type: return, of: p, total: 5}\n"
            "  - {at: 2026-03-03, member: anna, type: void, of: 'referral:story:p', reason: slip}\n"
            "  - {at: 2026-03-04, nothing: days pass}\n"
        )
        _, back, void = facts(one)
        assert back.returns == Returned("till", "p")
        assert void.about == Returned("pointbook", "referral:story:p")
        assert void.attributes == {"reason": "slip"}

    def test_attributes_may_be_written_out(self):
        one = story(
            "happened: [{at: 2026-03-01, member: anna, type: segment, segment: vip,"
            " attributes: {member: true}}]\n"
        )
        assert facts(one)[0].attributes == {"segment": "vip", "member": True}

    def test_who_is_given_joins_and_holds(self):
        one = story(
            "given:\n"
            "  - {member: bo, joined: 2026-03-02, birthday: 1990-05-06}\n"
            "  - {member: anna, tier: Gold, until: 2026-12-31, measures: {spend: 5},\n"
            "     lots: [{unit: miles, points: '1.25', earned: 2026-01-01, expires: 2026-04-01}]}\n"
            "happened:\n"
            "  - {at: 2026-03-01, member: cy, type: transfer, to: di, points: 3}\n"
        )
        anna, bo = one.people
        assert one.members == ("bo", "anna", "cy", "di")
        assert (bo.birthday, bo.opening) == (date(1990, 5, 6), None)
        assert bo.joined_at == datetime(2026, 3, 1, 23, tzinfo=UTC)
        assert anna.joined_at == one.starts_at
        assert anna.opening is not None
        assert anna.opening.id == "opening-anna"
        assert anna.opening.attributes == {
            "lots": [
                {
                    "unit": "miles",
                    "points": "1.25",
                    "earned_on": "2026-01-01",
                    "expires_on": "2026-03-31",
                }
            ],
            "tier": "Gold",
            "until": "2026-12-30",
            "measures": {"spend": 5},
        }

    def test_expectations_know_their_lines(self):
        one = story(
            "happened:\n"
            "  - {at: 2026-03-01, member: anna, total: 5}\n"
            "  - {at: 2026-03-01, member: anna, total: 5}\n"
            "  - {at: 2026-03-01, member: anna, total: 5}\n"
            "matched:\n  f1: {purchases: 5}\n  f2: {refused: no}\n  f3: nothing\n"
            "left:\n  - member: anna\n    points: 5\n    pending: {miles: '0.5'}\n    tier: Gold\n"
            "    until: never\n"
        )
        assert one.matched == (
            Matched("f1", {"purchases": Decimal(5)}, 9),
            Refused("f2", "no", 10),
            Matched("f3", {}, 11),
        )
        assert one.checkpoints[0].expected == (
            Held("usable", "points", 5, 14),
            Held("pending", "miles", 50, 15),
            Stood("tiers", "Gold", 16),
            StoodUntil("tiers", None, 17),
        )

    def test_redemptions_and_what_is_left_of_rewards(self):
        one = story(
            "happened:\n  - {at: 2026-03-01, member: anna, total: 5}\n"
            "left:\n  - member: anna\n    held: {miles: '0.5'}\n    redemptions:\n"
            "      f1: released\n      'automatic:a:anna@2026-03-01':\n"
            "        {state: captured, amount: '0.20', points: 20, captured: 15, back: 5}\n"
            "stock:\n  - {reward: ten, at: 2026-03-04, left: any}\n  - {reward: ten, left: 2}\n"
        )
        auto = "automatic:a:anna@2026-03-01"
        told = {"points": Decimal(20), "captured": Decimal(15), "back": Decimal(5)}
        assert one.checkpoints[0].expected == (
            Held("held", "miles", 50, 8),
            Redeemed("f1", "released", 10),
            Redeemed(auto, "captured", 12, amount=20, **told),
        )
        assert one.stock == (
            Stocked("ten", "", one.ends_at, None, 14),
            Stocked("ten", "", one.ends_at, 2, 15),
        )
        assert one.ends_at.day == 4

    def test_a_file_may_hold_several_and_lines_stay(self):
        text = f"# Two\n---\n{HEAD}{ONE}--- # the second\n{HEAD}{ONE}---\n"
        stories = read(text, head="")
        assert [(one.line, one.happenings[0].line) for one in stories] == [(3, 6), (8, 11)]


class TestPrograms:
    def test_a_program_may_stand_in_the_story(self):
        inline = PROGRAM.replace("\n", "\n  ")
        one = story(ONE, head=f"story: A day\nsource: figures ours\nblueprint:\n  {inline}\n")
        assert one.editions[0].blueprint.code == "shop"

    def test_parts_may_be_replaced_or_left_out(self):
        one = story(ONE + "with: {tiers: null, returns: {claw_back: allow_negative}}\n")
        (edition,) = one.editions
        assert edition.blueprint.claw_back == "allow_negative"
        assert edition.blueprint.ladders == ()
        assert "tiers" not in edition.document

    def test_later_editions(self):
        body = (
            "later:\n"
            "  - {from: 2026-04-01, with: {tiers: null}}\n"
            "  - {from: 2026-05-01, program: shop}\n"
        )
        one = story(ONE + body)
        assert [edition.from_on for edition in one.editions] == [
            None,
            date(2026, 4, 1),
            date(2026, 5, 1),
        ]
        ladders = [len(one.blueprint_on(date(2026, month, 1)).ladders) for month in (3, 4, 5)]
        assert ladders == [1, 0, 1]
        assert list(one.units) == ["points", "miles"]

    def test_mistakes_in_later_editions(self):
        body = (
            "later:\n"
            "  - {from: 2026-04-01, with: {returns: {claw_back: never}}}\n"
            "  - {from: 2026-04-31, program: shop}\n"
            "  - {from: 2026-04-01, program: shop}\n"
            "  - {from: 2026-04-01, program: shop}\n"
            "  - {from: 2026-05-01, with: {tiers: 1}, program: shop, blueprint: {}}\n"
            "  - {from: 2026-06-01, with: {program: {code: shop}, books: null}}\n"
            "  - {from: 2026-06-02, with: {units: {points: {name: points, value: 1}}}}\n"
        )
        told = [one.split(". ")[0] for one in mistakes(ONE + body)]
        assert told[:5] == [
            'line 6, later[0].with.returns.claw_back: "never" is not known',
            "line 7, later[1].from: 2026-04-31 is no day of the calendar",
            "line 9, later[3].from: 2026-04-01 is not after the edition before it",
            "line 10, later[4].program: A story plays in one program",
            "line 11, later[5].with.books: books is missing",
        ]
        assert told[-1].startswith("line 12, later[6].program: earn[1].unit: miles is no unit")
        head = HEAD.replace("program: shop\n", "")
        assert len(mistakes(ONE + "later: [{from: 2026-04-01, with: {}}]\n", head=head)) == 1

    def test_mistakes_are_told_where_the_story_has_them(self):
        assert mistakes(ONE + "with:\n  returns: {claw_back: never}\n")[0].startswith(
            'line 6, with.returns.claw_back: "never" is not known.'
        )
        inline = PROGRAM.replace("\n", "\n  ").replace("EUR", "EURO")
        head = f"story: A day\nsource: figures ours\nblueprint:\n  {inline}\n"
        assert mistakes(ONE, head=head)[0].startswith("line 6, blueprint.program.currency: ")
        broken = mistakes(ONE, programs=lambda _: PROGRAM.replace("EUR", "EURO"))
        assert broken[0].startswith("line 3, program: shop: program.currency: ")
        assert mistakes(ONE, programs=lambda _: "- 1")[0].startswith("line 3, program: shop: ")
        assert mistakes(ONE + "with: {tiers: null}\n", programs=lambda _: "- 1")
        head = "story: A day\nsource: figures ours\nblueprint: {}\n"
        assert mistakes(ONE, head=head)

    def test_there_must_be_such_a_program(self):
        def none(name):
            raise NotFoundError(f"There is no {name}", mend="Write shop.")

        assert mistakes(ONE, programs=none) == ["line 3, program: There is no shop. Write shop."]
        (told,) = mistakes(ONE, head="story: A day\nsource: figures ours\n")
        assert told.startswith("line 1, program: A story plays in one program. Write program: ")


LATER = "happened: [{id: a, at: 2026-03-02, member: anna, total: 5}]\n"
MISTAKES = [
    ("happened: [{at: 2026-02-30, total: 5}]", "happened[0].at: 2026-02-30 is no time of the"),
    ("happened: [{at: 2026-03-02 10}]", 'happened[0].at: "2026-03-02 10" is not a day or a moment'),
    (
        "happened: [{at: 2026-03-02, arrives: 2026-03-01, total: 5}]",
        "happened[0].arrives: It would arrive before it happened.",
    ),
    (
        "happened: [{id: a, at: 2026-03-02, total: 5}, {id: a, at: 2026-03-02, total: 5}]",
        "happened[1].id: a happens twice.",
    ),
    ("happened: [{at: 1900-01-01 00:00, total: 5}]", "happened[0].at: occurred_at"),
    ("happened: [{at: 2026-03-02, total: x}]", "happened[0].total: 'x' is not an amount."),
    (
        "happened: [{at: 2026-03-02, total: 5, type: return, of: b}]",
        "happened[0].of: b never happened. Write f1.",
    ),
    (LATER + "ends: 2026-03-01", "ends: The story goes on up to 2026-03-02."),
    (LATER + "ends: 2026-02-30", "ends: 2026-02-30 is no day of the calendar."),
    (LATER + "matched: {b: nothing}", "matched.b: b never happened. Write a."),
    (LATER + "matched: {a: {bonus: 3}}", "matched.a.bonus: bonus is no rule of the program."),
    (LATER + "matched: {a: {refused: x, flights: 3}}", "matched.a: A fact that is refused gives"),
    (LATER + "left: [{member: bo}]", "left[0].member: bo is not in this story. Write anna."),
    (LATER + "left: [{member: anna, pints: 5}]", "left[0].pints: pints is no unit here."),
    (LATER + "left: [{member: anna, owed: {x: 5}}]", "left[0].owed.x: x is no unit here."),
    (
        LATER + "left: [{member: anna, points: '1.5'}]",
        "left[0].points: 1.5 has more decimals than points. Write at most 0 decimals.",
    ),
    (LATER + "left: [{member: anna, at: 2026-02-30}]", "left[0].at: 2026-02-30 is no day"),
    (LATER + "left: [{member: anna, tier: Tin}]", "left[0].tier: Tin is no tier of tiers."),
    (LATER + "left: [{member: anna, tiers: {x: Gold}}]", "left[0].tiers.x: x is no ladder here."),
    (LATER + "left: [{member: anna, until: 2026-02-30}]", "left[0].until: 2026-02-30 is no day"),
    (LATER + "left: [{member: anna, held: {x: 5}}]", "left[0].held.x: x is no unit here."),
    (
        LATER + "left: [{member: anna, redemptions: {b: captured}}]",
        "left[0].redemptions.b: b never happened. Write a.",
    ),
    (
        LATER + "left: [{member: anna, redemptions: {a: used}}]",
        'left[0].redemptions.a: "used" ',
    ),
    (
        LATER + "left: [{member: anna, redemptions: {a: {amount: '0.125'}}}]",
        "left[0].redemptions.a.amount: 0.125 has more decimals than EUR. Write at most 2",
    ),
    (
        LATER + "stock: [{reward: tin, left: 5}]",
        "stock[0].reward: tin is no reward of the program.",
    ),
    (
        LATER + "stock: [{reward: ten, slot: x, left: 5}]",
        "stock[0].slot: x is no slot of ten. Leave it out.",
    ),
    (LATER + "codes: {ten: 5}", "codes.ten: ten is no reward with codes: pool. Leave it out."),
    (LATER + "evaluated: [{at: 2026-03-02, member: bo}]", "evaluated[0].member: bo is not in"),
    (LATER + "evaluated: [{at: 2026-02-30, member: anna}]", "evaluated[0].at: 2026-02-30 is no"),
    (
        LATER + "evaluated: [{at: 2026-03-02, member: anna, order: {total: x}}]",
        "evaluated[0].order.total: 'x' is not an amount.",
    ),
    (
        LATER + "evaluated: [{at: 2026-03-02, member: anna, claims: [ten, {reward: tin}]}]",
        "evaluated[0].claims[1]: tin is no reward of the program. Write ten.",
    ),
    (
        LATER + "evaluated: [{at: 2026-03-02, member: anna, offers: {tin: available}}]",
        "evaluated[0].offers.tin: tin is no reward of the program. Write ten.",
    ),
    (
        LATER + "evaluated: [{at: 2026-03-02, member: anna, points: {x: 5}}]",
        "evaluated[0].points.x: x is no unit here.",
    ),
    (
        LATER + "evaluated: [{at: 2026-03-02, member: anna, due: '0.125'}]",
        "evaluated[0].due: 0.125 has more decimals than EUR.",
    ),
    (LATER + "stock: [{reward: ten, left: many}]", 'stock[0].left: "many" '),
    (
        LATER + "stock: [{reward: ten, at: 2026-02-30, left: 1}]",
        "stock[0].at: 2026-02-30 is no day",
    ),
    (LATER + "left: [{member: anna, benefits: {spa: 1}}]", "left[0].benefits.spa: spa is no"),
    (LATER + "left: [{member: anna, lots: [{points: 5}]}]", "left[0].lots[0].unit: unit is"),
    (
        LATER + "with: {tiers: null}\nleft: [{member: anna, tier: Gold}]",
        "left[0]: The program has no tiers. Leave tier and until out.",
    ),
    (
        LATER + "with: {tiers: null}\nleft: [{member: anna, benefits: {spa: 1}}]",
        "left[0].benefits.spa: spa is no benefit here. Leave it out.",
    ),
    (
        LATER + "with: {tiers: null}\ngiven: [{member: anna, tier: Gold}]",
        "given[0].tier: The program has no tiers. Leave tier and until out.",
    ),
    (LATER + "given: [{member: bo}, {member: bo}]", "given[1].member: bo stands here twice."),
    (LATER + "given: [{member: bo, until: 2026-12-31}]", "given[0].tier: since and until are"),
    (LATER + "given: [{member: bo, tier: Tin}]", "given[0].tier: Tin is no tier of tiers."),
    (
        LATER + "given: [{member: bo, lots: [{unit: x, points: 5, earned: 2026-01-01}]}]",
        "given[0].lots[0].unit: x is no unit here.",
    ),
]


class TestMistakes:
    @pytest.mark.parametrize(("body", "expected"), MISTAKES, ids=range(len(MISTAKES)))
    def test_each_is_told_with_its_place(self, body, expected):
        told = mistakes(body + "\n")
        assert told
        assert told[0].split(", ", 1)[1].startswith(expected)

    def test_all_of_a_file_at_once(self):
        text = f"{HEAD}happened: []\n---\n{HEAD}{LATER}matched: {{b: nothing}}\n"
        assert [line.split(":")[0] for line in mistakes(text, head="")] == [
            "line 4, happened",
            "line 10, matched.b",
        ]

    @pytest.mark.parametrize("text", ["", "# nothing\n---\n", "just words", "[1]"])
    def test_what_is_no_story(self, text):
        assert mistakes(text, head="")

    def test_the_error_names_the_story(self):
        with pytest.raises(BlueprintErrors, match="the story has 1 mistake"):
            read("happened: []\n")


def facts(one):
    return [happening.fact for happening in one.happenings if happening.fact is not None]
