"""How lots are kept and consumed: a member's wallet of one unit.

A lot is the points of one award. It can be used from `starts_at` on until it ends at `expires_at`;
before it starts it is pending. Draws take points from lots in the unit's spend order, only from
those that can be used at that instant. The wallet is the working copy of a fold: it changes in
place, and the draws and shifts it answers with are the record of what changed.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pointbook.engine.values.errors import PointbookError

FOREVER = datetime.max.replace(tzinfo=UTC)
AT_ONCE = datetime.min.replace(tzinfo=UTC)
# Who asks for what ended n days ago means n of the program's days, not n times 24 hours.
_SLACK = timedelta(days=2)


class BalanceError(PointbookError):
    """More points were asked for than the wallet holds."""

    status = 422


@dataclass(slots=True, eq=False)
class Lot:
    """The points of one award; `id` is the caller's (0 until it has one).

    `allocated` is the part of the sale's price (minor units) deferred for these points, `base` what
    the rule looked at and `returned` how much of it came back, both in minor units; `due` are the
    points that returns have asked back, `drawn_back` those that left with their allocated share.
    `starts_at` is when the points can be used: AT_ONCE (the default) is from the award on, FOREVER
    waits for an event. `policy` and `funder` are what the award is in the books, fixed when it was
    given. `origin` is the lot of another member that the points came from, `cohort` the caller's:
    nothing here looks into either. `of` is the award that received points were at first, by its
    fact and rule.
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
    policy: str = ""
    funder: str = ""
    starts_at: datetime = AT_ONCE
    cohort: object = None
    origin: Lot | None = None
    of: tuple[str, str] | None = None

    @property
    def root(self) -> tuple[str, str, datetime]:
        """The award that the points were at first, whoever holds them: fact, rule, and when."""
        fact, rule = self.of or (self.fact, self.rule)
        return fact, rule, self.earned_at


class Draw(NamedTuple):
    """Points taken from one lot, or put back into it.

    `allocated` leaves the lot's deferred amount with them: when they are taken back, and when they
    go to another member.
    """

    lot: Lot
    points: int
    allocated: int = 0


class Shift(NamedTuple):
    """A lot whose dates moved, and the dates it has now."""

    lot: Lot
    starts_at: datetime
    expires_at: datetime


class Gone(NamedTuple):
    """Points of a lot that expired at `ended_at` and may be reinstated."""

    lot: Lot
    points: int
    ended_at: datetime


def _by_age(lot: Lot) -> tuple[datetime, str, str]:
    return lot.earned_at, lot.fact, lot.rule


def _by_expiry(lot: Lot) -> tuple[datetime, datetime, str, str]:
    return lot.expires_at, lot.earned_at, lot.fact, lot.rule


# The end that a lot should have.
End = Callable[[Lot], datetime]

ORDERS = {"oldest": _by_age, "soonest_expiry": _by_expiry}


