"""Everything that was posted about some members, for the rebuild. Nothing here raises."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from pointbook.ledger.models import Account


class Posted(NamedTuple):
    """A member's fact in posted order, for the rebuild."""

    member: uuid.UUID
    id: int
    seq: int
    content: str


class PostedLot(NamedTuple):
    """A lot as it stands."""

    id: int
    fact_id: int
    rule: str
    points: int
    remaining: int
    allocated: int
    starts_at: datetime | None
    expires_at: datetime | None
    policy: str
    funder: str


def posted_facts(members: Sequence[uuid.UUID]) -> list[Posted]:
    """Every fact of these members, member by member in posted order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select member_id, id, seq, content from ledger_fact
            where member_id = any(%s) order by member_id, seq""",
            [list(members)],
        )
        return [Posted(*row) for row in cursor.fetchall()]


def posted_lots(members: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[PostedLot]]:
    """Every lot of these members."""
    found: dict[uuid.UUID, list[PostedLot]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """select a.member_id, l.id, l.fact_id, l.rule, l.points, l.remaining, l.allocated,
                l.starts_at, l.expires_at, l.policy, l.funder
            from ledger_lot l join ledger_account a on a.id = l.account_id
            where a.member_id = any(%s)""",
            [list(members)],
        )
        for member, *lot in cursor.fetchall():
            found.setdefault(member, []).append(PostedLot(*lot))
    return found


class PostedExpiry(NamedTuple):
    """Points of a lot that expired, under the number at which they left it."""

    seq: int
    lot_fact_id: int
    rule: str
    points: int


def posted_expiries(members: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[PostedExpiry]]:
    """What expired of these members' lots, in posted order."""
    found: dict[uuid.UUID, list[PostedExpiry]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """select a.member_id, t.seq, l.fact_id, l.rule, d.points
            from ledger_account a join ledger_lot l on l.account_id = a.id
            join ledger_draw d on d.lot_id = l.id
            join ledger_transfer t on t.id = d.transfer_id and t.kind = 'expiry'
            and t.fact_id is null where a.member_id = any(%s) order by t.seq""",
            [list(members)],
        )
        for member, *expiry in cursor.fetchall():
            found.setdefault(member, []).append(PostedExpiry(*expiry))
    return found


def posted_owed(members: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
    """What these members owe, by unit; only those who owe."""
    debts = Account.objects.filter(member_id__in=members, kind="debt", balance__lt=0)
    owed: dict[uuid.UUID, dict[str, int]] = {}
    for member, unit, balance in debts.values_list("member_id", "unit", "balance"):
        owed.setdefault(member, {})[unit] = -balance
    return owed
