"""What is taxed when points are given and when they pay. Nothing here raises.

Countries differ, so the books name one of three rules for each (`TaxOnAward`); which one holds is
for a tax adviser to say. All prices contain the tax. Points as a discount: VAT is due on what is
paid in the end (Directive 2006/112/EC, art. 79; the United Kingdom's retail schemes).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pointbook.engine.values.money import half_up

if TYPE_CHECKING:
    from decimal import Decimal

    from pointbook.engine.rules.books import TaxOnAward


class Taxed(NamedTuple):
    """A taxed amount with its tax, the tax, and what is left without it; minor units."""

    gross: int
    tax: int

    @property
    def net(self) -> int:
        """Without the tax."""
        return self.gross - self.tax


def when_used(
    *, price: int, points_value: int, rate: Decimal, award: TaxOnAward, deferred: int = 0
) -> Taxed:
    """The tax of a sale of which points pay a part.

    A discount leaves what money pays. Where the award is nothing to the tax, points are a tender
    like any other, and the whole price is taxed. Under the rules of vouchers what was deferred for
    the points when they were given is taxed now, with what money pays.
    """
    paid = price - points_value
    gross = {"discount": paid, "nothing": price, "voucher": paid + deferred}[award]
    return Taxed(gross, tax_in(gross, rate=rate))


def when_given(*, price: int, deferred: int, rate: Decimal, award: TaxOnAward) -> Taxed:
    """The tax of a sale that gives points: only a voucher's part of the price waits for its use."""
    gross = price - deferred if award == "voucher" else price
    return Taxed(gross, tax_in(gross, rate=rate))


def tax_in(gross: int, *, rate: Decimal) -> int:
    """The tax that an amount contains: gross x rate / (1 + rate), half up."""
    top, bottom = rate.as_integer_ratio()
    return half_up(numerator=gross * top, denominator=bottom + top)
