"""Points sold to a partner: what the price is for. Nothing here raises but MoneyError.

A partner pays for the points that members will use, for marketing that runs on, and for the brand.
The price is shared by relative stand-alone selling prices (IFRS 15.74-76, ASC 606-10-32-31). The
redemption element is the funded lots' share of the books, with breakage in proportion; the others
are earned as they run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pointbook.engine.values.money import half_up, split

if TYPE_CHECKING:
    from decimal import Decimal


class Elements(NamedTuple):
    """What points sold to a partner consist of: prices, or parts of a price, in minor units."""

    redemption: int
    service: int
    brand: int = 0

    @property
    def running(self) -> int:
        """What is earned as it runs: the marketing service and the brand."""
        return self.service + self.brand


def share_price(*, price: int, alone: Elements) -> Elements:
    """A price by the elements' stand-alone selling prices; nothing is lost in rounding.

    With no stand-alone price at all, everything is for the points.
    """
    if not any(alone):
        return Elements(price, 0)
    return Elements(*split(total=price, weights=list(alone)))


def breakage_of(*, element: int, rate: Decimal) -> int:
    """What of a redemption element is for points that nobody is expected to use; `rate` 0 to 1."""
    top, bottom = rate.as_integer_ratio()
    return element - half_up(numerator=element * top, denominator=bottom)
