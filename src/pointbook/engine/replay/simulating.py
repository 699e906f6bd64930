"""What one fact would do to a member as somebody supposes them, and why; nothing is kept.

Earlier facts are judged first, in the order in which they are given. Raises what judging raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pointbook.engine.replay.playing import holding
from pointbook.engine.replay.program import Program, Version
from pointbook.engine.replay.rehearsing import rehearse
from pointbook.engine.replay.supposing import Supposed, suppose
from pointbook.engine.replay.transcripts import Holding
from pointbook.engine.replay.verdicts import Verdict
from pointbook.engine.replay.world import World
from pointbook.engine.rules.explaining.tracing import Trace
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import Fact


@dataclass(frozen=True, slots=True)
class Simulated:
    """One fact judged: what each rule did, the verdict, and those on the facts that it made.

    `before` and `after` are what the member held just before the fact and after it.
    """

    fact: Fact
    version: Version
    traces: tuple[Trace, ...]
    verdict: Verdict
    made: tuple[Verdict, ...]
    before: Holding
    after: Holding


def simulate(program: Program, facts: Sequence[Fact], *, supposed: Supposed) -> Simulated:
    """Judge facts one after the other, and tell all about the last; at least one is needed.

    All of them name members; the one of the last is who is supposed to be like that.

    :raises PointbookError: what one of them is refused for; of several, its field says which.
    """
    fact = facts[-1]
    name, at = fact.member or "", fact.occurred_at
    version = program.version_at(at)
    other = _lived(program, facts, supposed)
    traces = rehearse(program, other.member(name, at=at), fact, budgets=other.budgets)
    world = _lived(program, facts, supposed)
    before = holding(world.member(name, at=at), version=version, at=at)
    verdict, *made = _post(world, fact, facts)
    return Simulated(
        fact=fact,
        version=version,
        traces=traces,
        verdict=verdict,
        made=tuple(made),
        before=before,
        after=holding(world.member(name), version=version, at=at),
    )


def _lived(program: Program, facts: Sequence[Fact], supposed: Supposed) -> World:
    """A world as it is just before the last fact."""
    *earlier, last = facts
    world = World(program)
    suppose(world, last.member or "", supposed, at=facts[0].occurred_at)
    for fact in earlier:
        world.pass_to(fact.occurred_at)
        _post(world, fact, facts)
    world.pass_to(last.occurred_at)
    return world


def _post(world: World, fact: Fact, facts: Sequence[Fact]) -> list[Verdict]:
    try:
        return world.post(fact)
    except PointbookError as error:
        if len(facts) > 1:
            place = next(n for n, one in enumerate(facts) if one is fact)
            error.field = f"[{place}].{error.field}"
        raise
