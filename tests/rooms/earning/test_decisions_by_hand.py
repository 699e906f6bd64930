"""What people decide: voids, adjustments, what comes back, openings, tiers and benefits."""

from dataclasses import replace

import pytest

from pointbook.earning.operations.days import run_daily
from tests.rooms.earning.clubs import (
    founded,
    held,
    lots,
    refusal,
    rule,
    send,
    sent,
    told,
    usable,
    whose,
)
from tests.rooms.till import buy, day, give_back, rows

pytestmark = pytest.mark.usefixtures("sound")
SPENT = {
    "measure": "spend",
    "window": "lifetime",
    "ladder": [
        {"tier": "Basic"},
        {"tier": "Gold", "from": "100.00"},
        {"tier": "Top", "from": "500"},
    ],
}
YEARLY = {
    "measure": "spend",
    "window": {"calendar": "year"},
    "validity": {"end_of_year": 0},
    "downgrade": "full",
    "ladder": SPENT["ladder"],
}


def adjusts(key, points, *, reason="goodwill", **more):
    return told(key, "adjustment", points=points, reason=reason, **more)


def tiers(member="ada"):
    return [tier for (tier,) in rows(STANDINGS, whose(member))]


STANDINGS = "select tier from tiers_standing where member_id = %s order by id"


@pytest.mark.parametrize("batches", [1, 3])
def test_a_void_takes_back_once(batches):
    founded(rule("visit", "visit", 20, limits=[{"times": 1, "each": "ever"}]))
    facts = [told("v", "visit"), buy("1", 1_000), told("x", "void", about="v", reason="mistake")]
    for part in [facts] if batches == 1 else [[one] for one in facts]:
        sent(*part)
    assert usable("ada") == 10
    assert refusal(told("y", "void", about="v", reason="again"))[0].startswith(
        "what till/v gave was taken back before"
    )
    sent(told("w", "visit", days=1))
    assert usable("ada") == 30, "the limit has room again"


def test_a_void_of_one_rule():
    founded(rule("bonus", "purchase", 50))
    sent(buy("1", 1_000), told("x", "void", about="1", rule="bonus", reason="mistake"))
    assert usable("ada") == 10
    assert refusal(told("y", "void", about="1", rule="none", reason="m"))[1] == "about"
    assert refusal(told("z", "void", about="none", reason="m"))[1] == "about"
    assert refusal(told("m", "void", member="bob", about="1", reason="m"))[1] == "about"


def test_a_void_after_a_return_takes_the_rest():
    founded()
    sent(buy("1", 10_000), give_back("r", "1", 4_000), told("x", "void", about="1", days=1))
    assert usable("ada") == 0


@pytest.mark.parametrize(
    ("policy", "left"), [("refuse", (100, 0, 0)), ("clamp", (0, 0, 0)), ("allow", (0, 0, 50))]
)
def test_points_taken_by_hand(policy, left):
    founded(corrections={"reasons": ["goodwill", "mistake"], "negative": policy})
    sent(buy("1", 10_000))
    (outcome,) = send(adjusts("m", "-150", reason="mistake", days=1))
    assert outcome.status == ("refused" if policy == "refuse" else "posted")
    assert held("ada") == left
    sent(adjusts("p", "60", days=2))
    points, _, owed = left
    assert held("ada") == (points + 60 - owed, 0, 0)


def test_points_given_by_hand():
    founded(corrections={"reasons": ["goodwill"]}, points={"expires": {"after_days": 100}})
    sent(adjusts("a", "50"), adjusts("b", 30, expires_on="2017-02-28"))
    assert [(lot[0], lot[3].date().isoformat()) for lot in lots("ada")] == [
        (50, "2017-04-11"),
        (30, "2017-03-01"),
    ]
    assert refusal(adjusts("c", "50", reason=""))[1] == "attributes.reason"
    assert refusal(adjusts("c", "50", reason="luck"))[1] == "attributes.reason"
    assert refusal(adjusts("c", "0"))[1] == "attributes.points"
    sent(told("x", "void", about="a", reason="mistake", days=1))
    assert usable("ada", days=2) == 30


def test_expired_points_come_back_within_their_time():
    own = founded(
        points={"expires": {"after_days": 100}, "reinstate": {"within_days": 10, "for_days": 30}}
    )
    sent(buy("1", 10_000), buy("2", 500, days=50))
    run_daily(program_id=own, at=day(101))
    assert usable("ada", days=101) == 5
    assert refusal(told("r0", "reinstate", reason="asked", days=115))[1] == "attributes.unit"
    sent(told("r", "reinstate", reason="asked", days=105))
    assert usable("ada", days=105) == 105
    assert refusal(told("r2", "reinstate", reason="asked", days=105))[1] == "attributes.unit"
    run_daily(program_id=own, at=day(136))
    assert usable("ada", days=136) == 5
    assert [lot[0] for lot in lots("ada")] == [5]


