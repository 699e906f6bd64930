"""How much of a rule's base a return takes. Nothing here raises.

A return brings lines and amounts, but not the member as they were at the purchase: what multipliers
ask besides their lines cannot be told from it, and those that ask it are left out. So that the part
that came back is right all the same, the base of such an award is taken of its purchase in the same
way (`measured`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd, lcm
from typing import Final

from pointbook.engine.rules.blueprint import Blueprint, EarnRule
from pointbook.engine.rules.earning.awards import MONEY, ROUNDINGS, Rate, rate_of
from pointbook.engine.rules.earning.bases import base_total
from pointbook.engine.rules.earning.choosing import Choices, Tables
from pointbook.engine.rules.earning.plans import by_lines, count_of, targets_of, weights_of
from pointbook.engine.rules.earning.reward_lines import without_rewards
from pointbook.engine.rules.who import Who
from pointbook.engine.values.facts import Fact

NOBODY: Final = Who()
BY_LINES: Final = frozenset({"item", "line"})
Told = Callable[[Fact], int]
Taken = Callable[[Fact], "int | None"]
Flags = Callable[[Fact, Tables], "list[bool] | None"]


def base_of(rule: EarnRule, *, blueprint: Blueprint, of: str = "") -> Taken:
    """What a return takes of the base that a rule's reasons tell.

    Minor units; of counted awards, the items or lines. None where the return does not say: of an
    award by an attribute, and where lines are asked for and it has none. A multiplier's is what its
    lines make in the rule `of` it multiplied; left out, in all of them, by what they give.
    """
    choices = Choices()
    sources = [rule]
    if rule.award.kind == "multiply":
        sources = [one for one in _targets(rule, blueprint) if of in ("", one.code)]
        told = _multiplied(rule, sources, blueprint, choices)
    else:
        told = _seen_by(rule, _base(rule, blueprint, choices))
    if any(_unsaid(one) for one in sources):
        return lambda _: None
    if not _asks_lines([rule, *sources], blueprint):
        return told
    return lambda fact: told(fact) if fact.lines else None


def measured(rule: EarnRule, *, blueprint: Blueprint) -> bool:
    """Whether the base of a rule's award is taken of the purchase as a return takes it.

    That is where the reason's own does not say: several rules were multiplied, or a factor made
    the base smaller that a return knows nothing of.
    """
    sources = _targets(rule, blueprint) if rule.award.kind == "multiply" else [rule]
    return len(sources) != 1 or any(
        factor <= 1
        for one in _multipliers(sources[0], blueprint)
        for factor in (one.award.points, *one.award.by_tier.values())
    )


def _targets(rule: EarnRule, blueprint: Blueprint) -> list[EarnRule]:
    targets = targets_of(rule, blueprint=blueprint)
    return [one for one in blueprint.earn if one.code in targets and one.award.kind != "multiply"]


def _multipliers(rule: EarnRule, blueprint: Blueprint) -> list[EarnRule]:
    """The rules that may multiply what a rule gives."""
    return [
        one
        for one in blueprint.earn
        if one.on == rule.on and rule.code in targets_of(one, blueprint=blueprint)
    ]


def _unsaid(rule: EarnRule) -> bool:
    """Whether an attribute of the fact was counted: a return does not bring it."""
    return rule.award.kind == "counted" and rule.award.each not in BY_LINES


def _asks_lines(rules: Sequence[EarnRule], blueprint: Blueprint) -> bool:
    """Whether lines decide about the base of these rules."""
    touching = [one for rule in rules for one, _ in _dampers(rule, blueprint)]
    return any(one.lines is not None or one.award.each in BY_LINES for one in (*rules, *touching))


def _multiplied(
    rule: EarnRule, targets: Sequence[EarnRule], blueprint: Blueprint, choices: Choices
) -> Told:
    """What a multiplier's lines make in the rules it multiplies."""
    if not targets:
        total = base_total(rule.base, rule.lines, choices=choices)
        return _seen_by(rule, lambda fact: total(fact, {}))
    parts = [_seen_by(one, _within(rule, one, blueprint, choices)) for one in targets]
    if len(parts) == 1:
        return parts[0]
    shares = _shares(targets, blueprint)

    def told(fact: Fact) -> int:
        return sum([share * part(fact) for share, part in zip(shares, parts, strict=True)])

    return told


def _seen_by(rule: EarnRule, told: Told) -> Told:
    """What is told of the basket that a rule sees: without rewards unless they are in."""
    return told if rule.base.rewards else lambda fact: told(without_rewards(fact))


def _within(rule: EarnRule, target: EarnRule, blueprint: Blueprint, choices: Choices) -> Told:
    """What a multiplier's lines make in one rule."""
    if target.award.kind in MONEY:
        return _weighed(target, blueprint, choices, flags=_flags(rule, choices))
    if rule.lines is None or not by_lines(target):
        return _base(target, blueprint, choices)
    return _counted(target, choices, flags=_flags(rule, choices))


def _shares(targets: Sequence[EarnRule], blueprint: Blueprint) -> list[int]:
    """What one minor unit brings in each rule, as whole numbers in the smallest terms.

    Where tiers decide, or something else than money is counted, all bring the same.
    """
    if any(one.award.by_tier or one.award.kind not in MONEY for one in targets):
        return [1] * len(targets)
    rates = [_plain_rate(one, blueprint) for one in targets]
    common = lcm(*(rate.den for rate in rates))
    brings = [rate.num * (common // rate.den) for rate in rates]
    least = gcd(*brings) or 1
    return [one // least for one in brings]


def _plain_rate(rule: EarnRule, blueprint: Blueprint) -> Rate:
    found = rate_of(rule, blueprint=blueprint)(NOBODY)
    assert found is not None, "only tiers leave somebody without a rate"
    return found


def _base(rule: EarnRule, blueprint: Blueprint, choices: Choices) -> Told:
    if rule.award.kind == "counted":
        return _counted(rule, choices, flags=_all)
    if _dampers(rule, blueprint):
        return _weighed(rule, blueprint, choices, flags=_all)
    total = base_total(rule.base, rule.lines, choices=choices)
    return lambda fact: total(fact, {})


def _counted(rule: EarnRule, choices: Choices, *, flags: Flags) -> Told:
    counts, rounded = count_of(rule, choices=choices), ROUNDINGS[rule.rounding]

    def taken(fact: Fact) -> int:
        tables: Tables = {}
        amounts, chosen = counts(fact, tables), flags(fact, tables)
        if chosen is not None:
            pairs = zip(amounts, chosen, strict=True)
            amounts = [amount for amount, flag in pairs if flag]
        return rounded(max(0, sum(amounts)), 1, 1)

    return taken


def _weighed(rule: EarnRule, blueprint: Blueprint, choices: Choices, *, flags: Flags) -> Told:
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
    for one in _multipliers(rule, blueprint):
        asks = one.when or one.from_on or one.until_on or one.weekdays or one.hours
        if asks or one.stores or one.channels or one.award.by_tier:
            continue
        rate = _plain_rate(one, blueprint)
        if rate.num <= rate.den:
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
