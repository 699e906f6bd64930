"""Days and months of a zone, across changes of the clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointbook.engine.values.calendar import (
    add_months,
    anniversary,
    day_in,
    day_of,
    first_of_month,
    last_second,
    membership_year,
    midnight,
    month_name,
    month_start,
    next_month,
    span_start,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = [
    ZoneInfo(name)
    for name in (
        *("UTC", "America/New_York", "Europe/Berlin", "Europe/Istanbul", "Asia/Kolkata"),
        *("America/Sao_Paulo", "Asia/Beirut", "America/Havana", "Pacific/Apia", "Asia/Kathmandu"),
    )
]


@pytest.mark.parametrize(
    ("day", "zone", "began"),
    [
        ("2025-03-09", "America/New_York", "2025-03-09T05:00"),  # the clock jumps at 2:00
        ("2025-03-10", "America/New_York", "2025-03-10T04:00"),
        ("2025-10-26", "Europe/Berlin", "2025-10-25T22:00"),  # and falls back at 3:00
        ("2025-10-27", "Europe/Berlin", "2025-10-26T23:00"),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00"),  # 0:00 was skipped
        ("2025-11-02", "America/Havana", "2025-11-02T04:00"),  # 0:00 comes twice
    ],
)
def test_a_day_begins_with_its_first_instant(day, zone, began):
    at = midnight(date.fromisoformat(day), ZoneInfo(zone))
    assert at == datetime.fromisoformat(began).replace(tzinfo=UTC)
    assert day_of(at, ZoneInfo(zone)) == date.fromisoformat(day)
    assert day_of(at - timedelta(microseconds=1), ZoneInfo(zone)) < date.fromisoformat(day)


def test_an_instant_belongs_to_the_month_of_the_zone():
    at = datetime(2025, 1, 1, 3, tzinfo=UTC)
    assert first_of_month(at, UTC) == date(2025, 1, 1)
    assert first_of_month(at, ZoneInfo("America/New_York")) == date(2024, 12, 1)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-01-31", 2, "2025-03-31"),
        ("2025-12-15", 1, "2026-01-15"),
        ("2025-11-30", 3, "2026-02-28"),
        ("2025-03-31", -1, "2025-02-28"),
    ],
)
def test_months_are_clamped_to_the_months_end(day, months, later):
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(later)


def test_a_month_has_a_name_and_a_last_second():
    assert month_name(date(2025, 3, 1)) == "2025-03"
    assert month_start("2025-03") == date(2025, 3, 1)
    assert next_month(date(2025, 12, 31)) == date(2026, 1, 1)
    berlin = ZoneInfo("Europe/Berlin")
    assert last_second(date(2025, 3, 1), berlin).astimezone(berlin).isoformat() == (
        "2025-03-31T23:59:59+02:00"
    )


@pytest.mark.parametrize("name", ["2025-13", "2025-3", "20250-1", "", "2025-030", "maynone"])
def test_what_names_no_month_is_refused(name):
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        month_start(name)


@pytest.mark.parametrize(
    ("year", "month", "day", "meant"),
    [(2025, 2, 31, "2025-02-28"), (2024, 2, 30, "2024-02-29"), (2025, 6, 15, "2025-06-15")],
)
def test_a_day_is_found_in_every_month(year, month, day, meant):
    assert day_in(year, month, day) == date.fromisoformat(meant)


@pytest.mark.parametrize(
    ("on", "year", "comes"),
    [
        ("1990-04-12", 2026, "2026-04-12"),
        ("2024-02-29", 2025, "2025-02-28"),
        ("2024-02-29", 2028, "2028-02-29"),
        ("2023-02-28", 2024, "2024-02-28"),
    ],
)
def test_a_day_comes_round_every_year(on, year, comes):
    assert anniversary(date.fromisoformat(on), year) == date.fromisoformat(comes)


@pytest.mark.parametrize(
    ("day", "joined", "began"),
    [
        ("2025-03-10", "2023-03-10", "2025-03-10"),
        ("2025-03-09", "2023-03-10", "2024-03-10"),
        ("2023-03-10", "2023-03-10", "2023-03-10"),
        ("2023-03-09", "2023-03-10", "2022-03-10"),
        ("2025-02-28", "2024-02-29", "2025-02-28"),
        ("2025-02-27", "2024-02-29", "2024-02-29"),
        ("2028-02-28", "2024-02-29", "2027-02-28"),
    ],
)
def test_years_of_membership_begin_on_the_day_of_joining(day, joined, began):
    found = membership_year(date.fromisoformat(day), joined_on=date.fromisoformat(joined))
    assert found == date.fromisoformat(began)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_years_of_membership_have_no_gaps(day, joined):
    begins = membership_year(day, joined_on=joined)
    assert begins <= day < anniversary(joined, begins.year + 1)
    following = membership_year(day + timedelta(days=1), joined_on=joined)
    assert following in (begins, day + timedelta(days=1))


JOINED = datetime(2023, 3, 10, 12, tzinfo=UTC)
LATE = datetime(2025, 3, 1, 3, tzinfo=UTC)  # a Saturday; in New York it is Friday, 28 February


@pytest.mark.parametrize(
    ("each", "joined_at", "utc", "new_york"),
    [
        ("day", None, "2025-03-01", "2025-02-28"),
        ("week", None, "2025-02-24", "2025-02-24"),
        ("month", None, "2025-03-01", "2025-02-01"),
        ("year", JOINED, "2025-01-01", "2025-01-01"),
        ("membership_year", JOINED, "2024-03-10", "2024-03-10"),
        ("membership_year", datetime(2023, 3, 1, 3, tzinfo=UTC), "2025-03-01", "2025-02-28"),
        ("membership_year", None, "2025-01-01", "2025-01-01"),
        ("ever", JOINED, "0001-01-01", "0001-01-01"),
        ("fact", None, "0001-01-01", "0001-01-01"),
    ],
)
def test_spans_of_time_begin_with_a_day_of_the_zone(each, joined_at, utc, new_york):
    for zone, began in ((UTC, utc), (ZoneInfo("America/New_York"), new_york)):
        found = span_start(each, at=LATE, zone=zone, joined_at=joined_at)
        assert found == date.fromisoformat(began)


def test_weeks_begin_on_monday_across_the_year():
    for day, began in (("2025-01-01", "2024-12-30"), ("2024-12-30", "2024-12-30")):
        at = datetime.fromisoformat(day).replace(tzinfo=UTC)
        assert span_start("week", at=at, zone=UTC, joined_at=None) == date.fromisoformat(began)


@given(
    st.integers(-20 * 365 * 24, 180 * 365 * 24).map(lambda n: EPOCH + timedelta(hours=n)),
    st.sampled_from(ZONES),
)
def test_days_and_months_are_half_open_and_have_no_gaps(at, zone):
    day, first = day_of(at, zone), first_of_month(at, zone)
    assert midnight(day, zone) <= at < midnight(day + timedelta(days=1), zone)
    assert midnight(first, zone) <= at < midnight(next_month(first), zone)
    assert month_start(month_name(first)) == first
    assert first_of_month(last_second(first, zone), zone) == first
