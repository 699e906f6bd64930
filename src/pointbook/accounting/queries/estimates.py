"""Estimates as pages and reports show them: triangles, working papers, run-off, back-test.

Points in smallest parts, money in minor units, rates 0 to 1. Raises PaperNotFound, ProgramNotFound,
PeriodError, and EstimateError for what the data do not allow.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from pointbook.accounting.models import Decision, Proposal
from pointbook.accounting.queries.books import (
    first_open,
    last_close,
    period_start,
    program_books,
)
from pointbook.accounting.queries.papers import (
    Ahead,
    Paper,
    PaperUnreadable,
    Supposed,
    Tested,
    UnitPaper,
    read_paper,
)
from pointbook.accounting.queries.preparing import Asked, compose, states_at, supposed
from pointbook.accounting.queries.triangles import Known, known
from pointbook.controls.invariants import Violation
from pointbook.engine.revenue.cohorts import CohortState
from pointbook.engine.revenue.estimating.estimates import Terms
from pointbook.engine.revenue.estimating.precision import as_rate, share_of
from pointbook.engine.revenue.estimating.ranges import FLAT
from pointbook.engine.revenue.estimating.triangles import Cohort, data_hash
from pointbook.engine.revenue.policies import Policy
from pointbook.engine.values.calendar import add_months, first_of_month, month_name
from pointbook.engine.values.errors import NotFoundError
from pointbook.programs.models import Estimate, Program
from pointbook.programs.queries import program as program_of

KIND = "estimate"


class PaperNotFound(NotFoundError):
    """There is no working paper with this number."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cohort did at one age: points used and expired, all used by then, and its share."""

    age: int
    redeemed: int
    expired: int
    used: int
    share: Decimal


