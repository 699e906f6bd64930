"""Estimates on a terminal: working papers, triangles, back-tests and sensitivity as tables.

Points are whole units, money is in major units; tables round rates to four places, CSV and JSON
have them whole. Raises what accounting.queries.estimates raises.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

from pointbook.interfaces.cli.tabular import FORMATS, Report

if TYPE_CHECKING:
    from pointbook.accounting.queries.estimates import PaperRow, WholePaper
    from pointbook.accounting.queries.papers import Tested, UnitPaper

TABLE: Final = "table"
_FOUR: Final = Decimal("1E-4")


def papers(arguments: argparse.Namespace) -> None:
    """The working papers of a program, the latest first."""
    from pointbook.accounting.queries import estimates

    columns = (
        *("paper", "estimate", "method", "from", "rate", "low", "high", "data_to"),
        *("prepared_by", "decided_by", "outcome", "note"),
    )
    rows = [
        (
            row.number,
            row.estimate or "",
            row.method,
            row.period,
            *_rates(arguments, row.rate, row.low, row.high),
            row.until,
            row.prepared_by,
            row.decided_by,
            row.outcome or "waits",
            row.note,
        )
        for row in estimates.papers(program=arguments.program)
    ]
    _print(arguments, Report(f"Estimates of {arguments.program}", columns, rows))


def paper(arguments: argparse.Namespace) -> None:
    """One working paper; CSV and JSON have its cohorts."""
    from pointbook.accounting.queries import estimates

    found = estimates.paper(program=arguments.program, number=arguments.number)
    unit = next(
        (one for one in found.paper.units if one.unit == arguments.unit),
        found.paper.units[0] if found.paper.units else None,
    )
    if arguments.format == TABLE:
        for line in _said(found):
            print(line)
    if unit is None:
        return
    print_cohorts(arguments, unit)
    if arguments.format != TABLE:
        return
    print_factors(arguments, unit)
    for note in unit.notes:
        print(note)


def _said(found: WholePaper) -> list[str]:
    row, told = found.row, found.paper
    number = f", estimate {row.estimate}" if row.estimate else ""
    selected = told.selected
    words = [
        *([f"rate {plain(selected.rate)}"] if selected.rate is not None else []),
        *([f"prior {plain(selected.prior)}"] if selected.prior is not None else []),
        *([f"prior error {plain(selected.prior_error)}"] if selected.prior_error else []),
        *([f"young below {selected.young} ages"] if selected.young is not None else []),
    ]
    around = "" if row.low is None else f", range {row.low:.1%} to {row.high:.1%}"
    data = f"{told.rows:,} facts up to number {told.seq:,}"
    lines = [
        f"Paper {row.number} of {row.program}{number}: {row.method} from {row.period}",
        f"Rate {row.rate:.2%}{around}{'; ' + ', '.join(words) if words else ''}",
        f"Data to {told.until}, {data}, hash {told.digest[:16]}" if told.until else f"Data: {data}",
        _decided(row),
    ]
    return [*lines, *([f"Note: {row.note}"] if row.note else [])]


def _decided(row: PaperRow) -> str:
    prepared = f"Prepared by {row.prepared_by}"
    if not row.outcome:
        return f"{prepared}; it waits for somebody to approve it"
    return f"{prepared}, {row.outcome} by {row.decided_by}{' (their own)' if row.own else ''}"


def print_cohorts(arguments: argparse.Namespace, unit: UnitPaper) -> None:
    """What is expected of each cohort, beside what the challenger expects."""
    other, places = unit.challenger, _places(arguments, unit.unit)
    challenged: Sequence[Decimal | None] = other.cohorts if other else [None] * len(unit.cohorts)
    rows = [
        (
            one.month,
            *_whole(places, one.issued, one.redeemed),
            one.age,
            *_whole(places, one.ultimate),
            *_rates(arguments, one.rate, one.low, one.high, one.credibility, one.prior),
            one.by,
            *_rates(arguments, rate),
        )
        for one, rate in zip(unit.cohorts, challenged, strict=True)
    ]
    columns = (
        *("month", "issued", "used", "age", "ultimate", "rate", "low", "high", "credibility"),
        *("prior", "by", other.method if other else "challenger"),
    )
    issued, used, ultimate = (
        sum(getattr(one, name) for one in unit.cohorts)
        for name in ("issued", "redeemed", "ultimate")
    )
    total = (
        "New points",
        *_whole(places, issued, used),
        "",
        *_whole(places, ultimate),
        *_rates(arguments, unit.rate, unit.low, unit.high),
        *("", "", ""),
        *_rates(arguments, other.rate if other else None),
    )
    _print(arguments, Report(f"Cohorts of {unit.unit}", columns, rows, [total]))


def print_factors(arguments: argparse.Namespace, unit: UnitPaper) -> None:
    """How redemptions develop from age to age."""
    rows = [
        (one.age, *_rates(arguments, one.factor), "seen" if one.seen else "extrapolated")
        for one in unit.factors
    ]
    _print(arguments, Report("Factors", ("age", "factor", "source"), rows))


def triangle(arguments: argparse.Namespace) -> None:
    """Shares of issued points used by each age, or the points used at it."""
    from pointbook.accounting.queries import estimates

    view = estimates.triangle_view(
        program=arguments.program, unit=arguments.unit, until=arguments.until
    )
    ages, places = range(view.ages), _places(arguments, view.unit)
    rows = [
        (
            row.month,
            *_whole(places, row.issued),
            *(
                _whole(places, row.cells[age].redeemed)[0]
                if arguments.points
                else _rates(arguments, row.cells[age].share)[0]
                for age in range(len(row.cells))
            ),
            *[""] * (view.ages - len(row.cells)),
        )
        for row in view.rows
    ]
    what = "Points used at" if arguments.points else "Share of points used by"
    title = f"{what} each age, {view.unit} of {view.program} to {view.until}"
    _print(arguments, Report(title, ("month", "issued", *(f"age_{age}" for age in ages)), rows))
    if arguments.format == TABLE:
        life = "never end" if view.life is None else f"end within {view.life} ages"
        print(f"These points {life}. Hash {view.digest[:16]}, facts up to number {view.seq:,}.")


def back_test(arguments: argparse.Namespace) -> None:
    """What the method expected of the last month a month before, against what came."""
    from pointbook.accounting.queries import estimates

    view = estimates.back_test(
        program=arguments.program, number=arguments.number, unit=arguments.unit
    )
    title = f"Back-test of {view.method} on {view.until}, {view.unit} of {view.program}"
    columns = ("month", "age", "expected", "used", "used_of_expected")
    rows: list[tuple[object, ...]] = []
    totals: list[tuple[object, ...]] = []
    if view.tested is not None:
        places = _places(arguments, view.unit)
        rows = _tested(arguments, places, view.tested)
        points = _whole(places, view.tested.expected, view.tested.actual)
        totals = [("Total", "", *points, *_rates(arguments, view.tested.ratio))]
    _print(arguments, Report(title, columns, rows, totals))
    if arguments.format == TABLE:
        for note in view.notes:
            print(note)


def _tested(arguments: argparse.Namespace, places: int, tested: Tested) -> list[tuple[object, ...]]:
    return [
        (
            one.month,
            one.age,
            *_whole(places, one.expected, one.actual),
            *_rates(arguments, one.ratio),
        )
        for one in tested.cohorts
    ]


def sensitivity(arguments: argparse.Namespace) -> None:
    """What would be owed at other rates, and at other costs of a point."""
    from pointbook.accounting.queries import estimates
    from pointbook.engine.values.money import exponent, to_major

    rows = []
    for one in estimates.sensitivity(program=arguments.program, number=arguments.number):
        places = exponent(one.currency)
        owed, change = (to_major(part, places=places) for part in (one.liability, one.change))
        rows.append((one.name, one.currency, owed, change))
    title = f"What would be owed, {arguments.program}"
    _print(arguments, Report(title, ("supposition", "currency", "liability", "change"), rows))


def plain(rate: Decimal) -> str:
    """A rate without trailing noughts."""
    return f"{rate.normalize():f}"


def _print(arguments: argparse.Namespace, report: Report) -> None:
    FORMATS[arguments.format](report)


def _rates(arguments: argparse.Namespace, *rates: Decimal | None) -> list[object]:
    """Rates as the format wants them; nothing where there is none."""
    if arguments.format != TABLE:
        return ["" if rate is None else rate for rate in rates]
    return ["" if rate is None else rate.quantize(_FOUR, ROUND_HALF_UP) for rate in rates]


def _places(arguments: argparse.Namespace, unit: str) -> int:
    """How many decimals a unit has."""
    from pointbook.accounting.queries.books import program_books

    return program_books(program_code=arguments.program).decimals(unit)


def _whole(places: int, *parts: int) -> list[object]:
    """Smallest parts as whole units."""
    from pointbook.engine.values.money import to_major

    return [to_major(part, places=places) for part in parts]
