"""Write journal entries with their lines: drafts of any journal, numbered without a gap.

Raises what the database refuses: a closed period, an entry that does not balance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pointbook.accounting.models import Close, JournalEntry, JournalLine, Period
from pointbook.accounting.operations.reversing import next_number
from pointbook.accounting.queries.beside import BesideEntry
from pointbook.accounting.queries.derivation import Derived
from pointbook.accounting.queries.journals import JOURNAL, posting_day
from pointbook.accounting.queries.wording import describe
from pointbook.engine.revenue.matrix import Line
from pointbook.engine.revenue.recognition import JournalEntry as Posted


class Draft(NamedTuple):
    """An entry to be: where it stands, what it says, its lines."""

    program_id: int
    event: str
    currency: str
    description: str
    lines: Sequence[Line]
    policy: str = ""
    side: str = ""
    other: str = ""
    reverses: JournalEntry | None = None


def draft(derived: Derived, entry: Posted) -> Draft:
    """An entry of cohorts as it is written."""
    return Draft(
        program_id=derived.books.id,
        event=entry.event.value,
        currency=entry.currency,
        description=describe(derived, entry),
        lines=entry.lines,
        policy=entry.policy.value,
        side=entry.side,
        other=entry.other,
    )


def aside(derived: Derived, entry: BesideEntry) -> Draft:
    """An entry of no cohort as it is written."""
    return Draft(
        program_id=derived.books.id,
        event=entry.event.value,
        currency=entry.currency,
        description=entry.description,
        lines=entry.lines,
    )


def write(
    drafts: Sequence[Draft], *, entity_id: int, period: Period, close: Close, journal: str = JOURNAL
) -> list[JournalEntry]:
    """Write entries and their lines into a journal of an entity, numbered on from its last."""
    if not drafts:
        return []
    day = posting_day(period.first_on)
    entries = JournalEntry.objects.bulk_create(
        JournalEntry(
            entity_id=entity_id,
            program_id=one.program_id,
            period=period,
            close=close,
            reverses=one.reverses,
            journal=journal,
            year=day.year,
            number=number,
            event=one.event,
            policy=one.policy,
            side=one.side,
            other=one.other,
            description=one.description,
            posting_on=day,
            currency=one.currency,
            recorded_at=close.closed_at,
        )
        for number, one in enumerate(drafts, next_number(entity_id, journal, day.year))
    )
    JournalLine.objects.bulk_create(
        JournalLine(
            entry=row, number=place, account=line.account, debit=line.debit, credit=line.credit
        )
        for row, one in zip(entries, drafts, strict=True)
        for place, line in enumerate(one.lines, 1)
    )
    return entries
