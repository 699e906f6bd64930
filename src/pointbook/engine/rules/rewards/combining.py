"""An order with several rewards, points and stored value, in the order in which they are asked for.

Rewards come first: each is judged and computed on what the ones before left. Then points pay, then
stored value; as payments they lower no discount and no tax. So in whichever order a till learns of
a gift card and a coupon, the same is due. Amounts are minor units. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from pointbook.engine.rules.catalogue import Reward, Times
from pointbook.engine.rules.prose import wording
from pointbook.engine.rules.rewards.bills import Bill, bill_of
from pointbook.engine.rules.rewards.effects import Effect, claimed_before, take
from pointbook.engine.rules.rewards.missing import Missing, missing_on
from pointbook.engine.rules.rewards.paying import Payable, amount_for, payable_on, refused
from pointbook.engine.rules.rewards.posting import Step, posted
from pointbook.engine.rules.rewards.pricing import Price, points_of, price_of, units_of
from pointbook.engine.rules.rewards.situations import Claim, Situation
from pointbook.engine.values.facts import HELD_BY_MEMBERS, Coupon, Fact, Line, Tender

NOTHING: Final[Mapping[str, int]] = MappingProxyType({})
# The label of lines that are stored value themselves, and the type of facts that are.
STORED_VALUE: Final = "stored_value"
TOP_UP: Final = "top_up"


class Granted(NamedTuple):
    """A claim that holds, what ONE costs, and its effect."""

    claim: Claim
    price: Price
    effect: Effect


class Payment(NamedTuple):
    """What is paid with points or stored value: parts of a unit, and what they pay."""

    kind: Literal["points", "stored_value"]
    unit: str
    points: int
    amount: int


class Refused(NamedTuple):
    """A reward, or a unit to pay with, that cannot be had, and why."""

    asked: str
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Settlement:
    """An order after rewards and payments with points and stored value.

    - `granted`, `payments` and `refused` are in the order in which they were asked for.
    - `before` is what the order came to, `total` what it comes to after rewards, with the `tax`
      and the `delivery` inside it, `due` what is left to pay by other means.
    - `payable` is what points may pay of the order after rewards, by the terms of the program.
    - `lines` and `coupons` are those of the order after rewards; coupons only the new ones.
    """

    granted: tuple[Granted, ...]
    payments: tuple[Payment, ...]
    refused: tuple[Refused, ...]
    payable: tuple[Payable, ...]
    before: int
    total: int
    tax: int
    delivery: int
    due: int
    lines: tuple[Line, ...]
    coupons: tuple[Coupon, ...]

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What each reward does."""
        return tuple(one.effect for one in self.granted)

    @property
    def tenders(self) -> tuple[Tender, ...]:
        """How points and stored value pay."""
        return tuple(Tender(one.kind, one.amount) for one in self.payments)


@dataclass(frozen=True, slots=True)
class _Till:
    """How far an order is: what is known, what is left of it, what was granted and refused."""

    situation: Situation
    bill: Bill
    granted: tuple[Granted, ...] = ()
    steps: tuple[Step, ...] = ()
    refused: tuple[Refused, ...] = ()
    payments: tuple[Payment, ...] = ()
    paid: int = 0

    @property
    def due(self) -> int:
        return max(0, self.bill.total - self.paid)

    def refuse(self, asked: str, lacks: Sequence[Missing]) -> _Till:
        return replace(self, refused=(*self.refused, Refused(asked, tuple(lacks))))

    def pay(self, payment: Payment) -> _Till:
        usable = dict(self.situation.usable)
        usable[payment.unit] -= payment.points
        return replace(
            self,
            situation=replace(self.situation, usable=usable),
            payments=(*self.payments, payment),
            paid=self.paid + payment.amount,
        )


def settle(
    situation: Situation,
    claims: Sequence[Claim],
    *,
    automatic: Sequence[Claim] = (),
    points: Mapping[str, int] = NOTHING,
    stored: Mapping[str, int] = NOTHING,
) -> Settlement:
    """What is left to pay of the order of the fact after all that is asked for.

    `automatic` are claims that hold without being asked, where nothing is missing: of those that
    are exclusive only the best. `points` are smallest parts to pay with, by unit: exactly so many
    or none. `stored` is stored value by unit, in minor units: as much of it as may be used.
    Rewards that the situation names as claimed before are granted first; their points are paid.
    """
    till = _best(_before(situation), automatic)
    for claim in claims:
        till = _claimed(till, claim)
    terms = situation.blueprint.paying
    offered = tuple(
        payable_on(one, till.situation, bill=till.bill, paid=till.paid) for one in terms
    )
    for unit, parts in points.items():
        till = _with_points(till, unit, parts)
    for unit, amount in stored.items():
        till = _with_stored(till, unit, amount)
    lines, coupons = posted(situation.fact, till.steps)
    return Settlement(
        granted=till.granted,
        payments=till.payments,
        refused=till.refused,
        payable=offered,
        before=bill_of(situation.fact).total,
        total=till.bill.total,
        tax=till.bill.tax,
        delivery=till.bill.delivery,
        due=till.due,
        lines=lines,
        coupons=coupons,
    )


