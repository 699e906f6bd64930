"""The list of members, and one member: balance, progress, lots, history with explanations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from pointbook.interfaces.console.pages.frame import Unit, UnitTab
from pointbook.interfaces.console.pages.rewards import Redeemed


@dataclass(frozen=True, slots=True)
class Listed:
    """A member in the list.

    `known_by` is another identifier than the name, `seen_on` the last purchase.
    """

    href: str
    name: str
    known_by: str
    tier: str
    points: int
    joined_on: date
    seen_on: date | None


@dataclass(frozen=True, slots=True)
class Members:
    """One page of the list; `total` are the members found, `everybody` those there are."""

    program: str
    code: str
    unit: Unit
    query: str
    rows: tuple[Listed, ...]
    total: int
    everybody: int
    number: int
    size: int = 50

    @property
    def known_by(self) -> bool:
        """Whether anybody listed is known by more than the name."""
        return any(row.known_by for row in self.rows)

    @property
    def first(self) -> int:
        """The place of the first row."""
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        """The place of the last row."""
        return self.first + len(self.rows) - 1

    @property
    def previous(self) -> int | None:
        """The number of the page before."""
        return self.number - 1 if self.number > 1 else None

    @property
    def following(self) -> int | None:
        """The number of the next page."""
        return self.number + 1 if self.last < self.total else None


@dataclass(frozen=True, slots=True)
class Way:
    """A way to something in words: `part` of `whole` is behind (smallest parts of any measure)."""

    headline: str
    have: str
    goal: str
    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """Where a member stands on one ladder; `until` is the tier's last day (None: no date).

    `ways` are what lifts the member, of which one or, with `every`, all must be gone; `note` is
    said where there is no way.
    """

    name: str
    tier: str
    until: date | None
    ways: tuple[Way, ...]
    every: bool
    note: str


@dataclass(frozen=True, slots=True)
class Coming:
    """Points that cannot be used yet: from a day on, or (None) once something happens."""

    on: date | None
    text: str
    points: int


@dataclass(frozen=True, slots=True)
class Benefit:
    """A counted benefit of a tier, and how many are left in words."""

    name: str
    text: str
    left: int


@dataclass(frozen=True, slots=True)
class Link:
    """Somebody whose page is one step away."""

    text: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Lot:
    """Open points that expire on one day; `place` in per cent of the time line, `height` in px.

    `label` says when their figures fit beside the neighbours': on wide screens, always, or never
    (the table under the line has them all). `far` is whether the day needs its year.
    """

    expires_on: date
    points: int
    place: Decimal
    height: int
    label: Literal["always", "wide", "never"]
    far: bool = False


@dataclass(frozen=True, slots=True)
class MonthMark:
    """Where a month begins on the time line, in per cent."""

    first_on: date
    place: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a history; `points` signed, `balance` after it. `href` explains it."""

    id: str
    on: date
    title: str
    reason: str
    points: int
    balance: int
    href: str


@dataclass(frozen=True, slots=True)
class Step:
    """A line behind an entry: a sentence, or an amount in money or points, a total under a rule."""

    label: str
    amount: int = 0
    kind: Literal["sentence", "money", "points"] = "sentence"
    total: bool = False


@dataclass(frozen=True, slots=True)
class Detail:
    """A term and what is known of it, with a link where there is more."""

    term: str
    text: str
    href: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an entry is as it is: arithmetic that ends in its points, and where it stands now."""

    entry: Entry
    member: str
    member_href: str
    unit: Unit
    currency: str
    title: str
    steps: tuple[Step, ...]
    details: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """A purchase or return of the member; `total` is negative for a return."""

    on: date
    text: str
    total: int


@dataclass(frozen=True, slots=True)
class RewardOffer:
    """A reward and what it costs in words; `ready` when it can be had now."""

    name: str
    text: str
    ready: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A tier that the member reached or kept on a day, and why."""

    on: date
    tier: str
    text: str


