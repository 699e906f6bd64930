"""The overview: what is owed, the month, points in and out, what expires, what needs doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pointbook.interfaces.console.pages.frame import Unit, UnitTab


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """The month shown: the last whole one in the first week of a month, else the current one.

    `earned_before` is the month before it; `held` is opening + earned, what could have expired.
    """

    first_on: date
    active: int
    members: int
    earned: int
    earned_before: int
    spent: int
    spenders: int
    expired: int
    held: int

    @property
    def more(self) -> int:
        """How much more was earned than in the month before."""
        return self.earned - self.earned_before

    @property
    def less(self) -> int:
        """How much less was earned than in the month before."""
        return -self.more


@dataclass(frozen=True, slots=True)
class Flow:
    """Points of one month, and what was owed at its end."""

    first_on: date
    earned: int
    spent: int
    expired: int
    owed: int


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points whose last day lies in a week; `until_on` is the week's last day."""

    from_on: date
    until_on: date
    points: int
    members: int
    worth: int


@dataclass(frozen=True, slots=True)
class TierCount:
    """How many members stand in a tier."""

    name: str
    members: int


@dataclass(frozen=True, slots=True)
class Need:
    """Something to do: what, the state of it, and the link that does it."""

    icon: str
    title: str
    text: str
    action: str
    href: str
    failing: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """A date that is known already."""

    on: date
    text: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of a program for its manager.

    `units` are all units, when there are several; the others are about the chosen one, `unit`,
    which members can spend or (`spendable` False) only count. `owed` are the points members hold,
    `worth` is their face value (None where a point is worth nothing), `liability` what the books
    say now (None before the first fact), `books` the state of the books in a few words.

    `flows` are the months up to the one shown, oldest first and at most twelve; `simulated` says
    that some of what was spent happened to nobody; `expiring` are the weeks up to `expiring_until`,
    `expiring_members` counts each member once; `tiers` start with the highest.
    """

    program: str
    code: str
    currency: str
    units: tuple[UnitTab, ...]
    unit: Unit
    spendable: bool
    today: date
    members: int
    owed: int
    worth: int | None
    liability: int | None
    books: str
    month: MonthFigures | None
    flows: tuple[Flow, ...]
    simulated: bool
    expiring: tuple[Expiring, ...]
    expiring_until: date
    expiring_members: int
    tiers: tuple[TierCount, ...]
    moved_up: int
    needs: tuple[Need, ...]
    coming: tuple[Coming, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether the books say another amount than the face value, which is then explained."""
        known = self.liability is not None and self.worth is not None
        return known and self.liability != self.worth

    @property
    def moved(self) -> bool:
        """Whether any points came or went in the months shown."""
        return any(one.earned or one.spent or one.expired or one.owed for one in self.flows)

    @property
    def scale(self) -> int:
        """What the figures on the chart are divided by: 1, a thousand or a million whole points."""
        thousands, millions = 10_000, 10_000_000  # from here on they are easier to read
        largest = max((max(flow.earned, flow.spent) for flow in self.flows), default=0)
        whole: int = largest // 10**self.unit.decimals
        return 1 if whole < thousands else 1_000 if whole < millions else 1_000_000

    @property
    def expiring_points(self) -> int:
        """The sum of the weeks."""
        return sum(week.points for week in self.expiring)

    @property
    def expiring_worth(self) -> int:
        """The sum of the weeks, in money."""
        return sum(week.worth for week in self.expiring)

    @property
    def largest_week(self) -> int:
        """The longest bar of the weeks."""
        return max((week.points for week in self.expiring), default=0)

    @property
    def largest_tier(self) -> int:
        """The longest bar of the tiers."""
        return max((tier.members for tier in self.tiers), default=0)
