"""Tiers by spend inside a window: a member's measure and standing. Nothing here raises.

The measure at a purchase is the spend of the member's purchases in the window that ends with it,
itself included. A rolling window of n days is n x 24 hours, open at its start. A return takes its
amount off at the time of the purchase it returns. The standing is set at each purchase and stays
until the next one; burning points never changes it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from pointbook.engine.rules.blueprint import Tiers
from pointbook.engine.values.calendar import day_of, midnight


class Move(NamedTuple):
    """A standing that changed at `at`: from a tier ('' at the first) to another, with the measure.

    `step` is how many rungs up (positive) or down (negative); 0 for the first standing.
    """

    at: datetime
    before: str
    after: str
    measure: int
    step: int


class Spend(NamedTuple):
    """Minor units spent at an instant; negative for a return."""

    at: datetime
    amount: int


class Ladder:
    """A compiled ladder: which tier a measure reaches and when the window at an instant begins."""

    __slots__ = ("_days", "_kind", "_zone", "codes", "ranks", "thresholds")

    def __init__(self, tiers: Tiers, *, zone: tzinfo) -> None:
        self.codes = tuple(rung.code for rung in tiers.ladder)
        self.thresholds = tuple(rung.threshold for rung in tiers.ladder)
        self.ranks = {code: rank for rank, code in enumerate(self.codes)}
        self._kind = tiers.window
        self._days = timedelta(days=tiers.days)
        self._zone = zone

    def reached(self, measure: int) -> str:
        """The highest tier whose threshold the measure reaches."""
        rank = 0
        for n, threshold in enumerate(self.thresholds):
            if measure >= threshold:
                rank = n
        return self.codes[rank]

    def starts_after(self, at: datetime) -> datetime:
        """Spend counts at `at` when it was made later than this instant."""
        if self._kind == "rolling_days":
            return at - self._days
        day = day_of(at, self._zone)
        first = day.replace(month=1, day=1) if self._kind == "calendar_year" else day.replace(day=1)
        return midnight(first, self._zone) - timedelta.resolution


class Standing:
    """A member's tier and the spend in the window; the working copy of a fold.

    The first `_gone` spends of the history lie before the window, `_sum` is that of the others.
    """

    __slots__ = ("_gone", "_history", "_sum", "last_at", "tier")

    def __init__(
        self, *, tier: str = "", history: Sequence[Spend] = (), last_at: datetime | None = None
    ) -> None:
        self.tier = tier
        self.last_at = last_at
        self._history = sorted(history)
        self._gone = 0
        self._sum = sum(spend.amount for spend in self._history)

    def add(self, spend: Spend) -> None:
        """Count a purchase, or a return at its purchase's time, wherever it falls in time."""
        history = self._history
        if not history or history[-1] <= spend:
            history.append(spend)
        else:
            place = bisect_right(history, spend)
            history.insert(place, spend)
            if place < self._gone:
                self._gone += 1
                return
        self._sum += spend.amount

    def review(self, at: datetime, ladder: Ladder) -> Move | None:
        """Set the standing at a purchase; a late one counts from the latest purchase's time."""
        if self.last_at is not None and at < self.last_at:
            at = self.last_at
        self.last_at = at
        after, history, gone = ladder.starts_after(at), self._history, self._gone
        while gone < len(history) and history[gone].at <= after:
            self._sum -= history[gone].amount
            gone += 1
        # The longer window of another version brings spend back.
        while gone and history[gone - 1].at > after:
            gone -= 1
            self._sum += history[gone].amount
        self._gone = gone
        tier, before = ladder.reached(self._sum), self.tier
        if tier == before:
            return None
        self.tier = tier
        ranks = ladder.ranks
        step = ranks[tier] - ranks[before] if before in ranks else 0
        return Move(at, before, tier, self._sum, step)

    @property
    def measure(self) -> int:
        """The spend in the window as of the last review and what was added since."""
        return self._sum
