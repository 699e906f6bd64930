"""What a member holds, why, and what is next; and what an order would earn. Nothing is written.

Points are in smallest parts of their unit, money in minor units of the program's currency. Raises
ProgramNotFound and MemberNotFound.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from pointbook.controls.clock import clock
from pointbook.earning.decisions import reason_of
from pointbook.earning.gather import look
from pointbook.earning.models import Decision
from pointbook.earning.states import states_of
from pointbook.earning.telling import why
from pointbook.engine.replay.cases import pass_time
from pointbook.engine.replay.judging import judge
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.program import Program, Version
from pointbook.engine.replay.verdicts import Verdict
from pointbook.engine.rules.blueprint import Blueprint, Measure, Reward, Rung, Unit
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.explanation import explain
from pointbook.engine.values.calendar import day_of
from pointbook.engine.values.facts import Fact
from pointbook.ledger import queries as ledger
from pointbook.members.queries import MemberRow
from pointbook.members.queries import member as find_member
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as find_program


@dataclass(frozen=True, slots=True)
class Ending:
    """Points whose last day is the day before `on` (00:00 of `on` in the program's zone)."""

    on: date
    points: int


@dataclass(frozen=True, slots=True)
class Balance:
    """A member's points of one unit at an instant.

    `points` can be used, `owed` are owed (one of them is 0), `worth` is their money value, `lots`
    are the open lots in spend order and `calendar` says which points end when. `waiting` are lots
    that cannot be used yet.
    """

    at: datetime
    unit: Unit
    currency: str
    points: int
    owed: int
    worth: int
    lots: tuple[ledger.OpenLot, ...]
    calendar: tuple[Ending, ...]
    waiting: tuple[ledger.OpenLot, ...] = ()

    @property
    def pending(self) -> int:
        """The points that cannot be used yet."""
        return sum(lot.remaining for lot in self.waiting)

    @property
    def next_ending(self) -> Ending | None:
        """The points that end first."""
        return self.calendar[0] if self.calendar else None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a member's history; `why` are sentences, `balance` what was held after it."""

    kind: str
    at: datetime
    points: int
    balance: int
    seq: int
    cursor: str
    why: tuple[str, ...]
    fact: ledger.FactRow | None
    version: int | None


@dataclass(frozen=True, slots=True)
class RewardStep:
    """A reward and the points that are missing to it; 0 when it can be had now."""

    reward: Reward
    missing: int


@dataclass(frozen=True, slots=True)
class MeasureStep:
    """What a member has of a measure and what the next tier needs: minor units, parts, counts."""

    measure: Measure
    value: int
    least: int

    @property
    def missing(self) -> int:
        """What is missing to the next tier; 0 when there is enough."""
        return max(0, self.least - self.value)


@dataclass(frozen=True, slots=True)
class BenefitStep:
    """A counted benefit of the member's tier, and how many are left in this span of time."""

    code: str
    name: str
    left: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands on one ladder; `until` is where the tier's validity ends (exclusive).

    `steps` are the measures of the next tier, of which all (`every`) or one must be met.
    """

    ladder: str
    name: str
    tier: Rung
    until: datetime | None
    next: Rung | None
    every: bool
    steps: tuple[MeasureStep, ...]
    benefits: tuple[BenefitStep, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a member stands and what is next; `measure` and `missing` are of the first step.

    `standings` are all ladders, the one that members see first; the other fields are of that one.
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

    @property
    def until(self) -> datetime | None:
        """Where the validity of the tier that members see ends (exclusive)."""
        return self.standings[0].until if self.standings else None

    @property
    def step(self) -> MeasureStep | None:
        """What lifts the member: of several measures the one that is nearest; None at the top."""
        if not self.standings:
            return None
        steps = self.standings[0].steps
        return max(steps, key=lambda one: one.value / max(1, one.least), default=None)

    @property
    def next_reward(self) -> RewardStep | None:
        """The cheapest reward that cannot be had yet."""
        return next((step for step in self.rewards if step.missing), None)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a fact would do, without doing it: reasons as sentences, tier and rewards after it."""

    verdict: Verdict
    blueprint: Blueprint
    why: tuple[str, ...]
    earned: dict[str, int]
    tier_before: str
    tier_after: str
    rewards: tuple[RewardStep, ...]


def balance(
    program: str, member: str | uuid.UUID, *, unit: str | None = None, at: datetime | None = None
) -> Balance:
    """What a member holds of a unit (the program's first by default) at the program's time."""
    row = find_program(program)
    return _balance(row.id, find_member(row.id, str(member)), unit, at or clock(row.id))


def _balance(program_id: int, member: MemberRow, unit: str | None, at: datetime) -> Balance:
    compiled_program = compiled(program_id)
    blueprint = compiled_program.version_at(at).blueprint
    # A unit never goes, but it may belong to a version that is not in force yet.
    units = {**compiled_program.versions[-1].units, **blueprint.units}
    terms = units[unit or next(iter(blueprint.units))]
    lots = ledger.open_lots(member.id, unit=terms.code, at=at, spend_order=terms.spend_order)
    points = sum(lot.remaining for lot in lots)
    endings: dict[date, int] = {}
    for lot in lots:
        if lot.expires_at is not None:
            day = day_of(lot.expires_at, compiled_program.zone)
            endings[day] = endings.get(day, 0) + lot.remaining
    return Balance(
        at=at,
        unit=terms,
        currency=blueprint.currency,
        points=points,
        owed=ledger.owed(member.id, unit=terms.code),
        worth=terms.worth(points, currency=blueprint.currency),
        lots=tuple(lots),
        calendar=tuple(Ending(day, endings[day]) for day in sorted(endings)),
        waiting=tuple(ledger.pending_lots(member.id, unit=terms.code, at=at)),
    )


def history(
    program: str,
    member: str | uuid.UUID,
    *,
    unit: str | None = None,
    limit: int = 50,
    before: str = "",
) -> list[Entry]:
    """A member's entries, the latest first; `before` is the cursor of the last one seen."""
    row = find_program(program)
    own = find_member(row.id, str(member))
    folded = compiled(row.id)
    units = folded.versions[-1].units
    code = unit or next(iter(units))
    found = ledger.entries(own.id, unit=code, limit=limit, before=before)
    decisions = _decisions([move.fact_id for move in found if move.fact_id is not None])
    facts = ledger.facts([move.fact_id for move in found if move.fact_id is not None])
    blueprints = {version.number: version.blueprint for version in folded.versions}
    entries = []
    for move in found:
        fact = facts.get(move.fact_id) if move.fact_id is not None else None
        version, reasons = decisions.get(move.fact_id or 0, (None, ()))
        blueprint = blueprints[version or folded.versions[-1].number]
        entries.append(
            Entry(
                kind=move.kind,
                at=move.at,
                points=move.points,
                balance=move.balance,
                seq=move.seq,
                cursor=move.cursor,
                why=why(
                    move, fact, reasons=reasons, blueprint=blueprint, unit=units[code]
                ),
                fact=fact,
                version=version,
            )
        )
    return entries


def progress(program: str, member: str | uuid.UUID, *, at: datetime | None = None) -> Progress:
    """Where a member stands at the program's time, and what is missing to what comes next."""
    row = find_program(program)
    own = find_member(row.id, str(member))
    at = at or clock(row.id)
    held = _balance(row.id, own, None, at)
    folded = compiled(row.id)
    version = folded.version_at(at)
    found = states_of(program_id=row.id, program=folded, members=[own.id], wallets={})
    state = found[own.id]
    pass_time(folded, state, at)
    standings = _standings(folded, version, state, at)
    tier = standings[0].tier.code if standings else ""
    steps = _steps(version.blueprint, held.unit.code, held.points, tier=tier)
    if not standings:
        return Progress("", "", 0, 0, "", 0, 0, steps)
    first = standings[0]
    step = first.steps[0] if first.steps else None
    measure = 0 if step is None else step.value
    if step is None:
        measure = state.measure(
            version.blueprint.ladders[0].measures[0], at=at, program=folded
        )
    return Progress(
        tier=first.tier.code,
        tier_name=first.tier.name,
        measure=measure,
        threshold=first.tier.threshold,
        next_tier="" if first.next is None else first.next.name,
        next_threshold=0 if first.next is None else first.next.threshold,
        missing=0 if step is None else step.missing,
        rewards=steps,
        standings=standings,
    )


def _standings(
    program: Program, version: Version, state: Member, at: datetime
) -> tuple[Standing, ...]:
    found = []
    for ladder in version.ladders:
        tiers = ladder.tiers
        standing = state.standing(ladder.code)
        rank = ladder.ranks.get(standing.tier, 0)
        rung = tiers.ladder[rank]
        above = tiers.ladder[rank + 1] if rank + 1 < len(tiers.ladder) else None
        known = {measure.code: measure for measure in tiers.measures}
        needs = {} if above is None else above.needs
        steps = tuple(
            MeasureStep(known[code], state.measure(known[code], at=at, program=program), least)
            for code, least in needs.items()
        )
        benefits = tuple(
            BenefitStep(
                one.code,
                one.name,
                ladder.benefit_left(standing, one.code, at=at, joined_at=state.joined_at),
            )
            for one in tiers.benefits
            if one.code in rung.benefits
        )
        every = above is not None and above.every
        found.append(
            Standing(ladder.code, tiers.name, rung, standing.until, above, every, steps, benefits)
        )
    return tuple(found)


def evaluate(program: str, fact: Fact) -> Evaluation:
    """What a fact would do at its time, by the version then in force; nothing is written.

    :raises PointbookError: what the fact would be refused for.
    """
    row = find_program(program)
    folded = compiled(row.id)
    found = look(program_id=row.id, program=folded, facts=[fact])
    owner = found.owner(fact)
    state = found.states[owner] if owner is not None else Member()
    held = 0
    unit = next(iter(folded.versions[-1].units))
    if owner is not None:
        held = _balance(row.id, find_member(row.id, str(owner)), unit, fact.occurred_at).points
    ladder = folded.ladder
    before = state.standing(ladder).tier if ladder else ""
    verdict = judge(folded, state, fact)
    blueprint = folded.version_at(fact.occurred_at).blueprint
    earned: dict[str, int] = {}
    for transfer in verdict.transfers:
        sign = 1 if transfer.kind == "award" else -1
        earned[transfer.unit] = earned.get(transfer.unit, 0) + sign * transfer.points
    return Evaluation(
        verdict=verdict,
        blueprint=blueprint,
        why=tuple(explain(reason, blueprint=blueprint) for reason in verdict.reasons),
        earned=earned,
        tier_before=before,
        tier_after=state.standing(ladder).tier if ladder else "",
        rewards=_steps(
            blueprint,
            unit,
            held + earned.get(unit, 0),
            tier=state.standing(ladder).tier if ladder else "",
        ),
    )


def _steps(blueprint: Blueprint, unit: str, points: int, *, tier: str) -> tuple[RewardStep, ...]:
    """The rewards for members of a tier, cheapest first, at the tier's price."""
    priced = [
        replace(reward, price=reward.price_by_tier.get(tier, reward.price))
        for reward in blueprint.rewards
        if reward.unit == unit and (not reward.tiers or tier in reward.tiers)
    ]
    rewards = sorted(priced, key=lambda reward: reward.price)
    return tuple(RewardStep(reward, max(0, reward.price - points)) for reward in rewards)


def _decisions(facts: Sequence[int]) -> dict[int, tuple[int, tuple[Reason, ...]]]:
    return {
        fact: (version, tuple(reason_of(reason) for reason in reasons))
        for fact, version, reasons in Decision.objects.filter(fact_id__in=facts).values_list(
            "fact_id", "version", "reasons"
        )
    }
