"""Instants in the words of a card: 3 March; 10 January from 18:00 to 20:00. Nothing here raises."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from pointbook.interfaces.portal.cards import day_of_year


def last_day(until: datetime, *, zone: tzinfo, today: datetime) -> str:
    """The last day of what ends at an instant (excluded): 3 March."""
    last = (until - timedelta(microseconds=1)).astimezone(zone).date()
    return day_of_year(last, today.astimezone(zone).date())


def day_and_time(at: datetime, *, zone: tzinfo, today: datetime) -> str:
    """14:35, of another day than today with its date: 3 March, 14:35."""
    local, now = at.astimezone(zone), today.astimezone(zone)
    if local.date() == now.date():
        return f"{local:%H:%M}"
    return f"{day_of_year(local.date(), now.date())}, {local:%H:%M}"


def on_day(at: datetime, *, zone: tzinfo, today: datetime) -> str:
    """The day of an instant: 3 March; of another year with it."""
    day, now = at.astimezone(zone).date(), today.astimezone(zone).date()
    return f"{day_of_year(day, now)} {day.year}" if day.year < now.year else day_of_year(day, now)


def span(start: datetime, end: datetime, *, zone: tzinfo, today: datetime) -> str:
    """10 January, 18:00 to 20:00; with the last day where that is another one."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    now = today.astimezone(zone).date()
    told = f"{first:%a} {day_of_year(first.date(), now)}, {first:%H:%M}"
    if first.date() == last.date():
        return f"{told} to {last:%H:%M}"
    return f"{told} to {day_of_year(last.date(), now)}, {last:%H:%M}"
