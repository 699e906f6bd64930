"""The first day without the points that were earned on a day. Nothing here raises.

With D the day of the award:

- days n: D + n. Points of n days can be used on n days, D included.
- months n: the same day n months later, clamped to the month's end.
- end_of_month n, end_of_year n: the day after the nth month or year after D's own.
- membership_year n: the anniversary of joining that ends the nth year after D's own; whoever
  joined at no known time has calendar years.
- on_date n: the day after the nth such date after the first that is D or later.
- on_day n: the `day` of the nth month after D's; where that is not after D, a month later.
- inactivity_days n, inactivity_months n: as days and months, with the day of the last activity.

`rounded_up_to` puts the end off to the end of the month or year in which it falls: points of 12
months earned on any day of July are gone on 1 August a year later. The last day of a month, a year
or a date is in that month or year already.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, Protocol

from pointbook.engine.values.calendar import (
    add_months,
    anniversary,
    day_in,
    membership_year,
    next_month,
)

ONE_DAY = timedelta(days=1)


class Lifetime(Protocol):
    """What blueprint.Expiry says; the ledger and the words for it know no more of it."""

    @property
    def kind(self) -> str:
        """One of ENDS, or never."""

    @property
    def n(self) -> int:
        """How many days, months or years."""

    @property
    def month(self) -> int:
        """The month of on_date."""

    @property
    def day(self) -> int:
        """The day of on_date and on_day."""

    @property
    def rounded_up_to(self) -> str:
        """Month, year or nothing."""

    @property
    def since(self) -> str:
        """Award, or release for what counts from the end of the pending time."""

    @property
    def sliding(self) -> bool:
        """Whether activity puts the end off."""


def gone_on(expiry: Lifetime, *, earned_on: date, joined_on: date | None = None) -> date | None:
    """The day from whose beginning the points are gone, None when they never expire."""
    if expiry.kind == "never":
        return None
    if expiry.kind == "membership_year" and joined_on is not None:
        year = membership_year(earned_on, joined_on=joined_on).year
        end = anniversary(joined_on, year + 1 + expiry.n)
    else:
        end = ENDS[expiry.kind](earned_on, expiry)
    if not expiry.rounded_up_to:
        return end
    within = end - ONE_DAY if expiry.kind in LAST_DAYS else end
    if expiry.rounded_up_to == "year":
        return date(within.year + 1, 1, 1)
    return next_month(within)


def _days(day: date, expiry: Lifetime) -> date:
    return day + timedelta(days=expiry.n)


def _months(day: date, expiry: Lifetime) -> date:
    return add_months(day, expiry.n)


def _end_of_month(day: date, expiry: Lifetime) -> date:
    return add_months(day.replace(day=1), expiry.n + 1)


def _end_of_year(day: date, expiry: Lifetime) -> date:
    return date(day.year + expiry.n + 1, 1, 1)


def _on_date(day: date, expiry: Lifetime) -> date:
    over = day_in(day.year, expiry.month, expiry.day) < day
    return day_in(day.year + expiry.n + over, expiry.month, expiry.day) + ONE_DAY


def _on_day(day: date, expiry: Lifetime) -> date:
    month = add_months(day.replace(day=1), expiry.n)
    end = day_in(month.year, month.month, expiry.day)
    if end > day:
        return end
    month = next_month(day)
    return day_in(month.year, month.month, expiry.day)


ENDS: Final[dict[str, Callable[[date, Lifetime], date]]] = {
    "days": _days,
    "months": _months,
    "end_of_month": _end_of_month,
    "end_of_year": _end_of_year,
    "membership_year": _end_of_year,
    "on_date": _on_date,
    "on_day": _on_day,
    "inactivity_days": _days,
    "inactivity_months": _months,
}
# Kinds that name the last day on which points can be used, not the first on which they are gone.
LAST_DAYS: Final = frozenset({"end_of_month", "end_of_year", "on_date"})
