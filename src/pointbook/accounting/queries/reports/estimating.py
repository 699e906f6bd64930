"""The estimate pack: what is in force and who approved it, the triangle, back-test, sensitivity.

A period that was closed is told by the working paper and the cut that its close used. Raises
PeriodError, and EstimateError for totals that contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pointbook.accounting.models import Proposal, Watermark
from pointbook.accounting.queries.estimates import back_test as live_test
from pointbook.accounting.queries.estimates import triangle_view
from pointbook.accounting.queries.papers import Tested, UnitPaper, read_paper
from pointbook.accounting.queries.preparing import supposed
from pointbook.accounting.queries.reports.bands import estimate_number, paper_of
from pointbook.accounting.queries.reports.listings import cut
from pointbook.accounting.queries.reports.openings import ranges
from pointbook.accounting.queries.reports.parts import Part, Scope, parameters, scope, sources
from pointbook.accounting.queries.reports.rolling import decimals, major, units
from pointbook.accounting.queries.reports.tables import (
    Asked,
    Cell,
    Column,
    Foots,
    Kind,
    Opens,
    Row,
    Table,
    footed,
)
from pointbook.engine.revenue.cohorts import CohortState
from pointbook.engine.revenue.estimating.triangles import EstimateError
from pointbook.engine.values.calendar import month_name
from pointbook.engine.values.money import to_major
from pointbook.programs.models import Estimate, UnitCost


def estimates(asked: Asked) -> Table:
    """Every estimate up to the period: method, rate and range, data and hash, who did what.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    rows = [row for part in ranges(found) for row in _estimates(part, found)]
    names = ("program", "kind", "unit", "number", "from_period", "in_force", "method")
    return footed(
        Table(
            name="estimates",
            title=f"Estimates of {found.whose}",
            columns=(
                *(Column(name) for name in names),
                *(Column(name, Kind.RATE) for name in ("rate", "low", "high")),
                Column("data_rows", Kind.COUNT),
                Column("data_seq", Kind.COUNT),
                *(Column(name) for name in ("data_hash", "paper", "prepared_by", "approved_by")),
                *(Column(name) for name in ("recorded_at", "note")),
            ),
            rows=tuple(rows),
            parameters=parameters(found),
            sources=sources(found),
            notes=("Rates are shares of the points issued; costs are major units for a point.",),
        )
    )


def _estimates(part: Part, found: Scope) -> Iterator[Row]:
    known, last = cut(found), month_name(found.months[-1])
    number = estimate_number(part)
    rows = Estimate.objects.filter(program_id=part.books.id, from_period__lte=last)
    costs = UnitCost.objects.filter(program_id=part.books.id, from_period__lte=last)
    if known is not None:
        rows, costs = rows.filter(recorded_at__lte=known), costs.filter(recorded_at__lte=known)
    for row in rows.order_by("number"):
        yield Row(
            (
                *(part.books.code, "rate", "", str(row.number), row.from_period),
                *("yes" if row.number == number else "", row.method),
                *(row.rate, row.low, row.high, row.data_rows, row.data_seq),
                *(_digest(part, row.paper), "" if row.paper is None else str(row.paper)),
                *(row.prepared_by, row.approved_by, _said(row), row.note),
            ),
            (Opens(column="number", to="estimate", id=row.number, program=part.books.code),),
        )
    for cost in costs.order_by("unit", "number"):
        yield Row(
            (
                *(part.books.code, "cost", cost.unit, str(cost.number), cost.from_period, ""),
                *("stated", cost.amount, None, None, None, None, "", ""),
                *(cost.prepared_by, cost.approved_by, _said(cost), cost.note),
            )
        )


def _said(row: Estimate | UnitCost) -> str:
    return row.recorded_at.isoformat(timespec="seconds")


def _digest(part: Part, number: int | None) -> str:
    if number is None:
        return ""
    papers = Proposal.objects.filter(program_id=part.books.id, kind="estimate", number=number)
    paper = papers.first()
    return read_paper(paper.body).digest if paper else ""


