"""What moved in the cohorts of an entity: the ledger's rows as the books want them.

A movement belongs to the month in which it occurred (program's zone), but never to one before the
month of a lot it touches: a burn that arrives late may draw points earned after it. Points that go
to another member stay in their cohort and are no movement of it. Redemptions are told apart by
their side and by the entity where they happened, when it is not that of the lot; what one cost is
shared over its draws. Every function is a fixed number of statements, whatever the number of
members. Nothing here raises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from itertools import groupby
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from pointbook.engine.revenue.cohorts import CohortKey, Drawn, Movement, Use, claw_back, merge
from pointbook.engine.revenue.matrix import BY_SIDE
from pointbook.engine.revenue.policies import Event, Policy
from pointbook.engine.values.calendar import midnight

EVER: Final = date(9000, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which movements of an entity and program count.

    Those of the months from `first_on` to before `until_on` posted up to number `up_to` of the
    program's sequence, and those of earlier months with a number above `after`: they came late.
    """

    entity_id: int
    entity: str
    program_id: int
    program: str
    zone: tzinfo
    first_on: date
    until_on: date
    after: int
    up_to: int

    @property
    def start(self) -> datetime:
        """The instant at which the span begins."""
        return midnight(self.first_on, self.zone)

    @property
    def end(self) -> datetime:
        """The instant before which it ends."""
        return midnight(self.until_on, self.zone)

    def parameters(self) -> dict[str, Any]:
        """What the statements ask for."""
        return {
            "entity": self.entity_id,
            "program": self.program_id,
            "start": self.start,
            "end": self.end,
            "first_on": self.first_on,
            "until_on": self.until_on,
            "after": self.after,
            "up_to": self.up_to,
        }


class Cause(NamedTuple):
    """What moved a cohort: the event, and for redemptions their side and the entity where."""

    key: CohortKey
    event: Event
    side: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Movements:
    """One movement per cohort, and how many rows of the ledger stand behind each cause."""

    by_cohort: tuple[Movement, ...]
    rows: Mapping[Cause, int]

    def count(self, event: Event, policy: Policy | None = None) -> int:
        """The rows behind one event, all cohorts (of a policy) together."""
        return sum(
            count
            for cause, count in self.rows.items()
            if cause.event is event and policy in (None, cause.key.policy)
        )


# Transfers of the span; the lots they made; what they drew. `early` occurred before the span, but
# drew points that were awarded only inside it: such lots were `born` before it, too, perhaps as
# parts of others that another member handed over. The bounds of the draws say nothing new, but
# keep a planner from merging the month's transfers with every draw there ever was.
FLOWS: Final = """
with moved as (
    select id, seq, kind, source_id, destination_id, fact_id, settled, occurred_at,
        side, cost, coalesce(undoes_id, fact_id) as used_id
    from ledger_transfer where program_id = %(program)s and seq <= %(up_to)s
    and occurred_at >= %(start)s and occurred_at < %(end)s
    union all
    select id, seq, kind, source_id, destination_id, fact_id, settled, occurred_at,
        side, cost, coalesce(undoes_id, fact_id) as used_id
    from ledger_transfer where program_id = %(program)s and seq <= %(up_to)s
    and occurred_at < %(start)s and seq > %(after)s
), issued as (
    select m.id as transfer_id, m.seq, m.kind, m.source_id as account_id, m.occurred_at,
        0 as settled, l.id, l.currency, l.issued_on, l.policy, l.funder, l.points, l.allocated,
        m.side, m.cost, m.used_id, 0::bigint as draw_id
    from moved m join ledger_lot l on l.fact_id = m.fact_id and l.transfer_id = m.id
    where m.kind = 'award' and l.entity_id = %(entity)s
), born as (
    select id, currency, issued_on, policy, funder from issued
    where issued_on >= %(first_on)s and seq <= %(after)s
    union all
    select l.id, l.currency, l.issued_on, l.policy, l.funder
    from ledger_transfer t join ledger_lot l on l.fact_id = t.fact_id and l.transfer_id = t.id
    where t.program_id = %(program)s and t.kind = 'transfer_in' and t.seq <= %(after)s
    and t.seq > (select min(seq) from issued where issued_on >= %(first_on)s)
    and l.entity_id = %(entity)s and l.issued_on >= %(first_on)s and l.issued_on < %(until_on)s
), early as (
    select t.id as transfer_id, t.seq, t.kind, t.destination_id, t.occurred_at,
        t.settled, b.id, b.currency, b.issued_on, b.policy, b.funder, d.points, d.allocated,
        t.side, t.cost, coalesce(t.undoes_id, t.fact_id), d.id as draw_id
    from born b join ledger_draw d on d.lot_id = b.id
    join ledger_transfer t on t.id = d.transfer_id
    where t.occurred_at < %(start)s and t.seq <= %(after)s
), flow as (
    select * from issued
    union all
    select * from early
    union all
    select m.id, m.seq, m.kind, m.destination_id, m.occurred_at,
        m.settled, l.id, l.currency, l.issued_on, l.policy, l.funder, d.points, d.allocated,
        m.side, m.cost, m.used_id, d.id
    from moved m join ledger_draw d on d.transfer_id = m.id join ledger_lot l on l.id = d.lot_id
    where l.entity_id = %(entity)s and l.issued_on < %(until_on)s
    and d.transfer_id between (select min(id) from moved) and (select max(id) from moved)
)
"""
# Where points were used, when it is not at the entity of the lot; only asked where there are two.
_OTHER: Final = """case when f.kind in ('burn', 'capture', 'refund')
    and (select count(*) > 1 from programs_entity)
    then coalesce((select e.code from ledger_fact x join programs_entity e on e.id = x.entity_id
        where x.id = f.used_id and x.entity_id <> %(entity)s), '') else '' end"""
