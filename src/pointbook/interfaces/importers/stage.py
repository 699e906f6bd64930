"""The staged file: a DuckDB database in a temporary folder, spilling to disk, and what is in it.

Every kind of file ends as the same tables. `heads` has one row per fact key in the order of
reading (`position` from 0), with the columns of a clean fact and `odd` for a fact that has to be
read row by row. `odd` has the rows of odd facts as the file has them. Row files add `lines`, the
clean lines. The tables are sorted by position, so that a range of them is read without a sort.
Nothing here raises by itself.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Literal

import duckdb

from pointbook.engine.values.facts import FactError, instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pointbook.interfaces.importers.fields import Layout

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MEMORY = "512MB"
FETCH = 20_000
# Facts of one part: what one process folds at a time.
PART = 20_000


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a file was staged and how its tables are read; can be sent to another process."""

    folder: Path
    path: Path
    kind: Literal["rows", "documents"]
    layout: Layout
    fields: tuple[str, ...]
    currency: str
    zone: tzinfo
    facts: int

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.folder / "staged.duckdb"

    @property
    def text(self) -> Path:
        """The plain text that the offsets of documents point into."""
        unpacked = self.folder / "unpacked.ndjson"
        return unpacked if unpacked.exists() else self.path

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection that only reads, with one thread: others read beside it."""
        connection = duckdb.connect(str(self.database), read_only=True)
        connection.execute("SET threads = 1")
        return connection


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """A new staging database in `folder`, bounded in memory."""
    connection = duckdb.connect(str(folder / "staged.duckdb"))
    connection.execute(f"SET memory_limit = '{MEMORY}'")
    connection.execute(f"SET temp_directory = {literal(str(folder))}")
    connection.execute("SET enable_progress_bar = false")
    return connection


def number(
    connection: duckdb.DuckDBPyConnection, *, parts: int | None, before: datetime | None
) -> int:
    """Make `heads` from `keys`: positions in order of time, or of parts of the members and time.

    `parts` None makes as many as fit the memory. Facts at or after `before` are left out.
    """
    [(count,)] = connection.execute("SELECT count(*) FROM keys").fetchall()
    parts = 1 + count // PART if parts is None else parts
    part = f"hash(coalesce(member, '')) % {parts}" if parts > 1 else "0"
    kept = "true" if before is None else f"(us IS NULL OR us < {microseconds(before)})"
    connection.execute(
        f"""CREATE TABLE heads AS
        SELECT row_number() OVER (ORDER BY part, us, id, source, alone) - 1 AS position, *
        FROM (SELECT *, ({part})::INTEGER AS part FROM keys WHERE {kept})
        ORDER BY position"""
    )
    [(count,)] = connection.execute("SELECT count(*) FROM heads").fetchall()
    return int(count)


def times(connection: duckdb.DuckDBPyConnection, *, query: str, zone: tzinfo, folder: Path) -> None:
    """Make the table `times` (text, us) of the distinct texts of a query that are times."""
    found = connection.cursor().execute(query)

    def rows() -> Iterable[tuple[str, int]]:
        while batch := found.fetchmany(FETCH):
            for (text,) in batch:
                try:
                    yield text, microseconds(instant(text, zone=zone))
                except FactError:
                    continue

    load(connection, table="times", columns="text VARCHAR, us BIGINT", rows=rows(), folder=folder)


def load(
    connection: duckdb.DuckDBPyConnection,
    *,
    table: str,
    columns: str,
    rows: Iterable[Sequence[object]],
    folder: Path,
) -> None:
    """Make a table of rows from Python, by way of a file: the fastest door into DuckDB."""
    path = folder / f"{table}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    connection.execute(f"CREATE TABLE {table}({columns})")
    connection.execute(
        f"COPY {table} FROM {literal(str(path))}"
        " (FORMAT csv, HEADER false, DELIMITER ',', QUOTE '\"', ESCAPE '\"', AUTO_DETECT false)"
    )
    path.unlink()


def microseconds(at: datetime) -> int:
    """Microseconds since 1970 in UTC."""
    return (at - EPOCH) // MICROSECOND


def literal(text: str) -> str:
    """A text as SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    """A text as SQL identifier."""
    return '"' + text.replace('"', '""') + '"'
