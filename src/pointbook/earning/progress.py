"""Where a member stands on every ladder, what is next, and what can be had for points.

Nothing is written. Raises ProgramNotFound and MemberNotFound.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pointbook.controls.clock import clock
from pointbook.earning.balances import held_by, ordered
from pointbook.earning.states import states_of
from pointbook.engine.replay.cases import pass_time
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.program import Program, Version
from pointbook.engine.rules.blueprint import Blueprint, Measure, Rung
from pointbook.engine.rules.catalogue import Reward
from pointbook.engine.rules.spans import Each
from pointbook.engine.rules.tiers import Ladder
from pointbook.engine.rules.tiers import standings as engine
from pointbook.members.queries import member as find_member
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as find_program


@dataclass(frozen=True, slots=True)
class RewardStep:
    """A reward and the points that are missing to it; 0 when it can be had now."""

    reward: Reward
    missing: int


@dataclass(frozen=True, slots=True)
class MeasureStep:
    """What a member has of a measure and what the next tier needs: minor units, parts, counts.

    `least` is 0 where the next tier does not ask for it.
    """

    measure: Measure
    value: int
    least: int

    @property
    def missing(self) -> int:
        """What is missing to the next tier; 0 when there is enough."""
        return max(0, self.least - self.value)


@dataclass(frozen=True, slots=True)
class BenefitStep:
    """A counted benefit of the member's tier: how many there are in a span, and how many left."""

    code: str
    name: str
    left: int
    given: int
    each: Each


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands on one ladder; `until` is where the tier's validity ends (exclusive).

    `steps` are the measures of the next tier, of which all (`every`) or one must be met; `measures`
    are all that the ladder has. A next tier without steps is given by hand only.
    """

    ladder: str
    name: str
    tier: Rung
    until: datetime | None
    next: Rung | None
    every: bool
    steps: tuple[MeasureStep, ...]
    measures: tuple[MeasureStep, ...]
    benefits: tuple[BenefitStep, ...]

    @property
    def step(self) -> MeasureStep | None:
        """What lifts the member: of several measures the one that is nearest; None at the top.

        Where all must be met, it is the one that is farthest.
        """
        if not self.steps:
            return None
        pick = min if self.every else max
        return pick(self.steps, key=lambda one: min(1.0, one.value / max(1, one.least)))


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a member stands and what is next; `measure` and `missing` are of the first step.

    `standings` are all ladders, the one that members see first; the other fields are of that one.
    `rewards` are those of all units, by unit and price. `head` is the member whose household this
    one belongs to, `company` the company.
    """

    tier: str
    tier_name: str
    measure: int
    threshold: int
    next_tier: str
    next_threshold: int
    missing: int
    rewards: tuple[RewardStep, ...]
    standings: tuple[Standing, ...] = ()
    head: uuid.UUID | None = None
    company: uuid.UUID | None = None

    @property
    def until(self) -> datetime | None:
        """Where the validity of the tier that members see ends (exclusive)."""
        return self.standings[0].until if self.standings else None

    @property
    def step(self) -> MeasureStep | None:
        """What lifts the member on the ladder that they see; None at the top."""
        return self.standings[0].step if self.standings else None

    @property
    def next_reward(self) -> RewardStep | None:
        """The cheapest reward that cannot be had yet."""
        return next((step for step in self.rewards if step.missing), None)


