"""Purchases that came after a late fact, where the program judges them again. Nothing raises."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection


class Bought(NamedTuple):
    """A purchase as it was posted: whose, under which key, and its content."""

    member: uuid.UUID
    source: str
    key: str
    content: str


def purchases_after(since: Mapping[uuid.UUID, datetime]) -> list[Bought]:
    """The purchases of these members that happened later than an instant of each, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select f.member_id, f.source, f.key, f.content
            from unnest(%s::uuid[], %s::timestamptz[]) as s(member_id, at)
            join ledger_fact f on f.member_id = s.member_id and f.occurred_at > s.at
            where f.type = 'purchase' order by f.member_id, f.occurred_at, f.key""",
            [list(since), list(since.values())],
        )
        return [Bought(*row) for row in cursor.fetchall()]


class Again(NamedTuple):
    """A fact by which a purchase was judged again, and the rules whose awards it replaced."""

    id: int
    purchase_id: int
    rules: Sequence[str]


def re_evaluated(facts: Sequence[int]) -> list[Again]:
    """The facts by which these purchases were judged again."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select id, returns_id, array(select award ->> 'rule'
                from jsonb_array_elements(content::jsonb -> 'attributes' -> 'awards') award)
            from ledger_fact where returns_id = any(%s) and type = 're_evaluated' order by id""",
            [list(facts)],
        )
        return [Again(*row) for row in cursor.fetchall()]
