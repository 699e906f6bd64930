"""The list of members with what a list shows of each, and whether anything in it was simulated.

Points are in smallest parts of the program's main unit. Raises ProgramNotFound.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from pointbook.earning.queries import main_unit
from pointbook.members.queries import MemberRow
from pointbook.members.queries import count as count_members
from pointbook.members.queries import rows as member_rows
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as find_program


@dataclass(frozen=True, slots=True)
class ListedMember:
    """A member, the tier's name ('' without one), usable points less owed ones, last purchase."""

    member: MemberRow
    tier: str
    points: int
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the members found; `total` are all found, `everybody` all there are."""

    rows: tuple[ListedMember, ...]
    total: int
    everybody: int


def listing(program: str, *, text: str, at: datetime, limit: int = 50, offset: int = 0) -> Listing:
    """Members whose name or identifier contains `text` (all for ''), latest enrolled first."""
    row = find_program(program)
    blueprint = compiled(row.id).version_at(at).blueprint
    names = {rung.code: rung.name for rung in blueprint.tiers.ladder} if blueprint.tiers else {}
    with connection.cursor() as cursor:
        cursor.execute(
            LISTED,
            {
                "program": row.id,
                "pattern": f"%{text.translate(_LITERAL)}%" if text else None,
                "unit": main_unit(blueprint).code,
                "ladder": blueprint.tiers.code if blueprint.tiers else "",
                "at": at,
                "limit": limit,
                "offset": offset,
            },
        )
        found = cursor.fetchall()
    people = {one.id: one for one in member_rows([own for own, *_ in found])}
    return Listing(
        rows=tuple(
            ListedMember(people[own], names.get(tier, tier or ""), int(points), seen_at)
            for own, _, points, tier, seen_at in found
        ),
        total=found[0][1] if found else 0,
        everybody=count_members(row.id),
    )


LISTED = """
with found as (
    select m.id, m.enrolled_at, count(*) over () as total
    from members_member m left join members_profile p on p.member_id = m.id
    where m.program_id = %(program)s and m.merged_into_id is null and not m.bearer
    and (%(pattern)s::text is null or p.name ilike %(pattern)s
        or exists (select from members_identifier i
            where i.member_id = m.id and i.value ilike %(pattern)s))
    order by m.enrolled_at desc, m.id limit %(limit)s offset %(offset)s
)
select f.id, f.total, coalesce(lots.points, 0) + coalesce(debt.balance, 0), standing.tier, seen.at
from found f
left join lateral (select sum(l.remaining) as points from ledger_lot l
    join ledger_account a on a.id = l.account_id
    where a.member_id = f.id and a.unit = %(unit)s and l.remaining > 0
    and l.starts_at <= %(at)s and (l.expires_at is null or l.expires_at > %(at)s)) lots on true
left join lateral (select sum(balance) as balance from ledger_account
    where member_id = f.id and unit = %(unit)s and kind = 'debt') debt on true
left join lateral (select tier from tiers_standing
    where member_id = f.id and ladder = %(ladder)s order by id desc limit 1) standing on true
left join lateral (select max(occurred_at) as at from ledger_fact
    where member_id = f.id and type = 'purchase') seen on true
order by f.enrolled_at desc, f.id
"""
_LITERAL = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


def has_simulated(program: str) -> bool:
    """Whether some of the program's facts were made by a behaviour and happened to nobody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from ledger_fact where program_id = %s and simulated)",
            [find_program(program).id],
        )
        return bool(cursor.fetchone()[0])
