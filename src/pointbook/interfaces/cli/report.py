"""`pointbook report`: every report as a table, CSV, JSON or a workbook.

Points are whole units and money is in major units, but for `months`, whose columns are those of
`pointbook replay`. Raises ReportError, PeriodError, EntityNotFound,
ProgramNotFound and FileError.
"""

from __future__ import annotations

import argparse
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.tabular import Report, as_table
from pointbook.interfaces.importers.fields import FileError

if TYPE_CHECKING:
    from pointbook.accounting.queries.reports import Asked, Table

FORMATS: Final = ("table", "csv", "json", "xlsx")
PACK: Final = "pack"
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
    parser.add_argument(
        "report", choices=(*NAMES, PACK), metavar="NAME", help=", ".join((*NAMES, PACK))
    )
    parser.add_argument("--program", metavar="CODE", help="one program; by default all")
    parser.add_argument("--entity", metavar="CODE", help="by default the program's, or main")
    parser.add_argument("--from", dest="start", metavar="PERIOD", help="first period, YYYY-MM")
    parser.add_argument("--to", dest="end", metavar="PERIOD", help="last period, YYYY-MM")
    parser.add_argument("--period", metavar="PERIOD", help="one period, YYYY-MM")
    parser.add_argument("--as-of", type=_day, metavar="DATE", help="posted by this day")
    parser.add_argument("--known-at", type=_instant, metavar="TIME", help="recorded by then")
    parser.add_argument("--version", type=int, metavar="N", help="a version of the period's close")
    parser.add_argument("--format", choices=FORMATS, help="table, but xlsx for the pack")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="write a file, not standard output"
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day. Write YYYY-MM-DD") from None


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        told = f"{text!r} is not a time. Write YYYY-MM-DDTHH:MM, UTC without a zone"
        raise argparse.ArgumentTypeError(told) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def run(arguments: argparse.Namespace) -> int:
    """Print the report, or write it to a file."""
    kind = arguments.format or ("xlsx" if arguments.report == PACK else "table")
    if kind == "xlsx" and arguments.out is None:
        raise FileError("a workbook is a file", field="out", mend="Name it: --out FILE.")
    if arguments.report == PACK and kind != "xlsx":
        raise FileError(f"the pack is a workbook, not {kind}", mend="Leave --format out.")
    with database():
        made = _made(arguments, kind)
    if made is None:
        return 0
    if arguments.out is None:
        print(made.decode(), end="")
    else:
        _write(arguments.out, made)
        print(f"{arguments.report} written to {arguments.out}.")
    return 0


def _made(arguments: argparse.Namespace, kind: str) -> bytes | None:
    """The file; None when it was shown as a table."""
    from pointbook.accounting.queries.reports.pack import about, pack
    from pointbook.accounting.queries.reports.rendering import as_csv, as_document
    from pointbook.accounting.queries.reports.workbooks import workbook
    from pointbook.analytics.reports import report

    asked = _asked(arguments)
    if arguments.report == PACK:
        return workbook(pack(asked), about=about(asked))
    table = report(arguments.report, asked)
    if kind == "xlsx":
        return workbook([table])
    if kind == "csv":
        return as_csv(table).encode()
    if kind == "json":
        return f"{json.dumps(as_document(table), indent=2)}\n".encode()
    if arguments.out is not None:
        raise FileError("a table is for the screen", field="format", mend="Use csv, json or xlsx.")
    as_table(_shown(table))
    return None


def _write(path: Path, made: bytes) -> None:
    """A file that only its owner can read, there when all of it is written.

    :raises FileError: a place where nothing can be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(made)
        part.replace(path)
    except OSError as error:
        raise FileError(
            f"{path} cannot be written: {error.strerror}.", mend="Name another place."
        ) from None
    finally:
        part.unlink(missing_ok=True)


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
