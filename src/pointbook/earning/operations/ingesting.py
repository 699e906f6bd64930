"""Facts in, points posted: claim, gather, decide, post, answer.

`ingest` takes a batch (one fact is a batch of one) in one transaction; the number of SQL
statements does not grow with it. A bad fact gets its own answer and the others are posted. Raises
ProgramNotFound and PermissionRefused for the whole batch only.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import orjson
from django.db import DataError, IntegrityError

from pointbook.controls.actors import Actor
from pointbook.controls.clock import clock
from pointbook.controls.copying import copy, escape
from pointbook.controls.operations import change
from pointbook.earning.gather import Gathered, gather
from pointbook.engine.replay.member import Verdict, judge
from pointbook.engine.replay.program import Program
from pointbook.engine.values.errors import ConflictError, PointbookError
from pointbook.engine.values.facts import Fact, FactError, content, digest
from pointbook.ledger.operations.posting import Judged, post
from pointbook.members.operations import keep_unclaimed
from pointbook.programs.models import Program as ProgramRow
from pointbook.programs.operations.holding import hold_rules
from pointbook.programs.queries import compiled, program, stores
from pointbook.tiers.operations import record

Status = Literal["posted", "duplicate", "conflict", "refused"]
# A till's clock may run ahead of ours by this much.
AHEAD: Final = timedelta(minutes=5)
TRIES: Final = 3
# What stands under a key: the digest of the content, whose it is, and whom it named if nobody's.
Claim = tuple[bytes, uuid.UUID | None, str | None]


class FactConflict(ConflictError):
    """The key was posted before with another content."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one fact: `verdict` when it was posted, `error` when it was not."""

    status: Status
    source: str
    id: str
    fact_id: int | None = None
    member: uuid.UUID | None = None
    verdict: Verdict | None = None
    error: PointbookError | None = None


@dataclass(slots=True)
class _Batch:
    """A batch on its way: what was decided of each fact, by its place."""

    row: ProgramRow
    program: Program
    facts: Sequence[Fact]
    at: datetime
    outcomes: dict[int, Outcome]
    judged: dict[int, Judged]


def ingest(
    *, program: str, facts: Sequence[Fact], actor: Actor, at: datetime | None = None
) -> list[Outcome]:
    """Judge and post facts; one outcome for each, in order.

    `at` is the program's clock, asked here when the door did not. A fact that was posted before
    is a duplicate and changes nothing; the same key with other content is a conflict.
    """
    if not facts:
        return []
    row = _program(program)
    return _tried(row, facts, actor, clock(row.id) if at is None else at, TRIES)


def _tried(
    row: ProgramRow, facts: Sequence[Fact], actor: Actor, at: datetime, tries: int
) -> list[Outcome]:
    """Post a batch; when the database refuses it, try again, then halve it until one fact is left.

    A second try finds as a duplicate what another writer has posted in between.
    """
    try:
        return change(
            actor=actor,
            action="facts.ingest",
            program_id=row.id,
            subject=f"{len(facts)} facts",
            body=[facts[0].source, facts[0].id, len(facts)],
            run=lambda: _ingest(row, facts, at),
        )
    except (IntegrityError, DataError) as error:
        if tries > 1:
            return _tried(row, facts, actor, at, tries - 1)
        if len(facts) == 1:
            refusal = FactError(f"the database refused the fact: {error}", field="fact")
            return [Outcome("refused", facts[0].source, facts[0].id, error=refusal)]
        half = len(facts) // 2
        return [
            *_tried(row, facts[:half], actor, at, 1),
            *_tried(row, facts[half:], actor, at, 1),
        ]


def _ingest(row: ProgramRow, facts: Sequence[Fact], at: datetime) -> list[Outcome]:
    hold_rules(row.id)
    program = compiled(row.id)
    batch = _Batch(row, program, facts, at, {}, {})
    unknown = program.version_at(at).blueprint.unknown_members
    timely = [fact for fact in facts if fact.occurred_at <= at + AHEAD]
    found = gather(program_id=row.id, program=program, facts=timely, enrols=unknown == "enrol")
    _decide(batch, found, keeps=unknown == "keep")
    _post(batch, found)
    return [batch.outcomes[place] for place in range(len(facts))]


