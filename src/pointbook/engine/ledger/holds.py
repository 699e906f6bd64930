"""Points that are reserved on their lots for a redemption, until it is captured or released.

A hold is settled once: captured, all of it or a part, while the rest goes back; released; or
lapsed, when the points of an unused voucher are gone. What was captured may come back later.
Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pointbook.engine.ledger.lots import FOREVER, Draw
from pointbook.engine.ledger.transfers import PLAIN, Booked

Key = tuple[str, str]
State = Literal["reserved", "captured", "released", "lapsed", "cancelled"]


@dataclass(slots=True, eq=False)
class Hold:
    """The points of a redemption, in smallest parts, by the key of the fact that reserved it.

    `reward` is empty where points pay a part of an order, whose key is `order`. It ends at `until`
    (FOREVER: never); its points are then gone when it `lapses`, else they come back. `quantity`
    is how many of the reward, `slot` which of its times, `amount` what it is worth to the member
    (minor units). `capture` is the fact that used it; `captured` points were used, of which `back`
    came back. `booked` is what that is in the books.
    """

    key: Key
    reward: str
    unit: str
    draws: tuple[Draw, ...]
    at: datetime
    until: datetime = FOREVER
    lapses: bool = False
    quantity: int = 1
    slot: str = ""
    order: Key | None = None
    amount: int = 0
    review: bool = False
    state: State = "reserved"
    capture: Key | None = None
    captured: int = 0
    back: int = 0
    booked: Booked = PLAIN

    @property
    def points(self) -> int:
        """All the points it was for."""
        return sum(draw.points for draw in self.draws)

    @property
    def open(self) -> bool:
        """Whether nothing has been decided yet."""
        return self.state == "reserved"

    def split(self, points: int) -> tuple[tuple[Draw, ...], tuple[Draw, ...]]:
        """Its draws up to `points`, and those after, in the order in which they were drawn."""
        first, rest = parted(self.draws, points)
        return tuple(first), tuple(rest)

    def left(self) -> tuple[Draw, ...]:
        """The captured draws that have not come back, the first captured coming back first."""
        used, _ = self.split(self.captured)
        return tuple(parted(used, self.back)[1])


def parted(draws: Sequence[Draw], points: int) -> tuple[list[Draw], list[Draw]]:
    """Draws divided after so many points."""
    first: list[Draw] = []
    rest: list[Draw] = []
    for lot, count, _ in draws:
        taken = min(count, points)
        points -= taken
        if taken:
            first.append(Draw(lot, taken))
        if count > taken:
            rest.append(Draw(lot, count - taken))
    return first, rest
