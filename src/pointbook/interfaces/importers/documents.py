"""Staging of NDJSON: one whole fact a line, or flat rows like those of a table.

A file is flat when columns are mapped, or when its first object has the fields of a row. Every
line is parsed once here for its key, time and member, and once more when its fact is made; only
keys and places are staged, the text stays where it is. Raises FileError.
"""

from __future__ import annotations

import zlib
from itertools import islice
from typing import TYPE_CHECKING

import orjson

from pointbook.engine.values.facts import FIELDS as DOCUMENT_FIELDS
from pointbook.engine.values.facts import LINE_FIELDS, FactError, instant
from pointbook.interfaces.importers import stage
from pointbook.interfaces.importers.fields import (
    FIELDS,
    LINES,
    FileError,
    Layout,
    Request,
    is_attribute,
    layout,
)
from pointbook.interfaces.importers.stage import Stage
from pointbook.interfaces.importers.tables import unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime, tzinfo
    from pathlib import Path

Document = dict[str, object]
SAMPLE = 1_000
ROW_ONLY = {field for field in FIELDS if field in LINES or "." in field or field == "coupon"}
ENTRY = (
    "line BIGINT, source VARCHAR, id VARCHAR, us BIGINT, member VARCHAR,"
    " place BIGINT, size BIGINT, fault VARCHAR"
)
KEYS = """CREATE TABLE keys AS
    SELECT source, id, alone, min(us) AS us, min(line) AS first_line, any_value(member) AS member,
        true AS odd
    FROM entries GROUP BY source, id, alone"""
ODD = """CREATE TABLE odd AS
    SELECT position, line, fault, place, size
    FROM entries JOIN heads USING (source, id, alone) ORDER BY ALL"""


def prepare(
    request: Request,
    *,
    folder: Path,
    currency: str,
    zone: tzinfo,
    parts: int | None,
    before: datetime | None,
) -> Stage:
    """Stage an NDJSON file, plain or .gz.

    :raises FileError: a file that cannot be opened, or columns that do not fit the request.
    """
    columns = _columns(request)
    chosen = _layout(request, columns)
    scan = _Scan(request.path, folder, chosen, zone, frozenset(columns))
    connection = stage.connect(folder)
    try:
        stage.load(connection, table="raw", columns=ENTRY, rows=scan.entries(), folder=folder)
        connection.execute(
            "CREATE TABLE entries AS SELECT * REPLACE (coalesce(source, '') AS source,"
            " coalesce(id, '') AS id), if(id IS NULL, line, 0) AS alone FROM raw; DROP TABLE raw"
        )
        connection.execute(KEYS)
        facts = stage.number(connection, parts=parts, before=before)
        connection.execute(ODD)
        connection.execute("DROP TABLE entries; DROP TABLE keys")
    except (EOFError, OSError, zlib.error) as error:
        raise FileError(
            f"{request.path.name} cannot be read: {error}.", mend="Check that it is complete."
        ) from None
    finally:
        connection.close()
    if not chosen.columns:
        chosen = Layout({}, chosen.constants, tuple(sorted(scan.unknown)))
    elif scan.unknown:
        # What stands in later rows only is read, or told as not read, like all columns.
        chosen = layout(request, [*columns, *sorted(scan.unknown)])
    return Stage(
        folder=folder,
        path=request.path,
        kind="documents",
        layout=chosen,
        fields=chosen.fields,
        currency=currency,
        zone=zone,
        facts=facts,
    )


def flat_row(document: Document, chosen: Layout) -> Document:
    """The fields of a flat object; values that are missing or empty are left out."""
    row: Document = dict(chosen.constants)
    for field, column in chosen.columns.items():
        value = document.get(column)
        if value is not None and value != "":
            row[field] = value
    return row


def whole_fact(document: Document, chosen: Layout) -> Document:
    """The document with what is set for all of them, and without what is ignored."""
    for column in chosen.ignored:
        document.pop(column, None)
    unknown = {column.removeprefix("lines.") for column in chosen.ignored if "." in column}
    lines = document.get("lines")
    if unknown and isinstance(lines, list):
        for item in lines:
            if isinstance(item, dict):
                for column in unknown:
                    item.pop(column, None)
    for field, value in chosen.constants.items():
        if is_attribute(field):
            _, _, attribute = field.partition(".")
            free = document.get("attributes")
            document["attributes"] = {**(free if isinstance(free, dict) else {}), attribute: value}
        else:
            document[field] = value
    return document


