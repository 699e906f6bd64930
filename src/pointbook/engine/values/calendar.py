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


def add_months(day: date, months: int) -> date:
    """The same day `months` later, clamped to the month's end."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


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


@lru_cache(maxsize=4096)
def last_second(first: date, zone: tzinfo) -> datetime:
    """23:59:59 of the last day of the month that begins on `first`."""
    return midnight(next_month(first), zone) - ONE_SECOND
