"""Who is a member: by any identifier, by id, by search. Nothing here raises but MemberNotFound."""

from __future__ import annotations

import uuid
from calendar import isleap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Q

from pointbook.engine.values.errors import NotFoundError
from pointbook.members.models import Identifier, Member, Profile


class MemberNotFound(NotFoundError):
    """There is no member with this id or identifier."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member with what they are known by; `identifiers` maps kind to value."""

    id: uuid.UUID
    program_id: int
    name: str
    enrolled_at: datetime
    identifiers: Mapping[str, str]
    birthday: date | None = None
    consent: bool = False

    @property
    def shown_as(self) -> str:
        """What to call the member: the name, or the first thing they are known by."""
        return self.name or next(iter(self.identifiers.values()), str(self.id)[:8])


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Everything kept of who a member is; `identifiers` are all of them as (kind, value).

    `consent` is None where nothing was ever told of them.
    """

    id: uuid.UUID
    enrolled_at: datetime
    identifiers: tuple[tuple[str, str], ...]
    name: str
    birthday: date | None
    consent: bool | None
    consent_at: datetime | None


def resolve(program_id: int, references: Iterable[str]) -> dict[str, uuid.UUID]:
    """The member of each reference that somebody is known by; e-mails are compared in lower case.

    A member's own id is a reference too.
    """
    asked = {reference: spelled(reference) for reference in references}
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """select value, member_id from members_identifier
            where program_id = %s and value = any(%s)""",
            [program_id, list(set(asked.values()))],
        )
        known = dict(cursor.fetchall())
    found = {ref: known[value] for ref, value in asked.items() if value in known}
    ids = {ref: own for ref in asked.keys() - found.keys() if (own := _uuid(ref)) is not None}
    if ids:
        # Who was merged into another member is that member now.
        there = {
            own: into or own
            for own, into in Member.objects.filter(
                program_id=program_id, id__in=ids.values()
            ).values_list("id", "merged_into")
        }
        found |= {ref: there[own] for ref, own in ids.items() if own in there}
    return found


def spelled(reference: str) -> str:
    """An identifier as it is stored: e-mail addresses in lower case."""
    return reference.lower() if "@" in reference else reference


def member(program_id: int, reference: str) -> MemberRow:
    """One member by id or identifier.

    :raises MemberNotFound: when nobody is known by it.
    """
    found = resolve(program_id, [reference])
    if reference not in found:
        raise MemberNotFound(
            f"there is no member {reference!r}",
            field="member",
            value=reference,
            mend="Use an id, a member number, a card, a phone number or an e-mail address.",
        )
    return rows([found[reference]])[0]


def rows(ids: Sequence[uuid.UUID]) -> list[MemberRow]:
    """Members by id, in the order of `ids`."""
    found = {
        row.id: row
        for row in Member.objects.filter(id__in=ids)
        .select_related("profile")
        .prefetch_related("identifier_set")
    }
    return [_row(found[own]) for own in ids if own in found]


def search(program_id: int, text: str, *, limit: int = 50, offset: int = 0) -> list[MemberRow]:
    """Members whose name or identifier contains `text`, latest enrolled first; all for ''."""
    where = "m.program_id = %s and m.merged_into_id is null and not m.bearer"
    parameters = [program_id]
    if text:
        where += """ and (exists (select from members_identifier i where i.member_id = m.id
            and i.value ilike %s) or p.name ilike %s)"""
        pattern = f"%{text.translate(_LITERAL)}%"
        parameters += [pattern, pattern]  # type: ignore[list-item]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select m.id from members_member m
            left join members_profile p on p.member_id = m.id where {where}
            order by m.enrolled_at desc, m.id limit %s offset %s""",
            [*parameters, limit, offset],
        )
        return rows([own for (own,) in cursor.fetchall()])


def people(program_id: int, *, after: uuid.UUID | None, limit: int) -> list[PersonRow]:
    """The next members by id after one of them (None: the first), in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select m.id, m.enrolled_at, coalesce(p.name, ''), p.birthday, p.consent,
                p.consent_at, array(select i.kind || ':' || i.value from members_identifier i
                    where i.member_id = m.id order by i.id)
            from members_member m left join members_profile p on p.member_id = m.id
            where m.program_id = %(program)s and m.merged_into_id is null and not m.bearer
            and (%(after)s::uuid is null or m.id > %(after)s::uuid)
            order by m.id limit %(limit)s""",
            {"program": program_id, "after": after, "limit": limit},
        )
        return [
            PersonRow(own, at, tuple(_pair(one) for one in known), name, birthday, consent, told_at)
            for own, at, name, birthday, consent, told_at, known in cursor.fetchall()
        ]


def _pair(identifier: str) -> tuple[str, str]:
    kind, _, value = identifier.partition(":")
    return kind, value


def known_by(members: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The first thing that each of these members is known by, the member number before others."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select distinct on (member_id) member_id, value from members_identifier
            where member_id = any(%s) order by member_id, kind <> 'member', id""",
            [list(members)],
        )
        return dict(cursor.fetchall())


def member_ids(program_id: int) -> list[uuid.UUID]:
    """Every member's id, in order."""
    found = Member.objects.filter(program_id=program_id).order_by("id")
    return list(found.values_list("id", flat=True))


def unclaimed(program_id: int, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Whom the facts under these keys (source, id) named that nobody knew when they came."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select source, key, reference from members_unclaimedfact where program_id = %s
            and (source, key) in (select * from unnest(%s::text[], %s::text[]))""",
            [program_id, [source for source, _ in keys], [own for _, own in keys]],
        )
        return {(source, key): reference for source, key, reference in cursor.fetchall()}


def count(program_id: int) -> int:
    """How many members a program has; bearers of cards are none."""
    found = Member.objects.filter(program_id=program_id, merged_into=None, bearer=False)
    return found.count()


def is_bearer(member_id: uuid.UUID) -> bool:
    """Whether this is the bearer of a card, and no member."""
    return Member.objects.filter(id=member_id, merged_into=None, bearer=True).exists()


def joined(members: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When each of these members was enrolled."""
    return dict(Member.objects.filter(id__in=members).values_list("id", "enrolled_at"))


def born_on(program_id: int, day: date) -> list[uuid.UUID]:
    """Members whose birthday comes round on a day; 29 February is the 28th in common years."""
    dates = Q(birthday__month=day.month, birthday__day=day.day)
    if (day.month, day.day) == (2, 28) and not isleap(day.year):
        dates |= Q(birthday__month=2, birthday__day=29)
    found = Profile.objects.filter(
        dates, member__program_id=program_id, member__merged_into=None, birthday__lte=day
    )
    return list(found.order_by("member_id").values_list("member_id", flat=True))


def email_of(member_id: uuid.UUID) -> str:
    """The member's e-mail address, '' when there is none."""
    found = Identifier.objects.filter(member_id=member_id, kind="email").first()
    return "" if found is None else found.value


_LITERAL = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


def _row(found: Member) -> MemberRow:
    profile = getattr(found, "profile", None)
    known = sorted(found.identifier_set.all(), key=lambda one: (one.kind != "member", one.id))
    return MemberRow(
        id=found.id,
        program_id=found.program_id,
        name="" if profile is None else profile.name,
        enrolled_at=found.enrolled_at,
        identifiers={one.kind: one.value for one in known},
        birthday=None if profile is None else profile.birthday,
        consent=profile is not None and profile.consent,
    )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
