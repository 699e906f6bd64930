"""Reads for those who judge: what is known of keys, records, lots and debts.

Every function is one statement whatever the number of members. Nothing here raises.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import orjson
from django.db import connection

from pointbook.engine.ledger.lots import AT_ONCE, FOREVER, Lot
from pointbook.ledger.cohorts import Cohort
from pointbook.ledger.models import Account, Fact

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """A fact that was posted under a key."""

    id: int
    member: uuid.UUID | None
    digest: bytes


@dataclass(frozen=True, slots=True)
class Recorded:
    """A posted fact that others may name: whose, when, what has not come back, and its awards.

    A purchase that was claimed is its claim's: of that member, at that time, with those amounts.
    `kept` is what is left of the spend and `total` of the whole total (`whole`), minor units;
    all three are 0 for what is no purchase. `awards_id` is the fact whose lots are its awards.
    """

    id: int
    type: str
    member: uuid.UUID | None
    occurred_at: datetime
    kept: int
    whole: int
    total: int
    awards_id: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A posted purchase that somebody wants to claim: its member, content, and its claim's key.

    `returned`: something of it came back while it was nobody's.
    """

    member: uuid.UUID | None
    content: str
    claim: Key | None
    returned: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A lot and whose account it is in; `awarded` says that a rule or a person gave it."""

    member: uuid.UUID
    fact_id: int
    awarded: bool
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


def recorded(program_id: int, keys: Sequence[Key]) -> dict[Key, Recorded]:
    """The facts under these keys as returns, cancellations, voids and releases need them."""
    sources, ids = _columns(keys)
    with connection.cursor() as cursor:
        cursor.execute(RECORDED, {"program": program_id, "sources": sources, "ids": ids})
        return {
            (source, key): Recorded(own, kind, member, at, int(kept), whole, int(total), awards)
            for source, key, own, kind, member, at, kept, whole, total, awards in cursor.fetchall()
        }


# What came back counts where it was judged for the owner: nobody's purchase records no return.
RECORDED = """
with named as (
    select f.source, f.key, f.id, f.type, coalesce(c.id, f.id) as awards_id,
        coalesce(c.member_id, f.member_id) as member_id,
        coalesce(c.occurred_at, f.occurred_at) as occurred_at,
        case when f.type in ('purchase', 'company_purchase') then coalesce(c.spend, f.spend)
            else 0 end as spend,
        case when f.type in ('purchase', 'company_purchase') then coalesce(c.total, f.total)
            else 0 end as total
    from ledger_fact f
    left join lateral (select o.id, o.member_id, o.occurred_at, o.spend, o.total
        from ledger_fact o where o.returns_id = f.id and o.type = 'claim'
        and f.type = 'purchase' and f.member_id is null and o.member_id is not null
        order by o.id limit 1) c on true
    where f.program_id = %(program)s
    and (f.source, f.key) in (select * from unnest(%(sources)s::text[], %(ids)s::text[]))
)
select n.source, n.key, n.id, n.type, n.member_id, n.occurred_at,
    case when back.entirely then 0 else greatest(0, n.spend - coalesce(back.spend, 0)) end,
    n.total,
    case when back.entirely then 0 else greatest(0, n.total - coalesce(back.total, 0)) end,
    n.awards_id
from named n left join lateral (
    select sum(r.spend) as spend, sum(r.total) as total,
        bool_or(r.type in ('cancel', 'payment_expired') or (r.type = 'company_return'
            and r.content::jsonb -> 'attributes' -> 'whole' = 'true')) as entirely
    from ledger_fact r where r.returns_id = n.id and r.member_id = n.member_id
    and r.type in ('return', 'cancel', 'payment_expired', 'company_return')) back on true
