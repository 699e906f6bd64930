"""What a report is: typed columns, rows that foot, what each figure opens to, and its digest.

Every door renders the same table. Amounts are exact decimals in major or whole units. Raises
ReportError for what cannot be asked, and ReportUntied when a table does not foot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

import orjson

from pointbook.engine.values.errors import PointbookError


class ReportError(PointbookError):
    """There is no such report, or it cannot be made of what was asked."""

    status = 422


class ReportUntied(PointbookError):
    """A report does not foot."""

    status = 500


class Kind(StrEnum):
    """What a column holds; points, money and rates are decimals."""

    TEXT = "text"
    POINTS = "points"
    MONEY = "money"
    RATE = "rate"
    DATE = "date"
    COUNT = "count"


class Foots(StrEnum):
    """How a total is made of a column: not at all, the sum, the first row's, or the last row's."""

    NOT = ""
    SUM = "sum"
    FIRST = "first"
    LAST = "last"


Cell = str | int | Decimal | date | None
FIGURES: Final = frozenset({Kind.POINTS, Kind.MONEY, Kind.RATE, Kind.COUNT})


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its name in files; `currency` and `decimals` where all its rows share them.

    `adds` is 1 or -1 where it is a part of the row's `result`, which is the sum of those parts.
    """

    name: str
    kind: Kind = Kind.TEXT
    currency: str = ""
    decimals: int = 0
    foots: Foots = Foots.NOT
    adds: int = 0
    result: bool = False

    @property
    def head(self) -> str:
        """The name for people."""
        return self.name.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opens:
    """What the figure in a column opens to.

    `to` is "cohorts" (of a period's close: those of `events` and `account`), "entry" (the journal
    entry `id`, by `account`), "facts" (behind the cohort's entry `id`), "entries" (of a period, on
    an account), "estimate" (of that number) or "proposal" (of that number).
    """

    column: str
    to: str
    id: int | None = None
    account: str = ""
    program: str = ""
    period: str = ""
    version: int | None = None
    unit: str = ""
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One cell for each column, and what the figures open to."""

    cells: tuple[Cell, ...]
    opens: tuple[Opens, ...] = ()


class Parameter(NamedTuple):
    """What a report was made of, as text."""

    name: str
    value: str


class Check(NamedTuple):
    """Two figures that must be equal: the report's own, and one from somewhere else."""

    name: str
    this: Decimal | int
    that: Decimal | int

    @property
    def holds(self) -> bool:
        """Whether they are equal."""
        return self.this == self.that


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a report is made of: periods by code, dates and instants as they are named.

    `version` is that of the close of one period; `known_at` takes what was recorded by then, and
    `as_of` what was posted by that day. No entity means that of
    the program, no program all of the entity.
    """

    entity: str | None = None
    program: str | None = None
    start: str | None = None
    end: str | None = None
    version: int | None = None
    known_at: datetime | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A report: its rows in groups that have a total each, and what it was made of.

    `groups` names the columns whose like values are added up, `grand` those that are added across
    groups (points of two units never are). `chained`: within a group a row opens where the one
    before closed. `sources` are the seals behind it.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    groups: tuple[str, ...] = ()
    grand: tuple[str, ...] = ()
    chained: bool = False
    totals: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    sources: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()

    def place(self, name: str) -> int:
        """Where the column of this name stands."""
        return [column.name for column in self.columns].index(name)

    def values(self, name: str) -> list[Cell]:
        """The cells of a column."""
        place = self.place(name)
        return [row.cells[place] for row in self.rows]

    @property
    def sha256(self) -> str:
        """The digest of the column names and the rows, each as one line of JSON of texts."""
        hashed = hashlib.sha256(orjson.dumps([column.name for column in self.columns]))
        for row in self.rows:
            hashed.update(b"\n" + orjson.dumps([as_text(cell) for cell in row.cells]))
        return hashed.hexdigest()


def as_text(cell: Cell) -> str:
    """A cell in files: decimals exactly, dates as YYYY-MM-DD, nothing as ''."""
    if cell is None:
        return ""
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


class Span(NamedTuple):
    """Rows that have a total together: their numbers, in order, and the groups' values."""

    values: tuple[Cell, ...]
    rows: tuple[int, ...]


