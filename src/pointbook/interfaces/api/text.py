"""Every amount and every time of an answer is text, written here. Nothing here raises.

Amounts are decimal text, so that no client reads one into a binary float: money in major units,
points in whole units. Times are ISO 8601 in UTC, with Z.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pointbook.engine.rules.blueprint import Blueprint, Measure, Unit
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.earning.awards import MONEY
from pointbook.engine.rules.tiers import Move
from pointbook.engine.values.money import exponent, to_major


def money(minor: int, *, currency: str) -> str:
    """Minor units as text in major units: 45.99."""
    return format(to_major(minor, places=exponent(currency)), "f")


def points(parts: int, *, unit: Unit) -> str:
    """Smallest parts as text in whole units: 45, or 4.5 with one decimal."""
    return format(to_major(parts, places=unit.decimals), "f")


def instant(at: datetime) -> str:
    """A time: 2026-11-02T17:05:00Z."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def instant_or_none(at: datetime | None) -> str | None:
    """A time, or that there is none."""
    return None if at is None else instant(at)


def measured(measure: Measure, value: int, *, blueprint: Blueprint) -> str:
    """A value of a measure: money, points of its unit, or a count, by its kind."""
    if measure.kind == "spend":
        return money(value, currency=blueprint.currency)
    if measure.kind == "earned":
        return points(value, unit=blueprint.units[measure.unit])
    return str(value)


def reasons(
    given: Sequence[Reason], *, why: Sequence[str], blueprint: Blueprint
) -> list[dict[str, object]]:
    """Rule by rule what a fact earned, each with its sentence."""
    return [
        _reason(reason, sentence, blueprint) for reason, sentence in zip(given, why, strict=True)
    ]


def _reason(reason: Reason, sentence: str, blueprint: Blueprint) -> dict[str, object]:
    unit = blueprint.units[reason.unit]
    counts = _counts_money(reason, blueprint)
    base = money(reason.base, currency=blueprint.currency) if counts else str(reason.base)
    return {
        "rule": reason.rule,
        "unit": reason.unit,
        "counts": "money" if counts else "count",
        "base": base,
        "points": points(reason.points, unit=unit),
        "asked": points(reason.asked or reason.points, unit=unit),
        "limit": reason.limit or None,
        "tier": reason.tier or None,
        "of": reason.of or None,
        "why": sentence,
    }


def _counts_money(reason: Reason, blueprint: Blueprint) -> bool:
    """Whether the base of a reason is money; a multiplier counts what its target counts."""
    rules = {rule.code: rule for rule in blueprint.earn}
    rule = rules.get(reason.of or reason.rule)
    return rule is not None and rule.award.kind in MONEY


def moves(changed: Sequence[Move]) -> list[dict[str, object]]:
    """The standings that a fact changed, in order."""
    return [
        {
            "ladder": move.ladder,
            "kind": move.kind,
            "before": move.before or None,
            "after": move.after,
            "until": instant_or_none(move.until),
        }
        for move in changed
    ]