# By account first: most stand on the few of the program, and nobody has to read all of them.
_SUMS: Final = (
    FLOWS
    + f"""
, sums as (
    select f.account_id, f.currency, f.issued_on, f.policy, f.funder, f.kind, f.side,
        {_OTHER} as other, sum(f.points) as points, sum(f.allocated) as allocated,
        sum(f.settled) as settled, count(*) as rows,
        coalesce(sum(f.points) filter (where f.cost is null), 0) as bare, count(f.cost) as costed
    from flow f where f.kind not in ('claw_back', 'transfer_out', 'hold', 'release')
    group by 1, 2, 3, 4, 5, 6, 7, 8
)
select a.unit, s.currency, s.issued_on, s.policy, s.funder, s.kind, s.side, s.other,
    sum(s.points), sum(s.allocated), sum(s.settled), sum(s.rows), sum(s.bare), sum(s.costed)
from sums s join ledger_account a on a.id = s.account_id
group by 1, 2, 3, 4, 5, 6, 7, 8
"""
)
# A redemption's cost over all of its draws, by points: rounded on the running total, so that the
# shares add up to it, also where some are another entity's or another month's.
_COSTS: Final = (
    FLOWS
    + f"""
, costed as (
    select distinct transfer_id, cost from flow where cost is not null
), running as (
    select d.id, c.cost, d.points,
        sum(d.points) over (partition by c.transfer_id order by d.id) as so_far,
        sum(d.points) over (partition by c.transfer_id) as whole
    from costed c join ledger_draw d on d.transfer_id = c.transfer_id
), shared as (
    select id, div(2 * cost * so_far + whole, 2 * whole)
        - div(2 * cost * (so_far - points) + whole, 2 * whole) as cost from running
)
select a.unit, f.currency, f.issued_on, f.policy, f.funder, f.kind, f.side, {_OTHER}, sum(s.cost)
from flow f join shared s on s.id = f.draw_id join ledger_account a on a.id = f.account_id
group by 1, 2, 3, 4, 5, 6, 7, 8
"""
)
# What takes back belongs to one month as a whole: the latest of its own and those of the lots it
# touches. Returns, cancellations and voids ask back; purchases and burns, the many, never do.
RECOVERIES: Final = (
    FLOWS  # constants only: what is asked for goes in as parameters
    + """
, asked as (
    select r.id from moved m
    join ledger_recovery r on r.fact_id = m.fact_id and r.transfer_id = m.id
    where m.kind = 'claw_back'
    union
    select r.id from ledger_fact f join ledger_recovery r on r.fact_id = f.id
    where f.program_id = %(program)s and f.type not in ('purchase', 'burn')
    and r.transfer_id is null and f.seq <= %(up_to)s
    and f.occurred_at >= %(start)s and f.occurred_at < %(end)s
    union
    select r.id from ledger_fact f join ledger_recovery r on r.fact_id = f.id
    where f.program_id = %(program)s and f.type not in ('purchase', 'burn')
    and r.transfer_id is null and f.seq <= %(up_to)s
    and f.occurred_at < %(start)s and f.seq > %(after)s
    union
    select r.id from born b join ledger_recovery r on r.lot_id = b.id
    join ledger_fact f on f.id = r.fact_id left join ledger_transfer t on t.id = r.transfer_id
    where coalesce(t.occurred_at, f.occurred_at) < %(start)s and f.seq <= %(after)s
    union
    select r.id from early e join ledger_transfer t on t.id = e.transfer_id
    join ledger_recovery r on r.fact_id = t.fact_id and r.transfer_id = t.id
    where e.kind = 'claw_back'
), latest as (
    select r.id from asked join ledger_recovery r using (id) join ledger_lot l on l.id = r.lot_id
    where r.points > 0 and l.issued_on < %(until_on)s and not exists (
        select from ledger_draw d join ledger_lot w on w.id = d.lot_id
        where d.transfer_id = r.transfer_id and w.issued_on >= %(until_on)s)
    and (l.entity_id = %(entity)s or exists (
        select from ledger_draw d join ledger_lot w on w.id = d.lot_id
        where d.transfer_id = r.transfer_id and w.entity_id = %(entity)s))
)
"""
)
_RECOVERED: Final = (
    RECOVERIES
    + """
select r.id, a.unit, l.currency, l.issued_on, l.policy, l.funder, l.entity_id,
    w.currency, w.issued_on, w.policy, w.funder, w.entity_id,
    r.share, r.points, r.owed > 0 and not r.carried, d.points, d.allocated
from latest join ledger_recovery r using (id)
join ledger_lot l on l.id = r.lot_id join ledger_account a on a.id = l.account_id
left join ledger_draw d on d.transfer_id = r.transfer_id
left join ledger_lot w on w.id = d.lot_id
order by r.id, d.id
"""
)
# Kind of transfer -> the event it is, and the movement's fields of points, allocated, settled.
_FIELDS: Final[Mapping[str, tuple[Event, tuple[str, ...]]]] = {
    "award": (Event.NEW, ("issued", "allocated")),
    "burn": (Event.BURN, ("burned",)),
    "capture": (Event.BURN, ("burned",)),
    "lapse": (Event.EXPIRY, ("expired",)),
    "refund": (Event.CANCELLED_BURN, ("cancelled_burns",)),
    "expiry": (Event.EXPIRY, ("expired",)),
    "deduction": (Event.EXPIRY, ("expired",)),
    "reinstatement": (Event.REINSTATEMENT, ("reinstated",)),
    "repayment": (Event.REPAYMENT, ("repaid", "repaid_allocated", "settled")),
}


