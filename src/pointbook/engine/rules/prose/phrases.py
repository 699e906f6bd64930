"""Parts of sentences about a program: amounts, points, terms and conditions in plain English.

`prose` makes a description of them and `differences` tells changes with them. Words stand in
`wording`, conditions in `asking`, terms in `lifetimes`; here is what a rule gives and up to where.
With a blueprint tiers, rules and measures are called by their names, without one by their codes.
Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from babel.numbers import get_currency_name

from pointbook.engine.rules.blueprint import (
    Award,
    AwardKind,
    Base,
    Blueprint,
    Budget,
    EarnRule,
    Expiry,
    Limit,
    Pending,
    Rounding,
    Tiers,
    Unit,
    Window,
)
from pointbook.engine.rules.fields import ATTRIBUTES, WEEKDAYS
from pointbook.engine.rules.prose import naming
from pointbook.engine.rules.prose.asking import condition, reached, so_far
from pointbook.engine.rules.prose.lifetimes import example, term
from pointbook.engine.rules.prose.wording import (
    LOCALE,
    MONTHS,
    amount,
    article,
    clock,
    day,
    days,
    happening,
    listed,
    money,
    months,
    number,
    often,
    plain,
    points,
    price,
    quoted,
    singular,
    span,
)
from pointbook.engine.values.money import exponent

__all__ = [
    "COMPANY_PURCHASE",
    "MONTHS",
    "award",
    "base",
    "budget",
    "condition",
    "counted_in",
    "day",
    "days",
    "example",
    "hours",
    "lasting",
    "limits",
    "money",
    "months",
    "number",
    "over",
    "part",
    "pending",
    "points",
    "price",
    "reached",
    "rounding",
    "rounds",
    "so_far",
    "term",
    "weekdays",
    "wholes",
    "window",
]

COMPANY_PURCHASE = "company_purchase"
FACTORS: Mapping[Decimal, str] = {
    Decimal(0): "none of",
    Decimal("0.5"): "half",
    Decimal(1): "just",
    Decimal(2): "twice",
}
PART_STEPS: Mapping[Rounding, str] = {
    "floor": "",
    "nearest": "half or more counting as a whole one",
    "ceiling": "a part counting as a whole one",
}
PARTS: Sequence[tuple[str, str]] = (
    ("tax", "tax"),
    ("delivery", "delivery"),
    ("rewards", "what you get as a reward"),
)
PAID: Sequence[tuple[str, str]] = (("stored_value", "gift cards"), ("points", "points"))


def award(rule: EarnRule, *, unit: Unit, currency: str, blueprint: Blueprint | None = None) -> str:
    """What a rule gives: 1 point for every whole dollar you spend."""
    return AWARDS[rule.award.kind](rule, unit, currency, blueprint)


def _per_amount(rule: EarnRule, unit: Unit, currency: str, blueprint: Blueprint | None) -> str:
    given = _given(rule.award, blueprint, lambda rate: amount(rate, unit=unit))
    return f"{given} for every {_whole(rule, unit)}{_step(rule.award.per, currency)} {_spent(rule)}"


def _fixed(rule: EarnRule, unit: Unit, _: str, blueprint: Blueprint | None) -> str:
    given = _given(rule.award, blueprint, lambda rate: amount(rate, unit=unit))
    return f"{given} for every {happening(rule.on)}"


def _counted(rule: EarnRule, unit: Unit, _: str, blueprint: Blueprint | None) -> str:
    given = _given(rule.award, blueprint, lambda rate: amount(rate, unit=unit))
    return f"{given} for every {_things(rule)}"


def _percent(rule: EarnRule, unit: Unit, _: str, blueprint: Blueprint | None) -> str:
    first, *others = _rates(rule.award, blueprint, lambda rate: f"{number(rate)}%")
    share, _, tier = first.partition(" as ")
    of = f"{share} of what {_spent(rule)}" + (f" as {tier}" if tier else "")
    return f"{unit.name} worth {listed([of, *others], joined='and')}"


def _multiply(rule: EarnRule, unit: Unit, _: str, blueprint: Blueprint | None) -> str:
    """Twice the points; by tier: twice the points as Silver and 3 times the points as Gold."""
    names = [quoted(naming.rule(code, blueprint=blueprint)) for code in rule.award.of]
    gives = "gives" if len(names) == 1 else "give"
    of = f"what {listed(names, joined='and')} {gives}" if names else f"the {unit.name}"
    given = _given(rule.award, blueprint, lambda rate: f"{_factor(rate)} {of}")
    return given if names else f"{given} for what {_spent(rule)}"


AWARDS: Mapping[AwardKind, Callable[[EarnRule, Unit, str, Blueprint | None], str]] = {
    "per_amount": _per_amount,
    "fixed": _fixed,
    "counted": _counted,
    "percent": _percent,
    "multiply": _multiply,
}


def _given(given: Award, blueprint: Blueprint | None, told: Callable[[Decimal], str]) -> str:
    """A number, or the numbers of all tiers: 1 star as Green and 1.2 stars as Gold."""
    return listed(_rates(given, blueprint, told), joined="and")


def _rates(given: Award, blueprint: Blueprint | None, told: Callable[[Decimal], str]) -> list[str]:
    if not given.by_tier:
        return [told(given.points)]
    return [
        f"{told(rate)} as {naming.tier(code, on=given.ladder, blueprint=blueprint)}"
        for code, rate in given.by_tier.items()
    ]


def _factor(rate: Decimal) -> str:
    return FACTORS.get(rate) or f"{number(rate)} times"


def _spent(rule: EarnRule) -> str:
    if rule.on == COMPANY_PURCHASE:
        return "its people spend"
    return "you spend" if rule.on == "purchase" else f"you spend on {article(happening(rule.on))}"


def _whole(rule: EarnRule, unit: Unit) -> str:
    return "whole " if rule.rounding_of == "order" and not _rounded(rule, unit) else ""


def _rounded(rule: EarnRule, unit: Unit) -> bool:
    """Whether it must be said how points are rounded: whole amounts say it for one part each."""
    odd = any(rate.scaleb(unit.decimals) != 1 for rate in _all_rates(rule.award))
    return rule.rounding != "floor" or odd


def _all_rates(given: Award) -> Iterable[Decimal]:
    return given.by_tier.values() or (given.points,)


def _step(per: int, currency: str) -> str:
    if per == 10 ** exponent(currency):
        # "US dollar" is a bank's word; members say dollar.
        return str(get_currency_name(currency, count=1, locale=LOCALE)).split()[-1]
    return money(per, currency=currency)


def _things(rule: EarnRule) -> str:
    """What a counted award counts: item you buy, 2 lines of a purchase, night of a stay."""
    per, each = rule.award.per, rule.award.each
    many = f"{number(per)} " if per > 1 else ""
    whole = happening(rule.on)
    if not each.startswith(ATTRIBUTES):
        counted = f"{many}{each}{'s' if many else ''}"
        if each == "line":
            return f"{counted} of {article(whole)}"
        return f"{counted} you buy" + ("" if rule.on == "purchase" else f" on {article(whole)}")
    name = plain(each.removeprefix(ATTRIBUTES))
    return f"{many}{name if many else singular(name)} of {article(whole)}"


def rounding(rule: EarnRule, *, unit: Unit) -> str:
    """To what the points of one fact are rounded: down to whole points."""
    way = {"floor": "down to", "nearest": "to the nearest", "ceiling": "up to"}[rule.rounding]
    line = " for each line" if rule.rounding_of == "line" else ""
    if not unit.decimals:
        name = unit.singular if rule.rounding == "nearest" else unit.name
        return f"{way} whole {name}{line}"
    return f"{way} {number(Decimal(1).scaleb(-unit.decimals))} {unit.name}{line}"


def rounds(rule: EarnRule, *, unit: Unit) -> bool:
    """Whether a sentence about the rule has to say how its points are rounded.

    Fixed awards are whole, and multipliers round as the rules they multiply.
    """
    if rule.award.kind == "per_amount":
        return rule.rounding_of == "line" or _rounded(rule, unit)
    parts = [rate.scaleb(unit.decimals) for rate in _all_rates(rule.award)]
    broken = any(part != part.to_integral_value() for part in parts)
    return rule.award.kind == "percent" or (rule.award.kind == "counted" and broken)


def part(rule: EarnRule) -> str:
    """What becomes of a part of what a counted award counts; empty when it does not count."""
    return PART_STEPS[rule.rounding] if rule.award.kind == "counted" else ""


def counted_in(counts: Base) -> list[str]:
    """What counts besides what was paid for the goods: tax, what you pay with gift cards."""
    parts = [words for part, words in PARTS if getattr(counts, part)]
    if paid := [words for part, words in PAID if getattr(counts, part)]:
        parts.append(f"what you pay with {listed(paid)}")
    return parts


def base(counts: Base) -> str | None:
    """What a rule counts besides what was paid for the goods; None when it is nothing."""
    told = []
    if parts := counted_in(counts):
        told.append(f"counting {listed(parts, joined='and')}")
    if counts.discounts:
        told.append("not taking discounts off")
    return listed(told, joined="and") or None


def window(tiers: Tiers) -> str:
    """The time over which the first measure lifts a member: within 365 days."""
    return over(tiers.window)


def over(span_of: Window) -> str:
    """The time over which something is counted: within a calendar year."""
    if span_of.kind == "rolling_days":
        return f"within {days(span_of.days)}"
    return {
        "calendar_year": "within a calendar year",
        "calendar_month": "within a calendar month",
        "membership_year": "within a year of your membership",
        "lifetime": "in all",
        "since_review": "after your tier was last reviewed",
    }[span_of.kind]


def limits(several: Sequence[Limit], *, unit: Unit, on: str = "") -> str | None:
    """Up to where a rule gives: at most once a day and 100 points a year; None for no limits."""
    told = listed([text for one in several for text in _limit(one, unit, on)], joined="and")
    return f"at most {told}" if told else None


def _limit(one: Limit, unit: Unit, on: str) -> Iterator[str]:
    if one.times is not None:
        yield often(one.times, one.each, on=on)
    if one.points is not None:
        yield f"{points(one.points, unit=unit)} {span(one.each, on=on)}"


def wholes(several: Sequence[Limit], *, unit: Unit, on: str = "") -> tuple[str, ...]:
    """Clauses about limits that an award passes whole or not at all."""
    return tuple(
        f"what would go above {points(one.points, unit=unit)} {span(one.each, on=on)}"
        " is not given at all"
        for one in several
        if one.whole and one.points is not None
    )


def budget(given: Budget, *, unit: Unit) -> str:
    """Up to where a rule gives to all: at most 100,000 points a month for all members together."""
    return f"at most {points(given.points, unit=unit)} {span(given.each)} for all members together"


def pending(waits: Pending, *, on: str) -> str:
    """When points can be used: 14 days later, once the purchase is shipped."""
    if not waits.on:
        return f"{days(waits.days)} later"
    what, of = plain(waits.on), happening(on)
    later = f"{days(waits.days)} after" if waits.days else "once"
    if what.endswith("ed") and " " not in what:
        return f"{later} your {of} is {what}"
    return f"{later} we have the {what} of your {of}"


def lasting(expiry: Expiry, *, unit: Unit) -> str:
    """How long points of a unit live: never expire, can be used for 30 days."""
    if expiry.kind == "never":
        return "never expire"
    return f"{'can be used' if unit.spendable else 'count'} {term(expiry, activity=unit.activity)}"


def weekdays(chosen: Sequence[int]) -> str:
    """Days of the week: on Tuesdays and Sundays."""
    return f"on {listed([f'{WEEKDAYS[one].capitalize()}s' for one in chosen], joined='and')}"


def hours(span_of: tuple[int, int]) -> str:
    """Hours of the day: between 15:00 and 18:00."""
    start, end = span_of
    return f"between {clock(start)} and {clock(end)}"
