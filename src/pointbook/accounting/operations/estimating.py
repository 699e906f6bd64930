"""Set the expected redemption rate of a program from a period on.

Raises EstimateRefused for a rate that cannot be, and PeriodClosed when the figures of a period it
would be in force in are fixed already.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from pointbook.accounting.models import Close
from pointbook.accounting.operations.locking import lock_books
from pointbook.controls.actors import Actor
from pointbook.controls.operations import change
from pointbook.controls.queries import last_seq
from pointbook.engine.values.errors import ConflictError
from pointbook.ledger.evidence import fact_count
from pointbook.programs.models import Entity, Program
from pointbook.programs.operations.estimates import Basis, write_estimate
from pointbook.programs.operations.holding import change_rules
from pointbook.programs.queries import program as program_of


class PeriodClosed(ConflictError):
    """The figures of the period are fixed."""


@dataclass(frozen=True, slots=True)
class Estimated:
    """The version that was written."""

    program: str
    number: int
    rate: Decimal
    from_period: str
    own_approval: bool


def set_estimate(
    *, program: str, rate: Decimal, from_period: str, actor: Actor, note: str = ""
) -> Estimated:
    """Write the next estimate, prepared and approved by the actor, who runs the program.

    The approval of one's own work stands in the audit row.

    :raises ProgramNotFound: no such program.
    :raises EstimateRefused: a rate beyond 0 to 1, or no period.
    :raises PeriodClosed: when a period from then on is drawn up or closed.
    """
    found = program_of(program)
    return change(
        actor=actor,
        action="estimate.set",
        run=lambda: _write(found, rate, from_period, actor, note),
        body={"program": program, "rate": str(rate), "from": from_period, "note": note},
        program_id=found.id,
        subject=f"{program} from {from_period}",
        detail={"prepared_by": actor.name, "approved_by": actor.name, "own_approval": True},
    )


def _write(program: Program, rate: Decimal, from_period: str, actor: Actor, note: str) -> Estimated:
    entities = Entity.objects.filter(Q(program=program) | Q(store__program=program)).distinct()
    lock_books(entities.values_list("id", flat=True))
    change_rules(program.id)
    written = write_estimate(
        program=program,
        rate=rate,
        from_period=from_period,
        basis=Basis(
            prepared_by=actor.name,
            approved_by=actor.name,
            data_rows=fact_count(program.id),
            data_seq=last_seq(program.id),
            note=note,
        ),
    )
    closes = Close.objects.filter(watermark__program=program).select_related("period")
    last = closes.order_by("-period__code").first()
    if last is not None and from_period <= last.period.code:
        raise PeriodClosed(
            f"{last.period.code} is closed already",
            field="from",
            value=from_period,
            mend="Let the estimate begin in the first open period.",
        )
    return Estimated(program.code, written.number, rate, from_period, own_approval=True)
