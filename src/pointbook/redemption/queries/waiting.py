"""What must happen to redemptions before they may be captured. Nothing here raises."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from pointbook.engine.ledger.holds import Key


def waits(program_id: int, keys: Sequence[Key]) -> dict[Key, str]:
    """For each redemption of these keys that is not ready: review, else confirm."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """select f.source, f.key,
                case when r.review in ('open', 'refused') then 'review' else 'confirm' end
            from ledger_fact f join redemption_redemption r on r.fact_id = f.id
            where f.program_id = %s
            and (f.source, f.key) in (select * from unnest(%s::text[], %s::text[]))
            and (r.review in ('open', 'refused') or r.confirm = 'open')""",
            [program_id, [key[0] for key in keys], [key[1] for key in keys]],
        )
        return {(source, key): why for source, key, why in cursor}
