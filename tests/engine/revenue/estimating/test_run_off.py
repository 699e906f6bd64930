"""Run-off by month with its range, and the bands of a liability."""

from datetime import date
from decimal import Decimal

import pytest

from pointbook.engine.revenue.estimating.estimates import Terms
from pointbook.engine.revenue.estimating.methods import estimate
from pointbook.engine.revenue.estimating.run_off import Bands, bands, run_off
from pointbook.engine.revenue.estimating.triangles import EstimateError, Triangle
from tests.engine.revenue.estimating.published import published, steady, triangle

PATTERN = (300, 150, 100, 50)


def test_what_is_left_follows_the_pattern():
    known = steady(months=6, life=4, pattern=PATTERN)
    found = run_off(estimate(triangle=known, method="chain_ladder", terms=Terms()))
    assert [one.expected for one in found.cohorts] == [
        (), (), (), (50,), (100, 50), (150, 100, 50),
    ]  # fmt: skip
    assert found.expected == (300, 150, 50)
    # The triangle ends with June.
    assert [month.month_on for month in found.months] == [date(2025, m, 1) for m in (7, 8, 9)]
    assert all(month.low == month.expected == month.high for month in found.months)


def test_the_curve_has_a_range():
    estimated = estimate(
        triangle=published("genins", issued=8_000_000), method="chain_ladder", terms=Terms()
    )
    found = run_off(estimated)
    assert sum(found.expected) == sum(one.ultimate - one.redeemed for one in estimated.cohorts)
    assert len(found.months) == 9
    assert all(month.low < month.expected < month.high for month in found.months)
    assert found.expected[0] == pytest.approx(5_226_536, abs=5)


def test_where_the_pattern_knows_nothing_it_is_even():
    known = triangle((0,), life=4)
    terms = Terms(prior=Decimal("0.5"))
    found = run_off(estimate(triangle=known, method="chain_ladder", terms=terms))
    assert found.expected == (167, 167, 166)
    nothing = Triangle(cohorts=(), life=4)
    assert run_off(estimate(triangle=nothing, method="chain_ladder", terms=terms)).months == ()


def test_bands_sum_to_the_liability():
    assert bands(liability=1000, expected_by_month=[1] * 36) == Bands(334, 333, 333)
    assert bands(liability=1000, expected_by_month=[1] * 12) == Bands(1000, 0, 0)
    found = bands(liability=101, expected_by_month=[0] * 12 + [1] * 24)
    assert found == Bands(0, 51, 50)
    assert (found.current, found.non_current) == (0, 101)
    # Nothing is expected: whoever comes has to be served.
    assert bands(liability=7, expected_by_month=[]) == Bands(7, 0, 0)
    assert bands(liability=0, expected_by_month=[0, 0]) == Bands(0, 0, 0)


def test_bands_as_a_filer_lays_them_out():
    # Super Hi International, 20-F for 2024: loyalty points in bands of one and two years.
    filed = [8_662, 2_898, 82]
    by_month = [filed[0], *[0] * 11, filed[1], *[0] * 11, filed[2]]
    assert list(bands(liability=11_642, expected_by_month=by_month)) == filed


def test_a_liability_below_nothing_has_no_bands():
    with pytest.raises(EstimateError, match="a liability of -1 has no bands"):
        bands(liability=-1, expected_by_month=[1])