def movements(span: Span) -> Movements:
    """What moved in each cohort of the span, in three statements; costs of redemptions, a fourth.

    A redemption without a known cost counts as uncosted points.
    """
    counts: Counter[Cause] = Counter()
    found: list[Movement] = []
    any_cost = 0
    for *key, kind, side, other, points, allocated, settled, count, bare, costed in _rows(
        _SUMS, span
    ):
        event, names = _FIELDS[kind]
        cohort = cohort_key(span, key)
        figures = (int(points), int(allocated), int(settled))
        uses: tuple[Use, ...] = ()
        if kind in _USED and (side or other or costed):
            uses = (_use(kind, Use(side, other, burned=int(points), uncosted=int(bare))),)
        figured: dict[str, int] = dict(zip(names, figures, strict=False))
        found.append(Movement(key=cohort, uses=uses, **figured))
        counts[Cause(cohort, event, side, other)] += int(count)
        any_cost += int(costed)
    for *key, kind, side, other, cost in _rows(_COSTS, span) if any_cost else ():
        use = _use(kind, Use(side, other, cost=int(cost)))
        found.append(Movement(key=cohort_key(span, key), uses=(use,)))
    # Most programs see few returns, and asking for them reads as much as all the rest.
    if _rows("select from ledger_recovery limit 1", span):
        for movement, event in _recoveries(span):
            found.append(movement)
            counts[Cause(movement.key, event)] += 1
    return Movements(merge(found), counts)


_USED: Final = frozenset({"burn", "capture", "refund"})


def _use(kind: str, use: Use) -> Use:
    """A use as it stands for a burn; of a refund, it is what comes back."""
    if kind != "refund":
        return use
    return Use(use.side, use.other, back=use.burned, cost_back=use.cost, uncosted_back=use.uncosted)


