"""A blueprint as sentences that a member or a manager can read. Nothing here raises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pointbook.engine.rules import phrases
from pointbook.engine.rules.blueprint import Blueprint, EarnRule, Reward, Unit

ORDERS = {
    "oldest": "The oldest {} are used first.",
    "soonest_expiry": "The {} that expire soonest are used first.",
}
CLAW_BACKS = {
    "clamp": "When you return something, what it earned is taken back, as far as you still hold"
    " it.",
    "allow_negative": "When you return something, what it earned is taken back. Your balance may"
    " fall below zero; what you earn next fills it first.",
}
POLICIES = {
    "deferred_revenue": "Part of the price of each sale is deferred as a contract liability, and"
    " becomes revenue when the {} it earned are used or expire.",
}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The sentences about one side of a program."""

    title: str
    sentences: tuple[str, ...]


def tell(blueprint: Blueprint) -> tuple[Paragraph, ...]:
    """The program in paragraphs: Earning, Expiry, Tiers, Rewards, Returns, Books."""
    sections = {
        "Earning": [earning(rule, blueprint=blueprint) for rule in blueprint.earn],
        "Expiry": [line for unit in blueprint.units.values() for line in _expiry(unit)],
        "Tiers": list(_tiers(blueprint)),
        "Rewards": [reward(item, blueprint=blueprint) for item in blueprint.rewards],
        "Returns": [CLAW_BACKS[blueprint.claw_back]],
        "Books": list(_books(blueprint)),
    }
    return tuple(Paragraph(title, tuple(lines)) for title, lines in sections.items() if lines)


def earning(rule: EarnRule, *, blueprint: Blueprint) -> str:
    """One rule as a sentence: You earn 1 point for every whole dollar you spend."""
    unit, currency = blueprint.units[rule.unit], blueprint.currency
    text = f"You earn {phrases.award(rule, unit=unit, currency=currency)}"
    if rule.lines is not None:
        chosen = phrases.condition(rule.lines, currency=currency, line=True)
        text += f" on lines where {chosen}"
    if rule.when is not None:
        text += f", when {phrases.condition(rule.when, currency=currency)}"
    if rule.from_on is not None:
        text += f", from {phrases.day(rule.from_on)}"
    if rule.until_on is not None:
        text += f", until the end of {phrases.day(rule.until_on)}"
    if rule.per and (rule.points > 1 or rule.rounding != "floor"):
        text += f", rounded {phrases.rounding(rule, unit=unit)}"
    return f"{text}."


def reward(item: Reward, *, blueprint: Blueprint) -> str:
    """One reward as a sentence: 500 points buy Ten off, worth $10.00."""
    unit = blueprint.units[item.unit]
    cost = phrases.points(item.price, unit=unit)
    buy = "buys" if item.price == 10**unit.decimals else "buy"
    return (
        f"{cost} {buy} {item.name}, worth {phrases.money(item.value, currency=blueprint.currency)}."
    )


def _expiry(unit: Unit) -> Iterator[str]:
    name = unit.name
    if unit.expiry.kind == "never":
        yield f"{name.capitalize()} never expire."
    else:
        earned, gone = phrases.example(unit.expiry)
        term = phrases.term(unit.expiry)
        yield f"{name.capitalize()} can be used {term}: {name} earned {earned} are gone {gone}."
    yield ORDERS[unit.spend_order].format(name)


def _tiers(blueprint: Blueprint) -> Iterator[str]:
    if blueprint.tiers is None:
        return
    first, *others = blueprint.tiers.ladder
    yield f"Everybody begins as {first.name}."
    window = phrases.window(blueprint.tiers)
    for rung in others:
        amount = phrases.money(rung.threshold, currency=blueprint.currency)
        yield f"Spend {amount} {window} and you are {rung.name}."
    yield "Your tier is judged at each purchase and stays until the next one."


def _books(blueprint: Blueprint) -> Iterator[str]:
    for unit in blueprint.units.values():
        worth = phrases.price(unit.value, currency=blueprint.currency)
        yield f"One {unit.singular} is worth {worth}."
        yield POLICIES[blueprint.books.policy].format(unit.name)
    yield f"The judgement behind it: {blueprint.books.judgement}"
