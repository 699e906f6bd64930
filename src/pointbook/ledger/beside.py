"""What the books want of facts beside the cohorts: tenders, full sales, fees, points sold.

Every function is one statement and reads one span (see `movements.Span`). Nothing here raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db import connection

from pointbook.engine.values.facts import Fact, restore
from pointbook.ledger.movements import Span

MEMBERSHIP: Final = "membership"
POINTS_SALE: Final = "points_sale"
# What gives a fee back: the days left, or all of it.
GIVEN_BACK: Final = ("return", "cancel", "void")


class Sold(NamedTuple):
    """The sales less the returns of a span, minor units: without tax, and the tax.

    What gift cards paid is left out: it is revenue of their cohorts. `points` is what points paid.
    """

    net: int
    tax: int
    points: int
    facts: int


class Paid(NamedTuple):
    """What points paid of bills in a span, minor units, and how many redemptions did."""

    worth: int
    rows: int


@dataclass(frozen=True, slots=True)
class Told:
    """A fact with its ids; `about_id` is the fact that it takes back."""

    id: int
    about_id: int | None
    occurred_at: datetime
    fact: Fact


# What belongs to a span: its months' own in time, and of earlier ones what came late.
_IN_SPAN: Final = """{0}.seq <= %(up_to)s and (({0}.occurred_at >= %(start)s
    and {0}.occurred_at < %(end)s) or ({0}.occurred_at < %(start)s and {0}.seq > %(after)s))"""
_PAID_WITH: Final = """coalesce((select sum((t ->> 'amount')::bigint) from json_array_elements(
    f.content::json -> 'tenders') t where t ->> 'kind' = '{0}'), 0)"""
_SOLD: Final = f"""
select coalesce(sum(sign * (total - tax - cards)), 0), coalesce(sum(sign * tax), 0),
    coalesce(sum(sign * points), 0), count(*)
from (
    select case f.type when 'purchase' then 1 else -1 end as sign, f.total, f.tax,
        {_PAID_WITH.format("stored_value")} as cards, {_PAID_WITH.format("points")} as points
    from ledger_fact f where f.program_id = %(program)s and f.entity_id = %(entity)s
    and {_IN_SPAN.format("f")}
    and f.type in ('purchase', 'return') and (f.type = 'purchase' or not exists (
        select from ledger_fact p where p.id = f.returns_id and p.type <> 'purchase'))
) sold
"""
_TENDERED: Final = f"""
select coalesce(sum(case t.kind when 'refund' then -t.worth else t.worth end), 0), count(*)
from ledger_transfer t join ledger_fact x on x.id = coalesce(t.undoes_id, t.fact_id)
where t.program_id = %(program)s and {_IN_SPAN.format("t")}
and t.kind in ('burn', 'capture', 'refund') and t.side = 'tender' and x.entity_id = %(entity)s
"""
# Fees and points sold are few and have an index of their own; what takes one back names it, once.
_TOLD: Final = f"""
with paid as (
    select id, seq, occurred_at, content, null::bigint as about_id from ledger_fact
    where program_id = %(program)s and entity_id = %(entity)s
    and type in ('membership', 'points_sale') and type = any(%(types)s)
)
select p.id, p.about_id, p.occurred_at, p.content from paid p where {_IN_SPAN.format("p")}
union all
select f.id, f.returns_id, f.occurred_at, f.content
from paid p join ledger_fact f on f.returns_id = p.id
where f.type = any(%(back)s) and {_IN_SPAN.format("f")} and not exists (
    select from ledger_fact e
    where e.returns_id = p.id and e.type = any(%(back)s) and e.seq < f.seq)
order by 3, 1
"""


def sold(span: Span) -> Sold:
    """The sales of a span, less its returns of purchases."""
    with connection.cursor() as cursor:
        cursor.execute(_SOLD, span.parameters())
        return Sold(*(int(figure) for figure in cursor.fetchone()))


def tendered(span: Span) -> Paid:
    """What points paid of bills at the entity, less what came back."""
    with connection.cursor() as cursor:
        cursor.execute(_TENDERED, span.parameters())
        return Paid(*(int(figure) for figure in cursor.fetchone()))


def told(span: Span, *types: str) -> list[Told]:
    """The facts of these types and what takes them back, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, {**span.parameters(), "types": list(types), "back": list(GIVEN_BACK)})
        return [
            Told(number, about, at, restore(content, member=None))
            for number, about, at, content in cursor.fetchall()
        ]
