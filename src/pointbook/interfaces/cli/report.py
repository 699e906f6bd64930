"""`pointbook report`: figures by month as a table, CSV or JSON on standard output.

Points are whole units and money is in major units, but for `months`, whose columns are those of
`pointbook replay`. Raises PeriodError and ProgramNotFound.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.tabular import FORMATS, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from decimal import Decimal

    from pointbook.accounting.queries.statements import Statement
    from pointbook.engine.replay.months import Month
    from pointbook.engine.revenue.rollforward import RollForward


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The report's name, the program, the range and the format."""
    parser.add_argument("report", choices=REPORTS, help="which figures")
    parser.add_argument("--program", required=True, metavar="CODE")
    parser.add_argument("--from", dest="start", metavar="PERIOD", help="first period, YYYY-MM")
    parser.add_argument("--to", dest="end", metavar="PERIOD", help="last period, YYYY-MM")
    parser.add_argument("--format", choices=FORMATS, default="table")


def run(arguments: argparse.Namespace) -> int:
    """Print the report."""
    with database():
        made = REPORTS[arguments.report](arguments)
    FORMATS[arguments.format](made)
    return 0


def _months(arguments: argparse.Namespace) -> Report:
    from pointbook.engine.replay.months import header

    rows = _month_rows(arguments)
    return Report(
        title=f"Months of {arguments.program}",
        columns=tuple(header(_tiers(arguments.program))),
        rows=[row.cells() for row in rows],
    )


def _tier_table(arguments: argparse.Namespace) -> Report:
    rows = _month_rows(arguments)
    return Report(
        title=f"Tiers of {arguments.program}, members at month end",
        columns=("month", *_tiers(arguments.program), "tier_ups", "tier_downs"),
        rows=[(row.month, *row.tiers, row.tier_ups, row.tier_downs) for row in rows],
    )


def _month_rows(arguments: argparse.Namespace) -> list[Month]:
    from pointbook.accounting.queries.books import PeriodError, period_start
    from pointbook.analytics.queries import months, months_between

    for text in (arguments.start, arguments.end):
        if text is not None:
            period_start(text)
    found = months_between(months(arguments.program), first=arguments.start, last=arguments.end)
    if not found:
        raise PeriodError("there are no figures for these periods", mend="Ask for others.")
    return found


def _tiers(program: str) -> tuple[str, ...]:
    from pointbook.programs.queries import compiled
    from pointbook.programs.queries import program as program_row

    ladder = compiled(program_row(program).id).versions[-1].ladder
    return () if ladder is None else tuple(ladder.codes)


def _points(arguments: argparse.Namespace) -> Report:
    from pointbook.engine.revenue.rollforward import POINTS_LINES
    from pointbook.engine.values.money import to_major

    def cells(one: Statement, decimals: int) -> list[Decimal]:
        return [to_major(n, places=decimals) for n in _figures(one.roll.points, POINTS_LINES)]

    return Report(
        title=f"Points roll-forward of {arguments.program}",
        columns=("period", "status", "unit", "opening", *POINTS_LINES, "closing"),
        rows=[
            (one.period, one.status, one.unit, *cells(one, _decimals(arguments.program, one.unit)))
            for one in _statements(arguments)
        ],
    )


def _liability(arguments: argparse.Namespace) -> Report:
    from pointbook.engine.revenue.rollforward import MONEY_LINES
    from pointbook.engine.values.money import exponent, to_major

    def cells(one: Statement) -> Iterable[Decimal]:
        money = (*_figures(one.roll.money, MONEY_LINES), one.roll.breakage_in_redemptions)
        return [to_major(figure, places=exponent(one.currency)) for figure in money]

    memo = "breakage_in_redemptions"
    return Report(
        title=f"Contract liability roll-forward of {arguments.program}",
        columns=("period", "status", "unit", "currency", "opening", *MONEY_LINES, "closing", memo),
        rows=[
            (one.period, one.status, one.unit, one.currency, *cells(one))
            for one in _statements(arguments)
        ],
    )


def _figures(roll: RollForward, names: tuple[str, ...]) -> tuple[int, ...]:
    return roll.opening, *(roll.amount(name) for name in names), roll.closing


def _statements(arguments: argparse.Namespace) -> list[Statement]:
    from pointbook.accounting.queries.statements import statements

    return statements(program=arguments.program, start=arguments.start, end=arguments.end)


def _decimals(program: str, unit: str) -> int:
    from pointbook.accounting.queries.books import program_books

    return program_books(program_code=program).decimals(unit)


def _trial_balance(arguments: argparse.Namespace) -> Report:
    from pointbook.accounting.queries.books import program_books
    from pointbook.accounting.queries.statements import trial_balance
    from pointbook.engine.values.money import exponent, to_major

    currency = program_books(program_code=arguments.program).currency
    rows = trial_balance(program=arguments.program, start=arguments.start, end=arguments.end)
    figures = [(row.opening, row.debit, row.credit, row.closing) for row in rows]
    totals = [sum(column) for column in zip(*figures, strict=True)] or [0, 0, 0, 0]
    places = exponent(currency)
    return Report(
        title=f"Trial balance of {arguments.program}, {currency}; credit balances are negative",
        columns=("account", "name", "opening", "debit", "credit", "closing"),
        rows=[
            (row.account, row.name, *(to_major(n, places=places) for n in own))
            for row, own in zip(rows, figures, strict=True)
        ],
        total=("", "Total", *(to_major(figure, places=places) for figure in totals)),
    )


REPORTS: dict[str, Callable[[argparse.Namespace], Report]] = {
    "months": _months,
    "points-rollforward": _points,
    "liability-rollforward": _liability,
    "tiers": _tier_table,
    "trial-balance": _trial_balance,
}
