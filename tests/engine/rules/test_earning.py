"""What a fact earns: rates, roundings, chosen lines, days in force, several rules and units."""

from datetime import UTC, date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointbook.engine.rules.blueprint import Test
from pointbook.engine.rules.earning import Reason, base_of, compile_rule, compile_rules
from pointbook.engine.values.facts import Line, Tender
from tests.engine.sketches import blueprint, buy, fact, rule, unit


def given_for(terms, one, zone=UTC):
    reason = compile_rule(terms, zone=zone)(one)
    return None if reason is None else reason.points


@pytest.mark.parametrize(
    ("rounding", "spend", "points"),
    [
        ("floor", 1999, 19),
        ("floor", 99, 0),
        ("nearest", 1949, 19),
        ("nearest", 1950, 20),  # halves up
        ("nearest", 50, 1),
        ("ceiling", 1901, 20),
        ("ceiling", 1900, 19),
        ("ceiling", 0, 0),
    ],
)
def test_one_point_a_dollar_is_rounded_once_a_basket(rounding, spend, points):
    assert given_for(rule(rounding=rounding), buy("1", "2025-01-01", spend)) == points


@pytest.mark.parametrize(
    ("points", "per", "spend", "given"),
    [
        (3, 200, 999, 14),  # 3 for every $2.00 of $9.99: 14.985
        (125, 100, 999, 1248),  # 1.25 of a unit with two decimals for every $1.00: 12.48
        (1, 1000, 99999, 99),
        (50, 0, 99999, 50),  # a fixed award
        (50, 0, 0, 50),
    ],
)
def test_rates_and_fixed_awards(points, per, spend, given):
    assert given_for(rule(points=points, per=per), buy("1", "2025-01-01", spend)) == given


def test_tax_delivery_and_stored_value_are_out_of_the_base():
    """A bill of $59.90: $9.50 tax, $4.90 delivery, $10.00 paid from a gift card: $35.50 earns."""
    bill = buy(
        *("1", "2025-01-01", 5990),
        tax=950,
        delivery=490,
        tenders=(Tender("card", 4990), Tender("stored_value", 1000)),
    )
    assert compile_rule(rule(), zone=UTC)(bill) == Reason("purchases", "points", 3550, 35)
    paid_with_points = buy("2", "2025-01-01", 1000, tenders=(Tender("points", 1000),))
    assert given_for(rule(), paid_with_points) == 10


CARE = Test("category", "is", "care")
BASKET = (
    Line(category="care", amount=1250),
    Line(category="food", amount=4000),
    Line(category="care", amount=800),
)


@pytest.mark.parametrize(
    ("total", "tax", "base"),
    [
        (6050, 0, 2050),  # the two lines
        (1500, 0, 1500),  # a coupon of $45.50: never more than the basket
        (2500, 2600, 0),
    ],
)
def test_chosen_lines_make_the_base(total, tax, base):
    bill = buy("1", "2025-01-01", total, tax=tax, lines=BASKET)
    assert base_of(rule(lines=CARE))(bill) == base


def test_returned_lines_are_no_negative_base():
    refund = buy("1", "2025-01-01", 500, lines=(Line(category="care", amount=-300),))
    assert base_of(rule(lines=CARE))(refund) == 0


def test_a_condition_that_does_not_hold_gives_nothing():
    only_web = rule(when=Test("channel", "is", "web"))
    assert given_for(only_web, buy("1", "2025-01-01", 1000, channel="web")) == 10
    assert given_for(only_web, buy("2", "2025-01-01", 1000, channel="shop")) is None


@pytest.mark.parametrize(
    ("when", "from_on", "until_on", "given"),
    [
        ("2025-03-08 23:59:59", date(2025, 3, 9), None, None),
        ("2025-03-09 00:00", date(2025, 3, 9), None, 10),
        ("2025-03-09 23:59:59", None, date(2025, 3, 9), 10),  # the last day is included
        ("2025-03-10 00:00", None, date(2025, 3, 9), None),
        ("2025-03-09 12:00", date(2025, 3, 9), date(2025, 3, 9), 10),
    ],
)
def test_a_campaign_is_in_force_on_days_of_the_programs_zone(when, from_on, until_on, given):
    """New York springs forward on 9 March 2025: that day has 23 hours."""
    terms = rule(from_on=from_on, until_on=until_on)
    one = buy("1", when, 1000, zone="America/New_York")
    assert given_for(terms, one, ZoneInfo("America/New_York")) == given


def test_every_rule_that_matches_gives_its_points_in_the_order_of_the_document():
    terms = blueprint(
        units=(unit("points"), unit("stars", decimals=1)),
        earn=(
            rule("base"),
            rule("bonus", per=0, points=5, unit="stars"),
            rule("hello", on="sign_up", per=0, points=100),
        ),
    )
    by_type = compile_rules(terms, zone=UTC)
    assert [judge(buy("1", "2025-01-01", 777)) for judge in by_type["purchase"]] == [
        Reason("base", "points", 777, 7),
        Reason("bonus", "stars", 777, 5),
    ]
    hello = fact("2", "2025-01-01", "sign_up")
    assert [judge(hello) for judge in by_type["sign_up"]] == [Reason("hello", "points", 0, 100)]
    assert set(by_type) == {"purchase", "sign_up"}


@given(st.integers(0, 10**9), st.integers(1, 10**6), st.integers(1, 10**6))
def test_roundings_stand_around_the_exact_number(spend, points, per):
    exact = Decimal(spend) * points / per
    bill = buy("1", "2025-01-01", spend)
    floor, nearest, ceiling = (
        given_for(rule(points=points, per=per, rounding=way), bill)
        for way in ("floor", "nearest", "ceiling")
    )
    assert floor <= exact <= ceiling
    assert ceiling - floor in (0, 1)
    assert abs(nearest - exact) <= Decimal("0.5")
