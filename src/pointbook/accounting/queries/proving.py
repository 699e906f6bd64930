"""The books again from what lies below them: cohorts from all facts, lines from cohorts' entries.

What closes keep incrementally is built anew from everything there is, so it costs as much as the
history is long: only `pointbook verify` asks. Nothing here raises but what the engine finds
impossible, and that is told as a violation.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F, Sum

from pointbook.accounting.models import (
    Close,
    CohortEntry,
    CohortTotal,
    JournalEntry,
    JournalLine,
    Schedule,
    Setting,
    TieOut,
)
from pointbook.accounting.queries.books import (
    ProgramBooks,
    last_close,
    program_books,
    span_of_close,
    watermarks,
)
from pointbook.accounting.queries.carrying import IN_BALANCES, IN_LOTS
from pointbook.accounting.queries.derivation import Derived, entry_of, total_key
from pointbook.accounting.queries.statuses import planned
from pointbook.controls.invariants import Violation
from pointbook.engine.revenue.cohorts import CohortError, CohortKey, CohortState
from pointbook.engine.revenue.over_time import Span as Days
from pointbook.engine.revenue.policies import RUNS_ON
from pointbook.engine.revenue.recognition import CohortEntry as Entry
from pointbook.engine.revenue.recognition import InForce, journal, post_period
from pointbook.engine.values.calendar import next_month
from pointbook.ledger.evidence import holdings
from pointbook.ledger.movements import Cause, Span, movements
from pointbook.programs.models import Entity, Program

Figures = tuple[int, int, int, int]


class Place(NamedTuple):
    """Whose books, of which program, in which currency, on which account."""

    entity_id: int
    program_id: int
    currency: str
    account: str


def _last() -> Iterator[tuple[Close, ProgramBooks, Span]]:
    """The last close that stands of every entity, by program, and all that it and others read."""
    for own in Entity.objects.order_by("code"):
        close = last_close(own)
        if close is None:
            continue
        for program in Program.objects.filter(id__in=watermarks(close)).order_by("code"):
            books = program_books(program_code=program.code, entity_code=own.code)
            yield close, books, span_of_close(close, books)


def _where(close: Close, books: ProgramBooks, key: CohortKey | None = None) -> str:
    """The place of a violation, as people read it."""
    place = f"{books.entity} {close.period.code} {books.code}"
    if key is None:
        return place
    return f"{place} {key.unit} of {key.issued_on:%Y-%m} ({key.policy.value})"


def rebuilt_cohorts() -> list[Violation]:
    """Cohorts whose last totals are not what all lots and draws up to the last close come to."""
    found = []
    for close, books, span in _last():
        try:
            right = _from_nothing(span)
        except CohortError as error:
            found.append(Violation(_where(close, books), str(error)))
            continue
        kept = _kept(close, books)
        for key in sorted({*right, *kept}):
            if right.get(key, (0, 0, 0, 0)) != kept.get(key, (0, 0, 0, 0)):
                what = f"kept as {kept.get(key)}, all lots and draws come to {right.get(key)}"
                found.append(Violation(_where(close, books, key), what))
    return found


def _from_nothing(span: Span) -> dict[CohortKey, Figures]:
    """Every cohort from its first fact on: where no close was before, all is late for the last."""
    found = {}
    for movement in movements(replace(span, after=0)).by_cohort:
        empty = CohortState(key=movement.key, rate=Decimal(1))
        after = post_period(before=empty, movement=movement, now=InForce(Decimal(1))).after
        found[movement.key] = _figures(after)
    return found


def _kept(close: Close, books: ProgramBooks) -> dict[CohortKey, Figures]:
    """What closes kept of every cohort, the used up ones as they were when they moved last."""
    rows = (
        CohortTotal.objects.filter(
            entity_id=books.entity_id,
            program_id=books.id,
            close__period__first_on__lte=close.period.first_on,
        )
        .order_by("unit", "currency", "issued_on", "policy", "funder", "-id")
        .distinct("unit", "currency", "issued_on", "policy", "funder")
    )
    return {total_key(books, row): _figures(row) for row in rows}


def _figures(one: CohortState | CohortTotal) -> Figures:
    return one.issued, one.redeemed, one.expired, one.allocated


def rebuilt_points() -> list[Violation]:
    """Last closes whose points are not what all lots and all balances come to."""
    found = []
    for close, books, span in _last():
        rows = TieOut.objects.filter(close=close, program_id=books.id)
        kept = {(row.name, row.unit): row.that_side for row in rows}
        for held in holdings(span):
            right = {IN_LOTS: held.lots - held.owed, IN_BALANCES: held.balances}
            found += [
                Violation(
                    _where(close, books),
                    f"{name} of {held.unit}: {kept.get((name, held.unit), 0)} was written down,"
                    f" all there is comes to {figure}",
                )
                for name, figure in right.items()
                if kept.get((name, held.unit), 0) != figure
            ]
    return found


def other_entries(again: Derived, close: Close) -> list[Violation]:
    """Cohorts' entries of a close that are not what its movements give."""
    books, rows = again.books, again.moved.rows
    right = Counter(
        (
            *_said(entry),
            rows.get(Cause(entry.key, entry.event, entry.side, entry.other), 0),
        )
        for entry in again.entries
    )
    kept = Counter((*_said(entry_of(books, row)), row.transfers) for row in _rows(close, books))
    return [
        Violation(
            _where(close, books, said[0]), f"{said[1].value} entries are not what the ledger gives"
        )
        for said in sorted((right - kept) + (kept - right), key=str)
    ]


