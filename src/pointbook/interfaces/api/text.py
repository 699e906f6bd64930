"""Every amount and every time of an answer is text, written here. Nothing here raises.

Amounts are decimal text, so that no client reads one into a binary float: money in major units,
points in whole units. Times are ISO 8601 in UTC, with Z.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pointbook.engine.rules.blueprint import Blueprint, Unit
from pointbook.engine.rules.earning import Reason
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


def reasons(
    given: Sequence[Reason], *, why: Sequence[str], blueprint: Blueprint
) -> list[dict[str, str]]:
    """Rule by rule what a fact earned, each with its sentence."""
    return [
        {
            "rule": reason.rule,
            "unit": reason.unit,
            "base": money(reason.base, currency=blueprint.currency),
            "points": points(reason.points, unit=blueprint.units[reason.unit]),
            "why": sentence,
        }
        for reason, sentence in zip(given, why, strict=True)
    ]
