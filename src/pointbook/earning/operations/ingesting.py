"""Facts in, points posted: claim, gather, decide, post, answer.

`ingest` takes a batch (one fact is a batch of one) in one transaction; the number of SQL
statements does not grow with it. A bad fact gets its own answer and the others are posted. Raises
ProgramNotFound and PermissionRefused for the whole batch only.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

import orjson
from django.db import DataError, IntegrityError, OperationalError

from pointbook.controls.actors import Actor
from pointbook.controls.clock import clock
from pointbook.controls.copying import copy, escape
from pointbook.controls.operations import change
from pointbook.earning.budgets import Blocks
from pointbook.earning.claims import claimed
from pointbook.earning.decisions import told
from pointbook.earning.gather import Gathered, as_id, gather, named_by_id, owners_of
from pointbook.earning.states import keep
from pointbook.engine.replay.judging import KINDS, judge
from pointbook.engine.replay.links import LINKS, linked_to
from pointbook.engine.replay.program import Program
from pointbook.engine.replay.verdicts import MAKER, Made, Verdict
from pointbook.engine.values.errors import ConflictError, PointbookError
from pointbook.engine.values.facts import Fact, FactError, content, digest
from pointbook.ledger.operations.posting import Judged, post, put_off
from pointbook.members.operations import become, keep_unclaimed
from pointbook.programs.models import Program as ProgramRow
from pointbook.programs.operations.holding import hold_rules
from pointbook.programs.queries import compiled, program, stores
from pointbook.tiers.operations import record, review

Status = Literal["posted", "duplicate", "conflict", "refused"]
# A till's clock may run ahead of ours by this much.
AHEAD: Final = timedelta(minutes=5)
TRIES: Final = 3
DEADLOCK: Final = "40P01"
# Facts that may make facts for their own member, who is then named by id like all others.
NAMING: Final = frozenset({"purchase", "claim", "return", "cancel", "payment_expired"})
# Facts of the engine's own types that are nothing without a member.
PERSONAL: Final = KINDS.keys() - {"purchase", "return", "cancel", "payment_expired"}
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


class MadeRefused(PointbookError):
    """A fact that another fact makes cannot be: the one that makes it is refused."""

    status = 422


@dataclass(slots=True)
class _Batch:
    """A batch on its way: what was decided of each fact, in the order of posting.

    `judged` holds facts of the batch and those they made; `places` says where in it each is.
    """

    row: ProgramRow
    program: Program
    facts: Sequence[Fact]
    at: datetime
    outcomes: dict[int, Outcome]
    budgets: Blocks
    judged: list[Judged] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)


def ingest(
    *,
    program: str,
    facts: Sequence[Fact],
    actor: Actor,
    at: datetime | None = None,
    own: bool = False,
) -> list[Outcome]:
    """Judge and post facts; one outcome for each, in order.

    `at` is the program's clock, asked here when the door did not. A fact that was posted before
    is a duplicate and changes nothing; the same key with other content is a conflict. Facts of
    Pointbook's own source are refused unless they are its `own` (birthdays and the like).
    """
    if not facts:
        return []
    row = _program(program)
    now = clock(row.id) if at is None else at
    ready: list[Fact] = []
    refused: dict[int, Outcome] = {}
    for place, fact in enumerate(facts):
        try:
            if fact.source == MAKER and not own:
                raise _foreign(fact)
            ready.append(claimed(row.id, fact) if fact.type == "claim" else fact)
        except PointbookError as error:
            refused[place] = Outcome("refused", fact.source, fact.id, error=error)
    posted = iter(_tried(row, ready, actor, now, TRIES) if ready else ())
    return [refused[n] if n in refused else next(posted) for n in range(len(facts))]


def _foreign(fact: Fact) -> FactError:
    """The error of a fact that pretends to be Pointbook's own."""
    return FactError(
        f"the source {MAKER!r} is Pointbook's own",
        field="source",
        value=fact.source,
        mend="Send the name of your system.",
    )


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
    except OperationalError as error:
        # Two writers may block each other where members' links change: one of them tries again.
        if tries > 1 and getattr(error.__cause__, "sqlstate", "") == DEADLOCK:
            return _tried(row, facts, actor, at, tries - 1)
        raise
    except (IntegrityError, DataError, MadeRefused) as error:
        if tries > 1 and not isinstance(error, MadeRefused):
            return _tried(row, facts, actor, at, tries - 1)
        if len(facts) == 1:
            refusal = (
                error
                if isinstance(error, MadeRefused)
                else FactError(f"the database refused the fact: {error}", field="fact")
            )
            return [Outcome("refused", facts[0].source, facts[0].id, error=refusal)]
        half = len(facts) // 2
        return [
            *_tried(row, facts[:half], actor, at, 1),
            *_tried(row, facts[half:], actor, at, 1),
        ]


