"""What must be known before a batch is judged: members, accounts, keys, lots, spend, tiers.

The stage takes every lock of the batch, kind by kind and in key order, so that two batches wait
for each other and never block each other. Raises nothing of its own: what is wrong with a fact is
answered with the fact.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pointbook.earning.gathered import Gathered
from pointbook.earning.linking import (
    INVITED,
    Links,
    as_id,
    counts_again,
    inviters,
    reached,
)
from pointbook.earning.loading import load, units_of
from pointbook.engine.replay.handing import USING
from pointbook.engine.replay.heirs import follows
from pointbook.engine.replay.links import LINKS, linked_to
from pointbook.engine.replay.program import Program
from pointbook.engine.replay.verdicts import MAKER, made_id
from pointbook.engine.values.facts import Fact
from pointbook.ledger import queries as ledger
from pointbook.ledger.operations.accounts import Holders, lock_members, read_members
from pointbook.members.identity import became, former, traits
from pointbook.members.queries import resolve, unclaimed

# Facts made by an order that other facts take back when the order comes back.
ENDING: Final = ("company_purchase", "referral", "referred", "received")


def gather(
    *,
    program_id: int,
    program: Program,
    facts: Sequence[Fact],
    owners: dict[str, uuid.UUID],
    linked: Iterable[uuid.UUID] = (),
) -> Gathered:
    """Lock the accounts of a batch's members, then read what judging it needs.

    `owners` are the members whom the facts name, `linked` the others whom they name.
    """
    keys = _referred(program, facts)
    units = list(units_of(program))
    posted = ledger.recorded(program_id, keys) if keys else {}
    named = {*owners.values(), *linked, *_members(posted)}
    links = _reached(program, facts, named, posted)
    locked, holders = set[uuid.UUID](), Holders()
    while links.everybody != locked:
        locked = links.everybody
        holders = lock_members(program_id=program_id, members=sorted(locked), units=units)
        # Somebody may have changed whom they reach before they were locked.
        links = _reached(program, facts, named, posted)
    if keys:
        # What came back of an order is only sure once its member is locked.
        posted = ledger.recorded(program_id, keys)
    found = Gathered(owners, links, holders, posted=posted)
    _recognise(program_id, facts, found)
    load(program_id=program_id, program=program, facts=facts, found=found)
    return found


def look(
    *, program_id: int, program: Program, facts: Sequence[Fact], everything: bool = False
) -> Gathered:
    """What judging would need to know, without enrolling or locking anybody.

    `everything` reads the lots of all members, also where the facts move none.
    """
    owners = resolve(program_id, {fact.member for fact in facts if fact.member is not None})
    keys = _referred(program, facts)
    posted = ledger.recorded(program_id, keys) if keys else {}
    linking = (as_id(linked_to(fact) or "") for fact in facts if fact.type in LINKS)
    others = {own for own in linking if own is not None}
    named = {*owners.values(), *others, *_members(posted)}
    links = _reached(program, facts, named, posted)
    found = Gathered(owners, links, read_members(sorted(links.everybody)), posted=posted)
    load(
        program_id=program_id,
        program=program,
        facts=facts,
        found=found,
        everything=everything,
    )
    return found


def gather_members(*, program_id: int, program: Program, who: Iterable[uuid.UUID]) -> Gathered:
    """Lock these members and read all of them, for jobs that no fact asks for."""
    members = sorted(who)
    units = list(units_of(program))
    holders = lock_members(program_id=program_id, members=members, units=units)
    found = Gathered({str(own): own for own in members}, Links({*members}), holders)
    load(program_id=program_id, program=program, facts=(), found=found, everything=True)
    return found


def _referred(program: Program, facts: Sequence[Fact]) -> list[ledger.Key]:
    """The facts that these refer to, and what those made that comes back with them."""
    keys: list[ledger.Key] = [refers for fact in facts if (refers := fact.refers) is not None]
    if program.linked:
        asked = {
            fact.refers
            for fact in facts
            if fact.refers is not None and follows(fact, program.version_at(fact.occurred_at))
        }
        keys += [(MAKER, made_id(kind, *key)) for key in sorted(asked) for kind in ENDING]
    return keys


def _members(posted: Mapping[ledger.Key, ledger.Recorded]) -> set[uuid.UUID]:
    return {one.member for one in posted.values() if one.member is not None}


def _reached(
    program: Program,
    facts: Sequence[Fact],
    named: set[uuid.UUID],
    posted: Mapping[ledger.Key, ledger.Recorded],
) -> Links:
    """Whom the batch touches: who is named, whose facts come back, and whom these reach."""
    if not program.linked and not posted:
        return Links(set(named))
    undoes = any(follows(fact, program.version_at(fact.occurred_at)) for fact in facts)
    return reached(named, undoes=undoes or counts_again(program))


def _recognise(program_id: int, facts: Sequence[Fact], found: Gathered) -> None:
    """What was posted before under the keys of the batch, and who invites whom."""
    found.known = ledger.known(program_id, [(fact.source, fact.id) for fact in facts])
    nobody = [key for key, one in found.known.items() if one.member is None]
    found.named = unclaimed(program_id, nobody) if nobody else {}
    whose = {one.member for one in found.known.values() if one.member is not None}
    if whose - found.links.everybody:
        found.links.became |= became(whose)
    known = [fact for fact in facts if (fact.source, fact.id) in found.known]
    other = {as_id(linked_to(fact) or "") for fact in known if fact.type in LINKS}
    other |= {found.owners.get(fact.member or "") for fact in known if fact.type in USING}
    if other - {None}:
        found.former = former(one for one in other if one is not None)
    invited = [fact for fact in facts if fact.type == INVITED]
    if invited:
        referrers = {own for fact in invited if (own := as_id(linked_to(fact) or "")) is not None}
        found.inviters = inviters(referrers)
        friends = {found.owners[one.member] for one in invited if one.member in found.owners}
        found.traits = traits({*found.inviters, *friends})
