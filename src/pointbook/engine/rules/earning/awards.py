"""How many points an award is: exact rates and roundings, whole numbers only once compiled.

Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from pointbook.engine.rules.blueprint import Award, Blueprint, EarnRule, Unit
from pointbook.engine.rules.earning.bases import Amount
from pointbook.engine.rules.who import Who
from pointbook.engine.values.money import exponent

MONEY = frozenset({"per_amount", "percent"})
Rounded = Callable[[Amount, int, int], int]


def _floor(base: Amount, num: int, den: int) -> int:
    return base * num // den


def _nearest(base: Amount, num: int, den: int) -> int:
    return (2 * base * num + den) // (2 * den)


def _ceiling(base: Amount, num: int, den: int) -> int:
    return -(-base * num // den)


ROUNDINGS: Mapping[str, Rounded] = {"floor": _floor, "nearest": _nearest, "ceiling": _ceiling}


class Rate(NamedTuple):
    """A ratio of whole numbers and the tier it is for ("": for everybody).

    For money, smallest parts of points for each minor unit; for fixed and counted awards, smallest
    parts for each time; for multipliers, the factor.
    """

    num: int
    den: int
    tier: str = ""


RateOf = Callable[[Who], Rate | None]


def rate_of(rule: EarnRule, *, blueprint: Blueprint) -> RateOf:
    """The rate that a member earns by; None where the rule has none for the member's tier.

    A tier that `by_tier` leaves out has the award's own points, and no rate when these are 0.
    """
    award = rule.award
    unit = blueprint.units[rule.unit]
    currency = blueprint.currency
    plain = _rate(award, award.points, unit=unit, currency=currency)
    if not award.by_tier:
        return lambda _: plain
    others = plain if award.points else None
    ladder = ladder_of(award, blueprint=blueprint)
    rates = {
        tier: _rate(award, points, unit=unit, currency=currency)._replace(tier=tier)
        for tier, points in award.by_tier.items()
    }
    return lambda who: rates.get(who.tiers.get(ladder, ""), others)


def ladder_of(award: Award, *, blueprint: Blueprint) -> str:
    """The ladder whose tiers an award asks for: the one it names, or the first."""
    if award.ladder or blueprint.tiers is None:
        return award.ladder
    return blueprint.tiers.code


def _rate(award: Award, points: Decimal, *, unit: Unit, currency: str) -> Rate:
    ratio = Fraction(points)
    if award.kind != "multiply":
        ratio *= 10**unit.decimals
    if award.kind == "per_amount":
        ratio /= award.per
    elif award.kind == "percent":
        worth = 100 * Fraction(unit.value) * 10 ** exponent(currency)
        ratio = ratio / worth if worth else Fraction(0)
    return Rate(ratio.numerator, ratio.denominator)
