"""A blueprint as sentences that a member or a manager can read. Nothing here raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pointbook.engine.rules.blueprint import Blueprint, Burned, ClawBack, SpendOrder, Trigger, Unit
from pointbook.engine.rules.prose import books as prose_books
from pointbook.engine.rules.prose import naming, phrases
from pointbook.engine.rules.prose import rewards as prose_rewards
from pointbook.engine.rules.prose import rules as prose_rules
from pointbook.engine.rules.prose import tiers as prose_tiers
from pointbook.engine.rules.prose.rewards import reward
from pointbook.engine.rules.prose.rules import earning
from pointbook.engine.rules.prose.wording import days, listed, opened, plain

__all__ = ["Paragraph", "earning", "reward", "tell"]

ORDERS: Mapping[SpendOrder, str] = {
    "oldest": "The oldest {} are used first.",
    "soonest_expiry": "The {} that expire soonest are used first.",
}
CLAW_BACKS: Mapping[ClawBack, str] = {
    "clamp": "When you return something, what it earned is taken back, as far as you still hold"
    " it.",
    "allow_negative": "When you return something, what it earned is taken back. Your balance may"
    " fall below zero; what you earn next fills it first.",
    "carry_forward": "When you return something, what it earned is taken back. What you no longer"
    " hold is taken from what you earn next.",
}
# In proportion is the custom, and goes without saying.
BURNED: Mapping[Burned, str] = {
    "whole": "When you return all of an order, what you used on it comes back to you.",
    "keep": "What you used on an order stays used when you return it.",
}
TRIGGERS: Mapping[Trigger, str] = {
    "sign_up": "A referral counts when a friend you invited signs up",
    "first_purchase": "A referral counts when a friend you invited makes their first purchase",
    "every_purchase": "A referral counts each time a friend you invited makes a purchase",
}
CHECKS: Mapping[str, str] = {
    "email": "an e-mail address",
    "phone": "a phone number",
    "card": "a card",
}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The sentences about one side of a program."""

    title: str
    sentences: tuple[str, ...]


def tell(blueprint: Blueprint) -> tuple[Paragraph, ...]:
    """The program in paragraphs, from Earning to Books; what it does not have is left out."""
    sections: list[tuple[str, Iterator[str]]] = [
        ("Earning", prose_rules.rules(blueprint)),
        ("Names", prose_rules.conditions(blueprint)),
        ("Expiry", _units(blueprint)),
        *_ladders(blueprint),
        ("Rewards", (reward(item, blueprint=blueprint) for item in blueprint.rewards)),
        ("Paying with points", _paying(blueprint)),
        ("Causes", prose_rewards.causes(blueprint)),
        ("Automatic rewards", prose_rewards.automatic(blueprint)),
        ("Redemption", prose_rewards.redemption(blueprint)),
        ("Referrals", referrals(blueprint)),
        ("Transfers", transfers(blueprint)),
        ("Households", households(blueprint)),
        ("Companies", companies(blueprint)),
        ("Returns", _returns(blueprint)),
        ("Corrections", _corrections(blueprint)),
        ("Books", prose_books.books(blueprint)),
    ]
    told = ((title, tuple(lines)) for title, lines in sections)
    return tuple(Paragraph(title, lines) for title, lines in told if lines)


def _ladders(blueprint: Blueprint) -> Iterator[tuple[str, Iterator[str]]]:
    for place, tiers in enumerate(blueprint.ladders):
        title = f"Tiers: {tiers.name}" if place else "Tiers"
        yield title, prose_tiers.ladder(tiers, blueprint=blueprint)


def _units(blueprint: Blueprint) -> Iterator[str]:
    for unit in blueprint.units.values():
        yield from _unit(unit, blueprint)


