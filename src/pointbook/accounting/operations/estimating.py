"""Estimates and costs: prepared as working papers, in force once they are approved.

Raises EstimateRefused for a rate or a cost that cannot be, EstimateError for what the data do not
allow, and PeriodClosed when the figures of a period they would be in force in are fixed already.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from pointbook.accounting.models import Close, Period, Proposal
from pointbook.accounting.operations.proposing import Proposed, propose, propose_and_approve
from pointbook.accounting.queries.papers import Paper, Selected, as_body, read_paper
from pointbook.accounting.queries.preparing import Asked, compose
from pointbook.controls.actors import Actor
from pointbook.controls.queries import last_seq
from pointbook.engine.revenue.estimating.estimates import Terms
from pointbook.engine.revenue.estimating.ranges import FLAT
from pointbook.engine.values.errors import ConflictError
from pointbook.ledger.evidence import fact_count
from pointbook.programs.models import Program
from pointbook.programs.operations.estimates import (
    Basis,
    EstimateRefused,
    require_cost,
    require_period,
    require_rate,
    write_cost,
    write_estimate,
)
from pointbook.programs.operations.holding import change_rules
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as program_of


class PeriodClosed(ConflictError):
    """The figures of the period are fixed."""


@dataclass(frozen=True, slots=True)
class Estimated:
    """The version that was written, or the proposal that waits for somebody (`number` 0).

    `low` and `high` are None where no range was given.
    """

    program: str
    number: int
    rate: Decimal
    from_period: str
    own_approval: bool
    entity: str = ""
    proposal: int = 0
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def waits(self) -> bool:
        """Whether somebody has to approve it yet."""
        return not self.number


@dataclass(frozen=True, slots=True)
class Costed:
    """The cost that was written, or the proposal that waits for somebody (`number` 0)."""

    program: str
    unit: str
    number: int
    amount: Decimal
    from_period: str
    own_approval: bool
    entity: str
    proposal: int

    @property
    def waits(self) -> bool:
        """Whether somebody has to approve it yet."""
        return not self.number


def set_estimate(
    *, program: str, rate: Decimal, from_period: str, actor: Actor, note: str = ""
) -> Estimated:
    """State a flat rate: approved at once where the owner keeps the books, else it waits.

    :raises ProgramNotFound: no such program.
    :raises EstimateRefused: a rate beyond 0 to 1, or no period.
    :raises PeriodClosed: when a period from then on is drawn up or closed.
    """
    found = program_of(program)
    require_rate(rate)
    require_period(from_period)
    paper = Paper(
        period=from_period,
        method=FLAT,
        selected=Selected(rate=rate),
        rate=rate,
        low=None,
        high=None,
        until="",
        seq=last_seq(found.id),
        rows=fact_count(found.id),
        digest="",
    )
    return _estimated(found, paper, _propose(found, paper, actor, note, propose_and_approve))


def prepare_estimate(
    *,
    program: str,
    method: str,
    terms: Terms,
    from_period: str,
    actor: Actor,
    note: str = "",
    until: str | None = None,
    units: tuple[str, ...] = (),
) -> Estimated:
    """Write the working paper of an estimate; somebody approves it later.

    Its data go up to the month before `from_period`, or to `until`; nothing later is looked at.

    :raises ProgramNotFound: no such program.
    :raises EstimateError: when the data or the terms do not allow it.
    :raises EstimateRefused: no period.
    :raises PeriodClosed: when a period from then on is drawn up or closed.
    """
    found, paper = _composed(program, method, terms, from_period, until, units)
    return _estimated(found, paper, _propose(found, paper, actor, note, propose))


def run_estimate(
    *,
    program: str,
    method: str,
    terms: Terms,
    from_period: str,
    actor: Actor,
    note: str = "",
    until: str | None = None,
    units: tuple[str, ...] = (),
) -> Estimated:
    """Prepare an estimate, approved at once where the owner keeps the books; else it waits.

    :raises ProgramNotFound: no such program.
    :raises EstimateError: when the data or the terms do not allow it.
    :raises EstimateRefused: no period.
    :raises PeriodClosed: when a period from then on is drawn up or closed.
    """
    found, paper = _composed(program, method, terms, from_period, until, units)
    return _estimated(found, paper, _propose(found, paper, actor, note, propose_and_approve))


def _composed(
    program: str,
    method: str,
    terms: Terms,
    from_period: str,
    until: str | None,
    units: tuple[str, ...],
) -> tuple[Program, Paper]:
    found = program_of(program)
    require_period(from_period)
    asked = Asked(
        program=found, method=method, terms=terms, period=from_period, until=until, units=units
    )
    return found, compose(asked)


def _propose(
    program: Program, paper: Paper, actor: Actor, note: str, way: Callable[..., Proposed]
) -> Proposed:
    _require_open(program, paper.period)
    return way(
        kind="estimate",
        entity_code=program.entity.code,
        program=program.code,
        body=as_body(paper),
        actor=actor,
        note=note,
    )


def _estimated(program: Program, paper: Paper, made: Proposed) -> Estimated:
    number = made.result if isinstance(made.result, int) else 0
    return Estimated(
        program=program.code,
        number=number,
        rate=paper.rate,
        from_period=paper.period,
        own_approval=made.own,
        entity=made.entity,
        proposal=made.number,
        low=paper.low,
        high=paper.high,
    )


def approve_estimate(proposal: Proposal, approver: str) -> int:
    """Put the estimate of a working paper in force; answers its number.

    What was prepared stays as it was prepared, whatever came since.

    :raises PeriodClosed: when a period from then on was drawn up or closed meanwhile.
    """
    program, paper = _program(proposal), read_paper(proposal.body)
    change_rules(program.id)
    written = write_estimate(
        program=program,
        rate=paper.rate,
        from_period=paper.period,
        basis=Basis(
            prepared_by=proposal.prepared_by,
            approved_by=approver,
            # It prices what is posted from now on, so this is the number that counts.
            data_rows=fact_count(program.id),
            data_seq=last_seq(program.id),
            method=paper.method,
            low=paper.low,
            high=paper.high,
            cohorts=paper.cohort_rates(),
            paper=proposal.number,
            note=proposal.note,
        ),
    )
    _require_open(program, paper.period)
    return written.number


def set_cost(
    *,
    program: str,
    amount: Decimal,
    from_period: str,
    actor: Actor,
    unit: str | None = None,
    note: str = "",
) -> Costed:
    """State what a whole point is expected to cost, major units; of the program's unit unless told.

    Approved at once where the owner keeps the books, else it waits.

    :raises ProgramNotFound: no such program.
    :raises EstimateRefused: an amount below 0, no such unit, or no period.
    :raises PeriodClosed: when a period from then on is drawn up or closed.
    """
    found = program_of(program)
    own = compiled(found.id)
    unit = unit or own.unit
    require_cost(amount)
    require_period(from_period)
    if not any(unit in version.units for version in own.versions):
        raise EstimateRefused(
            f"{program} has no unit {unit!r}",
            field="unit",
            value=unit,
            mend=f"Use one of: {', '.join(own.versions[-1].units)}.",
        )
    _require_open(found, from_period)
    made = propose_and_approve(
        kind="cost",
        entity_code=found.entity.code,
        program=found.code,
        body={"period": from_period, "unit": unit, "amount": str(amount)},
        actor=actor,
        note=note,
    )
    number = made.result if isinstance(made.result, int) else 0
    return Costed(
        program=found.code,
        unit=unit,
        number=number,
        amount=amount,
        from_period=from_period,
        own_approval=made.own,
        entity=made.entity,
        proposal=made.number,
    )


def approve_cost(proposal: Proposal, approver: str) -> int:
    """Put a cost in force; answers its number.

    :raises PeriodClosed: when a period from then on was drawn up or closed meanwhile.
    """
    program, body = _program(proposal), proposal.body
    change_rules(program.id)
    written = write_cost(
        program=program,
        unit=body["unit"],
        amount=Decimal(body["amount"]),
        from_period=body["period"],
        prepared_by=proposal.prepared_by,
        approved_by=approver,
        note=proposal.note,
    )
    _require_open(program, body["period"])
    return written.number


def _program(proposal: Proposal) -> Program:
    assert proposal.program is not None, "estimates and costs are a program's"
    return proposal.program


def _require_open(program: Program, from_period: str) -> None:
    """Refuse what would be in force in a period whose figures are fixed.

    :raises PeriodClosed: naming the last of them.
    """
    fixed = Q(period__status__in=(Period.Status.SOFT_CLOSED, Period.Status.CLOSED))
    closes = Close.objects.filter(fixed, watermark__program=program).select_related("period")
    last = closes.order_by("-period__code").first()
    if last is not None and from_period <= last.period.code:
        raise PeriodClosed(
            f"{last.period.code} is closed already",
            field="from",
            value=from_period,
            mend="Let it begin in the first open period.",
        )
