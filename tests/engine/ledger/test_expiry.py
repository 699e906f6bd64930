"""When points are gone: from midnight of a day, in zones whose clocks change."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointbook.engine.ledger.expiry import Term
from pointbook.engine.rules.blueprint import Expiry
from pointbook.engine.values.calendar import day_of
from pointbook.engine.values.ends import ENDS, gone_on
from tests.engine.sketches import at

UTC = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("kind", "n", "zone", "earned", "gone"),
    [
        # n days: usable up to and including D + n - 1.
        ("days", 180, "UTC", "2017-01-01 00:00", "2017-06-30T00:00:00+00:00"),
        ("days", 180, "UTC", "2017-01-01 23:59:59", "2017-06-30T00:00:00+00:00"),
        ("days", 1, "America/New_York", "2025-03-08 23:30", "2025-03-09T00:00:00-05:00"),
        ("days", 1, "America/New_York", "2025-03-09 00:30", "2025-03-10T00:00:00-04:00"),
        ("days", 30, "Europe/Berlin", "2025-10-20 12:00", "2025-11-19T00:00:00+01:00"),
        ("days", 90, "Europe/Istanbul", "2025-01-15 12:00", "2025-04-15T00:00:00+03:00"),
        # n months: the same day, or the month's end.
        ("months", 1, "UTC", "2025-01-31 10:00", "2025-02-28T00:00:00+00:00"),
        ("months", 1, "UTC", "2024-01-31 10:00", "2024-02-29T00:00:00+00:00"),
        ("months", 6, "America/New_York", "2025-01-15 10:00", "2025-07-15T00:00:00-04:00"),
        ("months", 12, "Europe/Berlin", "2024-02-29 10:00", "2025-02-28T00:00:00+01:00"),
        # the end of month n after the month of earning.
        ("end_of_month", 0, "UTC", "2025-01-31 23:59:59", "2025-02-01T00:00:00+00:00"),
        ("end_of_month", 1, "UTC", "2025-01-31 10:00", "2025-03-01T00:00:00+00:00"),
        ("end_of_month", 12, "Europe/Berlin", "2025-03-30 10:00", "2026-04-01T00:00:00+02:00"),
        ("end_of_month", 2, "America/New_York", "2025-09-01 00:30", "2025-12-01T00:00:00-05:00"),
        # the end of the year.
        ("end_of_year", 1, "Europe/Berlin", "2025-12-31 23:59:59", "2027-01-01T00:00:00+01:00"),
    ],
)
def test_points_are_gone_from_midnight(kind, n, zone, earned, gone):
    end = Term(Expiry(kind, n), zone=ZoneInfo(zone))(at(earned, zone))
    assert end is not None
    assert end.astimezone(ZoneInfo(zone)).isoformat() == gone


def test_an_instant_is_judged_by_the_day_of_the_zone():
    """3:00 UTC on 1 March is still February in New York."""
    term = Term(Expiry("end_of_month"), zone=ZoneInfo("America/New_York"))
    assert term(at("2025-03-01 03:00")) == at("2025-03-01 05:00")


def test_each_member_has_years_of_their_own():
    """Joined at 3:00 UTC on 1 March: in New York that is the last of February."""
    term = Term(Expiry("membership_year"), zone=ZoneInfo("America/New_York"))
    when = at("2025-06-01 12:00")
    assert term(when, joined_at=at("2023-03-10")) == at("2026-03-09 04:00")
    assert term(when, joined_at=at("2023-03-01 03:00")) == at("2026-02-28 05:00")
    assert term(when) == at("2026-01-01 05:00")


def test_inactivity_is_counted_from_the_last_activity():
    term = Term(Expiry("inactivity_months", 12), zone=UTC)
    assert term(at("2025-07-06 18:00"), joined_at=at("2020-01-01")) == at("2026-07-06")


def test_some_points_never_expire():
    assert Term(Expiry(), zone=UTC)(at("2025-01-01")) is None


def test_a_term_knows_what_it_was_made_of():
    expiry = Expiry("inactivity_days", 90, since="release")
    term = Term(expiry, zone=UTC)
    assert (term.expiry, term.zone) == (expiry, UTC)
    assert term.expiry.sliding
    assert term.expiry.since == "release"


@given(
    st.sampled_from(sorted(ENDS)),
    st.integers(1, 400),
    st.sampled_from(["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata"]),
    st.integers(0, 2 * 365 * 24 * 60),
)
def test_a_term_begins_a_day_and_lies_ahead(kind, n, zone, minutes):
    earned = at("2024-01-01") + timedelta(minutes=minutes)
    expiry = Expiry(kind, n, month=5, day=31)
    term = Term(expiry, zone=ZoneInfo(zone))
    end = term(earned)
    assert end is not None
    local = end.astimezone(ZoneInfo(zone))
    assert (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    assert end > earned
    assert term(earned) is end  # asked again for the same day
    assert local.date() == gone_on(expiry, earned_on=day_of(earned, ZoneInfo(zone)))
