"""Who touches whom: members named by facts, and those whom their facts reach. Nothing here raises.

A friend's purchase reaches who invited them, a purchase the company, what comes in the head of the
household; what belonged to a merged member is the business of the one they became.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from django.db import connection

from pointbook.engine.replay.links import LINKS, linked_to
from pointbook.engine.replay.program import Program
from pointbook.engine.replay.referring import LONGEST_CHAIN
from pointbook.engine.values.facts import Fact
from pointbook.members import operations as members
from pointbook.members.queries import resolve

INVITED: Final = "invited"
LOCK: Final = 2023  # each kind of lock has a number of its own


@dataclass(slots=True)
class Links:
    """The members whom some members reach, themselves included.

    `became` are the merged ones and whom they became, `heirs` who keeps the points of whom.
    """

    everybody: set[uuid.UUID] = field(default_factory=set)
    became: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)
    heirs: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)

    def with_heirs(self, some: Iterable[uuid.UUID]) -> set[uuid.UUID]:
        """These members and whoever keeps their points."""
        found: set[uuid.UUID] = set()
        for member in some:
            own: uuid.UUID | None = member
            while own is not None and own not in found:
                found.add(own)
                own = self.heirs.get(own)
        return found


# Whom a fact reaches through others is reached as a keeper only: its own links do not matter.
REACHED: Final = """
with recursive reached(member_id, through) as (
    select member_id, false from unnest(%(members)s::uuid[]) as named(member_id)
    union
    select link.other, true from reached r
    join members_member m on m.id = r.member_id
    left join earning_state s on s.member_id = r.member_id and s.linked
    cross join lateral (values
        (m.merged_into_id),
        ((s.body ->> 'merged_into')::uuid),
        ((s.body ->> 'head')::uuid),
        (case when not r.through then (s.body ->> 'company')::uuid end),
        (case when not r.through and (%(all)s or jsonb_array_length(s.body -> 'invited' -> 2) = 0)
            then (s.body -> 'invited' ->> 0)::uuid end)
    ) as link(other) where link.other is not null
)
select distinct r.member_id, m.merged_into_id, (s.body ->> 'head')::uuid from reached r
join members_member m on m.id = r.member_id
left join earning_state s on s.member_id = r.member_id and s.linked
"""


def reached(named: Iterable[uuid.UUID], *, undoes: bool) -> Links:
    """Whom facts of these members reach; `undoes`: also those who had their share before."""
    with connection.cursor() as cursor:
        cursor.execute(REACHED, {"members": list(named), "all": undoes})
        rows = cursor.fetchall()
    links = Links()
    for member, into, head in rows:
        links.everybody.add(member)
        if into is not None:
            links.became[member] = into
        if into or head:
            links.heirs[member] = into or head
    return links


def with_heads(members: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """These members, and the heads of their households, who pay for them."""
    found = set(members)
    with connection.cursor() as cursor:
        cursor.execute(
            """select (body ->> 'head')::uuid from earning_state
            where member_id = any(%s) and linked and body ->> 'head' <> ''""",
            [sorted(found)],
        )
        return found | {own for (own,) in cursor}


@dataclass(frozen=True, slots=True)
class Inviter:
    """Who invited a member and whom a merged one became; None where there is nobody."""

    referrer: uuid.UUID | None
    into: uuid.UUID | None


CHAIN: Final = """
with recursive up(member_id, depth) as (
    select member_id, 0 from unnest(%(members)s::uuid[]) as named(member_id)
    union
    select link.other, u.depth + 1 from up u join members_member m on m.id = u.member_id
    left join earning_state s on s.member_id = u.member_id and s.linked
    cross join lateral (values
        (m.merged_into_id), ((s.body -> 'invited' ->> 0)::uuid)) as link(other)
    where link.other is not null and u.depth < %(longest)s
)
select distinct u.member_id, (s.body -> 'invited' ->> 0)::uuid, m.merged_into_id
from up u join members_member m on m.id = u.member_id
left join earning_state s on s.member_id = u.member_id and s.linked
"""


def inviters(referrers: Iterable[uuid.UUID]) -> dict[uuid.UUID, Inviter]:
    """These members and everybody who invited them, one after the other, up to LONGEST_CHAIN."""
    with connection.cursor() as cursor:
        cursor.execute(CHAIN, {"members": list(referrers), "longest": LONGEST_CHAIN})
        return {member: Inviter(referrer, into) for member, referrer, into in cursor.fetchall()}


def hold_invitations(program_id: int, facts: Iterable[Fact]) -> None:
    """Let nobody else invite meanwhile: members of two batches could invite each other."""
    if any(fact.type == INVITED for fact in facts):
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s, %s)", [LOCK, program_id])


def owners_of(program_id: int, facts: Sequence[Fact], *, enrols: bool) -> dict[str, uuid.UUID]:
    """The members whom facts name; newcomers are enrolled, unless `enrols` is False."""
    arrivals: dict[str, datetime] = {}
    for fact in facts:
        if fact.member is not None:
            first = arrivals.get(fact.member)
            if first is None or fact.occurred_at < first:
                arrivals[fact.member] = fact.occurred_at
    if not arrivals:
        return {}
    if enrols:
        return members.enrol(program_id=program_id, arrivals=arrivals)
    return resolve(program_id, arrivals)


@dataclass(frozen=True, slots=True)
class Named:
    """Facts with the other members they name by id, and the ids that are members' at all."""

    facts: list[Fact]
    known: frozenset[uuid.UUID]


def named_by_id(program_id: int, facts: Sequence[Fact], owners: Mapping[str, uuid.UUID]) -> Named:
    """The facts with the other members they name by id: a fact's content identifies nobody.

    `owners` are known already. Whom nobody knows stays as it was written; that is refused.
    """
    asked = {other for fact in facts if fact.type in LINKS and (other := linked_to(fact))}
    if not asked:
        return Named(list(facts), frozenset())
    found = {**resolve(program_id, asked), **{one: owners[one] for one in asked & owners.keys()}}
    named = []
    for fact in facts:
        other = linked_to(fact) if fact.type in LINKS else None
        if other is not None and other in found:
            named.append(naming(fact, found[other]))
        else:
            named.append(fact)
    return Named(named, frozenset(found.values()))


def naming(fact: Fact, other: uuid.UUID) -> Fact:
    """The fact with the other member it names by this id."""
    return replace(fact, attributes={**fact.attributes, LINKS[fact.type]: str(other)})


def counts_again(program: Program) -> bool:
    """Whether every purchase of a friend counts for who invited, not the first one only."""
    return any(
        version.blueprint.referrals is not None
        and version.blueprint.referrals.trigger == "every_purchase"
        for version in program.versions
    )


def as_id(reference: str) -> uuid.UUID | None:
    """The member's id that a reference is; None when it is none."""
    try:
        return uuid.UUID(reference)
    except ValueError:
        return None
