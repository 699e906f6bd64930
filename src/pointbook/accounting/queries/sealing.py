"""The digest of a close: SHA-256 over its rows as text and the digest of the close before it.

Rows are named by what they say, never by ids, so a restored or copied database has the same
digests. Older seals were made of less (`FORMS`); each is checked by its own form. People of the
team are named as users; members by nothing at all, so that erasing one breaks no digest. Nothing
here raises.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
from django.db import connection

from pointbook.accounting.models import Seal

FORM: Final = 2  # what a seal is made of today
_COHORT: Final = "c.unit, c.currency, c.issued_on::text, c.policy, c.funder"
_ENTRY: Final = "j.journal, j.year, j.number"
# One statement a table; the order is part of the digest.
_FIRST: Final = (
    """select e.code, p.code, c.version, c.closed_by from accounting_close c
    join accounting_period p on p.id = c.period_id
    join programs_entity e on e.id = c.entity_id where c.id = %(close)s""",
    """select g.code, w.seq, w.rate::text from accounting_watermark w
    join programs_program g on g.id = w.program_id where w.close_id = %(close)s order by 1""",
    """select g.code, j.journal, j.year, j.number, j.event, j.policy, j.description,
        j.posting_on::text, j.currency, l.number, l.account, l.debit, l.credit
    from accounting_journalentry j join accounting_journalline l on l.entry_id = j.id
    join programs_program g on g.id = j.program_id
    where j.close_id = %(close)s order by j.year, j.number, l.number""",
    # These are constants of this module: nothing comes from outside.
    f"""select g.code, {_COHORT}, c.event, c.points, c.change, c.share, c.breakage, j.number
    from accounting_cohortentry c join programs_program g on g.id = c.program_id
    left join accounting_journalentry j on j.id = c.entry_id
    where c.close_id = %(close)s order by c.id""",
    f"""select g.code, {_COHORT}, c.rate::text, c.issued, c.redeemed, c.expired, c.allocated,
        c.liability
    from accounting_cohorttotal c join programs_program g on g.id = c.program_id
    where c.close_id = %(close)s order by c.id""",
    """select g.code, t.number, t.name, t.unit, t.currency, t.this_side, t.that_side
    from accounting_tieout t join programs_program g on g.id = t.program_id
    where t.close_id = %(close)s order by 1, 2""",
)


def _at(column: str) -> str:
    """An instant as text that no setting of a session changes."""
    return f"to_char({column} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"


# The close's own entries, and what people posted in its period by hand before it was sealed.
_COVERED: Final = """from accounting_journalentry j
    join accounting_close c on c.id = %(close)s
    where j.close_id = c.id
    or j.close_id is null and j.period_id = c.period_id and j.recorded_at <= %(at)s"""
_SECOND: Final = (
    f"""select e.code, p.code, c.version, c.closed_by, {_at("c.closed_at")}
    from accounting_close c join accounting_period p on p.id = c.period_id
    join programs_entity e on e.id = c.entity_id where c.id = %(close)s""",
    """select g.code, w.seq, w.rate::text, w.estimate from accounting_watermark w
    join programs_program g on g.id = w.program_id where w.close_id = %(close)s order by 1""",
    f"""select s.number, s.name, s.status, s.summary, s.by, {_at("s.at")}
    from accounting_closestage s where s.close_id = %(close)s and s.name <> 'Seal' order by 1""",
    f"""select e.code, g.code, {_ENTRY}, j.event, j.policy, j.side, j.other, j.description,
        j.posting_on::text, j.currency, {_at("j.recorded_at")}, o.number, r.journal, r.year,
        r.number, l.number, l.account, l.debit, l.credit
    from (select j.* {_COVERED}) j
    join accounting_journalline l on l.entry_id = j.id
    join programs_entity e on e.id = j.entity_id join programs_program g on g.id = j.program_id
    left join accounting_proposal o on o.id = j.proposal_id
    left join accounting_journalentry r on r.id = j.reverses_id
    order by {_ENTRY}, l.number""",
    f"""select g.code, {_COHORT}, c.event, c.points, c.change, c.share, c.breakage, c.side,
        c.other, c.cost, c.unclaimed, c.transfers, j.journal, j.number
    from accounting_cohortentry c join programs_program g on g.id = c.program_id
    left join accounting_journalentry j on j.id = c.entry_id
    where c.close_id = %(close)s order by c.id""",
    f"""select g.code, {_COHORT}, c.rate::text, c.each::text, c.issued, c.redeemed, c.expired,
        c.allocated, c.liability
    from accounting_cohorttotal c join programs_program g on g.id = c.program_id
    where c.close_id = %(close)s order by c.id""",
    _FIRST[-1],
    # What was decided since the block before, whatever became of it, and how the books are kept.
    f"""select o.number, o.kind, encode(o.digest, 'hex'), o.body::text, o.note, o.prepared_by,
        {_at("o.prepared_at")}, d.outcome, d.reason, d.decided_by, {_at("d.decided_at")}, d.own
    from accounting_decision d join accounting_proposal o on o.id = d.proposal_id
    where o.entity_id = %(entity)s and d.decided_at > %(since)s and d.decided_at <= %(at)s
    order by o.number""",
    f"""select s.number, s.full, s.owner_run, s.costs, s.sales, s.gross_tender, s.currency,
        s.recorded_by, {_at("s.recorded_at")} from accounting_setting s
    where s.entity_id = %(entity)s and s.recorded_at > %(since)s and s.recorded_at <= %(at)s
    order by s.number""",
    # What is earned over time, by its days, and the rates of exchange since the block before.
    """select g.code, d.kind, d.currency, d.partner, d.amount, d.from_on::text, d.until_on::text
    from accounting_schedule d join programs_program g on g.id = d.program_id
    where d.close_id = %(close)s order by d.id""",
    f"""select x.currency, x.period, x.rate::text, x.recorded_by, {_at("x.recorded_at")}
    from accounting_exchangerate x
    where x.entity_id = %(entity)s and x.recorded_at > %(since)s and x.recorded_at <= %(at)s
    order by x.id""",
    # A digest cannot hold who sealed it: the next one does.
    f"""select s.number, s.sealed_by, {_at("s.sealed_at")} from accounting_seal s
    where s.id = %(before)s""",
)
FORMS: Final[Mapping[int, tuple[str, ...]]] = {1: _FIRST, 2: _SECOND}
_BEGINNING: Final = "-infinity"


def expected_digest(seal: Seal, *, before: bytes | None = None) -> bytes:
    """The digest that a seal must have, by its own form, chained to that of the seal before it.

    `before` is the digest before it when it was computed already (b"" for the first).
    """
    if before is None:
        before = bytes(seal.before.digest) if seal.before else b""
    hashed = hashlib.sha256(before)
    for line in _rows(seal):
        hashed.update(line)
    return hashed.digest()


def covered(seal: Seal) -> int:
    """How many entries a seal chains: those of its close, and the manual ones of its period."""
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) {_COVERED}", _asked(seal))
        return int(cursor.fetchone()[0])


def _rows(seal: Seal) -> Iterator[bytes]:
    with connection.cursor() as cursor:
        for statement in FORMS[seal.form]:
            cursor.execute(statement, _asked(seal))
            for row in cursor.fetchall():
                yield orjson.dumps(row) + b"\n"


def _asked(seal: Seal) -> dict[str, Any]:
    return {
        "close": seal.close_id,
        "entity": seal.close.entity_id,
        "at": seal.sealed_at,
        "since": seal.before.sealed_at if seal.before else _BEGINNING,
        "before": seal.before_id,
    }
