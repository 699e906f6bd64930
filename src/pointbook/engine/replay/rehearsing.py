"""What every rule would say to a fact, before it is judged: for those who ask why not.

Raises nothing itself.
"""

from __future__ import annotations

from pointbook.engine.replay.cases import Case, pass_time
from pointbook.engine.replay.judging import count_in
from pointbook.engine.replay.member import Budgets, Member
from pointbook.engine.replay.program import Program
from pointbook.engine.rules.explaining.tracing import Trace, trace
from pointbook.engine.values.facts import Fact


def rehearse(
    program: Program, member: Member, fact: Fact, *, budgets: Budgets | None = None
) -> tuple[Trace, ...]:
    """One trace for each rule of the version in force, as judging the fact would ask them.

    The fact is counted in the member's state, which is of no other use afterwards: judge another
    copy of it. Without `budgets` they are taken to have room.
    """
    at = fact.occurred_at
    version = program.version_at(at)
    if version.ladders:
        pass_time(program, member, at)
    case = Case(program, version, member, fact, budgets)
    count_in(case)
    return trace(
        version.blueprint,
        fact,
        member.who(program, version, at),
        room=case.room,
        zone=version.zone,
        kind="purchase" if fact.type == "claim" else "",
    )
