"""What points can buy, as one part of the program's document: rewards, paying, causes, habits.

Money is in minor units of the program's currency, points in the smallest part of their unit, days
are the program's. `engine.rules.reading` makes these of a document; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from pointbook.engine.rules.predicates import Condition
from pointbook.engine.rules.spans import Each

RewardKind = Literal[
    "discount",
    "percent",
    "product",
    "shipping",
    "buy_get",
    "cash_back",
    "stored_value",
    "service",
    "access",
    "experience",
    "charity",
    "partner",
    "sweepstake",
    "quota",
]
# What a redemption is in the books: the row of the posting matrix it falls under.
Side = Literal["own_goods", "principal", "agent", "cash", "charity", "none"]
# Kinds that take something off the bill of an order, and so ask for one.
ON_ORDERS: Final = frozenset({"discount", "percent", "shipping", "buy_get"})
# Kinds of which one redemption is always one, however many are asked for (OL-33).
SINGLE: Final = frozenset({"percent", "cash_back", "shipping"})
SIDES: Final[Mapping[RewardKind, Side]] = {
    "discount": "own_goods",
    "percent": "own_goods",
    "product": "own_goods",
    "shipping": "own_goods",
    "buy_get": "own_goods",
    "cash_back": "cash",
    "stored_value": "none",
    "service": "own_goods",
    "access": "none",
    "experience": "principal",
    "charity": "charity",
    "partner": "agent",
    "sweepstake": "own_goods",
    "quota": "none",
}
# What happens to a redemption of each kind once it is captured, in order. Kinds left out are done
# with the order that they are for.
FULFILMENT: Final[Mapping[RewardKind, tuple[str, ...]]] = {
    "product": ("ordered", "packed", "sent", "delivered"),
    "service": ("ordered", "in_work", "ready", "handed_over"),
    "experience": ("booked", "attended"),
    "charity": ("collected", "paid_out"),
    "cash_back": ("ordered", "paid_out"),
    "partner": ("ordered", "confirmed", "delivered"),
    "sweepstake": ("entered", "drawn"),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which an experience takes place, and for how many."""

    code: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    place: str = ""


@dataclass(frozen=True, slots=True)
class Prize:
    """What a sweepstake gives, and how many times."""

    name: str
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Gives:
    """What a reward gives, by its kind; what a kind does not use is left as it is.

    - discount: `amount` off the order, or off its lines that `lines` chooses.
    - percent: `percent` off the order, off the chosen `lines`, or off the cheapest of them
      (`of`), at most `most`.
    - product: `quantity` of the chosen `lines` free when it is for an order, at most `most` in
      value; handed over or sent when it is for none.
    - shipping: the order's delivery.
    - buy_get: for every `buy` of `buy_lines` bought, `quantity` of `lines` at `percent` off.
    - cash_back: `amount`, as `to` money or credit (a credit note).
    - stored_value: `amount` as a lot of the unit `unit`.
    - service: a customisation; `options` are what may be chosen, each with its choices (none: free
      text).
    - access: what `text` says, such as early access or an exclusive offer.
    - experience: one place in one of `slots`; whoever does not come loses it, or with `no_show`
      return gets the points back. `waiting` allows a list for places that become free.
    - charity: `amount` to one of the program's causes in `causes` (empty: any).
    - partner: something of `partner`, which costs us `cost`.
    - sweepstake: one chance each in a draw of `prizes` on `draws_on`, for people of `countries`.
    - quota: `amount` whole `text` (such as MB) for `days` (0: without end).
    """

    kind: RewardKind = "discount"
    amount: int = 0
    percent: Decimal = Decimal(100)
    most: int | None = None
    of: Literal["order", "lines", "cheapest"] = "order"
    lines: Condition | None = None
    buy: int = 0
    buy_lines: Condition | None = None
    quantity: int = 1
    to: Literal["money", "credit"] = "credit"
    unit: str = ""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: str = ""
    slots: tuple[Slot, ...] = ()
    waiting: bool = False
    no_show: Literal["keep", "return"] = "keep"
    causes: tuple[str, ...] = ()
    partner: str = ""
    prizes: tuple[Prize, ...] = ()
    draws_on: date | None = None
    countries: tuple[str, ...] = ()
    days: int = 0


