"""Status as a material right: what the standings of a span promise, and what they take back.

A standing promises its tier's value of a year for the days it is valid, from the day it began; one
without a date for a year. Renewed, it promises the days that come on top. Another tier takes back
what is left of the one before: standings say when a tier ended and not why, so the rest goes back
to the revenue that it was taken from. Nothing here raises.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from pointbook.accounting.models import Schedule
from pointbook.accounting.queries.books import ProgramBooks
from pointbook.engine.revenue.over_time import Span, by_years
from pointbook.engine.values.calendar import add_months, day_of
from pointbook.ledger.movements import Span as Months
from pointbook.tiers.queries import Begun, begun, causes_of

TIER: Final = "tier"
MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Planned:
    """An amount with its days; below 0 it is given back.

    `partner` is who pays for marketing; of status it is the ladder.
    """

    kind: str
    currency: str
    partner: str
    fact: int
    span: Span


def planned(row: Schedule) -> Planned:
    """What a close wrote down."""
    span = Span(amount=row.amount, from_on=row.from_on, until_on=row.until_on)
    return Planned(row.kind, row.currency, row.partner, row.fact, span)


def statuses(books: ProgramBooks, months: Months, unwritten: Iterable[Planned]) -> list[Planned]:
    """What the standings of a span begin and end, in the order in which they were posted.

    `unwritten` was found in periods before it that have no close yet.
    """
    if not any(one.blueprint.books.rights for one in books.compiled.versions):
        return []
    standings = begun(months)
    if not standings:
        return []
    held = _held(books, months, standings, unwritten)
    found: list[Planned] = []
    for one in standings:
        runs = held[one.member, one.ladder]
        spans = _moved(books, one, runs)
        runs += spans
        found += [Planned(TIER, books.currency, one.ladder, one.cause, span) for span in spans]
    return found


def _held(
    books: ProgramBooks, months: Months, standings: Sequence[Begun], unwritten: Iterable[Planned]
) -> defaultdict[tuple[UUID, str], list[Span]]:
    """What was promised before to the members of standings, by member and ladder."""
    whose = causes_of({one.member for one in standings})
    rows = Schedule.objects.filter(
        entity_id=books.entity_id,
        program_id=books.id,
        kind=TIER,
        fact__in={cause for cause, _ in whose},
        close__period__first_on__lt=months.first_on,
    )
    held: defaultdict[tuple[UUID, str], list[Span]] = defaultdict(list)
    for one in (*(planned(row) for row in rows.order_by("id")), *unwritten):
        member = whose.get((one.fact, one.partner))
        if one.kind == TIER and member is not None:
            held[member, one.partner].append(one.span)
    return held


def _moved(books: ProgramBooks, one: Begun, runs: Sequence[Span]) -> list[Span]:
    """What a standing takes back of what runs, and what it promises."""
    zone = books.compiled.zone
    start = day_of(one.at, zone)
    end = add_months(start, MONTHS) if one.until is None else max(start, day_of(one.until, zone))
    back = _given_back(runs, end if one.tier == one.before else start)
    left = _left([*runs, *back], start)
    start = max([start, *(until for (_, until), amount in left.items() if amount > 0)])
    value = _value(books, one)
    if not value or start >= end:
        return back
    amount = by_years(value=value, from_on=start, until_on=end)
    return [*back, Span(amount=amount, from_on=start, until_on=end)] if amount else back


def _given_back(runs: Sequence[Span], on: date) -> list[Span]:
    """What takes back all that is left from a day on."""
    return [
        Span(amount=-amount, from_on=start, until_on=until)
        for (start, until), amount in sorted(_left(runs, on).items())
    ]


def _left(runs: Sequence[Span], on: date) -> dict[tuple[date, date], int]:
    """What is left from a day on, by the days for which it is: what was taken back is no more.

    A minor unit of each run may be left by rounding; it goes by itself when the days are over.
    """
    left: Counter[tuple[date, date]] = Counter()
    for run in runs:
        if run.until_on > on:
            left[max(on, run.from_on), run.until_on] += run.left(on)
    return {days: amount for days, amount in left.items() if abs(amount) > len(runs)}


def _value(books: ProgramBooks, one: Begun) -> int:
    """What a year in the tier is worth by the version in force when it began; 0: it is no right."""
    terms = books.compiled.version_at(one.at).blueprint.books
    if terms.tier != "material_right":
        return 0
    values = (row.value for row in terms.rights if (row.ladder, row.tier) == (one.ladder, one.tier))
    return next(values, 0)
