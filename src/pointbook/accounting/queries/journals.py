"""Journal entries, and the way down from a line: to cohorts, and from a cohort to its facts.

Raises EntryNotFound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import QuerySet

from pointbook.accounting.models import CohortEntry, JournalEntry, JournalLine
from pointbook.accounting.queries.beside import BesideEntry, beside
from pointbook.accounting.queries.books import (
    ProgramBooks,
    entity,
    period_start,
    program_books,
    span_of_close,
)
from pointbook.accounting.queries.derivation import Derived, total_key
from pointbook.accounting.queries.statements import ACCOUNTS
from pointbook.accounting.queries.wording import describe
from pointbook.engine.revenue.cohorts import CohortKey
from pointbook.engine.revenue.matrix import Amounts, Redeemed, journal_lines
from pointbook.engine.revenue.policies import AT_FACE, Beside, Event, Policy
from pointbook.engine.revenue.recognition import JournalEntry as Posted
from pointbook.engine.values.calendar import month_name, next_month
from pointbook.engine.values.errors import NotFoundError
from pointbook.ledger.movements import Cause, Row, listing

JOURNAL: Final = "J"
INTERCOMPANY: Final = "I"  # the halves of pairs that another entity's close posted


class EntryNotFound(NotFoundError):
    """There is no such journal entry, or nothing of it in this cohort."""


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of an entry, minor units; one of debit and credit is 0."""

    account: str
    name: str
    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A journal entry with its lines. Before the close it has no id and no code."""

    id: int | None
    code: str
    program: str
    event: str
    description: str
    posting_on: date
    currency: str
    lines: tuple[LineRow, ...]

    @property
    def debit(self) -> int:
        """The sum of its debits, which is that of its credits."""
        return sum(line.debit for line in self.lines)


@dataclass(frozen=True, slots=True)
class CohortRow:
    """What an entry did to one cohort; `amount` is its part of the line (see Drill)."""

    id: int
    issued_on: date
    unit: str
    points: int
    amount: int
    breakage: int
    rows: int


@dataclass(frozen=True, slots=True)
class Drill:
    """A line of an entry by month of issue.

    `amount` is the line, a debit positive; the cohorts' amounts add up to it, or `off` says by how
    much they do not.
    """

    entry: EntryRow
    account: str
    name: str
    amount: int
    cohorts: tuple[CohortRow, ...]

    @property
    def points(self) -> int:
        """The points that the entry moved."""
        return sum(row.points for row in self.cohorts)

    @property
    def off(self) -> int:
        """The difference between the line and its cohorts; 0 when it ties, or has none."""
        if self.entry.event in set(Beside):
            return 0
        return self.amount - sum(row.amount for row in self.cohorts)


def entries(
    *, period: str, entity_code: str = "main", program: str | None = None
) -> list[EntryRow]:
    """The entries posted in a period, in order of number.

    :raises EntityNotFound: no such entity.
    :raises PeriodError: when the text is no period.
    """
    period_start(period)
    found = JournalEntry.objects.filter(entity=entity(entity_code), period__code=period)
    if program is not None:
        found = found.filter(program__code=program)
    return _entry_rows(found.select_related("period", "program").order_by("year", "number"))


def entry(entry_id: int) -> EntryRow:
    """One entry.

    :raises EntryNotFound: no such entry.
    """
    found = JournalEntry.objects.filter(id=entry_id).select_related("period", "program")
    for row in _entry_rows(found):
        return row
    raise EntryNotFound(f"there is no journal entry {entry_id}", field="entry", value=entry_id)


def _entry_rows(found: Iterable[JournalEntry]) -> list[EntryRow]:
    rows = list(found)
    lines: dict[int, list[LineRow]] = {row.id: [] for row in rows}
    for line in JournalLine.objects.filter(entry_id__in=lines).order_by("entry_id", "number"):
        lines[line.entry_id].append(
            LineRow(line.account, ACCOUNTS[line.account].name, line.debit, line.credit)
        )
    return [
        EntryRow(
            id=row.id,
            code=entry_code(row.journal, row.period.code, row.number),
            program=row.program.code,
            event=row.event,
            description=row.description,
            posting_on=row.posting_on,
            currency=row.currency,
            lines=tuple(lines[row.id]),
        )
        for row in rows
    ]


def entry_code(journal: str, period: str, number: int) -> str:
    """How an entry is called: J-2017-12-0034 is the year's entry 34, posted in December."""
    return f"{journal}-{period}-{number:04d}"