"""


def receipts_of(program_id: int, keys: Sequence[Key]) -> dict[Key, Receipt]:
    """The purchases under these keys, with who claimed them."""
    sources, ids = _columns(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            """select f.source, f.key, f.member_id, f.content, c.source, c.key, exists (
                select from ledger_fact r where r.returns_id = f.id and r.member_id is null
                and r.type in ('return', 'cancel', 'payment_expired'))
            from ledger_fact f
            left join ledger_fact c on c.returns_id = f.id and c.type = 'claim'
            where f.program_id = %s and f.type = 'purchase'
            and (f.source, f.key) in (select * from unnest(%s::text[], %s::text[]))""",
            [program_id, sources, ids],
        )
        return {
            (source, key): Receipt(member, body, None if own is None else (by, own), returned)
            for source, key, member, body, by, own, returned in cursor.fetchall()
        }


def lots(
    members: Sequence[uuid.UUID], facts: Sequence[int], *, ids: Sequence[int] = ()
) -> list[Held]:
    """The open lots of these members, every lot of these facts, and these lots; by id.

    Each comes with what was asked back of it, and with its cohort.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """select a.member_id, l.fact_id, m.kind = 'award', f.key, l.rule, a.unit, l.earned_at,
                l.expires_at, l.starts_at, l.points, l.remaining, l.allocated, l.base, l.id,
                least(coalesce(r.base, 0), l.base), coalesce(r.points, 0), coalesce(d.points, 0),
                l.entity_id, l.currency, l.policy, l.funder, l.issued_on, d.back_at,
                case m.kind when 'transfer_in' then f.content::jsonb #> array[
                    'attributes', 'lots', (substr(l.rule, 10)::integer - 1)::text, 'of'] end
            from ledger_lot l
            join ledger_account a on a.id = l.account_id
            join ledger_fact f on f.id = l.fact_id
            join ledger_transfer m on m.id = l.transfer_id
            left join lateral (select sum(base) as base, sum(points) as points
                from ledger_recovery where lot_id = l.id) r on true
            left join lateral (select sum(w.points) filter
                    (where t.kind in ('claw_back', 'repayment', 'transfer_out')) as points,
                max(t.occurred_at) filter
                    (where t.kind in ('refund', 'release', 'reinstatement')) as back_at
                from ledger_draw w join ledger_transfer t on t.id = w.transfer_id
                where w.lot_id = l.id) d on true
            where l.id in (
                select o.id from ledger_account w join ledger_lot o on o.account_id = w.id
                where w.member_id = any(%s) and o.remaining > 0
                union select id from ledger_lot where fact_id = any(%s)
                union select unnest(%s::bigint[]))
            order by l.id""",
            [list(members), list(facts), list(ids)],
        )
        return [_held(_Row(*row)) for row in cursor.fetchall()]


class _Row(NamedTuple):
    member: uuid.UUID
    fact_id: int
    awarded: bool
    fact: str
    rule: str
    unit: str
    earned_at: datetime
    expires_at: datetime | None
    starts_at: datetime | None
    points: int
    remaining: int
    allocated: int
    base: int
    id: int
    returned: int
    due: int
    drawn_back: int
    entity_id: int
    currency: str
    policy: str
    funder: str
    issued_on: date
    back_at: datetime | None
    of: str | None


def _held(row: _Row) -> Held:
    lot = Lot(
        fact=row.fact,
        rule=row.rule,
        unit=row.unit,
        earned_at=row.earned_at,
        expires_at=FOREVER if row.expires_at is None else row.expires_at,
        points=row.points,
        remaining=row.remaining,
        allocated=row.allocated,
        base=row.base,
        policy=row.policy,
        funder=row.funder,
        returned=int(row.returned),
        due=int(row.due),
        drawn_back=int(row.drawn_back),
        id=row.id,
        starts_at=starts(row.earned_at, row.starts_at),
        cohort=Cohort(
            row.entity_id, row.currency, row.policy, row.funder, row.issued_on, row.back_at
        ),
        of=None if row.of is None else tuple(orjson.loads(row.of)),
    )
    return Held(row.member, row.fact_id, row.awarded, lot)


def starts(earned_at: datetime, starts_at: datetime | None) -> datetime:
    """When the engine lets a lot be used: at once from its award on, FOREVER when it waits.

    A burn that happened before the award and comes late may take such points, too.
    """
    if starts_at is None:
        return FOREVER
    return AT_ONCE if starts_at <= earned_at else starts_at


def receivables(members: Sequence[uuid.UUID]) -> dict[tuple[uuid.UUID, str], int]:
    """What members who owe points still owe for them, in minor units, by (member, unit)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select member_id, unit, sum(amount) from (
                select f.member_id, a.unit, r.unrecovered as amount from ledger_fact f
                join ledger_recovery r on r.fact_id = f.id and r.owed > 0 and not r.carried
                join ledger_lot l on l.id = r.lot_id join ledger_account a on a.id = l.account_id
                where f.member_id = any(%(members)s)
                union all
                select a.member_id, a.unit, -t.settled from ledger_transfer t
                join ledger_account a on a.id = t.source_id
                where a.member_id = any(%(members)s) and t.kind = 'repayment') parts
            group by member_id, unit""",
            {"members": list(members)},
        )
        return {(member, unit): int(amount) for member, unit, amount in cursor.fetchall()}


def last_judged(program_id: int) -> datetime | None:
    """When the latest fact that was judged happened."""
    latest = Fact.objects.filter(program_id=program_id).order_by("-occurred_at")
    return latest.values_list("occurred_at", flat=True).first()


def held_units(program_id: int) -> frozenset[str]:
    """The units of which members still have points, or owe some."""
    open_accounts = Account.objects.filter(program_id=program_id).exclude(balance=0)
    return frozenset(open_accounts.values_list("unit", flat=True).distinct())


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
