"""What one fact would do to a member as somebody supposes them: worked out by hand."""

from datetime import UTC, datetime

import pytest

from pointbook.engine.replay.cases import FactRefused
from pointbook.engine.replay.program import Program, compile_version
from pointbook.engine.replay.simulating import simulate
from pointbook.engine.replay.supposing import Supposed, read_supposed
from pointbook.engine.replay.transcripts import Figures, Place
from pointbook.engine.rules.reading import read
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import normalise
from pointbook.engine.values.people import PersonError

PROGRAM = """
blueprint: 1
program: {code: shop, name: Shop, currency: EUR, time_zone: UTC}
segments: [vip]
measures:
  year: {measure: earned, unit: points, window: {calendar: year}}
  visits: {measure: visits, window: lifetime}
units:
  points: {name: points, decimals: 1, value: "0.01", expires: {after_days: 30}}
  miles: {name: miles, value: "0.01"}
earn:
  - rule: purchases
    name: Purchases
    on: purchase
    unit: points
    award: {by_tier: {Basic: 1, Gold: 2}, per: "1.00"}
    budget: {points: 30, each: ever}
  - {rule: fifth, name: Fifth, on: purchase, unit: miles, award: {points: 5},
     when: {field: count.purchase, is: 5}}
  - {rule: vip, name: Vip, on: purchase, unit: miles, award: {points: 7},
     when: {field: member.segments, has: vip}}
  - {rule: home, name: Home, on: purchase, unit: miles, award: {points: 9},
     when: {field: member.profile.town, is: Bonn}}
  - {rule: old, name: Old, on: purchase, unit: miles, award: {points: 11},
     when: {field: member.days, at_least: 30}}
  - {rule: regular, name: Regular, on: purchase, unit: miles, award: {points: 13},
     when: {field: measures.visits, at_least: 10}}
  - {rule: friend, name: Friend, on: referral, unit: miles, award: {points: 100}}
tiers:
  - code: status
    measure: {measure: earned, unit: points}
    window: {rolling_days: 365}
    ladder: [{tier: Basic, from: 0}, {tier: Gold, from: 100}]
  - code: travel
    measures:
      visits: visits
      spent: {measure: spend, window: lifetime}
    validity: {end_of_year: 0}
    ladder: [{tier: Walker}, {tier: Flyer, any: {visits: 3}}]
rewards: [{reward: ten, name: Ten off, unit: points, price: 10, value: "0.10"}]
referrals: {trigger: first_purchase}
books: {policy: deferred_revenue, judgement: a test}
"""
PLAIN = PROGRAM[: PROGRAM.index("tiers:")].replace("by_tier: {Basic: 1, Gold: 2}", "points: 1")
PLAIN += "books: {policy: deferred_revenue, judgement: a test}\n"
SHOP = Program([compile_version(read(PROGRAM))])
KIOSK = Program([compile_version(read(PLAIN))])


def fact(at="2026-03-10T08:15", **told):
    own = {"source": "till", "id": at, "type": "purchase", "member": "anna", "occurred_at": at}
    return normalise(own | told, currency="EUR")


def judged(*facts, program=SHOP, **supposed):
    return simulate(program, facts, supposed=read_supposed(supposed))


def gave(found):
    return {trace.rule: trace.points for trace in found.traces if trace.matched}


def test_nothing_is_supposed_of_somebody_new():
    found = simulate(SHOP, [fact(total="10.00")], supposed=Supposed())
    assert gave(found) == {"purchases": 100}
    assert found.before.figures == {}
    assert found.after.figures["points"] == Figures(100, 0, 0)
    assert found.before.places["status"] == found.after.places["status"] == Place("Basic")
    assert [reason.rule for reason in found.verdict.reasons] == ["purchases"]
    assert found.made == ()
    assert found.version.number == 1


def test_everything_that_rules_ask_of_members():
    found = judged(
        fact(total="5.00"),
        joined="2026-01-31",
        tier="Gold",
        segments=["vip"],
        profile={"town": "Bonn"},
        counts={"purchase": 4},
        measures={"visits": 9},
        balance=3,
    )
    given = {"purchases": 100, "fifth": 5, "vip": 7, "home": 9, "old": 11, "regular": 13}
    assert gave(found) == given
    assert found.before.figures["points"].usable == 30
    assert found.after.figures["points"].usable == 130


def test_who_holds_a_tier_has_what_it_asks_for_and_the_balance_counts_for_nothing():
    found = judged(fact(total="1.00"), tier={"status": "Gold", "travel": "Flyer"}, balance=50)
    assert found.after.places["status"].tier == "Gold"
    assert found.after.places["travel"].tier == "Flyer"
    found = judged(fact(total="1.00"), balance={"points": "120.5", "miles": 0})
    assert found.after.figures["points"].usable == 1215
    assert found.after.places["status"].tier == "Basic"
    assert "miles" not in found.after.figures


