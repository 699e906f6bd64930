"""What a posted fact moved, for those who tell it again. Nothing here raises."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection


@dataclass(frozen=True, slots=True)
class Moved:
    """Points of a unit that a fact gave its member, or took (negative).

    What is held is taken already: capturing it, or letting it lapse, takes nothing more (0).
    What it gave can be used from `starts_at` (None: once an event lets it) to `expires_at`.
    """

    kind: str
    unit: str
    points: int
    expires_at: datetime | None
    starts_at: datetime | None


def moved_by(facts: Sequence[int]) -> dict[int, list[Moved]]:
    """What each of these facts moved, in the order in which it was posted.

    Points that pay off what is owed move between two accounts of the member, so they are left out.
    """
    found: dict[int, list[Moved]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """select t.fact_id, t.kind, s.unit,
                case when t.kind in ('capture', 'lapse') then 0
                    when s.member_id is null or t.kind = 'release' then t.points
                    else -t.points end,
                l.expires_at, l.starts_at
            from ledger_transfer t join ledger_account s on s.id = t.source_id
            left join ledger_lot l on l.fact_id = t.fact_id and l.transfer_id = t.id
            where t.fact_id = any(%s) and t.kind <> 'repayment' order by t.id""",
            [list(facts)],
        )
        for fact, *moved in cursor.fetchall():
            found.setdefault(fact, []).append(Moved(*moved))
    return found


@dataclass(frozen=True, slots=True)
class Followed:
    """A fact that was posted right after another one, and whose it is."""

    source: str
    key: str
    type: str
    member: uuid.UUID | None


def followed_by(facts: Sequence[int], *, source: str) -> dict[int, list[Followed]]:
    """The facts of one source and the same time that stand right after each of these, in order."""
    found: dict[int, list[Followed]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """select f.id, m.source, m.key, m.type, m.member_id from ledger_fact f
            left join lateral (
                select n.seq from ledger_fact n where n.program_id = f.program_id
                and n.seq > f.seq and n.source <> %(source)s order by n.seq limit 1
            ) other on true
            join ledger_fact m on m.program_id = f.program_id and m.seq > f.seq
            and m.source = %(source)s and m.occurred_at = f.occurred_at
            and (other.seq is null or m.seq < other.seq)
            where f.id = any(%(facts)s) order by m.seq""",
            {"facts": list(facts), "source": source},
        )
        for fact, *row in cursor.fetchall():
            found.setdefault(fact, []).append(Followed(*row))
    return found
