"""What must always hold of the facts and the points; each check is a query that lists violations.

`pointbook verify` runs them in production, the tests after every history. What they cannot see is
whether a fact was judged rightly: earning.invariants folds the facts again for that.
"""

from __future__ import annotations

from typing import Final

from pointbook.controls.invariants import Invariant, Violation, listing, rows

# Child table, column and parent table of every link that the database does not check itself.
LINKS: Final = (
    ("ledger_fact", "program_id", "programs_program"),
    ("ledger_fact", "entity_id", "programs_entity"),
    ("ledger_fact", "member_id", "members_member"),
    ("ledger_fact", "returns_id", "ledger_fact"),
    ("ledger_transfer", "source_id", "ledger_account"),
    ("ledger_transfer", "destination_id", "ledger_account"),
    ("ledger_transfer", "fact_id", "ledger_fact"),
    ("ledger_transfer", "undoes_id", "ledger_fact"),
    ("ledger_lot", "account_id", "ledger_account"),
    ("ledger_lot", "transfer_id", "ledger_transfer"),
    ("ledger_lot", "fact_id", "ledger_fact"),
    ("ledger_lot", "entity_id", "programs_entity"),
    ("tiers_standing", "member_id", "members_member"),
    ("tiers_standing", "fact_id", "ledger_fact"),
    ("earning_decision", "fact_id", "ledger_fact"),
)


def _broken_links() -> list[Violation]:
    broken = []
    for table, column, parent in LINKS:
        found = rows(
            f"""select count(*) from {table} c where c.{column} is not null
            and not exists (select from {parent} p where p.id = c.{column})"""
        )[0][0]
        if found:
            broken.append(Violation(f"{table}.{column}", f"{found} rows name no {parent}"))
    return broken


# Draws of these put points back into their lots; those of the others took them before, by a hold.
BACK: Final = "('refund', 'release', 'reinstatement')"
SETTLED: Final = "('capture', 'lapse')"

