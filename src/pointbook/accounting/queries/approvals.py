"""What was proposed, what waits for a second person, and who decided.

Raises EntityNotFound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pointbook.accounting.models import Decision, Proposal
from pointbook.accounting.queries.books import entity
from pointbook.programs.models import Entity


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal and what became of it: `outcome` is '' while it waits.

    `own` says that who prepared it decided. `period` is the one that it touches, '' for none.
    """

    entity: str
    number: int
    kind: str
    program: str
    body: Mapping[str, object]
    note: str
    prepared_by: str
    prepared_at: datetime
    outcome: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""
    own: bool = False

    @property
    def period(self) -> str:
        """The period that it touches or begins in (YYYY-MM), '' for none."""
        return period_of(self.body)


def period_of(body: Mapping[str, object]) -> str:
    """The period that a proposal names; '' for none."""
    return next((str(body[key]) for key in ("period", "from_period", "from") if body.get(key)), "")


def proposals(*, entity_code: str = "main", waiting: bool = False) -> list[ProposalRow]:
    """The proposals of an entity, the latest first, or only those that nobody has decided.

    :raises EntityNotFound: no such entity.
    """
    return _rows(entity(entity_code), waiting=waiting)


def waiting(own: Entity) -> list[ProposalRow]:
    """What nobody has decided yet, the oldest first."""
    return _rows(own, waiting=True)[::-1]


def proposal(*, number: int, entity_code: str = "main") -> ProposalRow | None:
    """One proposal; None where there is none.

    :raises EntityNotFound: no such entity.
    """
    return next((row for row in _rows(entity(entity_code)) if row.number == number), None)


def _rows(own: Entity, *, waiting: bool = False) -> list[ProposalRow]:
    found = Proposal.objects.filter(entity=own).select_related("decision", "program", "entity")
    if waiting:
        found = found.filter(decision=None)
    return [_row(row) for row in found.order_by("-number")]


def _row(row: Proposal) -> ProposalRow:
    decision: Decision | None = getattr(row, "decision", None)
    return ProposalRow(
        entity=row.entity.code,
        number=row.number,
        kind=row.kind,
        program=row.program.code if row.program else "",
        body=row.body,
        note=row.note,
        prepared_by=row.prepared_by,
        prepared_at=row.prepared_at,
        outcome=decision.outcome if decision else "",
        decided_by=decision.decided_by if decision else "",
        decided_at=decision.decided_at if decision else None,
        reason=decision.reason if decision else "",
        own=decision.own if decision else False,
    )
