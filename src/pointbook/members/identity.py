"""Members who became others, and what two people may not share. Nothing here raises."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from django.db import connection

from pointbook.engine.values.traits import Trait, trait_of
from pointbook.members.models import Member


def became(members: Iterable[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """The member that each of these became, for those who were merged."""
    found = Member.objects.filter(id__in=set(members), merged_into__isnull=False)
    return {own: into for own, into in found.values_list("id", "merged_into") if into is not None}


def former(members: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[uuid.UUID]]:
    """The members that became each of these."""
    found: dict[uuid.UUID, list[uuid.UUID]] = {}
    rows = Member.objects.filter(merged_into__in=set(members)).order_by("id")
    for own, into in rows.values_list("id", "merged_into"):
        assert into is not None, "asked for"
        found.setdefault(into, []).append(own)
    return found


def traits(members: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, frozenset[Trait]]:
    """What each of these members is known by, spelled so that the same is the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select member_id, kind, value from members_identifier
            where member_id = any(%s) and kind <> 'referral'""",
            [list(members)],
        )
        rows = cursor.fetchall()
    found: dict[uuid.UUID, set[Trait]] = {}
    for member, kind, value in rows:
        trait = trait_of(kind, value)
        if trait is not None:
            found.setdefault(member, set()).add(trait)
    return {member: frozenset(own) for member, own in found.items()}
