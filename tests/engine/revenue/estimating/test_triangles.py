"""Issue-month triangles: what they hold, what they refuse, and their hash."""

from dataclasses import replace
from datetime import date

import pytest

from pointbook.engine.revenue.estimating.triangles import (
    Cohort,
    EstimateError,
    Triangle,
    data_hash,
)
from tests.engine.revenue.estimating.published import JANUARY, cohort, published, triangle


def test_a_triangle_of_published_totals():
    genins = published("genins")
    assert genins.life == genins.ages == 10
    assert genins.cohorts[0].redeemed[:2] == (357_848, 766_940)
    assert genins.cumulative[1][:2] == (352_118, 1_236_139)
    assert genins.latest[0] == 3_901_463
    assert genins.latest[-1] == 344_014
    assert [genins.has_run_off(one) for one in genins.cohorts] == [True] + [False] * 9
    assert genins.cohorts[-1].issued_on == date(2000, 10, 1)


def test_a_triangle_longer_than_its_life_is_cut():
    known = triangle((10, 5, 0, 0), (10, 4, 0), life=2)
    assert known.ages == 2
    assert known.cumulative == ((10, 15), (10, 14))
    assert triangle((10, 5), life=None).cumulative == ((10, 15),)
    assert Triangle(cohorts=(), life=3).ages == 0


def test_months_without_points_may_be_missing_and_the_order_is_kept():
    young, old = cohort(2, (1,)), cohort(0, (1, 2, 3))
    known = Triangle(cohorts=(young, old), life=None)
    assert known.cohorts == (old, young)
    assert not known.has_run_off(old)


def test_the_last_diagonal_dropped():
    known = Triangle(
        cohorts=(
            cohort(0, (100, -100, 0), issued=0, expired=(0, 0, 0)),
            cohort(1, (3, 4), issued=7),
            cohort(2, (5,)),
        ),
        life=3,
    )
    earlier = known.without_last_diagonal()
    assert [one.redeemed for one in earlier.cohorts] == [(100, -100), (3,)]
    assert [one.issued for one in earlier.cohorts] == [0, 7]
    # The claw-back of the points that a cancelled burn put back was not known then.
    assert [one.issued for one in earlier.without_last_diagonal().cohorts] == [100]
    assert published("raa").without_last_diagonal().cohorts[0].issued is None


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"redeemed": ()}, "redeemed", "has no age"),
        ({"redeemed": (5, -6)}, "redeemed", "is below 0"),
        ({"issued": -1, "redeemed": (0,)}, "redeemed", "is below 0"),
        ({"redeemed": (5, 6), "issued": 10}, "redeemed", "lost 11 of 10 points"),
        ({"expired": (1,)}, "expired", "2 ages of redemptions and 1 of expiries"),
        ({"expired": (1, -2)}, "redeemed", "is below 0"),
        ({"expired": (0, 996)}, "redeemed", "lost 1001 of 1000 points"),
    ],
)
def test_cohorts_that_contradict_themselves(wrong, field, message):
    sound = {"issued_on": JANUARY, "issued": 1000, "redeemed": (2, 3)}
    with pytest.raises(EstimateError, match=message) as refused:
        Cohort(**{**sound, **wrong})
    assert refused.value.field == field
    assert "2025-01" in refused.value.message
    assert refused.value.mend


@pytest.mark.parametrize(
    ("cohorts", "life", "field", "message"),
    [
        ((cohort(0, (1, 2)), cohort(1, (1, 2))), 5, "redeemed", "seen to 2025-03"),
        ((cohort(0, (1, 2)), cohort(0, (1, 3))), 5, "issued_on", "there twice"),
        ((cohort(0, (1, 2, 3)),), 2, "redeemed", "used after its life of 2 ages"),
        ((cohort(0, (1, 2)),), 0, "life", "a life of 0"),
        (
            (replace(cohort(0, (1, 2)), issued_on=date(2025, 1, 2)),),
            2,
            "issued_on",
            "within the month",
        ),
    ],
)
def test_triangles_that_contradict_themselves(cohorts, life, field, message):
    with pytest.raises(EstimateError, match=message) as refused:
        Triangle(cohorts=cohorts, life=life)
    assert refused.value.field == field


def test_a_burn_cancelled_after_expiry_is_no_use_after_expiry():
    assert triangle((10, 5, -1), life=2).cohorts[0].used == 14


def test_the_hash_is_of_the_data_and_of_nothing_else():
    known = triangle((10, 5), (7,), life=3)
    again = Triangle(cohorts=known.cohorts[::-1], life=3)
    assert data_hash(known) == data_hash(again)
    assert len(data_hash(known)) == 32
    others = [
        replace(known, life=None),
        triangle((10, 5), (8,), life=3),
        triangle((10, 5), (7,), life=3, issued=1001),
        triangle((10, 5), (7,), life=3, issued=None),
        Triangle(cohorts=(cohort(0, (10, 5), expired=(0, 0)), known.cohorts[1]), life=3),
    ]
    assert len({data_hash(one) for one in [known, *others]}) == 6


def test_the_hash_stays_what_it_was():
    """Estimates keep it: another text would make old ones look as if their data had changed."""
    assert data_hash(triangle((10, 5), (7,), life=3)).hex() == (
        "46cf19becf1ec478a0d8c387d66e8ecbf73279f9f3e599a676e5268031de5c9f"
    )
