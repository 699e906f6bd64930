"""Enrolment: a random id for everybody who is new, and what they are known by beside it.

Raises IdentifierTaken when one person's identifiers belong to two members.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from pointbook.controls.clock import now
from pointbook.engine.values.errors import ConflictError
from pointbook.engine.values.people import Person
from pointbook.members.models import Identifier, Profile
from pointbook.members.queries import resolve, spelled


class IdentifierTaken(ConflictError):
    """Two members are known by the identifiers of one person."""


def enrol(*, program_id: int, arrivals: Mapping[str, datetime]) -> dict[str, uuid.UUID]:
    """Enrol everybody who is not known by their reference yet; answers the member of each.

    Two writers may meet the same newcomer: the one that comes second takes the first one's member.
    """
    known = resolve(program_id, arrivals)
    missing = sorted(arrivals.keys() - known.keys())
    if missing:
        _insert(program_id, {ref: arrivals[ref] for ref in missing})
        known |= resolve(program_id, missing)
    return known


def _insert(program_id: int, arrivals: Mapping[str, datetime]) -> None:
    references = list(arrivals)
    kinds = ["email" if "@" in reference else "member" for reference in references]
    with connection.cursor() as cursor:
        cursor.execute(
            """with known as (
                insert into members_identifier (program_id, member_id, kind, value)
                select %s, id, kind, value
                from unnest(%s::uuid[], %s::text[], %s::text[]) as new(id, kind, value)
                order by value
                on conflict (program_id, value) do nothing
                returning member_id)
            insert into members_member (id, program_id, enrolled_at, recorded_at)
            select id, %s, enrolled_at, %s
            from unnest(%s::uuid[], %s::timestamptz[]) as new(id, enrolled_at)
            where id in (select member_id from known)""",
            [
                program_id,
                ids := [uuid.uuid4() for _ in references],
                kinds,
                [spelled(reference) for reference in references],
                program_id,
                now(),
                ids,
                list(arrivals.values()),
            ],
        )


def enrol_person(*, program_id: int, person: Person, at: datetime) -> tuple[uuid.UUID, bool]:
    """Enrol one person, or add what is new about a member we know; says whether they are new.

    :raises IdentifierTaken: when the identifiers belong to two members.
    """
    return import_people(program_id=program_id, people=[person], at=at)[0]


def import_people(
    *, program_id: int, people: Sequence[Person], at: datetime
) -> list[tuple[uuid.UUID, bool]]:
    """Enrol people or complete the members they are; one answer (member, is new) for each.

    The same people twice change nothing. :raises IdentifierTaken: and nothing is written.
    """
    with transaction.atomic():
        named = [identifiers(person) for person in people]
        known = resolve(program_id, {value for one in named for _, value in one})
        firsts: dict[str, datetime] = {}
        # Who is known by what, and who will be: by the reference they are enrolled under.
        owners: dict[str, uuid.UUID | str] = dict(known)
        for one in named:
            found = {owners[value] for _, value in one if value in owners}
            if len(found) > 1:
                raise _taken(one)
            if not found:
                firsts[one[0][1]] = at
            own = found.pop() if found else one[0][1]
            owners |= {value: own for _, value in one}
        enrolled = enrol(program_id=program_id, arrivals=firsts)
        answers = []
        for one in named:
            whose = owners[one[0][1]]
            new = firsts.pop(str(whose), None) is not None
            answers.append((enrolled[whose] if isinstance(whose, str) else whose, new))
        _identify(program_id, named, [own for own, _ in answers])
        _describe(people, [own for own, _ in answers], at)
        return answers


def _taken(named: Sequence[tuple[str, str]]) -> IdentifierTaken:
    return IdentifierTaken(
        f"{', '.join(value for _, value in named)} belong to different members",
        field="member",
        value=named[0][1],
        mend="Correct the row, or merge the members first.",
    )


def identifiers(person: Person) -> list[tuple[str, str]]:
    """What a person is known by, as (kind, value), the member number first."""
    pairs = (
        ("member", person.member),
        ("email", person.email),
        ("phone", person.phone),
        ("card", person.card),
    )
    return [(kind, spelled(value)) for kind, value in pairs if value]


def _identify(
    program_id: int, named: Sequence[Sequence[tuple[str, str]]], owners: Sequence[uuid.UUID]
) -> None:
    Identifier.objects.bulk_create(
        [
            Identifier(program_id=program_id, member_id=own, kind=kind, value=value)
            for one, own in zip(named, owners, strict=True)
            for kind, value in one
        ],
        ignore_conflicts=True,
    )
    # The reference somebody was enrolled by may have been taken for another kind.
    for kind in ("phone", "card"):
        values = [value for one in named for its, value in one if its == kind]
        if values:
            Identifier.objects.filter(
                program_id=program_id, value__in=values, kind="member"
            ).update(kind=kind)


def _describe(people: Sequence[Person], owners: Sequence[uuid.UUID], at: datetime) -> None:
    """Keep what people say about themselves; what they do not say stays as it was."""
    told = [
        (own, person.name or None, person.birthday, person.consent)
        for person, own in zip(people, owners, strict=True)
        if person.name or person.birthday or person.consent is not None
    ]
    with connection.cursor() as cursor:
        cursor.executemany(PROFILE, [(*one, at) for one in told])


PROFILE = """
with told(member_id, name, birthday, consent, at) as (
    values (%s::uuid, %s::text, %s::date, %s::boolean, %s::timestamptz))
insert into members_profile as known (member_id, name, birthday, consent, consent_at, language)
select member_id, coalesce(name, ''), birthday, coalesce(consent, false),
    case when consent then at end, '' from told
on conflict (member_id) do update set
    name = coalesce(nullif(excluded.name, ''), known.name),
    birthday = coalesce(excluded.birthday, known.birthday),
    consent = coalesce((select consent from told), known.consent),
    consent_at = case when (select consent from told) is null
        or (select consent from told) = known.consent then known.consent_at
        else excluded.consent_at end
"""


def describe(*, member_id: uuid.UUID, name: str, consent: bool, at: datetime) -> None:
    """Keep what a member says about themselves; consent is dated when it is first given."""
    profile, _ = Profile.objects.select_for_update().get_or_create(member_id=member_id)
    if consent != profile.consent:
        profile.consent_at = at if consent else None
    profile.name, profile.consent = name, consent
    profile.save(update_fields=["name", "consent", "consent_at"])


def keep_unclaimed(*, program_id: int, rows: Sequence[tuple[str, str, str]]) -> None:
    """Remember whom facts named that nobody knows: rows of (source, key, reference)."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """insert into members_unclaimedfact (program_id, source, key, reference)
            values (%s, %s, %s, %s) on conflict do nothing""",
            [(program_id, *row) for row in rows],
        )


def become(*, merges: Sequence[tuple[uuid.UUID, uuid.UUID]]) -> None:
    """Let merged members be those they became: whatever named the one names the other now."""
    with connection.cursor() as cursor:
        sources, targets = [one for one, _ in merges], [into for _, into in merges]
        cursor.execute(
            """with became as (
                select * from unnest(%s::uuid[], %s::uuid[]) as b(member_id, into_id)
            ), known as (
                update members_identifier i set member_id = b.into_id
                from became b where i.member_id = b.member_id
            )
            update members_member m set merged_into_id = b.into_id from became b
            where m.id = b.member_id or m.merged_into_id = b.member_id""",
            [sources, targets],
        )
