"""What members hold and what happened to it, for pages, the API and habits. Nothing here raises."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from django.db import connection

from pointbook.ledger.cursors import Place, place
from pointbook.ledger.models import Account, Fact
from pointbook.ledger.queries.ended import ENDED


def available(
    program_id: int, *, unit: str, at: datetime, least: int
) -> list[tuple[uuid.UUID, int]]:
    """Members whose usable points of a unit at `at` reach `least`, with the points, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            """with held as materialized (
                select account_id, sum(remaining)::bigint as points from ledger_lot
                where remaining > 0 and (expires_at is null or expires_at > %s)
                and starts_at <= %s group by account_id having sum(remaining) >= %s)
            select a.member_id, h.points from held h join ledger_account a on a.id = h.account_id
            where a.program_id = %s and a.unit = %s order by a.member_id""",
            [at, at, least, program_id, unit],
        )
        return list(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class OpenLot:
    """A lot with points in it: when it was earned, begins (None: waits) and ends, what is left."""

    id: int
    earned_at: datetime
    starts_at: datetime | None
    expires_at: datetime | None
    points: int
    remaining: int
    rule: str
    fact_id: int


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a member's account: points with their sign, and the balance after it.

    `seq` is the event's number, and with time and kind the line's place; expiries of one instant
    have a place of their own. Captures and lapses of what was held move nothing any more: `settled`
    are their points. `reward` is what a redemption was for, '' for none or where the line cannot
    know.
    """

    kind: str
    at: datetime
    points: int
    balance: int
    seq: int
    fact_id: int | None
    settled: int = 0
    reward: str = ""

    @property
    def cursor(self) -> str:
        """The place of the line in the history, for the page after it."""
        return Place(self.at, self.seq, self.kind).cursor


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact as people see it; `content` is what was posted."""

    id: int
    seq: int
    source: str
    key: str
    type: str
    occurred_at: datetime
    recorded_at: datetime
    store: str
    channel: str
    currency: str
    total: int
    spend: int
    simulated: bool
    content: str

    @property
    def body(self) -> Mapping[str, object]:
        """The normalised document."""
        return orjson.loads(self.content)  # type: ignore[no-any-return]

    @property
    def reward(self) -> object:
        """The code of the reward that a burn names."""
        attributes = self.body.get("attributes")
        return attributes.get("reward") if isinstance(attributes, Mapping) else None


ORDER_BY = {
    "oldest": 'l.earned_at, f.key collate "C", l.rule collate "C"',
    "soonest_expiry": (
        'l.expires_at nulls last, l.earned_at, f.key collate "C", l.rule collate "C"'
    ),
}


# What is held by holds whose time was over `at` and whose points come back to lots that have not
# ended; those of vouchers that lapse do not.
OVER = """
    select h.fact_id, h.until, d.lot_id, d.points from ledger_hold h
    join ledger_draw d on d.transfer_id = h.transfer_id join ledger_lot w on w.id = d.lot_id
    where h.member_id = %(member)s and h.unit = %(unit)s and h.state = 'reserved'
    and h.until <= %(at)s and not h.lapses and (w.expires_at is null or w.expires_at > %(at)s)
"""


def open_lots(
    member: uuid.UUID, *, unit: str, at: datetime, spend_order: str = "oldest"
) -> list[OpenLot]:
    """The lots of a unit that a member can use at `at`, in spend order.

    What can be used at once is there whatever `at` is: a till's clock may run ahead. Points of a
    hold whose time is over are there, too, before anybody has let it go.
    """
    begun = "(l.starts_at <= %(at)s or l.starts_at = l.earned_at)"
    return _lots(member, unit, at, f"{begun} order by {ORDER_BY[spend_order]}")


def pending_lots(member: uuid.UUID, *, unit: str, at: datetime) -> list[OpenLot]:
    """The lots of a unit that a member cannot use yet at `at`, those that begin first first."""
    return _lots(
        member,
        unit,
        at,
        "(l.starts_at is null or l.starts_at > %(at)s and l.starts_at > l.earned_at)"
        " order by l.starts_at nulls last, l.earned_at, l.id",
    )


def _lots(member: uuid.UUID, unit: str, at: datetime, which: str) -> list[OpenLot]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""with over as ({OVER}), open as (
                select l.id from ledger_lot l join ledger_account a on a.id = l.account_id
                where a.member_id = %(member)s and a.unit = %(unit)s and l.remaining > 0
                union select lot_id from over
            )
            select l.id, l.earned_at, l.starts_at, l.expires_at, l.points,
                (l.remaining + coalesce(b.points, 0))::bigint, l.rule, l.fact_id
            from open join ledger_lot l using (id) join ledger_fact f on f.id = l.fact_id
            left join (select lot_id, sum(points) as points from over group by 1) b
            on b.lot_id = l.id
            where (l.expires_at is null or l.expires_at > %(at)s) and {which}""",
            {"member": member, "unit": unit, "at": at},
        )
        return [OpenLot(*row) for row in cursor.fetchall()]


def owed(member: uuid.UUID, *, unit: str) -> int:
    """The points of a unit that a member owes."""
    debts = Account.objects.filter(member_id=member, unit=unit, kind=Account.Kind.DEBT)
    return -sum(debts.values_list("balance", flat=True))


def entries(
    member: uuid.UUID, *, unit: str, at: datetime, limit: int, before: str = ""
) -> list[Move]:
    """A member's account, the latest first: every movement, and facts that moved nothing.

    Lots that end at one instant are one line, also those that ended by `at` and that no job has
    emptied yet, and so are holds whose time was over: the newest line's balance is what can be
    used at `at` or later, less what is owed. `before` is the cursor of the last line seen; text
    that is none of ours starts with the latest.
    """
    before_at, seq, kind = place(before) or (None, None, "")
    with connection.cursor() as cursor:
        cursor.execute(
            ENTRIES,
            {
                "member": member,
                "unit": unit,
                "limit": limit,
                "at": at,
                "before_at": before_at,
                "seq": seq,
                "kind": kind,
            },
        )
        return [Move(*row) for row in cursor.fetchall()]


# All expiries of one instant are one line, the last of its instant, whenever they are posted and
# whether they are yet: its place is made of the instant, above every number of the sequence.
ENTRIES = f"""
with own as (
    select id from ledger_account
    where member_id = %(member)s and unit = %(unit)s and kind <> 'held'
), held as (
    select id from ledger_account
    where member_id = %(member)s and unit = %(unit)s and kind = 'held'
), moved as (
    select kind, occurred_at, seq, fact_id, points, 0 as settled from ledger_transfer
        where destination_id in (select id from own) and kind <> 'repayment'
    union all
    select kind, occurred_at, seq, fact_id, -points, 0 from ledger_transfer
        where source_id in (select id from own) and kind <> 'repayment'
    union all
    select kind, occurred_at, seq, fact_id, 0, points from ledger_transfer
        where source_id in (select id from held) and kind in ('capture', 'lapse')
    union all
    select 'expiry', e.ended_at, 0, null, -e.remaining, 0 from ({ENDED}) e
        where e.account_id in (select id from own)
    union all
    select 'release', until, 0, fact_id, points, 0 from ({OVER}) over_now
), lines as (
    select kind, occurred_at, sum(points)::bigint as points, sum(settled)::bigint as settled,
        case kind when 'expiry'
            then 100000000000000000 + (extract(epoch from occurred_at) * 1000000)::bigint
            else max(seq) end as seq,
        fact_id
    from moved group by kind, occurred_at, fact_id
    union all
    select f.type, f.occurred_at, 0, 0, f.seq, f.id from ledger_fact f
    where f.member_id = %(member)s
    and not exists (select from ledger_transfer t where t.fact_id = f.id)
), told as (
    select kind, occurred_at, points,
        (sum(points) over (order by occurred_at, seq, kind))::bigint as balance, seq, fact_id,
        settled
    from lines
)
select kind, occurred_at, points, balance, seq, fact_id, settled,
    coalesce((select h.reward from ledger_hold h
        where h.fact_id = told.fact_id or h.capture_id = told.fact_id limit 1), '')
from told
where %(before_at)s::timestamptz is null
or (occurred_at, seq, kind) < (%(before_at)s::timestamptz, %(seq)s::bigint, %(kind)s)
order by occurred_at desc, seq desc, kind desc limit %(limit)s
"""


def facts(ids: Sequence[int]) -> dict[int, FactRow]:
    """Facts by id, as people see them."""
    return {
        row.id: FactRow(
            id=row.id,
            seq=row.seq,
            source=row.source,
            key=row.key,
            type=row.type,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
            store=row.store,
            channel=row.channel,
            currency=row.currency,
            total=row.total,
            spend=row.spend,
            simulated=row.simulated,
            content=row.content,
        )
        for row in Fact.objects.filter(id__in=ids)
    }
