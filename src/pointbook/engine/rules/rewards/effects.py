"""What a claim of a reward takes off the bill of an order, or gives beside it.

Percentages are rounded once, halves up, and divided over lines by largest remainder: 100 percent
leaves exactly nothing. Nothing is taken off that is not there: not more than the goods come to, and
off a line not more than what is left of it. Discounts are taken off goods with their tax; the
delivery is a matter of free shipping alone. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from pointbook.engine.rules.catalogue import ON_ORDERS, Reward, RewardKind
from pointbook.engine.rules.prose import wording
from pointbook.engine.rules.rewards.bills import Bill, Part, Take, bill_of, cost_of, share
from pointbook.engine.rules.rewards.pairing import given_of
from pointbook.engine.rules.rewards.pricing import points_of, price_of, units_of, worth_of
from pointbook.engine.rules.rewards.situations import Claim, Situation
from pointbook.engine.values.money import split

ONE: Final = Fraction(1)


class LineEffect(NamedTuple):
    """What comes off a line: its place in the basket (from 0), of how many, minor units."""

    place: int
    quantity: Decimal
    amount: int


class Effect(NamedTuple):
    """What a claim does: `amount` minor units come off the bill, or are given or worth beside it.

    The `lines` add up to the amount, less what no line of the basket tells of. `text` is what
    amounts do not say: what was chosen, or what one gets.
    """

    kind: RewardKind
    reward: str
    amount: int
    lines: tuple[LineEffect, ...] = ()
    text: str = ""


class Taken(NamedTuple):
    """The effect of a claim, and the bill after it."""

    effect: Effect
    bill: Bill


class Asking(NamedTuple):
    """A claim of a reward on a bill; `units` is how many it is for."""

    reward: Reward
    claim: Claim
    situation: Situation
    bill: Bill
    units: int

    def chosen(self) -> list[Part]:
        """The parts with something left that the reward may be for; all if it names no lines."""
        parts = [part for part in self.bill.parts if part.left > 0]
        if self.reward.gives.lines is None:
            return parts
        lines, picks = self.situation.fact.lines, self.situation.asks(self.reward).lines
        return [part for part in parts if part.place >= 0 and picks(lines[part.place])]


def effect_of(reward: Reward, claim: Claim, situation: Situation) -> Effect:
    """What a claim does to the order of the fact, after the rewards claimed for it before.

    `amount` is in minor units and never more than what is left to pay of the goods (of free
    shipping: of the delivery). A fixed discount for no order is given in full.
    """
    return take(reward, claim, situation, bill=bill_before(situation)).effect


def take(reward: Reward, claim: Claim, situation: Situation, *, bill: Bill) -> Taken:
    """The effect of a claim on a bill, and the bill after it."""
    asking = Asking(reward, claim, situation, bill, units_of(reward, claim))
    kind = reward.gives.kind
    on_bill = ON_BILLS.get(kind)
    if on_bill is None or not on_the_bill(reward, situation):
        given = GIVEN.get(kind, _value)(asking)
        return Taken(Effect(kind, reward.code, given, (), text_of(asking)), bill)
    return on_bill(asking)


def on_the_bill(reward: Reward, situation: Situation) -> bool:
    """Whether a reward takes something off the order of the fact, if there is something."""
    gives = reward.gives
    return situation.ordered and (
        gives.kind in ON_ORDERS or (gives.kind == "product" and gives.lines is not None)
    )


def bill_before(situation: Situation) -> Bill:
    """The bill after the rewards that were claimed for the same order before, one by one."""
    bill = bill_of(situation.fact)
    for reward in claimed_before(situation):
        bill = take(reward, Claim(reward.code), situation, bill=bill).bill
    return bill


def claimed_before(situation: Situation) -> Iterator[Reward]:
    """The rewards that were claimed for the same order and are still to come off its basket.

    Those that are among its coupons or its lines are off it already.
    """
    fact = situation.fact
    done = {coupon.code for coupon in fact.coupons} | {line.reward for line in fact.lines}
    for code in situation.claimed:
        reward = situation.reward(code)
        if reward is not None and code not in done:
            yield reward


def _discount(asking: Asking) -> Taken:
    amount = worth_of(asking.reward, asking.situation) * asking.units
    return _spread(asking, amount, asking.chosen())


def _percent(asking: Asking) -> Taken:
    """A percentage of what is left of the goods, of chosen lines, or of the cheapest unit."""
    gives, bill, parts = asking.reward.gives, asking.bill, asking.chosen()
    if gives.of == "cheapest":
        # A unit that was given, or bought for a gift, is not the cheapest again.
        parts = sorted(filter(_free, parts), key=lambda part: (part.each, part.place))[:1]
        base = sum(cost_of(part, min(ONE, part.units)) for part in parts)
    elif gives.lines is not None:
        base = sum(part.left for part in parts)
    else:
        base = bill.goods
    return _spread(asking, _capped(asking, share(base, gives.percent)), parts)


def _spread(asking: Asking, amount: int, parts: Sequence[Part]) -> Taken:
    """An amount over parts, whose units stay what they are."""
    takes = asking.bill.spread(amount, parts)
    quantities = {part.place: part.units for part in parts}
    if asking.reward.gives.of == "cheapest":
        quantities = {place: min(ONE, units) for place, units in quantities.items()}
    return _taken(asking, takes, quantities)


def _product(asking: Asking) -> Taken:
    """Units of the chosen lines are free, the dearest first, as far as they are in the basket."""
    wanted = Fraction(asking.reward.gives.quantity * asking.units)
    parts = sorted(filter(_free, asking.chosen()), key=lambda part: (-part.each, part.place))
    takes = []
    for part in parts:
        units = min(wanted, part.units)
        if units:
            cost = cost_of(part, units)
            takes.append(Take(part.place, cost, units, cost))
            wanted -= units
    takes = _within(takes, min(_capped(asking, _sum(takes)), asking.bill.goods))
    return _taken(asking, takes, {one.place: one.units for one in takes})


def _buy_get(asking: Asking) -> Taken:
    """Units that come with units bought: the cheapest of them, counted once each.

    A claim that costs points is for one set of what is bought; a free one for every set.
    """
    reward, situation = asking.reward, asking.situation
    lines, buys = situation.fact.lines, situation.asks(reward).buy_lines
    costs = points_of(reward, asking.claim, situation)
    found = given_of(
        [part for part in asking.bill.parts if part.place >= 0 and buys(lines[part.place])],
        [part for part in filter(_free, asking.chosen()) if part.place >= 0],
        buy=reward.gives.buy,
        get=reward.gives.quantity,
        sets=asking.units if costs else None,
    )
    parts = {part.place: part for part in asking.bill.parts}
    given = []
    for place, units in found.given.items():
        cost = cost_of(parts[place], Fraction(units))
        given.append(Take(place, share(cost, reward.gives.percent), Fraction(units), cost))
    given = _within(given, min(_sum(given), asking.bill.goods))
    return _taken(asking, given, {one.place: one.units for one in given}, bought=found.bought)


def _shipping(asking: Asking) -> Taken:
    bill, reward = asking.bill, asking.reward
    amount = max(0, bill.delivery - reward.cash)
    effect = Effect("shipping", reward.code, amount, (), text_of(asking))
    return Taken(effect, bill.less((), delivery=amount))


def _taken(
    asking: Asking,
    takes: Sequence[Take],
    quantities: Mapping[int, Fraction],
    *,
    bought: Mapping[int, int] | None = None,
) -> Taken:
    """The effect of what comes off, less the cash that is paid beside the points.

    Units in `takes` and those `bought` are used up: nothing else is given for them.
    """
    reward = asking.reward
    takes = _within(takes, max(0, _sum(takes) - reward.cash * asking.units))
    lines = tuple(
        LineEffect(one.place, _decimal(quantities[one.place]), one.amount)
        for one in sorted(takes)
        if one.place >= 0
    )
    by_place = {one.place: one for one in takes}
    parts = {part.place: part for part in asking.bill.parts}
    for place, units in (bought or {}).items():
        one = by_place.get(place, Take(place, 0))
        used = one.units + units
        by_place[place] = one._replace(units=used, cost=cost_of(parts[place], used))
    kind = reward.gives.kind
    effect = Effect(kind, reward.code, _sum(takes), lines, text_of(asking))
    return Taken(effect, asking.bill.less(by_place.values()))


def _within(takes: Sequence[Take], most: int) -> list[Take]:
    """What is taken cut down to an amount, in proportion."""
    if _sum(takes) <= most:
        return list(takes)
    shares = split(total=most, weights=[one.amount for one in takes])
    return [one._replace(amount=cut) for one, cut in zip(takes, shares, strict=True)]


def _free(part: Part) -> bool:
    return part.free > 0


def _capped(asking: Asking, amount: int) -> int:
    most = asking.reward.gives.most
    return amount if most is None else min(amount, most * asking.units)


def _sum(takes: Sequence[Take]) -> int:
    return sum(one.amount for one in takes)


def _decimal(units: Fraction) -> Decimal:
    return Decimal(units.numerator) / Decimal(units.denominator)


ON_BILLS: Final[Mapping[RewardKind, Callable[[Asking], Taken]]] = {
    "discount": _discount,
    "percent": _percent,
    "product": _product,
    "shipping": _shipping,
    "buy_get": _buy_get,
}


def _worth(asking: Asking) -> int:
    return worth_of(asking.reward, asking.situation) * asking.units


def _value(asking: Asking) -> int:
    return price_of(asking.reward, asking.situation).value * asking.units


def _nothing(_asking: Asking) -> int:
    return 0


# What a claim gives beside a bill; of other kinds it is their worth. What depends on an order that
# is not there is nothing yet.
GIVEN: Final[Mapping[RewardKind, Callable[[Asking], int]]] = {
    "discount": _worth,
    "percent": _nothing,
    "shipping": _nothing,
    "buy_get": _nothing,
    "cash_back": _worth,
    "stored_value": _worth,
    "charity": _worth,
}


def text_of(asking: Asking) -> str:
    """What amounts do not say of a claim."""
    return ", ".join(TEXTS.get(asking.reward.gives.kind, _no_text)(asking))


def _no_text(_asking: Asking) -> Iterator[str]:
    yield from ()


def _options(asking: Asking) -> Iterator[str]:
    for name in asking.reward.gives.options:
        if name in asking.claim.options:
            yield f"{name}: {asking.claim.options[name]}"


def _access(asking: Asking) -> Iterator[str]:
    yield asking.reward.gives.text


def _place(asking: Asking) -> Iterator[str]:
    for slot in asking.reward.gives.slots:
        if slot.code == asking.claim.slot:
            starts = slot.starts_at.astimezone(asking.situation.zone)
            yield f"{wording.day(starts.date())} at {starts:%H:%M}"
            if slot.place:
                yield slot.place


def _cause(asking: Asking) -> Iterator[str]:
    for cause in asking.situation.blueprint.causes:
        if cause.code == asking.claim.cause:
            yield cause.name


def _partner(asking: Asking) -> Iterator[str]:
    yield asking.reward.gives.partner


def _quota(asking: Asking) -> Iterator[str]:
    gives = asking.reward.gives
    lasting = f" for {wording.days(gives.days)}" if gives.days else ""
    yield f"{wording.number(gives.amount * asking.units)} {gives.text}{lasting}"


TEXTS: Final[Mapping[RewardKind, Callable[[Asking], Iterator[str]]]] = {
    "service": _options,
    "access": _access,
    "experience": _place,
    "charity": _cause,
    "partner": _partner,
    "quota": _quota,
}
