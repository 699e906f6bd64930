"""Points that may come back: burns for orders, and what expired lately. Nothing here raises.

They name lots that are empty now. `lots` are those that were loaded already, by id; what is missing
is loaded by one more statement and added, so that a lot is one object however it is reached.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from pointbook.engine.ledger.lots import Draw, Gone, Lot
from pointbook.engine.ledger.transfers import Booked
from pointbook.engine.replay.member import Burned
from pointbook.ledger.queries.judging import Key
from pointbook.ledger.queries.judging import lots as load


class Order(NamedTuple):
    """An order by its key, and a member who may have burned points for it."""

    key: Key
    member: uuid.UUID


def burned(
    program_id: int, orders: Sequence[Order], *, lots: dict[int, Lot]
) -> dict[Order, list[Burned]]:
    """The burns of members for orders, in posted order, with what came back of them since.

    A burn may have been posted before its order, and for somebody else's.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            BURNED,
            {
                "program": program_id,
                "sources": [order.key[0] for order in orders],
                "ids": [order.key[1] for order in orders],
                "members": [order.member for order in orders],
            },
        )
        rows = cursor.fetchall()
    load_missing((lot for row in rows for lot in row[6]), lots)
    found: dict[Order, list[Burned]] = {}
    for source, key, member, burn_source, burn_key, unit, drawn, points, back, *booked in rows:
        draws = tuple(Draw(lots[lot], count) for lot, count in zip(drawn, points, strict=True))
        burn = Burned((burn_source, burn_key), unit, draws, int(back), Booked(*booked))
        found.setdefault(Order((source, key), member), []).append(burn)
    return found


# Captures name their reservation, and that the order; burns name the order themselves.
BURNED = """
select o.source, o.key, o.member_id, b.source, b.key, a.unit, array_agg(d.lot_id order by d.id),
    array_agg(d.points order by d.id), coalesce(max(r.points), 0), t.side, t.worth, t.cost
from unnest(%(sources)s::text[], %(ids)s::text[], %(members)s::uuid[])
    as o(source, key, member_id)
join lateral (
    select b.id, b.seq, b.source, b.key from ledger_fact b
    where b.program_id = %(program)s and b.member_id = o.member_id and b.type = 'burn'
    and b.content::jsonb -> 'about' = jsonb_build_object('source', o.source, 'id', o.key)
    union all
    select c.id, c.seq, c.source, c.key from ledger_hold h join ledger_fact c on c.id = h.capture_id
    where h.member_id = o.member_id and h.program_id = %(program)s
    and h.order_source = o.source and h.order_key = o.key and c.type <> 'burn'
) b on true
join ledger_transfer t on t.fact_id = b.id and t.kind in ('burn', 'capture')
join ledger_account a on a.id = t.source_id
join ledger_draw d on d.transfer_id = t.id
left join lateral (select sum(points) as points from ledger_transfer
    where undoes_id = b.id) r on true
group by o.source, o.key, o.member_id, b.id, b.seq, b.source, b.key, a.unit, t.side, t.worth, t.cost
order by b.seq
"""


class Burn(NamedTuple):
    """A posted burn: its fact's id, and when its points left."""

    id: int
    at: datetime


def burns(program_id: int, keys: Sequence[Key]) -> dict[Key, Burn]:
    """The burns that were posted under these keys (source, id)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select f.source, f.key, f.id, max(t.occurred_at) from ledger_fact f
            join ledger_transfer t on t.fact_id = f.id and t.kind in ('burn', 'capture')
            where f.program_id = %s
            and (f.source, f.key) in (select * from unnest(%s::text[], %s::text[]))
            group by f.id""",
            [program_id, [source for source, _ in keys], [own for _, own in keys]],
        )
        return {(source, key): Burn(own, at) for source, key, own, at in cursor.fetchall()}


def gone(
    members: Sequence[uuid.UUID], *, since: datetime, lots: dict[int, Lot]
) -> dict[tuple[uuid.UUID, str], list[Gone]]:
    """What expired of these members' points at `since` or later and did not come back, by unit.

    In the order in which it expired. A reinstatement brings back what expired last.
    """
    with connection.cursor() as cursor:
        cursor.execute(GONE, [list(members)])
        rows = cursor.fetchall()
    left: dict[int, list[tuple[datetime, int]]] = {}
    owners: dict[int, tuple[uuid.UUID, str]] = {}
    for member, unit, lot, points, at, kind in rows:
        of_lot = left.setdefault(lot, [])
        owners[lot] = member, unit
        if kind == "expiry":
            of_lot.append((at, points))
            continue
        back = points
        while back > 0:
            back -= of_lot.pop()[1]
    ended = sorted(
        (at, lot, points) for lot, parts in left.items() for at, points in parts if at >= since
    )
    load_missing((lot for _, lot, _ in ended), lots)
    found: dict[tuple[uuid.UUID, str], list[Gone]] = {}
    for at, lot, points in ended:
        found.setdefault(owners[lot], []).append(Gone(lots[lot], points, at))
    return found


GONE = """
select a.member_id, a.unit, d.lot_id, d.points, t.occurred_at, t.kind
from ledger_account a join ledger_lot l on l.account_id = a.id
join ledger_draw d on d.lot_id = l.id join ledger_transfer t on t.id = d.transfer_id
where a.member_id = any(%s) and t.kind in ('expiry', 'reinstatement') order by t.seq, d.id
"""


def load_missing(wanted: Iterable[int], lots: dict[int, Lot]) -> None:
    """Add the lots that are wanted and were not loaded, by one statement at most."""
    missing = sorted({lot for lot in wanted if lot not in lots})
    if missing:
        lots.update((one.lot.id, one.lot) for one in load([], [], ids=missing))
