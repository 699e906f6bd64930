"""CSV and Parquet files as DuckDB relations: a row number, then one column for each field.

Raises FileError: a file that cannot be opened, is empty, or lacks a column that was asked for.
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

from pointbook.interfaces.importers.fields import (
    LINE_TEXTS,
    RETURNS,
    TEXTS,
    FileError,
    Layout,
    Request,
    layout,
)
from pointbook.interfaces.importers.stage import literal, load, name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

DELIMITERS = ",;\t|"
LONGEST_LINE = 16_000_000
FAULTS = {
    "TOO MANY COLUMNS": "has more columns than the header",
    "MISSING COLUMNS": "has fewer columns than the header",
    "INVALID ENCODING": "is not UTF-8 text",
    "LINE SIZE OVER MAXIMUM": "is longer than 16 MB",
}
INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
NUMBERS = (*INTEGERS, "BOOLEAN", "DOUBLE")
KEPT_TEXTS = ("id", "source", *TEXTS, *RETURNS, *LINE_TEXTS)
BROKEN_QUOTES = "has quotes that do not close"


@dataclass(frozen=True, slots=True)
class Table:
    """A file as SQL: `relation` gives `row` and the fields; `delimiter` only for CSV.

    `trusted` are texts that were numbers or dates: short, and without white space.
    """

    path: Path
    layout: Layout
    relation: str
    delimiter: str = ""
    trusted: frozenset[str] = frozenset()

    def types(self, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
        """The type of every field."""
        described = connection.execute(f"DESCRIBE {self.relation}").fetchall()
        return {row[0]: row[1] for row in described if row[0] != "row"}

    def malformed(self, connection: duckdb.DuckDBPyConnection, *, folder: Path) -> None:
        """Make the table `malformed`: the lines that are no rows, with the key they would have."""
        rows: list[tuple[int, str, str, str]] = []
        if self.delimiter:
            found = connection.execute(
                "SELECT line_byte_position - 1, any_value(csv_line), any_value(error_type::VARCHAR)"
                " FROM reject_errors GROUP BY ALL ORDER BY ALL"
            ).fetchall()
            at = {offset: (text, kind) for offset, text, kind in found}
            rows = [
                (line, *self._key(at[offset][0]), FAULTS.get(at[offset][1], BROKEN_QUOTES))
                for offset, line in (_physical(self.path, set(at)) if at else ())
            ]
        load(
            connection,
            table="malformed",
            columns="line BIGINT, source VARCHAR, id VARCHAR, fault VARCHAR",
            rows=rows,
            folder=folder,
        )

    def lines(self, connection: duckdb.DuckDBPyConnection, *, folder: Path) -> None:
        """Make the table `numbers`: the line on which each row begins, where that is not plain."""
        rows: Iterator[tuple[int, int]] = iter(())
        if self.delimiter:
            [(count, bad)] = connection.execute(
                "SELECT (SELECT count(*) FROM rows), (SELECT list(line) FROM malformed)"
            ).fetchall()
            if bad or _line_count(self.path) != count + 1:
                rows = _records(self.path, self.delimiter, set(bad or ()))
        columns = "row BIGINT, line BIGINT"
        load(connection, table="numbers", columns=columns, rows=rows, folder=folder)

    def line(self, row: str) -> str:
        """The line of a row (SQL), where `numbers` is joined; malformed lines are negative rows."""
        plain = f"{row} + {1 if self.delimiter else 0}"
        return f"if({row} < 0, -{row}, coalesce(numbers.line, {plain}))"

    def _key(self, text: str | None) -> tuple[str, str]:
        cells = next(csv.reader([text or ""], delimiter=self.delimiter), [])
        header = header_of(self.path)[1]
        return _cell(self.layout, header, cells, "source"), _cell(self.layout, header, cells, "id")


def open_table(request: Request, connection: duckdb.DuckDBPyConnection) -> Table:
    """Open a CSV or Parquet file by what its name says.

    :raises FileError: see the module.
    """
    if ".parquet" in request.path.suffixes[-1:]:
        return _parquet(request, connection)
    return _csv(request)


def _parquet(request: Request, connection: duckdb.DuckDBPyConnection) -> Table:
    source = f"read_parquet({literal(str(request.path))}, file_row_number = true)"
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    types = {row[0]: row[1] for row in described if row[0] != "file_row_number"}
    chosen = layout(request, list(types))
    fields = [
        f"{_read_as(field, name(column), types[column])} AS {name(field)}"
        for field, column in chosen.columns.items()
    ]
    return Table(
        path=request.path,
        layout=chosen,
        relation=_select("file_row_number + 1", fields, chosen, source),
        trusted=frozenset(
            field for field, column in chosen.columns.items() if types[column] in NUMBERS
        ),
    )


def _csv(request: Request) -> Table:
    delimiter, header = header_of(request.path)
    chosen = layout(request, header)
    columns = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(len(header)))
    source = (
        f"read_csv({literal(str(request.path))}, columns = {{{columns}}}, header = true,"
        f" auto_detect = false, delim = {literal(delimiter)}, quote = '\"', escape = '\"',"
        f" max_line_size = {LONGEST_LINE}, store_rejects = true)"
    )
    fields = [
        f"c{header.index(column)} AS {name(field)}" for field, column in chosen.columns.items()
    ]
    return Table(
        path=request.path,
        layout=chosen,
        relation=_select("row_number() OVER ()", fields, chosen, source),
        delimiter=delimiter,
    )


def _select(row: str, fields: list[str], chosen: Layout, source: str) -> str:
    constants = [f"{literal(text)} AS {name(field)}" for field, text in chosen.constants.items()]
    return f"SELECT {', '.join([f'{row} AS row', *fields, *constants])} FROM {source}"


def _read_as(field: str, column: str, kind: str) -> str:
    """The column in a type that Python reads as it was meant: texts but for numbers and times."""
    if field == "occurred_at" and kind == "TIMESTAMP WITH TIME ZONE":
        at = f"make_timestamp(epoch_us({column}))"
        return f"strftime({at}, '%Y-%m-%dT%H:%M:%S.%fZ')"
    if field == "occurred_at" and kind.startswith("TIMESTAMP"):
        return f"{column}::TIMESTAMP"
    if field == "labels" and kind.endswith("[]"):
        return f"{column}::VARCHAR[]"
    number = kind in NUMBERS and field not in KEPT_TEXTS
    return column if number else f"{column}::VARCHAR"


def unpacked(path: Path) -> IO[bytes]:
    """The bytes of a file, plain or .gz.

    :raises FileError: when it cannot be opened.
    """
    try:
        return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.", mend="Name a file.") from None


def header_of(path: Path) -> tuple[str, list[str]]:
    """The delimiter and the column names of a CSV file.

    :raises FileError: when it has none, or is not UTF-8.
    """
    with unpacked(path) as file:
        try:
            first = file.readline(LONGEST_LINE).decode("utf-8-sig")
        except (UnicodeDecodeError, OSError, EOFError):
            raise FileError(f"{path.name} is not UTF-8 text.", mend="Save it as UTF-8.") from None
    delimiter = max(DELIMITERS, key=first.count)
    header = next(csv.reader([first], delimiter=delimiter), [])
    if not any(cell.strip() for cell in header):
        raise FileError(f"{path.name} has no header.", mend="Name the columns in its first line.")
    return delimiter, [cell.strip() for cell in header]


def _cell(chosen: Layout, header: list[str], cells: list[str], field: str) -> str:
    if field in chosen.constants:
        return chosen.constants[field]
    at = header.index(chosen.columns[field])
    return cells[at].strip() if at < len(cells) else ""


def _physical(path: Path, offsets: set[int]) -> Iterator[tuple[int, int]]:
    """The line numbers (from 1) at some byte offsets."""
    at = 0
    with unpacked(path) as file:
        for line, text in enumerate(file, start=1):
            if at in offsets:
                yield at, line
            at += len(text)


def _line_count(path: Path) -> int:
    """How many lines a file has; a last one without an end counts."""
    count, last = 0, b"\n"
    with unpacked(path) as file:
        while block := file.read(1 << 20):
            count += block.count(b"\n")
            last = block[-1:]
    return count + (last != b"\n")


def _records(path: Path, delimiter: str, malformed: set[int]) -> Iterator[tuple[int, int]]:
    """Each row's number as DuckDB counts (malformed lines left out), and its first line."""
    with unpacked(path) as file:
        texts = (line.decode("utf-8", errors="replace") for line in file)
        reader = csv.reader(texts, delimiter=delimiter)
        row = before = 0
        for cells in reader:
            line, before = before + 1, reader.line_num
            if line == 1 or not cells or line in malformed:
                continue
            row += 1
            yield row, line
