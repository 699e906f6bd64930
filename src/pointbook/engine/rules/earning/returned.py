"""How much of a rule's base a return takes. Nothing here raises.

A return brings lines and amounts, but not the member as they were at the purchase: what multipliers
ask besides their lines cannot be told from it, and those that ask it are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from pointbook.engine.rules.blueprint import Blueprint, EarnRule
from pointbook.engine.rules.earning.awards import MONEY, ROUNDINGS, Rate, rate_of
from pointbook.engine.rules.earning.bases import base_total
from pointbook.engine.rules.earning.choosing import Choices, Tables
from pointbook.engine.rules.earning.plans import by_lines, count_of, targets_of, weights_of
from pointbook.engine.rules.who import Who
from pointbook.engine.values.facts import DIGITS, Fact

# More than any base is: the award comes back whole, whatever it counted.
WHOLE: Final = 10**DIGITS - 1
NOBODY: Final = Who()
Taken = Callable[[Fact], int]
Flags = Callable[[Fact, Tables], "list[bool] | None"]


def base_of(rule: EarnRule, *, blueprint: Blueprint, of: str = "") -> Taken:
    """What a return takes of the base that a rule's reasons tell.

    Minor units; of counted awards, the items or lines. An award by an attribute is WHOLE. A
    multiplier's is what its lines make in the rule `of` it multiplied; left out, in the only one it
    has, or in the whole basket where it has several.
    """
    choices = Choices()
    if rule.award.kind != "multiply":
        return _base(rule, blueprint, choices)
    targets = targets_of(rule, blueprint=blueprint)
    found = [one for one in blueprint.earn if one.code in ({of} if of else targets)]
    if len(found) == 1 and found[0].award.kind != "multiply":
        target = found[0]
        if target.award.kind in MONEY:
            return _weighed(target, blueprint, choices, flags=_flags(rule, choices))
        if rule.lines is None or not by_lines(target):
            return _base(target, blueprint, choices)
        return _counted(target, choices, flags=_flags(rule, choices))
    total = base_total(rule.base, rule.lines, choices=choices)
    return lambda fact: total(fact, {})


def _base(rule: EarnRule, blueprint: Blueprint, choices: Choices) -> Taken:
    if rule.award.kind == "counted":
        return _counted(rule, choices, flags=_all)
    if _dampers(rule, blueprint):
        return _weighed(rule, blueprint, choices, flags=_all)
    total = base_total(rule.base, rule.lines, choices=choices)
    return lambda fact: total(fact, {})


def _counted(rule: EarnRule, choices: Choices, *, flags: Flags) -> Taken:
    if not by_lines(rule):
        return lambda _: WHOLE
    counts, rounded = count_of(rule, choices=choices), ROUNDINGS[rule.rounding]

    def taken(fact: Fact) -> int:
        tables: Tables = {}
        amounts, chosen = counts(fact, tables), flags(fact, tables)
        if chosen is not None:
            pairs = zip(amounts, chosen, strict=True)
            amounts = [amount for amount, flag in pairs if flag]
        return rounded(max(0, sum(amounts)), 1, 1)

    return taken


def _weighed(rule: EarnRule, blueprint: Blueprint, choices: Choices, *, flags: Flags) -> Taken:
    """The base with every factor up to 1 that always touches it."""
    weights = weights_of(rule, choices=choices)
    touching: Sequence[tuple[Flags, Rate]] = [
        (_flags(one, choices), rate) for one, rate in _dampers(rule, blueprint)
    ]

    def taken(fact: Fact) -> int:
        tables: Tables = {}
        made = weights(fact, tables)
        for touched, (num, den, _) in touching:
            made.multiply(touched(fact, tables), num=num, den=den)
        return made.part(flags(fact, tables))

    return taken


def _dampers(rule: EarnRule, blueprint: Blueprint) -> list[tuple[EarnRule, Rate]]:
    """The multipliers that make a rule's base smaller and ask nothing but lines."""
    found = []
    for one in blueprint.earn:
        asks = one.when or one.from_on or one.until_on or one.weekdays or one.hours
        if asks or one.stores or one.channels or one.award.by_tier or one.on != rule.on:
            continue
        if rule.code in targets_of(one, blueprint=blueprint):
            rate = rate_of(one, blueprint=blueprint)(NOBODY)
            if rate is not None and rate.num <= rate.den:
                found.append((one, rate))
    return found


def _all(_: Fact, __: Tables) -> None:
    return None


def _flags(rule: EarnRule, choices: Choices) -> Flags:
    """The amounts that a multiplier touches: its lines, and not the rest of the basket."""
    if rule.lines is None:
        return _all
    choice = choices.of(rule.lines)
    return lambda fact, tables: [*choice.flags(fact, tables), False]
