"""Days and months of a program's time zone; spans are half-open. Nothing here raises.

Instants are aware datetimes in UTC, dates are the program's days, a month is named YYYY-MM.
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

ONE_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=4096)
def midnight(day: date, zone: tzinfo) -> datetime:
    """The instant (UTC) at which `day` begins in `zone`."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def day_of(at: datetime, zone: tzinfo) -> date:
    """The day on which `at` falls in `zone`."""
    return at.astimezone(zone).date()


def first_of_month(at: datetime, zone: tzinfo) -> date:
    """The first day of the month in which `at` falls in `zone`."""
    return day_of(at, zone).replace(day=1)


def day_in(year: int, month: int, day: int) -> date:
    """That day of a month, clamped to the month's end: 31 of June is the 30th."""
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(day, last))


def add_months(day: date, months: int) -> date:
    """The same day `months` later, clamped to the month's end."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day_in(year, month + 1, day.day)


@lru_cache(maxsize=4096)
def next_month(first: date) -> date:
    """The first day of the month after the month that begins on `first`."""
    return add_months(first.replace(day=1), 1)


def month_name(first: date) -> str:
    """The code of a month: 2017-03."""
    return f"{first.year:04d}-{first.month:02d}"


def month_start(name: str) -> date:
    """The first day of the month with the code `name`; ValueError when it is none."""
    if len(name) != len("YYYY-MM"):
        raise ValueError(name)
    return date.fromisoformat(f"{name}-01")


def anniversary(on: date, year: int) -> date:
    """The day of `year` on which `on` comes round; 29 February is the 28th in common years."""
    return day_in(year, on.month, on.day)


def membership_year(day: date, *, joined_on: date) -> date:
    """The first day of the year of membership in which `day` lies; years begin on `joined_on`."""
    begins = anniversary(joined_on, day.year)
    return begins if begins <= day else anniversary(joined_on, day.year - 1)


def span_start(each: str, *, at: datetime, zone: tzinfo, joined_at: datetime | None) -> date:
    """The first day of the day, week, month, year or membership year of `at`; date.min for ever.

    Weeks are ISO weeks, which begin on Monday. Whoever joined at no known time has calendar years.
    """
    day = day_of(at, zone)
    if each == "day":
        return day
    if each == "week":
        return day - timedelta(days=day.weekday())
    if each == "month":
        return day.replace(day=1)
    if each == "membership_year" and joined_at is not None:
        return membership_year(day, joined_on=day_of(joined_at, zone))
    if each in ("year", "membership_year"):
        return day.replace(month=1, day=1)
    return date.min


@lru_cache(maxsize=4096)
def last_second(first: date, zone: tzinfo) -> datetime:
    """23:59:59 of the last day of the month that begins on `first`."""
    return midnight(next_month(first), zone) - ONE_SECOND