def as_order(settlement: Settlement, fact: Fact) -> Fact:
    """The order that was settled, as it is posted as a purchase.

    Discounts are coupons with the reward's code, free products lines marked as rewards, points and
    stored value are tenders: what was redeemed earns nothing.
    """
    return replace(
        fact,
        type="purchase",
        total=settlement.total,
        tax=settlement.tax,
        delivery=settlement.delivery,
        tenders=(*fact.tenders, *settlement.tenders),
        coupons=(*fact.coupons, *settlement.coupons),
        lines=settlement.lines,
    )


def _before(situation: Situation) -> _Till:
    """The order as it is, with the rewards that were claimed for it before."""
    fact = situation.fact
    held = sum(tender.amount for tender in fact.tenders if tender.kind in HELD_BY_MEMBERS)
    till = _Till(situation, bill_of(fact), paid=held)
    for reward in claimed_before(situation):
        till = _taken(till, reward, Claim(reward.code))
    return till


def _claimed(till: _Till, claim: Claim) -> _Till:
    """A claim is granted, or refused with what is missing."""
    situation = till.situation
    reward = situation.reward(claim.reward)
    if reward is None:
        known = ", ".join(one.code for one in situation.blueprint.rewards) or "none yet"
        message, mend = f"no reward {claim.reward!r}", f"Use one of: {known}."
        unknown = Missing("reward", message, "attributes.reward", claim.reward, mend)
        return till.refuse(claim.reward, (unknown,))
    lacks = missing_on(reward, claim, situation, bill=till.bill)
    if lacks:
        return till.refuse(claim.reward, lacks)
    return _booked(_taken(till, reward, claim), reward, claim)


def _taken(till: _Till, reward: Reward, claim: Claim) -> _Till:
    effect, after = take(reward, claim, till.situation, bill=till.bill)
    return replace(
        till,
        bill=after,
        granted=(*till.granted, Granted(claim, price_of(reward, till.situation), effect)),
        steps=(*till.steps, Step(reward, effect, till.bill, after)),
    )


def _booked(till: _Till, reward: Reward, claim: Claim) -> _Till:
    """What the next claim finds: fewer points, less on the shelves, one more that was claimed."""
    before, units = till.situation, units_of(reward, claim)

    def used(code: str, times: Times) -> int:
        return before.used(code, times) + (units if code == reward.code else 0)

    def left(other: Reward, slot: str) -> int | None:
        found = before.left(other, slot)
        mine = other.code == reward.code and slot == claim.slot
        return found - units if found is not None and mine else found

    usable = dict(before.usable)
    usable[reward.unit] = usable.get(reward.unit, 0) - points_of(reward, claim, before)
    situation = replace(
        before, usable=usable, used=used, left=left, claimed=(*before.claimed, reward.code)
    )
    return replace(till, situation=situation)


def _best(till: _Till, claims: Sequence[Claim]) -> _Till:
    """The claims that hold by themselves: the exclusive one that takes most off, or all others."""
    alone, together = [], till
    for claim in claims:
        after = _claimed(till, claim)
        if after.granted[len(till.granted) :] and _exclusive(till, claim):
            alone.append(after)
        else:
            more = _claimed(together, claim)
            together = together if more.refused != together.refused else more
    # The first of equals; rewards together where they are as good.
    return min([together, *alone], key=lambda one: one.bill.total)


def _exclusive(till: _Till, claim: Claim) -> bool:
    reward = till.situation.reward(claim.reward)
    return reward is not None and reward.exclusive


def _with_points(till: _Till, unit: str, parts: int) -> _Till:
    situation = till.situation
    terms = next((one for one in situation.blueprint.paying if one.unit == unit), None)
    if terms is None:
        return till.refuse(unit, (_unit(unit, [one.unit for one in situation.blueprint.paying]),))
    can = payable_on(terms, situation, bill=till.bill, paid=till.paid)
    lacks = refused(can, parts, situation=situation)
    if lacks:
        return till.refuse(unit, lacks)
    amount = amount_for(terms, parts, blueprint=situation.blueprint)
    return till.pay(Payment("points", unit, parts, amount))


def _with_stored(till: _Till, unit: str, amount: int) -> _Till:
    """Stored value pays what is due, but never for stored value."""
    situation = till.situation
    units = situation.blueprint.units
    money = [code for code, one in units.items() if one.money]
    if unit not in money:
        return till.refuse(unit, (_unit(unit, money),))
    has, field = situation.usable.get(unit, 0), f"stored.{unit}"
    if not 0 < amount <= has:
        now = wording.money(has, currency=situation.blueprint.currency)
        message, mend = f"{now} can be used", "Use that, or less."
        return till.refuse(unit, (Missing("insufficient_balance", message, field, amount, mend),))
    pays = min(amount, till.due - _topping_up(till))
    if pays > 0:
        return till.pay(Payment("stored_value", unit, pays, pays))
    message = "there is nothing left to pay with stored value"
    mend = "Keep it for another order; stored value cannot pay for stored value."
    return till.refuse(unit, (Missing("nothing_left_to_pay", message, field, amount, mend),))


def _topping_up(till: _Till) -> int:
    """What is left to pay for stored value itself."""
    fact = till.situation.fact
    if fact.type == TOP_UP:
        return till.due
    return sum(
        part.left
        for part in till.bill.parts
        if part.place >= 0 and STORED_VALUE in fact.lines[part.place].labels
    )


def _unit(unit: str, known: Sequence[str]) -> Missing:
    mend = f"Use one of: {', '.join(known) or 'none'}."
    return Missing("unit", f"{unit!r} cannot pay for an order", "attributes.unit", unit, mend)
