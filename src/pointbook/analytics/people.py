"""Everything that is kept of a program's members, page by page, for other systems.

Each page is a fixed number of statements, whatever the number of members on it, and memory holds
one page. Points are smallest parts, money is in minor units. Raises ProgramNotFound.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pointbook.earning.states import states_of
from pointbook.engine.ledger.lots import Lot
from pointbook.engine.replay.cases import pass_time
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.opening import measures_of
from pointbook.engine.replay.program import Program, Version
from pointbook.ledger import queries as ledger
from pointbook.members.queries import PersonRow, known_by, people

PAGE: Final = 2_000


@dataclass(frozen=True, slots=True)
class HeldTier:
    """A tier on a ladder, since when, and where its validity ends (exclusive; None: no date)."""

    ladder: str
    tier: str
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Belongings:
    """A member with everything they have in the program.

    `lots` are those with points that have not ended, in the order in which they were posted. What
    is held for a redemption that was not captured yet lies in them: another system knows no hold.
    `measures` and `owed` leave out what is 0. `household` and `company` are what the head and the
    company are known by, '' without one.
    """

    person: PersonRow
    joined_at: datetime
    tiers: tuple[HeldTier, ...]
    measures: Mapping[str, int]
    lots: tuple[Lot, ...]
    owed: Mapping[str, int]
    segments: tuple[str, ...]
    household: str
    company: str


def everybody(
    *, program_id: int, program: Program, at: datetime, size: int = PAGE
) -> Iterator[list[Belongings]]:
    """All members as they stand at `at`, in pages of `size`, in the order of their ids."""
    after: uuid.UUID | None = None
    while page := people(program_id, after=after, limit=size):
        yield _belongings(program_id, program, page, at)
        after = page[-1].id


def _belongings(
    program_id: int, program: Program, page: Sequence[PersonRow], at: datetime
) -> list[Belongings]:
    ids = [one.id for one in page]
    states = states_of(program_id=program_id, program=program, members=ids, wallets={})
    lots = _lots(program_id, ids, at)
    owed = ledger.posted_owed(ids)
    linked = {uuid.UUID(one) for state in states.values() for one in _links(state) if one}
    names = known_by(sorted(linked)) if linked else {}
    version = program.version_at(at)
    return [
        _of(
            person,
            states[person.id],
            program=program,
            version=version,
            at=at,
            lots=lots.get(person.id, ()),
            owed=owed.get(person.id, {}),
            names=names,
        )
        for person in page
    ]


def _lots(
    program_id: int, members: Sequence[uuid.UUID], at: datetime
) -> dict[uuid.UUID, list[Lot]]:
    """The lots of members that have not ended, with what is held of them put back."""
    found: dict[int, Lot] = {}
    owners: dict[int, uuid.UUID] = {}
    for held in ledger.lots(members, []):
        found[held.lot.id] = held.lot
        owners[held.lot.id] = held.member
    for member, hold in ledger.holds(program_id, members=members, keys=[], lots=found):
        for lot, points, _ in hold.draws:
            lot.remaining += points
            owners.setdefault(lot.id, member)
    lots: dict[uuid.UUID, list[Lot]] = {}
    for own in sorted(owners):
        if found[own].expires_at > at:
            lots.setdefault(owners[own], []).append(found[own])
    return lots


def _links(state: Member) -> tuple[str, str]:
    return state.head, state.company


def _of(
    person: PersonRow,
    state: Member,
    *,
    program: Program,
    version: Version,
    at: datetime,
    lots: Sequence[Lot],
    owed: Mapping[str, int],
    names: Mapping[uuid.UUID, str],
) -> Belongings:
    # Reviews that are due and that no job has come to yet: what members see is told.
    pass_time(program, state, at)
    values = {
        name: state.measure(measure, at=at, program=program)
        for name, measure in measures_of(version).items()
    }
    household, company = (names.get(uuid.UUID(one), one) if one else "" for one in _links(state))
    return Belongings(
        person=person,
        joined_at=state.joined_at or person.enrolled_at,
        tiers=tuple(
            HeldTier(ladder.code, held.tier, held.since, held.until)
            for ladder in version.ladders
            if (held := state.standings.get(ladder.code)) is not None and held.tier
        ),
        measures={name: value for name, value in values.items() if value},
        lots=tuple(lots),
        owed=owed,
        segments=tuple(sorted(state.segments)),
        household=household,
        company=company,
    )
