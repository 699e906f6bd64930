"""Take posted entries back: every reversal names what it reverses and mirrors its lines.

Raises nothing; the database refuses a second reversal and a closed period.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db.models import Max

from pointbook.accounting.models import Close, JournalEntry, JournalLine
from pointbook.accounting.queries.journals import entry_code

REVERSALS: Final = "R"  # the journal of what a later version of a close takes back
REVERSAL: Final = "reversal"


def take_back(*, close: Close, before: Close) -> int:
    """Reverse every entry that the version before derived; answers how many there were.

    In the entity's own books: its halves in those of others are taken back with their pairs. What
    people posted by hand stays, and a reversal is not reversed again. Numbers go on from the last
    of the year: the caller holds the lock of the books.
    """
    derived = JournalEntry.objects.filter(close=before, entity=before.entity_id, reverses=None)
    entries = list(derived.order_by("year", "number").select_related("period"))
    if not entries:
        return 0
    first = next_number(close.entity_id, REVERSALS, entries[0].year)
    made = JournalEntry.objects.bulk_create(
        _mirror(entry, close, number) for number, entry in enumerate(entries, first)
    )
    lines: dict[int, list[JournalLine]] = {entry.id: [] for entry in entries}
    for line in JournalLine.objects.filter(entry__in=entries).order_by("entry_id", "number"):
        lines[line.entry_id].append(line)
    JournalLine.objects.bulk_create(
        line
        for entry, reversal in zip(entries, made, strict=True)
        for line in mirrored(reversal, lines[entry.id])
    )
    return len(made)


def _mirror(entry: JournalEntry, close: Close, number: int) -> JournalEntry:
    return JournalEntry(
        entity_id=entry.entity_id,
        program_id=entry.program_id,
        period_id=entry.period_id,
        close=close,
        reverses=entry,
        journal=REVERSALS,
        year=entry.year,
        number=number,
        event=REVERSAL,
        policy=entry.policy,
        side=entry.side,
        other=entry.other,
        description=f"Reversal of {entry_code(entry.journal, entry.period.code, entry.number)}",
        posting_on=entry.posting_on,
        currency=entry.currency,
        recorded_at=close.closed_at,
    )


def mirrored(reversal: JournalEntry, lines: Iterable[JournalLine]) -> list[JournalLine]:
    """The lines of an entry with debit and credit changed over."""
    return [
        JournalLine(
            entry=reversal,
            number=line.number,
            account=line.account,
            debit=line.credit,
            credit=line.debit,
        )
        for line in lines
    ]


def next_number(entity_id: int, journal: str, year: int) -> int:
    """The next number of an entity's journal in a year; the caller holds the lock of the books."""
    found = JournalEntry.objects.filter(entity_id=entity_id, journal=journal, year=year)
    return int(found.aggregate(last=Max("number"))["last"] or 0) + 1