def _recoveries(span: Span) -> Iterator[tuple[Movement, Event]]:
    """The movements of returns, one return of one award after the other.

    A claw-back may find points of another entity: that part is in the other entity's books.
    """
    for _, group in groupby(_rows(_RECOVERED, span), key=lambda row: row[0]):
        rows = list(group)
        unit, *award = rows[0][1:6]
        share, points, owed = rows[0][12:15]
        draws = [
            Drawn(_own(span, (unit, *row[7:11]), row[11]), row[15], row[16])
            for row in rows
            if row[15] is not None
        ]
        for movement in claw_back(
            award=_own(span, (unit, *award), rows[0][6]),
            share=share,
            points=points,
            draws=draws,
            owed=owed,
        ):
            if movement.key.entity == span.entity:
                yield movement, _kind_of(movement)


def _own(span: Span, columns: Sequence[Any], entity_id: int) -> CohortKey:
    key = cohort_key(span, columns)
    return key if entity_id == span.entity_id else replace(key, entity="")


def _kind_of(movement: Movement) -> Event:
    if movement.clawed_back:
        return Event.CLAW_BACK
    return Event.SHORTFALL_OWED if movement.owed_share else Event.SHORTFALL_FORGONE


def cohort_key(span: Span, columns: Sequence[Any]) -> CohortKey:
    """The cohort of (unit, currency, issue month, policy, funder) in the span's books."""
    unit, currency, issued_on, policy, funder = columns
    return CohortKey(
        entity=span.entity,
        program=span.program,
        unit=unit,
        currency=currency,
        issued_on=issued_on,
        policy=Policy(policy),
        funder=funder,
    )


def _rows(statement: str, span: Span, **more: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**span.parameters(), **more})
        return list(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the ledger behind a cohort's event: whose, from which fact, how many points."""

    transfer: int | None
    occurred_at: datetime
    member: UUID | None
    source: str
    fact: str
    fact_type: str
    points: int
    amount: int


_LISTED: Final[Mapping[Event, list[str]]] = {
    event: [kind for kind, (one, _) in _FIELDS.items() if one is event]
    for event in {event for event, _ in _FIELDS.values()}
} | {Event.CLAW_BACK: ["claw_back"]}
_OF_COHORT: Final = """a.unit = %(unit)s and {0}.currency = %(currency)s
    and {0}.issued_on = %(issued_on)s and {0}.policy = %(policy)s and {0}.funder = %(funder)s"""
_LISTING: Final = (
    FLOWS
    + """
select f.transfer_id, f.occurred_at, w.member_id, x.source, x.key, x.type, f.points, f.allocated
from flow f join ledger_account a on a.id = f.account_id
join ledger_lot l on l.id = f.id join ledger_account w on w.id = l.account_id
join ledger_transfer t on t.id = f.transfer_id
join ledger_fact x on x.id = coalesce(t.fact_id, l.fact_id)
where f.kind = any(%(kinds)s) and """
    + _OF_COHORT.format("f")
    + f""" and (%(side)s::text is null or f.side = %(side)s and {_OTHER} = %(other)s)"""
    + " order by f.occurred_at, f.transfer_id, f.id limit %(limit)s offset %(offset)s"
)
_SHORTFALLS: Final = (
    RECOVERIES
    + """
select r.transfer_id, x.occurred_at, x.member_id, x.source, x.key, x.type,
    r.points - r.recovered, r.unrecovered
from latest join ledger_recovery r using (id) join ledger_lot l on l.id = r.lot_id
join ledger_account a on a.id = l.account_id join ledger_fact x on x.id = r.fact_id
where r.points > r.recovered and (r.owed > 0 and not r.carried) = %(owed)s and """
    + _OF_COHORT.format("l")
    + " order by x.occurred_at, r.id limit %(limit)s offset %(offset)s"
)


def listing(span: Span, cause: Cause, *, limit: int = 50, offset: int = 0) -> list[Row]:
    """The rows of the ledger behind what an event did to a cohort, oldest first, by pages.

    `amount` is the frozen share of the price that came or left with the points, where one did.
    """
    key, event = cause.key, cause.event
    if event in STILL:
        return []  # a change of estimate or cost moves no points
    asked = {
        "unit": key.unit,
        "currency": key.currency,
        "issued_on": key.issued_on,
        "policy": key.policy.value,
        "funder": key.funder,
        "limit": limit,
        "offset": offset,
    }
    kinds = _LISTED.get(event)
    if kinds is None:
        owed = event is Event.SHORTFALL_OWED
        return [Row(*row) for row in _rows(_SHORTFALLS, span, owed=owed, **asked)]
    by_side = event in BY_SIDE
    asked |= {"side": cause.side if by_side else None, "other": cause.other}
    return [Row(*row) for row in _rows(_LISTING, span, kinds=kinds, **asked)]


STILL: Final = frozenset({Event.ESTIMATE, Event.COST})
