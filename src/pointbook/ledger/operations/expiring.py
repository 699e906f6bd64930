"""Expire what is due: every lot whose end has come, dated its end, whenever this runs.

An expired lot is unusable from the instant it ends, because draws look at the end and not at this
task; here its points leave the balance. Points that came back after the end (a burn that was
undone) expire when they came. Raises nothing of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from pointbook.controls.clock import now
from pointbook.controls.operations import next_seq
from pointbook.ledger.queries.ended import ENDED

CHUNK: Final = 20_000


class Expired(NamedTuple):
    """How many lots and points (smallest parts) were expired."""

    lots: int
    points: int


def expire(*, program_id: int, at: datetime, entity_id: int | None = None) -> Expired:
    """Expire all lots of a program (of one entity) that have ended by `at`.

    Works in transactions of at most CHUNK lots, so that a till never waits long.
    """
    lots = points = 0
    found = CHUNK
    while found == CHUNK:
        found, done = _chunk(program_id, at, entity_id)
        lots, points = lots + done.lots, points + done.points
    return Expired(lots, points)


# The first that ended, by the index of ends, until the chunk is full; whose program they are is
# looked up lot by lot, so that no planner reads every account, nor what other chunks take.
DUE = """
with ended as materialized (
    select id, account_id, remaining, expires_at from ledger_lot l
    where remaining > 0 and expires_at <= %(at)s
    and (%(entity)s::bigint is null or entity_id = %(entity)s)
    and (select a.program_id from ledger_account a where a.id = l.account_id) = %(program)s
    order by expires_at limit %(chunk)s
)
select e.id, e.account_id, e.remaining, e.expires_at, a.unit
from ended e join ledger_account a on a.id = e.account_id
order by e.account_id, e.id
"""
# A fact may have put an end off since it was read: the accounts were not locked yet.
POST = f"""
with due as materialized (
    select e.id, e.account_id, e.remaining, a.unit, e.ended_at,
        row_number() over (order by e.ended_at, e.id) as place
    from ({ENDED}) e join ledger_account a on a.id = e.account_id
    where e.id = any(%(lots)s)
), moved as (
    select nextval('ledger_transfer_id_seq') as transfer_id, due.* from due
), transfers as (
    insert into ledger_transfer (id, program_id, seq, kind, source_id, destination_id, points,
        settled, fact_id, occurred_at, recorded_at)
    select m.transfer_id, %(program)s, %(start)s + m.place - 1, 'expiry', m.account_id, s.id,
        m.remaining, 0, null, m.ended_at, %(now)s
    from moved m join ledger_account s on s.program_id = %(program)s and s.unit = m.unit
        and s.kind = 'expired' and s.member_id is null
), draws as (
    insert into ledger_draw (transfer_id, lot_id, points, allocated)
    select transfer_id, id, remaining, 0 from moved
), announced as (
    insert into controls_outbox (program_id, seq, kind, subject, recorded_at)
    select %(program)s, %(start)s + place - 1, 'points.expired', transfer_id, %(now)s from moved
), lots as (
    update ledger_lot l set remaining = 0 from moved where l.id = moved.id
), balances as (
    update ledger_account a set balance = balance - gone.points
    from (select account_id, sum(remaining) as points from moved group by account_id) gone
    where a.id = gone.account_id
)
select count(*), coalesce(sum(remaining), 0) from moved
"""


def _chunk(program_id: int, at: datetime, entity_id: int | None) -> tuple[int, Expired]:
    asked: dict[str, Any] = {"program": program_id, "at": at, "entity": entity_id, "chunk": CHUNK}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DUE, asked)
        due = cursor.fetchall()
        if not due:
            return 0, Expired(0, 0)
        cursor.execute(
            "select id from ledger_account where id = any(%s) order by id for update",
            [sorted({row[1] for row in due})],
        )
        start = next_seq(program_id)
        cursor.execute(
            POST,
            {
                "program": program_id,
                "lots": [row[0] for row in due],
                "at": at,
                "start": start,
                "now": now(),
            },
        )
        lots, points = cursor.fetchone()
        return len(due), Expired(int(lots), int(points))
