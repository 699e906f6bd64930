"""What a member holds, why, and what is next; and what an order would earn. Nothing is written.

Points are in smallest parts of their unit, money in minor units of the program's currency. Raises
ProgramNotFound, MemberNotFound, and UnitUnknown.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pointbook.controls.clock import clock
from pointbook.earning.balances import (
    Balance,
    Coming,
    Ending,
    UnitUnknown,
    balance,
    balances,
    held_by,
    main_unit,
    ordered,
    unit_of,
)
from pointbook.earning.decisions import reason_of
from pointbook.earning.gather import look
from pointbook.earning.models import Decision
from pointbook.earning.progress import (
    BenefitStep,
    MeasureStep,
    Progress,
    RewardStep,
    Standing,
    progress,
    reward_steps,
)
from pointbook.earning.telling import why
from pointbook.engine.replay.judging import judge
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.rehearsing import rehearse
from pointbook.engine.replay.verdicts import Verdict
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.explaining.explanation import explain
from pointbook.engine.rules.explaining.tracing import Trace
from pointbook.engine.values.facts import Fact
from pointbook.ledger import queries as ledger
from pointbook.members.queries import member as find_member
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as find_program

__all__ = [
    "Balance",
    "BenefitStep",
    "Coming",
    "Ending",
    "Entry",
    "Evaluation",
    "MeasureStep",
    "Progress",
    "RewardStep",
    "Standing",
    "UnitUnknown",
    "balance",
    "balances",
    "evaluate",
    "history",
    "main_unit",
    "ordered",
    "progress",
]

# Movements that bring points; the others take them.
BRINGS: Final = frozenset({"award", "transfer_in", "refund", "release", "reinstatement"})
# What was held has left before: settling it moves nothing.
SETTLES: Final = frozenset({"capture", "lapse"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a member's history of a unit: `why` are sentences, `balance` was held after it.

    `reasons` are those behind an award, of this unit, by the version that judged. `settled` are the
    points of a capture or lapse of what was held, which moves nothing more; `reward` is what a
    redemption was for, '' for none.
    """

    kind: str
    at: datetime
    points: int
    balance: int
    seq: int
    cursor: str
    why: tuple[str, ...]
    fact: ledger.FactRow | None
    version: int | None
    reasons: tuple[Reason, ...] = ()
    settled: int = 0
    reward: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a fact would do, without doing it: reasons as sentences, tier and rewards after it.

    `traces` are all rules, also those that did not match, each with why.
    """

    verdict: Verdict
    blueprint: Blueprint
    why: tuple[str, ...]
    earned: dict[str, int]
    tier_before: str
    tier_after: str
    rewards: tuple[RewardStep, ...]
    traces: tuple[Trace, ...]


def history(
    program: str,
    member: str | uuid.UUID,
    *,
    unit: str | None = None,
    limit: int = 50,
    before: str = "",
    at: datetime | None = None,
) -> list[Entry]:
    """A member's entries, the latest first; `before` is the cursor of the last one seen.

    Points that ended by `at` (the program's time) are told as expired, whether a job has emptied
    their lots or not: the latest entry's balance is that of `balance`.

    :raises UnitUnknown: naming the units there are.
    """
    row = find_program(program)
    own = find_member(row.id, str(member))
    folded = compiled(row.id)
    at = at or clock(row.id)
    terms = unit_of(folded, unit, at=at)
    code = terms.code
    found = ledger.entries(own.id, unit=code, at=at, limit=limit, before=before)
    decisions = _decisions([move.fact_id for move in found if move.fact_id is not None])
    facts = ledger.facts([move.fact_id for move in found if move.fact_id is not None])
    blueprints = {version.number: version.blueprint for version in folded.versions}
    entries = []
    for move in found:
        fact = facts.get(move.fact_id) if move.fact_id is not None else None
        version, reasons = decisions.get(move.fact_id or 0, (None, ()))
        reasons = tuple(reason for reason in reasons if reason.unit == code)
        blueprint = blueprints[version or folded.versions[-1].number]
        entries.append(
            Entry(
                kind=move.kind,
                at=move.at,
                points=move.points,
                balance=move.balance,
                seq=move.seq,
                cursor=move.cursor,
                why=why(move, fact, reasons=reasons, blueprint=blueprint, unit=terms),
                fact=fact,
                version=version,
                reasons=reasons if move.kind == "award" else (),
                settled=move.settled,
                reward=move.reward or ("" if fact is None else str(fact.reward or "")),
            )
        )
    return entries


def evaluate(program: str, fact: Fact) -> Evaluation:
    """What a fact would do at its time, by the version then in force; nothing is written.

    :raises PointbookError: what the fact would be refused for.
    """
    row = find_program(program)
    folded = compiled(row.id)

    def copy() -> tuple[uuid.UUID | None, Member]:
        found = look(program_id=row.id, program=folded, facts=[fact])
        owner = found.payer(folded, fact)
        return owner, Member() if owner is None else found.states[owner]

    traces = rehearse(folded, copy()[1], fact)
    owner, state = copy()
    at = fact.occurred_at
    blueprint = folded.version_at(at).blueprint
    ladder = folded.ladder
    before = state.standing(ladder).tier if ladder else ""
    verdict = judge(folded, state, fact)
    usable = {
        unit: 0 if owner is None else held_by(folded, owner, unit=unit, at=at).points
        for unit in blueprint.units
    }
    earned: dict[str, int] = {}
    for transfer in verdict.transfers:
        if transfer.kind == "transfer_out" and fact.type != "transfer":
            continue  # the household's all the same
        if transfer.kind in SETTLES:
            continue
        points = transfer.points if transfer.kind in BRINGS else -transfer.points
        earned[transfer.unit] = earned.get(transfer.unit, 0) + points
        if transfer.lot is None or transfer.lot.starts_at <= at:
            usable[transfer.unit] = usable.get(transfer.unit, 0) + points
    return Evaluation(
        verdict=verdict,
        blueprint=blueprint,
        why=tuple(explain(reason, blueprint=blueprint) for reason in verdict.reasons),
        earned=earned,
        tier_before=before,
        tier_after=state.standing(ladder).tier if ladder else "",
        rewards=reward_steps(
            blueprint,
            points=usable,
            tiers={code: standing.tier for code, standing in state.standings.items()},
        ),
        traces=traces,
    )


def _decisions(facts: Sequence[int]) -> dict[int, tuple[int, tuple[Reason, ...]]]:
    return {
        fact: (version, tuple(reason_of(reason) for reason in reasons))
        for fact, version, reasons in Decision.objects.filter(fact_id__in=facts).values_list(
            "fact_id", "version", "reasons"
        )
    }
