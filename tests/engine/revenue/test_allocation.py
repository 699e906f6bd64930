"""Shares of a price: nothing lost, nothing invented, the formula to the minor unit."""

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointbook.engine.revenue.allocation import (
    AllocationError,
    PointsPromise,
    allocate,
    point_price,
)

prices = st.tuples(st.integers(0, 10_000), st.integers(1, 10_000))
promises = st.lists(st.builds(PointsPromise, st.integers(0, 100_000), prices), max_size=5)
money = st.integers(0, 10**9)


def half_up(value):
    return floor(value + Fraction(1, 2))


@given(money, money, promises)
def test_points_get_their_part_and_nothing_is_lost(price, stand_alone, points):
    parts = allocate(price=price, stand_alone=stand_alone, points=points)
    worths = [promise.points * Fraction(*promise.price) for promise in points]
    worth = sum(worths)
    total = half_up(price * worth / (stand_alone + worth)) if worth else 0
    assert sum(parts) == total <= price
    for part, own in zip(parts, worths, strict=True):
        assert abs(part - (total * own / worth if worth else 0)) < 1


@given(money, money, promises)
def test_a_second_award_worth_nothing_changes_nothing(price, stand_alone, points):
    alone = allocate(price=price, stand_alone=stand_alone, points=points)
    worthless = PointsPromise(50, (0, 1))
    assert allocate(price=price, stand_alone=stand_alone, points=[*points, worthless]) == (
        *alone,
        0,
    )


def test_a_line_sold_for_nothing_allocates_nothing():
    one = PointsPromise(10, (19, 10))
    assert allocate(price=0, stand_alone=0, points=[one]) == (0,)
    assert allocate(price=0, stand_alone=0, points=[PointsPromise(10, (0, 1))]) == (0,)
    assert allocate(price=0, stand_alone=500, points=[one, one]) == (0, 0)
    assert allocate(price=500, stand_alone=500, points=[]) == ()


@pytest.mark.parametrize(("price", "stand_alone"), [(-1, 100), (100, -1)])
def test_a_negative_price_is_refused(price, stand_alone):
    with pytest.raises(AllocationError):
        allocate(price=price, stand_alone=stand_alone, points=[])


@pytest.mark.parametrize(
    ("value", "rate", "places", "decimals", "price"),
    [
        ("1", "0.95", 0, 0, (19, 20)),
        ("0.02", "1", 2, 0, (2, 1)),
        ("0.02", "0.8", 2, 2, (2, 125)),  # hundredths of a point
        ("1", "0", 3, 0, (0, 1)),
    ],
)
def test_the_price_of_a_point(value, rate, places, decimals, price):
    made = point_price(value=Decimal(value), rate=Decimal(rate), places=places, decimals=decimals)
    assert made == price
