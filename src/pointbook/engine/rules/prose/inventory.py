"""The parts of a program by their paths, in words, so that two versions can be compared.

Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pointbook.engine.rules.blueprint import Blueprint, Burned, LateFacts, Trigger, Unit
from pointbook.engine.rules.prose import books as prose_books
from pointbook.engine.rules.prose import chapters as prose
from pointbook.engine.rules.prose import naming, phrases
from pointbook.engine.rules.prose.entries import Part, Terms
from pointbook.engine.rules.prose.inventory_rewards import rewards
from pointbook.engine.rules.prose.inventory_rules import limits, rules
from pointbook.engine.rules.prose.inventory_tiers import ladders, measure
from pointbook.engine.rules.prose.wording import days, listed, opened, plain

BURNED: Mapping[Burned, str] = {
    "pro_rata": "in proportion",
    "whole": "once all of the order comes back",
    "keep": "not at all",
}
LATE_FACTS: Mapping[LateFacts, str] = {
    "leave": "change nothing that was given",
    "re_evaluate": "count as if known in time",
}
TRIGGERS: Mapping[Trigger, str] = {
    "sign_up": "the friend signs up",
    "first_purchase": "the friend's first purchase",
    "every_purchase": "every purchase of the friend",
}
NEGATIVE: Mapping[str, str] = {
    "refuse": "refused",
    "clamp": "cut to the balance",
    "allow": "taken into a balance below zero",
}


def parts(blueprint: Blueprint) -> Iterator[Part]:
    """Each part of the program, in the order of the document."""
    yield Part("program", "The program", "", _program(blueprint))
    returns = {"claw_back": blueprint.claw_back, "burned": BURNED[blueprint.burned]}
    yield Part("returns", "Returns", "", returns)
    yield from _words(blueprint)
    for unit in blueprint.units.values():
        yield _unit(unit, blueprint)
    yield from rules(blueprint)
    yield from ladders(blueprint)
    yield from rewards(blueprint)
    yield from _among_members(blueprint)
    yield Part("corrections", "Corrections", "", _corrections(blueprint))
    yield from prose_books.parts(blueprint)


def _program(blueprint: Blueprint) -> Terms:
    return {
        "code": blueprint.code,
        "name": blueprint.name,
        "currency": blueprint.currency,
        "time_zone": blueprint.time_zone,
        "unknown_members": blueprint.unknown_members,
        "late_facts": LATE_FACTS[blueprint.late_facts],
    }


def _words(blueprint: Blueprint) -> Iterator[Part]:
    """Segments, named conditions and named measures."""
    for code in blueprint.segments:
        yield Part(
            f"segments[{code}]", f"Group of members {plain(code)}", "Members can be in it.", {}
        )
    for name, asked in blueprint.conditions.items():
        told = phrases.condition(asked, currency=blueprint.currency, blueprint=blueprint)
        title = f"Condition {plain(name)}"
        yield Part(f"conditions.{name}", title, f"It means that {told}.", {"": told})
    for one in blueprint.measures:
        yield measure(one, at="measures", blueprint=blueprint)


def _unit(unit: Unit, blueprint: Blueprint) -> Part:
    value = phrases.price(unit.value, currency=blueprint.currency)
    expires = phrases.term(unit.expiry, activity=unit.activity)
    terms: dict[str, str | None] = {
        "name": unit.name,
        "singular": unit.singular,
        "decimals": str(unit.decimals),
        "value": value,
        "expires": expires,
    }
    ladder = naming.ladder(unit.ladder, blueprint=blueprint)
    terms["expires.ladder"] = ladder.name if ladder and unit.expiry_by_tier else None
    for code, expiry in unit.expiry_by_tier.items():
        terms[f"expires.by_tier.{code}"] = phrases.term(expiry, activity=unit.activity)
    for country, expiry in unit.expiry_by_country.items():
        terms[f"expires.by_country.{country}"] = phrases.term(expiry, activity=unit.activity)
    back = f"within {days(unit.reinstate_days)}, for {days(unit.reinstated_for)}"
    terms |= {
        "spend_order": unit.spend_order,
        "spendable": "yes" if unit.spendable else "no",
        "money": "yes" if unit.money else None,
        "most": None if unit.most is None else phrases.points(unit.most, unit=unit),
        "reinstate": back if unit.reinstate_days else None,
    }
    sentence = f"One {unit.singular} is worth {value} and can be used {expires}."
    if not unit.spendable:
        name = opened(unit.name)
        sentence = f"{name} cannot be spent. {name} {phrases.lasting(unit.expiry, unit=unit)}."
    return Part(f"units.{unit.code}", f"Unit {unit.code}", sentence, terms)


def _among_members(blueprint: Blueprint) -> Iterator[Part]:
    """Referrals, transfers, households and companies."""
    referrals, transfers = blueprint.referrals, blueprint.transfers
    if referrals is not None:
        minimum = phrases.money(referrals.minimum, currency=blueprint.currency)
        terms = {
            "trigger": TRIGGERS[referrals.trigger],
            "minimum": minimum if referrals.minimum else None,
            "within_days": days(referrals.within_days) if referrals.within_days else None,
            "checks": listed([prose.CHECKS[check] for check in referrals.checks]) or None,
        }
        yield Part("referrals", "Referrals", " ".join(prose.referrals(blueprint)), terms)
    if transfers is not None:
        unit = blueprint.units[transfers.units[0]]
        terms = {
            "units": listed([blueprint.units[code].name for code in transfers.units]),
            "expiry": "as before" if transfers.keep else "begins anew",
            "limits": limits(transfers.limits, unit=unit, on="transfer"),
        }
        yield Part("transfers", "Transfers", " ".join(prose.transfers(blueprint)), terms)
    if blueprint.pooled:
        pool = listed([blueprint.units[code].name for code in blueprint.pooled], joined="and")
        told = " ".join(prose.households(blueprint))
        yield Part("households", "Households", told, {"pool": pool})
    if blueprint.companies:
        yield Part("companies", "Companies", " ".join(prose.companies(blueprint)), {})


def _corrections(blueprint: Blueprint) -> Terms:
    corrections = blueprint.corrections
    terms: dict[str, str | None] = {
        "reasons": listed([plain(reason) for reason in corrections.reasons]) or None,
        "negative": NEGATIVE[corrections.negative],
    }
    for code, parts_asked in corrections.most.items():
        most = phrases.points(parts_asked, unit=blueprint.units[code])
        terms[f"most.{code}"] = f"{most} without a second person"
    return terms
