"""A shop told twice: as facts for the engine, and as a few sums that anybody can follow.

The model knows members' lots, holds and a stock, and says of every fact beforehand whether it will
be refused. Points are whole; time only goes on, and is told to the model and to the engine alike.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pointbook.engine.values.facts import Fact, Returned

START = datetime(2025, 1, 1, 9, tzinfo=UTC)
MEMBERS = ("ann", "bob", "cy")
LIVES, HOLD, STOCK, MOST, WAITS = 9, 120, 4, 3, 5
TEXT = """
blueprint: 1
program: {code: beauty, name: Shop, currency: USD, time_zone: UTC, unknown_members: enrol}
units:
  points: {name: points, decimals: 0, value: "0.01", expires: {after_days: 9}, spend_order: oldest}
earn: EARN
households: {pool: [points]}
rewards:
  - {reward: mug, name: A mug, unit: points, price: 30, value: "3.00", gives: {product: {}},
     stock: 4, limits: [{times: 3, each: ever}]}
  - {reward: gone, name: 2 USD off, unit: points, price: 20, value: "2.00",
     voucher: {days: 5, unused: gone}}
  - {reward: back, name: 3 USD off, unit: points, price: 25, value: "3.00",
     voucher: {days: 5, unused: back}}
redemption: {hold_minutes: 120, returned_for_days: RETURNED}
returns: {claw_back: clamp}
books: {policy: deferred_revenue, judgement: "Points are a material right."}
"""
PRICES = {"mug": 30, "gone": 20, "back": 25}
EARNS = """
  - {rule: purchases, name: Purchases, on: purchase, unit: points, award: {points: 1, per: "1.00"}}
"""
GREETS = """
  - {rule: hello, name: Hello, on: sign_up, unit: points, award: {points: 1}}
"""


def document(*, alone):
    """The shop's program: with claw-backs and revived lots, or with merges and households."""
    text = TEXT.replace("EARN", EARNS if alone else GREETS)
    return text.replace("RETURNED", "3" if alone else "0")


@dataclass(eq=False)
class Lot:
    """Points of one award of a member; `order` is the purchase that gave it."""

    owner: str
    earned: datetime
    end: datetime
    left: int
    order: str = ""


@dataclass(eq=False)
class Hold:
    """Points of a redemption: (lot, points) as they were drawn, and what became of them."""

    key: str
    owner: str
    reward: str
    quantity: int
    until: datetime
    drawn: list[tuple[Lot, int]]
    order: str = ""
    state: str = "reserved"
    captured: int = 0
    back: int = 0

    @property
    def points(self):
        return sum(points for _, points in self.drawn)


@dataclass(eq=False)
class Order:
    """A purchase: its total, what came back of it, and the points it gave and gave back."""

    owner: str
    total: int
    back: int = 0
    clawed: int = 0
    lot: Lot | None = None


