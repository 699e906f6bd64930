"""What all members share of rewards, counted in memory: stock, places, codes and totals.

What the database does with rows under lock, `Stock` does for stories. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import NamedTuple

from pointbook.engine.ledger.holds import Hold, Key
from pointbook.engine.rules.catalogue import Reward
from pointbook.engine.values.calendar import span_start

CODES = "codes"


class Shelf(NamedTuple):
    """One thing that is counted of a reward: its stock, a slot's places, or a total of a span."""

    reward: str
    slot: str
    span: str
    supply: int


def shelves_of(reward: Reward, slot: str, *, at: datetime, zone: tzinfo) -> Iterator[Shelf]:
    """What counts for one redemption of a reward at an instant, and how many of it there are.

    How many codes were imported is not the program's to say: that shelf is there with none.
    """
    if reward.stock is not None:
        yield Shelf(reward.code, "", "", reward.stock)
    if reward.pool:
        yield Shelf(reward.code, "", CODES, 0)
    for one in reward.gives.slots:
        if one.code == slot:
            yield Shelf(reward.code, slot, "", one.capacity)
    for total in reward.totals:
        start = span_start(total.each, at=at, zone=zone, joined_at=None)
        yield Shelf(reward.code, "", f"{total.each}|{start.isoformat()}", total.times)


def first_of(hold: Hold, reward: Reward) -> str:
    """What must happen before a fresh hold of a reward may be captured: review, confirm or ''."""
    if hold.review:
        return "review"
    return "confirm" if reward.confirm else ""


class Stock:
    """The shelves of a program in memory; `codes` are how many were imported for a reward."""

    def __init__(self, zone: tzinfo, *, codes: dict[str, int] | None = None) -> None:
        self.zone = zone
        self.codes = codes or {}
        self.taken: dict[tuple[str, str, str], int] = {}
        self.waiting: dict[Key, str] = {}

    def left(self, reward: Reward, slot: str, at: datetime, /) -> int | None:
        """How many are left at an instant; None for any number."""
        free = [self._supply(one) - self._taken(one) for one in self._shelves(reward, slot, at)]
        return min(free, default=None)

    def take(self, hold: Hold, reward: Reward, /) -> None:
        """Take what a hold is for, and note what must happen before it is captured."""
        self._move(hold, reward, hold.quantity)
        if waits := first_of(hold, reward):
            self.waiting[hold.key] = waits

    def put_back(self, hold: Hold, reward: Reward, /) -> None:
        """Put back what was taken for a hold; a code that somebody has seen stays used."""
        self._move(hold, reward, -hold.quantity)

    def waits_for(self, key: Key, /) -> str:
        """What must happen before a hold may be captured."""
        return self.waiting.get(key, "")

    def _shelves(self, reward: Reward, slot: str, at: datetime) -> Iterator[Shelf]:
        return shelves_of(reward, slot, at=at, zone=self.zone)

    def _supply(self, shelf: Shelf) -> int:
        return self.codes.get(shelf.reward, 0) if shelf.span == CODES else shelf.supply

    def _taken(self, shelf: Shelf) -> int:
        return self.taken.get(shelf[:3], 0)

    def _move(self, hold: Hold, reward: Reward, count: int) -> None:
        for shelf in self._shelves(reward, hold.slot, hold.at):
            if count > 0 or shelf.span != CODES:
                self.taken[shelf[:3]] = self._taken(shelf) + count
