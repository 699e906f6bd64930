"""Write what a period posts: entries, lines, cohorts' entries and totals, in a few statements.

Raises what the database refuses: a closed period, an entry that does not balance.
"""

from __future__ import annotations

from collections.abc import Sequence

from pointbook.accounting.models import (
    Close,
    CohortEntry,
    CohortTotal,
    JournalEntry,
    Period,
    Schedule,
)
from pointbook.accounting.operations.pairs import post_pairs
from pointbook.accounting.operations.writing import aside, draft, write
from pointbook.accounting.queries.beside import Besides, beside
from pointbook.accounting.queries.derivation import Derived
from pointbook.engine.revenue.cohorts import CohortKey
from pointbook.engine.revenue.recognition import CohortEntry as Change
from pointbook.engine.revenue.recognition import JournalEntry as Posted
from pointbook.engine.revenue.recognition import liability
from pointbook.ledger.movements import Cause


def post(*, period: Period, close: Close, derived: Sequence[Derived]) -> int:
    """Post a close's journal; answers how many entries were made.

    Numbers go on from the entity's last of the year: the caller holds the lock of its books.
    """
    posted = [(one, entry) for one in derived for entry in one.journal]
    found = [(one, beside(one)) for one in derived]
    drafts = [
        *(draft(one, entry) for one, entry in posted),
        *(aside(one, entry) for one, besides in found for entry in besides.entries),
    ]
    rows = write(drafts, entity_id=close.entity_id, period=period, close=close)
    made = {_group(entry): row for row, (_, entry) in zip(rows, posted, strict=False)}
    _write_cohorts(close, derived, made)
    _write_schedules(close, found)
    post_pairs(close=close, derived=derived)
    return len(rows)


def _write_schedules(close: Close, found: Sequence[tuple[Derived, Besides]]) -> None:
    """Write down what runs over time from now on; an earlier version of the close may have."""
    new = [(one.books, row) for one, besides in found for row in besides.new]
    facts = [row.fact for _, row in new]
    known = set(
        Schedule.objects.filter(entity_id=close.entity_id, fact__in=facts).values_list(
            "kind", "partner", "fact"
        )
        if facts
        else ()
    )
    Schedule.objects.bulk_create(
        Schedule(
            close=close,
            entity_id=close.entity_id,
            program_id=books.id,
            kind=row.kind,
            currency=row.currency,
            partner=row.partner,
            fact=row.fact,
            amount=row.span.amount,
            from_on=row.span.from_on,
            until_on=row.span.until_on,
        )
        for books, row in new
        if (row.kind, row.partner, row.fact) not in known
    )


def _group(entry: Posted) -> tuple[str, ...]:
    return entry.program, entry.currency, entry.event, entry.policy, entry.side, entry.other


def _behind(entry: Change) -> tuple[str, ...]:
    key = entry.key
    return key.program, key.currency, entry.event, key.policy, entry.side, entry.other


def _write_cohorts(
    close: Close, derived: Sequence[Derived], made: dict[tuple[str, ...], JournalEntry]
) -> None:
    CohortEntry.objects.bulk_create(
        CohortEntry(
            **_columns(close, one, entry.key),
            close=close,
            entry=made.get(_behind(entry)),
            event=entry.event.value,
            points=entry.points,
            change=entry.change,
            share=entry.share,
            breakage=entry.breakage,
            side=entry.side,
            other=entry.other,
            cost=entry.cost,
            unclaimed=entry.unclaimed,
            transfers=one.moved.rows.get(Cause(entry.key, entry.event, entry.side, entry.other), 0),
        )
        for one in derived
        for entry in one.entries
    )
    CohortTotal.objects.bulk_create(
        CohortTotal(
            **_columns(close, one, state.key),
            close=close,
            rate=state.rate,
            issued=state.issued,
            redeemed=state.redeemed,
            expired=state.expired,
            allocated=state.allocated,
            each=state.each,
            liability=liability(state),
        )
        for one in derived
        for state in one.after.values()
    )


def _columns(close: Close, derived: Derived, key: CohortKey) -> dict[str, object]:
    return {
        "entity_id": close.entity_id,
        "program_id": derived.books.id,
        "unit": key.unit,
        "currency": key.currency,
        "issued_on": key.issued_on,
        "policy": key.policy.value,
        "funder": key.funder,
    }