@dataclass
class Shop:
    """The model, and the maker of facts. Methods answer the fact and whether it will be refused."""

    alone: bool
    now: datetime = START
    lots: list[Lot] = field(default_factory=list)
    holds: dict[str, Hold] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    became: dict[str, str] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    sums: Counter[str] = field(default_factory=Counter)
    facts: int = 0

    # What is asked.

    def keeper(self, name):
        """Who keeps the points of a name: who they became, then the head of the household."""
        while name in self.became:
            name = self.became[name]
        return self.heads.get(name, name)

    def usable(self, name):
        return sum(one.left for one in self.lots if one.owner == name and one.end > self.now)

    def held(self, name):
        return sum(
            one.points
            for one in self.holds.values()
            if one.owner == name and one.state == "reserved"
        )

    def taken(self, whose=None):
        """The mugs that are held or used: all, or one member's and of whom they have become."""
        return sum(
            one.quantity
            for one in self.holds.values()
            if one.reward == "mug"
            and one.state in ("reserved", "captured")
            and whose in (None, self._is(one.owner))
        )

    def in_household(self, name):
        return name in self.heads or name in self.heads.values()

    # What happens.

    def wait(self, minutes):
        """Time passes; holds whose time is over end, the first to end first."""
        self.now += timedelta(minutes=minutes)
        over = [
            one for one in self.holds.values() if one.state == "reserved" and one.until <= self.now
        ]
        for hold in sorted(over, key=lambda one: (one.until, one.key)):
            if hold.reward == "gone":
                hold.state = "lapsed"
                self.sums["gone"] += hold.points
            else:
                hold.state = "released"
                self._put_back(hold.drawn, hold.until)
        self._bury()

    def earn(self, name, points):
        fact = self._fact("adjustment", name, points=str(points), reason="goodwill")
        self._give(name, points)
        return fact, False

    def buy(self, name, hundreds):
        """A purchase of so many hundred dollars; where it earns, a point for each dollar."""
        fact = self._fact("purchase", name, total=20_000 * hundreds)
        order = self.orders[fact.id] = Order(self._is(name), fact.total)
        if self.alone:
            order.lot = self._give(name, 200 * hundreds, order=fact.id)
        return fact, False

    def reserve(self, name, reward, quantity, *, kind="reserve"):
        quantity = quantity if reward == "mug" else 1
        fact = self._fact(kind, name, reward=reward, quantity=quantity)
        points = PRICES[reward] * quantity
        refused = points > self.usable(self.keeper(name))
        if reward == "mug":
            refused |= self.taken() + quantity > STOCK
            refused |= self.taken(self.keeper(name)) + quantity > MOST
        if not refused:
            until = self.now + timedelta(minutes=HOLD)
            if reward != "mug":
                until = self._midnight(self.now) + timedelta(days=WAITS)
            self._hold(fact, name, points, reward=reward, quantity=quantity, until=until)
        return fact, refused

    def pay(self, name, points, place, *, kind="reserve"):
        """Points for an order of the member's, when there is one."""
        mine = [key for key, one in self.orders.items() if one.owner == self._is(name)]
        order = mine[place % len(mine)] if mine and not self.in_household(name) else ""
        fact = self._fact(kind, name, about=order, points=str(points))
        refused = points > self.usable(self.keeper(name))
        if not refused:
            until = self.now + timedelta(minutes=HOLD)
            self._hold(fact, name, points, order=order, until=until)
        return fact, refused

    def burn(self, name, reward, quantity):
        fact, refused = self.reserve(name, reward, quantity, kind="burn")
        return fact, refused or self._captured(fact)

    def spend(self, name, points, place):
        fact, refused = self.pay(name, points, place, kind="burn")
        return fact, refused or self._captured(fact)

    def capture(self, place, part=None):
        """Use a redemption, all or only a part of its points."""
        hold = self._pick(place, "reserved")
        points = None if part is None else max(1, hold.points * part // 4)
        told = {} if points is None else {"points": str(points)}
        fact = self._fact("capture", None, about=hold.key, **told)
        refused = hold.state != "reserved"
        if not refused:
            hold.state = "captured"
            hold.captured = hold.points if points is None else points
            self.sums["redeemed"] += hold.captured
            self._put_back(_after(hold.drawn, hold.captured), self.now)
        return fact, refused

    def release(self, place):
        hold = self._pick(place, "reserved")
        refused = hold.state != "reserved"
        if not refused:
            hold.state = "released"
            self._put_back(hold.drawn, self.now)
        return self._fact("release", None, about=hold.key), refused

    def cancel(self, place):
        hold = self._pick(place, "captured")
        refused = hold.state != "captured"
        if not refused:
            self._came_back(hold, hold.captured)
            hold.state = "cancelled"
        return self._fact("cancel_redemption", None, about=hold.key), refused

    def bring_back(self, place, *, whole):
        """An order is cancelled, or half of its total comes back."""
        key = list(self.orders)[place % len(self.orders)]
        order = self.orders[key]
        if whole or order.back == order.total:
            fact = self._fact("cancel", None, about=key)
            order.back = order.total
        else:
            fact = self._fact("return", None, total=order.total // 2, returns=key)
            order.back += order.total // 2
        if order.lot is not None:
            self._claw_back(order)
        for hold in self.holds.values():
            if hold.order == key and hold.state == "captured":
                due = (2 * hold.captured * order.back + order.total) // (2 * order.total)
                self._came_back(hold, max(hold.back, due))
        return fact, False

    def merge(self, name, other):
        """The other becomes this one."""
        fact = self._fact("merge", name, **{"from": other})
        self.became[other] = name
        self._move(other)
        return fact, False

    def join(self, name, head):
        fact = self._fact("join_household", name, head=head)
        self.heads[name] = head
        self._move(name)
        return fact, False

    # How it happens.

    def _fact(self, kind, name, *, about="", returns="", total=0, **attributes):
        self.facts += 1
        return Fact(
            "till",
            f"f{self.facts}",
            kind,
            self.now,
            name,
            currency="USD" if total else "",
            total=total,
            attributes=attributes,
            about=Returned("till", about) if about else None,
            returns=Returned("till", returns) if returns else None,
        )

    def _is(self, name):
        while name in self.became:
            name = self.became[name]
        return name

    def _midnight(self, at):
        return at.replace(hour=0, minute=0, second=0, microsecond=0)

    def _pick(self, place, state):
        """Mostly a redemption that stands so, sometimes any."""
        fit = [one for one in self.holds.values() if one.state == state]
        some = fit if fit and place % 8 else list(self.holds.values())
        return some[place % len(some)]

    def _give(self, name, points, *, order=""):
        end = self._midnight(self.now) + timedelta(days=LIVES)
        lot = Lot(self.keeper(name), self.now, end, points, order)
        self.lots.append(lot)
        self.sums["issued"] += points
        return lot

    def _open(self, owner):
        mine = [one for one in self.lots if one.owner == owner and one.end > self.now]
        return sorted((one for one in mine if one.left), key=lambda one: one.earned)

    def _draw(self, lots, points):
        drawn = []
        for lot in lots:
            count = min(points, lot.left)
            lot.left -= count
            points -= count
            drawn += [(lot, count)] if count else []
        return drawn

    def _hold(self, fact, name, points, *, until, reward="", quantity=1, order=""):
        owner = self.keeper(name)
        drawn = self._draw(self._open(owner), points)
        self.holds[fact.id] = Hold(fact.id, owner, reward, quantity, until, drawn, order)

    def _captured(self, fact):
        hold = self.holds[fact.id]
        hold.state, hold.captured = "captured", hold.points
        self.sums["redeemed"] += hold.points
        if not hold.reward:
            hold.key = fact.id
        return False

    def _came_back(self, hold, due):
        """So many of the captured points have come back by now."""
        moved = _after(_upto(hold.drawn, due), hold.back)
        hold.back = due
        if due == hold.captured:
            hold.state = "cancelled"
        self.sums["redeemed"] -= sum(points for _, points in moved)
        self._put_back(moved, self.now)

    def _put_back(self, drawn, at):
        """Into lots that live; a lot that ended lives again where the shop says so, else not."""
        for lot, points in drawn:
            if lot.end <= at and self.alone:
                self.sums["gone"] += lot.left
                lot.left = 0
                lot.end = self._midnight(at) + timedelta(days=3)
            lot.left += points
        for owner in {lot.owner for lot, _ in drawn}:
            if self.keeper(owner) != owner:
                self._move(owner)
        self._bury()

    def _claw_back(self, order):
        """Take back as much of an award as came back of its order: its own lot first."""
        whole = order.total // 100
        due = whole * order.back // order.total - order.clawed
        order.clawed += due
        lot = order.lot
        own = [lot] if lot.end > self.now else []
        rest = [one for one in self._open(lot.owner) if one is not lot]
        taken = sum(points for _, points in self._draw([*own, *rest], due))
        self.sums["clawed"] += taken

    def _move(self, name):
        """What a member holds goes to who keeps it."""
        for lot in self._open(name):
            self.lots.append(Lot(self.keeper(name), lot.earned, lot.end, lot.left))
            lot.left = 0

    def _bury(self):
        for lot in self.lots:
            if lot.end <= self.now:
                self.sums["gone"] += lot.left
                lot.left = 0


def _upto(drawn, points):
    found = []
    for lot, count in drawn:
        taken = min(count, points)
        points -= taken
        found += [(lot, taken)] if taken else []
    return found


def _after(drawn, points):
    found = []
    for lot, count in drawn:
        skipped = min(count, points)
        points -= skipped
        found += [(lot, count - skipped)] if count > skipped else []
    return found
