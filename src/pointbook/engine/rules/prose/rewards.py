"""What points can buy, in sentences: each reward with its terms, and how rewards are taken.

Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.catalogue import USUAL, Cause, Days, Paying, Reward, Times, Voucher
from pointbook.engine.rules.prose import naming, phrases
from pointbook.engine.rules.prose.giving import gives, slots
from pointbook.engine.rules.prose.wording import (
    counted,
    days,
    listed,
    months,
    number,
    often,
    opened,
    plain,
)

STOPS = (".", "!", "?")
FLAGS = (
    ("exclusive", "It cannot be used with another reward on the same order."),
    ("earns", "What it pays for earns as if you had paid for it."),
    ("confirm", "You confirm it with a code that we send you."),
    ("giftable", "You can have it for another member."),
)


def reward(item: Reward, *, blueprint: Blueprint) -> str:
    """One reward in a sentence or a few: 500 points buy Ten off, worth $10.00."""
    told = [_first(item, blueprint)]
    told += [f"It takes place {slot}." for slot in slots(item, blueprint=blueprint).values()]
    return " ".join([*told, *terms(item, blueprint=blueprint)])


def terms(item: Reward, *, blueprint: Blueprint) -> list[str]:
    """What a reward gives and when, in sentences: all but its price, its worth and its slots."""
    told = [f"{opened(clause)}." for clause in gives(item, blueprint=blueprint)]
    if sum(map(bool, (item.price_by_tier, item.price_by_segment, item.seasons))) > 1:
        told.append("Of several prices the lowest counts.")
    told += [*_when(item, blueprint), *_how_often(item)]
    if item.voucher is not None:
        told.append(f"You get a code: {voucher(item.voucher)}.")
    elif item.pool:
        told.append("You get one of the codes that we hold for it.")
    told += [sentence for flag, sentence in FLAGS if getattr(item, flag)]
    if item.terms:
        told.append(opened(item.terms if item.terms.endswith(STOPS) else f"{item.terms}."))
    return told


def prices(item: Reward, *, blueprint: Blueprint) -> str:
    """What else it costs: 900 points as Gold and 800 points if you are in the group vip."""
    unit = blueprint.units[item.unit]
    told = [
        f"{phrases.points(price, unit=unit)} as"
        f" {naming.tier(code, on=item.ladder, blueprint=blueprint)}"
        for code, price in item.price_by_tier.items()
    ]
    told += [
        f"{phrases.points(price, unit=unit)} in the group {plain(code)}"
        for code, price in item.price_by_segment.items()
    ]
    told += [
        f"{phrases.points(one.price, unit=unit)} {between(one.days)}"
        for one in item.seasons
        if one.price is not None
    ]
    return listed(told, joined="and")


def between(span: Days) -> str:
    """Some days, both included: from 1 June 2026 until the end of 31 August 2026."""
    told = []
    if span.from_on is not None:
        told.append(f"from {phrases.day(span.from_on)}")
    if span.until_on is not None:
        told.append(f"until the end of {phrases.day(span.until_on)}")
    return " ".join(told)


def groups(codes: Sequence[str]) -> str:
    """In the group vip; in the group vip or student."""
    return f"in the group {listed([plain(code) for code in codes])}"


def at_most(several: Sequence[Times]) -> str:
    """At most once a day and 5 times a month."""
    return f"at most {listed([often(one.times, one.each) for one in several], joined='and')}"


def voucher(item: Voucher) -> str:
    """A voucher in a clause: it can be used for 90 days, and then its points come back."""
    if not item.days and not item.months:
        return "it never ends, and your points count as used when you use it"
    span = days(item.days) if item.days else months(item.months)
    end = "come back" if item.unused == "back" else "are gone"
    return (
        f"it can be used for {span}, and your points count as used when you use it;"
        f" when you do not, they {end}"
    )


def paying(item: Paying, *, blueprint: Blueprint) -> Iterator[str]:
    """How part of an order is paid in points."""
    unit, currency = blueprint.units[item.unit], blueprint.currency
    bounds = []
    if item.minimum:
        bounds.append(f"at least {phrases.points(item.minimum, unit=unit)} at once")
    if item.step > 1:
        bounds.append(f"in steps of {phrases.points(item.step, unit=unit)}")
    worth = phrases.price(unit.value, currency=currency)
    told = f": {listed(bounds, joined='and')}" if bounds else ""
    yield f"You can pay for an order with {unit.name}, each worth {worth}{told}."
    if item.share < 100 or not (item.tax and item.delivery):  # noqa: PLR2004
        yield f"They pay {share(item)}."
    if item.leave:
        left = phrases.money(item.leave, currency=currency)
        yield f"At least {left} of the order is left to pay otherwise."


def share(item: Paying) -> str:
    """Of what they pay how much: at most 50% of the order without its delivery."""
    whole = "all" if item.share == 100 else f"at most {number(item.share)}%"  # noqa: PLR2004
    out = [word for word, counts in (("tax", item.tax), ("delivery", item.delivery)) if not counts]
    without = f" without its {listed(out, joined='and')}" if out else ""
    return f"{whole} of the order{without}"


def causes(blueprint: Blueprint) -> Iterator[str]:
    """What becomes of what members give."""
    for one in blueprint.causes:
        yield cause(one)


def cause(one: Cause) -> str:
    """One cause in a few sentences: You can give to Trees for all. We add 50%."""
    told = [f"You can give to {one.name}."]
    if one.payee != one.name:
        told.append(f"It is paid to {one.payee.removesuffix('.')}.")
    if one.match:
        adds = f"{opened(one.matched_by)} adds" if one.matched_by else "We add"
        told.append(f"{adds} {number(one.match)}%.")
    if one.fee:
        told.append(f"{number(one.fee)}% of it is kept for handling.")
    return " ".join(told)


def automatic(blueprint: Blueprint) -> Iterator[str]:
    """What members get without asking."""
    rewards = {one.code: one for one in blueprint.rewards}
    for one in blueprint.automatic:
        item = rewards[one.reward]
        unit = blueprint.units[item.unit]
        least = phrases.points(one.least, unit=unit)
        but = f", but for those {groups([one.unless])}" if one.unless else ""
        yield (
            f"At the end of every {one.each} whoever has at least {least} that can be used gets"
            f" {item.name} as often as they are enough{but}."
        )


def redemption(blueprint: Blueprint) -> Iterator[str]:
    """How rewards are taken, where it is not as usual."""
    held = blueprint.redemption
    if held.hold_minutes != USUAL.hold_minutes:
        minutes = counted(held.hold_minutes, "minute", "minutes")
        yield f"What you use on an order that is not paid yet is kept for you for {minutes}."
    if held.returned_for:
        yield (
            "What comes back to you after it would have expired can be used for"
            f" {days(held.returned_for)}."
        )
    for one in held.suspicious:
        yield f"Whoever uses rewards more than {often(one.times, one.each)} waits for our consent."


def _first(item: Reward, blueprint: Blueprint) -> str:
    """What it costs, what it is, what it is worth, and for whom."""
    unit, currency = blueprint.units[item.unit], blueprint.currency
    cost = phrases.points(item.price, unit=unit)
    if told := prices(item, blueprint=blueprint):
        cost += f" ({told})"
    buy = "buys" if item.price == 10**unit.decimals else "buy"
    if item.cash:
        cost, buy = f"{cost} and {phrases.money(item.cash, currency=currency)}", "buy"
    told = f"{cost} {buy} {item.name}"
    if not item.price and not item.cash and not prices(item, blueprint=blueprint):
        told = f"You can have {item.name} for nothing"
    if item.value or item.gives.kind == "discount":
        told += f", worth {phrases.money(item.value, currency=currency)}"
    whom = []
    if item.tiers:
        whom.append(f"you are {naming.tiers(item.tiers, on=item.ladder, blueprint=blueprint)}")
    if item.segments:
        whom.append(f"you are {groups(item.segments)}")
    return f"{told}{', if ' if whom else ''}{' and '.join(whom)}."


def _when(item: Reward, blueprint: Blueprint) -> Iterator[str]:
    currency = blueprint.currency
    for one in item.seasons:
        if one.value is not None:
            worth = phrases.money(one.value, currency=currency)
            yield f"{opened(between(one.days))} it is worth {worth}."
    out = listed([between(one) for one in item.blackouts], joined="and")
    if said := between(item.days):
        yield f"You can have it {said}{', but not ' if out else ''}{out}."
    elif out:
        yield f"You cannot have it {out}."
    if item.when is not None:
        asked = phrases.condition(item.when, currency=currency, on="purchase", blueprint=blueprint)
        yield f"You can have it when {asked}."
    if item.minimum:
        tax = "with" if item.minimum_with_tax else "without"
        least = phrases.money(item.minimum, currency=currency)
        yield f"The order must come to at least {least} {tax} tax."


def _how_often(item: Reward) -> Iterator[str]:
    if item.limits:
        yield f"You can have it {at_most(item.limits)}."
    if item.totals:
        yield f"All members together can have it {at_most(item.totals)}."
    if item.stock is not None:
        yield f"There {'is' if item.stock == 1 else 'are'} {number(item.stock)} of it."
