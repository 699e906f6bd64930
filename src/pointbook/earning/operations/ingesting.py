"""Facts in, points posted: recognise, gather, decide, post, answer.

`ingest` takes a batch (one fact is a batch of one) in one transaction; the number of SQL
statements does not grow with it. A bad fact gets its own answer and the others are posted. Raises
ProgramNotFound and PermissionRefused for the whole batch only.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

import orjson
from django.db import DataError, IntegrityError, OperationalError

from pointbook.controls.actors import Actor
from pointbook.controls.clock import clock
from pointbook.controls.copying import copy, escape
from pointbook.controls.operations import change
from pointbook.earning.budgets import Blocks, BudgetContended
from pointbook.earning.claims import claims_of
from pointbook.earning.decisions import told
from pointbook.earning.gather import gather
from pointbook.earning.gathered import Gathered
from pointbook.earning.linking import hold_invitations, named_by_id, owners_of, with_heads
from pointbook.earning.operations.deciding import Batch, decide, timely
from pointbook.earning.operations.outcomes import FactConflict, MadeRefused, Outcome, Status
from pointbook.earning.shelves import shelves_for
from pointbook.earning.states import keep
from pointbook.engine.replay.handing import USING
from pointbook.engine.replay.redeeming import end_of_hold
from pointbook.engine.replay.verdicts import MAKER
from pointbook.engine.values.facts import Fact, FactError
from pointbook.ledger import queries as ledger
from pointbook.ledger.operations.posting import Judged, post
from pointbook.members.operations import become, keep_unclaimed
from pointbook.programs.models import Program as ProgramRow
from pointbook.programs.operations.holding import hold_rules
from pointbook.programs.queries import compiled, program, stores
from pointbook.redemption.operations.recording import Made
from pointbook.redemption.operations.recording import record as record_redemptions
from pointbook.redemption.operations.shelving import LockedShelves
from pointbook.tiers.operations import record

__all__ = ["FactConflict", "MadeRefused", "Outcome", "Status", "ingest", "ingest_together"]
TRIES: Final = 5
DEADLOCK: Final = "40P01"


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
    ready = [fact for fact in facts if own or fact.source != MAKER]
    posted = iter(_tried(row, ready, actor, now, TRIES) if ready else ())
    return [next(posted) if own or fact.source != MAKER else _foreign(fact) for fact in facts]


def ingest_together(
    *,
    program: str,
    facts: Sequence[Fact],
    actor: Actor,
    at: datetime | None = None,
    check: Callable[[Sequence[Outcome]], None] | None = None,
) -> list[Outcome]:
    """Judge and post facts that belong together: all of them, or none.

    `check` looks at the outcomes before anything is kept, and may raise.

    :raises PointbookError: what the first of them was refused for; nothing is posted then.
    """
    if any(fact.source == MAKER for fact in facts):
        raise _own_source()
    row = _program(program)
    now = clock(row.id) if at is None else at
    alone, tries = False, TRIES
    while True:
        try:
            run = partial(_all_or_none, row, facts, now, alone, check)
            return _changed(row, facts, actor, run=run)
        except BudgetContended:
            alone = True
        except (OperationalError, IntegrityError) as error:
            deadlock = getattr(error.__cause__, "sqlstate", "") == DEADLOCK
            tries -= 1
            if not tries or not (deadlock or isinstance(error, IntegrityError)):
                raise
        except DataError as error:
            raise FactError(f"the database refused the fact: {error}", field="fact") from error


def _all_or_none(
    row: ProgramRow,
    facts: Sequence[Fact],
    at: datetime,
    alone: bool,  # noqa: FBT001 -- handed on by partial
    check: Callable[[Sequence[Outcome]], None] | None,
) -> list[Outcome]:
    outcomes = _ingest(row, facts, at, alone=alone)
    for one in outcomes:
        if one.error is not None:
            raise one.error
    if check is not None:
        check(outcomes)
    return outcomes


def _changed(
    row: ProgramRow, facts: Sequence[Fact], actor: Actor, *, run: Callable[[], list[Outcome]]
) -> list[Outcome]:
    """One transaction for a batch, with one row of the audit."""
    return change(
        actor=actor,
        action="facts.ingest",
        program_id=row.id,
        subject=f"{len(facts)} facts",
        body=[facts[0].source, facts[0].id, len(facts)],
        run=run,
    )


def _foreign(fact: Fact) -> Outcome:
    """The refusal of a fact that pretends to be Pointbook's own."""
    return Outcome("refused", fact.source, fact.id, error=_own_source())


