"""Maker and checker: somebody proposes what changes the books, somebody else approves or refuses.

Preparer is never approver, unless the entity is run by its owner: their own approval is recorded as
such. Raises ProposalNotFound, KindUnknown, OwnApproval, PersonNeeded and DecidedAlready.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from django.db import transaction
from django.db.models import Max, Q

from pointbook.accounting.models import Decision, Proposal
from pointbook.accounting.operations.approving import APPROVALS, PERMITS
from pointbook.accounting.operations.locking import lock_books
from pointbook.accounting.queries.books import entity
from pointbook.accounting.queries.settings import books_of
from pointbook.controls.actors import Actor
from pointbook.controls.clock import now
from pointbook.controls.operations import change
from pointbook.controls.queries import people_who_may
from pointbook.engine.values.errors import ConflictError, NotFoundError, PointbookError
from pointbook.programs.models import Entity, Program
from pointbook.programs.queries import program as program_of

APPROVED: Final = "approved"
REFUSED: Final = "refused"


class ProposalNotFound(NotFoundError):
    """The entity has no proposal with this number."""


class KindUnknown(PointbookError):
    """Nothing of this kind can be proposed."""

    status = 422


class OwnApproval(PointbookError):
    """Who prepared something may not approve it."""

    status = 403


class PersonNeeded(PointbookError):
    """Where two persons keep the books, both are named."""

    status = 403


class DecidedAlready(ConflictError):
    """The proposal was approved or refused before."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal as it stands: `outcome` is '' while it waits, else approved or refused.

    `own` says that who prepared it decided. `result` is what the approval's function answered, for
    the call that approved it.
    """

    entity: str
    number: int
    kind: str
    prepared_by: str
    outcome: str = ""
    decided_by: str = ""
    own: bool = False
    result: object = None

    @property
    def waits(self) -> bool:
        """Whether nobody has decided yet."""
        return not self.outcome


def propose(
    *,
    kind: str,
    entity_code: str,
    body: Mapping[str, object],
    actor: Actor,
    program: str | None = None,
    note: str = "",
) -> Proposed:
    """Write down what is proposed; the same again from the same person, undecided, is the same.

    `body` is JSON; one that touches a period names it as `period`.

    :raises KindUnknown: no such kind.
    :raises EntityNotFound: no such entity.
    :raises ProgramNotFound: no such program.
    :raises PersonNeeded: nobody of the team proposes, where two persons keep the books.
    """
    if kind not in APPROVALS:
        raise KindUnknown(
            f"nothing of kind {kind!r} can be proposed",
            field="kind",
            value=kind,
            mend=f"Use one of: {', '.join(sorted(APPROVALS))}.",
        )
    own = entity(entity_code)
    about = None if program is None else program_of(program)
    require_person(own.code, actor)
    return change(
        actor=actor,
        action=PERMITS[kind].propose,
        run=lambda: _propose(own, about, kind, body, actor, note),
        body={"kind": kind, "entity": own.code, "program": program, "body": body, "note": note},
        program_id=about.id if about else None,
        subject=f"{own.code} {kind}",
        detail={"kind": kind, "prepared_by": actor.name},
    )


def _propose(
    own: Entity,
    about: Program | None,
    kind: str,
    body: Mapping[str, object],
    actor: Actor,
    note: str,
) -> Proposed:
    lock_books(_entities(own.id, about.id if about else None))
    digest = _digest(kind, about, body)
    waiting = Proposal.objects.filter(entity=own, decision=None)
    row = waiting.filter(digest=digest, prepared_by=actor.name).first()
    if row is None:
        last = Proposal.objects.filter(entity=own).aggregate(last=Max("number"))["last"] or 0
        row = Proposal.objects.create(
            entity=own,
            program=about,
            number=last + 1,
            kind=kind,
            body=dict(body),
            digest=digest,
            note=note,
            prepared_by=actor.name,
            prepared_at=now(),
        )
    return Proposed(own.code, row.number, row.kind, row.prepared_by)


def _digest(kind: str, about: Program | None, body: Mapping[str, object]) -> bytes:
    said = {"kind": kind, "program": about.code if about else None, "body": body}
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


def _entities(entity_id: int, program_id: int | None) -> set[int]:
    """Every entity whose books what is proposed may touch, so that all are locked in one order."""
    found = {entity_id}
    if program_id is not None:
        sharing = Entity.objects.filter(Q(program=program_id) | Q(store__program=program_id))
        found |= set(sharing.values_list("id", flat=True))
    return found


def approve(*, entity_code: str, number: int, actor: Actor, reason: str = "") -> Proposed:
    """Approve a proposal and do what it says, in one transaction.

    :raises ProposalNotFound: no such proposal.
    :raises OwnApproval: the actor prepared it, where two persons keep the books.
    :raises PersonNeeded: the actor is nobody of the team, where two persons keep the books.
    :raises DecidedAlready: somebody decided before.
    """
    return _decide(entity_code, number, actor, APPROVED, reason)


def refuse(*, entity_code: str, number: int, actor: Actor, reason: str = "") -> Proposed:
    """Refuse a proposal; who prepared it may take it back.

    :raises ProposalNotFound: no such proposal.
    :raises PersonNeeded: the actor is nobody of the team, where two persons keep the books.
    :raises DecidedAlready: somebody decided before.
    """
    return _decide(entity_code, number, actor, REFUSED, reason)


def propose_and_approve(
    *,
    kind: str,
    entity_code: str,
    body: Mapping[str, object],
    actor: Actor,
    program: str | None = None,
    note: str = "",
) -> Proposed:
    """Propose, and approve at once where the owner keeps the books; else it waits for somebody.

    One transaction: what cannot be approved was not proposed either.

    :raises KindUnknown: no such kind.
    :raises EntityNotFound: no such entity.
    :raises ProgramNotFound: no such program.
    """
    with transaction.atomic():
        made = propose(
            kind=kind, entity_code=entity_code, body=body, actor=actor, program=program, note=note
        )
        if books_of(entity_code).second_person:
            return made
        return approve(entity_code=entity_code, number=made.number, actor=actor, reason=note)


def _decide(entity_code: str, number: int, actor: Actor, outcome: str, reason: str) -> Proposed:
    own = entity(entity_code)
    rows = Proposal.objects.select_related("entity", "program")
    row = rows.filter(entity=own, number=number).first()
    if row is None:
        raise ProposalNotFound(
            f"entity {own.code} has no proposal {number}",
            field="number",
            value=number,
            mend="See what waits: pointbook approve.",
        )
    require_person(own.code, actor)
    if outcome == APPROVED:
        _require_another(row, actor)
    mine = row.prepared_by == actor.name
    return change(
        actor=actor,
        action=PERMITS[row.kind].decide,
        run=lambda: _written(row, actor, outcome, reason),
        body={"entity": own.code, "number": number, "outcome": outcome, "reason": reason},
        program_id=row.program_id,
        subject=f"{own.code} proposal {number}",
        detail={
            "kind": row.kind,
            "outcome": outcome,
            "prepared_by": row.prepared_by,
            "own": mine,
            "reason": reason,
        },
    )


def _written(row: Proposal, actor: Actor, outcome: str, reason: str) -> Proposed:
    lock_books(_entities(row.entity_id, row.program_id))
    before = Decision.objects.filter(proposal=row).first()
    if before is not None:
        raise DecidedAlready(
            f"proposal {row.number} was {before.outcome} by {before.decided_by} already",
            field="number",
            value=row.number,
            mend="Propose it anew if it is to be otherwise.",
        )
    if outcome == APPROVED:
        # Again under the lock: the way the books are kept may have changed while it waited.
        _require_another(row, actor)
    # Decided first: what the approval writes is recorded after it, the next settings included.
    at = now()
    result = APPROVALS[row.kind](row, actor.name) if outcome == APPROVED else None
    made = Decision.objects.create(
        proposal=row,
        outcome=outcome,
        reason=reason,
        decided_by=actor.name,
        decided_at=at,
        own=row.prepared_by == actor.name,
    )
    return Proposed(
        entity=row.entity.code,
        number=row.number,
        kind=row.kind,
        prepared_by=row.prepared_by,
        outcome=made.outcome,
        decided_by=made.decided_by,
        own=made.own,
        result=result,
    )


def _require_another(row: Proposal, actor: Actor) -> None:
    """Preparer is never approver where two persons keep the books.

    :raises OwnApproval: naming both, and who else may.
    """
    if row.prepared_by != actor.name or not books_of(row.entity.code).second_person:
        return
    others = [name for name in people_who_may(PERMITS[row.kind].decide) if name != actor.name]
    raise OwnApproval(
        f"{row.prepared_by} prepared proposal {row.number} of {row.entity.code}, so {actor.name}"
        " may not approve it",
        field="actor",
        value=actor.name,
        mend=f"Ask one of: {', '.join(others)}." if others else "Invite somebody who may.",
    )


def require_person(entity_code: str, actor: Actor) -> None:
    """Where two persons keep the books, nobody but people of the team write in them.

    :raises PersonNeeded: the actor is no user.
    """
    if actor.kind != "user" and books_of(entity_code).second_person:
        raise PersonNeeded(
            f"the books of {entity_code} are kept by two persons, and {actor.name} is none",
            field="actor",
            value=actor.name,
            mend="Name somebody of the team: --as USER.",
        )
