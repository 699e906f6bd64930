"""A report's rows in the formats people and programs read. Nothing here raises."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


WIDEST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Report:
    """Named columns and rows of text, whole numbers and exact decimals; `totals` foot a table."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    totals: Sequence[Sequence[object]] = ()
    notes: Sequence[str] = ()


def as_table(report: Report) -> None:
    """For people: separators, a minus that is one, figures to the right; as wide as it must be."""
    from rich.table import Table

    from pointbook.interfaces.cli.paper import Paper

    table = Table(title=report.title, title_justify="left", box=None, pad_edge=False)
    first = report.rows[0] if report.rows else report.columns
    for name, cell in zip(report.columns, first, strict=True):
        figure = isinstance(cell, int | Decimal)
        head = name.replace("_", " ")
        table.add_column(head, justify="right" if figure else "left", no_wrap=True)
    for row in report.rows:
        table.add_row(*map(_shown, row))
    if report.totals:
        table.add_section()
    for total in report.totals:
        table.add_row(*map(_shown, total), style="bold")
    # A figure that is cut off is worse than a line that is too long.
    needed = Paper(width=WIDEST).measure(table).maximum
    Paper(highlight=False, width=needed).print(table)
    for note in report.notes:
        print(note)


def _shown(cell: object) -> str:
    if isinstance(cell, int | Decimal):
        return f"{cell:,}".replace("-", "\u2212")
    return "" if cell is None else str(cell)


def as_csv(report: Report) -> None:
    """For other programs: a header and the rows, without a total."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(report.columns)
    writer.writerows(report.rows)


def as_json(report: Report) -> None:
    """A list of objects; decimals are text, so that nothing is lost."""
    rows = [dict(zip(report.columns, row, strict=True)) for row in report.rows]
    print(json.dumps(rows, indent=2, default=str))


FORMATS: Final[dict[str, Callable[[Report], None]]] = {
    "table": as_table,
    "csv": as_csv,
    "json": as_json,
}
