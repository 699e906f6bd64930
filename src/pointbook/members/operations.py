"""Enrolment: a random id for everybody who is new, and what they are known by beside it.

Raises IdentifierTaken when one person's identifiers belong to two members, and ImportCrowded.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from django.db import connection, transaction

from pointbook.controls.clock import now
from pointbook.engine.values.errors import ConflictError
from pointbook.engine.values.people import Person
from pointbook.members.models import Identifier, Member, Profile
from pointbook.members.queries import resolve, spelled


class IdentifierTaken(ConflictError):
    """Two members are known by the identifiers of one person."""


class ImportCrowded(ConflictError):
    """Others enrolled the same people at the same time, again and again."""


TRIES: Final = 10


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


def enrol_bearer(*, program_id: int, number: str, at: datetime) -> uuid.UUID:
    """Somebody nobody knows, by the number of a card that is new."""
    bearer = Member.objects.create(
        program_id=program_id, enrolled_at=at, recorded_at=now(), bearer=True
    )
    Identifier.objects.create(
        program_id=program_id, member=bearer, kind=Identifier.Kind.CARD, value=number
    )
    return bearer.id


class Enrolled(NamedTuple):
    """The member somebody is, and whether they are one since now."""

    member: uuid.UUID
    new: bool


def enrol_person(*, program_id: int, person: Person, at: datetime) -> Enrolled:
    """Enrol one person, or add what is new about a member we know; says whether they are new.

    :raises IdentifierTaken: when the identifiers belong to two members.
    """
    (answer,) = import_people(program_id=program_id, people=[person], at=at)
    if isinstance(answer, IdentifierTaken):
        raise answer
    return answer


def import_people(
    *,
    program_id: int,
    people: Sequence[Person],
    at: datetime,
    joined: Sequence[datetime | None] = (),
) -> list[Enrolled | IdentifierTaken]:
    """Enrol people or complete the members they are; one answer for each, in order.

    The same people twice change nothing. Whose identifiers belong to two members is refused, and
    nothing of them is written. `joined` is since when each of them belongs, where that is known;
    all others belong since `at`. The number of statements does not grow with the people, and
    whatever is locked is locked in key order: several imports wait for each other and go on.

    :raises ImportCrowded: when others keep enrolling the same people meanwhile.
    """
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                plan = _planned(program_id, people, at, joined or [None] * len(people))
                _write(program_id, plan)
                _describe(plan.told, at)
                return plan.answers
        except _OvertakenError:
            continue
    raise ImportCrowded(
        "the same people are being enrolled by others", mend="Import the file again."
    )


class _OvertakenError(Exception):
    """Another writer has taken an identifier since it was looked for."""


@dataclass(slots=True)
class _Plan:
    """What is to be written: new members with their dates, what is known by what, what was told.

    `kinds` are the kinds that identifiers had better have which were enrolled by as a reference.
    """

    answers: list[Enrolled | IdentifierTaken] = field(default_factory=list)
    arrivals: dict[uuid.UUID, datetime] = field(default_factory=dict)
    identifiers: dict[str, tuple[str, uuid.UUID]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    told: dict[uuid.UUID, list[Person]] = field(default_factory=dict)


def _planned(
    program_id: int,
    people: Sequence[Person],
    at: datetime,
    joined: Sequence[datetime | None],
) -> _Plan:
    """Who is whom: people of the same batch may be one member, too."""
    named = [identifiers(person) for person in people]
    known = resolve(program_id, {value for one in named for _, value in one})
    plan, owners = _Plan(), dict(known)
    for person, one, since in zip(people, named, joined, strict=True):
        found = {owners[value] for _, value in one if value in owners}
        if len(found) > 1:
            plan.answers.append(_taken(one))
            continue
        own = next(iter(found), None) or uuid.uuid4()
        if not found:
            plan.arrivals[own] = since or at
        for kind, value in one:
            owners[value] = own
            if value not in known:
                plan.identifiers.setdefault(value, (kind, own))
            if kind in ("phone", "card"):
                plan.kinds[value] = kind
        plan.answers.append(Enrolled(own, new=not found))
        plan.told.setdefault(own, []).append(person)
    return plan


def _taken(named: Sequence[tuple[str, str]]) -> IdentifierTaken:
    return IdentifierTaken(
        f"{', '.join(value for _, value in named)} belong to different members",
        field="member",
        value=named[0][1],
        mend="Correct the row, or merge the members first.",
    )


def identifiers(person: Person) -> list[tuple[str, str]]:
    """What a person is known by, as (kind, value), the member number first."""
    return [(kind, spelled(value)) for kind, value in person.identifiers]


def _write(program_id: int, plan: _Plan) -> None:
    """Write new members and identifiers.

    :raises _OvertakenError: when somebody else has an identifier by now.
    """
    with connection.cursor() as cursor:
        if plan.arrivals:
            cursor.execute(
                """insert into members_member (id, program_id, enrolled_at, recorded_at)
                select id, %s, enrolled_at, %s
                from unnest(%s::uuid[], %s::timestamptz[]) as new(id, enrolled_at)""",
                [program_id, now(), list(plan.arrivals), list(plan.arrivals.values())],
            )
        if plan.identifiers:
            kinds, owners = zip(*plan.identifiers.values(), strict=True)
            cursor.execute(
                """insert into members_identifier (program_id, member_id, kind, value)
                select %s, id, kind, value
                from unnest(%s::uuid[], %s::text[], %s::text[]) as new(id, kind, value)
                order by value on conflict (program_id, value) do nothing""",
                [program_id, list(owners), list(kinds), list(plan.identifiers)],
            )
            if cursor.rowcount < len(plan.identifiers):
                raise _OvertakenError
            # Who is known by more than a card's number is its bearer no longer, but a member.
            cursor.execute(
                "update members_member set bearer = false where id = any(%s) and bearer",
                [list(owners)],
            )
        if plan.kinds:
            # The reference somebody was enrolled by may have been taken for another kind.
            cursor.execute(
                """with better as (
                    select i.id, told.kind
                    from unnest(%s::text[], %s::text[]) as told(value, kind)
                    join members_identifier i on i.program_id = %s and i.value = told.value
                    where i.kind = 'member' and told.kind <> 'member'
                    order by i.value for update of i
                )
                update members_identifier i set kind = better.kind from better
                where i.id = better.id""",
                [list(plan.kinds), list(plan.kinds.values()), program_id],
            )


def _describe(told: Mapping[uuid.UUID, Sequence[Person]], at: datetime) -> None:
    """Keep what people say about themselves; what they do not say stays as it was."""
    rows = [(own, *said) for own, people in told.items() if any(said := _said(people, at))]
    if not rows:
        return
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        # Whoever writes what is told of members holds the members first, in order.
        cursor.execute(
            "select from members_member where id = any(%s) order by id for no key update",
            [columns[0]],
        )
        cursor.execute(PROFILES, columns)


def _said(people: Sequence[Person], at: datetime) -> tuple[object, ...]:
    """Name, birthday, consent and its time as the last row says that says anything of it."""
    name = birthday = consent = consent_at = None
    for person in people:
        name = person.name or name
        birthday = person.birthday or birthday
        if person.consent is not None:
            consent, consent_at = person.consent, person.consent_at or at
    return name, birthday, consent, consent_at


# What is made in the same statement is not yet there to be changed.
PROFILES: Final = """
with told as (
    select * from unnest(%s::uuid[], %s::text[], %s::date[], %s::boolean[], %s::timestamptz[])
        as told(member_id, name, birthday, consent, consent_at)
), made as (
    insert into members_profile (member_id, name, birthday, consent, consent_at, language)
    select member_id, coalesce(name, ''), birthday, coalesce(consent, false),
        case when consent then consent_at end, ''
    from told order by member_id on conflict (member_id) do nothing
)
update members_profile known set
    name = coalesce(told.name, known.name),
    birthday = coalesce(told.birthday, known.birthday),
    consent = coalesce(told.consent, known.consent),
    consent_at = case when coalesce(told.consent, known.consent) = known.consent
        then known.consent_at when told.consent then told.consent_at end
