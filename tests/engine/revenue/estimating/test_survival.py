"""Discrete hazards: what is at risk, what competes, and where it ends."""

from decimal import Decimal

import pytest

from pointbook.engine.revenue.estimating.chain_ladder import NEVER_TAIL
from pointbook.engine.revenue.estimating.estimates import Terms
from pointbook.engine.revenue.estimating.methods import estimate
from pointbook.engine.revenue.estimating.survival import hazards
from pointbook.engine.revenue.estimating.triangles import Triangle
from tests.engine.revenue.estimating.published import cohort, triangle


def test_a_hazard_is_of_the_points_at_risk():
    known = triangle((500, 250, 0), (500, 250), (100,), life=2)
    first, second = hazards(known).hazards
    assert first.redeemed == pytest.approx(Decimal(1100) / 3000)
    assert first.expired == 0
    assert second.redeemed == Decimal("0.5")
    assert second.spread == 0
    # 900 are left, and half of them are expected to be used.
    assert hazards(known).remaining(known.cohorts[2]) == 450


def test_expiry_competes():
    known = Triangle(
        cohorts=(
            cohort(0, (0, 200, 100), expired=(0, 400, 0)),
            cohort(1, (0, 200), expired=(0, 400)),
            cohort(2, (0,), expired=(0,)),
        ),
        life=3,
    )
    survival = hazards(known)
    assert [str(one.expired) for one in survival.hazards] == ["0", "0.4", "0"]
    assert survival.hazards[2].redeemed == Decimal("0.25")
    # 1000 at risk: 200 used, 400 expired; then a quarter of 400.
    assert survival.remaining(known.cohorts[2]) == 300


def test_the_range_shifts_all_hazards_by_what_cohorts_differ():
    known = triangle((0, 600, 0), (0, 400), (0,), life=2)
    survival = hazards(known)
    # Weighted: sqrt of (100^2 / 1000 x 2) / 2000 x 2 / 1 = 0.1414.
    assert survival.hazards[1].spread == pytest.approx(Decimal("0.02").sqrt())
    found = estimate(triangle=known, method="hazard", terms=Terms(deviations=Decimal(1)))
    last = found.cohorts[-1]
    assert [str(rate) for rate in (last.low, last.rate, last.high)] == [
        "0.35857864", "0.50000000", "0.64142136",
    ]  # fmt: skip
    assert [str(rate) for rate in (found.low, found.rate, found.high)] == [
        "0.45285955", "0.50000000", "0.54714045",
    ]  # fmt: skip
    assert [tuple(one) for one in found.factors] == [(0, 0, True), (1, Decimal("0.5"), True)]


def test_ages_that_nobody_reached_get_the_last_year_together():
    never = triangle((100, 90), (100,), life=None)
    survival = hazards(never)
    assert len(survival.hazards) == 2 + NEVER_TAIL
    assert survival.hazards[5].redeemed == Decimal(290) / 2900
    assert not survival.hazards[5].seen
    assert 0 < survival.remaining(never.cohorts[0]) < 810


def test_nothing_at_risk_and_more_cancelled_than_used():
    gone = triangle((1000, 0, -100), (1000, 0), (1000,), life=3)
    assert [one.redeemed for one in hazards(gone).hazards] == [1, 0, 0]
    assert len(hazards(Triangle(cohorts=(), life=3)).hazards) == 3