def _ingest(row: ProgramRow, facts: Sequence[Fact], at: datetime) -> list[Outcome]:
    hold_rules(row.id)
    program = compiled(row.id)
    batch = _Batch(row, program, facts, at, {}, Blocks(row.id))
    unknown = program.version_at(at).blueprint.unknown_members
    # What lies in the future is refused, and enrols nobody.
    admitted = [fact for fact in facts if _timely(fact, at)]
    owners = owners_of(row.id, admitted, enrols=unknown == "enrol")
    batch.facts = named_by_id(row.id, facts, owners)
    timely = [fact for fact in batch.facts if _timely(fact, at)]
    found = gather(program_id=row.id, program=program, facts=timely, owners=owners)
    _decide(batch, found, keeps=unknown == "keep")
    _post(batch, found)
    return [batch.outcomes[place] for place in range(len(facts))]


def _timely(fact: Fact, at: datetime) -> bool:
    return fact.occurred_at <= at + AHEAD


def _decide(batch: _Batch, found: Gathered, *, keeps: bool) -> None:
    """Judge every fact that is new; what was judged changes the members' working copies."""
    entities = stores(batch.row.id)
    seen: dict[tuple[str, str], Claim] = {}
    for place, fact in enumerate(batch.facts):
        body = content(fact)
        sha = digest(body)
        owner = found.payer(batch.program, fact)
        try:
            before = _claim(fact, sha, owner, found, seen)
            if before is not None:
                batch.outcomes[place] = before
                continue
            _admit(fact, owner, batch.at, keeps=keeps)
            verdict = (
                Verdict(fact, batch.program.version_at(fact.occurred_at).number)
                if owner is None
                else _judge(batch, found, owner, Made(fact))
            )
        except PointbookError as error:
            status: Status = "conflict" if isinstance(error, FactConflict) else "refused"
            batch.outcomes[place] = Outcome(status, fact.source, fact.id, error=error)
            continue
        seen[fact.source, fact.id] = (sha, owner, fact.member)
        found.batch[fact.source, fact.id] = fact.member
        batch.places[place] = len(batch.judged)
        _decided(batch, found, entities, owner, verdict, body=body)


def _judge(batch: _Batch, found: Gathered, owner: uuid.UUID, made: Made) -> Verdict:
    """Judge one fact for a member; other members are there for checks."""
    own = made.fact
    if own.type in LINKS or (batch.program.linked and own.type in NAMING):
        own = replace(own, member=str(owner))
    state = found.states[owner]
    if batch.program.re_evaluates and own.type == "purchase":
        state.later.append(own)
    return judge(
        batch.program,
        state,
        own,
        budgets=batch.budgets if batch.program.shared else None,
        origins=made.origins,
        others=found.other,
    )


