"""People from NDJSON (also .gz), CSV and Parquet, with what they bring. Raises FileError.

One row is one person. Where lots stand in columns of their own, the rows of a person are its lots:
rows with the same first identifier are one person. A person of whom a row is wrong is refused as
a whole, each row with its reason.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import orjson

from pointbook.engine.values import openings
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.openings import Opening, join, read_opening
from pointbook.engine.values.people import (
    IDENTIFIERS,
    Person,
    PersonError,
    combine,
    read_imported,
)
from pointbook.interfaces.importers.fields import FileError, Layout, Request, layout
from pointbook.interfaces.importers.gathering import Row, gathered
from pointbook.interfaces.importers.rejects import Reject
from pointbook.interfaces.importers.stage import literal
from pointbook.interfaces.importers.tables import header_of, unpacked

IDENTITY = (*IDENTIFIERS, "name", "birthday", "consent", "consent_at")
FIELDS = (*IDENTITY, *openings.FIELDS)
MEASURE = "measure."
OWED = "owed."
BATCH = 5_000
# The names of parts of a fact where they stand beside those of the person.
TOLD_AS = {"since": "tier_since", "until": "tier_until"}
LOT_OF_FACT = re.compile(r"lots\[(\d+)\]\.(\w+)")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person with what they bring; `lines` are those of the lots where each has its own row."""

    line: int
    person: Person
    opening: Opening
    lines: tuple[int, ...] = ()

    def reject(self, error: PointbookError, chosen: Layout) -> Reject:
        """The reason for what the program refused, told of the line and the field of the file."""
        name = error.field.removeprefix("attributes.")
        name, line = TOLD_AS.get(name, name), self.line
        found = LOT_OF_FACT.fullmatch(name)
        if found and int(found[1]) < len(self.lines):
            name, line = found[2], self.lines[int(found[1])]
        return Reject(line, _column(name, chosen), error.value, error.message, error.mend)


@dataclass(slots=True)
class People:
    """People that follow each other, and what was refused among them."""

    arrivals: list[Arrival] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def is_named(field: str) -> bool:
    """Whether a field names a measure or a unit itself: measure.NAME, owed.UNIT."""
    return any(field.startswith(start) and field != start for start in (MEASURE, OWED))


def fields_of(names: Sequence[str]) -> tuple[str, ...]:
    """Every field, and those among `names` that name a measure or a unit."""
    return (*FIELDS, *(name for name in names if is_named(name)))


def columns_of(request: Request) -> Layout:
    """Which column is read as what.

    :raises FileError: a file that cannot be read or lacks a mapped column.
    """
    columns = _columns(request)
    return layout(request, columns, fields=fields_of(columns), required=())


def read_people(request: Request, chosen: Layout, *, size: int = BATCH) -> Iterator[People]:
    """The people of a file in batches, in the order of their first rows.

    :raises FileError: a file that cannot be read.
    """
    people = People()
    for rows in _by_person(request, chosen):
        arrival, rejects = _read(rows, chosen)
        people.rejects += rejects
        if arrival is not None:
            people.arrivals.append(arrival)
        if len(people.arrivals) + len(people.rejects) >= size:
            yield people
            people = People()
    yield people


def _by_person(request: Request, chosen: Layout) -> Iterator[list[Row]]:
    rows = _rows(request)
    if not chosen.columns.keys() & set(openings.LOT):
        return ([row] for row in rows)
    columns = [(kind, chosen.columns[kind]) for kind in IDENTIFIERS if kind in chosen.columns]

    def whose(cells: Mapping[str, object]) -> str:
        for kind, column in columns:
            value = cells.get(column)
            text = "" if value is None else str(value).strip()
            if text:
                return f"{kind}:{text.lower() if kind == 'email' else text}"
        return ""

    return gathered(rows, whose)


def _read(rows: Sequence[Row], chosen: Layout) -> tuple[Arrival | None, list[Reject]]:
    """The person of some rows; when one of them is wrong, a reason for each."""
    whole: Arrival | None = None
    rejects: list[Reject] = []
    for line, cells in rows:
        if isinstance(cells, str):
            rejects.append(Reject(line, "", None, f"the line {cells}", "Mend the line."))
            continue
        try:
            own = _arrival(line, cells, chosen)
            whole = own if whole is None else _together(whole, own)
        except PersonError as error:
            field = _column(error.field, chosen)
            rejects.append(Reject(line, field, error.value, error.message, error.mend))
    if not rejects:
        return whole, []
    wrong = {reject.line for reject in rejects}
    first = min(wrong)
    rejects += [
        Reject(
            line,
            "",
            None,
            f"line {first} of this person was refused",
            "Mend that line and import the file again.",
        )
        for line, _ in rows
        if line not in wrong
    ]
    return None, sorted(rejects, key=lambda reject: reject.line)


def _arrival(line: int, cells: Mapping[str, object], chosen: Layout) -> Arrival:
    person: dict[str, object] = {}
    brought: dict[str, object] = {}
    for name, column in chosen.columns.items():
        value = cells.get(column)
        if value is None or value == "":
            continue
        if name in IDENTITY:
            person[name] = value
        elif is_named(name):
            start, _, key = name.partition(".")
            group = brought.setdefault("measures" if start == "measure" else start, {})
            if isinstance(group, dict):
                group[key] = value
        else:
            brought[name] = value
    opening = read_opening(brought)
    flat = opening.lots and "points" in chosen.columns
    return Arrival(line, read_imported(person), opening, (line,) if flat else ())


def _together(first: Arrival, second: Arrival) -> Arrival:
    return Arrival(
        first.line,
        combine(first.person, second.person),
        join(first.opening, second.opening),
        first.lines + second.lines,
    )


def _column(name: str, chosen: Layout) -> str:
    """A field of an error as the file names it."""
    column = name.replace("measures.", MEASURE, 1)
    return column if column in chosen.columns else name


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
    # All of them: what only a later line says must not be left out in silence.
    for _, cells in _objects(request):
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
