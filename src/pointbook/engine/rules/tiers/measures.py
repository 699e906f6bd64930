"""What is counted of a member: amounts by source and instant, summed over windows.

Nothing here raises. A window ends with an instant, which it includes. A rolling window of n days is
n x 24 hours and open at its start; calendar windows and years of membership begin at midnight of
the program's zone; `since_review` begins with the last review (with the first amount when there was
none), `lifetime` never. Whoever joined at no known time has calendar years.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import accumulate
from operator import sub
from typing import Final, Self, TypedDict

from pointbook.engine.rules.blueprint import Measure, Window
from pointbook.engine.values.calendar import midnight, span_start

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TICK: Final = timedelta.resolution
SPANS: Final[Mapping[str, str]] = {
    "calendar_year": "year",
    "calendar_month": "month",
    "membership_year": "membership_year",
}


class SeriesDump(TypedDict):
    """A series as JSON: instants in microseconds since 1970, and running totals.

    `sums` begins with what was merged before the first instant, so it is one longer than `at`.
    """

    at: list[int]
    sums: list[int]


def source_of(measure: Measure) -> str:
    """The history a measure counts: spend, visits, earned:UNIT or count:TYPE."""
    kind = measure.kind
    if kind == "earned":
        return f"earned:{measure.unit}"
    return f"count:{measure.type}" if kind == "count" else kind


@lru_cache(maxsize=64)
def rolling(days: int) -> timedelta:
    """The span of a rolling window."""
    return timedelta(days=days)


def starts_after(
    window: Window,
    *,
    at: datetime,
    zone: tzinfo,
    joined_at: datetime | None = None,
    reviewed_at: datetime | None = None,
) -> datetime | None:
    """What is later than this instant lies in the window that ends with `at`; None: everything."""
    kind = window.kind
    if kind == "rolling_days":
        return at - rolling(window.days)
    if kind == "lifetime":
        return None
    if kind == "since_review":
        # What happens at midnight belongs to the day that begins.
        return None if reviewed_at is None else reviewed_at - TICK
    first = span_start(SPANS[kind], at=at, zone=zone, joined_at=joined_at)
    return midnight(first, zone) - TICK


class _Series:
    """Amounts of one source in order of time; `sums[n]` is the total of the first n of them.

    `sums[0]` is what was merged: amounts before all others. `hint` is where the last window began.
    """

    __slots__ = ("hint", "sums", "times")

    def __init__(self, times: list[datetime], sums: list[int]) -> None:
        self.times = times
        self.sums = sums
        self.hint = 0

    def insert(self, at: datetime, amount: int) -> None:
        """Count an amount that is not the latest."""
        times, sums = self.times, self.sums
        place = bisect_left(times, at)
        if times[place] != at:
            times.insert(place, at)
            sums.insert(place + 1, sums[place])
        for n in range(place + 1, len(sums)):
            sums[n] += amount

    def between(self, after: datetime | None, until: datetime) -> int:
        """What lies later than `after`, up to and including `until`."""
        times, sums = self.times, self.sums
        last = len(times)
        if last and times[-1] > until:
            last = bisect_right(times, until)
        if after is None:
            return sums[last]
        first = self.hint
        # Windows mostly move on by an amount or none.
        if first > last or (first and times[first - 1] > after):
            first = bisect_right(times, after, 0, min(first, last))
        elif first < last and times[first] <= after:
            first += 1
            if first < last and times[first] <= after:
                first = bisect_right(times, after, first, last)
        self.hint = first
        return sums[last] - sums[first]

    def merge(self, until: datetime) -> None:
        """Make one sum of everything up to and including an instant."""
        gone = bisect_right(self.times, until)
        del self.times[:gone]
        del self.sums[:gone]
        self.hint = 0


def _packed(series: _Series) -> str:
    at = [(one - EPOCH) // TICK for one in series.times]
    steps = map(sub, at, [0, *at])
    amounts = map(sub, series.sums, [0, *series.sums])
    return f"{','.join(map(str, steps))}/{','.join(map(str, amounts))}"


class Histories:
    """A member's amounts by source; measures of one source share them, whatever their windows."""

    __slots__ = ("_series",)

    def __init__(self) -> None:
        self._series: dict[str, _Series] = {}

    def add(self, source: str, *, at: datetime, amount: int) -> None:
        """Count an amount at its instant, in any order; negative for what comes back."""
        series = self._series.get(source)
        if series is None:
            self._series[source] = _Series([at], [0, amount])
            return
        times = series.times
        if not times or at > times[-1]:
            times.append(at)
            sums = series.sums
            sums.append(sums[-1] + amount)
        else:
            series.insert(at, amount)

    def total(
        self,
        measure: Measure,
        *,
        at: datetime,
        zone: tzinfo,
        joined_at: datetime | None,
        reviewed_at: datetime | None = None,
    ) -> int:
        """What lies in the measure's window that ends with `at` (included)."""
        after = starts_after(
            measure.window, at=at, zone=zone, joined_at=joined_at, reviewed_at=reviewed_at
        )
        return self.between(source_of(measure), after=after, until=at)

    def between(self, source: str, *, after: datetime | None, until: datetime) -> int:
        """What lies later than `after` (None: everything), up to and including `until`."""
        series = self._series.get(source)
        return 0 if series is None else series.between(after, until)

    def moments(
        self, measures: Iterable[Measure], *, after: datetime, until: datetime
    ) -> list[datetime]:
        """When amounts of these measures lie later than `after`, up to `until`; in order."""
        found: set[datetime] = set()
        for source in {source_of(measure) for measure in measures}:
            series = self._series.get(source)
            if series is not None:
                times = series.times
                found.update(times[bisect_right(times, after) : bisect_right(times, until)])
        return sorted(found)

    def merge(self, other: Histories) -> None:
        """Count the amounts of another member, at their instants."""
        for source, series in other._series.items():
            own = self._series.setdefault(source, _Series([], [0]))
            own.sums = [total + series.sums[0] for total in own.sums]
            for at, before, after in zip(series.times, series.sums, series.sums[1:], strict=False):
                self.add(source, at=at, amount=after - before)

    def trim(
        self,
        measures: Iterable[Measure],
        *,
        at: datetime,
        zone: tzinfo,
        joined_at: datetime | None,
        reviewed: Iterable[datetime] = (),
    ) -> None:
        """Merge what no window of these measures that ends at `at` or later can tell apart.

        `measures` are all there are, of every version and ladder; `reviewed` are the last reviews
        of the ladders that had one. For a member with standings, `at` may not be later than
        `Ladder.looks_back_to` says. Sources that nobody measures keep one sum.
        """
        # A review at midnight looks at the windows that end just before.
        end = at - TICK
        reviews: list[datetime | None] = [*reviewed] or [None]
        keep: dict[str, datetime] = {}
        for measure in measures:
            source = source_of(measure)
            for last in reviews:
                start = starts_after(
                    measure.window, at=end, zone=zone, joined_at=joined_at, reviewed_at=last
                )
                # A window without a start needs the sum only.
                keep[source] = min(start or end, keep.get(source, end))
        for source, series in self._series.items():
            series.merge(keep.get(source, end))

    def dump(self) -> dict[str, SeriesDump]:
        """Everything as JSON, by source."""
        return {
            source: {
                "at": [(at - EPOCH) // TICK for at in series.times],
                "sums": [*series.sums],
            }
            for source, series in self._series.items()
        }

    def pack(self) -> dict[str, str]:
        """Everything as short texts by source, for a store that writes whole members.

        Microseconds since 1970 and from one to the next, then a slash, what was merged, and the
        amounts. A database takes a text in a quarter of the time of lists of numbers.
        """
        return {source: _packed(series) for source, series in self._series.items()}

    @classmethod
    def unpack(cls, packed: Mapping[str, str]) -> Self:
        """The histories that were packed."""
        histories = cls()
        for source, text in packed.items():
            steps, _, amounts = text.partition("/")
            at = accumulate(map(int, steps.split(","))) if steps else ()
            times = [EPOCH + timedelta(microseconds=one) for one in at]
            histories._series[source] = _Series(times, [*accumulate(map(int, amounts.split(",")))])
        return histories

    @classmethod
    def load(cls, dumped: Mapping[str, SeriesDump]) -> Self:
        """The histories that were dumped."""
        histories = cls()
        for source, series in dumped.items():
            times = [EPOCH + timedelta(microseconds=at) for at in series["at"]]
            histories._series[source] = _Series(times, [*series["sums"]])
        return histories