@dataclass(frozen=True, slots=True)
class Member:
    """One member with everything that concerns them.

    `contact` are the identifiers in words, `links` the household and the company. `units` are all
    units, when there are several; `unit` and what follows up to `lots_note` are of the chosen one.
    `worth` is None where a point is worth nothing, `debt` are points owed by the member. `ladder`
    is the one that members see, `others` the parallel ones. `older` addresses the entries before
    these ('' when there are none). `sells` is whether purchases earn this unit. `redeemed` are the
    latest redemptions; `may_redeem` says that the person may release and cancel them, and `here`
    leads back to them.
    """

    name: str
    tier: str
    contact: tuple[str, ...]
    links: tuple[Link, ...]
    joined_on: date
    units: tuple[UnitTab, ...]
    unit: Unit
    currency: str
    points: int
    worth: int | None
    debt: int
    coming: tuple[Coming, ...]
    lots: tuple[Lot, ...]
    months: tuple[MonthMark, ...]
    lots_note: str
    ladder: Ladder | None
    others: tuple[Ladder, ...]
    next_reward: Way | None
    entries: tuple[Entry, ...]
    older: str
    orders: tuple[Order, ...]
    rewards: tuple[RewardOffer, ...]
    benefits: tuple[Benefit, ...]
    standings: tuple[Standing, ...]
    consent: str
    sells: bool = True
    redeemed: tuple[Redeemed, ...] = ()
    may_redeem: bool = False
    here: str = ""

    @property
    def pending(self) -> int:
        """The points that cannot be used yet."""
        return sum(one.points for one in self.coming)

    @property
    def next_lot(self) -> Lot | None:
        """The points that expire first."""
        return self.lots[0] if self.lots else None


@dataclass(frozen=True, slots=True)
class History:
    """More lines of a member's history, for the end of the table."""

    member: str
    member_href: str
    entries: tuple[Entry, ...]
    unit: Unit
    older: str


LINE_HEIGHT = 88
WIDE, NARROW = Decimal(6), Decimal(15)  # per cent a label takes at 1280 and at 390
WITH_YEAR = Decimal("1.6")  # how much more room a label takes that says its year
STEPS = (1, 2, 3, 6, 12)  # months between two marks of a time line
APART = 8  # per cent of the line between two marks
FAR = 300  # days: a date further away is told with its year


def time_line(
    expiring: Sequence[tuple[date, int]], *, from_on: date
) -> tuple[tuple[Lot, ...], tuple[MonthMark, ...]]:
    """Points by day of expiry as bars over time, with labels only where they do not collide.

    The next and then the largest are labelled first; `expiring` is in order of days.
    """
    if not expiring:
        return (), ()
    span = max(30, (expiring[-1][0] - from_on).days * 17 // 16)  # room for the last label
    places = [Decimal(100 * (day - from_on).days) / span for day, _ in expiring]
    largest = max(points for _, points in expiring)
    by_size = sorted(range(len(expiring)), key=lambda n: (n != 0, -expiring[n][1]))
    far = [(day - from_on).days > FAR for day, _ in expiring]
    more = WITH_YEAR if any(far) else 1
    wide = _apart(by_size, places, WIDE * more)
    narrow = _apart(by_size, places, NARROW * more)
    lots = tuple(
        Lot(
            expires_on=day,
            points=points,
            place=place.quantize(Decimal("0.01")),
            height=max(2, LINE_HEIGHT * points // largest),
            label="always" if n in narrow else "wide" if n in wide else "never",
            far=far[n],
        )
        for n, ((day, points), place) in enumerate(zip(expiring, places, strict=True))
    )
    return lots, _marks(from_on, span)


def _apart(order: Sequence[int], places: Sequence[Decimal], least: Decimal) -> set[int]:
    chosen: set[int] = set()
    for n in order:
        inside = places[n] >= least / 2
        if (inside or n == 0) and all(abs(places[n] - places[m]) >= least for m in chosen):
            chosen.add(n)
    return chosen


def _marks(from_on: date, span: int) -> tuple[MonthMark, ...]:
    """The months of the time line; of a long one every second, third, sixth or twelfth."""
    step = next((one for one in STEPS if 30 * one * 100 >= APART * span), STEPS[-1])
    marks, day = [MonthMark(from_on, Decimal(0))], from_on
    while True:
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        place = Decimal(100 * (day - from_on).days) / span
        if place >= Decimal(97):
            return tuple(marks)
        if (day.month - 1) % step:
            continue
        if place < APART and marks[0].first_on == from_on:
            marks = []  # the first month is nearly over: its name would stand on the second's
        marks.append(MonthMark(day, place.quantize(Decimal("0.01"))))