def triangle(asked: Asked) -> Table:
    """What each month's points did at every age, as the close of the last period knew it.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    rows = [
        row for part in ranges(found) for unit in units(part.books) for row in _triangle(part, unit)
    ]
    most = max((decimals(books, unit) for books in found.books for unit in units(books)), default=0)
    points = ("issued", "redeemed", "expired", "used")
    return footed(
        Table(
            name="triangle",
            title=f"Triangle of {found.whose} to the end of {month_name(found.months[-1])}",
            columns=(
                *(Column(name) for name in ("program", "unit", "month")),
                Column("age", Kind.COUNT),
                *(Column(name, Kind.POINTS, decimals=most) for name in points),
                Column("share_used", Kind.RATE),
            ),
            rows=tuple(rows),
            parameters=parameters(found),
            sources=sources(found),
            notes=("Age 0 is the month of issue. Issued is net of claw-back.",),
        )
    )


def _triangle(part: Part, unit: str) -> Iterator[Row]:
    mark = Watermark.objects.filter(close=part.close, program_id=part.books.id).first()
    view = triangle_view(
        program=part.books.code,
        unit=unit,
        until=part.period,
        seq=mark.seq if mark and part.close else None,
    )
    places = decimals(part.books, unit)
    for row in view.rows:
        for cell in row.cells:
            amounts = (row.issued, cell.redeemed, cell.expired, cell.used)
            figures = (to_major(one, places=places) for one in amounts)
            yield Row((part.books.code, unit, row.month, cell.age, *figures, cell.share))


def back_test(asked: Asked) -> Table:
    """Points expected of the last month and points used, by cohort, of the paper in force.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    rows, notes = [], ["Expected by the method without the last month's data."]
    for part in ranges(found):
        for unit in units(part.books):
            tested, said = _tested(part, unit, found)
            notes += [f"{part.books.code}, {unit}: {one}" for one in said]
            rows += _tests(part, unit, tested)
    most = max((decimals(books, unit) for books in found.books for unit in units(books)), default=0)
    return footed(
        Table(
            name="back-test",
            title=f"Back-test of the estimate of {found.whose}",
            columns=(
                *(Column(name) for name in ("program", "unit", "month")),
                Column("age", Kind.COUNT),
                Column("expected", Kind.POINTS, decimals=most, foots=Foots.SUM),
                Column("actual", Kind.POINTS, decimals=most, foots=Foots.SUM),
                Column("actual_over_expected", Kind.RATE),
            ),
            rows=tuple(rows),
            groups=("program", "unit"),
            parameters=parameters(found),
            sources=sources(found),
            notes=tuple(notes),
        )
    )


def _tested(part: Part, unit: str, found: Scope) -> tuple[Tested | None, list[str]]:
    """The back-test of the working paper in force; without one, of the method as things stand."""
    paper: UnitPaper | None = paper_of(part, unit)
    if paper is not None:
        return paper.tested, list(paper.notes)
    if found.asked.version is None and found.asked.known_at is None:
        try:
            view = live_test(program=part.books.code, unit=unit)
        except EstimateError as error:
            return None, [str(error)]
        return (view.tested, list(view.notes)) if view.unit == unit else (None, [])
    return None, ["no working paper in force looked at data"]


def _tests(part: Part, unit: str, tested: Tested | None) -> list[Row]:
    places = decimals(part.books, unit)
    return [
        Row(
            (
                *(part.books.code, unit, one.month, one.age),
                to_major(one.expected, places=places),
                to_major(one.actual, places=places),
                one.ratio,
            )
        )
        for one in (tested.cohorts if tested else ())
    ]


def sensitivity(asked: Asked) -> Table:
    """What would be owed at the end of the range at other rates and costs.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    rows = []
    for part in ranges(found):
        by_currency: dict[str, list[CohortState]] = {}
        for state in part.after:
            by_currency.setdefault(state.key.currency, []).append(state)
        for currency, states in sorted(by_currency.items()):
            for one in supposed(currency, states):
                base = major(one.liability - one.change, currency)
                figures: tuple[Decimal, ...] = (
                    *(base, major(one.change, currency), major(one.liability, currency)),
                )
                cells: tuple[Cell, ...] = (part.books.code, currency, one.name, *figures)
                rows.append(Row(cells))

    def money(name: str, *, adds: int = 0, result: bool = False) -> Column:
        return Column(name, Kind.MONEY, found.currency, found.places, adds=adds, result=result)

    return footed(
        Table(
            name="sensitivity",
            title=f"Sensitivity of what is owed by {found.whose}",
            columns=(
                *(Column(name) for name in ("program", "currency", "supposed")),
                money("liability", adds=1),
                money("change", adds=1),
                money("would_be", result=True),
            ),
            rows=tuple(rows),
            parameters=parameters(found),
            sources=sources(found),
        )
    )
