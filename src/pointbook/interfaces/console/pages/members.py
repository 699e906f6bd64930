"""The list of members, and one member: balance, progress, lots, history with explanations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from pointbook.interfaces.console.pages.frame import Unit


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
class Progress:
    """A way to something: `missing` of `goal` with `have` behind, all in one measure."""

    name: str
    have: int
    goal: int
    missing: int


@dataclass(frozen=True, slots=True)
class Lot:
    """Open points that expire on one day; `place` in per cent of the time line, `height` in px.

    `label` says when their figures fit beside the neighbours': on wide screens, always, or never
    (the table under the line has them all).
    """

    expires_on: date
    points: int
    place: Decimal
    height: int
    label: Literal["always", "wide", "never"]


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
    """A reward and how many points are missing; 0 when it can be had now."""

    name: str
    price: int
    missing: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A tier that the member reached on a day."""

    on: date
    tier: str
    text: str


@dataclass(frozen=True, slots=True)
class Member:
    """One member with everything that concerns them.

    `contact` are the identifiers in words, `spend_window` is the measure's window in words ("in the
    last 365 days"), `debt` are points owed by the member, and `older` addresses the entries before
    these ('' when there are none).
    """

    name: str
    tier: str
    contact: tuple[str, ...]
    joined_on: date
    unit: Unit
    currency: str
    points: int
    worth: int
    debt: int
    next_tier: Progress | None
    next_reward: Progress | None
    spend_window: str
    lots: tuple[Lot, ...]
    months: tuple[MonthMark, ...]
    lots_note: str
    entries: tuple[Entry, ...]
    older: str
    orders: tuple[Order, ...]
    rewards: tuple[RewardOffer, ...]
    standings: tuple[Standing, ...]
    consent: str

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
    wide, narrow = _apart(by_size, places, WIDE), _apart(by_size, places, NARROW)
    lots = tuple(
        Lot(
            expires_on=day,
            points=points,
            place=place.quantize(Decimal("0.01")),
            height=max(2, LINE_HEIGHT * points // largest),
            label="always" if n in narrow else "wide" if n in wide else "never",
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
    marks, day = [MonthMark(from_on, Decimal(0))], from_on
    while True:
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        place = Decimal(100 * (day - from_on).days) / span
        if place >= Decimal(97):
            return tuple(marks)
        if place - marks[0].place < Decimal(8) and len(marks) == 1:
            marks = []  # the first month is nearly over: its name would stand on the second's
        marks.append(MonthMark(day, place.quantize(Decimal("0.01"))))
