"""What a fact earns and why: each rule compiled to one function of the fact. Nothing here raises.

A reason is the explanation of an award: the rule, the base it looked at and the points it gave.
The rate and the rounding are the rule's own, in the version that judged the fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from pointbook.engine.rules import conditions
from pointbook.engine.rules.blueprint import Blueprint, EarnRule
from pointbook.engine.values.calendar import day_of
from pointbook.engine.values.facts import Fact


class Reason(NamedTuple):
    """`points` (smallest parts of `unit`) given by `rule` on `base` minor units of the fact."""

    rule: str
    unit: str
    base: int
    points: int


def _floor(base: int, points: int, per: int) -> int:
    return base * points // per


def _nearest(base: int, points: int, per: int) -> int:
    return (2 * base * points + per) // (2 * per)


def _ceiling(base: int, points: int, per: int) -> int:
    return -(-base * points // per)


ROUNDINGS: Mapping[str, Callable[[int, int, int], int]] = {
    "floor": _floor,
    "nearest": _nearest,
    "ceiling": _ceiling,
}

Base = Callable[[Fact], int]
Judge = Callable[[Fact], Reason | None]


def base_of(rule: EarnRule) -> Base:
    """The minor units a rule looks at: the spend, or what its chosen lines cost.

    Lines share the basket's coupons by nobody's leave, so chosen lines never count for more than
    the whole basket's spend.
    """
    if rule.lines is None:
        return lambda fact: fact.spend
    chosen = conditions.compile_line(rule.lines)

    def base(fact: Fact) -> int:
        cost = sum(line.amount for line in fact.lines if chosen(line))
        return max(0, min(cost, fact.spend))

    return base


def compile_rule(rule: EarnRule, *, zone: tzinfo) -> Judge:
    """One function that answers what the rule gives for a fact, None when it does not match."""
    base_for = base_of(rule)
    rounded = ROUNDINGS[rule.rounding]
    asked = conditions.compile(rule.when, zone=zone) if rule.when is not None else None
    code, unit, points, per = rule.code, rule.unit, rule.points, rule.per
    dated = rule.from_on is not None or rule.until_on is not None

    def judge(fact: Fact) -> Reason | None:
        if dated and not _in_force(rule, fact.occurred_at, zone):
            return None
        if asked is not None and not asked(fact):
            return None
        base = base_for(fact)
        given = rounded(base, points, per) if per else points
        return Reason(code, unit, base, given)

    return judge


def compile_rules(blueprint: Blueprint, *, zone: tzinfo) -> dict[str, tuple[Judge, ...]]:
    """The compiled rules of a blueprint by the fact type they listen to, in document order."""
    by_type: dict[str, list[Judge]] = {}
    for rule in blueprint.earn:
        by_type.setdefault(rule.on, []).append(compile_rule(rule, zone=zone))
    return {kind: tuple(judges) for kind, judges in by_type.items()}


def _in_force(rule: EarnRule, at: datetime, zone: tzinfo) -> bool:
    day: date = day_of(at, zone)
    if rule.from_on is not None and day < rule.from_on:
        return False
    return rule.until_on is None or day <= rule.until_on
