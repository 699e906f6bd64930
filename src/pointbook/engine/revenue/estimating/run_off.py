"""When points that are still expected to be used will be: by month, with a range, and in bands.

Raises EstimateError when a liability below 0 is to be divided.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from pointbook.engine.revenue.estimating.precision import as_points, exact
from pointbook.engine.revenue.estimating.triangles import EstimateError
from pointbook.engine.values.calendar import add_months
from pointbook.engine.values.money import split

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from pointbook.engine.revenue.estimating.chain_ladder import Pattern
    from pointbook.engine.revenue.estimating.estimates import CohortEstimate, Estimated

# The months of the first band, and of the second.
YEAR: Final = 12
# Shares become whole weights of this precision.
_SCALE: Final = 10**24


class ExpectedMonth(NamedTuple):
    """Points expected to be used in a month, in smallest parts, from low to high."""

    month_on: date
    expected: int
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortRunOff:
    """What is still expected of one cohort, month by month from the one after the triangle's last.

    Each row sums to the cohort's ultimate (or its low, or high) less what it has used.
    """

    issued_on: date
    expected: tuple[int, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOff:
    """All cohorts' expected redemptions: each cohort's, and their sums as a curve with its range.

    The curve ends with the last month in which a cohort's points can be used. Its low and high add
    up those of the cohorts: wider than the range of the total.
    """

    months: tuple[ExpectedMonth, ...]
    cohorts: tuple[CohortRunOff, ...]

    @property
    def expected(self) -> tuple[int, ...]:
        """The points of each month, for `bands`."""
        return tuple(month.expected for month in self.months)


def run_off(estimated: Estimated) -> RunOff:
    """When the points of an estimate are expected to be used: along its development pattern.

    What is left of a cohort is divided over the ages to come as the developed shares grow, largest
    remainder; evenly where the pattern does not know how.
    """
    cohorts = tuple(_cohort(estimated.pattern, cohort) for cohort in estimated.cohorts)
    length = max((len(cohort.expected) for cohort in cohorts), default=0)
    months = []
    for place in range(length):
        first = estimated.cohorts[0]
        sums = (
            sum(row[place] for row in rows if place < len(row))
            for rows in zip(*((one.expected, one.low, one.high) for one in cohorts), strict=True)
        )
        months.append(ExpectedMonth(add_months(first.issued_on, first.age + 1 + place), *sums))
    return RunOff(months=tuple(months), cohorts=cohorts)


def _cohort(pattern: Pattern, cohort: CohortEstimate) -> CohortRunOff:
    weights = _weights(pattern, cohort.age)
    left = cohort.ultimate - cohort.redeemed
    low, high = (_left(cohort, rate) for rate in (cohort.low, cohort.high))
    expected, lows, highs = (
        split(total=points, weights=weights) if points else (0,) * len(weights)
        for points in (left, min(low, left), max(high, left))
    )
    return CohortRunOff(issued_on=cohort.issued_on, expected=expected, low=lows, high=highs)


def _left(cohort: CohortEstimate, rate: Decimal) -> int:
    """What would be left of a cohort at a rate: exactly what is where the rate is its own."""
    if rate == cohort.rate:
        return cohort.ultimate - cohort.redeemed
    with exact():
        return max(as_points(rate * cohort.issued) - cohort.redeemed, 0)


def _weights(pattern: Pattern, age: int) -> list[int]:
    """How much of what is left falls to each age after `age`."""
    with exact():
        shares = pattern.shares[age:]
        grown = [max(int((later - now) * _SCALE), 0) for now, later in pairwise(shares)]
    return grown if any(grown) else [1] * len(grown)


class Bands(NamedTuple):
    """A liability by when its points are expected to be used, in minor units.

    The first 12 months, the 12 after them, and the rest (IFRS 15.120, ASC 606-10-50-13).
    """

    within_one_year: int
    one_to_two_years: int
    beyond_two_years: int

    @property
    def current(self) -> int:
        """What is expected to be settled within 12 months (IAS 1.69, ASC 210-10-45-9)."""
        return self.within_one_year

    @property
    def non_current(self) -> int:
        """What is expected to be settled later."""
        return self.one_to_two_years + self.beyond_two_years


def bands(*, liability: int, expected_by_month: Sequence[int]) -> Bands:
    """A liability in minor units over the bands, as the expected points; largest remainder.

    The first of `expected_by_month` is the month after the reporting date. Where nothing is
    expected all of it is current: nobody can refuse the points if they come.

    :raises EstimateError: when the liability is below 0.
    """
    if liability < 0:
        raise EstimateError(
            f"a liability of {liability} has no bands",
            field="liability",
            value=liability,
            mend="Give a liability of 0 or more.",
        )
    cuts = (slice(YEAR), slice(YEAR, 2 * YEAR), slice(2 * YEAR, None))
    weights = [sum(expected_by_month[cut]) for cut in cuts]
    return Bands(*split(total=liability, weights=weights if any(weights) else [1, 0, 0]))