def _own_source() -> FactError:
    return FactError(
        f"the source {MAKER!r} is Pointbook's own",
        field="source",
        value=MAKER,
        mend="Send the name of your system.",
    )


def _tried(
    row: ProgramRow,
    facts: Sequence[Fact],
    actor: Actor,
    at: datetime,
    tries: int,
    *,
    alone: bool = False,
) -> list[Outcome]:
    """Post a batch; when the database refuses it, try again, then halve it until one fact is left.

    A second try finds as a duplicate what another writer has posted in between.
    """
    try:
        return _changed(row, facts, actor, run=lambda: _ingest(row, facts, at, alone=alone))
    except BudgetContended:
        # What is left of a budget lies with others: once they are done it can be seen.
        return _tried(row, facts, actor, at, tries, alone=True)
    except OperationalError as error:
        # Two writers may block each other where members' links change: one of them tries again.
        if tries > 1 and getattr(error.__cause__, "sqlstate", "") == DEADLOCK:
            return _tried(row, facts, actor, at, tries - 1, alone=alone)
        raise
    except (IntegrityError, DataError, MadeRefused) as error:
        if tries > 1 and not isinstance(error, MadeRefused):
            return _tried(row, facts, actor, at, tries - 1, alone=alone)
        if len(facts) == 1:
            refusal = (
                error
                if isinstance(error, MadeRefused)
                else FactError(f"the database refused the fact: {error}", field="fact")
            )
            return [Outcome("refused", facts[0].source, facts[0].id, error=refusal)]
        half = len(facts) // 2
        return [
            *_tried(row, facts[:half], actor, at, 1, alone=alone),
            *_tried(row, facts[half:], actor, at, 1, alone=alone),
        ]


def _ingest(row: ProgramRow, facts: Sequence[Fact], at: datetime, *, alone: bool) -> list[Outcome]:
    hold_rules(row.id)
    program = compiled(row.id)
    unknown = program.version_at(at).blueprint.unknown_members
    hold_invitations(row.id, facts)
    claims = claims_of(row.id, facts)
    facts = [claims.told(fact) for fact in facts]
    # What lies in the future is refused, and enrols nobody.
    admitted = [fact for fact in facts if timely(fact, at)]
    owners = owners_of(row.id, admitted, enrols=unknown == "enrol")
    ends = _ended(row.id, facts, owners, at, linked=program.linked)
    facts = [*ends, *facts]
    named = named_by_id(row.id, facts, owners)
    batch = Batch(
        row=row,
        program=program,
        facts=named.facts,
        at=at,
        budgets=Blocks(row.id, alone=alone),
        claims=claims,
        linked=named.known,
        entities=stores(row.id),
        keeps=unknown == "keep",
        shelves=LockedShelves(program.zone),
    )
    found = gather(
        program_id=row.id,
        program=program,
        facts=[fact for fact in named.facts if timely(fact, at)],
        owners=owners,
        linked=named.known,
    )
    if program.rewarding:
        batch.shelves = shelves_for(row.id, program, facts=facts, found=found)
    decide(batch, found)
    _post(batch, found)
    return [batch.outcomes[place] for place in range(len(ends), len(facts))]


def _ended(
    program_id: int,
    facts: Sequence[Fact],
    owners: dict[str, uuid.UUID],
    at: datetime,
    *,
    linked: bool,
) -> list[Fact]:
    """Holds whose time is over, of members who want their points now: they are let go first."""
    named = {owners.get(fact.member or "") for fact in facts if fact.type in USING}
    who = {own for own in named if own is not None}
    if not who:
        return []
    if linked:
        who = with_heads(who)
    over = ledger.ended_holds(program_id=program_id, at=at, members=sorted(who))
    owners.update({str(one.member): one.member for one in over})
    return [end_of_hold(one.key, one.until, member=str(one.member)) for one in over]


def _post(batch: Batch, found: Gathered) -> None:
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
    _redeemed(batch, ids)
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


def _redeemed(batch: Batch, ids: Sequence[int]) -> None:
    """What became of redemptions, and what was taken off the shelves."""
    made = [
        Made(own, one.member, one.verdict)
        for own, one in zip(ids, batch.judged, strict=True)
        if one.verdict.steps and one.member is not None
    ]
    if made:
        record_redemptions(program_id=batch.row.id, program=batch.program, made=made)
        batch.shelves.settle()


def _keep(batch: Batch, found: Gathered) -> None:
    """Keep the states of members for whom something was posted, and what was taken of budgets."""
    judged = {one.member for one in batch.judged if one.member is not None}
    states = {own: found.states[own] for own in judged}
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
