"""The working paper of an estimate: what was selected, what was known, and what came out of it.

A paper is written once, as the body of a proposal, and never changes: points in smallest parts,
money in minor units, rates 0 to 1 as exact text. Raises PaperUnreadable.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from types import NoneType
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

from pointbook.engine.replay.program import OTHER_MONTHS
from pointbook.engine.revenue.estimating.estimates import DEVIATIONS, Terms
from pointbook.engine.revenue.estimating.ranges import FLAT
from pointbook.engine.values.errors import PointbookError

T = TypeVar("T")


class PaperUnreadable(PointbookError):
    """A working paper is no longer what was written."""

    status = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The terms that somebody selected for a method (see the engine's Terms)."""

    rate: Decimal | None = None
    prior: Decimal | None = None
    prior_error: Decimal = Decimal(0)
    young: int | None = None
    deviations: Decimal = DEVIATIONS

    @property
    def terms(self) -> Terms:
        """The terms as the engine wants them."""
        return Terms(**{one.name: getattr(self, one.name) for one in fields(self)})

    @classmethod
    def of(cls, terms: Terms) -> Selected:
        """The selections of these terms."""
        return cls(**{one.name: getattr(terms, one.name) for one in fields(cls)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A cohort of the triangle: its month, and what it did at each age from 0."""

    month: str
    issued: int
    redeemed: tuple[int, ...]
    expired: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is expected of a cohort, and who decided it (see the engine's CohortEstimate)."""

    month: str
    issued: int
    redeemed: int
    age: int
    ultimate: int
    rate: Decimal
    low: Decimal
    high: Decimal
    credibility: Decimal
    prior: Decimal | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Developed:
    """The development of an age to the next; `seen` is False where it was extrapolated."""

    age: int
    factor: Decimal
    seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedCohort:
    """Points expected and used in the last month; `ratio` is None where none were expected."""

    month: str
    age: int
    expected: int
    actual: int
    ratio: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """What the method would have expected of the last month a month ago, against what came."""

    expected: int
    actual: int
    ratio: Decimal | None
    cohorts: tuple[TestedCohort, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenged:
    """What another method says of the same data; `cohorts` in the order of the estimate's."""

    method: str
    rate: Decimal
    low: Decimal
    high: Decimal
    cohorts: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """Points expected to be used in a month to come."""

    month: str
    expected: int
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPaper:
    """The estimate of one unit: its triangle with the SHA-256 over it, and what was made of it.

    `life` counts the ages until contractual expiry, None for points that never expire. `tested` and
    `challenger` are None where the data do not allow them; the notes say why.
    """

    unit: str
    life: int | None
    digest: str
    rate: Decimal
    low: Decimal
    high: Decimal
    needs_prior: bool
    notes: tuple[str, ...]
    cohorts: tuple[Judged, ...]
    factors: tuple[Developed, ...]
    triangle: tuple[Row, ...]
    tested: Tested | None
    challenger: Challenged | None
    run_off: tuple[Ahead, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """What would be owed under a supposition; minor units of a currency."""

    currency: str
    name: str
    liability: int
    change: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A working paper. `period` is the first in which its rates are to be in force.

    `until` is the last month of its data, cut at number `seq` of the program's sequence, with
    `rows` facts; '' where a rate was stated and no data looked at. `digest` is over the triangles.
    """

    period: str
    method: str
    selected: Selected
    rate: Decimal
    low: Decimal | None
    high: Decimal | None
    until: str
    seq: int
    rows: int
    digest: str
    units: tuple[UnitPaper, ...] = ()
    sensitivity: tuple[Supposed, ...] = ()

    def cohort_rates(self) -> dict[str, dict[str, str]]:
        """The rates of points by unit and month, as an estimate keeps them.

        Units beside the first have an own rate of months to come. A flat rate has no others.
        """
        if self.method == FLAT:
            return {}
        found = {}
        for place, unit in enumerate(self.units):
            found[unit.unit] = {one.month: str(one.rate) for one in unit.cohorts}
            if place:
                found[unit.unit][OTHER_MONTHS] = str(unit.rate)
        return found


def as_body(paper: Any) -> Any:
    """A paper as JSON: exact decimals are text."""
    if isinstance(paper, Decimal):
        return str(paper)
    if isinstance(paper, tuple):
        return [as_body(one) for one in paper]
    if is_dataclass(paper):
        return {one.name: as_body(getattr(paper, one.name)) for one in fields(paper)}
    return paper


def read_paper(body: object) -> Paper:
    """The paper that a proposal's body holds.

    :raises PaperUnreadable: when it is none any more.
    """
    try:
        return _read(Paper, body)
    except (AttributeError, KeyError, TypeError, ArithmeticError) as error:
        raise PaperUnreadable(
            "the proposal's body is no working paper",
            field="body",
            mend="Run pointbook verify: it was changed past the database's guards.",
        ) from error


def _read(kind: type[T], body: Any) -> T:
    hints = get_type_hints(kind)
    return kind(**{name: _value(hints[name], value) for name, value in body.items()})


_PLAIN: Final = (int, str, bool)


def _value(kind: Any, value: Any) -> Any:
    inner = get_args(kind)
    if NoneType in inner:
        return None if value is None else _value(inner[0], value)
    if get_origin(kind) is tuple:
        return tuple(_value(inner[0], one) for one in value)
    if kind in _PLAIN:
        return value
    return Decimal(value) if kind is Decimal else _read(kind, value)
