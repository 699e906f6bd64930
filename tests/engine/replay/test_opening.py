"""What a member brings stands as it is told: lots, owed points, measures, tiers, dates."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from pointbook.engine.ledger.lots import FOREVER
from pointbook.engine.replay.judging import judge
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.opening import measures_of
from pointbook.engine.replay.program import Program, compile_version
from pointbook.engine.rules.reading.blueprints import read
from pointbook.engine.values.calendar import midnight
from pointbook.engine.values.facts import Fact, FactError, Returned

CLUB = """
blueprint: 1
program: {code: club, name: Club, currency: EUR, time_zone: Europe/Paris}
units:
  points: {name: points, value: "0.01", expires: {after_days: 90}}
  miles: {name: miles, decimals: 2, value: "0.01", spendable: false, expires: {never: true}}
measures:
  ever: {measure: spend, window: lifetime}
  month: {measure: spend, window: {calendar: month}}
earn:
  - {rule: buys, name: Purchases, on: purchase, unit: points, award: {points: 1, per: "1.00"}}
tiers:
  - code: status
    measure: spend
    window: {calendar: year}
    validity: {end_of_year: 1}
    ladder: [{tier: Blue, from: "0"}, {tier: Gold, from: "500.00"}]
  - code: flights
    measure: {measure: earned, unit: miles}
    window: {rolling_days: 365}
    ladder: [{tier: Ground, from: "0"}, {tier: Sky, from: "1000"}]
  - code: years
    measures: {spend: {measure: spend, window: membership_year}}
    ladder: [{tier: One, any: {spend: "0"}}, {tier: Two, any: {spend: "1.00"}}]
