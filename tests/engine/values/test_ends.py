"""The first day without points: every kind of lifetime, rounded up or not."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointbook.engine.rules.blueprint import Expiry
from pointbook.engine.values.ends import ENDS, gone_on


def gone(expiry, earned, *, joined=None):
    end = gone_on(
        expiry,
        earned_on=date.fromisoformat(earned),
        joined_on=None if joined is None else date.fromisoformat(joined),
    )
    return None if end is None else end.isoformat()


@pytest.mark.parametrize(
    ("kind", "n", "earned", "end"),
    [
        # n days: D and the n - 1 days after it. Voucherify: what lasts "0 months" and was earned on
        # 1 January is gone at 00:00 on 2 January.
        ("days", 1, "2025-01-01", "2025-01-02"),
        ("days", 180, "2017-01-01", "2017-06-30"),
        ("inactivity_days", 365, "2025-01-01", "2026-01-01"),
        # n months: the same day, or the month's end.
        ("months", 1, "2025-01-31", "2025-02-28"),
        ("months", 1, "2024-01-31", "2024-02-29"),
        ("months", 12, "2024-02-29", "2025-02-28"),
        ("inactivity_months", 12, "2025-07-06", "2026-07-06"),
        # the end of the nth month or year after D's own.
        ("end_of_month", 0, "2025-01-31", "2025-02-01"),
        ("end_of_month", 1, "2025-01-31", "2025-03-01"),
        ("end_of_year", 0, "2025-01-01", "2026-01-01"),
        ("end_of_year", 0, "2025-12-31", "2026-01-01"),
        ("end_of_year", 1, "2025-12-31", "2027-01-01"),
        # nobody knows when the member joined.
        ("membership_year", 0, "2025-06-01", "2026-01-01"),
    ],
)
def test_days_months_and_years(kind, n, earned, end):
    assert gone(Expiry(kind, n), earned) == end


@pytest.mark.parametrize(
    ("n", "earned", "joined", "end"),
    [
        (0, "2025-06-01", "2023-03-10", "2026-03-10"),
        (0, "2025-03-09", "2023-03-10", "2025-03-10"),
        (0, "2025-03-10", "2023-03-10", "2026-03-10"),
        (1, "2025-06-01", "2023-03-10", "2027-03-10"),
        (0, "2023-03-10", "2023-03-10", "2024-03-10"),
        # before they joined: the year that the day of joining ends.
        (0, "2023-03-01", "2023-03-10", "2023-03-10"),
        # 29 February comes round on the 28th.
        (0, "2025-02-27", "2024-02-29", "2025-02-28"),
        (0, "2027-03-01", "2024-02-29", "2028-02-29"),
    ],
)
def test_years_of_membership_end_on_the_day_of_joining(n, earned, joined, end):
    assert gone(Expiry("membership_year", n), earned, joined=joined) == end


@pytest.mark.parametrize(
    ("n", "month", "day", "earned", "end"),
    [
        (0, 12, 31, "2025-03-01", "2026-01-01"),
        (0, 12, 31, "2025-12-31", "2026-01-01"),  # its day is the last one
        (1, 12, 31, "2025-03-01", "2027-01-01"),
        (0, 6, 30, "2025-06-30", "2025-07-01"),
        (0, 6, 30, "2025-07-01", "2026-07-01"),
        (0, 2, 29, "2025-01-01", "2025-03-01"),  # the last of February
        (0, 2, 29, "2025-03-01", "2026-03-01"),
        (2, 2, 29, "2025-03-01", "2028-03-01"),
    ],
)
def test_a_date_of_the_year_is_the_last_day_of_points(n, month, day, earned, end):
    assert gone(Expiry("on_date", n, month=month, day=day), earned) == end


@pytest.mark.parametrize(
    ("n", "day", "earned", "end"),
    [
        # Dell Rewards "expire on the 15th of the fourth month following" the one they were earned
        # in: https://www.dell.com/en-nz/lp/dell-rewards
        (4, 15, "2025-11-01", "2026-03-15"),
        (4, 15, "2025-11-30", "2026-03-15"),
        (3, 31, "2025-11-30", "2026-02-28"),
        (0, 15, "2025-11-14", "2025-11-15"),
        (0, 15, "2025-11-15", "2025-12-15"),  # this month's is over: the next one
        (0, 31, "2025-04-30", "2025-05-31"),
    ],
)
def test_points_are_gone_on_a_day_of_a_month(n, day, earned, end):
    assert gone(Expiry("on_day", n, day=day), earned) == end


@pytest.mark.parametrize(
    ("expiry", "earned", "end"),
    [
        # Square: with P12M points earned on 6 July 2020 are gone on 1 August 2021.
        # https://developer.squareup.com/reference/square/objects/LoyaltyProgramExpirationPolicy
        (Expiry("months", 12, rounded_up_to="month"), "2020-07-06", "2021-08-01"),
        (Expiry("months", 12, rounded_up_to="month"), "2020-07-01", "2021-08-01"),
        (Expiry("months", 12, rounded_up_to="month"), "2020-07-31", "2021-08-01"),
        (Expiry("months", 12, rounded_up_to="year"), "2020-07-06", "2022-01-01"),
        (Expiry("months", 12, rounded_up_to="year"), "2020-01-01", "2022-01-01"),
        (Expiry("days", 30, rounded_up_to="month"), "2025-01-01", "2025-02-01"),
        (Expiry("days", 30, rounded_up_to="month"), "2025-01-02", "2025-03-01"),
        (Expiry("inactivity_months", 24, rounded_up_to="year"), "2025-05-05", "2028-01-01"),
        (Expiry("on_day", 4, day=15, rounded_up_to="month"), "2025-11-30", "2026-04-01"),
        # The end of a month is in that month already, a date on its last day too.
        (Expiry("end_of_month", 6, rounded_up_to="month"), "2025-01-10", "2025-08-01"),
        (Expiry("end_of_month", 6, rounded_up_to="year"), "2025-01-10", "2026-01-01"),
        (Expiry("end_of_year", 1, rounded_up_to="year"), "2025-01-10", "2027-01-01"),
        (Expiry("end_of_year", 1, rounded_up_to="month"), "2025-01-10", "2027-01-01"),
        (Expiry("on_date", 0, 12, 31, rounded_up_to="month"), "2025-01-10", "2026-01-01"),
        (Expiry("on_date", 0, 6, 15, rounded_up_to="month"), "2025-01-10", "2025-07-01"),
    ],
)
def test_ends_are_put_off_to_the_end_of_the_month_or_year(expiry, earned, end):
    assert gone(expiry, earned) == end


def test_a_year_of_membership_is_rounded_up_too():
    expiry = Expiry("membership_year", 0, rounded_up_to="month")
    assert gone(expiry, "2025-06-01", joined="2023-03-10") == "2026-04-01"


def test_some_points_never_expire():
    assert gone(Expiry(), "2025-01-01") is None
    assert gone(Expiry(rounded_up_to="year"), "2025-01-01") is None


DATES = st.dates(date(2000, 1, 1), date(2060, 12, 31))
EXPIRIES = st.builds(
    Expiry,
    st.sampled_from(sorted(ENDS)),
    st.integers(1, 60),
    month=st.integers(1, 12),
    day=st.integers(1, 31),
    rounded_up_to=st.sampled_from(["", "month", "year"]),
)


@given(EXPIRIES, DATES, st.none() | DATES)
def test_points_live_on_their_day_and_younger_ones_no_shorter(expiry, earned, joined):
    end = gone_on(expiry, earned_on=earned, joined_on=joined)
    later = gone_on(expiry, earned_on=earned + timedelta(days=1), joined_on=joined)
    assert end is not None
    assert later is not None
    assert earned < end <= later
    if expiry.rounded_up_to:
        assert end.day == 1
    if expiry.rounded_up_to == "year":
        assert end.month == 1
