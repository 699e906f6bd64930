"""One writer of an entity's books at a time: numbers without gaps, periods in turn, one rate.

Raises nothing; it waits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import connection

BOOKS_LOCK: Final = 2019


def lock_books(entity_ids: Iterable[int]) -> None:
    """Hold the books of these entities until the transaction ends."""
    with connection.cursor() as cursor:
        for entity_id in sorted(entity_ids):
            cursor.execute("select pg_advisory_xact_lock(%s, %s)", [BOOKS_LOCK, entity_id])