books: {policy: deferred_revenue, judgement: a test}
"""
PARIS = ZoneInfo("Europe/Paris")
AT = datetime(2026, 6, 15, 10, tzinfo=UTC)
PROGRAM = Program([compile_version(read(CLUB))])
MEASURES = measures_of(PROGRAM.versions[0])


def opened(member=None, *, at=AT, **told):
    member = Member(joined_at=AT) if member is None else member
    verdict = judge(PROGRAM, member, Fact("old", "o1", "opening", at, "ada", attributes=told))
    return member, verdict


def fact(own, kind, at=AT, **more):
    return Fact("till", own, kind, at, "ada", **more)


def of(day):
    return midnight(date.fromisoformat(day), PARIS)


def refusal(**told):
    member = Member(joined_at=AT)
    with pytest.raises(FactError) as refused:
        opened(member, **told)
    return refused.value


def test_lots_are_as_old_and_end_as_they_are_told():
    member, verdict = opened(
        lots=[
            {"points": "100", "earned_on": "2026-04-01", "expires_on": "2026-12-31"},
            {"unit": "points", "points": 20, "earned_on": "2026-05-01"},
            {"points": 3, "expires_on": "never"},
            {"points": 4, "usable_from": "2026-07-01", "expires_on": "2026-12-31"},
            {"points": 5, "usable_from": "waiting", "expires_on": "2026-12-31"},
            {"points": 6, "usable_from": "2026-01-01", "expires_on": "2026-12-31"},
        ]
    )
    ends = {lot.rule: lot.expires_at for lot in member.wallets["points"].lots}
    assert ends == {
        "opening:1": of("2027-01-01"),
        "opening:2": of("2026-07-30"),
        "opening:3": FOREVER,
        "opening:4": of("2027-01-01"),
        "opening:5": of("2027-01-01"),
        "opening:6": of("2027-01-01"),
    }
    wallet = member.wallets["points"]
    assert (wallet.available(AT), wallet.pending(AT)) == (129, 9)
    assert wallet.available(of("2026-07-01")) == 133
    assert [lot.rule for lot in wallet.lots][:2] == ["opening:1", "opening:2"]
    assert {one.kind for one in verdict.transfers} == {"award"}
    assert {one.at for one in verdict.transfers} == {AT}
    assert verdict.reasons == ()


def test_tiers_stand_since_and_until_they_are_told():
    member, verdict = opened(tier="Gold", since="2026-01-05", until="2026-12-31")
    standing = member.standings["status"]
    assert (standing.tier, standing.since, standing.until) == (
        "Gold",
        of("2026-01-05"),
        of("2027-01-01"),
    )
    assert [(move.at, move.ladder, move.after) for move in verdict.moves] == [
        (AT, "status", "Gold")
    ]
    member, _ = opened(
        tiers=[{"tier": "Gold"}, {"ladder": "flights", "tier": "Sky", "since": "2025-12-31"}]
    )
    assert member.standings["status"].until == of("2028-01-01")
    assert member.standings["flights"].since == of("2025-12-31")


def test_a_tier_that_is_held_already_keeps_its_day():
    member, _ = opened(tier="Gold", since="2026-01-05", until="2026-12-31")
    told = {"tier": "Gold", "since": "2026-03-01"}
    judge(PROGRAM, member, fact("f", "tier_floor", of("2026-07-01"), attributes=told))
    assert member.standings["status"].since == of("2026-01-05")


def test_who_joined_elsewhere_belongs_since_then():
    member, _ = opened(joined_on="2019-03-01")
    assert member.joined_at == of("2019-03-01")
    assert opened()[0].joined_at == AT


def value(member, name, at=AT):
    return member.measure(MEASURES[name], at=at, program=PROGRAM)


def test_measures_stand_as_they_are_told_whatever_their_windows():
    told = {"spend": "340.00", "ever": "1200.50", "month": "40", "earned": "700.25"}
    member, _ = opened(
        joined_on="2024-09-01",
        lots=[{"unit": "miles", "points": "500", "earned_on": "2026-05-01"}],
        measures={**told, "years.spend": "341.00"},
    )
    found = {name: value(member, name) for name in MEASURES}
    assert found == {
        "ever": 120_050,
        "month": 4_000,
        "spend": 34_000,
        "years.spend": 34_100,
        "earned": 70_025,
    }
    assert value(member, "earned", of("2027-05-02")) == 20_025
    # What lies before the year is not in it, and a purchase adds to all of them.
    judge(PROGRAM, member, fact("p", "purchase", AT, total=1_000, currency="EUR"))
    assert {value(member, name) - found[name] for name in MEASURES if name != "earned"} == {1_000}


def test_what_is_told_replaces_what_the_lots_counted():
    lots = [{"unit": "miles", "points": "5", "earned_on": "2026-05-01"}]
    assert value(opened(lots=lots)[0], "earned") == 500
    assert value(opened(lots=lots, measures={"earned": "4"})[0], "earned") == 400
    assert value(opened(lots=lots, measures={"earned": "5"})[0], "earned") == 500


def test_owed_points_are_repaid_by_what_comes_next():
    member, verdict = opened(owed={"points": "20"})
    assert [(one.kind, one.points) for one in verdict.transfers] == [("overdraft", 20)]
    _, verdict = opened(member, lots=[{"points": 50}])
    assert [(one.kind, one.points) for one in verdict.transfers] == [
        ("award", 50),
        ("repayment", 20),
    ]
    wallet = member.wallets["points"]
    assert (wallet.debt, wallet.available(AT)) == (0, 30)


def test_an_opening_can_be_voided_and_nothing_else_takes_it_back():
    member, _ = opened(lots=[{"points": 50}, {"points": 7, "usable_from": "waiting"}])
    about = Returned("old", "o1")
    judge(PROGRAM, member, fact("r", "return", total=100, currency="EUR", returns=about))
    judge(PROGRAM, member, fact("c", "cancel", about=about))
    assert member.wallets["points"].available(AT) == 50
    voided = {"reason": "a mistake", "rule": "opening:2"}
    judge(PROGRAM, member, fact("v", "void", about=about, attributes=voided))
    assert [lot.remaining for lot in member.wallets["points"].lots] == [50]


@pytest.mark.parametrize(
    ("told", "field", "mend"),
    [
        ({"lots": "many"}, "lots", "a list of objects with unit, points"),
        ({"tiers": {}, "lots": [1]}, "lots", "a list of objects with unit, points"),
        ({"tiers": ["Gold"]}, "tiers", "a list of objects with ladder, tier"),
        ({"measures": [1]}, "measures", "an object of names and numbers"),
        ({"owed": "20"}, "owed", "an object of names and numbers"),
        ({"lot": []}, "lot", "Use one of: joined_on, ladder, tier, since, until, lots, tiers,"),
        ({"lots": [{"points": 1, "earned": "2026-06-01"}]}, "lots[0].earned", "earned_on"),
        ({"tiers": [{"tier": "Gold", "from": "2026-06-01"}]}, "tiers[0].from", "since"),
        ({"lots": [{"unit": "stars", "points": 1}]}, "lots[0].unit", "Use one of: points, miles."),
        ({"lots": [{"points": "1.5"}]}, "lots[0].points", "at most 0 decimals"),
        ({"owed": {"stars": 1}}, "owed.stars", "Use one of: points, miles."),
        ({"owed": {"points": 0}}, "owed.points", "a positive number"),
        ({"lots": [{"points": 1, "earned_on": "2026-06-16"}]}, "lots[0].earned_on", "a day up to"),
        ({"lots": [{"points": 1, "earned_on": "9999-99-99"}]}, "lots[0].earned_on", "YYYY-MM-DD"),
        ({"lots": [{"points": 1, "expires_on": "9999-12-31"}]}, "lots[0].expires_on", "YYYY-MM-DD"),
        (
            {"lots": [{"points": 1, "expires_on": "2026-06-14"}]},
            "lots[0].expires_on",
            "Leave them out",
        ),
        (
            {"lots": [{"points": 1, "earned_on": "2026-01-01"}]},
            "lots[0].expires_on",
            "write another last day",
        ),
        ({"joined_on": "2026-06-16"}, "joined_on", "a day up to"),
        ({"tier": "Gold", "since": "2026-06-16"}, "since", "a day up to"),
        ({"tiers": [{"tier": "Gold", "since": "2027-01-01"}]}, "tiers[0].since", "a day up to"),
        ({"tier": "Tin"}, "tier", "Use one of: Blue, Gold."),
        ({"tier": ["Gold"]}, "tier", "Use one of: Blue, Gold."),
        ({"tier": "Gold", "ladder": []}, "ladder", "Use one of: status, flights, years."),
        ({"tiers": [{"tier": "Sky"}]}, "tiers[0].tier", "Use one of: Blue, Gold."),
        ({"tiers": [{"tier": "Sky", "ladder": "x"}]}, "tiers[0].ladder", "Use one of: status"),
        ({"measures": {"visits": 1}}, "measures.visits", "Use one of: ever, month, spend, earned"),
        ({"measures": {"spend": "1.234"}}, "measures.spend", "at most 2 decimals"),
    ],
)
def test_what_the_program_does_not_know_is_refused(told, field, mend):
    error = refusal(**told)
    assert error.field == f"attributes.{field}"
    assert mend in error.mend


def test_a_program_without_measures_says_so():
    bare = CLUB[: CLUB.index("measures:\n")] + CLUB[CLUB.index("earn:") : CLUB.index("tiers:\n")]
    program = Program([compile_version(read(bare + CLUB[CLUB.index("books:") :]))])
    told = Fact("old", "o1", "opening", AT, "ada", attributes={"measures": {"spend": 1}})
    with pytest.raises(FactError) as refused:
        judge(program, Member(), told)
    assert refused.value.mend == "Use one of: none yet."
