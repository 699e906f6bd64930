"""What is behind a figure: the cohorts that events of a close moved, and entries by hand.

Also where nothing was posted, as for expected expiry. Raises CloseNotFound, EntityNotFound and
PeriodError.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pointbook.accounting.models import CohortEntry, JournalEntry
from pointbook.accounting.queries.books import close_of, entity
from pointbook.accounting.queries.journals import entry_code
from pointbook.engine.revenue.policies import ACCOUNTS_OWED, Policy


@dataclass(frozen=True, slots=True)
class Moved:
    """What one event did to one cohort: points in smallest parts, the liability in minor units.

    `entry` is the journal entry's id, None where nothing was posted.
    """

    id: int
    entry: int | None
    issued_on: date
    unit: str
    currency: str
    points: int
    change: int
    rows: int


def behind(
    *,
    period: str,
    events: Iterable[str],
    entity_code: str = "main",
    program: str = "",
    unit: str = "",
    account: str = "",
    version: int | None = None,
) -> list[Moved]:
    """The cohorts behind a figure, oldest issue first; '' leaves a selection out.

    :raises CloseNotFound: the period was never drawn up, or has no such version.
    """
    close = close_of(entity_code=entity_code, period=period, version=version)
    found = CohortEntry.objects.filter(close=close, event__in=list(events))
    if program:
        found = found.filter(program__code=program)
    if unit:
        found = found.filter(unit=unit)
    return [
        Moved(
            id=row.id,
            entry=row.entry_id,
            issued_on=row.issued_on,
            unit=row.unit,
            currency=row.currency,
            points=row.points,
            change=row.change,
            rows=row.transfers,
        )
        for row in found.order_by("issued_on", "id")
        if not account or ACCOUNTS_OWED[Policy(row.policy)] == account
    ]


@dataclass(frozen=True, slots=True)
class ByHand:
    """Entries by hand: their codes by the number of their proposal, and which were taken back."""

    codes: Mapping[int, str]
    reversed: frozenset[str]


def by_hand(*, entity_code: str = "main") -> ByHand:
    """The entries that people posted in an entity's books.

    :raises EntityNotFound: no such entity.
    """
    rows = JournalEntry.objects.filter(entity=entity(entity_code), proposal__isnull=False)
    found = list(rows.select_related("period", "proposal", "reverses__period"))
    return ByHand(
        codes={row.proposal.number: _code(row) for row in found if row.proposal},
        reversed=frozenset(_code(row.reverses) for row in found if row.reverses),
    )


def _code(row: JournalEntry) -> str:
    return entry_code(row.journal, row.period.code, row.number)
