"""Expected redemption: what is in force, the working paper behind it, and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pointbook.interfaces.console.pages.fields import Field
from pointbook.interfaces.console.pages.frame import Unit
from pointbook.interfaces.console.pages.rail import Rail


@dataclass(frozen=True, slots=True)
class InForce:
    """The estimate in force: rates in per cent."""

    number: int
    percent: Decimal
    low: Decimal | None
    high: Decimal | None
    method: str
    from_on: date
    prepared_by: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A month of issue: what of its points was redeemed up to each age, in per cent."""

    issued_on: date
    issued: int
    shares: tuple[Decimal, ...]
    unseen: int

    @property
    def blanks(self) -> range:
        """The ages that nobody has seen yet."""
        return range(self.unseen)


@dataclass(frozen=True, slots=True)
class Heat:
    """The triangle as a heat map; `ages` are the heads of its columns."""

    ages: tuple[int, ...]
    rows: tuple[HeatRow, ...]


@dataclass(frozen=True, slots=True)
class CohortRate:
    """What is expected of a month of issue; rates and `developed` in per cent."""

    issued_on: date
    issued: int
    redeemed: int
    percent: Decimal
    low: Decimal
    high: Decimal
    developed: Decimal
    by: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """A month to come: points expected to be redeemed, with the range."""

    first_on: date
    expected: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Tested:
    """A month of issue in the back-test; `ratio` in per cent, None where nothing was expected."""

    issued_on: date
    expected: int
    actual: int
    ratio: Decimal | None


@dataclass(frozen=True, slots=True)
class Supposed:
    """The liability under a supposition, minor units."""

    name: str
    liability: int
    change: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaperUnit:
    """A unit's part of a paper."""

    name: str
    unit: Unit
    heat: Heat
    cohorts: tuple[CohortRate, ...]
    ahead: tuple[Ahead, ...]
    tested: tuple[Tested, ...]
    all_tested: Tested | None
    challenger: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A working paper in the list; `state` is waiting, approved or refused. Rates in per cent."""

    number: int
    href: str
    from_on: date
    method: str
    percent: Decimal
    low: Decimal | None
    high: Decimal | None
    prepared_by: str
    on: date
    state: str
    decided_by: str = ""
    own: bool = False
    current: bool = False

    @property
    def has_range(self) -> bool:
        """Whether low and high say more than the rate."""
        return self.low is not None and self.low != self.high


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper that is shown: its data, its units, and what may be done about it."""

    row: PaperRow
    until_on: date | None
    facts: int
    digest: str
    selected: str
    units: tuple[PaperUnit, ...]
    supposed: tuple[Supposed, ...]
    may_decide: bool = False
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Estimates:
    """The estimates of a program."""

    rail: Rail
    entity: str
    program: str
    code: str
    answer: str
    in_force: InForce | None
    paper: Paper | None
    papers: tuple[PaperRow, ...]
    form: tuple[Field, ...]
    may_prepare: bool
    owner_run: bool
    refused: bool = False
