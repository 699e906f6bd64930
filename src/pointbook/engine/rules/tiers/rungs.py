"""Which rung of a ladder is reached by what is measured. Nothing here raises.

The first rung needs nothing. A rung above it that needs nothing is given by hand only.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, tzinfo
from itertools import accumulate
from typing import NamedTuple

from pointbook.engine.rules.blueprint import Tiers
from pointbook.engine.rules.tiers.measures import Histories, rolling, source_of


class Reached(NamedTuple):
    """The highest rung whose needs are met, and the value of the ladder's first measure."""

    rank: int
    measure: int


class Needs(NamedTuple):
    """What a rung asks: the least of measures, by their place in the ladder; any or every."""

    rank: int
    every: bool
    least: tuple[tuple[int, int], ...]

    def met(self, values: Sequence[int]) -> bool:
        """Whether the measures' values meet them."""
        return (all if self.every else any)(values[place] >= least for place, least in self.least)


class Rungs:
    """The needs of a ladder's rungs, compiled.

    `source` is the history of the first measure, `span` its rolling window; None for others.
    """

    __slots__ = ("_least", "_measures", "_needs", "_ranks", "_zone", "single", "source", "span")

    def __init__(self, tiers: Tiers, *, zone: tzinfo) -> None:
        self._zone = zone
        self._measures = tiers.measures
        places = {measure.code: place for place, measure in enumerate(tiers.measures)}
        self._needs = tuple(
            Needs(rank, rung.every, tuple((places[code], n) for code, n in rung.needs.items()))
            for rank, rung in enumerate(tiers.ladder)
            if rank and rung.needs
        )
        self.single = len(tiers.measures) == 1
        first = tiers.measures[0]
        self.source = source_of(first)
        self.span = rolling(first.window.days) if first.window.kind == "rolling_days" else None
        # The least value from which on this rung or a higher one is reached, and the rungs.
        least = [needs.least[0][1] for needs in self._needs]
        self._least = tuple([*accumulate(reversed(least), min)][::-1])
        self._ranks = (0, *(needs.rank for needs in self._needs))

    def first(
        self,
        histories: Histories,
        *,
        at: datetime,
        joined_at: datetime | None,
        reviewed_at: datetime | None = None,
    ) -> int:
        """The value of the first measure in the window that ends with `at`."""
        if self.span is not None:
            return histories.between(self.source, after=at - self.span, until=at)
        return histories.total(
            self._measures[0],
            at=at,
            zone=self._zone,
            joined_at=joined_at,
            reviewed_at=reviewed_at,
        )

    def rank_of(self, value: int) -> int:
        """The highest rung that a ladder's single measure reaches."""
        return self._ranks[bisect_right(self._least, value)]

    def reached(
        self,
        histories: Histories,
        *,
        at: datetime,
        joined_at: datetime | None,
        reviewed_at: datetime | None,
    ) -> Reached:
        """The highest rung that the windows ending with `at` (included) reach."""
        first = self.first(histories, at=at, joined_at=joined_at, reviewed_at=reviewed_at)
        if self.single:
            return Reached(self.rank_of(first), first)
        rest = [
            histories.total(
                measure, at=at, zone=self._zone, joined_at=joined_at, reviewed_at=reviewed_at
            )
            for measure in self._measures[1:]
        ]
        values = [first, *rest]
        rank = max((needs.rank for needs in self._needs if needs.met(values)), default=0)
        return Reached(rank, first)