def _said(entry: Entry) -> tuple[Any, ...]:
    return (
        entry.key,
        entry.event,
        entry.points,
        entry.change,
        entry.share,
        entry.breakage,
        entry.side,
        entry.other,
        entry.cost,
        entry.unclaimed,
    )


def _rows(close: Close, books: ProgramBooks) -> list[CohortEntry]:
    rows = CohortEntry.objects.filter(close=close, program_id=books.id)
    return list(rows.select_related("entry").order_by("id"))


def rebuilt_lines() -> list[Violation]:
    """Entries whose lines are not what the matrix makes of the cohorts' entries behind them."""
    found = []
    for close in Close.objects.select_related("period", "entity").order_by("id"):
        for program in Program.objects.filter(id__in=watermarks(close)):
            books = program_books(program_code=program.code, entity_code=close.entity.code)
            found += _other_lines(close, books)
    return found


def _other_lines(close: Close, books: ProgramBooks) -> list[Violation]:
    behind = _rows(close, books)
    made: dict[int, list[Entry]] = defaultdict(list)
    for row in behind:
        if row.entry_id is not None:
            made[row.entry_id].append(entry_of(books, row))
    entries = JournalEntry.objects.filter(id__in=made).order_by("id")
    lines = defaultdict(list)
    for line in JournalLine.objects.filter(entry_id__in=made).order_by("entry_id", "number"):
        lines[line.entry_id].append((line.account, line.debit, line.credit))
    costs = _booking_costs(close)
    found = []
    for entry in entries:
        right = [
            (one.event.value, one.policy.value, one.side, one.other, one.currency, [*one.lines])
            for one in journal(made[entry.id], costs=costs)
            if not one.here
        ]
        kept = (entry.event, entry.policy, entry.side, entry.other, entry.currency)
        if [one[:5] for one in right] != [kept] or [
            (line.account, line.debit, line.credit) for line in right[0][5]
        ] != lines[entry.id]:
            where = f"{_where(close, books)} {entry.journal}/{entry.year}/{entry.number}"
            found.append(Violation(where, "is not what its cohorts' entries post"))
    return found


def _booking_costs(close: Close) -> frozenset[str]:
    """The entity, if it booked the cost of its own goods when the close was drawn up."""
    rows = Setting.objects.filter(entity_id=close.entity_id, recorded_at__lte=close.closed_at)
    row = rows.order_by("-number").first()
    return frozenset({close.entity.code} if row is not None and row.costs else ())


def untied_schedules() -> list[Violation]:
    """Closes after which what is left of schedules is not what closes posted on their accounts."""
    found = []
    runs: defaultdict[int, list[tuple[Place, Days]]] = defaultdict(list)
    for row in Schedule.objects.order_by("id"):
        place = Place(row.entity_id, row.program_id, row.currency, RUNS_ON[row.kind])
        runs[row.close_id].append((place, planned(row).span))
    posted: defaultdict[int, Counter[Place]] = defaultdict(Counter)
    lines = JournalLine.objects.filter(account__in=RUNS_ON.values(), entry__close__isnull=False)
    columns = ("entity_id", "program_id", "currency")
    sums = lines.values_list("entry__close_id", *(f"entry__{one}" for one in columns), "account")
    for close_id, *place, balance in sums.annotate(balance=Sum(F("credit") - F("debit"))):
        posted[close_id][Place(*place)] += balance
    live: list[tuple[Place, Days]] = []
    balances: Counter[Place] = Counter()
    closes = Close.objects.select_related("period", "entity")
    for close in closes.order_by("period__first_on", "version"):
        end = next_month(close.period.first_on)
        balances.update(posted[close.id])
        # What ended before this month has nothing left, now or later.
        still = [one for one in live if one[1].until_on > close.period.first_on]
        live = [*still, *runs[close.id]]
        left: Counter[Place] = Counter()
        for place, span in live:
            left[place] += span.left(end)
        where = f"{close.entity.code} {close.period.code}"
        found += [
            Violation(where, f"schedules {left[place]}, account {place.account} {balances[place]}")
            for place in sorted({*left, *balances})
            if place.entity_id == close.entity_id and left[place] != balances[place]
        ]
    return found
