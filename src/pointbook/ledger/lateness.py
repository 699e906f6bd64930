"""Redemptions that came after the books of their month were closed, by the month they are of.

The books take them in later; the age at which points were used stays what it was. One statement,
whatever the number of closes. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from django.db import connection

from pointbook.ledger.movements import Span


class LateUse(NamedTuple):
    """Points of a cohort used in `month_on`, net of cancelled burns, but booked in `booked_on`."""

    entity_id: int
    unit: str
    currency: str
    issued_on: date
    policy: str
    funder: str
    booked_on: date
    month_on: date
    points: int


# A fact is found by its number; only those that occurred before the span they are read in go on.
_LATE: Final = """
with span as (
    select * from unnest(%(entities)s::bigint[], %(firsts)s::date[], %(starts)s::timestamptz[],
        %(afters)s::bigint[], %(ups)s::bigint[])
    as s(entity_id, first_on, start_at, after, up_to)
)
select s.entity_id, a.unit, l.currency, l.issued_on, l.policy, l.funder, s.first_on,
    greatest(date_trunc('month', t.occurred_at at time zone %(zone)s)::date, l.issued_on),
    sum(case t.kind when 'refund' then -d.points else d.points end)
from span s
join ledger_fact f on f.program_id = %(program)s and f.seq > s.after and f.seq <= s.up_to
    and f.occurred_at < s.start_at
join ledger_transfer t on t.fact_id = f.id and t.kind in ('burn', 'capture', 'refund')
    and t.occurred_at < s.start_at
join ledger_draw d on d.transfer_id = t.id
join ledger_lot l on l.id = d.lot_id and l.entity_id = s.entity_id and l.issued_on < s.first_on
join ledger_account a on a.id = l.account_id
group by 1, 2, 3, 4, 5, 6, 7, 8
"""


def late_uses(spans: Sequence[Span]) -> list[LateUse]:
    """The late redemptions that these spans of one program read."""
    if not spans:
        return []
    asked: dict[str, Any] = {
        "program": spans[0].program_id,
        "zone": str(spans[0].zone),
        "entities": [span.entity_id for span in spans],
        "firsts": [span.first_on for span in spans],
        "starts": [span.start for span in spans],
        "afters": [span.after for span in spans],
        "ups": [span.up_to for span in spans],
    }
    with connection.cursor() as cursor:
        cursor.execute(_LATE, asked)
        return [LateUse._make([*row[:-1], int(row[-1])]) for row in cursor.fetchall()]
