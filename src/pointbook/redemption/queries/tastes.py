"""What a member likes, by what they bought and what they redeemed. Nothing here raises."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Final, NamedTuple

from django.db import connection

from pointbook.engine.rules.ranking import ALL, Tastes

# So many of the latest purchases say what somebody buys.
LATEST: Final = 100


class Liking(NamedTuple):
    """A member's tastes; how often they, and all members together, took each reward."""

    tastes: Tastes
    chosen: Mapping[str, int]
    others: Mapping[str, int]


def tastes_of(program_id: int, member: uuid.UUID) -> Liking:
    """The tastes of a member, in two statements."""
    with connection.cursor() as cursor:
        cursor.execute(SPENT, [member, LATEST])
        spent = {label: int(amount) for label, amount in cursor if label}
        cursor.execute(CHOSEN, [member, member, program_id])
        rows = cursor.fetchall()
    whole = spent.pop(EVERYTHING, 0)
    shares = {label: ALL * amount // whole for label, amount in spent.items()} if whole > 0 else {}
    kinds: dict[str, int] = {}
    for _, kind, own, _ in rows:
        kinds[kind] = kinds.get(kind, 0) + own
    return Liking(
        Tastes(categories=shares, kinds={kind: times for kind, times in kinds.items() if times}),
        {reward: own for reward, _, own, _ in rows if own},
        {reward: times for reward, _, _, times in rows},
    )


EVERYTHING: Final = "*"
SPENT: Final = f"""
with bought as (
    select content::jsonb -> 'lines' as lines from ledger_fact
    where member_id = %s and type = 'purchase' order by occurred_at desc limit %s
), lines as (
    select greatest(0, (line ->> 'amount')::bigint) as amount, line
    from bought cross join lateral jsonb_array_elements(coalesce(lines, '[]')) as line
)
select '{EVERYTHING}', coalesce(sum(amount), 0) from lines
union all
select own.label, sum(amount) from lines cross join lateral (
    select line ->> 'category' as label union select line ->> 'department'
    union select line ->> 'brand'
    union select jsonb_array_elements_text(coalesce(line -> 'labels', '[]'))) as own
where own.label is not null group by 1
"""
CHOSEN: Final = """
select r.reward, r.kind, sum(case when r.member_id = %s or r.receiver_id = %s then 1 else 0 end),
    count(*)
from redemption_redemption r join ledger_hold h on h.fact_id = r.fact_id
where r.program_id = %s and h.state in ('reserved', 'captured') group by 1, 2
"""