def spans(table: Table, names: Sequence[str]) -> list[Span]:
    """The rows by the values of columns, in the order in which each first appears."""
    places = [table.place(name) for name in names]
    found: dict[tuple[Cell, ...], list[int]] = {}
    for number, row in enumerate(table.rows):
        found.setdefault(tuple(row.cells[place] for place in places), []).append(number)
    return [Span(values, tuple(rows)) for values, rows in found.items()]


def footed(table: Table) -> Table:
    """The table with its totals.

    :raises ReportUntied: when a row is not the sum of its parts, or does not open where the one
        before closed, or a check does not hold.
    """
    for row in table.rows:
        _require_row(table, row)
    for span in spans(table, table.groups) if table.chained else ():
        _require_chain(table, span)
    for check in table.checks:
        if not check.holds:
            raise _untied(table, check.name, check.this, check.that)
    if not table.rows or not any(column.foots for column in table.columns):
        return table
    totals = [Row(_total(table, span.rows)) for span in spans(table, table.groups)]
    if table.grand and table.grand != table.groups:
        totals += _grands(table)
    return replace(table, totals=tuple(totals))


def _grands(table: Table) -> list[Row]:
    """A total across groups, by the columns that must be alike."""
    made = []
    for span in spans(table, table.grand):
        inner = [
            _total(table, part.rows)
            for part in spans(table, table.groups)
            if set(part.rows) <= set(span.rows)
        ]
        if len(inner) > 1:
            made.append(Row(_sum(table, inner, span)))
    return made


def _sum(table: Table, inner: Sequence[Sequence[Cell]], span: Span) -> tuple[Cell, ...]:
    same = dict(zip(table.grand, span.values, strict=True))
    return tuple(
        added(cells[place] for cells in inner) if column.foots else same.get(column.name, "")
        for place, column in enumerate(table.columns)
    )


def _total(table: Table, rows: Sequence[int]) -> tuple[Cell, ...]:
    own = [table.rows[number].cells for number in rows]
    cells: list[Cell] = []
    for place, column in enumerate(table.columns):
        if column.foots is Foots.SUM:
            cells.append(added(row[place] for row in own))
        elif column.foots is Foots.FIRST:
            cells.append(own[0][place])
        elif column.foots is Foots.LAST:
            cells.append(own[-1][place])
        else:
            cells.append(own[0][place] if column.name in table.groups else "")
    return tuple(cells)


def added(cells: Iterable[Cell]) -> Decimal | int:
    """The sum of figures; those that are none count as nothing."""
    total: Decimal | int = 0
    for cell in cells:
        if isinstance(cell, int | Decimal):
            total += cell
    return total


def _require_row(table: Table, row: Row) -> None:
    results = [place for place, column in enumerate(table.columns) if column.result]
    if not results:
        return
    parts = added(
        column.adds * cell
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column.adds and isinstance(cell, int | Decimal)
    )
    for place in results:
        if row.cells[place] != parts:
            raise _untied(table, f"row {row.cells}", parts, row.cells[place])


def _require_chain(table: Table, span: Span) -> None:
    opening = next(i for i, one in enumerate(table.columns) if one.foots is Foots.FIRST)
    closing = next(i for i, one in enumerate(table.columns) if one.foots is Foots.LAST)
    for before, after in zip(span.rows, span.rows[1:], strict=False):
        left, right = table.rows[before].cells[closing], table.rows[after].cells[opening]
        if left != right:
            raise _untied(table, f"row {table.rows[after].cells} opens", left, right)


def _untied(table: Table, what: str, this: object, that: object) -> ReportUntied:
    return ReportUntied(
        f"the report {table.name} does not foot: {what}: {this} is not {that}",
        field="report",
        value=table.name,
        mend="Run pointbook verify to find what is missing.",
    )
