"""What the ledger itself says about a period, for the books to be tied to. Nothing here raises.

Balances and lots are kept as they stand now; what moved after the period is taken off again, so a
close that comes late is tied as well as one that comes in time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import connection

from pointbook.controls.operations import hold_sequence
from pointbook.controls.queries import last_seq
from pointbook.engine.revenue.cohorts import Movement
from pointbook.ledger.movements import EVER, FLOWS, Span, movements

NO_END: Final = 2**62
TRIES: Final = 2


@dataclass(frozen=True, slots=True)
class Holdings:
    """Points of one unit at the end of a span: in lots, owed by members, in their balances."""

    unit: str
    lots: int
    owed: int
    balances: int


@dataclass(frozen=True, slots=True)
class Sales:
    """The sales of a span, minor units: as their facts were received, and as they were posted.

    `burns` are facts that used points, at once or by capturing what was held.
    """

    baskets: int
    burns: int
    others: int
    late: int
    received: int
    posted: int


def following(span: Span) -> Span:
    """Everything that came after a span."""
    return replace(span, first_on=span.until_on, until_on=EVER, after=span.up_to, up_to=NO_END)


# Reads every lot and balance there is: closes carry on from each other (see `increments`), and this
# is what they are proven by. What is held for a redemption is outstanding, too: it lies in no lot,
# but is not used.
_NOW: Final = """
with lying as (
    select w.unit, l.entity_id, l.remaining as points from ledger_lot l
    join ledger_account w on w.id = l.account_id
    where l.remaining > 0 and w.program_id = %(program)s
    union all
    select h.unit, l.entity_id, d.points from ledger_hold h
    join ledger_draw d on d.transfer_id = h.transfer_id join ledger_lot l on l.id = d.lot_id
    where h.state = 'reserved' and h.program_id = %(program)s
)
select a.unit,
    (select coalesce(sum(points), 0) from lying
        where unit = a.unit and entity_id = %(entity)s),
    (select coalesce(sum(points), 0) from lying
        where unit = a.unit and entity_id <> %(entity)s),
    -coalesce(sum(a.balance) filter (where a.kind = 'debt'), 0),
    coalesce(sum(a.balance), 0)
from ledger_account a where a.program_id = %(program)s group by a.unit order by a.unit
"""
_OWED_SINCE: Final = (
    FLOWS
    + """
select a.unit, sum(case t.kind when 'overdraft' then t.points else -t.points end)
from moved m join ledger_transfer t on t.id = m.id join ledger_account a on a.id = t.destination_id
where m.kind in ('overdraft', 'repayment') group by a.unit
"""
)


def holdings(span: Span) -> list[Holdings]:
    """What members held at the end of the span, by unit: all lots and balances are counted.

    What is posted while this reads would stand on one side only, so it reads again then; at last
    it holds the sequence, and the tills wait until the transaction ends.
    """
    for _ in range(TRIES):
        seen = last_seq(span.program_id)
        found = _holdings(span)
        if last_seq(span.program_id) == seen:
            return found
    hold_sequence(span.program_id)
    return _holdings(span)


def _holdings(span: Span) -> list[Holdings]:
    """Balances know no entity: what lies in lots of other entities is taken off them."""
    later = following(span)
    moved: dict[str, int] = {}
    for movement in movements(later).by_cohort:
        unit = movement.key.unit
        moved[unit] = moved.get(unit, 0) + _net(movement)
    with connection.cursor() as cursor:
        cursor.execute(_OWED_SINCE, later.parameters())
        owed_since = {unit: int(points) for unit, points in cursor.fetchall()}
        cursor.execute(_NOW, later.parameters())
        found = []
        for unit, lots, elsewhere, owed, balances in cursor.fetchall():
            since, debts = moved.get(unit, 0), owed_since.get(unit, 0)
            found.append(
                Holdings(
                    unit=unit,
                    lots=int(lots) - since,
                    owed=int(owed) - debts,
                    balances=int(balances) - int(elsewhere) - since + debts,
                )
            )
        return found


def _net(movement: Movement) -> int:
    """The points that a movement added to lots."""
    taken = movement.burned + movement.expired + movement.clawed_back + movement.repaid
    back = movement.cancelled_burns + movement.reinstated
    return movement.issued + back - taken


_SALES: Final = """
select count(*) filter (where type = 'purchase'),
    count(*) filter (where type in ('burn', 'capture')),
    count(*) filter (where type not in ('purchase', 'burn', 'capture')),
    count(*) filter (where occurred_at < %(start)s),
    coalesce(sum(sign * coalesce((content::json ->> 'total')::bigint, 0)), 0),
    coalesce(sum(sign * total), 0)
from (
    select type, occurred_at, content, total,
        case type when 'purchase' then 1 when 'return' then -1 else 0 end as sign
    from ledger_fact where program_id = %(program)s and entity_id = %(entity)s
    and occurred_at >= %(start)s and occurred_at < %(end)s and seq <= %(up_to)s
    union all
    select type, occurred_at, content, total,
        case type when 'purchase' then 1 when 'return' then -1 else 0 end
    from ledger_fact where program_id = %(program)s and entity_id = %(entity)s
    and occurred_at < %(start)s and seq > %(after)s and seq <= %(up_to)s
) facts
"""


def sales(span: Span) -> Sales:
    """How many facts the span has, and what its sales less returns came to."""
    with connection.cursor() as cursor:
        cursor.execute(_SALES, span.parameters())
        return Sales(*(int(figure) for figure in cursor.fetchone()))


@dataclass(frozen=True, slots=True)
class LateFact:
    """A fact of an earlier month that came after that month's close."""

    source: str
    id: str
    type: str
    occurred_at: datetime
    recorded_at: datetime
    total: int


def late_facts(span: Span, *, limit: int = 100) -> list[LateFact]:
    """The span's late facts, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select source, key, type, occurred_at, recorded_at, total from ledger_fact
            where program_id = %(program)s and entity_id = %(entity)s
            and occurred_at < %(start)s and seq > %(after)s and seq <= %(up_to)s
            order by occurred_at, id limit %(limit)s""",
            {**span.parameters(), "limit": limit},
        )
        return [LateFact(*row) for row in cursor.fetchall()]


# What was posted first bounds what happened first: block ranges then skip nearly all the rest.
_FIRST: Final = """
select p.id, (select min(f.occurred_at) from ledger_fact f
    where f.program_id = p.id and f.entity_id = %(entity)s and f.occurred_at <= p.at)
from (select g.id, (select f.occurred_at from ledger_fact f where f.program_id = g.id
        and f.entity_id = %(entity)s order by f.seq limit 1) as at
    from programs_program g) p
where p.at is not null
"""


def first_facts(entity_id: int) -> dict[int, datetime]:
    """When the first fact of an entity happened, by program id."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, {"entity": entity_id})
        return dict(cursor.fetchall())


def fact_count(program_id: int) -> int:
    """How many facts a program has."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from ledger_fact where program_id = %s", [program_id])
        return int(cursor.fetchone()[0])
