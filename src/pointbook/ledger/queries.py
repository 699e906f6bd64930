"""Reads of the ledger for those who judge: what is known of keys, lots, debts and spend.

Every function is one statement whatever the number of members. Nothing here raises.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import orjson
from django.db import connection

from pointbook.engine.ledger.lots import FOREVER, Lot
from pointbook.engine.rules.tiers import Spend
from pointbook.ledger.cursors import Place, place
from pointbook.ledger.models import Account, Fact

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """A fact that was posted under a key."""

    id: int
    member: uuid.UUID | None
    digest: bytes


@dataclass(frozen=True, slots=True)
class Sold:
    """A purchase that returns name: what of its spend was not returned yet."""

    id: int
    member: uuid.UUID | None
    occurred_at: datetime
    kept: int


@dataclass(frozen=True, slots=True)
class Held:
    """A lot and whose account it is in."""

    member: uuid.UUID
    fact_id: int
    lot: Lot


def known(program_id: int, keys: Sequence[Key]) -> dict[Key, Known]:
    """The facts that were posted under these keys (source, id)."""
    sources, ids = _columns(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            """select source, key, id, member_id, digest from ledger_fact
            where program_id = %s
            and (source, key) in (select * from unnest(%s::text[], %s::text[]))""",
            [program_id, sources, ids],
        )
        return {
            (source, key): Known(own, member, bytes(digest))
            for source, key, own, member, digest in cursor.fetchall()
        }


def sold(program_id: int, keys: Sequence[Key]) -> dict[Key, Sold]:
    """The purchases under these keys, with what is left of them to be returned."""
    sources, ids = _columns(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            """select f.source, f.key, f.id, f.member_id, f.occurred_at,
                greatest(0, f.spend - coalesce(
                    (select sum(r.spend) from ledger_fact r
                    where r.returns_id = f.id and r.member_id = f.member_id), 0))
            from ledger_fact f where f.program_id = %s and f.type = 'purchase'
            and (f.source, f.key) in (select * from unnest(%s::text[], %s::text[]))""",
            [program_id, sources, ids],
        )
        return {
            (source, key): Sold(own, member, at, int(kept))
            for source, key, own, member, at, kept in cursor.fetchall()
        }


def lots(members: Sequence[uuid.UUID], facts: Sequence[int]) -> list[Held]:
    """The open lots of these members, and every lot of these facts, with what was asked back."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select a.member_id, l.fact_id, f.key, l.rule, a.unit, l.earned_at, l.expires_at,
                l.points, l.remaining, l.allocated, l.base, l.id,
                coalesce(r.base, 0), coalesce(r.points, 0), coalesce(d.points, 0)
            from ledger_lot l
            join ledger_account a on a.id = l.account_id
            join ledger_fact f on f.id = l.fact_id
            left join lateral (select sum(base) as base, sum(points) as points
                from ledger_recovery where lot_id = l.id) r on true
            left join lateral (select sum(w.points) as points from ledger_draw w
                join ledger_transfer t on t.id = w.transfer_id
                where w.lot_id = l.id and t.kind in ('claw_back', 'repayment')) d on true
            where (a.member_id = any(%s) and l.remaining > 0) or l.fact_id = any(%s)
            order by l.id""",
            [list(members), list(facts)],
        )
        return [_held(row) for row in cursor.fetchall()]


def _held(row: Sequence[object]) -> Held:
    member, fact_id, key, rule, unit, earned, ends, points, left, allocated, base, own = row[:12]
    returned, due, drawn = (int(str(number)) for number in row[12:])
    return Held(
        member=member,  # type: ignore[arg-type]
        fact_id=fact_id,  # type: ignore[arg-type]
        lot=Lot(
            fact=key,  # type: ignore[arg-type]
            rule=rule,  # type: ignore[arg-type]
            unit=unit,  # type: ignore[arg-type]
            earned_at=earned,  # type: ignore[arg-type]
            expires_at=FOREVER if ends is None else ends,  # type: ignore[arg-type]
            points=points,  # type: ignore[arg-type]
            remaining=left,  # type: ignore[arg-type]
            allocated=allocated,  # type: ignore[arg-type]
            base=base,  # type: ignore[arg-type]
            returned=returned,
            due=due,
            drawn_back=drawn,
            id=own,  # type: ignore[arg-type]
        ),
    )


def receivables(members: Sequence[uuid.UUID]) -> dict[tuple[uuid.UUID, str], int]:
    """What members who owe points still owe for them, in minor units, by (member, unit)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select member_id, unit, sum(amount) from (
                select a.member_id, a.unit, r.unrecovered as amount from ledger_recovery r
                join ledger_lot l on l.id = r.lot_id join ledger_account a on a.id = l.account_id
                where a.member_id = any(%(members)s) and r.owed > 0
                union all
                select a.member_id, a.unit, -t.settled from ledger_transfer t
                join ledger_account a on a.id = t.source_id
                where a.member_id = any(%(members)s) and t.kind = 'repayment') parts
            group by member_id, unit""",
            {"members": list(members)},
        )
        return {(member, unit): int(amount) for member, unit, amount in cursor.fetchall()}


def spending(
    members: Sequence[uuid.UUID],
    *,
    since: datetime,
    last: datetime,
    cuts: Callable[[datetime], datetime],
) -> dict[uuid.UUID, tuple[list[Spend], datetime]]:
    """What these members spent after `since`, and the time of their latest purchase in it.

    `cuts(t)` is where a window that ends at `t` begins, `last` the latest `t` that is asked for.
    Only spend that a window may yet lose comes one by one; the rest is one sum at its latest time.
    What was returned is taken off at the time of the purchase.
    """
    found = _spending(members, since, max(since, cuts(last)))
    # Who bought after `last` is judged at that later time: their window begins later too.
    late = [member for member, (_, latest) in found.items() if latest > last]
    if late:
        latest = max(found[member][1] for member in late)
        found |= _spending(late, since, max(since, cuts(latest)))
    return found


def _spending(
    members: Sequence[uuid.UUID], since: datetime, until: datetime
) -> dict[uuid.UUID, tuple[list[Spend], datetime]]:
    found: dict[uuid.UUID, tuple[list[Spend], datetime]] = {}
    with connection.cursor() as cursor:
        cursor.execute(SPENT, {"members": list(members), "since": since, "until": until})
        for member, at, spend in cursor.fetchall():
            history, latest = found.get(member, ([], at))
            history.append(Spend(at, int(spend)))
            found[member] = (history, max(at, latest))
    return found


SPENT = """
with spent as (
    select member_id, occurred_at, spend from ledger_fact
    where member_id = any(%(members)s) and type = 'purchase' and occurred_at > %(since)s
    union all
    select o.member_id, o.occurred_at, -least(o.spend, sum(r.spend))
    from ledger_fact r join ledger_fact o on o.id = r.returns_id
    where r.member_id = any(%(members)s) and r.returns_id is not null
    and o.member_id = r.member_id and o.occurred_at > %(since)s group by o.id
)
select member_id, occurred_at, spend from spent where occurred_at <= %(until)s
union all
select member_id, max(occurred_at), sum(spend) from spent where occurred_at > %(until)s
group by member_id
"""


def last_judged(program_id: int) -> datetime | None:
    """When the latest fact that was judged happened."""
    latest = Fact.objects.filter(program_id=program_id).order_by("-occurred_at")
    return latest.values_list("occurred_at", flat=True).first()


def last_posted(program_id: int) -> datetime | None:
    """The latest time at which anything happened that was posted, expiries included."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select greatest(
                (select max(occurred_at) from ledger_fact where program_id = %s),
                (select max(occurred_at) from ledger_transfer where program_id = %s))""",
            [program_id, program_id],
        )
        latest: datetime | None = cursor.fetchone()[0]
        return latest


def _columns(keys: Sequence[Key]) -> tuple[list[str], list[str]]:
    return [source for source, _ in keys], [own for _, own in keys]


def available(
    program_id: int, *, unit: str, at: datetime, least: int
) -> list[tuple[uuid.UUID, int]]:
    """Members whose usable points of a unit at `at` reach `least`, with the points, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            """with held as materialized (
                select account_id, sum(remaining)::bigint as points from ledger_lot
                where remaining > 0 and (expires_at is null or expires_at > %s)
                and earned_at <= %s group by account_id having sum(remaining) >= %s)
            select a.member_id, h.points from held h join ledger_account a on a.id = h.account_id
            where a.program_id = %s and a.unit = %s order by a.member_id""",
            [at, at, least, program_id, unit],
        )
        return list(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class OpenLot:
    """A lot that can be used: when it was earned and ends, and what is left of it."""

    id: int
    earned_at: datetime
    expires_at: datetime | None
    points: int
    remaining: int
    rule: str
    fact_id: int


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a member's account: points with their sign, and the balance after it."""

    kind: str
    at: datetime
    points: int
    balance: int
    seq: int
    fact_id: int | None

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


def open_lots(
    member: uuid.UUID, *, unit: str, at: datetime, spend_order: str = "oldest"
) -> list[OpenLot]:
    """The lots of a unit that a member can use at `at`, in spend order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select l.id, l.earned_at, l.expires_at, l.points, l.remaining, l.rule, l.fact_id
            from ledger_lot l join ledger_account a on a.id = l.account_id
            join ledger_fact f on f.id = l.fact_id
            where a.member_id = %s and a.unit = %s and l.remaining > 0
            and (l.expires_at is null or l.expires_at > %s)
            order by {ORDER_BY[spend_order]}""",
            [member, unit, at],
        )
        return [OpenLot(*row) for row in cursor.fetchall()]


