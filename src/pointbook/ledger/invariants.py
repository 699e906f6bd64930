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
        "What remains of every lot is its points less its draws.",
        "Draws of the wrong lot.",
        listing(
            """select l.id, l.remaining, l.points - coalesce(d.drawn, 0) from ledger_lot l
            left join (select lot_id, sum(points) as drawn from ledger_draw group by 1) d
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
        "An award has one lot of its points; every other transfer out of a wallet has draws of its"
        " points.",
        "Whether the draws followed the spend order.",
        listing(
            """select t.id, t.kind, t.points, coalesce(l.points, d.points, 0)
            from ledger_transfer t
            left join (select transfer_id, sum(points) as points from ledger_lot group by 1) l
            on l.transfer_id = t.id
            left join (select transfer_id, sum(points) as points from ledger_draw group by 1) d
            on d.transfer_id = t.id
            where t.kind <> 'overdraft'
            and t.points <> coalesce(case when t.kind = 'award' then l.points else d.points end, 0)
            """,
            "transfer",
            "a {0} of {1} points has lots or draws of {2}",
        ),
    ),
    Invariant(
        "ledger.ends",
        "No points are used after their lot has ended, and none expire before.",
        "Lots whose end was computed wrongly.",
        listing(
            """select d.id, t.kind, t.occurred_at, l.expires_at from ledger_draw d
            join ledger_transfer t on t.id = d.transfer_id join ledger_lot l on l.id = d.lot_id
            where case when t.kind = 'expiry' then t.occurred_at is distinct from l.expires_at
                else t.occurred_at >= l.expires_at end""",
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
        "Returns never ask back more than an award gave.",
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
        "ledger.contents",
        "Every fact's content has the digest with which it was posted, and its columns say the"
        " same.",
        "A content and a digest changed together.",
        listing(
            """select id, source, key from ledger_fact
            where sha256(convert_to(content, 'UTF8')) <> digest
            or source <> (content::jsonb ->> 'source') or key <> (content::jsonb ->> 'id')
            or type <> (content::jsonb ->> 'type')
            or occurred_at <> (content::jsonb ->> 'at')::timestamptz
            or total <> coalesce((content::jsonb ->> 'total')::bigint, 0)""",
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
