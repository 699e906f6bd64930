"""What of a sale counts: whole baskets, chosen lines, and counted things. Nothing here raises.

Amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter

from pointbook.engine.rules.blueprint import PLAIN_BASE, Award, Base
from pointbook.engine.rules.conditions import number
from pointbook.engine.rules.earning.choosing import Choice, Choices, Costs, Tables, Total, sum_of
from pointbook.engine.rules.fields import ATTRIBUTES
from pointbook.engine.rules.predicates import Condition
from pointbook.engine.values.facts import DIGITS, Fact

Whole = Callable[[Fact], int]
Amount = int | Fraction


def whole_of(base: Base) -> Whole:
    """What counts of a whole basket; never negative.

    With `discounts` in, coupons and the discounts of the lines are put back on the total.
    """
    if base == PLAIN_BASE:
        return attrgetter("spend")
    parts = (("stored_value", base.stored_value), ("points", base.points))
    out = frozenset(kind for kind, counts in parts if not counts)
    tax, delivery, discounts = base.tax, base.delivery, base.discounts

    def whole(fact: Fact) -> int:
        total = fact.total
        if not tax:
            total -= fact.tax
        if not delivery:
            total -= fact.delivery
        for tender in fact.tenders:
            if tender.kind in out:
                total -= tender.amount
        if discounts:
            total += sum([coupon.amount for coupon in fact.coupons])
            total += sum([line.discount for line in fact.lines])
        return max(0, total)

    return whole


def costs_of(base: Base) -> Costs | None:
    """What each line counts; None when it is its amount as it stands.

    With `tax` in, a line's tax is added where the lines of the basket do not hold it: where they
    come to no more than the total without tax and delivery.
    """
    tax, discounts = base.tax, base.discounts
    if not (tax or discounts):
        return None

    def costs(fact: Fact) -> list[int]:
        lines = fact.lines
        bare = sum([line.amount for line in lines]) - sum([one.amount for one in fact.coupons])
        adds = tax and bare <= fact.total - fact.tax - fact.delivery
        return [
            line.amount + (line.discount if discounts else 0) + (line.tax if adds else 0)
            for line in lines
        ]

    return costs


def base_total(base: Base, lines: Condition | None, *, choices: Choices) -> Total:
    """The minor units that count: of the whole basket, or of the chosen lines.

    Lines share the basket's coupons by nobody's leave, so chosen lines never count for more than
    the whole basket does.
    """
    whole = whole_of(base)
    if lines is None:
        return lambda fact, _: whole(fact)
    mode = (base.tax, base.discounts)
    chosen = sum_of(lines, costs=costs_of(base), mode=mode, choices=choices)
    key = choices.key("whole", base)

    def total(fact: Fact, tables: Tables) -> int:
        most: int | None = tables.get(key)
        if most is None:
            most = tables[key] = whole(fact)
        cost = chosen(fact, tables)
        if cost > most:
            return most
        return max(0, cost)

    return total


def counts_of(award: Award, lines: Choice | None) -> Callable[[Fact, Tables], list[Amount]]:
    """What a counted award counts of each line; of facts, one number: the attribute's."""
    if award.each.startswith(ATTRIBUTES):
        name = award.each.removeprefix(ATTRIBUTES)
        return lambda fact, _: [exact(number(fact.attributes.get(name)))]
    by_line = award.each == "line"

    def counts(fact: Fact, tables: Tables) -> list[Amount]:
        found: list[Amount] = [1 if by_line else exact(line.quantity) for line in fact.lines]
        if lines is None:
            return found
        pairs = zip(found, lines.flags(fact, tables), strict=True)
        return [count if flag else 0 for count, flag in pairs]

    return counts


def exact(value: Decimal | None) -> Amount:
    """A number without its decimal context; 0 for none, and for what no count can be.

    A number with more digits than an amount may have is a mistake, and its powers of ten would
    fill the memory.
    """
    if value is None or value.adjusted() >= DIGITS:
        return 0
    whole = int(value)
    if whole == value or value.adjusted() < -DIGITS:
        return whole
    return Fraction(value)
