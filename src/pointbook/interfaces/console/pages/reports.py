"""Reports: the list of them, and one as a table whose figures open."""

from __future__ import annotations

from dataclasses import dataclass

from pointbook.interfaces.console.pages.books import Fall
from pointbook.interfaces.console.pages.fields import Field
from pointbook.interfaces.console.pages.rail import Rail


@dataclass(frozen=True, slots=True)
class Named:
    """A report that can be asked for."""

    name: str
    title: str
    says: str
    href: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """Reports that belong together."""

    title: str
    reports: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Reports:
    """The list of reports."""

    rail: Rail
    entity: str
    program: str
    shelves: tuple[Shelf, ...]
    pack: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column; a figure stands right."""

    label: str
    figure: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says; `opens` is the address behind a figure."""

    text: str
    figure: bool = False
    points: bool = False
    opens: str = ""
    foots: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row, or the total of some."""

    cells: tuple[Cell, ...]
    total: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A name with what was asked or found."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class File:
    """A format to take the report along in."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report as a table. `alike` has what every row says; `left_out` columns without a figure.

    `falls` are the steps of its first roll-forward, in the minor units of `currency`.
    """

    rail: Rail
    entity: str
    program: str
    name: str
    title: str
    index: str
    form: tuple[Field, ...]
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    alike: tuple[Said, ...]
    left_out: str
    notes: tuple[str, ...]
    parameters: tuple[Said, ...]
    rows: int
    digest: str
    files: tuple[File, ...]
    currency: str = ""
    falls: tuple[Fall, ...] = ()
    refused: str = ""
