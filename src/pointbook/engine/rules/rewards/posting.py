"""An order with its rewards as it is posted: coupons for discounts, lines marked as rewards.

A product that is free is a line of its own, with the reward's code and with what is still paid for
it as amount; so it earns nothing. What else comes off goods is a coupon with the reward's code. The
coupons and lines of a basket whose lines do not hold their tax do not hold it either. Amounts are
minor units. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from pointbook.engine.rules.catalogue import Reward
from pointbook.engine.rules.rewards.bills import Bill, Part, cost_of
from pointbook.engine.rules.rewards.effects import Effect, LineEffect
from pointbook.engine.values.facts import Coupon, Fact, Line
from pointbook.engine.values.money import half_up, split


class Step(NamedTuple):
    """A reward that took something off a bill: the bill before and after it."""

    reward: Reward
    effect: Effect
    before: Bill
    after: Bill


class Posted(NamedTuple):
    """The lines and the new coupons of an order with its rewards."""

    lines: tuple[Line, ...]
    coupons: tuple[Coupon, ...]


class _Cost(NamedTuple):
    amount: int
    tax: int


@dataclass(slots=True)
class _Row:
    """A line while rewards take units of it: what is paid as usual, and the units that are given.

    `shop` is what the shop's own coupons took off it, `off` what each step did by a coupon.
    """

    line: Line
    shop: int
    given: list[Line] = field(default_factory=list)
    off: dict[int, int] = field(default_factory=dict)


def posted(fact: Fact, steps: Sequence[Step]) -> Posted:
    """The lines and the coupons of an order after rewards, taken off one after another."""
    shop = {part.place: _net(step.before, part) for step in steps[:1] for part in step.before.parts}
    rows = [
        _Row(line, max(0, line.amount - shop.get(place, line.amount)))
        for place, line in enumerate(fact.lines)
    ]
    beyond: dict[int, int] = {}
    for number, step in enumerate(steps):
        if step.effect.kind in ("product", "buy_get") and not step.reward.earns:
            parts = {part.place: part for part in step.before.parts}
            for one in step.effect.lines:
                _give(rows[one.place], one, part=parts[one.place], step=step)
        else:
            for before, after in zip(step.before.parts, step.after.parts, strict=True):
                off = _net(step.before, before) - _net(step.after, after)
                kept = rows[before.place].off if before.place >= 0 else beyond
                kept[number] = kept.get(number, 0) + off
    last = steps[-1].after.parts if steps else ()
    taxes = {part.place: part.tax for part in last}
    lines = [line for place, row in enumerate(rows) for line in _lines(row, taxes.get(place))]
    coupons = []
    for number, step in enumerate(steps):
        amount = sum(row.off.get(number, 0) for row in rows) + beyond.get(number, 0)
        if amount > 0:
            coupons.append(Coupon(step.reward.code, amount))
    return Posted(tuple(lines), tuple(coupons))


def _net(bill: Bill, part: Part) -> int:
    """What is left of a part as the basket's lines tell it."""
    return part.left - part.tax if bill.beside else part.left


def _give(row: _Row, one: LineEffect, *, part: Part, step: Step) -> None:
    """Part the units that are given from a line; what coupons took off them goes with them."""
    line, units = row.line, Fraction(one.quantity)
    share = min(Fraction(1), units / Fraction(line.quantity))
    cost, discount, shop = (
        half_up(numerator=amount * share.numerator, denominator=share.denominator)
        for amount in (line.amount, line.discount, row.shop)
    )
    whole = cost_of(part, units)
    now, paid = _told(step.before, part, whole), _told(step.before, part, whole - one.amount)
    moved = max(0, min(sum(row.off.values()), cost - shop - now.amount))
    shares = split(total=moved, weights=tuple(row.off.values()))
    row.off = {
        number: off - gone for (number, off), gone in zip(row.off.items(), shares, strict=True)
    }
    row.shop -= shop
    given = line._replace(
        reward=step.reward.code,
        quantity=min(line.quantity, one.quantity),
        amount=paid.amount,
        discount=discount + max(0, cost - paid.amount),
        tax=paid.tax if line.tax else 0,
    )
    row.given.append(given)
    row.line = line._replace(
        quantity=line.quantity - given.quantity,
        amount=line.amount - cost,
        discount=line.discount - discount,
    )


def _told(bill: Bill, part: Part, amount: int) -> _Cost:
    """An amount of a part as the basket's lines tell it, and its tax."""
    tax = half_up(numerator=part.tax * amount, denominator=part.left)
    return _Cost(amount - (tax if bill.beside else 0), tax)


def _lines(row: _Row, tax: int | None) -> list[Line]:
    """What is left of a line, then the units that were given."""
    line = row.line
    if line.tax and tax is not None:
        line = line._replace(tax=max(0, tax - sum(one.tax for one in row.given)))
    kept = [line] if line.quantity > Decimal(0) or not row.given else []
    return [*kept, *row.given]
