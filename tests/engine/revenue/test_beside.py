"""Spans of time, shares of points sold, taxes and currencies."""

import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointbook.engine.revenue.coalition import Elements, breakage_of, share_price
from pointbook.engine.revenue.currency import MONETARY_ACCOUNTS, Pair, loss
from pointbook.engine.revenue.over_time import ScheduleError, Span, by_years, part
from pointbook.engine.revenue.tax import when_given, when_used

JANUARY = date(2025, 1, 1)
days = st.integers(1, 800)
amounts = st.integers(-100_000, 100_000)


def test_a_year_is_earned_by_the_day():
    # 120.00 for 365 days: January has 31, 120.00 x 31 / 365 = 10.19.
    year = Span(amount=12_000, from_on=JANUARY, until_on=date(2026, 1, 1))
    assert year.earned(date(2025, 2, 1)) == 1_019
    assert year.earned(date(2024, 12, 1)) == 0
    assert year.earned(date(2026, 5, 1)) == 12_000
    assert year.left(date(2025, 2, 1)) == 10_981


@pytest.mark.parametrize(
    ("until", "worth"),
    [("2025-01-01", 0), ("2026-01-01", 1_200), ("2026-01-02", 1_203), ("2027-07-02", 2_998)],
)
def test_days_at_the_value_of_a_year(until, worth):
    until_on = date.fromisoformat(until)
    assert by_years(value=1_200, from_on=JANUARY, until_on=until_on) == worth


@given(amounts, days, st.lists(days, max_size=12))
def test_months_add_up_to_the_amount(amount, length, cuts):
    span = Span(amount=amount, from_on=JANUARY, until_on=JANUARY + timedelta(length))
    edges = [JANUARY, *sorted(JANUARY + timedelta(cut) for cut in cuts), date(2030, 1, 1)]
    pieces = [span.between(a, b) for a, b in itertools.pairwise(edges)]
    assert sum(pieces) == amount


@given(st.integers(0, 100_000), days, st.integers(0, 900), days)
def test_what_is_given_back_leaves_what_was_earned(amount, length, on, later):
    span = Span(amount=amount, from_on=JANUARY, until_on=JANUARY + timedelta(length))
    day = JANUARY + timedelta(on)
    back = span.given_back(day)
    if back is None:
        assert day >= span.until_on
        return
    by = day + timedelta(later)
    assert abs(span.earned(by) + back.earned(by) - span.earned(day)) <= 1
    assert span.amount + back.amount == span.earned(day)


def test_a_span_has_days():
    with pytest.raises(ScheduleError, match="there is no day"):
        Span(amount=1, from_on=JANUARY, until_on=JANUARY)
    assert part(amount=10, passed=1, whole=3) == 3


def test_points_sold_are_shared_by_stand_alone_prices():
    # 100.00 for points worth 90.00, marketing 20.00 and a brand of 10.00: of 120.00.
    assert share_price(price=10_000, alone=Elements(9_000, 2_000, 1_000)) == (7_500, 1_667, 833)
    assert share_price(price=10_000, alone=Elements(0, 0)) == Elements(10_000, 0)
    assert breakage_of(element=7_500, rate=Decimal("0.72")) == 2_100


@pytest.mark.parametrize(
    ("award", "gross", "tax"),
    [("discount", 5_000, 833), ("nothing", 6_000, 1_000), ("voucher", 5_800, 967)],
)
def test_what_is_taxed_when_points_pay(award, gross, tax):
    # 60.00 of which points pay 10.00; 8.00 was deferred for them when they were given.
    rate = Decimal("0.20")
    found = when_used(price=6_000, points_value=1_000, rate=rate, award=award, deferred=800)
    assert (found.gross, found.tax, found.net) == (gross, tax, gross - tax)


def test_only_a_voucher_waits_with_its_tax():
    rate = Decimal("0.20")
    for award, gross in [("discount", 12_000), ("nothing", 12_000), ("voucher", 11_400)]:
        assert when_given(price=12_000, deferred=600, rate=rate, award=award).gross == gross


def test_money_is_remeasured_and_promises_of_goods_are_not():
    pair = Pair(places=2, own_places=0)  # dollars in the books of Japan
    before, now = Decimal(150), Decimal("153.5")
    assert loss(10_000, before=before, now=now, pair=pair) == 350  # a payable costs more
    assert loss(-10_000, before=before, now=now, pair=pair) == -350  # a receivable brings more
    assert {"2200", "2400", "1150"} <= set(MONETARY_ACCOUNTS)
    assert not {"2100", "2110", "2120", "2130", "2150", "2300", "2700"} & set(MONETARY_ACCOUNTS)


@given(amounts, st.lists(st.decimals("0.01", "200", places=4), min_size=2, max_size=9))
def test_losses_of_months_add_up(balance, rates):
    pair = Pair(2, 2)
    steps = itertools.pairwise(rates)
    assert sum(loss(balance, before=a, now=b, pair=pair) for a, b in steps) == loss(
        balance, before=rates[0], now=rates[-1], pair=pair
    )