ALL: Final = (
    Invariant(
        "ledger.balances",
        "The balance of every member's account is the sum of its transfers.",
        "Transfers that should have been there.",
        listing(
            """select a.id, a.balance, coalesce(t.moved, 0) from ledger_account a
            left join (select id, sum(points) as moved from (
                select destination_id as id, points from ledger_transfer
                union all select source_id, -points from ledger_transfer) m group by id) t
            on t.id = a.id
            where a.member_id is not null and a.balance <> coalesce(t.moved, 0)""",
            "account",
            "the balance is {0}, its transfers come to {1}",
        ),
    ),
    Invariant(
        "ledger.lots",
        "What remains of every lot is its points less what was drawn and not put back.",
        "Draws of the wrong lot.",
        listing(
            f"""select l.id, l.remaining, l.points - coalesce(d.drawn, 0) from ledger_lot l
            left join (select lot_id,
                    sum(case when t.kind in {BACK} then -w.points else w.points end) as drawn
                from ledger_draw w join ledger_transfer t on t.id = w.transfer_id
                where t.kind not in {SETTLED} group by 1) d
            on d.lot_id = l.id where l.remaining <> l.points - coalesce(d.drawn, 0)""",
            "lot",
            "{0} points remain, its draws leave {1}",
        ),
    ),
    Invariant(
        "ledger.wallets",
        "Every wallet holds exactly what remains of its lots.",
        "A lot in the wrong wallet.",
        listing(
            """select a.id, a.balance, coalesce(l.remaining, 0) from ledger_account a
            left join (select account_id, sum(remaining) as remaining from ledger_lot group by 1) l
            on l.account_id = a.id
            where a.kind = 'wallet' and a.balance <> coalesce(l.remaining, 0)""",
            "wallet",
            "the balance is {0}, its lots hold {1}",
        ),
    ),
    Invariant(
        "ledger.draws",
        "An award, and what another member handed over, has one lot of its points; every other"
        " transfer out of a wallet or back into it has draws of its points.",
        "Whether the draws followed the spend order.",
        listing(
            """select t.id, t.kind, t.points, coalesce(l.points, d.points, 0)
            from ledger_transfer t
            left join (select transfer_id, sum(points) as points from ledger_lot group by 1) l
            on l.transfer_id = t.id
            left join (select transfer_id, sum(points) as points from ledger_draw group by 1) d
            on d.transfer_id = t.id
            where t.kind <> 'overdraft'
            and t.points <> coalesce(case when t.kind in ('award', 'transfer_in') then l.points
                else d.points end, 0)""",
            "transfer",
            "a {0} of {1} points has lots or draws of {2}",
        ),
    ),
    Invariant(
        "ledger.ends",
        "No points are used after their lot has ended, and none expire before it; what comes back"
        " after the end goes when it came.",
        "Lots whose end was computed wrongly; uses after an end that was put off later; when lots"
        " expired that were reinstated since.",
        listing(
            """select d.id, t.kind, t.occurred_at, l.expires_at from ledger_draw d
            join ledger_transfer t on t.id = d.transfer_id join ledger_lot l on l.id = d.lot_id
            left join ledger_fact f on f.id = t.fact_id
            where case when t.kind in ('refund', 'release', 'capture', 'lapse') then false
                when t.kind = 'expiry' then t.occurred_at is distinct from l.expires_at
                    and not exists (select from ledger_draw b
                        join ledger_transfer c on c.id = b.transfer_id where b.lot_id = l.id
                        and (c.kind = 'reinstatement' and c.seq > t.seq
                            or c.kind in ('refund', 'release') and (c.seq >= t.seq
                                or c.occurred_at = t.occurred_at)))
                else f.occurred_at >= l.expires_at end""",
            "draw",
            "a {0} at {1} of a lot that ends at {2}",
        ),
    ),
    Invariant(
        "ledger.shares",
        "What leaves a lot's deferred amount is never more than was allocated to it.",
        "Whether the allocation itself was right.",
        listing(
            """select l.id, l.allocated, d.left_by from ledger_lot l
            join (select lot_id, sum(allocated) as left_by from ledger_draw group by 1) d
            on d.lot_id = l.id where d.left_by > l.allocated""",
            "lot",
            "{0} was allocated, {1} has left",
        ),
    ),
    Invariant(
        "ledger.claw-backs",
        "Returns, cancellations and voids never ask back more than an award gave.",
        "Returns that were not sent.",
        listing(
            """select l.id, l.points, r.points from ledger_lot l
            join (select lot_id, sum(points) as points from ledger_recovery group by 1) r
            on r.lot_id = l.id where r.points > l.points""",
            "lot",
            "{0} points were given, {1} were asked back",
        ),
    ),
    Invariant(
        "ledger.refunds",
        "No more points come back of a burn than it took, and of a lot no more than expired.",
        "Refunds that were not due.",
        listing(
            """select u.undoes_id, 'refund', sum(u.points), coalesce(min(b.points), 0)
            from ledger_transfer u
            left join (select fact_id, sum(points) as points from ledger_transfer
                where kind in ('burn', 'capture') group by 1) b on b.fact_id = u.undoes_id
            where u.kind = 'refund' group by 1 having sum(u.points) > coalesce(min(b.points), 0)
            union all
            select d.lot_id, 'reinstatement', sum(d.points) filter (where t.kind <> 'expiry'),
                coalesce(sum(d.points) filter (where t.kind = 'expiry'), 0)
            from ledger_draw d join ledger_transfer t on t.id = d.transfer_id
            where t.kind in ('expiry', 'reinstatement') group by 1
            having coalesce(sum(d.points) filter (where t.kind <> 'expiry'), 0)
                > coalesce(sum(d.points) filter (where t.kind = 'expiry'), 0)""",
            "burn or lot",
            "a {0} of {1} points, but {2} were taken",
        ),
    ),
    Invariant(
        "ledger.holds",
        "What is held of every member's points is what open holds are for, and a hold that was"
        " settled was captured or let go as its transfers say.",
        "Whether a hold should have ended.",
        listing(
            """select a.id, 'account', a.balance, coalesce(h.points, 0) from ledger_account a
            left join (select member_id, unit, sum(points) as points from ledger_hold
                where state = 'reserved' group by 1, 2) h
            on h.member_id = a.member_id and h.unit = a.unit
            where a.kind = 'held' and a.balance <> coalesce(h.points, 0)
            union all
            select h.fact_id, 'hold', h.captured - h.back, coalesce(t.points, 0) from ledger_hold h
            left join lateral (select sum(case t.kind when 'refund' then -t.points
                    else t.points end) as points
                from ledger_transfer t where t.kind in ('burn', 'capture')
                and t.fact_id = h.capture_id or t.undoes_id = h.capture_id) t on true
            where h.captured - h.back <> coalesce(t.points, 0)""",
            "hold",
            "the {0} says {1}, the transfers say {2}",
        ),
    ),
    Invariant(
        "ledger.moved",
        "What left members for others arrived in its cohort, points and their part of the price.",
        "Whether it arrived with the right member.",
        listing(
            """select unit || ' ' || issued_on, coalesce(g.points, 0), coalesce(c.points, 0),
                coalesce(g.price, 0), coalesce(c.price, 0)
            from (select t.program_id, a.unit, l.entity_id, l.currency, l.issued_on, l.policy,
                    l.funder, sum(d.points) as points, sum(d.allocated) as price
                from ledger_transfer t join ledger_account a on a.id = t.source_id
                join ledger_draw d on d.transfer_id = t.id join ledger_lot l on l.id = d.lot_id
                where t.kind = 'transfer_out' group by 1, 2, 3, 4, 5, 6, 7) g
            full join (select t.program_id, a.unit, l.entity_id, l.currency, l.issued_on, l.policy,
                    l.funder, sum(l.points) as points, sum(l.allocated) as price
                from ledger_transfer t join ledger_account a on a.id = t.destination_id
                join ledger_lot l on l.transfer_id = t.id and l.fact_id = t.fact_id
                where t.kind = 'transfer_in' group by 1, 2, 3, 4, 5, 6, 7) c
            using (program_id, unit, entity_id, currency, issued_on, policy, funder)
            where g.points is distinct from c.points or g.price is distinct from c.price""",
            "cohort",
            "{0} points left and {1} arrived, {2} and {3} minor units with them",
        ),
    ),
    Invariant(
        "ledger.contents",
        "Every fact's content has the digest with which it was posted, and its columns say the"
        " same.",
        "A content and a digest changed together.",
        listing(
            """select id, source, key from ledger_fact,
                lateral (select content::jsonb as said) told
            where sha256(convert_to(content, 'UTF8')) <> digest
            or (source, key, type) is distinct from
                (said ->> 'source', said ->> 'id', said ->> 'type')
            or (store, channel, currency) is distinct from (coalesce(said ->> 'store', ''),
                coalesce(said ->> 'channel', ''), coalesce(said ->> 'currency', ''))
            or (total, tax, delivery) is distinct from (coalesce((said ->> 'total')::bigint, 0),
                coalesce((said ->> 'tax')::bigint, 0),
                coalesce((said ->> 'delivery')::bigint, 0))
            or occurred_at <> (said ->> 'at')::timestamptz
            or simulated <> coalesce((said ->> 'simulated')::boolean, false)""",
            "fact",
            "{0}/{1} is not what was posted",
        ),
    ),
    Invariant(
        "ledger.links",
        "Every row names parents that exist.",
        "A parent that exists but is the wrong one.",
        _broken_links,
    ),
)
