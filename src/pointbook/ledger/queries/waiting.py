"""What a month still waits for: lots that have ended and purchases that nobody has claimed.

Nothing here raises.
"""

from __future__ import annotations

from typing import Final

from django.db import connection

from pointbook.ledger.movements import Span

_DUE: Final = """
select count(*) from ledger_lot l
where l.remaining > 0 and l.expires_at <= %(end)s and l.entity_id = %(entity)s
and (select a.program_id from ledger_account a where a.id = l.account_id) = %(program)s
"""
# Kept for somebody who was not known then; a claim names the fact.
_UNCLAIMED: Final = """
select count(*) from ledger_fact f join members_unclaimedfact u
    on u.program_id = f.program_id and u.source = f.source and u.key = f.key
where f.program_id = %(program)s and f.entity_id = %(entity)s and f.member_id is null
and f.type = 'purchase' and f.occurred_at < %(end)s and f.seq <= %(up_to)s
and not exists (select from ledger_fact c where c.returns_id = f.id and c.type = 'claim')
"""


def lots_due(span: Span) -> int:
    """How many lots have ended by the end of a span and are not expired yet."""
    return _count(_DUE, span)


def unclaimed(span: Span) -> int:
    """How many purchases up to the end of a span are kept for somebody who has not claimed them."""
    return _count(_UNCLAIMED, span)


def _count(statement: str, span: Span) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, span.parameters())
        return int(cursor.fetchone()[0])
