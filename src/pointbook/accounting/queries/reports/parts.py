"""What reports are made of: each program's periods, closed by version or open as they stand.

A closed period is read from the rows of its close alone, so what was once reported can be reported
again. Raises ReportError, PeriodError, EntityNotFound and ProgramNotFound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from pointbook.accounting.models import Close, CohortEntry, JournalLine, Period, Seal
from pointbook.accounting.queries.books import (
    ProgramBooks,
    entity,
    first_open,
    program_books,
    programs_of,
)
from pointbook.accounting.queries.derivation import (
    Derived,
    entry_of,
    open_states,
    preview,
    states_of,
)
from pointbook.accounting.queries.reports.tables import Asked, Parameter, ReportError
from pointbook.accounting.queries.statements import months_between
from pointbook.engine.revenue.cohorts import CohortKey, CohortState
from pointbook.engine.revenue.policies import Beside
from pointbook.engine.revenue.recognition import CohortEntry as Entry
from pointbook.engine.values.calendar import month_name, next_month
from pointbook.engine.values.money import exponent
from pointbook.programs.models import Entity
from pointbook.programs.queries import program

ASIDE: Final = tuple(event.value for event in Beside)
OPEN: Final = Period.Status.OPEN.value


@dataclass(frozen=True, slots=True)
class Aside:
    """What lines beside the life of cohorts came to on an account: debits and credits, minor."""

    event: str
    account: str
    currency: str
    debit: int
    credit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A program's period: what its cohorts held before and after it, and what it posted.

    `aside` is what was posted beside cohorts, `carried` the same of all periods before. An open
    period has no close; what it holds is derived as it would post now.
    """

    books: ProgramBooks
    first_on: date
    status: str
    close: Close | None
    before: tuple[CohortState, ...]
    entries: tuple[Entry, ...]
    after: tuple[CohortState, ...]
    aside: tuple[Aside, ...] = ()
    carried: tuple[Aside, ...] = ()
    derived: Derived | None = None

    @property
    def period(self) -> str:
        """The period's code."""
        return month_name(self.first_on)

    @property
    def version(self) -> int | None:
        """That of the close."""
        return self.close.version if self.close else None

    @property
    def keys(self) -> set[CohortKey]:
        """The cohorts that it held or moved."""
        entries = {entry.key for entry in self.entries}
        return entries | {state.key for state in (*self.before, *self.after)}

    @property
    def ended_on(self) -> date:
        """The first day after the period."""
        return next_month(self.first_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The programs and periods that a report is made of, in order."""

    asked: Asked
    own: Entity
    books: tuple[ProgramBooks, ...]
    months: tuple[date, ...]

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies of the programs."""
        return tuple(sorted({one.currency for one in self.books}))

    @property
    def currency(self) -> str:
        """The one currency of all, '' when there are several."""
        return self.currencies[0] if len(self.currencies) == 1 else ""

    @property
    def places(self) -> int:
        """The decimals of money in the report's columns."""
        return max((exponent(one) for one in self.currencies), default=2)

    @property
    def span(self) -> str:
        """The periods as one text: 2017-01, or 2017-01 to 2017-12."""
        first, last = month_name(self.months[0]), month_name(self.months[-1])
        return first if first == last else f"{first} to {last}"

    @property
    def whose(self) -> str:
        """Whose figures a title names: the program, or the entity."""
        return self.asked.program or self.own.code


def scope(asked: Asked) -> Scope:
    """What is asked for, found.

    :raises ReportError: a version of several periods, or an entity without programs.
    :raises PeriodError: a range without periods.
    :raises EntityNotFound: no such entity.
    :raises ProgramNotFound: no such program.
    """
    if asked.entity is None and asked.program is not None:
        own = program(asked.program).entity
    else:
        own = entity(asked.entity or "main")
    books = [one for one in programs_of(own) if asked.program in (None, one.code)]
    if asked.program is not None and not books:
        books = [program_books(program_code=asked.program, entity_code=own.code)]
    if not books:
        raise ReportError(f"the entity {own.code} has no programs", field="entity", value=own.code)
    months = months_between(books=books[0], start=asked.start, end=asked.end)
    if asked.version is not None and len(months) != 1:
        raise ReportError(
            "a version is that of one period",
            field="version",
            value=asked.version,
            mend="Name the period as well.",
        )
    return Scope(asked=asked, own=own, books=tuple(books), months=tuple(months))


def close_of(found: Scope, month: date) -> Close | None:
    """The close of a period that is asked for; None when the period is open.

    :raises ReportError: when there is no such version.
    """
    asked = found.asked
    rows = Close.objects.filter(entity=found.own, period__first_on=month)
    rows = rows.select_related("period", "entity").order_by("-version")
    if asked.version is not None:
        close = rows.filter(version=asked.version).first()
        if close is None:
            raise ReportError(
                f"{month_name(month)} has no close with version {asked.version}",
                field="version",
                value=asked.version,
                mend="Leave the version out to see the last one.",
            )
        return close
    if asked.known_at is not None:
        return rows.filter(closed_at__lte=asked.known_at).first()
    begins = first_open(found.own)
    return rows.first() if begins is not None and month < begins else None


def closes(found: Scope) -> list[Close]:
    """The closes behind a report, in order of periods."""
    every = [close_of(found, month) for month in found.months]
    return [close for close in every if close is not None]


def parts(found: Scope) -> list[Part]:
    """Every program's periods, by program and period; open ones derived as they stand.

    What was not closed at `known_at` is left out.
    """
    every = [(month, close_of(found, month)) for month in found.months]
    made = []
    for books in found.books:
        made += [_closed(close, books, found) for _, close in every if close is not None]
        still = [month for month, close in every if close is None]
        if still and found.asked.known_at is None:
            made += _open(books, still)
    return made


def one_before(close: Close) -> Close | None:
    """The close of an earlier period on which a close was drawn up."""
    rows = Close.objects.filter(
        entity_id=close.entity_id, period__first_on__lt=close.period.first_on, id__lt=close.id
    )
    return rows.select_related("period").order_by("-period__first_on", "-version").first()


def status_of(close: Close, asked: Asked) -> str:
    """How far a period is; of a version that was asked for, how far that one got."""
    if asked.version is None and asked.known_at is None:
        return close.period.status
    sealed = Seal.objects.filter(close=close).exists()
    return (Period.Status.CLOSED if sealed else Period.Status.SOFT_CLOSED).value


def _closed(close: Close, books: ProgramBooks, found: Scope) -> Part:
    rows = CohortEntry.objects.filter(close=close, program_id=books.id).order_by("id")
    own = _lines(books).filter(entry__period_id=close.period_id)
    earlier = _lines(books).filter(entry__posting_on__lt=close.period.first_on)
    return Part(
        books=books,
        first_on=close.period.first_on,
        status=status_of(close, found.asked),
        close=close,
        before=tuple(open_states(one_before(close), books).values()),
        entries=tuple(entry_of(books, row) for row in rows),
        after=tuple(states_of(close, books).values()),
        aside=_asides(own.filter(_until(close))),
        carried=_asides(earlier.filter(_until(close))),
    )


def _until(close: Close) -> Q:
    """The lines that stood when a close was drawn up, of it and of those before."""
    known = Q(entry__close_id__lte=close.id)
    return known | Q(entry__close__isnull=True, entry__recorded_at__lte=close.closed_at)


def _lines(books: ProgramBooks) -> QuerySet[JournalLine]:
    """The lines beside cohorts; what a reversal takes back counts as what it was."""
    told = Coalesce("entry__reverses__event", "entry__event")
    found = JournalLine.objects.annotate(told=told)
    return found.filter(
        entry__entity_id=books.entity_id, entry__program_id=books.id, told__in=ASIDE
    )


def _asides(found: QuerySet[JournalLine]) -> tuple[Aside, ...]:
    columns = ("told", "account", "entry__currency")
    sums = found.values_list(*columns).annotate(debits=Sum("debit"), credits=Sum("credit"))
    return tuple(Aside(*row) for row in sums.order_by(*columns))


def _open(books: ProgramBooks, months: Sequence[date]) -> list[Part]:
    made = []
    carried: tuple[Aside, ...] = ()
    for number, derived in enumerate(preview(books=books, until=months[-1])):
        first_on = derived.span.first_on
        if not number:
            carried = _asides(_lines(books).filter(entry__posting_on__lt=first_on))
        # What people posted by hand stands in an open period, too.
        by_hand = _lines(books).filter(
            entry__close=None,
            entry__posting_on__gte=first_on,
            entry__posting_on__lt=next_month(first_on),
        )
        aside = together((*_derived_asides(derived), *_asides(by_hand)))
        made.append(
            Part(
                books=books,
                first_on=first_on,
                status=OPEN,
                close=None,
                before=tuple(derived.before.values()),
                entries=tuple(derived.entries),
                after=tuple(derived.after.values()),
                aside=aside,
                carried=carried,
                derived=derived,
            )
        )
        carried = together((*carried, *aside))
    return [part for part in made if part.first_on in months]


def _derived_asides(derived: Derived) -> tuple[Aside, ...]:
    return together(
        Aside(entry.event.value, line.account, entry.currency, line.debit, line.credit)
        for entry in derived.journal
        if entry.event.value in ASIDE
        for line in entry.lines
    )


def together(asides: Iterable[Aside]) -> tuple[Aside, ...]:
    """The sums by event, account and currency."""
    sums: dict[tuple[str, str, str], tuple[int, int]] = {}
    for one in asides:
        key = (one.event, one.account, one.currency)
        debit, credit = sums.get(key, (0, 0))
        sums[key] = (debit + one.debit, credit + one.credit)
    return tuple(Aside(*key, *sums[key]) for key in sorted(sums))


def parameters(found: Scope) -> tuple[Parameter, ...]:
    """What the report was made of, for its reader: no clock, so the same question reads alike."""
    asked = found.asked
    programs = ", ".join(one.code for one in found.books)
    listed = [
        ("entity", found.own.code),
        ("program", programs),
        ("from", month_name(found.months[0])),
        ("to", month_name(found.months[-1])),
        ("version", "last" if asked.version is None else str(asked.version)),
        ("as of", "" if asked.as_of is None else asked.as_of.isoformat()),
        ("known at", "" if asked.known_at is None else asked.known_at.isoformat()),
        ("generated from", "; ".join(sources(found)) or "open periods, as they stand"),
    ]
    return tuple(Parameter(*one) for one in listed)


def sources(found: Scope) -> tuple[str, ...]:
    """The seals behind a report: period, version, number and digest."""
    rows = {row.close_id: row for row in Seal.objects.filter(close__in=closes(found))}
    return tuple(
        f"{close.period.code} version {close.version}: seal {seal.number},"
        f" {bytes(seal.digest).hex()}"
        for close in closes(found)
        if (seal := rows.get(close.id))
    )
