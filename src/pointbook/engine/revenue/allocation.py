"""The part of a sale's price that is deferred for the points it gave, frozen at the sale.

Raises AllocationError when a transaction price or a stand-alone price is negative.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, NamedTuple

from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.money import half_up, split

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal


class AllocationError(PointbookError):
    """A price cannot be allocated."""

    status = 422


class PointsPromise(NamedTuple):
    """The points of one award, in smallest parts, and the price of one part (see point_price)."""

    points: int
    price: tuple[int, int]


def point_price(
    *, value: Decimal, rate: Decimal, places: int, decimals: int = 0
) -> tuple[int, int]:
    """Stand-alone selling price of one smallest part of a unit, minor units as an exact ratio.

    `value` is what a whole point buys in major units, `rate` the expected redemption rate (0 to 1)
    in force at the sale, `places` the currency's exponent, `decimals` the unit's. Discount the
    option gives x likelihood that it is exercised: IFRS 15 B42, ASC 606-10-55-44.
    """
    scale = Fraction(10) ** (places - decimals)
    return (Fraction(value) * Fraction(rate) * scale).as_integer_ratio()


def allocate(*, price: int, stand_alone: int, points: Sequence[PointsPromise]) -> tuple[int, ...]:
    """The share of `price` deferred for each award of one basket, in minor units.

    Relative stand-alone selling prices (IFRS 15.74-76, ASC 606-10-32-31; Example 52): all points
    together get price x P / (stand_alone + P), P being their stand-alone price, rounded half up;
    several awards share that by largest remainder. `price` is the transaction price (net of tax
    and of what is excluded), `stand_alone` the goods' stand-alone selling price; the goods keep
    price - sum(result). Never reallocated later (IFRS 15.88, ASC 606-10-32-43).

    :raises AllocationError: when `price` or `stand_alone` is negative.
    """
    if price < 0 or stand_alone < 0:
        raise AllocationError(
            f"a price of {price} (stand-alone {stand_alone}) cannot be allocated",
            field="price",
            value=price,
            mend="Allocate prices of 0 or more.",
        )
    if len(points) == 1:
        # One award a basket is the rule, and this stands in the path of every sale.
        count, (numerator, denominator) = points[0]
        worth = count * numerator
        whole = stand_alone * denominator + worth
        return ((2 * price * worth + whole) // (2 * whole) if whole else 0,)
    scale = lcm(*(promise.price[1] for promise in points))
    worths = [count * (top * (scale // bottom)) for count, (top, bottom) in points]
    worth = sum(worths)
    if not worth:
        return (0,) * len(points)
    total = half_up(numerator=price * worth, denominator=stand_alone * scale + worth)
    return split(total=total, weights=worths)
