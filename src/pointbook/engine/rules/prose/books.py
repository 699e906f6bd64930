"""What awards are in the books, in words: for readers, and term by term. Nothing here raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from pointbook.engine.rules.blueprint import Blueprint, Unit
from pointbook.engine.rules.books import EVERYWHERE, AwardRow, Books
from pointbook.engine.rules.prose import naming, phrases
from pointbook.engine.rules.prose.entries import Part
from pointbook.engine.rules.prose.wording import listed, money, number, opened, plain, quoted

# What points are that a sale gave; {} is the unit.
POLICIES: Final[Mapping[str, str]] = {
    "deferred_revenue": "Part of the price of each sale is deferred as a contract liability, and"
    " becomes revenue when the {} it earned are used or expire.",
    "incremental_cost": "What the {} of a sale are expected to cost is an expense of the day on"
    " which they are earned.",
    "cash_back": "The {} of a sale are money back: they reduce its revenue when they are earned.",
    "agent": "The {} of a sale are a partner's: the partner is owed for them at once, and the rest"
    " of their share of the price is a fee.",
    "employee": "{} are a benefit of staff: what they are expected to cost is a staff cost of the"
    " day on which they are given.",
}
OWED: Final = "What is paid for {} is owed to whoever holds them until it is used or expires."
# What a row says that some awards are.
ROWS: Final[Mapping[str, str]] = {
    "deferred_revenue": "a material right that is deferred",
    "bought": "bought, and their whole price is deferred",
    "funded": "paid by a partner and deferred",
    "brought": "an opening balance",
    "incremental_cost": "a cost of winning customers",
    "cash_back": "money back that reduces revenue",
    "cash_goodwill": "money that makes good a sale",
    "agent": "a partner's points, owed to the partner at once",
    "agent_goodwill": "a partner's points for no sale, owed to the partner at once",
    "no_sale": "an expense, as no sale gave them",
    "goodwill": "less revenue, as they make good a sale",
    "employee": "a staff cost",
}
TAXES: Final[Mapping[str, str]] = {
    "discount": "a discount of the sale",
    "nothing": "nothing until it is used",
    "voucher": "a voucher",
}


def books(blueprint: Blueprint) -> Iterator[str]:
    """What the program is in the books, sentence by sentence."""
    held = blueprint.books
    for unit in blueprint.units.values():
        if unit.spendable:
            worth = phrases.price(unit.value, currency=blueprint.currency)
            yield f"One {unit.singular} is worth {worth}."
            policy = OWED if unit.money else POLICIES[held.policy]
            yield opened(policy.format(unit.name))
    if held.partner:
        yield f"The partner is {_priced(held.partner, held.price, blueprint)}."
    yield f"The judgement behind it: {held.judgement}"
    for row in held.awards:
        yield _sentence(row, blueprint)
    if any(held.unclaimed.values()):
        yield f"Of what is never used of gift cards, {_unclaimed(held)} is unclaimed property."
    for country, tax in held.tax.items():
        rate, what = number(tax.rate * 100), TAXES[tax.award]
        yield f"To the tax of {country} ({rate} percent) an award is {what}."
    yield from _tier(blueprint)


def parts(blueprint: Blueprint) -> Iterator[Part]:
    """The books and each of their rows, by their paths, term by term."""
    held = blueprint.books
    terms: dict[str, str | None] = {
        "policy": held.policy,
        "judgement": held.judgement,
        "partner": held.partner or None,
        "price": _price(held.price, blueprint),
        "unclaimed": _unclaimed(held) or None,
    }
    for country, tax in held.tax.items():
        terms[f"tax.{country}"] = f"{number(tax.rate * 100)} percent, {TAXES[tax.award]}"
    stated = held.tier_judgement or held.tier != "marketing"
    policy = held.tier.replace("_", " ") if stated else None
    for key, told in (("policy", policy), ("judgement", held.tier_judgement or None)):
        terms[f"tier.{key}"] = told
    for right in held.rights:
        value = money(right.value, currency=blueprint.currency)
        terms[f"tier.values.{right.ladder}.{right.tier}"] = f"{value} a year"
    if len(held.awards) > 1:
        terms["awards"] = listed([_about(row, blueprint) for row in held.awards], joined="then")
    yield Part("books", "Books", "", terms)
    for row in held.awards:
        keys = ("rule",) if row.rule else ("reason", "unit")
        named = [f"{key} {getattr(row, key)}" for key in keys if getattr(row, key)]
        yield Part(
            f"books.awards[{', '.join(named)}]",
            f"Books of {_about(row, blueprint)}",
            _sentence(row, blueprint),
            {
                "policy": row.policy,
                "judgement": row.judgement,
                "partner": row.partner or None,
                "price": _price(row.price, blueprint),
            },
        )


def _about(row: AwardRow, blueprint: Blueprint) -> str:
    """Which awards a row is about."""
    unit: Unit | None = blueprint.units.get(row.unit)
    name = "awards" if unit is None else unit.name
    if row.rule:
        return f"{name} of {quoted(naming.rule(row.rule, blueprint=blueprint))}"
    return f"{name} for {plain(row.reason)}" if row.reason else name


def _sentence(row: AwardRow, blueprint: Blueprint) -> str:
    text = f"{opened(_about(row, blueprint))} are {ROWS[row.policy]}"
    if row.partner:
        text += f" ({_priced(row.partner, row.price, blueprint)})"
    return f"{text}: {row.judgement}"


def _priced(partner: str, price: Decimal | None, blueprint: Blueprint) -> str:
    told = _price(price, blueprint)
    return f"{plain(partner)}, at {told} a point"


def _price(price: Decimal | None, blueprint: Blueprint) -> str | None:
    return None if price is None else phrases.price(price, currency=blueprint.currency)


def _unclaimed(held: Books) -> str:
    """Shares in percent: 60 percent in US."""
    return listed(
        [
            f"{number(share * 100)} percent{f' in {country}' if country != EVERYWHERE else ''}"
            for country, share in held.unclaimed.items()
        ],
        joined="and",
    )


def _tier(blueprint: Blueprint) -> Iterator[str]:
    held = blueprint.books
    if held.tier_judgement:
        what = "marketing" if held.tier == "marketing" else "a right of the purchases that reach it"
        yield f"A tier is {what}: {held.tier_judgement}"
    for right in held.rights:
        tier = naming.tier(right.tier, on=right.ladder, blueprint=blueprint)
        value = money(right.value, currency=blueprint.currency)
        yield f"A year as {tier} is worth {value}."
