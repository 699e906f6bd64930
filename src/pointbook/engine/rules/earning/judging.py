"""What a fact earns and why: the rules for each type of fact compiled to one judge.

Rules are tried by priority (highest first), then in document order. Those that match give; a rule
with `stop` that matched ends the list; of a group only the best, or the first, gives. Multipliers
come to what is left: factors up to 1 make the base of a rule smaller, factors above 1 add points
of their own, one after another, so that the reasons always add up. Limits come last, in order.
Lines that were rewards are seen only by rules whose base says so.

A judge only asks the Room what was given before: whoever keeps the member books what the reasons
say. Nothing here raises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from fractions import Fraction
from typing import NamedTuple

from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.earning.choosing import Choices, Tables
from pointbook.engine.rules.earning.limits import Room, Tab, settle, within
from pointbook.engine.rules.earning.multiplying import multiplied
from pointbook.engine.rules.earning.plans import Plan, plan_of
from pointbook.engine.rules.earning.reasons import Reason
from pointbook.engine.rules.earning.returned import base_of, measured
from pointbook.engine.rules.earning.reward_lines import Sights, sights_of
from pointbook.engine.rules.who import Who
from pointbook.engine.values.facts import Fact

__all__ = ["Judge", "Reason", "Room", "Run", "Schedule", "base_of", "compile_earning", "measured"]

Judge = Callable[[Fact, Who, Room], list[Reason]]


class Lost(NamedTuple):
    """The rule of a group that gives instead of another; `tied` when both would give as much."""

    to: str
    tied: bool = False


class Run:
    """What came of one fact: the reasons, and why rules that matched gave nothing.

    `matched` are the rules whose questions held, `stopped` the one that ended the list, `lost`
    tells to which other rule of its group one was lost.
    """

    __slots__ = ("lost", "matched", "reasons", "stopped")

    def __init__(self) -> None:
        self.reasons: list[Reason] = []
        self.matched: list[Plan] = []
        self.stopped = ""
        self.lost: dict[str, Lost] = {}


class Schedule:
    """The rules of a blueprint for one type of fact, compiled, in the order they are tried."""

    __slots__ = ("_grouped", "_multiplies", "_worth", "plans")

    def __init__(self, plans: Sequence[Plan], *, blueprint: Blueprint) -> None:
        self.plans = tuple(sorted(plans, key=lambda plan: -plan.rule.priority))
        self._grouped = any(plan.mode == "best_of" for plan in plans)
        self._multiplies = any(plan.multiplies for plan in plans)
        self._worth = {
            unit.code: Fraction(unit.value) / 10**unit.decimals for unit in blueprint.units.values()
        }

    @property
    def plain(self) -> bool:
        """Whether every rule that matches gives what it gives, whatever the others do."""
        return not self._multiplies and all(
            plan.caps is None and not plan.rule.stop and plan.mode == "all" for plan in self.plans
        )

    def run(self, fact: Fact, who: Who, room: Room) -> Run:
        """Judge a fact."""
        run = Run()
        sights = sights_of(fact)
        self._match(run, sights, who)
        if self._grouped:
            self._choose(run, sights, who, room)
        kept = [plan for plan in run.matched if plan.code not in run.lost]
        tab = Tab()
        for plan, wants in self._wanted(kept, sights, who):
            caps = plan.caps
            run.reasons += wants if caps is None else settle(caps, wants, room=room, tab=tab)
        return run

    def _match(self, run: Run, sights: Sights, who: Who) -> None:
        bare, whole = sights.bare.fact, sights.whole.fact
        first: dict[str, str] = {}
        for plan in self.plans:
            gate = plan.gate
            if gate is not None and not gate(whole if plan.rewards else bare, who):
                continue
            run.matched.append(plan)
            if plan.mode == "first_match":
                before = first.setdefault(plan.rule.group, plan.code)
                if before != plan.code:
                    run.lost[plan.code] = Lost(before)
                    continue
            if plan.rule.stop:
                run.stopped = plan.code
                return

    def _choose(self, run: Run, sights: Sights, who: Who, room: Room) -> None:
        """Keep only the best of each such group; groups with multipliers see what others left."""
        groups: dict[str, list[Plan]] = {}
        for plan in run.matched:
            if plan.mode == "best_of":
                groups.setdefault(plan.rule.group, []).append(plan)
        for members in sorted(groups.values(), key=lambda some: any(p.multiplies for p in some)):
            base = [
                plan
                for plan in run.matched
                if plan not in members and plan.code not in run.lost and not plan.multiplies
            ]
            values = [self._value(plan, base, sights, who, room) for plan in members]
            most = max(values)
            best = members[values.index(most)].code
            for plan, value in zip(members, values, strict=True):
                if plan.code != best:
                    run.lost[plan.code] = Lost(best, value == most)

    def _value(
        self, plan: Plan, base: Sequence[Plan], sights: Sights, who: Who, room: Room
    ) -> tuple[Fraction, int]:
        """What a rule alone would give, within its limits: in money, then in points."""
        if plan.multiplies:
            others = self._wanted(base, sights, who)
            own = Counter({unit: -points for unit, points in _given(others).items()})
            own.update(_given(self._wanted([*base, plan], sights, who)))
            wants = [Reason(plan.code, unit, 0, points) for unit, points in own.items()]
        else:
            wants = [_given_by(plan, sights, who)]
        if plan.caps is not None:
            wants = within(plan.caps, wants, room=room, tab=Tab())
        worth = sum((self._worth[want.unit] * want.points for want in wants), start=Fraction())
        return worth, sum(want.points for want in wants)

    def _wanted(
        self, kept: Sequence[Plan], sights: Sights, who: Who
    ) -> list[tuple[Plan, list[Reason]]]:
        """What each rule would give without limits, in order; multipliers among them."""
        multipliers = [plan for plan in kept if plan.multiplies] if self._multiplies else []
        if not multipliers:
            return [(plan, [_given_by(plan, sights, who)]) for plan in kept]
        touched = {code for plan in multipliers for code in plan.targets}
        stakes = [
            (plan, plan.stake(sights[plan.rewards].fact, who, sights[plan.rewards].tables))
            for plan in kept
            if plan.code in touched and not plan.multiplies
        ]
        given = multiplied(multipliers, stakes, sights=sights, who=who)
        return [
            (plan, given[plan.code] if plan.code in given else [_given_by(plan, sights, who)])
            for plan in kept
        ]


def _given_by(plan: Plan, sights: Sights, who: Who) -> Reason:
    fact, tables = sights[plan.rewards]
    return plan.give(fact, who, tables)


def _given(wanted: Iterable[tuple[Plan, list[Reason]]]) -> dict[str, int]:
    """The points of reasons by unit."""
    given: dict[str, int] = {}
    for _, reasons in wanted:
        for reason in reasons:
            given[reason.unit] = given.get(reason.unit, 0) + reason.points
    return given


def schedules_of(blueprint: Blueprint, *, zone: tzinfo) -> dict[str, Schedule]:
    """The rules of a blueprint by the type of fact they listen to."""
    choices = Choices(blueprint.earn)
    plans: dict[str, list[Plan]] = {}
    for rule in blueprint.earn:
        plan = plan_of(rule, blueprint=blueprint, zone=zone, choices=choices)
        plans.setdefault(rule.on, []).append(plan)
    return {kind: Schedule(some, blueprint=blueprint) for kind, some in plans.items()}


def compile_earning(blueprint: Blueprint, *, zone: tzinfo) -> dict[str, Judge]:
    """What judges a fact, by the type of fact; a type that no rule listens to has no judge.

    Days, weekdays and hours are `zone`'s. Reasons stand in the order in which rules are tried.
    """
    schedules = schedules_of(blueprint, zone=zone)
    return {kind: _judge(schedule) for kind, schedule in schedules.items()}


def _judge(schedule: Schedule) -> Judge:
    def judge(fact: Fact, who: Who, room: Room) -> list[Reason]:
        return schedule.run(fact, who, room).reasons

    if not schedule.plain:
        return judge
    return _only(schedule.plans[0], judge) if len(schedule.plans) == 1 else _each(schedule, judge)


def _only(plan: Plan, rewarded: Judge) -> Judge:
    """The commonest of all programs: one rule. Baskets with a reward are for `rewarded`."""
    gate, give = plan.gate, plan.give

    def judge(fact: Fact, who: Who, room: Room) -> list[Reason]:
        for line in fact.lines:
            if line.reward:
                return rewarded(fact, who, room)
        return [give(fact, who, {})] if gate is None or gate(fact, who) else []

    return judge


def _each(schedule: Schedule, rewarded: Judge) -> Judge:
    """Rules that have nothing to do with each other."""
    steps = [(plan.gate, plan.give) for plan in schedule.plans]

    def judge(fact: Fact, who: Who, room: Room) -> list[Reason]:
        for line in fact.lines:
            if line.reward:
                return rewarded(fact, who, room)
        tables: Tables = {}
        return [give(fact, who, tables) for gate, give in steps if gate is None or gate(fact, who)]

    return judge
