"""How long points live, in words and by an example. Nothing here raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from pointbook.engine.rules.blueprint import Expiry, ExpiryKind
from pointbook.engine.rules.prose.wording import (
    MONTHS,
    day_of_year,
    days,
    happening,
    listed,
    months,
    numeral,
    ordinal,
    years,
)
from pointbook.engine.values.calendar import add_months, day_in, next_month

NEW_YEAR = date(2023, 1, 1)
MIDDLE = date(2023, 1, 15)
JOINED = date(2023, 3, 1)
SUMMER = date(2023, 6, 1)
AUTUMN = date(2023, 9, 1)
ONE_DAY = timedelta(days=1)
# Kinds that name the last day of points, not the first without them.
LAST_DAYS = ("end_of_month", "end_of_year", "on_date")


def term(expiry: Expiry, *, activity: Sequence[str] = ()) -> str:
    """How long points can be used: for 180 days.

    `activity` are the types of facts that put the end of sliding points off; left out, the words
    are for any.
    """
    text = TERMS[expiry.kind](expiry)
    if expiry.sliding:
        text += f" after your last {_active(activity)}"
    if expiry.rounded_up_to and (expiry.kind, expiry.rounded_up_to) not in ROUND_ALREADY:
        text += f" and then to the end of the {expiry.rounded_up_to}"
    if expiry.since == "release" and expiry.kind != "never":
        text += ", counted from the end of their waiting time"
    return text


def example(expiry: Expiry, *, activity: Sequence[str] = ()) -> tuple[str, str]:
    """When points of an example are earned, and from when they are gone."""
    if expiry.kind == "never":
        return "at any time", "never"
    at = _award(expiry)
    monthly = expiry.kind in MONTHLY or (expiry.kind == "on_day" and expiry.n > 0)
    earned = f"in {MONTHS[at.month - 1]}" if monthly else f"on {day_of_year(at)}"
    if expiry.kind == "membership_year":
        earned += f" by somebody who joined on {day_of_year(JOINED)}"
    if expiry.since == "release":
        earned = f"and free to use {earned}"
    gone = _on(_rounded(ENDS[expiry.kind](at, expiry), expiry))
    if expiry.sliding:
        gone += f", unless there is another {_active(activity)} before"
    return earned, gone


def _active(activity: Sequence[str]) -> str:
    return listed([happening(kind) for kind in activity]) or "activity"


def _award(expiry: Expiry) -> date:
    """A day of award from which the end is plain to see."""
    if expiry.kind in ("months", "inactivity_months"):
        return MIDDLE
    if expiry.kind in ("end_of_year", "membership_year"):
        return SUMMER
    if expiry.kind == "on_date":
        return AUTUMN if expiry.month == SUMMER.month else SUMMER
    return NEW_YEAR


def _rounded(end: date, expiry: Expiry) -> date:
    if not expiry.rounded_up_to:
        return end
    within = end - ONE_DAY if expiry.kind in LAST_DAYS else end
    if expiry.rounded_up_to == "year":
        return NEW_YEAR.replace(year=within.year + 1)
    return next_month(within.replace(day=1))


def _on(value: date) -> str:
    later = value.year - NEW_YEAR.year
    told = {0: "", 1: " of the next year"}.get(later, f" {later} years later")
    return f"on {day_of_year(value)}{told}"


def _end_of_month(expiry: Expiry) -> str:
    if expiry.n == 0:
        return "to the end of the month in which you earn them"
    later = months(expiry.n)
    return f"to the end of the month {later} after the month in which you earn them"


def _end_of_year(expiry: Expiry) -> str:
    if expiry.n == 0:
        return "to the end of the year in which you earn them"
    later = "" if expiry.n == 1 else f"{years(expiry.n)} "
    return f"to the end of the year {later}after the one in which you earn them"


def _membership_year(expiry: Expiry) -> str:
    if expiry.n == 0:
        return "to the end of the year of membership in which you earn them"
    later = "" if expiry.n == 1 else f"{years(expiry.n)} "
    return f"to the end of the year of membership {later}after the one in which you earn them"


def _on_date(expiry: Expiry) -> str:
    named = f"{expiry.day} {MONTHS[expiry.month - 1]}"
    if expiry.n == 0:
        return f"to the end of the next {named}"
    return f"to the end of the {ordinal(expiry.n + 1)} {named} after you earn them"


def _on_day(expiry: Expiry) -> str:
    later = "" if expiry.n == 1 else f"{months(expiry.n)} "
    day = f"to the day before the {numeral(expiry.day)}"
    return f"{day} of the month {later}after the one in which you earn them"


def _last_of_date(at: date, expiry: Expiry) -> date:
    first = day_in(at.year, expiry.month, expiry.day)
    year = at.year + expiry.n + (first < at)
    return day_in(year, expiry.month, expiry.day) + ONE_DAY


def _day_of_month(at: date, expiry: Expiry) -> date:
    later = [add_months(at.replace(day=1), count) for count in (expiry.n, expiry.n + 1)]
    ends = [day_in(month.year, month.month, expiry.day) for month in later]
    return ends[0] if ends[0] > at else ends[1]


def _days_after(at: date, expiry: Expiry) -> date:
    return at + timedelta(days=expiry.n)


def _months_after(at: date, expiry: Expiry) -> date:
    return add_months(at, expiry.n)


TERMS: Mapping[ExpiryKind, Callable[[Expiry], str]] = {
    "never": lambda _: "for ever",
    "days": lambda expiry: f"for {days(expiry.n)}",
    "months": lambda expiry: f"for {months(expiry.n)}",
    "end_of_month": _end_of_month,
    "end_of_year": _end_of_year,
    "membership_year": _membership_year,
    "on_date": _on_date,
    "on_day": _on_day,
    "inactivity_days": lambda expiry: f"for {days(expiry.n)}",
    "inactivity_months": lambda expiry: f"for {months(expiry.n)}",
}
# The first day without points that were earned on a day; for members who joined on JOINED.
ENDS: Mapping[ExpiryKind, Callable[[date, Expiry], date]] = {
    "days": _days_after,
    "months": _months_after,
    "end_of_month": lambda at, expiry: add_months(at.replace(day=1), expiry.n + 1),
    "end_of_year": lambda at, expiry: NEW_YEAR.replace(year=at.year + expiry.n + 1),
    "membership_year": lambda at, expiry: JOINED.replace(year=at.year + expiry.n + 1),
    "on_date": _last_of_date,
    "on_day": _day_of_month,
    "inactivity_days": _days_after,
    "inactivity_months": _months_after,
}
# Kinds for which every day of a month gives the same end.
MONTHLY = ("end_of_month", "end_of_year", "membership_year")
# Terms that rounding up does not put off.
ROUND_ALREADY = (("end_of_month", "month"), ("end_of_year", "month"), ("end_of_year", "year"))