def _decided(
    batch: _Batch,
    found: Gathered,
    entities: Mapping[str, int],
    owner: uuid.UUID | None,
    verdict: Verdict,
    *,
    body: bytes,
) -> None:
    """Note a verdict, then judge the facts that it made.

    :raises MadeRefused: when one of them cannot be; nothing of the batch is posted then.
    """
    fact = verdict.fact
    refers = fact.refers
    returned = found.posted[refers].id if refers is not None and refers in found.posted else None
    batch.judged.append(
        Judged(
            verdict=verdict,
            member=owner,
            entity_id=entities.get(fact.store, batch.row.entity_id),
            content=body,
            digest=digest(body),
            returns_id=returned,
            policy=batch.program.version_at(fact.occurred_at).blueprint.books.policy,
        )
    )
    for made in verdict.spawned:
        whose = found.owners.get(made.fact.member or "") or as_id(made.fact.member or "")
        if whose is None or whose not in found.states:
            raise MadeRefused(
                f"there is no member {made.fact.member!r}",
                field=f"attributes.{LINKS.get(fact.type, 'member')}",
                value=made.fact.member,
                mend="Enrol the member first.",
            )
        try:
            follows = _judge(batch, found, whose, made)
        except PointbookError as error:
            raise MadeRefused(
                error.message, field=error.field, value=error.value, mend=error.mend
            ) from error
        _decided(batch, found, entities, whose, follows, body=content(made.fact))


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
    if not _timely(fact, at):
        raise FactError(
            f"occurred_at {fact.occurred_at.isoformat()} lies after the program's clock",
            field="occurred_at",
            value=fact.occurred_at.isoformat(),
            mend=f"The clock stands at {at.isoformat()}; correct the time or the clock.",
        )
    other = linked_to(fact) if fact.type in LINKS else None
    if other is not None and as_id(other) is None:
        raise FactError(
            f"there is no member {other!r}",
            field=f"attributes.{LINKS[fact.type]}",
            value=other,
            mend="Enrol the member first.",
        )
    if owner is None and (fact.type in PERSONAL or (fact.member is not None and not keeps)):
        raise FactError(
            f"there is no member {fact.member!r}",
            field="member",
            value=fact.member,
            mend="Enrol the member first.",
        )


def _post(batch: _Batch, found: Gathered) -> None:
    rows = batch.judged
    if not rows:
        return
    ids = post(
        program_id=batch.row.id,
        program=batch.program,
        judged=rows,
        holders=found.holders,
    )
    copy(
        "earning_decision",
        ("fact_id", "version", "reasons"),
        (
            f"{own}\t{one.verdict.version}\t{_reasons(one)}"
            for own, one in zip(ids, rows, strict=True)
        ),
    )
    moves = [
        (one.member, own, move)
        for own, one in zip(ids, rows, strict=True)
        if one.member is not None
        for move in one.verdict.moves
    ]
    record(program_id=batch.row.id, moves=moves)
    _keep(batch, found)
    for place, index in batch.places.items():
        one, own = rows[index], ids[index]
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


def _keep(batch: _Batch, found: Gathered) -> None:
    """Keep the states of members for whom something was posted, and what was taken of budgets."""
    judged = {one.member for one in batch.judged if one.member is not None}
    states = {own: found.states[own] for own in judged}
    # A refused fact may have met a review that was due: it stands, whoever asked for it.
    late = [(own, move) for own, state in sorted(states.items()) for move in state.unposted]
    put_off([shift for state in states.values() for shift in state.shifted])
    review(program_id=batch.row.id, moves=late)
    keep(program_id=batch.row.id, program=batch.program, states=states)
    merges = [
        (one.member, uuid.UUID(found.states[one.member].merged_into))
        for one in batch.judged
        if one.verdict.fact.type == "merged" and one.member is not None
    ]
    if merges:
        become(merges=merges)
    batch.budgets.settle()


def _reasons(one: Judged) -> str:
    if not one.verdict.reasons:
        return "[]"
    return escape(orjson.dumps([told(reason) for reason in one.verdict.reasons]).decode())


_program = program