def _unit(unit: Unit, blueprint: Blueprint) -> Iterator[str]:
    name = unit.name
    lasting = f"{opened(name)} {phrases.lasting(unit.expiry, unit=unit)}"
    if unit.expiry.kind == "never":
        yield f"{lasting}."
    else:
        earned, gone = phrases.example(unit.expiry, activity=unit.activity)
        yield f"{lasting}: {name} earned {earned} are gone {gone}."
    for code, expiry in unit.expiry_by_tier.items():
        tier = naming.tier(code, on=unit.ladder, blueprint=blueprint)
        lasting = phrases.lasting(expiry, unit=unit)
        yield f"{opened(name)} that you earn or hold as {tier} {lasting}."
    for country, expiry in unit.expiry_by_country.items():
        lasting = phrases.lasting(expiry, unit=unit)
        yield f"{opened(name)} of members in {country} {lasting}."
    if unit.most is not None:
        most = phrases.points(unit.most, unit=unit)
        yield f"You can hold at most {most}: what would go above is not earned."
    if unit.reinstate_days:
        use = "can be used" if unit.spendable else "count"
        yield (
            f"{opened(name)} that expired can come back within {days(unit.reinstate_days)};"
            f" then they {use} for {days(unit.reinstated_for)}."
        )
    yield (
        ORDERS[unit.spend_order].format(name)
        if unit.spendable
        else (f"{opened(name)} cannot be spent.")
    )


def referrals(blueprint: Blueprint) -> Iterator[str]:
    """When a friend that a member brought counts; nothing when none does."""
    asked = blueprint.referrals
    if asked is None:
        return
    text = TRIGGERS[asked.trigger]
    if asked.minimum:
        text += f" of at least {phrases.money(asked.minimum, currency=blueprint.currency)}"
    if asked.within_days:
        text += f" within {days(asked.within_days)} of the invitation"
    yield f"{text}."
    if asked.checks:
        shared = listed([CHECKS[check] for check in asked.checks])
        yield f"You and your friend may not share {shared}."


def transfers(blueprint: Blueprint) -> Iterator[str]:
    """What members may hand to each other; nothing when they may not."""
    allowed = blueprint.transfers
    if allowed is None:
        return
    units = [blueprint.units[code] for code in allowed.units]
    yield f"You can hand {listed([unit.name for unit in units])} to another member."
    if allowed.keep:
        yield "What you hand over expires when it would have expired with you."
    else:
        yield "What you hand over lasts as if the other member had just earned it."
    for what, parts in (
        ("", [replace(one, times=None) for one in allowed.limits]),
        ("something ", [replace(one, points=None) for one in allowed.limits]),
    ):
        if told := phrases.limits(parts, unit=units[0], on="transfer"):
            yield f"You can hand {what}over {told}."
    for clause in phrases.wholes(allowed.limits, unit=units[0], on="transfer"):
        yield f"{opened(clause)}."


def households(blueprint: Blueprint) -> Iterator[str]:
    """What households share; nothing when there are none."""
    if blueprint.pooled:
        units = listed([blueprint.units[code].name for code in blueprint.pooled], joined="and")
        yield f"The people of a household share their {units}: its head holds them for all."


def companies(blueprint: Blueprint) -> Iterator[str]:
    """That companies can join; nothing when they cannot."""
    if blueprint.companies:
        yield "A company can join too: it is told what its people buy, and can earn on that."


def _paying(blueprint: Blueprint) -> Iterator[str]:
    for terms in blueprint.paying:
        yield from prose_rewards.paying(terms, blueprint=blueprint)


def _returns(blueprint: Blueprint) -> Iterator[str]:
    yield CLAW_BACKS[blueprint.claw_back]
    if blueprint.burned in BURNED:
        yield BURNED[blueprint.burned]


def _corrections(blueprint: Blueprint) -> Iterator[str]:
    if blueprint.corrections.reasons:
        reasons = listed([plain(reason) for reason in blueprint.corrections.reasons])
        yield f"Whatever is added or taken off by hand has a reason: {reasons}."