def owed(member: uuid.UUID, *, unit: str) -> int:
    """The points of a unit that a member owes."""
    debts = Account.objects.filter(member_id=member, unit=unit, kind=Account.Kind.DEBT)
    return -sum(debts.values_list("balance", flat=True))


def entries(member: uuid.UUID, *, unit: str, limit: int, before: str = "") -> list[Move]:
    """A member's account, the latest first: every movement, and facts that moved nothing.

    Lots that end at one instant are one line. `before` is the cursor of the last line seen; text
    that is none of ours starts with the latest.
    """
    at, seq, kind = place(before) or (None, None, "")
    with connection.cursor() as cursor:
        cursor.execute(
            ENTRIES,
            {
                "member": member,
                "unit": unit,
                "limit": limit,
                "at": at,
                "seq": seq,
                "kind": kind,
            },
        )
        return [Move(*row) for row in cursor.fetchall()]


ENTRIES = """
with own as (
    select id from ledger_account where member_id = %(member)s and unit = %(unit)s
), moved as (
    select t.kind, t.occurred_at, t.points, max(t.seq) over w as seq, t.fact_id
    from (select kind, occurred_at, seq, fact_id, id, points from ledger_transfer
            where destination_id in (select id from own) and kind <> 'repayment'
        union all
        select kind, occurred_at, seq, fact_id, id, -points from ledger_transfer
            where source_id in (select id from own) and kind <> 'repayment') t
    window w as (partition by t.kind, t.occurred_at, t.fact_id)
), lines as (
    select kind, occurred_at, sum(points)::bigint as points, seq, fact_id
    from moved group by kind, occurred_at, seq, fact_id
    union all
    select f.type, f.occurred_at, 0, f.seq, f.id from ledger_fact f
    where f.member_id = %(member)s
    and not exists (select from ledger_transfer t where t.fact_id = f.id)
), told as (
    select kind, occurred_at, points,
        (sum(points) over (order by occurred_at, seq, kind))::bigint as balance, seq, fact_id
    from lines
)
select kind, occurred_at, points, balance, seq, fact_id from told
where %(at)s::timestamptz is null
or (occurred_at, seq, kind) < (%(at)s::timestamptz, %(seq)s::bigint, %(kind)s)
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
    expires_at: datetime | None


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
                l.expires_at
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
            where a.member_id = any(%s) order by t.seq""",
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
