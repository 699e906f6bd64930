"""A reward, a slot or a cause by its code: of the version in force, or of the last that had it.

Raises RewardUnknown and CauseUnknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NoReturn, TypeVar

from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.catalogue import Cause, Reward, Slot
from pointbook.engine.values.errors import NotFoundError
from pointbook.programs.queries import compiled

Coded = TypeVar("Coded", Reward, Slot, Cause)


class RewardUnknown(NotFoundError):
    """The program has no reward, or the reward no slot, of this code."""


class CauseUnknown(NotFoundError):
    """The program has no cause of this code."""


def reward_at(program_id: int, code: str, *, at: datetime) -> Reward:
    """The reward with this code as it is at an instant.

    :raises RewardUnknown: naming those there are.
    """
    rewards = compiled(program_id).version_at(at).blueprint.rewards
    return _named(rewards, code) or _unknown(RewardUnknown, "reward", code, known=rewards)


def reward_ever(program_id: int, code: str, *, at: datetime) -> Reward:
    """The reward with this code as it was last, up to an instant: what was taken of it stays.

    :raises RewardUnknown: naming those there are.
    """
    for blueprint in _blueprints(program_id, at):
        if found := _named(blueprint.rewards, code):
            return found
    return reward_at(program_id, code, at=at)


def cause_ever(program_id: int, code: str, *, at: datetime) -> Cause:
    """The cause with this code as it was last, up to an instant: what was given to it is owed.

    :raises CauseUnknown: naming those there are.
    """
    for blueprint in _blueprints(program_id, at):
        if found := _named(blueprint.causes, code):
            return found
    return cause_at(program_id, code, at=at)


def _blueprints(program_id: int, at: datetime) -> Iterator[Blueprint]:
    """Those in force up to an instant, the latest first."""
    for version in reversed(compiled(program_id).versions):
        if version.from_at <= at:
            yield version.blueprint


def slot_of(reward: Reward, code: str) -> Slot:
    """The slot with this code.

    :raises RewardUnknown: naming those there are.
    """
    slots = reward.gives.slots
    none = "none; it has no slots"
    return _named(slots, code) or _unknown(
        RewardUnknown, "slot", code, known=slots, of=f" of {reward.code!r}", none=none
    )


def cause_at(program_id: int, code: str, *, at: datetime) -> Cause:
    """The cause with this code as it is at an instant.

    :raises CauseUnknown: naming those there are.
    """
    causes = compiled(program_id).version_at(at).blueprint.causes
    return _named(causes, code) or _unknown(CauseUnknown, "cause", code, known=causes)


def _named(known: Sequence[Coded], code: str) -> Coded | None:
    return next((own for own in known if own.code == code), None)


def _unknown(
    error: type[NotFoundError],
    what: str,
    code: str,
    *,
    known: Sequence[Reward | Slot | Cause],
    of: str = "",
    none: str = "none yet",
) -> NoReturn:
    names = ", ".join(own.code for own in known) or none
    raise error(f"no {what} {code!r}{of}", field=what, value=code, mend=f"Use one of: {names}.")
