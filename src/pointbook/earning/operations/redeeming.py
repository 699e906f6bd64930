"""What doors do about rewards: reserve, capture, release and cancel.

Each makes facts and posts them; the engine judges them. Raises ProgramNotFound, RedemptionUnknown,
and what the facts are refused for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal, NamedTuple

from pointbook.controls.actors import Actor
from pointbook.controls.clock import clock
from pointbook.earning.operations.ingesting import ingest_together
from pointbook.engine.rules.rewards.situations import Claim
from pointbook.engine.values.facts import Fact, Returned, Tender
from pointbook.ledger.queries import recorded
from pointbook.programs.queries import program as find_program
from pointbook.redemption.queries.redemptions import Row, by_code, redemption

Kind = Literal["capture", "release", "cancel_redemption"]


class Key(NamedTuple):
    """Who says so and under which id: the key of a fact."""

    source: str
    id: str


def reserve(
    *,
    program: str,
    key: Key,
    member: str,
    claim: Claim,
    actor: Actor,
    order: Fact | None = None,
    at: datetime | None = None,
) -> Row:
    """Hold the points of a reward for a member until they are captured, released, or time is over.

    `order` is the basket that it is for, where there is one, with its key or without (an id that is
    empty). The same key again answers the same.

    :raises PointbookError: why the reward cannot be had.
    """
    told = attributes_of(claim)
    paid = () if order is None else order.tenders
    return _held(program, key, member, told, order=order, tenders=paid, actor=actor, at=at)


def pay_with_points(
    *,
    program: str,
    key: Key,
    member: str,
    unit: str,
    points: str,
    actor: Actor,
    order: Fact | None = None,
    at: datetime | None = None,
) -> Row:
    """Hold points (whole ones, as text) or stored value that pay a part of an order."""
    told = {"pay": True, "unit": unit, "points": points}
    return _held(program, key, member, told, order=order, tenders=(), actor=actor, at=at)


def capture(
    *,
    program: str,
    redemption: Key,
    key: Key,
    actor: Actor,
    points: str | None = None,
    at: datetime | None = None,
) -> Row:
    """Use what was reserved, all of it or only so many points (as text); the rest goes back."""
    told = {} if points is None else {"points": points}
    return _settled(program, "capture", redemption, key=key, actor=actor, told=told, at=at)


def release(
    *,
    program: str,
    redemption: Key,
    key: Key,
    actor: Actor,
    at: datetime | None = None,
    reason: str = "",
) -> Row:
    """Give up what was reserved; its points can be used at once."""
    told = {"reason": reason} if reason else {}
    return _settled(program, "release", redemption, key=key, actor=actor, told=told, at=at)


def cancel(
    *,
    program: str,
    redemption: Key,
    key: Key,
    actor: Actor,
    at: datetime | None = None,
    reason: str = "",
) -> Row:
    """Undo what was captured: its points go back to the lots that they were taken from."""
    told = {"reason": reason} if reason else {}
    return _settled(
        program, "cancel_redemption", redemption, key=key, actor=actor, told=told, at=at
    )


def capture_code(
    *, program: str, code: str, key: Key, actor: Actor, at: datetime | None = None
) -> Row:
    """Use a voucher by its code; the points behind it count as redeemed now.

    :raises RedemptionUnknown: nobody was given that code.
    """
    row = find_program(program)
    own = Key(*by_code(row.id, code).key)
    return capture(program=program, redemption=own, key=key, actor=actor, at=at)


def attributes_of(claim: Claim) -> dict[str, object]:
    """A claim as the attributes of a fact; what was left out is left out."""
    told: dict[str, object] = {
        "quantity": claim.quantity if claim.quantity != 1 else None,
        "slot": claim.slot,
        "options": dict(claim.options),
        "cause": claim.cause,
        "country": claim.country,
        "for": claim.receiver,
    }
    return {"reward": claim.reward, **{name: value for name, value in told.items() if value}}


def _held(
    program: str,
    key: Key,
    member: str,
    told: Mapping[str, object],
    *,
    order: Fact | None,
    tenders: tuple[Tender, ...],
    actor: Actor,
    at: datetime | None,
) -> Row:
    """Post a reservation for the basket of an order, where there is one."""
    row = find_program(program)
    now = clock(row.id) if at is None else at
    fact = replace(
        order or Fact(key.source, key.id, "reserve", now, member),
        source=key.source,
        id=key.id,
        type="reserve",
        occurred_at=_first_time(row.id, key, now),
        member=member,
        attributes=told,
        about=_about(order),
        tenders=tenders,
    )
    ingest_together(program=program, facts=[fact], actor=actor, at=now)
    return redemption(row.id, key)


def _settled(
    program: str,
    kind: Kind,
    about: Key,
    *,
    key: Key,
    actor: Actor,
    told: Mapping[str, object] | None = None,
    at: datetime | None = None,
) -> Row:
    row = find_program(program)
    now = clock(row.id) if at is None else at
    fact = Fact(
        source=key.source,
        id=key.id,
        type=kind,
        occurred_at=_first_time(row.id, key, now),
        attributes=told or {},
        about=Returned(*about),
    )
    ingest_together(program=program, facts=[fact], actor=actor, at=now)
    return redemption(row.id, about)


def _about(order: Fact | None) -> Returned | None:
    """The key of an order; None where it has none yet."""
    return Returned(order.source, order.id) if order is not None and order.id else None


def _first_time(program_id: int, key: Key, now: datetime) -> datetime:
    """When the fact of this key was posted first; `now` when it was not."""
    before = recorded(program_id, [key]).get(key)
    return now if before is None else before.occurred_at
