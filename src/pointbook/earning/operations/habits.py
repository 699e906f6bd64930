"""Simulated burning: what members of a what-if do at each month's end. Raises nothing itself.

The burns are facts like all others, of source `behaviour` and marked simulated.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from pointbook.controls.actors import Actor
from pointbook.earning.operations.ingesting import Outcome, ingest
from pointbook.engine.rules.blueprint import BurnHabit
from pointbook.engine.values.calendar import last_second, month_name
from pointbook.engine.values.facts import Fact
from pointbook.ledger.queries import available
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as program_by_code

BATCH = 5_000


def burn_by_habit(
    *, program: str, habits: Sequence[BurnHabit], month: date, actor: Actor
) -> list[Outcome]:
    """Burn as the habits say at 23:59:59 of the last day of the month that begins on `month`.

    A member whose balance then reaches the threshold burns as many whole steps as it holds. Run
    twice, the second time finds every burn posted.
    """
    row = program_by_code(program)
    folded = compiled(row.id)
    at = last_second(month, folded.zone)
    facts = []
    for habit in habits:
        decimals = folded.versions[-1].units[habit.unit].decimals
        for member, held in available(row.id, unit=habit.unit, at=at, least=habit.threshold):
            points = held // habit.step * habit.step
            if points:
                facts.append(_burn(member, habit.unit, points, decimals, month, at))
    outcomes = []
    for start in range(0, len(facts), BATCH):
        outcomes += ingest(program=program, facts=facts[start : start + BATCH], actor=actor)
    return outcomes


def _burn(
    member: uuid.UUID, unit: str, points: int, decimals: int, month: date, at: datetime
) -> Fact:
    whole, rest = divmod(points, 10**decimals)
    shown = f"{whole}.{rest:0{decimals}d}" if decimals else str(whole)
    return Fact(
        source="behaviour",
        id=f"{member}-{unit}-{month_name(month)}",
        type="burn",
        occurred_at=at,
        member=str(member),
        attributes={"unit": unit, "points": shown},
        simulated=True,
    )
