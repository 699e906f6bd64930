"""Holds as those who judge need them: open ones, and those that facts name. Nothing here raises."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from pointbook.engine.ledger.holds import Hold
from pointbook.engine.ledger.lots import FOREVER, Draw, Lot
from pointbook.engine.ledger.transfers import Booked
from pointbook.ledger.queries.burns import load_missing
from pointbook.ledger.queries.judging import Key


class Ended(NamedTuple):
    """A hold whose time is over and that nobody has let go yet."""

    key: Key
    member: uuid.UUID
    until: datetime


def holds(
    program_id: int,
    *,
    members: Sequence[uuid.UUID],
    keys: Sequence[Key],
    captures: Sequence[Key] = (),
    orders: Sequence[Key] = (),
    lots: dict[int, Lot],
) -> list[tuple[uuid.UUID, Hold]]:
    """The holds under `keys`, those that `captures` captured, and those of `members`.

    Of members they are the open ones, or those of rewards for `orders`, where some are named.

    A burn of points that was for no reward is a hold that was captured at once. `lots` are those
    that were loaded already; what is missing is loaded by one more statement and added.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            HOLDS,
            {
                "program": program_id,
                "members": list(members),
                "sources": [key[0] for key in keys],
                "ids": [key[1] for key in keys],
                "capture_sources": [key[0] for key in captures],
                "capture_ids": [key[1] for key in captures],
                "all": not orders,
                "order_sources": [key[0] for key in orders],
                "order_ids": [key[1] for key in orders],
            },
        )
        rows = [_Row(*row) for row in cursor.fetchall()]
    load_missing((lot for row in rows for lot in row.lots or ()), lots)
    return [(row.member, _hold(row, lots)) for row in rows]


class _Row(NamedTuple):
    member: uuid.UUID
    source: str
    key: str
    reward: str
    unit: str
    at: datetime
    until: datetime | None
    lapses: bool
    quantity: int
    slot: str
    order_source: str | None
    order_key: str | None
    amount: int
    review: bool
    state: str
    capture_source: str | None
    capture_key: str | None
    captured: int
    back: int
    side: str
    worth: int
    cost: int | None
    lots: list[int] | None
    drawn: list[int] | None


def _hold(row: _Row, lots: dict[int, Lot]) -> Hold:
    order = (str(row.order_source), row.order_key) if row.order_key else None
    capture = None if row.capture_key is None else (str(row.capture_source), row.capture_key)
    return Hold(
        key=(row.source, row.key),
        reward=row.reward,
        unit=row.unit,
        draws=tuple(
            Draw(lots[lot], points)
            for lot, points in zip(row.lots or (), row.drawn or (), strict=True)
        ),
        at=row.at,
        until=FOREVER if row.until is None else row.until,
        lapses=row.lapses,
        quantity=row.quantity,
        slot=row.slot,
        order=order,
        amount=row.amount,
        review=row.review,
        state=row.state,  # type: ignore[arg-type]
        capture=capture,
        captured=int(row.captured),
        back=int(row.back),
        booked=Booked(row.side, row.worth, row.cost),
    )


HOLDS = """
with named as (
    select f.id from ledger_fact f where f.program_id = %(program)s
    and (f.source, f.key) in (select * from unnest(%(sources)s::text[], %(ids)s::text[]))
), asked as (
    select fact_id from ledger_hold where member_id = any(%(members)s) and %(all)s
    and state = 'reserved'
    union
    select fact_id from ledger_hold where member_id = any(%(members)s) and not %(all)s
    and state in ('reserved', 'captured') and reward <> '' and (order_source, order_key) in
        (select * from unnest(%(order_sources)s::text[], %(order_ids)s::text[]))
    union
    select h.fact_id from named n join ledger_hold h on h.fact_id = n.id
    union
    select h.fact_id from ledger_fact f join ledger_hold h on h.capture_id = f.id
    where f.program_id = %(program)s and (f.source, f.key) in
        (select * from unnest(%(capture_sources)s::text[], %(capture_ids)s::text[]))
), found as (
    select h.member_id, f.source, f.key, h.reward, h.unit, f.occurred_at, h.until, h.lapses,
        h.quantity, h.slot, h.order_source, h.order_key, h.amount, h.review, h.state,
        c.source as capture_source, c.key as capture_key, h.captured, h.back, h.transfer_id,
        coalesce(u.side, '') as side, coalesce(u.worth, 0) as worth, u.cost
    from asked a join ledger_hold h on h.fact_id = a.fact_id join ledger_fact f on f.id = h.fact_id
    left join ledger_fact c on c.id = h.capture_id
    left join ledger_transfer u on u.fact_id = c.id and u.kind in ('burn', 'capture')
    union all
    select f.member_id, f.source, f.key, '', w.unit, f.occurred_at, null, false, 1, '',
        (f.content::jsonb #>> '{about,source}'), (f.content::jsonb #>> '{about,id}'), 0, false,
        case when r.points >= t.points then 'cancelled' else 'captured' end, f.source, f.key,
        t.points, coalesce(r.points, 0), t.id, t.side, t.worth, t.cost
    from named n join ledger_fact f on f.id = n.id
    join ledger_transfer t on t.fact_id = f.id and t.kind = 'burn'
    join ledger_account w on w.id = t.source_id
    left join lateral (select sum(points) as points from ledger_transfer
        where undoes_id = f.id) r on true
    where not exists (select from ledger_hold h where h.fact_id = f.id)
)
select h.member_id, h.source, h.key, h.reward, h.unit, h.occurred_at, h.until, h.lapses,
    h.quantity, h.slot, h.order_source, h.order_key, h.amount, h.review, h.state,
    h.capture_source, h.capture_key, h.captured, h.back, h.side, h.worth, h.cost, d.lots, d.drawn
from found h left join lateral (select array_agg(lot_id order by id) as lots,
    array_agg(points order by id) as drawn from ledger_draw
    where transfer_id = h.transfer_id) d on true
order by h.occurred_at, h.source, h.key
"""


def ended_holds(
    *, program_id: int, at: datetime, members: Sequence[uuid.UUID] | None = None, limit: int = 1000
) -> list[Ended]:
    """Holds (of these members, or of all) whose time was over by `at`, the first to end first."""
    whose = "" if members is None else "and h.member_id = any(%(members)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select f.source, f.key, h.member_id, h.until from ledger_hold h
            join ledger_fact f on f.id = h.fact_id
            where h.program_id = %(program)s and h.state = 'reserved' and h.until <= %(at)s {whose}
            order by h.until, h.fact_id limit %(limit)s""",
            {
                "program": program_id,
                "at": at,
                "limit": limit,
                "members": None if members is None else list(members),
            },
        )
        return [Ended((source, key), member, until) for source, key, member, until in cursor]


def taken_by(members: Sequence[uuid.UUID]) -> dict[int, int]:
    """How many of a reward each fact of these members reserved or took, by the fact's id."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select h.fact_id, h.quantity from ledger_fact f
            join ledger_hold h on h.fact_id = f.id
            where f.member_id = any(%s) and f.type in ('reserve', 'burn')""",
            [list(members)],
        )
        return dict(cursor.fetchall())


def fact_ids(program_id: int, keys: Sequence[Key]) -> dict[Key, int]:
    """The ids of the facts that were posted under these keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select source, key, id from ledger_fact where program_id = %s
            and (source, key) in (select * from unnest(%s::text[], %s::text[]))""",
            [program_id, [key[0] for key in keys], [key[1] for key in keys]],
        )
        return {(source, key): own for source, key, own in cursor}
