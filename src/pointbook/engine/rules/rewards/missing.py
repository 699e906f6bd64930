"""What stands between a member and a reward, one thing after another in a fixed order.

Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from pointbook.engine.rules.catalogue import ON_ORDERS, Reward
from pointbook.engine.rules.explaining.unmet import Asked, unmet
from pointbook.engine.rules.prose import naming, wording
from pointbook.engine.rules.rewards.bills import Bill
from pointbook.engine.rules.rewards.effects import bill_before, on_the_bill, take
from pointbook.engine.rules.rewards.pricing import points_of, span_of, units_of
from pointbook.engine.rules.rewards.situations import Claim, Situation

REWARD: Final = "attributes.reward"
QUANTITY: Final = "attributes.quantity"
# So many codes of one redemption are a slip of the keyboard, or meant to do harm.
MOST_CODES: Final = 1_000
# How many of what may be chosen a message names.
NAMED: Final = 10


class Missing(NamedTuple):
    """One thing that is missing: its `code`, a sentence, the `field` and `value`, what mends it."""

    code: str
    message: str
    field: str
    value: object
    mend: str


class Look(NamedTuple):
    """A claim as it is looked at: with the bill after the rewards claimed before.

    `vain` is the code of why it would take nothing off that bill; empty if it would.
    """

    reward: Reward
    claim: Claim
    situation: Situation
    bill: Bill
    vain: str

    def money(self, amount: int) -> str:
        """Minor units as members read them."""
        return wording.money(amount, currency=self.situation.blueprint.currency)

    def says(self, code: str, message: str, mend: str, *, field: str = REWARD) -> Missing:
        """A thing that is missing, with what the claim says in that field."""
        value = self.claim.quantity if field == QUANTITY else self.claim.reward
        return Missing(code, f"{self.reward.name}: {message}", field, value, mend)

    def lacks(self, name: str, value: object, message: str, mend: str) -> Missing:
        """A choice that is missing or is none; its code is that of the attribute."""
        code = name.partition(".")[0]
        return Missing(code, f"{self.reward.name}: {message}", f"attributes.{name}", value, mend)


Check = Callable[[Look], Iterator[Missing]]


def missing(reward: Reward, claim: Claim, situation: Situation) -> tuple[Missing, ...]:
    """What is missing for a claim, in a fixed order; nothing: it may be had."""
    return missing_on(reward, claim, situation, bill=bill_before(situation))


def missing_on(
    reward: Reward, claim: Claim, situation: Situation, *, bill: Bill
) -> tuple[Missing, ...]:
    """What is missing for a claim on a bill from which the rewards before have come off."""
    look = Look(reward, claim, situation, bill, _vain(reward, claim, situation, bill))
    return tuple(one for check in CHECKS for one in check(look))


def _days(look: Look) -> Iterator[Missing]:
    days, day = look.reward.days, look.situation.day
    if days.from_on is not None and day < days.from_on:
        begins = wording.day(days.from_on)
        yield look.says("not_yet", f"it begins on {begins}", "Come back then.")
    draws_on = look.reward.gives.draws_on
    if days.until_on is not None and day > days.until_on:
        ended = wording.day(days.until_on)
        yield look.says("ended", f"it ended on {ended}", "Choose another reward.")
    elif draws_on is not None and day >= draws_on:
        drawn = wording.day(draws_on)
        yield look.says("ended", f"it is drawn on {drawn}", "Choose another reward.")


def _blackouts(look: Look) -> Iterator[Missing]:
    for days in look.reward.blackouts:
        if days.has(look.situation.day):
            yield look.says("blackout", f"not {span_of(days)}", "Choose another day.")
            return


def _tier(look: Look) -> Iterator[Missing]:
    reward, situation = look.reward, look.situation
    if reward.tiers and situation.who.tiers.get(reward.ladder) not in reward.tiers:
        names = naming.tiers(reward.tiers, on=reward.ladder, blueprint=situation.blueprint)
        yield look.says("tier", f"only for {names} members", f"Reach {names}.")


def _segment(look: Look) -> Iterator[Missing]:
    segments = look.reward.segments
    if segments and not look.situation.who.segments & frozenset(segments):
        names = wording.listed([wording.quoted(wording.plain(one)) for one in segments])
        yield look.says("segment", f"only for members in {names}", "Choose another reward.")


def _condition(look: Look) -> Iterator[Missing]:
    reward, situation = look.reward, look.situation
    fact, who = situation.fact, situation.who
    if reward.when is not None and not situation.asks(reward).when(fact, who):
        asked = Asked(fact, who, situation.zone, situation.blueprint)
        sentence = unmet(reward.when, asked=asked)
        yield look.says("condition", sentence.removesuffix("."), "Meet its condition.")


def _order_needed(look: Look) -> Iterator[Missing]:
    if look.situation.ordered or look.reward.voucher is not None:
        return
    gives = look.reward.gives
    # A fixed amount off an order is the same whatever the order: it needs to be told of none.
    on_any = gives.kind == "discount" and gives.lines is None
    if look.reward.minimum or (gives.kind in ON_ORDERS and not on_any):
        yield look.says("order_needed", "it is for an order", "Send the order's total and lines.")


def _minimum(look: Look) -> Iterator[Missing]:
    reward, bill = look.reward, look.bill
    if not look.situation.ordered:
        return
    comes_to = bill.goods if reward.minimum_with_tax else bill.goods - bill.tax
    if comes_to < reward.minimum:
        tax = "with" if reward.minimum_with_tax else "without"
        now, least = look.money(comes_to), look.money(reward.minimum)
        yield look.says(
            "minimum_order",
            f"the order comes to {now} {tax} tax, at least {least} is needed",
            f"Order for {look.money(reward.minimum - comes_to)} more.",
        )


def _no_line(look: Look) -> Iterator[Missing]:
    if look.vain == "no_line":
        message = "nothing in the basket is what it is for"
        yield look.says("no_line", message, "Add what the reward is for.")


def _exclusive(look: Look) -> Iterator[Missing]:
    taken = (*look.situation.claimed, *look.situation.beside)
    before = [look.situation.reward(code) for code in taken]
    alone = next((one for one in before if one is not None and one.exclusive), None)
    if alone is not None:
        message = f"it cannot be combined with {alone.name}"
        yield look.says("exclusive", message, f"Take {alone.name} back, or leave this out.")
    elif before and look.reward.exclusive:
        message = "it cannot be combined with other rewards"
        yield look.says("exclusive", message, "Take the others back, or leave this out.")


def _balance(look: Look) -> Iterator[Missing]:
    reward, situation = look.reward, look.situation
    costs = points_of(reward, look.claim, situation)
    has = situation.usable.get(reward.unit, 0)
    if costs > has:
        unit = situation.blueprint.units[reward.unit]
        message = (
            f"it costs {wording.points(costs, unit=unit)}, "
            f"{wording.points(has, unit=unit)} can be used"
        )
        mend = f"Collect {wording.points(costs - has, unit=unit)} more."
        yield look.says("insufficient_balance", message, mend, field=QUANTITY)


def _left(look: Look) -> Iterator[Missing]:
    """Of a slot that there is, of the stock and codes, or of what all members may have."""
    reward = look.reward
    left = look.situation.left(reward, look.claim.slot)
    if left is None or units_of(reward, look.claim) <= left:
        return
    are = "is" if left == 1 else "are"
    only = f"only {left} {are} left" if left > 0 else "none is left"
    counted = reward.stock is not None or reward.pool or reward.gives.kind == "experience"
    if reward.totals and not counted:
        message = f"all members together had as many as there are; {only}"
        yield look.says("total_limit", message, "Come back later.", field=QUANTITY)
    else:
        yield look.says("sold_out", only, "Choose another reward.", field=QUANTITY)


def _codes(look: Look) -> Iterator[Missing]:
    """Each one has a code of its own: somebody makes or keeps them all."""
    reward = look.reward
    if (reward.pool or reward.voucher is not None) and look.claim.quantity > MOST_CODES:
        message = f"at most {wording.number(MOST_CODES)} can be had at once"
        yield look.says("member_limit", message, "Ask for fewer.", field=QUANTITY)


def _member_limit(look: Look) -> Iterator[Missing]:
    reward = look.reward
    for times in reward.limits:
        used = look.situation.used(reward.code, times)
        if used + units_of(reward, look.claim) > times.times:
            often = wording.often(times.times, times.each, on="order")
            message = f"a member can have it {often}; you had it {wording.times(used)}"
            if not used:
                message = f"a member can have it {often}"
            yield look.says("member_limit", message, "Choose another reward.", field=QUANTITY)
            return


def _slot(look: Look) -> Iterator[Missing]:
    slots, code = look.reward.gives.slots, look.claim.slot
    if not slots:
        return
    at = look.situation.fact.occurred_at
    chosen = next((slot for slot in slots if slot.code == code), None)
    if chosen is not None and chosen.starts_at > at:
        return
    message = f"there is no slot {code!r}" if code else "no slot is chosen"
    message = message if chosen is None else "the slot has begun"
    to_come = [slot.code for slot in slots if slot.starts_at > at]
    yield look.lacks("slot", code, message, _one_of(to_come, "Choose another reward."))


def _options(look: Look) -> Iterator[Missing]:
    offered, chosen = look.reward.gives.options, look.claim.options
    for name, choices in offered.items():
        value = chosen.get(name, "")
        if not value:
            mend = _one_of(choices, f"Say {name} in your own words.")
            yield look.lacks(f"options.{name}", value, f"{name} is not chosen", mend)
        elif choices and value not in choices:
            mend = _one_of(choices, "")
            yield look.lacks(f"options.{name}", value, f"{name} cannot be {value!r}", mend)
    for name in sorted(chosen.keys() - offered.keys()):
        mend = _one_of(tuple(offered), "Leave it out.")
        yield look.lacks(f"options.{name}", chosen[name], f"there is no option {name!r}", mend)


def _cause(look: Look) -> Iterator[Missing]:
    gives, cause = look.reward.gives, look.claim.cause
    if gives.kind != "charity":
        return
    known = gives.causes or tuple(one.code for one in look.situation.blueprint.causes)
    if cause in known or (not cause and len(known) <= 1):
        return
    message = f"there is no cause {cause!r}" if cause else "no cause is chosen"
    yield look.lacks("cause", cause, message, _one_of(known, "Leave it out."))


def _country(look: Look) -> Iterator[Missing]:
    countries = look.reward.gives.countries
    country = look.claim.country or look.situation.who.profile.get("country", "")
    if countries and country not in countries:
        message = f"it is not for {country}" if country else "no country is said"
        yield look.lacks("country", country, message, _one_of(countries, ""))


def _giftable(look: Look) -> Iterator[Missing]:
    # Stored value goes into the wallet of who pays: a gift of it is a card (`pointbook card`).
    stored = look.reward.gives.kind == "stored_value"
    if look.claim.receiver and (stored or not look.reward.giftable):
        message = "it cannot be given to another member"
        yield look.lacks("for", look.claim.receiver, message, "Leave for out.")._replace(
            code="not_giftable"
        )


def _nothing_left(look: Look) -> Iterator[Missing]:
    if look.vain == "nothing_left_to_pay":
        yield look.says(look.vain, "there is nothing left to pay", "Keep it for another order.")


def _vain(reward: Reward, claim: Claim, situation: Situation, bill: Bill) -> str:
    """Why a claim would take nothing off the bill: nothing it can be for, or nothing left of it."""
    if not on_the_bill(reward, situation):
        return ""
    if take(reward, claim, situation, bill=bill).effect.amount:
        return ""
    gives, asks = reward.gives, situation.asks(reward)
    if gives.kind == "buy_get":
        return "no_line" if bill.goods else "nothing_left_to_pay"
    if gives.lines is not None and not any(map(asks.lines, situation.fact.lines)):
        return "no_line"
    return "nothing_left_to_pay"


def _one_of(choices: Sequence[str], otherwise: str) -> str:
    if not choices:
        return otherwise
    more = ", ..." if len(choices) > NAMED else ""
    return f"Choose one of: {', '.join(choices[:NAMED])}{more}."


CHECKS: Final[tuple[Check, ...]] = (
    _days,
    _blackouts,
    _tier,
    _segment,
    _condition,
    _order_needed,
    _minimum,
    _no_line,
    _exclusive,
    _balance,
    _left,
    _codes,
    _member_limit,
    _slot,
    _options,
    _cause,
    _country,
    _giftable,
    _nothing_left,
)
