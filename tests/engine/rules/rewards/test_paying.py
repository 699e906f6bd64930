"""Paying part of an order with points: least, most, steps, shares, what is left to pay."""

from decimal import Decimal

import pytest

from pointbook.engine.rules.catalogue import Paying
from pointbook.engine.rules.rewards.paying import amount_for, payable, points_for, refused
from tests.engine.rules.rewards.shop import line, order, program, reward, situation, unit

CENT = program(units=(unit(),))
PLAIN = Paying("points")
FACT = order(line("a", 10_000, tax=2000), tax=2000, delivery=500)


def pays(terms=PLAIN, *, fact=FACT, points=100_000, value="0.01", **more):
    blueprint = program(*more.pop("rewards", ()), units=(unit(value=value),))
    return payable(terms, situation(blueprint, fact, points=points, **more))


@pytest.mark.parametrize(
    ("terms", "most"),
    [
        (PLAIN, 12_500),
        (Paying("points", tax=False), 10_500),
        (Paying("points", delivery=False), 12_000),
        (Paying("points", tax=False, delivery=False), 10_000),
        (Paying("points", share=Decimal(30)), 3750),
        (Paying("points", share=Decimal("33.33"), step=100), 4100),
        (Paying("points", leave=5000), 7500),
        (Paying("points", share=Decimal(80), leave=5000), 7500),
        (Paying("points", step=1000), 12_000),
    ],
)
def test_how_much_of_an_order_points_may_pay(terms, most):
    can = pays(terms)
    assert (can.most, can.amount, can.missing) == (most, most, ())


def test_the_balance_is_a_limit_and_steps_are_whole():
    can = pays(Paying("points", minimum=250, step=100), points=777)
    assert (can.least, can.most, can.step, can.amount) == (300, 700, 100, 700)


def test_without_an_order_only_the_balance_is_a_limit():
    can = pays(Paying("points", leave=5000, share=Decimal(1), step=10), fact=order(), points=777)
    assert (can.most, can.amount, can.missing) == (770, 770, ())


def test_no_more_points_than_pay():
    """Of points of a third of a cent, the fewest that pay the most."""
    can = pays(points=200, value="0.003333333")
    assert (can.least, can.most, can.amount) == (3, 198, 66)
    can = pays(Paying("points", step=10), points=200, value="0.003333333")
    assert (can.least, can.most, can.amount) == (10, 200, 66)


def test_rewards_claimed_before_leave_less_to_pay():
    own = reward(value=9500)
    can = pays(rewards=(own,), claimed=("five-off",))
    assert can.most == 3000


@pytest.mark.parametrize(
    ("terms", "points", "code", "message"),
    [
        (
            Paying("points", minimum=500),
            499,
            "insufficient_balance",
            "at least 500 points are needed, 499 points can be used",
        ),
        (
            Paying("points", leave=12_500),
            900,
            "nothing_left_to_pay",
            "there is nothing left to pay with points",
        ),
        (
            Paying("points", minimum=500, leave=12_400),
            900,
            "minimum_order",
            "the order is too small to be paid with 500 points, the fewest that can be used",
        ),
    ],
)
def test_why_nothing_may_be_paid(terms, points, code, message):
    can = pays(terms, points=points)
    assert (can.most, can.amount) == (0, 0)
    assert [(one.code, one.message) for one in can.missing] == [(code, message)]
    assert refused(can, 1, situation=situation(CENT, FACT)) == can.missing


@pytest.mark.parametrize(
    ("points", "code"),
    [
        (300, None),
        (700, None),
        (99_999_999, "insufficient_balance"),
        (200, "too_few"),
        (0, "too_few"),
        (-100, "too_few"),
        (800, "too_many"),
        (350, "step"),
    ],
)
def test_points_are_refused_with_what_may_be_paid(points, code):
    here = situation(CENT, FACT)
    can = payable(Paying("points", minimum=250, step=100, leave=11_800), here)
    told = refused(can, points, situation=here)
    assert [one.code for one in told] == ([code] if code else [])
    assert all(one.mend for one in told)


@pytest.mark.parametrize(
    ("value", "decimals", "points", "amount"),
    [
        ("0.02", 0, 5, 10),
        ("1", 2, 105, 105),
        ("0.007", 0, 3, 2),
        ("0.003333", 0, 300, 99),  # too few digits to be a third
        ("0.00333333", 0, 300, 100),
        ("0.123456789", 0, 10, 123),
        ("0.00654321", 0, 100, 65),  # many digits, and yet no such fraction
    ],
)
def test_what_points_pay(value, decimals, points, amount):
    blueprint = program(units=(unit(value=value, decimals=decimals),))
    assert amount_for(PLAIN, points, blueprint=blueprint) == amount
    least = points_for(PLAIN, amount, blueprint=blueprint)
    assert least <= points
    assert amount_for(PLAIN, least, blueprint=blueprint) >= amount
