"""Bookings of an experience's slots: their calendar files, who waits, which places are kept.

Raises NoBooking and RedemptionUnknown.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from pointbook.engine.ledger.holds import Key
from pointbook.engine.rules.catalogue import Reward, Slot
from pointbook.engine.values.errors import NotFoundError
from pointbook.engine.values.invites import event
from pointbook.programs.models import Program
from pointbook.programs.queries import compiled
from pointbook.redemption.models import Waiting
from pointbook.redemption.queries.redemptions import Row, redemption


class NoBooking(NotFoundError):
    """The redemption is no booking of a slot, or not any more."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody on the list of a slot: `turn` 1 is the next; `until` when an offer ends."""

    id: int
    member: uuid.UUID
    reward: str
    slot: str
    since: datetime
    state: str
    until: datetime | None
    turn: int


def booked(program_id: int, row: Row) -> tuple[Reward, Slot]:
    """The reward and the slot that a redemption booked, as they were then.

    :raises NoBooking: it is for none.
    """
    for reward in compiled(program_id).version_at(row.at).blueprint.rewards:
        for slot in reward.gives.slots:
            if (reward.code, slot.code) == (row.reward, row.slot):
                return reward, slot
    raise NoBooking(
        f"{row.key[1]!r} is no booking",
        field="redemption",
        value=row.key[1],
        mend="Only experiences are booked.",
    )


def invite(program_id: int, key: Key, *, at: datetime) -> str:
    """The .ics file of a booking, made at an instant; the same event each time it is sent.

    :raises RedemptionUnknown: no redemption with this key.
    :raises NoBooking: it is for no slot, or was let go or taken back.
    """
    row = redemption(program_id, key)
    reward, slot = booked(program_id, row)
    if row.state not in ("reserved", "captured"):
        raise NoBooking(
            f"the booking was {row.state}",
            field="redemption",
            value=key[1],
            mend="Book again.",
        )
    code = Program.objects.values_list("code", flat=True).get(id=program_id)
    return event(
        uid=f"redemption-{row.fact_id}@{code}",
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        summary=reward.name,
        place=slot.place,
        stamp=at,
    )


def turns(program_id: int, *, reward: str, slot: str) -> list[Turn]:
    """Who waits for a slot or was offered a place, the first to come first."""
    found = Waiting.objects.filter(
        program_id=program_id, reward=reward, slot=slot, state__in=["waiting", "offered"]
    ).order_by("since", "id")
    return [
        Turn(one.id, one.member_id, reward, slot, one.since, one.state, one.until, turn)
        for turn, one in enumerate(found, 1)
    ]


def kept(program_id: int, *, at: datetime) -> Mapping[tuple[str, str], Collection[uuid.UUID]]:
    """Whom a place is offered to who waited, by reward and slot.

    Nobody else can have it before the offer ends. Who booked since needs none kept.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """select w.reward, w.slot, array_agg(w.member_id) from redemption_waiting w
            where w.program_id = %s and w.state = 'offered' and w.until > %s
            and not exists (select from redemption_redemption r
                join ledger_hold h on h.fact_id = r.fact_id
                where w.member_id in (r.member_id, r.receiver_id) and r.reward = w.reward
                and r.slot = w.slot and r.at >= w.since and h.state in ('reserved', 'captured'))
            group by 1, 2""",
            [program_id, at],
        )
        return {(reward, slot): frozenset(members) for reward, slot, members in cursor}
