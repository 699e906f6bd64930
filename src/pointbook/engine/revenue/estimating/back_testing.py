"""The back-test: what an estimate of a month ago expected of the last month, against what came.

Raises EstimateError where the earlier triangle cannot be estimated: a back-test uses no hindsight.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from pointbook.engine.revenue.estimating.methods import estimate
from pointbook.engine.revenue.estimating.precision import as_rate, share_of
from pointbook.engine.revenue.estimating.run_off import run_off

if TYPE_CHECKING:
    from datetime import date

    from pointbook.engine.revenue.estimating.estimates import Terms
    from pointbook.engine.revenue.estimating.triangles import Triangle


class CohortBackTest(NamedTuple):
    """Points expected and used in the last month at `age`, and used / expected (None of nothing).

    `issued_on` is the cohort's month.
    """

    issued_on: date
    age: int
    expected: int
    actual: int
    ratio: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTest:
    """The last diagonal: actual over expected of each cohort, and of all of them together.

    Cohorts of the last month, of which nothing was expected a month ago, and those that had run
    off by then are not in it.
    """

    method: str
    cohorts: tuple[CohortBackTest, ...]
    expected: int
    actual: int
    ratio: Decimal | None


def back_test(*, triangle: Triangle, method: str, terms: Terms) -> BackTest:
    """Drop the last diagonal, estimate again, and compare the next month with what it was.

    :raises EstimateError: when the earlier triangle cannot be estimated.
    """
    earlier = triangle.without_last_diagonal()
    forecast = run_off(estimate(triangle=earlier, method=method, terms=terms))
    came = {cohort.issued_on: cohort for cohort in triangle.cohorts}
    tested = []
    for cohort, expectation in zip(earlier.cohorts, forecast.cohorts, strict=True):
        if earlier.has_run_off(cohort):
            continue
        expected, actual = expectation.expected[0], came[cohort.issued_on].redeemed[-1]
        age = cohort.age + 1
        tested.append(
            CohortBackTest(cohort.issued_on, age, expected, actual, _ratio(actual, expected))
        )
    expected = sum(one.expected for one in tested)
    actual = sum(one.actual for one in tested)
    return BackTest(
        method=method,
        cohorts=tuple(tested),
        expected=expected,
        actual=actual,
        ratio=_ratio(actual, expected),
    )


def _ratio(actual: int, expected: int) -> Decimal | None:
    return as_rate(share_of(actual, expected)) if expected else None
