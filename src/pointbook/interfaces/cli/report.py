"""`pointbook report`: every report as a table, CSV, JSON or a workbook.

Points are whole units and money is in major units, but for `months`, whose columns are those of
`pointbook replay`. Raises ReportError, PeriodError, EntityNotFound and ProgramNotFound.
"""

from __future__ import annotations

import argparse
import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.tabular import Report, as_table

if TYPE_CHECKING:
    from pointbook.accounting.queries.reports import Asked, Table

FORMATS: Final = ("table", "csv", "json")
# Named here so that words that make no command are refused before anything is read.
NAMES: Final = (
    "approvals",
    "back-test",
    "cohorts",
    "current-non-current",
    "estimates",
    "intercompany",
    "journals",
    "late-facts",
    "liability-rollforward",
    "liability-rollforward-net",
    "months",
    "partners",
    "points-rollforward",
    "provisions",
    "refund-liability",
    "remaining-obligation",
    "revenue-from-opening",
    "schedules",
    "sensitivity",
    "tax",
    "tie-outs",
    "tiers",
    "trial-balance",
    "triangle",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The report's name, whose figures, which periods and the format."""
    parser.add_argument("report", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--program", metavar="CODE", help="one program; by default all")
    parser.add_argument("--entity", metavar="CODE", help="by default the program's, or main")
    parser.add_argument("--from", dest="start", metavar="PERIOD", help="first period, YYYY-MM")
    parser.add_argument("--to", dest="end", metavar="PERIOD", help="last period, YYYY-MM")
    parser.add_argument("--period", metavar="PERIOD", help="one period, YYYY-MM")
    parser.add_argument("--as-of", type=_day, metavar="DATE", help="posted by this day")
    parser.add_argument("--known-at", type=_instant, metavar="TIME", help="recorded by then")
    parser.add_argument("--version", type=int, metavar="N", help="a version of the period's close")
    parser.add_argument("--format", choices=FORMATS, default="table")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _instant(text: str) -> datetime:
    from datetime import UTC

    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def run(arguments: argparse.Namespace) -> int:
    """Print the report."""
    with database():
        from pointbook.accounting.queries.reports.rendering import as_csv, as_document
        from pointbook.analytics.reports import report

        table = report(arguments.report, _asked(arguments))
        if arguments.format == "csv":
            print(as_csv(table), end="")
        elif arguments.format == "json":
            print(json.dumps(as_document(table), indent=2))
        else:
            as_table(_shown(table))
    return 0


def _asked(arguments: argparse.Namespace) -> Asked:
    from pointbook.accounting.queries.reports import Asked

    return Asked(
        entity=arguments.entity,
        program=arguments.program,
        start=arguments.period or arguments.start,
        end=arguments.period or arguments.end,
        version=arguments.version,
        known_at=arguments.known_at,
        as_of=arguments.as_of,
    )


def _shown(table: Table) -> Report:
    """The report for a terminal; totals are named in their first column."""
    return Report(
        title=table.title,
        columns=tuple(column.name for column in table.columns),
        rows=[row.cells for row in table.rows],
        totals=[("Total", *row.cells[1:]) for row in table.totals],
        notes=table.notes,
    )
