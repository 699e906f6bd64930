"""Why a fact earned what it earned, as a sentence a member can read. Nothing here raises."""

from __future__ import annotations

from pointbook.engine.rules import phrases
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.earning import Reason


def explain(reason: Reason, *, blueprint: Blueprint) -> str:
    """One reason under the version that gave it.

    Purchases: 1 point for every $1.00 of $45.99 is 45 points, rounded down.
    """
    rule = next(one for one in blueprint.earn if one.code == reason.rule)
    unit = blueprint.units[reason.unit]
    given = phrases.points(reason.points, unit=unit)
    if not rule.per:
        return f"{rule.name}: {given}."
    base = phrases.money(reason.base, currency=blueprint.currency)
    rate = phrases.points(rule.points, unit=unit)
    per = phrases.money(rule.per, currency=blueprint.currency)
    return f"{rule.name}: {rate} for every {per} of {base} is {given}, {ROUNDED[rule.rounding]}."


ROUNDED = {"floor": "rounded down", "nearest": "rounded to the nearest", "ceiling": "rounded up"}
