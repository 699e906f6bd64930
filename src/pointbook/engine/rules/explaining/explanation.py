"""Why a fact earned what it earned, as a sentence a member can read. Nothing here raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from pointbook.engine.rules.blueprint import AwardKind, Blueprint, EarnRule, Limit, Unit
from pointbook.engine.rules.earning.awards import MONEY
from pointbook.engine.rules.earning.limits import limits_of
from pointbook.engine.rules.earning.reasons import BUDGET, Reason
from pointbook.engine.rules.fields import ATTRIBUTES
from pointbook.engine.rules.prose import naming, phrases, wording

ROUNDED = {"floor": "rounded down", "nearest": "rounded to the nearest", "ceiling": "rounded up"}
# What gives points besides the rules of a program.
OTHERS: Final[Mapping[str, str]] = {
    "adjustment": "Correction",
    "opening": "Carried over",
    "received": "Received from another member",
}


def explain(reason: Reason, *, blueprint: Blueprint) -> str:
    """One reason under the version that gave it.

    Purchases: 1 point for every $1.00 of $45.99 is 45 points, rounded down.
    """
    rule = next((one for one in blueprint.earn if one.code == reason.rule), None)
    unit = blueprint.units.get(reason.unit)
    if rule is None or unit is None:
        name = OTHERS.get(reason.rule) or wording.opened(wording.plain(reason.rule))
        return f"{name}: {_points(reason.points, reason.unit, unit)}."
    asked = phrases.points(reason.asked or reason.points, unit=unit)
    told = TOLD[rule.award.kind](rule, reason, asked, blueprint)
    if reason.tier:
        tier = naming.tier(reason.tier, on=rule.award.ladder, blueprint=blueprint)
        told = f"as {tier}, {told}"
    if reason.asked:
        told = f"{told}, {_cut(rule, reason, unit, blueprint)}"
    return f"{rule.name}: {told}."


def cap(rule: EarnRule, reason: Reason, *, blueprint: Blueprint) -> str:
    """What cut a reason, as a clause: at most 100 points a year."""
    unit = blueprint.units[reason.unit]
    limit = limit_of(rule, reason, blueprint=blueprint)
    if limit is not None:
        return phrases.limits([limit], unit=unit, on=rule.on) or ""
    if reason.limit == BUDGET and rule.budget is not None:
        return phrases.budget(rule.budget, unit=unit)
    return f"at most {phrases.points(unit.most or 0, unit=unit)} can be held"


def limit_of(rule: EarnRule, reason: Reason, *, blueprint: Blueprint) -> Limit | None:
    """The limit that cut a reason; None where a budget or a full balance did."""
    limits = limits_of(rule, blueprint=blueprint)
    return next((limit for limit in limits if limit.code == reason.limit), None)


def _points(parts: int, code: str, unit: Unit | None) -> str:
    return f"{phrases.number(parts)} {code}" if unit is None else phrases.points(parts, unit=unit)


def _cut(rule: EarnRule, reason: Reason, unit: Unit, blueprint: Blueprint) -> str:
    given = phrases.number(Decimal(reason.points).scaleb(-unit.decimals)) if reason.points else ""
    limit = limit_of(rule, reason, blueprint=blueprint)
    whole = ", whole or not at all" if limit is not None and limit.whole else ""
    return f"{given or 'none'} of them given: {cap(rule, reason, blueprint=blueprint)}{whole}"


def _rate(rule: EarnRule, reason: Reason) -> Decimal:
    return rule.award.by_tier.get(reason.tier, rule.award.points)


def _per_amount(rule: EarnRule, reason: Reason, given: str, blueprint: Blueprint) -> str:
    rate = wording.amount(_rate(rule, reason), unit=blueprint.units[reason.unit])
    per = phrases.money(rule.award.per, currency=blueprint.currency)
    base = phrases.money(reason.base, currency=blueprint.currency)
    return f"{rate} for every {per} of {base} is {given}, {_rounded(rule)}"


def _percent(rule: EarnRule, reason: Reason, given: str, blueprint: Blueprint) -> str:
    unit = blueprint.units[reason.unit]
    worth = phrases.price(unit.value, currency=blueprint.currency)
    base = phrases.money(reason.base, currency=blueprint.currency)
    share = f"{phrases.number(_rate(rule, reason))}% of {base}"
    return f"{share} in {unit.name} of {worth} is {given}, {_rounded(rule)}"


def _rounded(rule: EarnRule) -> str:
    return ROUNDED[rule.rounding] + (" for each line" if rule.rounding_of == "line" else "")


def _fixed(_: EarnRule, __: Reason, given: str, ___: Blueprint) -> str:
    return given


def _counted(rule: EarnRule, reason: Reason, given: str, blueprint: Blueprint) -> str:
    """2 points for each of 3 items is 6 points; of steps, for every whole 20 of 45 is 10 points."""
    award, count = rule.award, reason.base
    rate = wording.amount(_rate(rule, reason), unit=blueprint.units[reason.unit])
    several = wording.plain(award.each.removeprefix(ATTRIBUTES))
    if award.each in ("item", "line"):
        several = f"{several}s"
    things = wording.counted(count, wording.singular(several), several)
    if award.per > 1:
        step = ("whole " if rule.rounding == "floor" else "") + phrases.number(award.per)
        way = "" if rule.rounding == "floor" else f", {ROUNDED[rule.rounding]}"
        return f"{rate} for every {step} of {things} is {given}{way}"
    each = things if count == 1 else f"each of {things}"
    return f"{rate} for {each} is {given}"


def _multiply(rule: EarnRule, reason: Reason, given: str, blueprint: Blueprint) -> str:
    target = next((one for one in blueprint.earn if one.code == reason.of), None)
    name = wording.quoted(naming.rule(reason.of, blueprint=blueprint))
    told = f"{name} counts {phrases.number(_rate(rule, reason))} times"
    if target is not None and target.award.kind in MONEY:
        told = f"{told} for {phrases.money(reason.base, currency=blueprint.currency)}"
    return f"{told}, that is {given} more"


TOLD: Final[Mapping[AwardKind, Callable[[EarnRule, Reason, str, Blueprint], str]]] = {
    "per_amount": _per_amount,
    "percent": _percent,
    "fixed": _fixed,
    "counted": _counted,
    "multiply": _multiply,
}