def preview_entries(derived: Derived) -> list[EntryRow]:
    """The entries that a period would post now."""
    said: list[tuple[str, str, Posted | BesideEntry]] = [
        *((one.event.value, describe(derived, one), one) for one in derived.journal),
        *((one.event.value, one.description, one) for one in beside(derived).entries),
    ]
    return [
        EntryRow(
            id=None,
            code="",
            program=derived.books.code,
            event=event,
            description=description,
            posting_on=posting_day(derived.span.first_on),
            currency=posted.currency,
            lines=tuple(
                LineRow(line.account, ACCOUNTS[line.account].name, line.debit, line.credit)
                for line in posted.lines
            ),
        )
        for event, description, posted in said
    ]


def posting_day(first_on: date) -> date:
    """The last day of the month that begins on `first_on`."""
    return date.fromordinal(next_month(first_on).toordinal() - 1)


def drill(entry_id: int, *, account: str) -> Drill:
    """A line of an entry by cohort: the cohorts' parts of the line, oldest issue first.

    :raises EntryNotFound: no such entry, or no such account in it.
    """
    row = entry(entry_id)
    amount = sum(line.debit - line.credit for line in row.lines if line.account == account)
    if not amount:
        raise EntryNotFound(
            f"{row.code} has no line on account {account}", field="account", value=account
        )
    here = row.code.startswith(f"{INTERCOMPANY}-")
    redeemed = Redeemed(here=here, costs=any(line.account == "1400" for line in row.lines))
    return Drill(
        entry=row,
        account=account,
        name=ACCOUNTS[account].name,
        amount=amount,
        cohorts=tuple(_cohort_row(one, account, redeemed) for one in _behind(entry_id, here=here)),
    )


def _behind(entry_id: int, *, here: bool) -> QuerySet[CohortEntry]:
    """The cohorts' entries behind an entry; those of a pair's half are in the other's books."""
    found = CohortEntry.objects.order_by("issued_on", "id")
    if not here:
        return found.filter(entry_id=entry_id)
    half = JournalEntry.objects.select_related("entity").get(id=entry_id)
    return found.filter(
        close=half.close,
        program=half.program,
        currency=half.currency,
        event=half.event,
        policy=half.policy,
        side=half.side,
        other=half.entity.code,
    )


def _cohort_row(row: CohortEntry, account: str, redeemed: Redeemed) -> CohortRow:
    policy = Policy(row.policy)
    breakage = row.breakage if policy in AT_FACE else 0
    lines = journal_lines(
        event=Event(row.event),
        policy=policy,
        amounts=Amounts(row.change, row.share, row.cost, breakage, row.unclaimed),
        redeemed=redeemed._replace(side=row.side, other=row.other),
    )
    return CohortRow(
        id=row.id,
        issued_on=row.issued_on,
        unit=row.unit,
        points=row.points,
        amount=sum(line.debit - line.credit for line in lines if line.account == account),
        breakage=row.breakage,
        rows=row.transfers,
    )


@dataclass(frozen=True, slots=True)
class CohortRows:
    """A page of the ledger's rows behind a cohort's entry; `total` is how many there are."""

    period: str
    event: str
    key: CohortKey
    points: int
    total: int
    rows: Sequence[Row]


def cohort_rows(cohort_entry_id: int, *, limit: int = 50, offset: int = 0) -> CohortRows:
    """The facts behind what an entry did to a cohort, oldest first.

    :raises EntryNotFound: no such row.
    """
    found = CohortEntry.objects.select_related("close__period", "close__entity", "program")
    row = found.filter(id=cohort_entry_id).first()
    if row is None:
        raise EntryNotFound(
            f"there is no entry of a cohort {cohort_entry_id}", value=cohort_entry_id
        )
    books: ProgramBooks = program_books(
        program_code=row.program.code, entity_code=row.close.entity.code
    )
    key = total_key(books, row)
    event = Event(row.event)
    return CohortRows(
        period=month_name(row.close.period.first_on),
        event=row.event,
        key=key,
        points=row.points,
        total=row.transfers,
        rows=listing(
            span_of_close(row.close, books),
            Cause(key, event, row.side, row.other),
            limit=limit,
            offset=offset,
        ),
    )