def _columns(request: Request) -> dict[str, bool]:
    """The keys of the first objects, and whether each is one of the very first's."""
    columns: dict[str, bool] = {}
    with unpacked(request.path) as file:
        try:
            for text in islice(file, SAMPLE):
                document = _parsed(text)
                if isinstance(document, dict):
                    first = not columns
                    for key in document:
                        columns.setdefault(key, first)
        except (EOFError, OSError, zlib.error) as error:
            raise FileError(
                f"{request.path.name} cannot be read: {error}.", mend="Check that it is complete."
            ) from None
    return columns


def _layout(request: Request, columns: Mapping[str, bool]) -> Layout:
    if request.mapping or any(columns.get(field) for field in ROW_ONLY):
        return layout(request, list(columns))
    for field in request.constants:
        if field in ROW_ONLY and not is_attribute(field):
            raise FileError(
                f"{field} cannot be set: each line of {request.path.name} is a whole fact.",
                mend="Put it into the lines of the file.",
            )
    return Layout({}, request.constants, ())


def _parsed(text: bytes) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


class _Scan:
    """One pass over the file: key, time, member and place of every line.

    `columns` are the keys of the first rows; `unknown` are keys of rows that are not among them,
    and fields of whole facts that nobody knows.
    """

    def __init__(
        self, path: Path, folder: Path, chosen: Layout, zone: tzinfo, columns: frozenset[str]
    ) -> None:
        self.path = path
        self.copy = folder / "unpacked.ndjson" if path.suffix == ".gz" else None
        self.chosen = chosen
        self.zone = zone
        self.columns = columns
        self.unknown: set[str] = set()

    def entries(self) -> Iterator[tuple[object, ...]]:
        """The rows of the table of entries."""
        if self.copy is None:
            with unpacked(self.path) as file:
                yield from self._entries(file)
        else:
            with unpacked(self.path) as file, self.copy.open("wb") as copy:
                yield from self._entries(_copied(file, copy.write))

    def _entries(self, lines: Iterable[bytes]) -> Iterator[tuple[object, ...]]:
        place = 0
        for line, text in enumerate(lines, start=1):
            if text.strip():
                yield (line, *self._entry(text, place))
            place += len(text)

    def _entry(self, text: bytes, place: int) -> tuple[object, ...]:
        """Source, id, time, member, place, size and fault of one line."""
        size = len(text)
        try:
            document = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            return None, None, None, None, place, size, f"is not JSON: {error.msg}"
        if not isinstance(document, dict):
            return None, None, None, None, place, size, "is no JSON object"
        constants = self.chosen.constants
        source, name, at, member = (
            constants.get(field, document.get(self.chosen.columns.get(field, field)))
            for field in ("source", "id", "occurred_at", "member")
        )
        if not self.chosen.columns:
            self._ignore(document)
        elif not document.keys() <= self.columns:
            self.unknown.update(document.keys() - self.columns)
        try:
            us = stage.microseconds(instant(at, zone=self.zone))
        except FactError:
            us = None
        return _key(source), _key(name), us, _key(member), place, size, None

    def _ignore(self, document: Document) -> None:
        """Note the fields of a whole fact and of its lines that nobody knows."""
        self.unknown.update(document.keys() - DOCUMENT_FIELDS)
        lines = document.get("lines")
        if isinstance(lines, list):
            for item in lines:
                if isinstance(item, dict) and not item.keys() <= LINE_FIELDS:
                    self.unknown.update(f"lines.{key}" for key in item.keys() - LINE_FIELDS)


def _key(value: object) -> str | None:
    """A part of a key as text; None for what is missing, empty or could not be stored."""
    text = "" if value is None else str(value).strip()
    return text if text and "\x00" not in text else None


def _copied(file: Iterable[bytes], write: Callable[[bytes], object]) -> Iterator[bytes]:
    for text in file:
        write(text)
        yield text
