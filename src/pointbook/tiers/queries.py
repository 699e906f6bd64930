"""Standings: who stands where, now and at a time, and those the books ask for.

Nothing here raises.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db import connection

from pointbook.engine.rules.tiers import Move
from pointbook.ledger.movements import Span
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


class Begun(NamedTuple):
    """A standing as the books read it; `cause` is its fact, or below 0 its own number without one.

    `until` is where its validity ends (exclusive; None: no date).
    """

    cause: int
    member: uuid.UUID
    ladder: str
    at: datetime
    before: str
    tier: str
    until: datetime | None


# Status is the promise of the entity whose program it is: time alone has no store. As with facts,
# a span has those of its months, and of earlier ones what was posted since.
_BEGUN: Final = """
select coalesce(s.fact_id, -s.id), s.member_id, s.ladder, s.at, s.before, s.tier, s.until
from tiers_standing s join programs_program p on p.id = s.program_id
where s.program_id = %(program)s and p.entity_id = %(entity)s and s.seq <= %(up_to)s
and s.at < %(end)s and (s.at >= %(start)s or s.seq > %(after)s)
order by s.seq, s.id
"""


def begun(span: Span) -> list[Begun]:
    """The standings of a span in the books of the program's own entity, as they were posted."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGUN, span.parameters())
        return [Begun(*row) for row in cursor.fetchall()]


def causes_of(members: Collection[uuid.UUID]) -> dict[tuple[int, str], uuid.UUID]:
    """Whose standing each cause (see Begun) brought on a ladder, of all standings of members."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select coalesce(fact_id, -id), ladder, member_id from tiers_standing
            where member_id = any(%s)""",
            [list(members)],
        )
        return {(cause, ladder): member for cause, ladder, member in cursor.fetchall()}


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
