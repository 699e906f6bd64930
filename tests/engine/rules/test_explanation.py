"""Why a fact earned what it earned, in a member's words."""

from decimal import Decimal
from typing import Any

import pytest

from pointbook.engine.rules.blueprint import Base, Budget, Limit
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.explaining.explanation import explain
from pointbook.engine.rules.who import Who
from pointbook.engine.values.facts import Line
from tests.engine.rules.rulebook import (
    Till,
    buy,
    counted,
    fixed,
    judge,
    per,
    percent,
    terms,
    times,
    unit,
)

TODAY = terms(
    per("purchases"),
    per("care", "1.25", 1000, rounding="nearest", unit="stars"),
    per("double", 2, rounding="ceiling"),
    fixed("hello", 100, on="sign_up"),
    units=(unit("points"), unit("stars", decimals=2)),
)


def test_reasons_are_told(golden):
    reasons = [
        Reason("purchases", "points", 4599, 45),
        Reason("purchases", "points", 199, 1),
        Reason("care", "stars", 123456, 15432),
        Reason("double", "points", 1, 1),
        Reason("purchases", "points", 50, 0),
        Reason("hello", "points", 0, 100),
    ]
    golden("explanations.txt", "\n".join(explain(one, blueprint=TODAY) for one in reasons) + "\n")


def test_a_reason_kept_before_limits_were_told_is_still_one():
    kept: dict[str, Any] = {"rule": "purchases", "unit": "points", "base": 4599, "points": 45}
    assert Reason(**kept) == Reason("purchases", "points", 4599, 45, 0, "", "", "")


BASKET = buy(
    None,
    Line(sku="tea", quantity=Decimal(3), amount=1200),
    Line(sku="rice", amount=3399),
    attributes={"nights": 1, "moved": 45000},
)
GOLD = Who(tiers={"status": "gold", "crew": "captain"})
EVERY_KIND = (
    per("purchases"),
    per("by-line", 3, 200, rounding="nearest", rounding_of="line"),
    per("stars", 0, tiers={"gold": Decimal("1.2")}),
    per("crew", 0, tiers={"captain": Decimal(2)}, ladder="crew"),
    percent("back", 3, rounding="nearest"),
    counted("items", 2, "item"),
    counted("lines", 1, "line"),
    counted("stay", 50, "attributes.nights"),
    counted("moved", 5000, "attributes.moved", 20000),
    counted("begun", 5000, "attributes.moved", 20000, rounding="ceiling"),
    fixed("hello", 100, tiers={"gold": Decimal(150)}),
    times("double", 2, "purchases", "items"),
    times("by-tier", 1, "hello", tiers={"gold": Decimal("1.5")}),
)


def test_awards_of_every_kind_are_told(golden):
    blueprint = terms(*EVERY_KIND)
    sentences = [explain(one, blueprint=blueprint) for one in judge(blueprint, BASKET, GOLD)]
    assert len(sentences) == len(EVERY_KIND) + 1  # the double of two rules
    golden("explained_awards.txt", "\n".join(sentences) + "\n")


CUTS = (
    (per(limits=(Limit("l", "year", points=100),)), [6000, 6000, 6000]),
    (fixed("visit", 5, limits=(Limit("l", "day", times=1),)), [0, 0]),
    (fixed("visit", 5, limits=(Limit("l", "ever", points=8, times=3),)), [0, 0]),
    (per(limits=(Limit("l", "fact", points=200, whole=True),)), [30000]),
    (fixed("app", 60, budget=Budget(100, "month")), [0, 0]),
    (fixed("app", "0.5", unit="stars"), [0, 0]),
)


def test_a_cut_award_says_so(golden):
    sentences = []
    for rule, spends in CUTS:
        units = unit(), unit("stars", decimals=2, most=70)
        blueprint = terms(rule, units=units)
        till = Till(blueprint, budgets={"app": 100})
        for spend in spends:
            sentences += [explain(one, blueprint=blueprint) for one in till.judge(buy(spend))]
    golden("explained_limits.txt", "\n".join(sentences) + "\n")


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (Reason("adjustment", "points", 0, 50), "Correction: 50 points."),
        (Reason("opening", "points", 0, 1), "Carried over: 1 point."),
        (Reason("received", "points", 0, 5), "Received from another member: 5 points."),
        (Reason("status_match", "points", 0, 5), "Status match: 5 points."),
        (Reason("purchases", "crowns", 0, 1200), "Purchases: 1,200 crowns."),
    ],
)
def test_what_the_program_does_not_know_is_told_plainly(reason, sentence):
    assert explain(reason, blueprint=TODAY) == sentence


def test_a_base_with_tax_is_told_as_it_counted():
    blueprint = terms(per(base=Base(tax=True)))
    (reason,) = judge(blueprint, buy(1190, tax=190))
    told = "Purchases: 1 point for every $1.00 of $11.90 is 11 points, rounded down."
    assert explain(reason, blueprint=blueprint) == told
