"""What must always hold of the sequence, checked by `pointbook verify` and in tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where an invariant does not hold."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Invariant:
    """A named rule: what it says, what it cannot see, and the check that lists violations."""

    name: str
    says: str
    blind_to: str
    check: Callable[[], list[Violation]]


def rows(sql: str) -> list[tuple[Any, ...]]:
    """The rows of a checking query."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def listing(sql: str, where: str, what: str) -> Callable[[], list[Violation]]:
    """A check by a query whose first column names the place and whose others fill `what`."""

    def check() -> list[Violation]:
        return [Violation(f"{where} {place}", what.format(*values)) for place, *values in rows(sql)]

    return check


ALL = (
    Invariant(
        "sequence.gap-free",
        "A program's events are numbered from 1 without a gap.",
        "Whether an event's subject is the right one.",
        listing(
            """select program_id, count(*), max(seq) from controls_outbox
            group by program_id having count(*) <> max(seq) or min(seq) <> 1""",
            "program",
            "{0} events, but the last number is {1}",
        ),
    ),
)
