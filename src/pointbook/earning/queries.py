"""What a member holds, why, and what is next; and what an order would earn. Nothing is written.

Points are in smallest parts of their unit, money in minor units of the program's currency. Raises
ProgramNotFound and MemberNotFound.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pointbook.controls.clock import clock
from pointbook.earning.gather import look
from pointbook.earning.models import Decision
from pointbook.engine.replay.member import Member, Verdict, judge
from pointbook.engine.rules import phrases
from pointbook.engine.rules.blueprint import Blueprint, Reward, Unit
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.explanation import explain
from pointbook.engine.rules.tiers import Ladder
from pointbook.engine.values.calendar import day_of
from pointbook.engine.values.facts import Fact
from pointbook.ledger import queries as ledger
from pointbook.members.queries import MemberRow
from pointbook.members.queries import member as find_member
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as find_program
from pointbook.tiers.queries import tiers_of


@dataclass(frozen=True, slots=True)
class Ending:
    """Points whose last day is the day before `on` (00:00 of `on` in the program's zone)."""

    on: date
    points: int


@dataclass(frozen=True, slots=True)
class Balance:
    """A member's points of one unit at an instant.

    `points` can be used, `owed` are owed (one of them is 0), `worth` is their money value, `lots`
    are the open lots in spend order and `calendar` says which points end when.
    """

    at: datetime
    unit: Unit
    currency: str
    points: int
    owed: int
    worth: int
    lots: tuple[ledger.OpenLot, ...]
    calendar: tuple[Ending, ...]

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
class Progress:
    """Where a member stands and what is next; `measure` and `missing` in minor units of spend."""

    tier: str
    tier_name: str
    measure: int
    threshold: int
    next_tier: str
    next_threshold: int
    missing: int
    rewards: tuple[RewardStep, ...]

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
                why=_why(move, fact, reasons, blueprint, units[code]),
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
    version = compiled(row.id).version_at(at)
    steps = _steps(version.blueprint, held.unit.code, held.points)
    if version.ladder is None or version.blueprint.tiers is None:
        return Progress("", "", 0, 0, "", 0, 0, steps)
    measure = measure_at(own.id, version.ladder, at)
    ladder = version.blueprint.tiers.ladder
    tier = tiers_of([own.id]).get(own.id, ladder[0].code)
    rank = version.ladder.ranks.get(tier, 0)
    after = ladder[rank + 1] if rank + 1 < len(ladder) else None
    return Progress(
        tier=tier,
        tier_name=ladder[rank].name,
        measure=measure,
        threshold=ladder[rank].threshold,
        next_tier="" if after is None else after.name,
        next_threshold=0 if after is None else after.threshold,
        missing=0 if after is None else max(0, after.threshold - measure),
        rewards=steps,
    )


def measure_at(member: uuid.UUID, ladder: Ladder, at: datetime) -> int:
    """A member's spend in the window that ends at `at`, in minor units."""
    since = ladder.starts_after(at)
    history, _ = ledger.spending([member], since=since, last=at, cuts=lambda _: at).get(
        member, ([], None)
    )
    return sum(spend.amount for spend in history if spend.at <= at)


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
    before = state.standing.tier
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
        tier_after=state.standing.tier,
        rewards=_steps(blueprint, unit, held + earned.get(unit, 0)),
    )


def _steps(blueprint: Blueprint, unit: str, points: int) -> tuple[RewardStep, ...]:
    rewards = sorted(
        (reward for reward in blueprint.rewards if reward.unit == unit), key=lambda r: r.price
    )
    return tuple(RewardStep(reward, max(0, reward.price - points)) for reward in rewards)


def _decisions(facts: Sequence[int]) -> dict[int, tuple[int, tuple[Reason, ...]]]:
    return {
        fact: (version, tuple(Reason(**reason) for reason in reasons))
        for fact, version, reasons in Decision.objects.filter(fact_id__in=facts).values_list(
            "fact_id", "version", "reasons"
        )
    }


def _why(
    move: ledger.Move,
    fact: ledger.FactRow | None,
    reasons: Sequence[Reason],
    blueprint: Blueprint,
    unit: Unit,
) -> tuple[str, ...]:
    """Why an entry is what it is, as sentences a member can read."""
    points = phrases.points(abs(move.points), unit=unit)
    if move.kind == "expiry" or fact is None:
        return (f"{points} reached the end of their time without being used.",)
    if reasons:
        return tuple(explain(reason, blueprint=blueprint) for reason in reasons)
    if move.kind == "burn":
        simulated = " Simulated: no member did this." if fact.simulated else ""
        bought = next((r for r in blueprint.rewards if r.code == fact.reward), None)
        spent = f"{points} spent on {bought.name}." if bought else f"{points} spent."
        return (spent + simulated,)
    if move.kind in ("claw_back", "overdraft"):
        money = phrases.money(fact.spend, currency=fact.currency)
        owed = " They were used already and are owed now." if move.kind == "overdraft" else ""
        return (f"{points} taken back for a return of {money}.{owed}",)
    return ("No rule gave points for this.",)
