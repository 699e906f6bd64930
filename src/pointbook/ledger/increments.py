"""What a span changed of the points members hold, read in two ways that are not the movements'.

By transfers: what came out of the program's own accounts and what went into them. By lots: what was
made and drawn, and whether what remains of every lot that was touched is what its draws leave. The
cost is that of the span's own rows and of the lots they touched, however long the history; each
statement sees one moment, so nobody has to wait. Nothing here raises.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from django.db import connection

from pointbook.ledger.movements import RECOVERIES, Span


@dataclass(frozen=True, slots=True)
class Increment:
    """What a span added, of one unit: by transfers, in lots, and to what members owe.

    Lots that are held count; `transfers` are net of what is owed.
    """

    unit: str
    transfers: int = 0
    lots: int = 0
    owed: int = 0


# A row is of the span as in `movements`: by its own date, but never before the month of a lot it
# touches. So draws of lots of later months, and other entities' lots, are taken off the transfers
# (`away`), and draws of before whose lot is of the span are added (`early`). What goes from member
# to member or is only held changes nothing; what returns take back is asked for by itself.
_CHANGED: Final = """
with moved as materialized (
    select id, seq, kind, points, source_id, destination_id, fact_id
    from ledger_transfer where program_id = %(program)s and seq <= %(up_to)s
    and occurred_at >= %(start)s and occurred_at < %(end)s
    union all
    select id, seq, kind, points, source_id, destination_id, fact_id
    from ledger_transfer where program_id = %(program)s and seq <= %(up_to)s
    and occurred_at < %(start)s and seq > %(after)s
), own as (
    select id, unit from ledger_account where member_id is null and program_id = %(program)s
), passed as (
    select o.id as account_id, m.points from moved m join own o on o.id = m.source_id
    where m.kind not in ('claw_back', 'transfer_out', 'transfer_in')
    union all
    select o.id, -m.points from moved m join own o on o.id = m.destination_id
    where m.kind not in ('claw_back', 'transfer_out', 'transfer_in')
), owed as (
    select source_id as account_id, points from moved where kind = 'overdraft'
    union all
    select destination_id, -points from moved where kind = 'repayment'
), made as (
    select l.id, l.entity_id, l.issued_on, m.seq, m.source_id as account_id,
        l.remaining - l.points as gone, case m.kind when 'award' then l.points else 0 end as points
    from moved m join ledger_lot l on l.fact_id = m.fact_id and l.transfer_id = m.id
    where m.kind in ('award', 'transfer_in')
), drawn as (
    select l.id, l.entity_id, l.issued_on, l.remaining - l.points as gone,
        case when m.kind in ('refund', 'reinstatement') then m.source_id
            else m.destination_id end as account_id,
        case when m.kind in ('refund', 'reinstatement') then d.points
            when m.kind in ('burn', 'capture', 'lapse', 'expiry', 'deduction', 'repayment')
            then -d.points else 0 end as points
    from moved m join ledger_draw d on d.transfer_id = m.id join ledger_lot l on l.id = d.lot_id
    where d.transfer_id between (select min(id) from moved) and (select max(id) from moved)
), born as (
    select id from made
    where entity_id = %(entity)s and issued_on >= %(first_on)s and seq <= %(after)s
    union
    select l.id from ledger_transfer t
    join ledger_lot l on l.fact_id = t.fact_id and l.transfer_id = t.id
    where t.program_id = %(program)s and t.kind = 'transfer_in' and t.seq <= %(after)s
    and t.seq > (select min(seq) from made where issued_on >= %(first_on)s)
    and l.entity_id = %(entity)s and l.issued_on >= %(first_on)s and l.issued_on < %(until_on)s
), early as (
    select b.id, case when t.kind in ('refund', 'reinstatement') then t.source_id
            else t.destination_id end as account_id,
        case when t.kind in ('refund', 'reinstatement') then d.points
            when t.kind in ('burn', 'capture', 'lapse', 'expiry', 'deduction', 'repayment')
            then -d.points else 0 end as points
    from born b join ledger_draw d on d.lot_id = b.id join ledger_transfer t on t.id = d.transfer_id
    where t.occurred_at < %(start)s and t.seq <= %(after)s
), touched as materialized (
    select id, account_id, points, gone, entity_id = %(entity)s and issued_on < %(until_on)s as own
    from made
    union all
    select id, account_id, points, gone, entity_id = %(entity)s and issued_on < %(until_on)s
    from drawn
), off as (
    select t.account_id, t.gone + coalesce(d.points, 0) as points
    from (select id, min(account_id) as account_id, min(gone) as gone
        from touched where own group by id) t
    left join lateral (select sum(case when x.kind in ('refund', 'release', 'reinstatement')
                then -d.points else d.points end) as points
        from ledger_draw d join ledger_transfer x on x.id = d.transfer_id
        where d.lot_id = t.id and x.kind not in ('capture', 'lapse')) d on true
), changed as (
    select account_id, sum(points) as transfers, 0 as lots, 0 as owed from passed group by 1
    union all
    select account_id, sum(case when own then 0 else -points end),
        sum(case when own then points else 0 end), 0 from touched group by 1
    union all
    select account_id, sum(points), sum(points), 0 from early group by 1
    union all
    select account_id, 0, sum(points), 0 from off group by 1 having sum(points) <> 0
    union all
    select account_id, 0, 0, sum(points) from owed group by 1
)
select a.unit, sum(c.transfers), sum(c.lots), sum(c.owed)
from changed c join ledger_account a on a.id = c.account_id group by a.unit
"""
_TAKEN_BACK: Final = (
    RECOVERIES
    + """
select a.unit, sum(-t.points + coalesce(d.away, 0)), sum(-coalesce(d.own, 0))
from latest join ledger_recovery r using (id) join ledger_transfer t on t.id = r.transfer_id
join ledger_account a on a.id = t.source_id
left join lateral (select sum(d.points) filter (where l.entity_id <> %(entity)s) as away,
        sum(d.points) filter (where l.entity_id = %(entity)s) as own
    from ledger_draw d join ledger_lot l on l.id = d.lot_id where d.transfer_id = t.id) d on true
group by a.unit
"""
)


def increments(span: Span) -> dict[str, Increment]:
    """What the span added to what members hold, by unit; in at most four statements."""
    found: dict[str, Increment] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct unit from ledger_account where member_id is null and program_id = %s",
            [span.program_id],
        )
        found = {unit: Increment(unit) for (unit,) in cursor.fetchall()}
        cursor.execute(_CHANGED, span.parameters())
        for unit, transfers, lots, owed in cursor.fetchall():
            found[unit] = Increment(unit, int(transfers), int(lots), int(owed))
        cursor.execute("select from ledger_recovery limit 1")
        if cursor.fetchall():
            cursor.execute(_TAKEN_BACK, span.parameters())
            for unit, transfers, lots in cursor.fetchall():
                known = found.get(unit) or Increment(unit)
                found[unit] = replace(
                    known,
                    transfers=known.transfers + int(transfers),
                    lots=known.lots + int(lots),
                )
    return dict(sorted(found.items()))