@dataclass(frozen=True, slots=True)
class TriangleRow:
    """A month's points: `issued` net of claw-back, and a cell for each age seen."""

    month: str
    issued: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class TriangleView:
    """The triangle of a unit, to the end of month `until` as known at number `seq`.

    `life` counts the ages until contractual expiry, None where points never expire; `digest` is
    the SHA-256 over the triangle.
    """

    program: str
    unit: str
    until: str
    seq: int
    life: int | None
    digest: str
    rows: tuple[TriangleRow, ...]

    @property
    def ages(self) -> int:
        """How many ages the oldest cohort was seen at."""
        return max((len(row.cells) for row in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A working paper in a list: what it says, who prepared it, and what became of it.

    `outcome` is '' while it waits; `estimate` is the number it is in force under, None before.
    """

    entity: str
    program: str
    number: int
    method: str
    period: str
    rate: Decimal
    low: Decimal | None
    high: Decimal | None
    until: str
    prepared_by: str
    prepared_at: datetime
    note: str
    outcome: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    own: bool = False
    estimate: int | None = None


@dataclass(frozen=True, slots=True)
class WholePaper:
    """A working paper with everything in it."""

    row: PaperRow
    paper: Paper


@dataclass(frozen=True, slots=True)
class RunOffView:
    """What is expected to be used of a unit's points, month by month after `until`."""

    program: str
    unit: str
    method: str
    until: str
    months: tuple[Ahead, ...]


@dataclass(frozen=True, slots=True)
class BackTestView:
    """The last month seen against what the method expected a month before; None with a reason."""

    program: str
    unit: str
    method: str
    until: str
    tested: Tested | None
    notes: tuple[str, ...]


def triangle_view(
    *,
    program: str,
    unit: str | None = None,
    until: str | None = None,
    entity_code: str | None = None,
    policy: Policy | None = None,
    seq: int | None = None,
) -> TriangleView:
    """The triangle of a unit (the program's own): of all entities and policies, or of one.

    To the last month that is over, or `until`; as known now, or at a number of the sequence.

    :raises ProgramNotFound: no such program.
    :raises PeriodError: `until` is no period.
    """
    found = program_of(program)
    until_on = _over(found) if until is None else period_start(until)
    books = program_books(program_code=program)
    facts = known(program=found, until_on=until_on, seq=seq)
    unit = unit or books.compiled.unit
    triangle = facts.triangle(unit, entity=entity_code, policy=policy)
    return TriangleView(
        program=found.code,
        unit=unit,
        until=month_name(until_on),
        seq=facts.seq,
        life=triangle.life,
        digest=data_hash(triangle).hex(),
        rows=tuple(_row(cohort) for cohort in triangle.cohorts),
    )


def _row(cohort: Cohort) -> TriangleRow:
    issued = cohort.issued or 0
    seen = zip(cohort.redeemed, cohort.expired, cohort.cumulative, strict=True)
    return TriangleRow(
        month=month_name(cohort.issued_on),
        issued=issued,
        cells=tuple(
            Cell(age, redeemed, expired, used, as_rate(share_of(used, issued)))
            for age, (redeemed, expired, used) in enumerate(seen)
        ),
    )


def papers(*, program: str) -> list[PaperRow]:
    """The working papers of a program, the latest first.

    :raises ProgramNotFound: no such program.
    """
    found = program_of(program)
    rows = Proposal.objects.filter(program=found, kind=KIND).order_by("-id")
    numbers = _estimates(found)
    return [_paper_row(row, numbers) for row in rows.select_related("entity", "decision")]


def paper(*, program: str, number: int | None = None) -> WholePaper:
    """A working paper, by its number among the proposals of the program's entity; or the latest.

    :raises ProgramNotFound: no such program.
    :raises PaperNotFound: no such paper, or none at all.
    """
    found = program_of(program)
    rows = Proposal.objects.filter(program=found, kind=KIND).select_related("entity", "decision")
    row = rows.filter(**({} if number is None else {"number": number})).order_by("-id").first()
    if row is None:
        raise PaperNotFound(
            f"{program} has no working paper{'' if number is None else f' {number}'}",
            field="number",
            value=number,
            mend="See which there are: pointbook estimate show.",
        )
    return WholePaper(_paper_row(row, _estimates(found)), read_paper(row.body))


def _estimates(program: Program) -> dict[int, int]:
    """The estimates' numbers by those of their papers."""
    rows = Estimate.objects.filter(program=program, paper__isnull=False)
    return {row.paper or 0: row.number for row in rows}


def _paper_row(row: Proposal, numbers: dict[int, int]) -> PaperRow:
    decision: Decision | None = getattr(row, "decision", None)
    said = read_paper(row.body)
    assert row.program is not None, "estimates are a program's"
    return PaperRow(
        entity=row.entity.code,
        program=row.program.code,
        number=row.number,
        method=said.method,
        period=said.period,
        rate=said.rate,
        low=said.low,
        high=said.high,
        until=said.until,
        prepared_by=row.prepared_by,
        prepared_at=row.prepared_at,
        note=row.note,
        outcome=decision.outcome if decision else "",
        decided_by=decision.decided_by if decision else "",
        decided_at=decision.decided_at if decision else None,
        own=decision.own if decision else False,
        estimate=numbers.get(row.number),
    )


def run_off(*, program: str, unit: str | None = None) -> RunOffView:
    """When what was issued up to the last close is expected to be used, by the method in force.

    :raises ProgramNotFound: no such program.
    :raises EstimateError: nothing was issued yet.
    """
    current = as_of_now(program=program)
    found = _of_unit(current, unit)
    return RunOffView(program, found.unit, current.method, current.until, found.run_off)


def back_test(*, program: str, number: int | None = None, unit: str | None = None) -> BackTestView:
    """The back-test of a working paper, or of the method in force on the data up to now.

    :raises ProgramNotFound: no such program.
    :raises PaperNotFound: no such paper, or one that looked at no data.
    :raises EstimateError: nothing was issued yet.
    """
    tried = as_of_now(program=program) if number is None else _with_data(program, number)
    found = _of_unit(tried, unit)
    return BackTestView(program, found.unit, tried.method, tried.until, found.tested, found.notes)


def sensitivity(*, program: str, number: int | None = None) -> tuple[Supposed, ...]:
    """What would be owed at other rates and costs: of a paper, or of the books at the last close.

    :raises ProgramNotFound: no such program.
    :raises PaperNotFound: no such paper.
    """
    if number is not None:
        return paper(program=program, number=number).paper.sensitivity
    found = program_of(program)
    by_currency: dict[str, list[CohortState]] = defaultdict(list)
    for state in states_at(found, _closed(found) or _over(found)):
        by_currency[state.key.currency].append(state)
    return tuple(
        row
        for currency, states in sorted(by_currency.items())
        for row in supposed(currency, states)
    )


def as_of_now(*, program: str) -> Paper:
    """A paper that nobody proposed: the method and terms in force, on the data to the last close.

    :raises ProgramNotFound: no such program.
    :raises EstimateError: nothing was issued yet.
    """
    found = program_of(program)
    until_on = _closed(found) or _over(found)
    period = month_name(add_months(until_on, 1))
    in_force = program_books(program_code=program).compiled.estimate_in(period)
    method, terms = FLAT, Terms(rate=in_force.value if in_force else Decimal(1))
    row = (
        Estimate.objects.filter(program=found, number=in_force.number).first() if in_force else None
    )
    if row is not None and row.paper is not None:
        said = paper(program=program, number=row.paper).paper
        method, terms = said.method, said.selected.terms
    return compose(
        Asked(program=found, method=method, terms=terms, period=period, until=month_name(until_on))
    )


def _with_data(program: str, number: int) -> Paper:
    found = paper(program=program, number=number).paper
    if not found.units:
        raise PaperNotFound(
            f"working paper {number} of {program} states a rate and looked at no data",
            field="number",
            value=number,
            mend="Run an estimate: pointbook estimate run.",
        )
    return found


def _of_unit(found: Paper, unit: str | None) -> UnitPaper:
    return next((one for one in found.units if one.unit == unit), found.units[0])


def _over(program: Program) -> date:
    """The last month that is over by the program's clock."""
    books = program_books(program_code=program.code)
    return add_months(first_of_month(books.now(), books.compiled.zone), -1)


def _closed(program: Program) -> date | None:
    """The last month that the program's own entity closed; None before the first close."""
    close = last_close(program.entity)
    return close.period.first_on if close else None


def unsound_papers() -> list[Violation]:
    """Working papers whose triangles are no longer what the books said at their cut."""
    found = []
    cuts: dict[tuple[int, str, int], Known] = {}
    rows = Proposal.objects.filter(kind=KIND, program__isnull=False)
    for row in rows.select_related("entity", "program").order_by("id"):
        try:
            said = read_paper(row.body)
        except PaperUnreadable as error:
            found.append(Violation(f"{row.entity.code} proposal {row.number}", str(error)))
            continue
        if row.program is None or not said.units:
            continue
        cut = (row.program.id, said.until, said.seq)
        if cut not in cuts:
            until_on = period_start(said.until)
            cuts[cut] = known(program=row.program, until_on=until_on, seq=said.seq)
        for unit in said.units:
            # Terms that came since change no paper.
            again = replace(cuts[cut].triangle(unit.unit), life=unit.life)
            if data_hash(again).hex() != unit.digest:
                where = f"{row.entity.code} proposal {row.number}"
                found.append(Violation(where, f"its triangle of {unit.unit} is not the books'"))
    return found


def next_open(*, program: str) -> str:
    """The first period in which an estimate could be in force, YYYY-MM.

    :raises ProgramNotFound: no such program.
    """
    found = program_of(program)
    return month_name(first_open(found.entity) or add_months(_over(found), 1))
