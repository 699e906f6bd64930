"""Who waits for a place in a slot: join, leave, and the offer of a place that came back.

The first to come is offered the first place, which is kept for them until the offer ends. Raises
WaitingRefused and RewardUnknown.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from pointbook.controls.actors import SYSTEM, Actor
from pointbook.controls.clock import clock
from pointbook.controls.operations import announce, change, next_seq
from pointbook.engine.rules.catalogue import Reward, Slot
from pointbook.engine.values.errors import ConflictError
from pointbook.programs.queries import compiled
from pointbook.redemption.events import OFFERED
from pointbook.redemption.models import Waiting
from pointbook.redemption.queries.bookings import Turn, kept, turns
from pointbook.redemption.queries.rewards import reward_at, slot_of
from pointbook.redemption.queries.shelves import standing

# How long an offered place is kept; never beyond the slot's beginning.
OFFER: Final = timedelta(hours=24)
LIVE: Final = ("waiting", "offered")


class WaitingRefused(ConflictError):
    """Nobody can wait for this, or nobody needs to."""


def join(*, program_id: int, reward: str, slot: str, member: uuid.UUID, actor: Actor) -> Turn:
    """Wait for a place in a slot that is full; who waits already keeps their turn.

    :raises RewardUnknown: no such reward or slot.
    :raises WaitingRefused: no list is kept, the slot has begun, or there are places.
    """
    at = clock(program_id)
    found = reward_at(program_id, reward, at=at)
    chosen = slot_of(found, slot)
    if not found.gives.waiting or at >= chosen.starts_at:
        raise WaitingRefused(
            f"nobody waits for {slot!r}",
            field="slot",
            value=slot,
            mend="It has begun." if found.gives.waiting else "No waiting list is kept for it.",
        )
    there = _turn(program_id, found, slot, member)
    if there is not None:
        return there
    others = kept(program_id, at=at).get((reward, slot), ())
    if (standing(program_id, at=at, rewards=[found]).left(found, slot) or 0) > len(others):
        raise WaitingRefused(
            f"there are places in {slot!r}", field="slot", value=slot, mend="Reserve one."
        )
    change(
        actor=actor,
        action="slot.wait",
        program_id=program_id,
        subject=f"{reward}/{slot}",
        body=[reward, slot, str(member)],
        run=lambda: Waiting.objects.bulk_create(
            [
                Waiting(
                    program_id=program_id,
                    reward=reward,
                    slot=slot,
                    member_id=member,
                    since=at,
                    state=Waiting.State.WAITING,
                )
            ],
            ignore_conflicts=True,
        ),
    )
    return next(one for one in turns(program_id, reward=reward, slot=slot) if one.member == member)


def leave(*, program_id: int, reward: str, slot: str, member: uuid.UUID, actor: Actor) -> bool:
    """Wait no longer; answers whether they waited. An offered place goes to the next."""
    own = Waiting.objects.filter(
        program_id=program_id, reward=reward, slot=slot, member_id=member, state__in=LIVE
    )
    left = change(
        actor=actor,
        action="slot.wait",
        program_id=program_id,
        subject=f"{reward}/{slot}",
        body=[reward, slot, str(member), "leave"],
        run=lambda: own.update(state=Waiting.State.LEFT),
    )
    return bool(left)


def offer_places(*, program_id: int, at: datetime, actor: Actor = SYSTEM) -> int:
    """Offer every free place of a slot to who waits for it; answers how many offers were made.

    Who took a place or let an offer end waits no longer. Nothing to do costs one read.
    """
    if not Waiting.objects.filter(program_id=program_id, state__in=LIVE).exists():
        return 0
    rewards = [
        reward
        for reward in compiled(program_id).version_at(at).blueprint.rewards
        if reward.gives.waiting
    ]
    with transaction.atomic():
        # Shelves before lists: nobody takes a place while it is offered.
        _lock_slots(program_id, [own.code for own in rewards])
        _ended(program_id, at)
        offers: list[tuple[int, datetime]] = []
        there = standing(program_id, at=at, rewards=rewards)
        for reward in rewards:
            for slot in reward.gives.slots:
                if slot.starts_at > at:
                    free = there.left(reward, slot.code) or 0
                    offers += _offers(program_id, reward, slot, free, at)
        if not offers:
            return 0
        for own, until in offers:
            Waiting.objects.filter(id=own).update(state=Waiting.State.OFFERED, until=until)
        return change(
            actor=actor,
            action="slot.offer",
            program_id=program_id,
            subject=f"{len(offers)} places",
            body=[own for own, _ in offers],
            run=lambda: _told(program_id, offers),
        )


def _lock_slots(program_id: int, rewards: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """select from redemption_shelf where program_id = %s and reward = any(%s)
            order by reward, slot, span for update""",
            [program_id, rewards],
        )


def _offers(
    program_id: int, reward: Reward, slot: Slot, free: int, at: datetime
) -> list[tuple[int, datetime]]:
    """The first who wait, as many as there are free places that are not offered yet."""
    until = min(at + OFFER, slot.starts_at)
    with connection.cursor() as cursor:
        cursor.execute(
            """select id, state from redemption_waiting where program_id = %s and reward = %s
            and slot = %s and state in ('waiting', 'offered') order by since, id for update""",
            [program_id, reward.code, slot.code],
        )
        found = cursor.fetchall()
    waits = [own for own, state in found if state == "waiting"]
    return [(own, until) for own in waits[: max(0, free - (len(found) - len(waits)))]]


def _told(program_id: int, offers: list[tuple[int, datetime]]) -> int:
    start = next_seq(program_id)
    rows = [(OFFERED, own, {"until": until.isoformat()}) for own, until in offers]
    announce(program_id=program_id, start=start, rows=rows)
    return len(offers)


# Who booked since is served; an offer that nobody took is over.
ENDED: Final = """
with booked as (
    select w.id from redemption_waiting w join redemption_redemption r
        on w.member_id in (r.member_id, r.receiver_id) and r.reward = w.reward and r.slot = w.slot
        and r.at >= w.since
    join ledger_hold h on h.fact_id = r.fact_id and h.state in ('reserved', 'captured')
    where w.program_id = %(program)s and w.state in ('waiting', 'offered')
)
update redemption_waiting w set
    state = case when w.id in (select id from booked) then 'taken' else 'left' end
where w.program_id = %(program)s and w.state in ('waiting', 'offered')
and (w.id in (select id from booked) or (w.state = 'offered' and w.until <= %(at)s))
"""


def _ended(program_id: int, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ENDED, {"program": program_id, "at": at})


def _turn(program_id: int, reward: Reward, slot: str, member: uuid.UUID) -> Turn | None:
    found = turns(program_id, reward=reward.code, slot=slot)
    return next((one for one in found if one.member == member), None)
