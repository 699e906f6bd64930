"""Rules stand still while facts are judged: whoever changes them waits for the facts in flight.

Without this a fact could be judged by rates or versions older than those its number says. Raises
nothing of its own.
"""

from __future__ import annotations

from django.db import connection

RULES_LOCK = 2018
CODE_LOCK = 2024  # each kind of lock has a number of its own


def hold_rules(program_id: int) -> None:
    """Keep the program's versions and estimates as they are until the transaction ends."""
    _lock("pg_advisory_xact_lock_shared", program_id)


def change_rules(program_id: int) -> None:
    """Wait for every fact in flight, and let new ones wait until the transaction ends."""
    _lock("pg_advisory_xact_lock", program_id)


def hold_code(code: str) -> None:
    """Let nobody else publish a program of this code until the transaction ends.

    A program that is not there yet has no row to lock, and of two that begin it one must wait.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", [CODE_LOCK, code])


def _lock(function: str, program_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s, %s)", [RULES_LOCK, program_id])
