"""People from NDJSON (also .gz), CSV and Parquet: one row is one person. Raises FileError."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import duckdb
import orjson

from pointbook.engine.values.people import Person, PersonError, read_person
from pointbook.interfaces.importers.fields import FileError, Layout, Request, layout
from pointbook.interfaces.importers.rejects import Reject
from pointbook.interfaces.importers.stage import literal
from pointbook.interfaces.importers.tables import header_of, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FIELDS = ("member", "name", "email", "phone", "card", "birthday", "consent")
BATCH = 1_000
SAMPLE = 1_000

Row = tuple[int, dict[str, object] | str]
"""The line and its cells by column, or what is wrong with it."""


@dataclass(slots=True)
class People:
    """Persons that follow each other with their lines, and what was refused among them."""

    persons: list[tuple[int, Person]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def columns_of(request: Request) -> Layout:
    """Which column is read as what.

    :raises FileError: a file that cannot be read or lacks a mapped column.
    """
    return layout(request, _columns(request), fields=FIELDS, required=())


def read_people(request: Request, chosen: Layout, *, size: int = BATCH) -> Iterator[People]:
    """The people of a file in batches, in its order."""
    people = People()
    for line, cells in _rows(request):
        if isinstance(cells, str):
            people.rejects.append(Reject(line, "", None, f"the line {cells}", "Mend the line."))
        else:
            try:
                people.persons.append((line, read_person(_raw(cells, chosen))))
            except PersonError as error:
                value = error.value
                reject = Reject(line, error.field, value, error.message, error.mend)
                people.rejects.append(reject)
        if len(people.persons) + len(people.rejects) >= size:
            yield people
            people = People()
    yield people


def _raw(cells: dict[str, object], chosen: Layout) -> dict[str, object]:
    return {field: cells.get(column) for field, column in chosen.columns.items()}


def _kind(request: Request) -> str:
    suffixes = [suffix.lower() for suffix in request.path.suffixes if suffix != ".gz"]
    kind = {".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".parquet": "parquet"}.get(
        suffixes[-1] if suffixes else ""
    )
    if kind is None:
        raise FileError(
            f"{request.path.name} is no kind of file that can be read.",
            mend="Its name should end in .ndjson, .jsonl, .csv, .parquet, or that with .gz.",
        )
    return kind


def _columns(request: Request) -> Sequence[str]:
    kind = _kind(request)
    if kind == "csv":
        return header_of(request.path)[1]
    if kind == "parquet":
        return [column for column, *_ in _relation(request).description or ()]
    columns: dict[str, None] = {}
    for line, cells in _objects(request):
        if line > SAMPLE:
            break
        columns.update(dict.fromkeys(cells if isinstance(cells, dict) else ()))
    return list(columns)


def _rows(request: Request) -> Iterator[Row]:
    return {"csv": _table_rows, "parquet": _parquet_rows, "ndjson": _objects}[_kind(request)](
        request
    )


def _table_rows(request: Request) -> Iterator[Row]:
    delimiter, header = header_of(request.path)
    with unpacked(request.path) as file:
        texts = (line.decode("utf-8", errors="replace") for line in file)
        reader = csv.reader(texts, delimiter=delimiter)
        before = 0
        for cells in reader:
            line, before = before + 1, reader.line_num
            if line == 1 or not cells:
                continue
            if len(cells) != len(header):
                yield line, f"has not {len(header)} cells as the header has"
            else:
                yield line, dict(zip(header, cells, strict=True))


def _objects(request: Request) -> Iterator[Row]:
    with unpacked(request.path) as file:
        for line, text in enumerate(file, start=1):
            if not text.strip():
                continue
            try:
                found = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                yield line, f"is not JSON: {error.msg}"
                continue
            yield line, found if isinstance(found, dict) else "is no JSON object"


def _parquet_rows(request: Request) -> Iterator[Row]:
    found = _relation(request)
    columns = [column for column, *_ in found.description or ()]
    line = 0
    while batch := found.fetchmany(BATCH):
        for cells in batch:
            line += 1
            yield line, dict(zip(columns, cells, strict=True))


def _relation(request: Request) -> duckdb.DuckDBPyConnection:
    try:
        query = f"SELECT * FROM read_parquet({literal(str(request.path))})"
        return duckdb.connect().execute(query)
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise FileError(
            f"{request.path.name} cannot be read: {reason}", mend="Check that it is Parquet."
        ) from None
