"""When the points of a lot are gone: from 00:00 of a day in the program's zone.

Which day that is stands in `values.ends`. Nothing here raises.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from pointbook.engine.values.calendar import day_of, midnight
from pointbook.engine.values.ends import Lifetime, gone_on


class Term:
    """An expiry, compiled: `term(at)` is the instant from which points are gone.

    Days are cached: a shop's year has 365 of them and millions of lots.
    """

    __slots__ = ("_cache", "_never", "_own_years", "expiry", "zone")

    def __init__(self, expiry: Lifetime, *, zone: tzinfo) -> None:
        self.expiry = expiry
        self.zone = zone
        self._never = expiry.kind == "never"
        self._own_years = expiry.kind == "membership_year"
        self._cache: dict[date, datetime] = {}

    def __call__(self, at: datetime, *, joined_at: datetime | None = None) -> datetime | None:
        """The end (UTC) of a lot earned at `at`, None when its points never expire.

        For inactivity `at` is the last activity; `joined_at` matters to membership years only.
        """
        if self._never:
            return None
        day = day_of(at, self.zone)
        if self._own_years and joined_at is not None:
            return self._end(day, day_of(joined_at, self.zone))
        end = self._cache.get(day)
        if end is None:
            end = self._cache[day] = self._end(day, None)
        return end

    def _end(self, day: date, joined_on: date | None) -> datetime:
        end_on = gone_on(self.expiry, earned_on=day, joined_on=joined_on)
        assert end_on is not None, "never was answered before"
        return midnight(end_on, self.zone)
