"""The books: periods, a close, its roll-forward, tie-outs and journals down to the facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pointbook.interfaces.console.pages.frame import Unit
from pointbook.interfaces.console.pages.rail import Rail, State

StageState = Literal["done", "warning", "next", "waiting"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the close: done, with a warning, next, or waiting."""

    number: int
    name: str
    state: StageState
    summary: str
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class RollLine:
    """A line of the roll-forward; None means that it does not apply. `short` is for the chart."""

    label: str
    short: str
    points: int | None
    money: int
    opens: str = ""
    kind: Literal["opening", "move", "closing"] = "move"


@dataclass(frozen=True, slots=True)
class Fall:
    """A bar of the waterfall: from one level of the liability to another."""

    label: str
    short: str
    start: int
    end: int
    kind: Literal["total", "up", "down"]

    @property
    def change(self) -> int:
        """What the step changed."""
        return self.end - self.start


_WAYS: dict[bool, Literal["up", "down"]] = {True: "up", False: "down"}


@dataclass(frozen=True, slots=True)
class Roll:
    """The roll-forward of one unit, from its opening line to its closing one."""

    unit: Unit
    lines: tuple[RollLine, ...]
    note: str = ""

    @property
    def off(self) -> int:
        """What the money column of the roll-forward is off by, in minor units."""
        opening = sum(line.money for line in self.lines if line.kind != "closing")
        return opening - sum(line.money for line in self.lines if line.kind == "closing")

    @property
    def falls(self) -> tuple[Fall, ...]:
        """The money column as bars."""
        bars, level = [], 0
        for line in self.lines:
            if line.kind == "move":
                end = level + line.money
                bars.append(Fall(line.label, line.short, level, end, _WAYS[line.money > 0]))
                level = end
            else:
                bars.append(Fall(line.label, line.short, 0, line.money, "total"))
                level = line.money
        return tuple(bars)


@dataclass(frozen=True, slots=True)
class TieOut:
    """Two figures that must be equal; `currency` is '' for points, `decimals` are their unit's."""

    name: str
    this: int
    that: int
    currency: str
    decimals: int = 0

    @property
    def difference(self) -> int:
        """What they are apart."""
        return self.this - self.that


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One side of an entry."""

    account: str
    name: str
    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A journal entry; `opens` addresses the cohorts behind it."""

    id: int
    number: str
    description: str
    lines: tuple[JournalLine, ...]
    opens: str


@dataclass(frozen=True, slots=True)
class Reopening:
    """What stands in the way of an open period again: who asked for it, or that one may ask."""

    may_ask: bool
    number: int = 0
    reason: str = ""
    by: str = ""
    may_decide: bool = False


@dataclass(frozen=True, slots=True)
class Close:
    """One period of an entity's books. `can_close`: its turn has come and the person may.

    `full` books have a soft close and a seal of their own, and can be reopened. `blockers` stop the
    close, `warnings` must be accepted with a reason, and `waiting` is what somebody has to do.
    """

    entity: str
    program: str
    currency: str
    unit: Unit
    policy: str
    first_on: date
    last_on: date
    code: str
    state: State
    answer: str
    rail: Rail
    stages: tuple[Stage, ...]
    rolls: tuple[Roll, ...]
    tie_outs: tuple[TieOut, ...]
    entries: tuple[JournalEntry, ...]
    can_close: bool
    full: bool = False
    version: int = 1
    versions: tuple[int, ...] = ()
    blockers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    reopening: Reopening | None = None
    pack: str = ""
    exports: str = ""

    @property
    def next_stage(self) -> str:
        """What the close does next: the name of its stage, '' when nothing is left to do."""
        return next((stage.name for stage in self.stages if stage.state == "next"), "")

    @property
    def done(self) -> int:
        """How many stages are done."""
        return sum(stage.state in ("done", "warning") for stage in self.stages)

    @property
    def ties(self) -> int:
        """How many tie-outs are at zero."""
        return sum(not tie.difference for tie in self.tie_outs)

    @property
    def debits(self) -> int:
        """All debits of the period."""
        return sum(line.debit for entry in self.entries for line in entry.lines)

    @property
    def credits(self) -> int:
        """All credits of the period."""
        return sum(line.credit for entry in self.entries for line in entry.lines)


@dataclass(frozen=True, slots=True)
class NoPeriods:
    """The books before the first fact."""

    entity: str
    program: str
    code: str


@dataclass(frozen=True, slots=True)
class CohortRow:
    """What an entry did to the points of one month of issue.

    `each` is money for one point in major units, None when no points moved.
    """

    issued_on: date
    points: int
    each: Decimal | None
    change: int
    transfers: int
    opens: str


@dataclass(frozen=True, slots=True)
class Cohorts:
    """The months of issue behind a line of an entry.

    `total` is the line, a debit positive, and `what` the entry in words.
    """

    number: str
    account: str
    what: str
    currency: str
    unit: Unit
    rows: tuple[CohortRow, ...]
    total: int

    @property
    def points(self) -> int:
        """All points moved."""
        return sum(row.points for row in self.rows)

    @property
    def change(self) -> int:
        """The liability moved, signed like the rows."""
        return sum(row.change for row in self.rows)

    @property
    def off(self) -> int:
        """What the rows and the entry's line are apart."""
        return self.total - self.change


@dataclass(frozen=True, slots=True)
class Moved:
    """One movement of points behind a cohort: who, when, how many, and the fact."""

    on: date
    member: str
    member_href: str
    what: str
    receipt: str
    points: int


@dataclass(frozen=True, slots=True)
class Facts:
    """The movements behind one cohort of an entry: those from `first` on, of `total`.

    `following` addresses the next ones, '' when these are the last.
    """

    number: str
    account: str
    issued_on: date
    cohorts_href: str
    unit: Unit
    rows: tuple[Moved, ...]
    first: int
    total: int
    all_points: int
    following: str

    @property
    def last(self) -> int:
        """The place of the last row."""
        return self.first + len(self.rows) - 1
