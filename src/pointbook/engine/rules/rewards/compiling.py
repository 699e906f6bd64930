"""Rewards compiled: the questions they ask of orders, members and lines as closures.

Compile a program's rewards once and hand them to every Situation. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from pointbook.engine.rules import conditions
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.catalogue import Reward
from pointbook.engine.rules.predicates import Condition
from pointbook.engine.rules.who import Who
from pointbook.engine.values.facts import Fact, Line

When = Callable[[Fact, Who], bool]
Picks = Callable[[Line], bool]


@dataclass(frozen=True, slots=True)
class CompiledReward:
    """A reward with its conditions as closures.

    `when` is asked of the fact and the member, `lines` of a line that the reward may be for,
    `buy_lines` of a line that must be bought. What is left out of the document always holds.
    """

    reward: Reward
    when: When
    lines: Picks
    buy_lines: Picks


def compile_rewards(blueprint: Blueprint, *, zone: tzinfo) -> Mapping[str, CompiledReward]:
    """The rewards of a program by their codes; days and hours are `zone`'s."""
    return {reward.code: compile_reward(reward, zone=zone) for reward in blueprint.rewards}


def compile_reward(reward: Reward, *, zone: tzinfo) -> CompiledReward:
    """One reward; days and hours are `zone`'s."""
    when = _always if reward.when is None else conditions.compile(reward.when, zone=zone)
    gives = reward.gives
    return CompiledReward(reward, when, _picks(gives.lines), _picks(gives.buy_lines))


def _picks(condition: Condition | None) -> Picks:
    return _any_line if condition is None else conditions.compile_line(condition)


def _always(_fact: Fact, _who: Who) -> bool:
    return True


def _any_line(_line: Line) -> bool:
    return True