def _decide(batch: _Batch, found: Gathered, *, keeps: bool) -> None:
    """Judge every fact that is new; what was judged changes the members' working copies."""
    entities = stores(batch.row.id)
    seen: dict[tuple[str, str], Claim] = {}
    for place, fact in enumerate(batch.facts):
        body = content(fact)
        sha = digest(body)
        owner = found.owner(fact)
        try:
            before = _claim(fact, sha, owner, found, seen)
            if before is not None:
                batch.outcomes[place] = before
                continue
            _admit(fact, owner, batch.at, keeps=keeps)
            verdict = (
                Verdict(fact, batch.program.version_at(fact.occurred_at).number)
                if owner is None
                else judge(batch.program, found.states[owner], fact)
            )
        except PointbookError as error:
            status: Status = "conflict" if isinstance(error, FactConflict) else "refused"
            batch.outcomes[place] = Outcome(status, fact.source, fact.id, error=error)
            continue
        seen[fact.source, fact.id] = (sha, owner, fact.member)
        if fact.type == "purchase":
            found.bought[fact.source, fact.id] = fact.member
        policy = batch.program.version_at(fact.occurred_at).blueprint.books.policy
        returned = None
        if fact.returns is not None and fact.returns in found.sold:
            returned = found.sold[fact.returns].id
        batch.judged[place] = Judged(
            verdict=verdict,
            member=owner,
            entity_id=entities.get(fact.store, batch.row.entity_id),
            content=body,
            digest=sha,
            returns_id=returned,
            policy=policy,
        )


def _claim(
    fact: Fact,
    sha: bytes,
    owner: uuid.UUID | None,
    found: Gathered,
    seen: Mapping[tuple[str, str], Claim],
) -> Outcome | None:
    """The duplicate's outcome, None for a new key.

    :raises FactConflict: when the key stands for something else.
    """
    key = (fact.source, fact.id)
    known = found.known.get(key)
    if known is None and key not in seen:
        return None
    before, whose, named = (
        seen[key] if known is None else (known.digest, known.member, found.named.get(key))
    )
    # Who was nobody when it came may be a member by now; a return may have found its purchase.
    same = whose == owner if whose is not None else named == fact.member
    if same and before == sha:
        fact_id = None if known is None else known.id
        return Outcome("duplicate", fact.source, fact.id, fact_id, whose)
    raise FactConflict(
        f"fact {fact.source}/{fact.id} was posted before with other content",
        field="id",
        value=fact.id,
        mend="Send a correction under its own id; a posted fact never changes.",
    )


def _admit(fact: Fact, owner: uuid.UUID | None, at: datetime, *, keeps: bool) -> None:
    """Refuse what lies in the future and whom nobody knows."""
    if fact.occurred_at > at + AHEAD:
        raise FactError(
            f"occurred_at {fact.occurred_at.isoformat()} lies after the program's clock",
            field="occurred_at",
            value=fact.occurred_at.isoformat(),
            mend=f"The clock stands at {at.isoformat()}; correct the time or the clock.",
        )
    if owner is None and (fact.type == "burn" or (fact.member is not None and not keeps)):
        raise FactError(
            f"there is no member {fact.member!r}",
            field="member",
            value=fact.member,
            mend="Enrol the member first.",
        )


def _post(batch: _Batch, found: Gathered) -> None:
    places = list(batch.judged)
    if not places:
        return
    rows = [batch.judged[place] for place in places]
    ids = post(
        program_id=batch.row.id,
        program=batch.program,
        judged=rows,
        holders=found.holders,
    )
    lines = zip(ids, rows, strict=True)
    copy(
        "earning_decision",
        ("fact_id", "version", "reasons"),
        (f"{own}\t{one.verdict.version}\t{_reasons(one)}" for own, one in lines),
    )
    moves = [
        (one.member, own, one.verdict.move)
        for own, one in zip(ids, rows, strict=True)
        if one.verdict.move is not None and one.member is not None
    ]
    record(program_id=batch.row.id, moves=moves)
    for place, own, one in zip(places, ids, rows, strict=True):
        fact = one.verdict.fact
        batch.outcomes[place] = Outcome(
            "posted", fact.source, fact.id, own, one.member, one.verdict
        )
    unclaimed = [
        (one.verdict.fact.source, one.verdict.fact.id, one.verdict.fact.member)
        for one in rows
        if one.member is None and one.verdict.fact.member is not None
    ]
    if unclaimed:
        keep_unclaimed(program_id=batch.row.id, rows=unclaimed)


def _reasons(one: Judged) -> str:
    if not one.verdict.reasons:
        return "[]"
    return escape(orjson.dumps([reason._asdict() for reason in one.verdict.reasons]).decode())


_program = program
