"""The arithmetic of estimates: forty digits whatever the caller's context, rounded once at the end.

Nothing here raises.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Final

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
# Places of a rate: the books keep 8.
PLACES: Final = Decimal("1E-8")
_CONTEXT: Final = Context(prec=40, rounding=ROUND_HALF_EVEN)


def exact() -> AbstractContextManager[Context]:
    """A context of forty digits, so that the thread's own context changes no estimate."""
    return localcontext(_CONTEXT)


def held(value: Decimal, *, least: Decimal, most: Decimal) -> Decimal:
    """`value`, or the bound that it goes beyond."""
    return min(max(value, least), most)


def as_rate(value: Decimal) -> Decimal:
    """A rate with 8 places, halves up."""
    with exact():
        return value.quantize(PLACES, rounding=ROUND_HALF_UP)


def as_points(value: Decimal) -> int:
    """Points in smallest parts, halves up."""
    with exact():
        return int(value.to_integral_value(rounding=ROUND_HALF_UP))


def share_of(part: Decimal | int, whole: Decimal | int) -> Decimal:
    """One part of a whole in forty digits; 0 of nothing."""
    with exact():
        return Decimal(part) / whole if whole else ZERO
