"""Rules stand still while facts are judged: whoever changes them waits for the facts in flight.

Without this a fact could be judged by rates or versions older than those its number says. Raises
nothing of its own.
"""

from __future__ import annotations

from django.db import connection

RULES_LOCK = 2018


def hold_rules(program_id: int) -> None:
    """Keep the program's versions and estimates as they are until the transaction ends."""
    _lock("pg_advisory_xact_lock_shared", program_id)


def change_rules(program_id: int) -> None:
    """Wait for every fact in flight, and let new ones wait until the transaction ends."""
    _lock("pg_advisory_xact_lock", program_id)


def _lock(function: str, program_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s, %s)", [RULES_LOCK, program_id])
