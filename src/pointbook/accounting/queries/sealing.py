"""The digest of a close: SHA-256 over its rows as text and the digest of the close before it.

Rows are named by what they say, never by ids, so a restored or copied database has the same
digests. Nothing here raises.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

import orjson
from django.db import connection

_COHORT: Final = "c.unit, c.currency, c.issued_on::text, c.policy, c.funder"
# One statement a table; the order is part of the digest.
_TABLES: Final = (
    """select e.code, p.code, c.version, c.closed_by from accounting_close c
    join accounting_period p on p.id = c.period_id
    join programs_entity e on e.id = c.entity_id where c.id = %s""",
    """select g.code, w.seq, w.rate::text from accounting_watermark w
    join programs_program g on g.id = w.program_id where w.close_id = %s order by 1""",
    """select g.code, j.journal, j.year, j.number, j.event, j.policy, j.description,
        j.posting_on::text, j.currency, l.number, l.account, l.debit, l.credit
    from accounting_journalentry j join accounting_journalline l on l.entry_id = j.id
    join programs_program g on g.id = j.program_id
    where j.close_id = %s order by j.year, j.number, l.number""",
    # Both are constants of this module: nothing comes from outside.
    f"""select g.code, {_COHORT}, c.event, c.points, c.change, c.share, c.breakage, j.number
    from accounting_cohortentry c join programs_program g on g.id = c.program_id
    left join accounting_journalentry j on j.id = c.entry_id
    where c.close_id = %s order by c.id""",
    f"""select g.code, {_COHORT}, c.rate::text, c.issued, c.redeemed, c.expired, c.allocated,
        c.liability
    from accounting_cohorttotal c join programs_program g on g.id = c.program_id
    where c.close_id = %s order by c.id""",
    """select g.code, t.number, t.name, t.unit, t.currency, t.this_side, t.that_side
    from accounting_tieout t join programs_program g on g.id = t.program_id
    where t.close_id = %s order by 1, 2""",
)


def digest(*, close_id: int, before: bytes) -> bytes:
    """The digest of a close, chained to the digest before it (b"" for the first)."""
    hashed = hashlib.sha256(before)
    for line in _rows(close_id):
        hashed.update(line)
    return hashed.digest()


def _rows(close_id: int) -> Iterator[bytes]:
    with connection.cursor() as cursor:
        for statement in _TABLES:
            cursor.execute(statement, [close_id])
            for row in cursor.fetchall():
                yield orjson.dumps(row) + b"\n"
