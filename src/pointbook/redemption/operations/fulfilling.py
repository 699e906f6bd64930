"""What happens to a redemption after its capture, step by step; who came to a booking, who did not.

Steps go forward only, and one that was taken already changes nothing. What members do not get back
by a step but by a fact is left to `earning.operations.attending`. Raises StepRefused and
RedemptionUnknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from pointbook.controls.actors import Actor
from pointbook.controls.clock import clock, now
from pointbook.controls.operations import change, hold_sequence
from pointbook.engine.ledger.holds import Key
from pointbook.engine.rules.catalogue import FULFILMENT, Gives, Slot
from pointbook.engine.values.errors import ConflictError
from pointbook.programs.queries import compiled
from pointbook.redemption.events import PROGRESSED
from pointbook.redemption.models import Progress, Redemption
from pointbook.redemption.operations.announcing import tell
from pointbook.redemption.queries.redemptions import Row, redemption

ATTENDED: Final = "attended"
NO_SHOW: Final = "no_show"
# Steps that other operations take: a payout to a cause, a draw, and whoever is at the door.
NOT_BY_HAND: Final = frozenset({("charity", "paid_out"), ("sweepstake", "drawn")})


class StepRefused(ConflictError):
    """The redemption cannot take this step of its fulfilment."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A booking that nobody came to, and whether its points are to be given back by a fact."""

    row: Row
    gives_back: bool


def steps_of(row: Row) -> tuple[str, ...]:
    """The steps of a redemption's kind, in order; none: it is done with its order."""
    return next((steps for kind, steps in FULFILMENT.items() if kind == row.kind), ())


def proceed(
    *, program_id: int, key: Key, actor: Actor, step: str | None = None, note: str = ""
) -> Row:
    """Take the next step of a redemption's fulfilment, or go on to a later one.

    :raises RedemptionUnknown: no redemption with this key.
    :raises StepRefused: not captured, no such step, one that lies behind, or not taken by hand.
    """
    row = redemption(program_id, key)
    steps = steps_of(row)
    wanted = step or _next(row, steps)
    if wanted not in steps or (row.kind, wanted) in NOT_BY_HAND:
        by_hand = [one for one in steps if (row.kind, one) not in NOT_BY_HAND]
        raise StepRefused(
            f"{key[1]!r} has no step {wanted!r} that is taken by hand",
            field="step",
            value=wanted,
            mend=f"Its steps are: {', '.join(by_hand) or 'none'}.",
        )
    if wanted == ATTENDED:
        _begun(program_id, row, clock(program_id))
    return _taken(program_id, row, wanted, actor=actor, note=note)


def attend(*, program_id: int, key: Key, actor: Actor, note: str = "") -> Row:
    """Somebody came to what they had booked.

    :raises RedemptionUnknown: no redemption with this key.
    :raises StepRefused: no booking, not captured, or told otherwise before.
    """
    return proceed(program_id=program_id, key=key, actor=actor, step=ATTENDED, note=note)


def no_show(*, program_id: int, key: Key, actor: Actor, note: str = "") -> Missed:
    """Nobody came to what was booked; the caller gives the points back when it says so.

    :raises RedemptionUnknown: no redemption with this key.
    :raises StepRefused: no booking, not captured, not begun yet, or told otherwise before.
    """
    row = redemption(program_id, key)
    if row.kind != "experience":
        raise StepRefused(
            f"{key[1]!r} is no booking",
            field="redemption",
            value=key[1],
            mend="Only experiences are attended.",
        )
    _begun(program_id, row, clock(program_id))
    row = _taken(program_id, row, NO_SHOW, actor=actor, note=note)
    return Missed(row, gives_back=gives_of(program_id, row).no_show == "return")


def gives_of(program_id: int, row: Row) -> Gives:
    """What a redemption's reward gave when it was reserved."""
    rewards = compiled(program_id).version_at(row.at).blueprint.rewards
    return next((own.gives for own in rewards if own.code == row.reward), Gives())


def booked_slot(program_id: int, row: Row) -> Slot | None:
    """The slot that a redemption is for; None where it is for none."""
    slots = gives_of(program_id, row).slots
    return next((own for own in slots if own.code == row.slot), None)


def note_steps(fact_ids: Sequence[int], step: str, *, at: datetime, actor: str, note: str) -> None:
    """Write down that these redemptions took a step, in one statement."""
    Progress.objects.bulk_create(
        Progress(
            redemption_id=own, step=step, at=at, recorded_at=now(), actor=actor, note=note[:500]
        )
        for own in fact_ids
    )


def _next(row: Row, steps: Sequence[str]) -> str:
    if row.fulfilment in steps[:-1]:
        return steps[steps.index(row.fulfilment) + 1]
    return row.fulfilment or (steps[0] if steps else "")


def _begun(program_id: int, row: Row, at: datetime) -> None:
    slot = booked_slot(program_id, row)
    if slot is not None and at < slot.starts_at:
        raise StepRefused(
            f"{row.slot} has not begun",
            field="redemption",
            value=row.key[1],
            mend="Say who came once it has; cancel the booking before.",
        )


def _taken(program_id: int, row: Row, step: str, *, actor: Actor, note: str) -> Row:
    def run() -> None:
        hold_sequence(program_id)
        before = _held(row.fact_id, step)
        if before == step:
            return
        _allowed(row, before, step)
        at = clock(program_id)
        Redemption.objects.filter(fact_id=row.fact_id).update(fulfilment=step)
        note_steps([row.fact_id], step, at=at, actor=actor.name, note=note)
        tell(program_id, PROGRESSED, row.fact_id, body={"step": step})

    change(
        actor=actor,
        action="redemption.fulfil",
        program_id=program_id,
        subject="/".join(row.key),
        body=[*row.key, step],
        detail={"step": step},
        run=run,
    )
    return redemption(program_id, row.key)


def _held(fact_id: int, step: str) -> str:
    """Its step, with the redemption and its hold under lock; the hold first, as facts do it."""
    with connection.cursor() as cursor:
        cursor.execute("select state from ledger_hold where fact_id = %s for share", [fact_id])
        (state,) = cursor.fetchone()
        cursor.execute(
            "select fulfilment from redemption_redemption where fact_id = %s for update",
            [fact_id],
        )
        before = str((cursor.fetchone() or ("",))[0])
    if state != "captured" and before != step:
        raise StepRefused(
            f"the redemption was {state}, not captured",
            field="redemption",
            value=state,
            mend="Only what was captured is fulfilled.",
        )
    return before


def _allowed(row: Row, before: str, step: str) -> None:
    steps = steps_of(row)
    ended = before in (NO_SHOW, ATTENDED) if step in (NO_SHOW, ATTENDED) else before == NO_SHOW
    behind = step in steps and before in steps and steps.index(step) < steps.index(before)
    if ended or behind:
        raise StepRefused(
            f"{row.key[1]!r} is {before} already",
            field="step",
            value=step,
            mend="Steps go forward only.",
        )
