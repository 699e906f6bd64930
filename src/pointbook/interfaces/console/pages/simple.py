"""Simple books: what the owner owes, what came in, and what to book, on one page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pointbook.interfaces.console.pages.books import JournalLine
from pointbook.interfaces.console.pages.frame import Unit
from pointbook.interfaces.console.pages.rail import State


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the month: points in smallest parts, and what is to be known of it."""

    label: str
    points: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Handover:
    """A format in which the entry can be taken along."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month in the list: points owed and money in the books at its end."""

    first_on: date
    state: State
    points: int | None
    money: int | None
    href: str
    details: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Simple:
    """One month of simple books.

    `owed` are points in smallest parts and `in_books` minor units, as of now. `over`: the month has
    ended. `stops` are blockers of its close, `asks` warnings that a remark accepts.
    """

    entity: str
    program: str
    currency: str
    unit: Unit
    owed: int
    in_books: int
    said: str
    first_on: date
    last_on: date
    code: str
    state: State
    over: bool
    figures: tuple[Figure, ...]
    lines: tuple[JournalLine, ...]
    files: tuple[Handover, ...]
    months: tuple[Month, ...]
    can_close: bool
    may_export: bool
    may_switch: bool
    stops: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()

    @property
    def debits(self) -> int:
        """The debits of the entry."""
        return sum(line.debit for line in self.lines)

    @property
    def credits(self) -> int:
        """The credits of the entry."""
        return sum(line.credit for line in self.lines)

    @property
    def booked(self) -> bool:
        """Whether the month's figures are fixed."""
        return self.state in ("soft_closed", "closed")
