"""Rules and baskets in a line each, and a room that remembers: for tests of what facts earn.

Amounts are minor units of USD, points of an award are whole points.
"""

from collections.abc import Mapping
from datetime import UTC, date
from decimal import Decimal

from pointbook.engine.rules.blueprint import (
    Award,
    Blueprint,
    Books,
    EarnRule,
    Expiry,
    Measure,
    Rung,
    Tiers,
    Unit,
    Window,
)
from pointbook.engine.rules.earning import compile_earning
from pointbook.engine.rules.earning.limits import limits_of
from pointbook.engine.rules.predicates import Test
from pointbook.engine.rules.who import Who
from pointbook.engine.values.calendar import span_start
from pointbook.engine.values.facts import Fact, Line, instant

LADDER = Tiers(
    "status",
    "Status",
    (Measure("spend", "spend", Window("lifetime")),),
    (Rung("green", "Green"), Rung("gold", "Gold", {"spend": 1000})),
)
CREW = Tiers(
    "crew",
    "Crew",
    (Measure("visits", "visits", Window("lifetime")),),
    (Rung("mate", "Mate"), Rung("captain", "Captain", {"visits": 9})),
)
NOBODY = Who()


def unit(code="points", *, decimals=0, value="0.02", **more):
    name = code.rstrip("s")
    return Unit(code, code, name, decimals, Decimal(value), Expiry(), "oldest", **more)


def rule(code, award, *, on="purchase", unit="points", **more):
    return EarnRule(code, code.replace("-", " ").title(), on, unit, award, **more)


def per(code="purchases", points="1", amount=100, *, tiers=None, ladder="", **more):
    """Points for every amount."""
    award = Award("per_amount", Decimal(points), amount, by_tier=tiers or {}, ladder=ladder)
    return rule(code, award, **more)


def fixed(code, points, *, tiers=None, **more):
    return rule(code, Award("fixed", Decimal(points), by_tier=tiers or {}), **more)


def counted(code, points, each, amount=1, **more):
    return rule(code, Award("counted", Decimal(points), amount, each=each), **more)


def percent(code, share, **more):
    return rule(code, Award("percent", Decimal(share)), **more)


def times(code, factor, *of, tiers=None, **more):
    """A multiplier; with tiers the factor is that of all others."""
    return rule(code, Award("multiply", Decimal(factor), by_tier=tiers or {}, of=of), **more)


def terms(*earn, units=(), ladders=(LADDER, CREW), zone="UTC", **more):
    units = units or (unit(),)
    return Blueprint(
        code="story",
        name="Story",
        currency="USD",
        time_zone=zone,
        unknown_members="enrol",
        units={one.code: one for one in units},
        earn=earn,
        ladders=ladders,
        rewards=(),
        claw_back="clamp",
        books=Books(),
        **more,
    )


def buy(total=None, *lines, when="2026-03-03 12:00", kind="purchase", **more):
    """A fact; the total is what the lines cost when it is not told."""
    total = sum(line.amount for line in lines) if total is None else total
    return Fact("till", "1", kind, instant(when), "ann", total=total, lines=lines, **more)


def line(sku, amount, *labels, **more):
    return Line(sku=sku, amount=amount, labels=labels, **more)


def sku(code):
    return Test("sku", "is", code)


def label(text):
    return Test("labels", "has", text)


class Till:
    """A room that remembers what reasons gave, as whoever keeps a member must."""

    def __init__(self, blueprint, *, budgets: Mapping[str, int] | None = None, held=None):
        self.blueprint = blueprint
        self.limits = {one.code: limits_of(one, blueprint=blueprint) for one in blueprint.earn}
        self.judges = compile_earning(blueprint, zone=UTC)
        self.budgets = dict(budgets or {})
        self.balances = dict(held or {})
        self.counted: dict[tuple[str, date], tuple[int, int]] = {}
        self.at = instant("2026-01-01")

    def used(self, limit, each):
        return self.counted.get((limit, self.span(each)), (0, 0))

    def budget(self, rule, _, asked):
        granted = min(asked, self.budgets[rule])
        self.budgets[rule] -= granted
        return granted

    def held(self, code):
        return self.balances.get(code, 0)

    def span(self, each):
        return span_start(each, at=self.at, zone=UTC, joined_at=None)

    def judge(self, fact, who=NOBODY):
        """The reasons of a fact, counted under every limit of their rules."""
        self.at = fact.occurred_at
        judge = self.judges.get(fact.type)
        reasons = [] if judge is None else judge(fact, who, self)
        timed = set()
        for reason in reasons:
            held = self.balances.get(reason.unit, 0)
            self.balances[reason.unit] = held + reason.points
            if reason.points:
                self.book(reason, once=reason.rule not in timed)
                timed.add(reason.rule)
        return reasons

    def book(self, reason, *, once):
        for limit in self.limits[reason.rule]:
            if limit.each != "fact":
                points, count = self.used(limit.code, limit.each)
                key = limit.code, self.span(limit.each)
                self.counted[key] = points + reason.points, count + once


def judge(blueprint, fact, who=NOBODY):
    """The reasons of one fact of a member with an empty past."""
    return Till(blueprint).judge(fact, who)


def told(reasons):
    """Points by rule; several reasons of a rule add up."""
    points: dict[str, int] = {}
    for reason in reasons:
        points[reason.rule] = points.get(reason.rule, 0) + reason.points
    return points


def total(blueprint, fact, who=NOBODY):
    return sum(reason.points for reason in judge(blueprint, fact, who))
