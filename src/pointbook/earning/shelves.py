"""Which shelves a batch may take from, and which redemptions must wait. Nothing here raises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pointbook.earning.gathered import Gathered
from pointbook.engine.replay.handing import USING
from pointbook.engine.replay.program import Program
from pointbook.engine.values.facts import Fact
from pointbook.redemption.operations.shelving import LockedShelves, Wanted, lock_shelves
from pointbook.redemption.queries.bookings import kept
from pointbook.redemption.queries.waiting import waits


def shelves_for(
    program_id: int, program: Program, *, facts: Sequence[Fact], found: Gathered
) -> LockedShelves:
    """Lock what the facts may take from; their members' accounts are locked already."""
    captured = [fact.about for fact in facts if fact.type == "capture" and fact.about is not None]
    wanted = list(wanted_by(program, facts, found))
    locked = lock_shelves(
        program_id=program_id,
        zone=program.zone,
        wanted=wanted,
        waits=waits(program_id, captured),
    )
    keep_places(program_id, locked, wanted=wanted)
    return locked


def keep_places(program_id: int, shelves: LockedShelves, *, wanted: Sequence[Wanted]) -> None:
    """What was offered to who waited is not there for others than them."""
    instants = [one.at for one in wanted if one.reward.gives.waiting]
    if instants:
        shelves.kept = kept(program_id, at=max(instants))


def wanted_by(program: Program, facts: Sequence[Fact], found: Gathered) -> Iterator[Wanted]:
    """The rewards that facts take, and those of redemptions that they settle."""
    for fact in facts:
        if fact.type in USING:
            yield from _wanted(program, fact.attributes.get("reward"), fact)
    for state in found.states.values():
        for hold in state.holds.values():
            reward = program.version_at(hold.at).rewards.get(hold.reward)
            if reward is not None and reward.reward.shelved:
                yield Wanted(reward.reward, hold.slot, hold.at)


def _wanted(program: Program, code: object, fact: Fact) -> Iterator[Wanted]:
    at = fact.occurred_at
    compiled = program.version_at(at).rewards.get(str(code or ""))
    if compiled is not None and compiled.reward.shelved:
        yield Wanted(compiled.reward, str(fact.attributes.get("slot") or ""), at)
