"""When the points of a lot are gone. Nothing here raises.

Points that last n days are gone from 00:00 of D + n in the program's zone, months on the same day
clamped to the month's end, and "end of month n" from 00:00 of the first day after that month.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from pointbook.engine.values.calendar import add_months, day_of, midnight


class Term:
    """The expiry of one unit, compiled: `term(at)` is the instant from which points are gone.

    `kind` is never, days, months or end_of_month, `n` the count. Days are cached: a shop's year
    has 365 of them and millions of lots.
    """

    __slots__ = ("_cache", "kind", "n", "zone")

    def __init__(self, *, kind: str, n: int, zone: tzinfo) -> None:
        self.kind = kind
        self.n = n
        self.zone = zone
        self._cache: dict[date, datetime] = {}

    def __call__(self, at: datetime) -> datetime | None:
        """The end (UTC) of a lot earned at `at`, None when its points never expire."""
        if self.kind == "never":
            return None
        day = day_of(at, self.zone)
        end = self._cache.get(day)
        if end is None:
            end = self._cache[day] = midnight(self._last(day), self.zone)
        return end

    def _last(self, day: date) -> date:
        if self.kind == "days":
            return day + timedelta(days=self.n)
        if self.kind == "months":
            return add_months(day, self.n)
        return add_months(day.replace(day=1), self.n + 1)
