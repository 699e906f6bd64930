"""Every report there is: those of the books, and what members did by month.

Raises ReportError for a name that is none or a program that is missing, and what the reports raise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pointbook.accounting.queries.books import PeriodError, period_start
from pointbook.accounting.queries.reports import REPORTS as OF_BOOKS
from pointbook.accounting.queries.reports.tables import (
    Asked,
    Column,
    Kind,
    Parameter,
    ReportError,
    Row,
    Table,
    footed,
)
from pointbook.analytics.queries import months, months_between
from pointbook.engine.replay.months import Month, header
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as program_row


def month_table(asked: Asked) -> Table:
    """What members did by month: the columns of `pointbook replay`, in smallest parts.

    :raises ReportError: without a program.
    :raises PeriodError: for a range without months.
    """
    program, rows = _rows(asked)
    names = header(_tiers(program))
    columns = (Column("month"), Column("phase"), *(Column(name, Kind.COUNT) for name in names[2:]))
    cells = tuple(Row(tuple(map(_cell, row.cells()))) for row in rows)
    return footed(
        Table(
            name="months",
            title=f"Months of {program}",
            columns=columns,
            rows=cells,
            parameters=_parameters(asked, rows),
        )
    )


def tier_table(asked: Asked) -> Table:
    """Members at month end by tier, and how many went up and down.

    :raises ReportError: without a program.
    :raises PeriodError: for a range without months.
    """
    program, rows = _rows(asked)
    names = (*_tiers(program), "tier_ups", "tier_downs")
    return footed(
        Table(
            name="tiers",
            title=f"Tiers of {program}, members at month end",
            columns=(Column("month"), *(Column(name, Kind.COUNT) for name in names)),
            rows=tuple(Row((row.month, *row.tiers, row.tier_ups, row.tier_downs)) for row in rows),
            parameters=_parameters(asked, rows),
        )
    )


def _rows(asked: Asked) -> tuple[str, list[Month]]:
    if asked.program is None:
        raise ReportError("this report is of one program", field="program", mend="Name it.")
    for text in (asked.start, asked.end):
        if text is not None:
            period_start(text)
    found = months_between(months(asked.program), first=asked.start, last=asked.end)
    if not found:
        raise PeriodError("there are no figures for these periods", mend="Ask for others.")
    return asked.program, found


def _cell(value: object) -> str | int:
    return value if isinstance(value, int) else str(value)


def _parameters(asked: Asked, rows: list[Month]) -> tuple[Parameter, ...]:
    return (
        Parameter("program", asked.program or ""),
        Parameter("from", rows[0].month),
        Parameter("to", rows[-1].month),
        Parameter("generated from", "the facts, as they stand"),
    )


def _tiers(program: str) -> tuple[str, ...]:
    ladder = compiled(program_row(program).id).versions[-1].ladder
    return () if ladder is None else tuple(ladder.codes)


REPORTS: Final[Mapping[str, Callable[[Asked], Table]]] = {
    **OF_BOOKS,
    "months": month_table,
    "tiers": tier_table,
}


def report(name: str, asked: Asked) -> Table:
    """The report of this name.

    :raises ReportError: when there is none.
    """
    if name not in REPORTS:
        raise ReportError(
            f"there is no report {name!r}",
            field="name",
            value=name,
            mend=f"Use one of: {', '.join(sorted(REPORTS))}.",
        )
    return REPORTS[name](asked)
