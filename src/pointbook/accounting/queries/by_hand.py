"""The entries that people posted by hand: what each is called, and which were taken back.

Raises EntityNotFound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pointbook.accounting.models import JournalEntry
from pointbook.accounting.queries.books import entity
from pointbook.accounting.queries.journals import entry_code


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
