"""What is earned as time passes: membership fees, what partners pay for marketing, status.

A close finds them in the facts of its months and writes them down (see models.Schedule); those it
found before run on. What a fact does not say it is taken to say: a fee is for a year, marketing for
a month. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple

from pointbook.accounting.models import Schedule
from pointbook.accounting.queries.books import (
    ProgramBooks,
    entity,
    first_open,
    last_close,
    watermarks,
)
from pointbook.accounting.queries.statuses import Planned, planned, statuses
from pointbook.engine.revenue.coalition import Elements, share_price
from pointbook.engine.revenue.over_time import Span
from pointbook.engine.values.calendar import add_months, day_of, next_month
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import Fact
from pointbook.engine.values.money import exponent, to_minor
from pointbook.ledger.beside import MEMBERSHIP, POINTS_SALE, Told, told
from pointbook.ledger.movements import Span as Months

MARKETING: Final = "marketing"
# How many months something runs when its fact does not say until when.
MONTHS: Final[Mapping[str, int]] = {MEMBERSHIP: 12, MARKETING: 1}


class Running(NamedTuple):
    """What a period found, and what ran before it."""

    new: tuple[Planned, ...]
    before: tuple[Planned, ...]

    def earned(self, kind: str, *, first_on: date, until_on: date) -> int:
        """What a period earns of a kind; of what it found all that was earned by its end."""
        caught_up = sum(one.span.earned(until_on) for one in self.new if one.kind == kind)
        return caught_up + sum(
            one.span.between(first_on, until_on) for one in self.before if one.kind == kind
        )


def running(books: ProgramBooks, months: Months) -> Running:
    """What runs in a period, as its close will find it.

    Periods before it that have no close yet are read as if they had one.
    """
    before = [
        planned(row)
        for row in Schedule.objects.filter(
            entity_id=books.entity_id,
            program_id=books.id,
            close__period__first_on__lt=months.first_on,
            until_on__gt=months.first_on,
        ).order_by("id")
    ]
    opening = first_open(entity(books.entity))
    unwritten: list[Planned] = []
    if opening is not None and opening < months.first_on:
        read = watermarks(last_close(entity(books.entity))).get(books.id)
        after = read.seq if read else 0
        earlier = replace(months, first_on=opening, until_on=months.first_on, after=after)
        unwritten = [*_found(books, earlier, before), *statuses(books, earlier, ())]
        before += unwritten
    new = (*_found(books, months, before), *statuses(books, months, unwritten))
    return Running(new, tuple(before))


def _found(books: ProgramBooks, months: Months, known: Sequence[Planned]) -> list[Planned]:
    found: list[Planned] = []
    for one in told(months, MEMBERSHIP, POINTS_SALE):
        if one.about_id is None:
            found += _paid(books, one)
        else:
            found += _given_back(books, one, [*known, *found])
    return found


def _paid(books: ProgramBooks, one: Told) -> list[Planned]:
    """A fee, or what of a price of points is for marketing and the brand."""
    fact = one.fact
    kind = MEMBERSHIP if fact.type == MEMBERSHIP else MARKETING
    amount = fact.total
    if kind == MARKETING:
        parts = (_amount(fact, name) for name in Elements._fields)
        amount = share_price(price=fact.total, alone=Elements(*parts)).running
    start = _day(fact, "from") or day_of(one.occurred_at, books.compiled.zone)
    end = _day(fact, "until")
    if end is None or end <= start:
        end = add_months(start, MONTHS[kind])
    if not amount:
        return []
    span = Span(amount=amount, from_on=start, until_on=end)
    partner = str(fact.attributes.get("partner", ""))[:40] if kind == MARKETING else ""
    return [Planned(kind, fact.currency or books.currency, partner, one.id, span)]


def _given_back(books: ProgramBooks, one: Told, known: Iterable[Planned]) -> list[Planned]:
    """The days that were left of what a fact gives back; all of them when it was a mistake."""
    paid = [row for row in known if row.fact == one.about_id]
    day = day_of(one.occurred_at, books.compiled.zone)
    spans = [
        (row, row.span.given_back(row.span.from_on if one.fact.type == "void" else day))
        for row in paid
    ]
    return [replace(row, fact=one.id, span=span) for row, span in spans if span is not None]


def _amount(fact: Fact, name: str) -> int:
    """An attribute as minor units; 0 when it is none."""
    try:
        value = fact.attributes.get(name, 0)
        return max(to_minor(value, places=exponent(fact.currency)), 0)
    except PointbookError:
        return 0


def _day(fact: Fact, name: str) -> date | None:
    """An attribute as a day; None when it is none."""
    try:
        return date.fromisoformat(str(fact.attributes.get(name)))
    except ValueError:
        return None


def ends(months: Months) -> date:
    """The day before which a period's days are earned."""
    return next_month(months.first_on)
