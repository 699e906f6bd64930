"""Standings: who stands where, now and at a time. Nothing here raises."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from pointbook.engine.rules.tiers import Move
from pointbook.tiers.models import Standing


@dataclass(frozen=True, slots=True)
class StandingRow:
    """One dated standing; `measure` is what reached it, in minor units, points or times.

    `kind` says why it came, `until` where its validity ends (exclusive; None: no date).
    """

    at: datetime
    before: str
    tier: str
    measure: int
    step: int
    ladder: str
    kind: str
    until: datetime | None


class PostedReview(NamedTuple):
    """When time alone moved a member on a ladder, and the number under which that was posted.

    A step of 0 changed no tier.
    """

    seq: int
    at: datetime
    ladder: str
    kind: str
    step: int


def tiers_of(members: Sequence[uuid.UUID]) -> dict[uuid.UUID, Mapping[str, str]]:
    """The latest tier of each of these members on every ladder on which they have one."""
    found: dict[uuid.UUID, dict[str, str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """select distinct on (member_id, ladder) member_id, ladder, tier from tiers_standing
            where member_id = any(%s) order by member_id, ladder, id desc""",
            [list(members)],
        )
        for member, ladder, tier in cursor.fetchall():
            found.setdefault(member, {})[ladder] = tier
    return dict(found)


def tiers_on(ladder: str, members: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The latest tier on one ladder of each of these members who has one there."""
    held = tiers_of(members)
    return {member: tiers[ladder] for member, tiers in held.items() if ladder in tiers}


def standings(member: uuid.UUID, *, ladder: str | None = None) -> list[StandingRow]:
    """A member's standings (on one ladder), the latest first."""
    found = Standing.objects.filter(member_id=member).order_by("-id")
    if ladder is not None:
        found = found.filter(ladder=ladder)
    return [
        StandingRow(
            at=row.at,
            before=row.before,
            tier=row.tier,
            measure=row.measure,
            step=row.step,
            ladder=row.ladder,
            kind=row.kind,
            until=row.until,
        )
        for row in found
    ]


def last_review(program_id: int) -> datetime | None:
    """The latest time at which a standing was judged."""
    latest = Standing.objects.filter(program_id=program_id).order_by("-at")
    return latest.values_list("at", flat=True).first()


def posted_moves(members: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Move]]:
    """Members' standings in posted order, as the engine told them."""
    moves: dict[uuid.UUID, list[Move]] = {}
    for row in Standing.objects.filter(member_id__in=members).order_by("id"):
        moves.setdefault(row.member_id, []).append(_move(row))
    return moves


def moves_by(facts: Sequence[int], *, members: Collection[uuid.UUID]) -> dict[int, list[Move]]:
    """The standings that each of these facts of these members changed, in posted order."""
    moves: dict[int, list[Move]] = {}
    found = Standing.objects.filter(member_id__in=members, fact_id__in=facts)
    for row in found.order_by("id"):
        if row.fact_id is not None:
            moves.setdefault(row.fact_id, []).append(_move(row))
    return moves


def _move(row: Standing) -> Move:
    return Move(
        at=row.at,
        before=row.before,
        after=row.tier,
        measure=row.measure,
        step=row.step,
        ladder=row.ladder,
        kind=row.kind,
        until=row.until,
    )


def posted_reviews(members: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[PostedReview]]:
    """The standings that no fact brought to these members, in posted order."""
    reviews: dict[uuid.UUID, list[PostedReview]] = {}
    found = Standing.objects.filter(member_id__in=members, fact__isnull=True).order_by("id")
    columns = ("member_id", "seq", "at", "ladder", "kind", "step")
    for member, *row in found.values_list(*columns):
        reviews.setdefault(member, []).append(PostedReview(*row))
    return reviews