from told where known.member_id = told.member_id
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
        cursor.execute(
            """insert into members_unclaimedfact (program_id, source, key, reference)
            select %s, * from unnest(%s::text[], %s::text[], %s::text[]) on conflict do nothing""",
            [program_id, *(list(column) for column in zip(*rows, strict=True))],
        )


def become(*, merges: Sequence[tuple[uuid.UUID, uuid.UUID]]) -> None:
    """Let merged members be those they became: whatever named the one names the other now.

    What only the one told of themselves is the other's, too.
    """
    with connection.cursor() as cursor:
        sources, targets = [one for one, _ in merges], [into for _, into in merges]
        cursor.execute(BECOME, [sources, targets])


BECOME: Final = """
with became as (
    select * from unnest(%s::uuid[], %s::uuid[]) as b(member_id, into_id)
), known as (
    update members_identifier i set member_id = b.into_id
    from became b where i.member_id = b.member_id
), told as (
    select distinct on (b.into_id) b.into_id, p.* from became b
    join members_profile p on p.member_id = b.member_id order by b.into_id, p.member_id
), described as (
    insert into members_profile as own
        (member_id, name, birthday, consent, consent_at, language)
    select into_id, name, birthday, consent, consent_at, language from told
    on conflict (member_id) do update set
        name = coalesce(nullif(own.name, ''), excluded.name),
        birthday = coalesce(own.birthday, excluded.birthday),
        language = coalesce(nullif(own.language, ''), excluded.language)
)
update members_member m set merged_into_id = b.into_id from became b
where m.id = b.member_id or m.merged_into_id = b.member_id
"""
