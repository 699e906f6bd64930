"""The rows of one person brought together, wherever in the file they stand.

What is not being read is on disk; people come in the order of their first rows. Raises FileError.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import duckdb
import orjson

from pointbook.interfaces.importers import stage
from pointbook.interfaces.importers.fields import FileError

Cells = dict[str, object]
Row = tuple[int, Cells | str]
"""The line and its cells by column, or what is wrong with it."""
ORDERED = """SELECT min(line) OVER (PARTITION BY whose) AS first, line, cells
    FROM rows ORDER BY first, line"""


def gathered(
    rows: Iterable[Row], whose: Callable[[Mapping[str, object]], str]
) -> Iterator[list[Row]]:
    """Rows of the same person together; rows of nobody (`whose` is '') and broken ones alone.

    :raises FileError: rows that are too long to be laid down.
    """
    folder = Path(tempfile.mkdtemp(prefix="pointbook-"))
    try:
        connection = stage.connect(folder)
        try:
            stage.load(
                connection,
                table="rows",
                columns="line BIGINT, whose VARCHAR, cells VARCHAR",
                rows=((line, _key(line, cells, whose), _text(cells)) for line, cells in rows),
                folder=folder,
            )
        except duckdb.Error as error:
            reason = str(error).strip().splitlines()[0]
            raise FileError(
                f"The rows cannot be laid down: {reason}", mend="Check the file."
            ) from None
        found = connection.cursor().execute(ORDERED)
        for _, own in groupby(_fetched(found), key=itemgetter(0)):
            yield [(line, orjson.loads(cells)) for _, line, cells in own]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetched(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, int, str]]:
    while batch := found.fetchmany(stage.FETCH):
        yield from batch


def _key(line: int, cells: Cells | str, whose: Callable[[Mapping[str, object]], str]) -> str:
    """Whose row it is, as text that a table of text can hold whatever it is."""
    key = "" if isinstance(cells, str) else whose(cells)
    return orjson.dumps(key or line).decode()


def _text(cells: Cells | str) -> str:
    return orjson.dumps(cells, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
