"""What an order comes to, line by line, while rewards take something off it.

Amounts are minor units with tax in, whether or not the basket's lines hold it. Payments (stored
value, points) are no part of a bill: they lower nothing that a discount or a tax is computed on.
Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import starmap
from typing import Final, NamedTuple

from pointbook.engine.values.facts import Fact, Line
from pointbook.engine.values.money import half_up, split

# The place of what an order comes to beyond its lines, or of all of an order without lines.
BEYOND: Final = -1


class Part(NamedTuple):
    """What is left of a line: `left` with the `tax` inside it, and the units that it is for.

    `units` are those that were not given away, nor bought for something given; of what is left,
    `held` is for the others. `place` is the line's in the basket; BEYOND for what no line tells of.
    """

    place: int
    left: int
    tax: int
    units: Fraction
    held: int = 0

    @property
    def free(self) -> int:
        """What is left of the units that may still be given."""
        return self.left - self.held

    @property
    def each(self) -> Fraction:
        """What one of these units costs; a line of less than one, or of no number, is one unit."""
        return self.free / max(Fraction(1), self.units)


class Take(NamedTuple):
    """What comes off a part: an amount, and units used up (given or bought) that cost `cost`."""

    place: int
    amount: int
    units: Fraction = Fraction(0)
    cost: int = 0


@dataclass(frozen=True, slots=True)
class Bill:
    """The parts of an order, what its goods come to in all, their tax, and its delivery.

    Lines that give money back make `goods` less than the parts. `beside` says that the amounts of
    the basket's lines do not hold their tax.
    """

    parts: tuple[Part, ...]
    goods: int
    tax: int
    delivery: int
    beside: bool

    @property
    def total(self) -> int:
        """What is due for it all."""
        return self.goods + self.delivery

    def less(self, takes: Iterable[Take], *, delivery: int = 0) -> Bill:
        """The bill after something came off; the tax of a part falls in proportion."""
        by_place: Mapping[int, Take] = {take.place: take for take in takes}
        parts = tuple(_less(part, by_place.get(part.place)) for part in self.parts)
        gone = sum(part.tax for part in self.parts) - sum(part.tax for part in parts)
        return replace(
            self,
            parts=parts,
            goods=self.goods - sum(take.amount for take in by_place.values()),
            tax=self.tax - gone,
            delivery=self.delivery - delivery,
        )

    def spread(self, amount: int, parts: Sequence[Part]) -> list[Take]:
        """An amount over parts in proportion to what is left of them, by largest remainder.

        At most what is left of them, and of all goods; nothing of a part that has nothing left.
        """
        weights = [part.left for part in parts]
        shares = split(total=min(amount, sum(weights), self.goods), weights=weights)
        pairs = zip(parts, shares, strict=True)
        return [Take(part.place, share) for part, share in pairs if share]


def bill_of(fact: Fact) -> Bill:
    """What the order of a fact comes to, before rewards."""
    goods = max(0, fact.total - fact.delivery)
    coupons = sum(coupon.amount for coupon in fact.coupons)
    told = sum(line.amount for line in fact.lines)
    beside = bool(fact.tax) and told - coupons <= fact.total - fact.tax - fact.delivery
    taxes = _taxes(fact)
    costs = [
        max(0, line.amount + (tax if beside else 0))
        for line, tax in zip(fact.lines, taxes, strict=True)
    ]
    # Coupons were taken off all lines alike.
    off = split(total=min(max(0, coupons), sum(costs)), weights=costs)
    rows = zip(range(len(costs)), fact.lines, costs, off, taxes, strict=True)
    parts = list(starmap(_part, rows))
    rest = goods - told - (sum(taxes) if beside else 0) + coupons
    if rest > 0:
        tax = min(rest, max(0, fact.tax - sum(part.tax for part in parts)))
        parts.append(Part(BEYOND, rest, tax, Fraction(1)))
    return Bill(tuple(parts), goods, fact.tax, max(0, fact.delivery), beside)


def _part(place: int, line: Line, cost: int, off: int, tax: int) -> Part:
    left = cost - off
    return Part(place, left, min(left, tax), max(Fraction(0), Fraction(line.quantity)))


def _taxes(fact: Fact) -> Sequence[int]:
    """The tax of each line: as told, else its share of the order's."""
    taxes = [max(0, line.tax) for line in fact.lines]
    if any(taxes) or fact.tax <= 0:
        return taxes
    weights = [max(0, line.amount) for line in fact.lines]
    return split(total=fact.tax if any(weights) else 0, weights=weights)


def _less(part: Part, take: Take | None) -> Part:
    if take is None:
        return part
    left = part.left - take.amount
    tax = _scaled(part.tax, left, part.left)
    held = (
        part.held + take.cost - take.amount if take.units else _scaled(part.held, left, part.left)
    )
    return part._replace(left=left, tax=tax, held=held, units=part.units - take.units)


def _scaled(amount: int, left: int, whole: int) -> int:
    return half_up(numerator=amount * left, denominator=whole) if whole else 0


def cost_of(part: Part, units: Fraction) -> int:
    """What so many units of a part cost; all of what is left of them for all of them."""
    if units >= part.units:
        return part.free
    cost = part.free * units / part.units
    return half_up(numerator=cost.numerator, denominator=cost.denominator)


def share(amount: int, percent: Decimal) -> int:
    """So many percent of an amount, halves up."""
    exact = amount * Fraction(percent) / 100
    return half_up(numerator=exact.numerator, denominator=exact.denominator)