class Wallet:
    """The open lots of one member and unit in spend order, and the points the member owes.

    `receivable` is what the shop is owed for those points, in minor units. `remembers` is how long
    `gone` keeps what expired, None for not at all. `next_expiry` is when a lot next ends.
    """

    __slots__ = (
        "_came_late",
        "_last_start",
        "_order",
        "debt",
        "gone",
        "lots",
        "next_expiry",
        "receivable",
        "remembers",
        "spend_order",
    )

    def __init__(
        self,
        *,
        spend_order: str,
        lots: list[Lot] | None = None,
        debt: int = 0,
        receivable: int = 0,
        remembers: timedelta | None = None,
        gone: list[Gone] | None = None,
    ) -> None:
        self.spend_order = spend_order
        self._order = ORDERS[spend_order]
        self.lots = sorted((lot for lot in lots or () if lot.remaining), key=self._order)
        self.debt = debt
        self.receivable = receivable
        self.remembers = remembers
        self.gone = gone or []
        self.next_expiry = min((lot.expires_at for lot in self.lots), default=FOREVER)
        # When burned points came back into a lot that had ended.
        self._came_late: dict[Lot, datetime] = {}
        # No lot starts later: from then on nothing is pending.
        self._last_start = max((lot.starts_at for lot in self.lots), default=AT_ONCE)

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
        if lot.expires_at < self.next_expiry:  # noqa: PLR1730 -- each award comes by here
            self.next_expiry = lot.expires_at
        if lot.starts_at is not AT_ONCE:
            self._last_start = max(self._last_start, lot.starts_at)

    def follow(self, spend_order: str) -> None:
        """Draw in this order from now on: another version of the program is in force."""
        if spend_order != self.spend_order:
            self.spend_order = spend_order
            self._order = ORDERS[spend_order]
            self.lots.sort(key=self._order)

    def available(self, at: datetime) -> int:
        """The points that can be used at `at`: of lots that have started and have not ended."""
        if self._last_start <= at < self.next_expiry:
            return sum([lot.remaining for lot in self.lots])
        return sum([lot.remaining for lot in self.lots if lot.starts_at <= at < lot.expires_at])

    def pending(self, at: datetime) -> int:
        """The points that cannot be used yet at `at`."""
        if self._last_start <= at:
            return 0
        return sum(
            [lot.remaining for lot in self.lots if lot.starts_at > at and lot.expires_at > at]
        )

    def expire(self, at: datetime) -> list[Draw]:
        """Empty every lot that has expired at `at`, pending or not, in the order of their ends."""
        if at < self.next_expiry:
            return []
        ended = sorted((lot for lot in self.lots if lot.expires_at <= at), key=_by_expiry)
        self.forget(at)
        draws = [self._ended(lot) for lot in ended]
        self._tidy()
        return draws

    def expire_lot(self, lot: Lot) -> Draw:
        """Empty one lot as it was emptied at its end, whatever the time: a fold told again."""
        draw = self._ended(lot)
        self._tidy()
        return draw

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

    def take_back(self, points: int, *, at: datetime, first: Lot | None) -> list[Draw]:
        """Take up to `points` for a return: from the award's own lot first, then in spend order.

        The own lot gives also while it is pending. Each draw carries the share of the lot's
        allocated amount that leaves with its points.
        """
        draws = []
        if first is not None and first.expires_at > at and (own := min(points, first.remaining)):
            first.remaining -= own
            points -= own
            draws.append(Draw(first, own))
        draws += self._take(points, at)
        self._tidy()
        return [Draw(lot, count, _leaving(lot, count)) for lot, count, _ in draws]

    def part(self, points: int, *, at: datetime) -> list[Draw]:
        """Take `points` for another member, in spend order from lots usable at `at`.

        Each draw carries the share of the lot's allocated amount that goes along.

        :raises BalanceError: when fewer points can be used; nothing is taken then.
        """
        return [
            Draw(lot, count, _leaving(lot, count)) for lot, count, _ in self.draw(points, at=at)
        ]

    def part_all(self, *, at: datetime) -> list[Draw]:
        """Take everything that has not ended at `at`, pending lots too, in spend order.

        Each draw carries the share of the lot's allocated amount that goes along.
        """
        draws = [_emptied(lot) for lot in self.lots if lot.expires_at > at]
        self._tidy()
        return draws

    def part_lot(self, lot: Lot) -> Draw:
        """Take all that remains of one lot, pending or not, for another member.

        The draw carries the share of the lot's allocated amount that goes along.
        """
        draw = _emptied(lot)
        self._tidy()
        return draw

    def put_back(self, draws: Iterable[Draw], *, at: datetime) -> list[Draw]:
        """Put the points of draws without a share (burns) back into their lots, and say so.

        A lot that was emptied is open again. One that has ended meanwhile gets its points too:
        `expire` empties it then, and they count as expired at `at`.
        """
        back = [Draw(lot, points) for lot, points, _ in draws]
        for lot, points, _ in back:
            if lot.expires_at <= at:
                self._came_late[lot] = at
            self._refill(lot, points)
        return back

    def slide(self, end: datetime | End, *, at: datetime = AT_ONCE) -> list[Shift]:
        """Put off to `end` the ends of lots that end sooner, in spend order; none moves earlier.

        `end` is one instant for all or is asked of each lot. Lots that have ended at `at` stay.
        """
        shifts = []
        for lot in self.lots:
            later = end if isinstance(end, datetime) else end(lot)
            if at < lot.expires_at < later:
                lot.expires_at = later
                shifts.append(Shift(lot, lot.starts_at, later))
        if shifts:
            self._tidy()
            self.lots.sort(key=self._order)
        return shifts

    def release(
        self, lot: Lot, *, starts_at: datetime, expires_at: datetime | None = None
    ) -> Shift:
        """Let a lot of this wallet be used from `starts_at`, up to `expires_at` when that is given.

        A lot that was emptied meanwhile moves too: its points may come back.
        """
        lot.starts_at = starts_at
        if expires_at is not None:
            lot.expires_at = expires_at
            self._tidy()
            self.lots.sort(key=self._order)
        self._last_start = max((one.starts_at for one in self.lots), default=AT_ONCE)
        return Shift(lot, starts_at, lot.expires_at)

    def reinstate(self, *, since: datetime, at: datetime, until: datetime) -> list[Draw]:
        """Bring back what expired from `since` to `at`, both included; its lots now end at `until`.

        It finds what the wallet remembers, in the order in which it expired. Lots whose end has
        come must have been emptied by `expire` before.
        """
        back: dict[Lot, int] = {}
        kept = []
        for one in self.gone:
            if since <= one.ended_at <= at:
                back[one.lot] = back.get(one.lot, 0) + one.points
            else:
                kept.append(one)
        self.gone = kept
        for lot, points in back.items():
            lot.expires_at = until
            self._refill(lot, points)
        return [Draw(lot, points) for lot, points in back.items()]

    def forget(self, at: datetime) -> None:
        """Drop what expired too long before `at` to be remembered."""
        if self.gone:
            oldest = at - (self.remembers or timedelta(0)) - _SLACK
            self.gone = [one for one in self.gone if one.ended_at >= oldest]

    def _ended(self, lot: Lot) -> Draw:
        points, lot.remaining = lot.remaining, 0
        came = self._came_late.pop(lot, AT_ONCE) if self._came_late else AT_ONCE
        if self.remembers is not None and points:
            self.gone.append(Gone(lot, points, max(lot.expires_at, came)))
        return Draw(lot, points)

    def _refill(self, lot: Lot, points: int) -> None:
        was_empty = not lot.remaining
        lot.remaining += points
        assert lot.remaining + lot.drawn_back <= lot.points, "points come back once"
        if was_empty and points:
            # An emptied lot was tidied away.
            self.add(lot)

    def _take(self, points: int, at: datetime) -> list[Draw]:
        draws = []
        for lot in self.lots:
            if points == 0:
                break
            if lot.expires_at <= at or lot.starts_at > at:
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


def _emptied(lot: Lot) -> Draw:
    count, lot.remaining = lot.remaining, 0
    return Draw(lot, count, _leaving(lot, count))


def _leaving(lot: Lot, points: int) -> int:
    """The share of the allocated amount that leaves with `points`, rounded on the running total."""
    before = share(lot, lot.drawn_back)
    lot.drawn_back += points
    return share(lot, lot.drawn_back) - before


def share(lot: Lot, points: int) -> int:
    """The part of the lot's allocated amount (minor units) that stands behind `points`, half up."""
    return (2 * lot.allocated * points + lot.points) // (2 * lot.points)
