"""How lots are kept and consumed: a member's wallet of one unit.

A lot is the points of one award. Draws take points from lots in the unit's spend order, never from
a lot that has expired at that instant. The wallet is the working copy of a fold: it changes in
place, and the draws it answers with are the record of what changed.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from pointbook.engine.values.errors import PointbookError

FOREVER = datetime.max.replace(tzinfo=UTC)


class BalanceError(PointbookError):
    """More points were asked for than the wallet holds."""

    status = 422


@dataclass(slots=True, eq=False)
class Lot:
    """The points of one award; `id` is the caller's (0 until it has one).

    `allocated` is the part of the sale's price (minor units) deferred for these points, `base` what
    the rule looked at and `returned` how much of it came back, both in minor units; `due` are the
    points that returns have asked back, `drawn_back` those that left with their allocated share.
    """

    fact: str
    rule: str
    unit: str
    earned_at: datetime
    expires_at: datetime
    points: int
    remaining: int
    allocated: int = 0
    base: int = 0
    returned: int = 0
    due: int = 0
    drawn_back: int = 0
    id: int = 0


class Draw(NamedTuple):
    """Points taken from one lot; `allocated` leaves the lot's deferred amount (claw-backs only)."""

    lot: Lot
    points: int
    allocated: int = 0


def _by_age(lot: Lot) -> tuple[datetime, str, str]:
    return lot.earned_at, lot.fact, lot.rule


def _by_expiry(lot: Lot) -> tuple[datetime, datetime, str, str]:
    return lot.expires_at, lot.earned_at, lot.fact, lot.rule


ORDERS = {"oldest": _by_age, "soonest_expiry": _by_expiry}


class Wallet:
    """The open lots of one member and unit in spend order, and the points the member owes.

    `receivable` is what the shop is owed for those points, in minor units.
    """

    __slots__ = ("_order", "debt", "lots", "next_expiry", "receivable")

    def __init__(
        self,
        *,
        spend_order: str,
        lots: list[Lot] | None = None,
        debt: int = 0,
        receivable: int = 0,
    ) -> None:
        self._order = ORDERS[spend_order]
        self.lots = sorted(lots or (), key=self._order)
        self.debt = debt
        self.receivable = receivable
        self.next_expiry = min((lot.expires_at for lot in self.lots), default=FOREVER)

    def add(self, lot: Lot) -> None:
        """Put a new lot where the spend order wants it."""
        lots = self.lots
        if not lots or (
            # Nearly every lot is younger than the last and ends no sooner: last in either order.
            lot.earned_at > lots[-1].earned_at and lot.expires_at >= lots[-1].expires_at
        ):
            lots.append(lot)
        else:
            insort(lots, lot, key=self._order)
        self.next_expiry = min(self.next_expiry, lot.expires_at)

    def follow(self, spend_order: str) -> None:
        """Draw in this order from now on: another version of the program is in force."""
        order = ORDERS[spend_order]
        if order is not self._order:
            self._order = order
            self.lots.sort(key=order)

    def available(self, at: datetime) -> int:
        """The points that can be used at `at`: lots expired by then do not count."""
        return sum(lot.remaining for lot in self.lots if lot.expires_at > at)

    def expire(self, at: datetime) -> list[Draw]:
        """Empty every lot that has expired at `at`, in the order of their ends."""
        if at < self.next_expiry:
            return []
        gone = sorted((lot for lot in self.lots if lot.expires_at <= at), key=_by_expiry)
        draws = [Draw(lot, lot.remaining) for lot in gone]
        for lot in gone:
            lot.remaining = 0
        self._tidy()
        return draws

    def draw(self, points: int, *, at: datetime) -> list[Draw]:
        """Take `points` in spend order from lots usable at `at`.

        :raises BalanceError: when fewer points can be used; nothing is taken then.
        """
        held = self.available(at)
        if points > held:
            raise BalanceError(
                f"the balance is {held}, {points} were asked for",
                field="points",
                value=points,
                mend=f"Ask for {held} or fewer.",
            )
        draws = self._take(points, at)
        self._tidy()
        return draws

    def take_back(self, points: int, *, at: datetime, first: Lot) -> list[Draw]:
        """Take up to `points` for a return: from the award's own lot first, then in spend order.

        Each draw carries the share of the lot's allocated amount that leaves with its points.
        """
        own = min(points, first.remaining) if first.expires_at > at else 0
        draws = []
        if own:
            first.remaining -= own
            draws.append(Draw(first, own))
        draws += self._take(points - own, at)
        self._tidy()
        return [Draw(lot, count, _leaving(lot, count)) for lot, count, _ in draws]

    def _take(self, points: int, at: datetime) -> list[Draw]:
        draws = []
        for lot in self.lots:
            if points == 0:
                break
            if lot.expires_at <= at:
                continue
            count = min(points, lot.remaining)
            if count:
                lot.remaining -= count
                points -= count
                draws.append(Draw(lot, count))
        return draws

    def _tidy(self) -> None:
        self.lots = [lot for lot in self.lots if lot.remaining]
        self.next_expiry = min((lot.expires_at for lot in self.lots), default=FOREVER)


def _leaving(lot: Lot, points: int) -> int:
    """The share of the allocated amount that leaves with `points`, rounded on the running total."""
    before = share(lot, lot.drawn_back)
    lot.drawn_back += points
    return share(lot, lot.drawn_back) - before


def share(lot: Lot, points: int) -> int:
    """The part of the lot's allocated amount (minor units) that stands behind `points`, half up."""
    return (2 * lot.allocated * points + lot.points) // (2 * lot.points)
