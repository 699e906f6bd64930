"""The rewards of a program, and one of them: what is left, what was redeemed, who looks at what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pointbook.interfaces.console.pages.frame import Unit


@dataclass(frozen=True, slots=True)
class Listed:
    """A reward in the catalogue: its price in points, and `cash` beside them.

    `left` is '' where there are any number.
    `times` and `points` were redeemed this month, `reserved` are kept for members now.
    """

    href: str
    name: str
    kind: str
    price: str
    cash: str
    left: str
    gone: bool
    times: int
    points: str
    reserved: int


@dataclass(frozen=True, slots=True)
class Redeemed:
    """One redemption. `state` is in words; `step` is the next one of its fulfilment, '' for none.

    `source` and `key` name it in forms; `ends` is when its hold ends.
    """

    source: str
    key: str
    on: date
    reward: str
    reward_href: str
    member: str
    member_href: str
    quantity: int
    points: str
    state: str
    open: bool
    note: str
    step: str
    undoes: str
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Cause:
    """What a cause is to get, in minor units; `due` says that it can be paid."""

    code: str
    name: str
    gifts: int
    given: int
    matched: int
    fee: int
    paid: int


@dataclass(frozen=True, slots=True)
class Payout:
    """A payout that was made."""

    number: int
    on: date
    name: str
    paid: int
    reference: str


@dataclass(frozen=True, slots=True)
class Rewards:
    """The catalogue in force; `review` are redemptions that somebody must look at.

    `points` were redeemed this month in `times` redemptions, in words; `token` makes a payout
    happen once.
    """

    program: str
    currency: str
    month: date
    answer: str
    rewards: tuple[Listed, ...]
    review: tuple[Redeemed, ...]
    may_review: bool
    causes: tuple[Cause, ...]
    payouts: tuple[Payout, ...]
    may_pay: bool
    token: str

    @property
    def owed(self) -> int:
        """What all causes are to get."""
        return sum(one.paid for one in self.causes)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who booked a place; `came` is None until somebody says."""

    source: str
    key: str
    member: str
    member_href: str
    came: bool | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A time of an experience: its places, who booked, who waits in order.

    Once it has `begun` somebody can say who came.
    """

    code: str
    at: datetime
    until: datetime
    place: str
    left: int
    supply: int
    begun: bool
    guests: tuple[Guest, ...]
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Winner:
    """Who won what."""

    place: int
    prize: str
    member: str
    member_href: str


@dataclass(frozen=True, slots=True)
class Draw:
    """A sweepstake's draw; `wrong` is what checking it again found (nothing: it is as promised).

    `due` says that its day has come.
    """

    on: date | None
    commitment: str
    drawn_on: date | None
    seed: str
    entries: int
    digest: str
    winners: tuple[Winner, ...]
    wrong: tuple[str, ...]
    due: bool
    may: bool


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of a reward by state, and whether more can be imported."""

    free: int
    given: int
    used: int
    void: int
    may_import: bool
    export: str


@dataclass(frozen=True, slots=True)
class Reward:
    """One reward with everything that concerns it. `supply` is None where there are any number.

    `token` makes a change of the stock happen once.
    """

    code: str
    name: str
    kind: str
    price: str
    worth: int
    currency: str
    unit: Unit
    sentences: tuple[str, ...]
    supply: int | None
    taken: int
    times: int
    points: str
    month: date
    redeemed: tuple[Redeemed, ...]
    older: str
    may_supply: bool
    may_fulfil: bool
    slots: tuple[Slot, ...]
    codes: Codes | None
    draw: Draw | None
    token: str

    @property
    def left(self) -> int:
        """How many are left of the stock."""
        return max(0, (self.supply or 0) - self.taken)
