"""A story played by the engine: its steps in order, and what its members hold at each look."""

from datetime import date

from pointbook.engine.replay.playing import WorldStage, play, steps
from pointbook.engine.replay.transcripts import Came, Figures, Given, Holding, OpenLot, Place
from tests.engine.replay.storytelling import PROGRAM, story

BODY = """given:
  - {member: anna, joined: 2025-02-01, tier: Gold, until: 2026-12-31,
     lots: [{unit: miles, points: "1.5", earned: 2026-02-20}]}
  - {member: bo, joined: 2026-03-03, birthday: 1990-03-05}
happened:
  - {id: p, at: 2026-03-01, member: anna, total: "45.99"}
  - {id: b, at: 2026-03-02, member: anna, type: burn, reward: ten}
  - {id: c, at: 2026-03-02, member: anna, type: burn, reward: none}
  - {id: x, at: 2026-03-04, member: anna, type: benefit, benefit: lounge}
left:
  - {member: anna, at: 2026-03-01}
ends: 2026-04-01
"""


def played(body, **more):
    one = story(body, **more)
    return one, play(one, stage=WorldStage(one))


def held(one, transcript, member, day):
    """What a member held when the story looked on a day."""
    return next(
        holding
        for (name, at), holding in transcript.holdings.items()
        if name == member and at.astimezone(one.zone).date() == date.fromisoformat(day)
    )


def test_joins_come_first_and_looks_last():
    told = [
        (step.at.strftime("%d"), step.person is not None, step.fact is not None, step.looks)
        for step in steps(story(BODY))
    ]
    assert told == [
        ("28", False, False, False),
        ("28", True, True, False),
        ("01", False, True, False),
        ("01", False, False, True),
        ("02", False, True, False),
        ("02", False, True, False),
        ("02", True, False, False),
        ("04", False, True, False),
        ("01", False, False, True),
    ]


def test_what_rules_gave_and_what_was_refused():
    _, transcript = played(BODY)
    assert transcript.facts["p"] == Came((Given("purchases", "points", 45),))
    assert transcript.facts["opening-anna"] == transcript.facts["b"] == Came()
    assert transcript.facts["c"].refused.startswith("no reward 'none'")


def test_what_members_hold():
    one, transcript = played(BODY)
    assert held(one, transcript, "bo", "2026-03-01") == Holding()
    anna = held(one, transcript, "anna", "2026-03-01")
    assert anna.figures == {"miles": Figures(150), "points": Figures(45)}
    assert anna.places == {"tiers": Place("Gold", date(2026, 12, 31))}
    assert anna.lots == (
        OpenLot("miles", date.max, date(2026, 2, 20), 150),
        OpenLot("points", date(2026, 3, 31), date(2026, 3, 1), 45),
    )
    assert anna.benefits == {"lounge": 2}
    anna = held(one, transcript, "anna", "2026-04-01")
    assert anna.figures["points"] == Figures(0)
    assert anna.benefits == {"lounge": 1}
    bo = held(one, transcript, "bo", "2026-04-01")
    assert bo.places == {"tiers": Place("Basic")}


def test_points_that_wait_and_points_that_are_owed():
    program = PROGRAM.replace('per: "1.00"}', 'per: "1.00"}, pending: {days: 14}')
    one, transcript = played(
        "happened: [{id: p, at: 2026-03-01, member: anna, total: 20}]\n"
        "left: [{member: anna, at: 2026-03-14}]\nends: 2026-03-15\n",
        programs=lambda _: program,
    )
    before = held(one, transcript, "anna", "2026-03-14")
    assert before.figures["points"] == Figures(0, 20)
    assert [lot.pending for lot in before.lots] == [True]
    assert held(one, transcript, "anna", "2026-03-15").figures["points"] == Figures(20)


def test_facts_that_the_days_make_are_told():
    program = PROGRAM.replace("on: flight", "on: birthday")
    _, transcript = played(
        "given: [{member: anna, birthday: 1990-03-05}]\n"
        "happened: [{at: 2026-03-01, member: anna, total: 20}]\nends: 2026-03-05\n",
        programs=lambda _: program,
    )
    assert transcript.facts["birthday:anna:2026"] == Came((Given("flights", "miles", 250),))


def test_facts_are_judged_by_the_edition_in_force():
    _, transcript = played(
        "later: [{from: 2026-03-02, with: {earn: [{rule: purchases, name: P, on: purchase,"
        " unit: points, award: {points: 7}}]}}]\n"
        "happened:\n"
        "  - {id: p, at: 2026-03-01, member: anna, total: 20}\n"
        "  - {id: q, at: 2026-03-02, member: anna, total: 20}\n"
        "  - {id: r, at: 2026-03-01, arrives: 2026-03-02, member: anna, total: 30}\n"
    )
    gave = {fact: came.given[0].points for fact, came in transcript.facts.items()}
    assert gave == {"p": 20, "q": 7, "r": 30}


STRANGER = """given: [{member: anna, joined: 2026-03-02}]
happened:
  - {id: p, at: 2026-03-01, member: anna, total: 20}
  - {id: b, at: 2026-03-01, member: anna, type: burn, reward: ten}
  - {id: q, at: 2026-03-02, member: anna, total: 5}
  - {id: c, at: 2026-03-03, member: anna, type: claim, of: p}
  - {id: x, at: 2026-03-03, member: bo, total: 5}
"""


def test_a_stranger_is_kept_for_a_claim():
    program = PROGRAM.replace("Europe/Paris}", "Europe/Paris, unknown_members: keep}")
    _, transcript = played(STRANGER, programs=lambda _: program)
    assert transcript.facts["p"] == Came()
    assert transcript.facts["b"].refused == "there is no member 'anna'. Enrol the member first."
    assert transcript.facts["q"] == transcript.facts["x"]
    assert not transcript.facts["c"].refused


def test_a_stranger_is_refused():
    program = PROGRAM.replace("Europe/Paris}", "Europe/Paris, unknown_members: refuse}")
    _, transcript = played(STRANGER, programs=lambda _: program)
    assert transcript.facts["p"].refused == transcript.facts["b"].refused
    assert transcript.facts["q"] == transcript.facts["x"]
    assert transcript.facts["c"].refused


def test_a_stranger_joins_where_the_program_enrols():
    _, transcript = played(STRANGER)
    assert not transcript.facts["p"].refused
    assert transcript.facts["c"].refused.startswith("the purchase already has its points")


def test_who_is_named_by_another_joins_before():
    told = [
        (step.person.name if step.person else "", step.fact.id if step.fact else "")
        for step in steps(
            story("happened: [{id: t, at: 2026-03-01, member: anna, type: transfer, to: bo}]\n")
        )
    ]
    assert told == [("", ""), ("bo", ""), ("", "t"), ("", "")]
