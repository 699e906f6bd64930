"""Every amount of an answer is decimal text: money in major units, points in whole units.

One rule for both, so that no client reads an amount into a binary float. Nothing here raises.
"""

from __future__ import annotations

from pointbook.engine.rules.blueprint import Unit
from pointbook.engine.values.money import exponent, to_major


def money(minor: int, *, currency: str) -> str:
    """Minor units as text in major units: 45.99."""
    return format(to_major(minor, places=exponent(currency)), "f")


def points(parts: int, *, unit: Unit) -> str:
    """Smallest parts as text in whole units: 45, or 4.5 with one decimal."""
    return format(to_major(parts, places=unit.decimals), "f")
