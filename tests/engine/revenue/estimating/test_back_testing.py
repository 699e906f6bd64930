"""The back-test: the last diagonal against what was expected of it a month before."""

from decimal import Decimal

import pytest

from pointbook.engine.revenue.estimating.back_testing import CohortBackTest, back_test
from pointbook.engine.revenue.estimating.estimates import Terms
from pointbook.engine.revenue.estimating.triangles import EstimateError
from tests.engine.revenue.estimating.published import JANUARY, steady, triangle

PATTERN = (300, 150, 100, 50)


def test_a_steady_program_is_as_expected():
    known = steady(months=7, life=4, pattern=PATTERN)
    found = back_test(triangle=known, method="chain_ladder", terms=Terms())
    assert [one.ratio for one in found.cohorts] == [1, 1, 1]
    assert [one.age for one in found.cohorts] == [3, 2, 1]
    assert (found.expected, found.actual, found.ratio) == (300, 300, Decimal(1))
    assert found.method == "chain_ladder"


def test_a_last_month_that_came_otherwise():
    known = triangle((100, 100, 0), (100, 150), (100,), life=2)
    found = back_test(triangle=known, method="chain_ladder", terms=Terms())
    # A month ago one cohort had run off, and it had doubled.
    assert found.cohorts == (CohortBackTest(JANUARY.replace(month=2), 1, 100, 150, Decimal("1.5")),)
    assert found.ratio == Decimal("1.5")


def test_no_hindsight():
    known = triangle((100, 100), (100,), life=2)
    with pytest.raises(EstimateError, match="state a prior"):
        back_test(triangle=known, method="chain_ladder", terms=Terms())
    found = back_test(triangle=known, method="chain_ladder", terms=Terms(prior=Decimal("0.4")))
    assert [one.expected for one in found.cohorts] == [300]
    assert found.ratio == Decimal("0.33333333")


def test_nothing_expected_has_no_ratio():
    found = back_test(triangle=triangle((5,), life=2), method="flat", terms=Terms(rate=Decimal(0)))
    assert (found.cohorts, found.expected, found.actual, found.ratio) == ((), 0, 0, None)