def test_what_ended_and_was_not_emptied_yet_comes_back_too():
    founded(
        points={"expires": {"after_days": 100}, "reinstate": {"within_days": 10, "for_days": 9}}
    )
    sent(buy("1", 10_000), told("r", "reinstate", reason="asked", days=105))
    assert (usable("ada", days=106), usable("ada", days=114)) == (100, 0)


def test_an_opening_brings_everything():
    founded(tiers=YEARLY, points={"expires": {"after_days": 100}})
    opening = told(
        "o",
        "opening",
        joined_on="2015-05-05",
        lots=[
            {"points": 70, "earned_on": "2016-12-01", "expires_on": "2017-06-30"},
            {"points": 30, "expires_on": "never"},
        ],
        tier="Gold",
        until="2017-12-31",
        measures={"spend": "40.00"},
    )
    sent(opening)
    assert usable("ada", days=1) == 100
    assert tiers() == ["Gold"]
    sent(buy("1", 46_000, days=1))
    assert tiers() == ["Gold", "Top"]
    assert [one.status for one in send(opening)] == ["duplicate"]


@pytest.mark.parametrize("bad", [{"tier": "Nope"}, {"measures": {"none": 1}}, {"owed": {"x": 1}}])
def test_a_refused_opening_leaves_nothing(bad):
    founded(tiers=SPENT)
    good = {"lots": [{"points": 70}], "joined_on": "2015-05-05"}
    found = send(told("o", "opening", **good, **bad), told("b", "burn", points=10, seconds=1))
    assert [one.status for one in found] == ["refused", "refused"]
    sent(buy("1", 500, days=1))
    assert usable("ada") == 5


def test_a_floor_holds_until_it_ends():
    own = founded(tiers=SPENT)
    sent(told("f", "tier_floor", tier="Gold", until="2017-01-10"), buy("1", 100, days=1))
    assert tiers() == ["Gold"]
    run_daily(program_id=own, at=day(15))
    assert tiers() == ["Gold", "Basic"]
    sent(told("g", "tier_floor", tier="Top", days=20), told("h", "tier_floor", days=21))
    assert tiers()[-2:] == ["Top", "Basic"]
    assert refusal(told("i", "tier_floor", tier="Nope"))[1] == "attributes.tier"
    assert refusal(told("i", "tier_floor", tier="Gold", ladder="x"))[1] == "attributes.ladder"


def test_a_status_match_ends_unless_it_was_earned():
    own = founded(tiers=YEARLY)
    match = {"tier": "Gold", "until": "2017-03-31", "proof": "card 123"}
    sent(*(told(f"m{who}", "status_match", member=who, **match) for who in ("ada", "bob")))
    sent(buy("1", 20_000, member="bob", days=30))
    run_daily(program_id=own, at=day(100))
    assert (tiers("ada")[-1], tiers("bob")[-1]) == ("Basic", "Gold")
    assert refusal(told("n", "status_match", tier="Gold", until="2017-03-31"))[1].endswith("proof")
    assert refusal(told("n", "status_match", tier="Gold", proof="x"))[1].endswith("until")


def test_benefits_are_used_up_and_come_anew():
    lounge = {"benefit": "lounge", "name": "Lounge", "each": "month"}
    rungs = [{"tier": "Basic"}, {"tier": "Gold", "from": "100.00", "benefits": {"lounge": 2}}]
    founded(tiers={**SPENT, "benefits": [lounge], "ladder": rungs})
    assert refusal(told("b0", "benefit", benefit="lounge"))[1] == "attributes.benefit"
    sent(buy("1", 10_000))
    uses = [told(f"b{n}", "benefit", benefit="lounge", days=n) for n in (1, 2, 3, 31)]
    assert [one.status for one in send(*uses)] == ["posted", "posted", "refused", "posted"]
    assert refusal(told("x", "benefit", benefit="none"))[1] == "attributes.benefit"


def test_segments_and_profiles_open_rules():
    founded(
        rule("vip", "visit", 5, when={"field": "member.segments", "has": "vip"}),
        rule("size", "visit", 7, when={"field": "member.profile.size", "is": 40}),
        segments=["vip", "student"],
    )
    sent(told("v0", "visit"), told("s", "segment", segment="vip"), told("v1", "visit", days=1))
    assert usable("ada") == 5
    sent(told("p", "profile", size=40, name="x"), told("v2", "visit", days=2))
    sent(told("q", "profile", size=41), told("v3", "visit", days=3))
    assert usable("ada") == 5 + 12 + 5
    leaves = told("t", "segment", segment="vip", days=4)
    sent(replace(leaves, attributes={"segment": "vip", "member": False}))
    sent(told("v4", "visit", days=5))
    assert usable("ada") == 22
    assert refusal(told("u", "segment", segment="none"))[1] == "attributes.segment"
