"""A reward, a slot or a cause by its code: of the version in force, or of the last that had it.

Raises RewardUnknown and CauseUnknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.catalogue import Cause, Reward, Slot
from pointbook.engine.values.errors import NotFoundError
from pointbook.programs.queries import compiled


class RewardUnknown(NotFoundError):
    """The program has no reward, or the reward no slot, of this code."""


class CauseUnknown(NotFoundError):
    """The program has no cause of this code."""


def reward_at(program_id: int, code: str, *, at: datetime) -> Reward:
    """The reward with this code as it is at an instant.

    :raises RewardUnknown: naming those there are.
    """
    rewards = compiled(program_id).version_at(at).blueprint.rewards
    found = next((own for own in rewards if own.code == code), None)
    if found is None:
        known = ", ".join(own.code for own in rewards) or "none yet"
        raise RewardUnknown(
            f"no reward {code!r}", field="reward", value=code, mend=f"Use one of: {known}."
        )
    return found


def reward_ever(program_id: int, code: str, *, at: datetime) -> Reward:
    """The reward with this code as it was last, up to an instant: what was taken of it stays.

    :raises RewardUnknown: naming those there are.
    """
    for blueprint in _blueprints(program_id, at):
        for one in blueprint.rewards:
            if one.code == code:
                return one
    return reward_at(program_id, code, at=at)


def cause_ever(program_id: int, code: str, *, at: datetime) -> Cause:
    """The cause with this code as it was last, up to an instant: what was given to it is owed.

    :raises CauseUnknown: naming those there are.
    """
    for blueprint in _blueprints(program_id, at):
        for one in blueprint.causes:
            if one.code == code:
                return one
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
    found = next((own for own in reward.gives.slots if own.code == code), None)
    if found is None:
        known = ", ".join(own.code for own in reward.gives.slots) or "none; it has no slots"
        raise RewardUnknown(
            f"no slot {code!r} of {reward.code!r}",
            field="slot",
            value=code,
            mend=f"Use one of: {known}.",
        )
    return found


def cause_at(program_id: int, code: str, *, at: datetime) -> Cause:
    """The cause with this code as it is at an instant.

    :raises CauseUnknown: naming those there are.
    """
    causes = compiled(program_id).version_at(at).blueprint.causes
    found = next((own for own in causes if own.code == code), None)
    if found is None:
        known = ", ".join(own.code for own in causes) or "none yet"
        raise CauseUnknown(
            f"no cause {code!r}", field="cause", value=code, mend=f"Use one of: {known}."
        )
    return found
