"""A report for other programs: as CSV, and as a document for JSON. Nothing here raises."""

from __future__ import annotations

import csv
import io

from pointbook.accounting.queries.reports.tables import Cell, Row, Table, as_text


def as_csv(table: Table) -> str:
    """A header and the rows, without totals; amounts are exact decimals."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    writer.writerows([as_text(cell) for cell in row.cells] for row in table.rows)
    return text.getvalue()


def as_document(table: Table) -> dict[str, object]:
    """The report with all that it was made of; decimals and dates are text, counts are numbers."""
    return {
        "report": table.name,
        "title": table.title,
        "parameters": dict(table.parameters),
        "sources": list(table.sources),
        "columns": [
            {
                "name": column.name,
                "kind": column.kind.value,
                "currency": column.currency,
                "total": column.foots.value,
            }
            for column in table.columns
        ],
        "rows": [_named(table, row) for row in table.rows],
        "totals": [_named(table, row) for row in table.totals],
        "notes": list(table.notes),
        "row_count": len(table.rows),
        "sha256": table.sha256,
    }


def _named(table: Table, row: Row) -> dict[str, object]:
    return {
        column.name: _value(cell) for column, cell in zip(table.columns, row.cells, strict=True)
    }


def _value(cell: Cell) -> object:
    return cell if cell is None or isinstance(cell, int) else as_text(cell)
