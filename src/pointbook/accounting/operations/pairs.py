"""The other halves of intercompany pairs: points of one entity that were used at another.

The close of the entity that gave the points posts both. The other has its half in a journal of its
own, in the same month unless that is closed for it: then in its first open one. Raises what the
database refuses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from pointbook.accounting.models import Close, JournalEntry, JournalLine, Period
from pointbook.accounting.operations.locking import lock_books
from pointbook.accounting.operations.reversing import REVERSALS, mirrored
from pointbook.accounting.operations.writing import Draft, draft, write
from pointbook.accounting.queries.books import entity, last_close
from pointbook.accounting.queries.derivation import Derived
from pointbook.accounting.queries.journals import INTERCOMPANY, entry_code
from pointbook.engine.values.calendar import month_name, next_month
from pointbook.programs.models import Entity


def post_pairs(*, close: Close, derived: Sequence[Derived]) -> int:
    """Post the other halves of a close's pairs; answers how many entries were made.

    Those of the version before are taken back first. Whoever closes holds the books of all entities
    that share its programs, in one order.
    """
    halves: dict[str, list[Draft]] = defaultdict(list)
    for one in derived:
        for entry in one.pairs:
            halves[entry.entity].append(draft(one, entry))
    others = {code: entity(code) for code in sorted(halves)}
    lock_books(own.id for own in others.values())
    made = _take_back(close)
    for code, own in others.items():
        period = open_period(own, close.period.first_on)
        made += len(
            write(halves[code], entity_id=own.id, period=period, close=close, journal=INTERCOMPANY)
        )
    return made


def open_period(own: Entity, first_on: date) -> Period:
    """The period of a month if an entity can still post in it, else its first open one."""
    last = last_close(own)
    month = first_on
    known = Period.objects.filter(entity=own, first_on=month).first()
    if known is not None and known.status in {Period.Status.OPEN, Period.Status.REOPENED}:
        return known
    if last is not None and month <= last.period.first_on:
        month = next_month(last.period.first_on)
    return Period.objects.get_or_create(
        entity=own, code=month_name(month), defaults={"first_on": month}
    )[0]


def _take_back(close: Close) -> int:
    """Reverse the halves that earlier versions of the same close posted in other books."""
    if close.version == 1:
        return 0
    found = JournalEntry.objects.filter(
        close__period=close.period,
        close__version__lt=close.version,
        reverses=None,
        reversed_by=None,
    )
    found = found.exclude(entity=close.entity).select_related("entity", "period")
    entries = list(found.order_by("entity_id", "year", "number"))
    lock_books({entry.entity_id for entry in entries})
    for entry in entries:
        lines = list(JournalLine.objects.filter(entry=entry).order_by("number"))
        _mirror(close, entry, lines)
    return len(entries)


def _mirror(close: Close, entry: JournalEntry, lines: Sequence[JournalLine]) -> None:
    (row,) = write(
        [
            Draft(
                program_id=entry.program_id,
                event="reversal",
                currency=entry.currency,
                description="Reversal of "
                + entry_code(entry.journal, entry.period.code, entry.number),
                lines=(),
                policy=entry.policy,
                side=entry.side,
                other=entry.other,
                reverses=entry,
            )
        ],
        entity_id=entry.entity_id,
        period=open_period(entry.entity, entry.period.first_on),
        close=close,
        journal=REVERSALS,
    )
    JournalLine.objects.bulk_create(mirrored(row, lines))