def progress(program: str, member: str | uuid.UUID, *, at: datetime | None = None) -> Progress:
    """Where a member stands at the program's time, and what is missing to what comes next."""
    row = find_program(program)
    own = find_member(row.id, str(member)).id
    at = at or clock(row.id)
    folded = compiled(row.id)
    version = folded.version_at(at)
    state = states_of(program_id=row.id, program=folded, members=[own], wallets={})[own]
    pass_time(folded, state, at)
    found = standings(folded, version, state, at=at)
    tiers = {one.ladder: one.tier.code for one in found}
    head = uuid.UUID(state.head) if state.head else None
    company = uuid.UUID(state.company) if state.company else None
    points = _usable(folded, version.blueprint, own, head, at)
    steps = reward_steps(version.blueprint, points=points, tiers=tiers)
    if not found:
        return Progress("", "", 0, 0, "", 0, 0, steps, head=head, company=company)
    first = found[0]
    step = first.steps[0] if first.steps else first.measures[0]
    return Progress(
        tier=first.tier.code,
        tier_name=first.tier.name,
        measure=step.value,
        threshold=first.tier.threshold,
        next_tier="" if first.next is None else first.next.name,
        next_threshold=0 if first.next is None else first.next.threshold,
        missing=step.missing,
        rewards=steps,
        standings=found,
        head=head,
        company=company,
    )


def _usable(
    program: Program, blueprint: Blueprint, own: uuid.UUID, head: uuid.UUID | None, at: datetime
) -> dict[str, int]:
    """What a member can use of each unit: of a pooled one what the household's head holds."""
    return {
        unit.code: held_by(
            program,
            head if head is not None and unit.code in blueprint.pooled else own,
            unit=unit.code,
            at=at,
        ).points
        for unit in ordered(blueprint)
    }


def standings(
    program: Program, version: Version, state: Member, *, at: datetime
) -> tuple[Standing, ...]:
    """Where a member stands on every ladder of a version, by a working copy of the member."""
    found = []
    for ladder in version.ladders:
        held = state.standing(ladder.code)
        rank = ladder.ranks.get(held.tier, 0)
        rungs = ladder.tiers.ladder
        above = rungs[rank + 1] if rank + 1 < len(rungs) else None
        needs = {} if above is None else above.needs
        measures = tuple(
            MeasureStep(one, _value(program, state, held, one, at), needs.get(one.code, 0))
            for one in ladder.tiers.measures
        )
        found.append(
            Standing(
                ladder=ladder.code,
                name=ladder.tiers.name,
                tier=rungs[rank],
                until=held.until,
                next=above,
                every=above is not None and above.every,
                steps=tuple(one for one in measures if one.measure.code in needs),
                measures=measures,
                benefits=tuple(_benefits(ladder, held, state, rungs[rank], at)),
            )
        )
    return tuple(found)


def _value(
    program: Program, state: Member, held: engine.Standing, measure: Measure, at: datetime
) -> int:
    return state.histories.total(
        measure,
        at=at,
        zone=program.zone,
        joined_at=state.joined_at,
        reviewed_at=held.reviewed_at,
    )


def _benefits(
    ladder: Ladder, held: engine.Standing, state: Member, rung: Rung, at: datetime
) -> Iterable[BenefitStep]:
    for one in ladder.tiers.benefits:
        given = rung.benefits.get(one.code, 0)
        if given:
            left = ladder.benefit_left(held, one.code, at=at, joined_at=state.joined_at)
            yield BenefitStep(one.code, one.name, left, given, one.each)


def reward_steps(
    blueprint: Blueprint, *, points: Mapping[str, int], tiers: Mapping[str, str]
) -> tuple[RewardStep, ...]:
    """The rewards of all units for members of these tiers, the cheapest of a unit first.

    `points` are those that can be used of each unit, `tiers` the tier held on each ladder; prices
    are the tier's.
    """
    order = [unit.code for unit in ordered(blueprint)]
    first = "" if blueprint.tiers is None else blueprint.tiers.code
    found = []
    for reward in blueprint.rewards:
        tier = tiers.get(reward.ladder or first, "")
        if reward.tiers and tier not in reward.tiers:
            continue
        price = reward.price_by_tier.get(tier, reward.price)
        missing = max(0, price - points.get(reward.unit, 0))
        found.append(RewardStep(replace(reward, price=price), missing))
    return tuple(sorted(found, key=lambda one: (order.index(one.reward.unit), one.reward.price)))
