"""The chain ladder and Mack's standard errors: published results, tails, and thin data."""

from decimal import Decimal

import pytest

from pointbook.engine.revenue.estimating.chain_ladder import (
    MOST_TAIL,
    NEVER_TAIL,
    Standing,
    chain_ladder,
    fit,
    standard_errors,
    ultimates,
)
from pointbook.engine.revenue.estimating.triangles import Triangle
from tests.engine.revenue.estimating.published import (
    PUBLISHED,
    cohort,
    published,
    steady,
    triangle,
)

TENTH = Decimal("0.1")


@pytest.mark.parametrize("name", ["genins", "raa"])
def test_the_published_results(name):
    found = chain_ladder(published(name))
    assert found.reserve.quantize(TENTH) == Decimal(PUBLISHED[name]["reserve"])
    assert found.errors.total.quantize(TENTH) == Decimal(PUBLISHED[name]["error"])
    assert found.pattern.tail == 1
    assert found.pattern.settled


def test_the_published_factors():
    factors = [str(round(link.factor, 6)) for link in fit(published("raa")).links]
    assert factors == PUBLISHED["raa"]["factors"]


def test_the_published_standard_errors_of_each_cohort():
    # Mack 1993, table 3: in thousands.
    errors = chain_ladder(published("genins")).errors.cohorts
    assert [round(error / 1000) for error in errors] == [
        0, 76, 122, 134, 261, 411, 558, 875, 971, 1363,
    ]  # fmt: skip


def test_factors_weigh_by_volume():
    pattern = fit(triangle((100, 100, 0), (300, 100), (50,), life=2))
    assert [link.factor for link in pattern.links] == [Decimal("1.5")]
    assert pattern.links[0][:3] == (0, 400, 600)
    assert pattern.share(0).quantize(TENTH) == Decimal("0.7")
    assert pattern.share(1) == pattern.share(9) == 1
    assert pattern.end == 2


def test_what_expired_develops_no_further():
    known = triangle((100, 100, 0, 0), (100, 100, 0), (100, 100), (100,), life=2)
    assert ultimates(triangle=known, pattern=fit(known)) == (Decimal(200),) * 4


def test_sigma_of_short_triangles():
    # One cohort alone tells nothing of its spread: the last known one stands in, or none.
    assert [link.variance for link in fit(triangle((10, 5), (20,), life=2)).links] == [0]
    pattern = fit(triangle((10, 5, 5), (20, 30), (40,), life=3))
    first, second = (link.variance for link in pattern.links)
    assert first == second > 0
    # Mack's own rule from the third age on, here with no spread at the first.
    still = fit(triangle((10, 10, 5, 5), (10, 10, 9), (10, 10), (10,), life=4))
    assert [link.variance for link in still.links][0::2] == [0, 0]


def test_a_tail_follows_the_factors_and_ends_with_the_life():
    # Factors of 2, 1.5, 1.25 and so on: factor - 1 halves at each age.
    rows = [[2**20], [2**20] * 2]
    totals = [2**20]
    for age in range(6):
        totals.append(totals[-1] + totals[-1] // 2**age)
    rows = [totals[: len(totals) - month] for month in range(len(totals))]
    short = Triangle.from_cumulative(rows, life=10)
    pattern = fit(short)
    assert [link.seen for link in pattern.links] == [True] * 6 + [False] * 3
    assert pattern.links[6].factor == pytest.approx(1 + Decimal(2) ** -6, abs=Decimal("1E-4"))
    assert pattern.links[8].factor == pytest.approx(1 + Decimal(2) ** -8, abs=Decimal("1E-4"))
    assert pattern.end == 10
    assert pattern.shares[-1] == 1
    assert not pattern.settled
    assert 1 < pattern.tail < Decimal("1.03")


def test_a_tail_never_rises_and_at_most_doubles():
    rising = fit(triangle((10, 1, 5), (10, 1), (10,), life=9))
    rises = [link.factor for link in rising.links if not link.seen]
    assert rises == sorted(rises, reverse=True)
    assert rising.tail == MOST_TAIL
    assert rises[-1] == 1
    assert fit(triangle((10, 10), (10,), life=2)).tail == 1


def test_a_tail_of_one_factor_stays_level_and_none_is_left_where_use_has_stopped():
    level = [link.factor for link in fit(triangle((100, 10), (100,), life=4)).links]
    assert level == [Decimal("1.1")] * 3
    stopped = fit(triangle((10, 0), (10,), life=4))
    assert stopped.tail == 1
    assert [link.variance for link in stopped.links] == [0, 0, 0]


def test_points_that_never_expire_have_an_end():
    pattern = fit(steady(months=30, life=None, pattern=[max(200 >> age, 0) for age in range(30)]))
    assert pattern.end == 30 + NEVER_TAIL
    assert pattern.settled
    young = fit(steady(months=23, life=None, pattern=[200 >> age for age in range(23)]))
    assert not young.settled
    slow = fit(steady(months=30, life=None, pattern=[10] * 30))
    assert slow.tail > 1
    assert not slow.settled


def test_nothing_seen_is_nothing_known():
    one = fit(triangle((10,), life=3))
    assert list(one.shares) == [0, 0, 0]
    assert one.tail == 1
    assert fit(Triangle(cohorts=(), life=None)).end == 1 + NEVER_TAIL
    assert list(fit(triangle((10,), life=1)).shares) == [1]


def test_redemptions_that_begin_late_or_are_all_cancelled():
    late = triangle((0, 0, 30), (0, 0), (5,), life=3)
    pattern = fit(late)
    assert list(pattern.shares) == [0, 0, 1]
    assert list(ultimates(triangle=late, pattern=pattern)) == [30, 0, 5]
    undone = fit(triangle((10, -10, 0), (10, -10), (10,), life=3))
    assert list(undone.shares) == [1, 1, 1]
    assert undone.links[0].factor == 0
    errors = standard_errors(pattern=undone, standings=[Standing(0, Decimal(10))])
    assert errors.total == 0


def test_a_cohort_without_points_settles_nothing():
    empty = Triangle(cohorts=(cohort(0, (0, 0), issued=0), cohort(1, (5,))), life=2)
    assert not fit(empty).settled
    assert not fit(steady(months=30, life=None, pattern=[0] * 30, issued=0)).settled
