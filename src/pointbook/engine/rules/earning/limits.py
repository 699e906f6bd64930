"""What limits leave of an award: of the rule, shared, of the program, of the unit's balance.

Whoever judges asks the Room what was given before this fact and books what the reasons say
afterwards; a Tab counts what was given in the fact itself. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from pointbook.engine.rules.blueprint import Blueprint, Budget, EarnRule, Limit
from pointbook.engine.rules.earning.reasons import BUDGET, MOST, Reason
from pointbook.engine.rules.spans import Each

NOTHING: Final = (0, 0)


class Room(Protocol):
    """What is known of earlier awards of a member, and of the program's budgets."""

    def used(self, limit: str, each: Each, /) -> tuple[int, int]:
        """Points (smallest parts) and times given under a limit in the span of the fact.

        A rule is counted once a fact, however many reasons it gave.
        """

    def budget(self, rule: str, each: Each, asked: int, /) -> int:
        """How many of `asked` points the budget of a rule grants; asked once a fact and rule."""

    def held(self, unit: str, /) -> int:
        """The balance of a unit before the fact, in smallest parts."""


@dataclass(frozen=True, slots=True)
class Caps:
    """Everything that limits a rule: its own limits and shared ones, its budget, full balances."""

    rule: str
    limits: tuple[Limit, ...]
    budget: Budget | None
    most: Mapping[str, int]


class Tab:
    """What the rules of one fact were given so far: by limit, and by unit."""

    __slots__ = ("limits", "units")

    def __init__(self) -> None:
        self.limits: dict[str, tuple[int, int]] = {}
        self.units: dict[str, int] = {}


def limits_of(rule: EarnRule, *, blueprint: Blueprint) -> tuple[Limit, ...]:
    """The limits under which awards of a rule are counted: its own, then those it shares."""
    shared = (limit for limit in blueprint.limits if rule.code in limit.rules)
    return (*rule.limits, *shared)


def caps_of(rule: EarnRule, *, blueprint: Blueprint) -> Caps | None:
    """What limits a rule; None when nothing does."""
    limits = limits_of(rule, blueprint=blueprint)
    most = {unit.code: unit.most for unit in blueprint.units.values() if unit.most is not None}
    if rule.award.kind != "multiply":
        most = {code: cap for code, cap in most.items() if code == rule.unit}
    if not limits and rule.budget is None and not most:
        return None
    return Caps(rule.code, limits, rule.budget, most)


def settle(caps: Caps, wants: Sequence[Reason], *, room: Room, tab: Tab) -> list[Reason]:
    """What is given of the reasons of one rule for one fact, in order; it goes on the tab.

    What one limit leaves never depends on the others, so their order does not matter.
    """
    cuts = within(caps, wants, room=room, tab=tab)
    if caps.budget is not None:
        cuts = _afford(caps.rule, caps.budget, cuts, room)
    given = 0
    for cut in cuts:
        given += cut.points
        if caps.most:
            tab.units[cut.unit] = tab.units.get(cut.unit, 0) + cut.points
    if given:
        for limit in caps.limits:
            points, times = tab.limits.get(limit.code, NOTHING)
            tab.limits[limit.code] = points + given, times + 1
    return cuts


def within(caps: Caps, wants: Sequence[Reason], *, room: Room, tab: Tab) -> list[Reason]:
    """What limits and full balances leave of the reasons of one rule; no budget is asked."""
    free = [(limit, _free(limit, room, tab)) for limit in caps.limits]
    cuts = []
    spent = 0
    filled: dict[str, int] = {}
    for want in wants:
        left = asked = want.points
        by = ""
        for limit, most in free:
            rest = asked if most is None else max(0, most - spent)
            if rest < asked:
                rest = 0 if limit.whole else rest
                if rest < left:
                    left, by = rest, limit.code
        full = caps.most.get(want.unit)
        if full is not None:
            taken = tab.units.get(want.unit, 0) + filled.get(want.unit, 0)
            rest = max(0, full - room.held(want.unit) - taken)
            if rest < left:
                left, by = rest, MOST
            filled[want.unit] = filled.get(want.unit, 0) + left
        spent += left
        cuts.append(_cut(want, left, by))
    return cuts


def _free(limit: Limit, room: Room, tab: Tab) -> int | None:
    """Points that a limit leaves to this fact; None for any number."""
    points, times = tab.limits.get(limit.code, NOTHING)
    if limit.each != "fact":
        before = room.used(limit.code, limit.each)
        points, times = points + before[0], times + before[1]
    if limit.times is not None and times >= limit.times:
        return 0
    return None if limit.points is None else limit.points - points


def _afford(rule: str, budget: Budget, wants: list[Reason], room: Room) -> list[Reason]:
    """Give what the program's budget grants, to the first reasons first."""
    asked = sum(want.points for want in wants)
    if not asked:
        return wants
    granted = min(asked, budget.points)
    if budget.each != "fact":
        granted = room.budget(rule, budget.each, asked)
    afforded = []
    for want in wants:
        part = min(want.points, granted)
        granted -= part
        afforded.append(_cut(want, part, BUDGET))
    return afforded


def _cut(want: Reason, points: int, limit: str) -> Reason:
    if points == want.points:
        return want
    return want._replace(points=points, asked=want.asked or want.points, limit=limit)
