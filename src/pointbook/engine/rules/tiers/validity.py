"""Until when a tier is kept, and when a member without a date is reviewed. Nothing here raises.

A validity names its last day: n days or months after the day on which the tier was reached, the
last day of a month, of a year or of a year of membership, and some days more. The end is the
midnight after it in the program's zone, exclusive: a tier that is valid to 31 December ends at
00:00 on 1 January. What a review gives counts as reached on the last day of what it looked back on.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from pointbook.engine.rules.blueprint import Validity, Window
from pointbook.engine.rules.tiers.measures import TICK
from pointbook.engine.values.calendar import (
    add_months,
    anniversary,
    day_of,
    membership_year,
    midnight,
)

ONE_DAY: Final = timedelta(days=1)
JANUARY: Final = date(2000, 1, 1)


class Tenure:
    """The validity of a ladder's tiers, compiled; days are cached, as a year has 365 of them."""

    __slots__ = ("_cache", "_validity", "_zone")

    def __init__(self, validity: Validity, *, zone: tzinfo) -> None:
        self._validity = validity
        self._zone = zone
        self._cache: dict[date, datetime] = {}

    def ends(self, at: datetime, *, joined_at: datetime | None) -> datetime | None:
        """The end of a tier that was reached at `at`; None when it has none."""
        kind, zone = self._validity.kind, self._zone
        if kind in ("purchase", "for_ever"):
            return None
        day = day_of(at, zone)
        if kind == "membership_year":
            last = _last_day(self._validity, day, _joined_on(joined_at, zone))
            return midnight(last + ONE_DAY, zone)
        end = self._cache.get(day)
        if end is None:
            last = _last_day(self._validity, day, JANUARY)
            end = self._cache[day] = midnight(last + ONE_DAY, zone)
        return end

    def ends_after_review(self, at: datetime, *, joined_at: datetime | None) -> datetime | None:
        """The end of a tier that a review of what came before midnight `at` gives; after `at`.

        Earned in 2026 and valid to the end of the next year is 31 December 2027, whether it was
        reached in 2026 or found by the review when the year was over.
        """
        end = self.ends(at - TICK, joined_at=joined_at)
        return end if end is None or end > at else self.ends(at, joined_at=joined_at)

    def period_ends(self, window: Window, *, at: datetime, joined_at: datetime | None) -> datetime:
        """When a member without a date is reviewed next after `at`.

        At the end of the window's month, year or year of membership, or n days later. A window
        that does not end by itself is reviewed as tiers are: after their validity, or each
        calendar year.
        """
        zone = self._zone
        day = day_of(at, zone)
        if window.kind == "rolling_days":
            return midnight(day + timedelta(days=window.days), zone)
        if window.kind == "calendar_month":
            return midnight(add_months(day.replace(day=1), 1), zone)
        joined_on = JANUARY
        if window.kind == "membership_year":
            joined_on = _joined_on(joined_at, zone)
        elif window.kind != "calendar_year":
            end = self.ends_after_review(at, joined_at=joined_at)
            if end is not None:
                return end
        return midnight(_anniversary_after(day, joined_on, 1), zone)


def _joined_on(joined_at: datetime | None, zone: tzinfo) -> date:
    return JANUARY if joined_at is None else day_of(joined_at, zone)


def _last_day(validity: Validity, day: date, joined_on: date) -> date:
    kind, n = validity.kind, validity.n
    if kind == "days":
        last = day + timedelta(days=n)
    elif kind == "months":
        last = add_months(day, n)
    elif kind == "end_of_month":
        last = add_months(day.replace(day=1), n + 1) - ONE_DAY
    else:
        first = JANUARY if kind == "end_of_year" else joined_on
        last = _anniversary_after(day, first, n + 1) - ONE_DAY
    return last + timedelta(days=validity.plus_days)


def _anniversary_after(day: date, joined_on: date, years: int) -> date:
    begun = membership_year(day, joined_on=joined_on)
    return anniversary(joined_on, begun.year + years)
