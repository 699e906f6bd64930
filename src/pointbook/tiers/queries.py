"""Standings: who stands where, now and at a time. Nothing here raises."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from pointbook.tiers.models import Standing


@dataclass(frozen=True, slots=True)
class StandingRow:
    """One dated standing; `measure` in minor units is what reached it."""

    at: datetime
    before: str
    tier: str
    measure: int
    step: int


def tiers_of(members: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The latest tier of each of these members who has one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select distinct on (member_id) member_id, tier from tiers_standing
            where member_id = any(%s) order by member_id, id desc""",
            [list(members)],
        )
        return dict(cursor.fetchall())


def standings(member: uuid.UUID) -> list[StandingRow]:
    """A member's standings, the latest first."""
    return [
        StandingRow(row.at, row.before, row.tier, row.measure, row.step)
        for row in Standing.objects.filter(member_id=member).order_by("-id")
    ]


def posted_moves(
    members: Sequence[uuid.UUID],
) -> dict[uuid.UUID, list[tuple[datetime, str, str]]]:
    """Members' standings in posted order: when, from which tier, to which."""
    moves: dict[uuid.UUID, list[tuple[datetime, str, str]]] = {}
    found = Standing.objects.filter(member_id__in=members).order_by("id")
    for member, at, before, tier in found.values_list("member_id", "at", "before", "tier"):
        moves.setdefault(member, []).append((at, before, tier))
    return moves