def test_measures_that_are_told_stand_as_they_are_told():
    found = judged(fact(total="2.00"), measures={"earned": "98.5"}, balance=7)
    assert found.before.places["status"].tier == "Basic"
    assert found.after.places["status"].tier == "Gold"
    found = judged(fact(total="2.00"), measures={"year": 1}, tier="Gold")
    assert found.after.places["status"].tier == "Basic"


def test_earlier_facts_are_judged_first_and_days_pass_between_them():
    first = fact("2026-01-01T00:00", total="20.00")
    last = fact("2026-02-10T10:00", total="20.00")
    found = judged(first, last)
    assert found.fact is last
    # The first points are gone, and of the budget of 30 points only 10 are left.
    assert gave(found) == {"purchases": 100, "old": 11}
    assert found.before.figures["points"].usable == 0
    assert found.after.figures["points"].usable == 100


def test_facts_that_facts_make_are_told_with_them():
    invited = fact("2026-03-01T10:00", type="invited", attributes={"referrer": "ben"})
    bought = fact("2026-03-02T10:00", total="1.00")
    found = judged(invited, bought)
    assert [(one.fact.type, one.fact.member) for one in found.made] == [
        ("referral", "ben"),
        ("referred", "anna"),
    ]
    assert [reason.points for reason in found.made[0].reasons] == [100]
    with pytest.raises(FactRefused, match="has bought before"):
        judged(invited, bought, counts={"purchase": 1})


def test_midnight_is_a_time_like_any_other():
    found = judged(fact("2026-03-10T00:00", total="1.00"), tier="Gold", joined="2026-03-10")
    assert gave(found) == {"purchases": 20}


def test_what_is_refused_says_which_of_several_it_was():
    burn = fact("2026-03-10T09:00", type="burn", attributes={"reward": "ten"})
    with pytest.raises(PointbookError, match="the balance is 0") as refused:
        judged(burn)
    assert refused.value.field == "points"
    assert judged(burn, balance=10).after.figures["points"].usable == 0
    with pytest.raises(PointbookError) as refused:
        judged(burn, fact(total="1.00"))
    assert refused.value.field == "[0].points"
    with pytest.raises(FactRefused) as refused:
        judged(fact(total="1.00"), fact("2026-03-10T09:00", type="transfer"))
    assert refused.value.field.startswith("[1].")


@pytest.mark.parametrize(
    ("told", "field", "mend"),
    [
        ([], "", 'Write a JSON object: {"name": value}.'),
        ({"balnce": 1}, "balnce", "Did you mean balance?"),
        ({"joined": "soon"}, "joined", "Write YYYY-MM-DD."),
        ({"joined": "2026-03-11"}, "joined", "Write a day up to 2026-03-10."),
        ({"segments": "vip"}, "segments", 'Write a list: ["vip"].'),
        ({"segments": [None]}, "segments", "Write a text or a number."),
        ({"segments": ["vap"]}, "segments", "Write vip."),
        ({"profile": 3}, "profile", 'Write a JSON object: {"name": value}.'),
        ({"counts": {"purchase": -1}}, "counts.purchase", "Write a whole number from 0 on."),
        ({"counts": {"purchase": True}}, "counts.purchase", "Write a whole number from 0 on."),
        ({"measures": {"visit": 1}}, "measures.visit", "Did you mean visits?"),
        ({"measures": {"visits": "1.5"}}, "measures.visits", "Write digits, for example 120."),
        ({"measures": {"visits": -1}}, "measures.visits", "Write 0 or more."),
        ({"measures": {"visits": True}}, "measures.visits", "Write a text or a number."),
        ({"balance": "12.34"}, "balance", "Write digits, for example 120."),
        ({"balance": {"point": 1}}, "balance.point", "Did you mean points?"),
        ({"tier": "Silver"}, "tier", "Write one of: Basic, Gold."),
        ({"tier": {"statis": "Gold"}}, "tier.statis", "Did you mean status?"),
    ],
)
def test_what_cannot_be_supposed(told, field, mend):
    with pytest.raises(PersonError) as wrong:
        simulate(SHOP, [fact(total="1.00")], supposed=read_supposed(told))
    assert wrong.value.field == field
    assert wrong.value.mend.endswith(mend)


def test_a_program_without_tiers():
    assert gave(judged(fact(total="1.00"), program=KIOSK)) == {"purchases": 10}
    with pytest.raises(PersonError, match="there is no ladder") as wrong:
        judged(fact(total="1.00"), program=KIOSK, tier="Gold")
    assert wrong.value.mend == "Leave it out: the program has none."


def test_the_fact_is_judged_by_the_version_of_its_time():
    later = compile_version(read(PLAIN), number=2, from_at=datetime(2026, 3, 1, tzinfo=UTC))
    program = Program([compile_version(read(PROGRAM)), later])
    found = judged(fact("2026-02-01T10:00", total="1.00"), fact(total="1.00"), program=program)
    assert found.version.number == 2
