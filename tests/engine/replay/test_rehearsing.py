"""What every rule says to a fact before it is judged, and that judging then agrees."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pointbook.engine.replay.judging import judge
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.program import Program, compile_version
from pointbook.engine.replay.rehearsing import rehearse
from pointbook.engine.rules.reading import read
from pointbook.engine.values.facts import Fact, Returned

PROGRAM = """
blueprint: 1
program: {code: shop, name: Shop, currency: USD, time_zone: UTC, unknown_members: enrol}
measures:
  visits: {measure: visits, window: lifetime}
  spend: {measure: spend, window: lifetime}
units:
  points: {name: points, singular: point, decimals: 0, value: "0.01", spend_order: oldest}
earn:
  - {rule: purchases, name: Purchases, on: purchase, award: {points: 1, per: "1.00"}}
  - {rule: first, name: The first, on: purchase, award: {points: 50},
     when: {field: count.purchase, is: 1}}
  - {rule: third, name: The third visit, on: purchase, award: {points: 30},
     when: {field: measures.visits, is: 3}}
  - {rule: profile, name: A telephone, on: profile, award: {points: 5},
     when: {field: member.profile.phone, is: "yes"}}
TIERS
returns: {claw_back: clamp}
books: {policy: deferred_revenue, judgement: "None."}
"""
LADDER = """tiers: {measure: spend, window: lifetime, ladder: [{tier: New, from: 0},
  {tier: Old, from: "50.00"}]}"""
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def program(tiers=""):
    return Program([compile_version(read(PROGRAM.replace("TIERS", tiers)))])


def buy(own="1", **more):
    return Fact("till", own, "purchase", NOON, "ann", currency="USD", total=1999, **more)


@pytest.mark.parametrize("tiers", ["", LADDER])
@pytest.mark.parametrize(
    ("fact", "matched"),
    [
        (buy(), {"purchases": 19, "first": 50}),
        (replace(buy(), type="claim", about=Returned("till", "0")), {"purchases": 19, "first": 50}),
        (Fact("app", "p", "profile", NOON, "ann", attributes={"phone": "yes"}), {"profile": 5}),
        (Fact("app", "r", "review", NOON, "ann"), {}),
    ],
    ids=lambda one: one.type if isinstance(one, Fact) else "",
)
def test_every_rule_answers_as_judging_will(fact, matched, tiers):
    traces = rehearse(program(tiers), Member(), fact)
    assert [one.rule for one in traces] == ["purchases", "first", "third", "profile"]
    assert {one.rule: one.points for one in traces if one.matched} == matched
    verdict = judge(program(tiers), Member(), fact)
    assert {one.rule: one.points for one in verdict.reasons} == matched


def test_a_rule_that_does_not_match_says_why():
    told = {one.rule: one.why for one in rehearse(program(LADDER), Member(), buy())}
    assert "visit" in told["third"] or "purchase" in told["third"]
    assert told["profile"] == "It listens to profile, this is a purchase."
