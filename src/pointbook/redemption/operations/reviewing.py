"""Somebody of the team looks at a suspicious redemption: cleared, it can be captured; or refused.

What was refused is released by a fact, which is `earning.operations.attending`'s to post. Nobody
decides on their own. Raises ReviewRefused and RedemptionUnknown.
"""

from __future__ import annotations

from typing import Literal

from pointbook.controls.actors import Actor
from pointbook.controls.clock import clock
from pointbook.controls.models import User
from pointbook.controls.operations import change, hold_sequence
from pointbook.engine.ledger.holds import Key
from pointbook.engine.values.errors import ConflictError
from pointbook.members.queries import resolve
from pointbook.redemption.events import REVIEWED
from pointbook.redemption.models import Redemption
from pointbook.redemption.operations.announcing import tell
from pointbook.redemption.operations.fulfilling import note_steps
from pointbook.redemption.queries.redemptions import Row, redemption

Answer = Literal["done", "refused"]


class ReviewRefused(ConflictError):
    """The redemption is not to be looked at, or not by this person."""


def clear(*, program_id: int, key: Key, actor: Actor, note: str = "") -> Row:
    """The redemption is as it should be; done twice, it changes nothing.

    :raises RedemptionUnknown: no redemption with this key.
    :raises ReviewRefused: nothing to look at, refused before, or the person's own.
    """
    return _decided(program_id, key, "done", actor=actor, note=note)


def refuse(*, program_id: int, key: Key, actor: Actor, note: str = "") -> Row:
    """The redemption is not to be; the caller releases its points. Done twice, as once.

    :raises RedemptionUnknown: no redemption with this key.
    :raises ReviewRefused: nothing to look at, cleared before, or the person's own.
    """
    return _decided(program_id, key, "refused", actor=actor, note=note)


def _decided(program_id: int, key: Key, answer: Answer, *, actor: Actor, note: str) -> Row:
    row = redemption(program_id, key)
    _somebody_else(program_id, row, actor)

    def run() -> None:
        hold_sequence(program_id)
        found = Redemption.objects.select_for_update().filter(fact_id=row.fact_id).first()
        before = "" if found is None else found.review
        if before == answer:
            return
        if before != "open":
            raise ReviewRefused(
                f"{key[1]!r} is not waiting for a review" + (f": {before}" if before else ""),
                field="redemption",
                value=key[1],
                mend="List what is: pointbook redemptions PROGRAM --review.",
            )
        Redemption.objects.filter(fact_id=row.fact_id).update(review=answer)
        step = "cleared" if answer == "done" else "refused"
        at = clock(program_id)
        note_steps([row.fact_id], step, at=at, actor=actor.name, note=note)
        tell(program_id, REVIEWED, row.fact_id, body={"review": answer})

    change(
        actor=actor,
        action="redemption.review",
        program_id=program_id,
        subject="/".join(key),
        body=[*key, answer],
        detail={"answer": answer},
        run=run,
    )
    return redemption(program_id, key)


def _somebody_else(program_id: int, row: Row, actor: Actor) -> None:
    """Who gets it does not judge it, and neither does a machine that may have reserved it."""
    names = [actor.name, *User.objects.filter(username=actor.name).values_list("email", flat=True)]
    own = set(resolve(program_id, names).values()) if actor.kind == "user" else set()
    if actor.kind in ("key", "member") or own & {row.member, row.receiver}:
        raise ReviewRefused(
            f"{actor.name} cannot review this redemption",
            field="actor",
            value=actor.name,
            mend="Ask somebody else of the team.",
        )