@dataclass(frozen=True, slots=True)
class Days:
    """Days from one to another, both included; None is open."""

    from_on: date | None = None
    until_on: date | None = None

    def has(self, day: date) -> bool:
        """Whether a day is one of them."""
        after = self.from_on is None or day >= self.from_on
        return after and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True, slots=True)
class Season:
    """Another price (None: the usual) and another worth (None: the usual) on some days."""

    days: Days
    price: int | None = None
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """At most so many for each span of time."""

    times: int
    each: Each = "ever"


@dataclass(frozen=True, slots=True)
class Voucher:
    """Points exchanged for a code that is used later, `days` or `months` after the exchange.

    Both 0: without end. Points of a voucher that was not used are `gone`, or come `back`.
    """

    days: int = 0
    months: int = 0
    unused: Literal["gone", "back"] = "gone"


@dataclass(frozen=True, slots=True)
class Reward:
    """What `price` smallest parts of a unit buy; `value` in minor units is its worth.

    `price_by_tier` replaces the price by the tier held on `ladder`, `price_by_segment` by the first
    segment that the member is in, a season by the day; the lowest that applies counts. With `tiers`
    only those tiers may have it, with `segments` only those in one of them. `cash` is paid beside
    the points. `when` is asked of the order and the member, `minimum` is the least an order must
    come to. `limits` are a member's, `totals` everybody's. `stock` is how many there are when the
    reward is first published (None: any number), `pool` says that codes were imported. An
    `exclusive` reward is not combined with another one on the same order. Reward lines earn nothing
    unless it `earns`. `confirm` asks for a one-time code. `cost` is what it costs us.
    """

    code: str
    name: str
    unit: str
    price: int
    value: int
    gives: Gives = Gives()
    price_by_tier: Mapping[str, int] = field(default_factory=dict)
    price_by_segment: Mapping[str, int] = field(default_factory=dict)
    seasons: tuple[Season, ...] = ()
    cash: int = 0
    tiers: tuple[str, ...] = ()
    ladder: str = ""
    segments: tuple[str, ...] = ()
    days: Days = Days()
    blackouts: tuple[Days, ...] = ()
    when: Condition | None = None
    minimum: int = 0
    minimum_with_tax: bool = False
    limits: tuple[Times, ...] = ()
    totals: tuple[Times, ...] = ()
    stock: int | None = None
    pool: bool = False
    voucher: Voucher | None = None
    exclusive: bool = False
    earns: bool = False
    confirm: bool = False
    giftable: bool = False
    side: Side = "own_goods"
    cost: int = 0
    terms: str = ""
    labels: tuple[str, ...] = ()

    @property
    def worth(self) -> int:
        """What one comes to in minor units: the amount of money that it gives, else its value."""
        return self.value if self.gives.kind == "quota" else self.gives.amount or self.value

    @property
    def shelved(self) -> bool:
        """Whether there are only so many: a stock, codes, places, or totals for everybody."""
        return bool(
            self.stock is not None or self.pool or self.totals or self.gives.kind == "experience"
        )


@dataclass(frozen=True, slots=True)
class Paying:
    """Paying part of an order in points of `unit`, each worth the unit's value.

    At least `minimum` points, in steps of `step`, at most `share` percent of what counts of the
    order (its total; without tax and delivery unless they are in), and so that at least `leave`
    minor units are left to pay. `each` days' limits are a member's, in points.
    """

    unit: str
    minimum: int = 0
    step: int = 1
    share: Decimal = Decimal(100)
    leave: int = 0
    tax: bool = True
    delivery: bool = True


@dataclass(frozen=True, slots=True)
class Cause:
    """A charity: who is paid, and by how many percent `match` adds to what members give."""

    code: str
    name: str
    payee: str = ""
    match: Decimal = Decimal(0)
    matched_by: str = ""
    fee: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class AutomaticBurn:
    """Points that are used without being asked: `reward` as often as the balance allows.

    Every `each` (day: the job of the next midnight) when at least `least` can be used. Members may
    be left out by the segment `unless`.
    """

    code: str
    reward: str
    least: int
    each: Literal["day", "month"] = "day"
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Redemption:
    """How rewards are taken, for the whole program.

    Points are held for `hold_minutes`. Points that come back into a lot that has ended meanwhile
    are gone (0), or live for `returned_for` days more. Above `suspicious` redemptions of a member
    in a span a person looks first.
    """

    hold_minutes: int = 30
    returned_for: int = 0
    suspicious: tuple[Times, ...] = ()


USUAL: Final = Redemption()
