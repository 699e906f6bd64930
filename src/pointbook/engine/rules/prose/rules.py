"""How members earn, in sentences: each rule, and what rules are to each other.

Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pointbook.engine.rules.blueprint import Blueprint, EarnRule, GroupMode, Limit, Unit
from pointbook.engine.rules.predicates import All, Condition, Test
from pointbook.engine.rules.prose import phrases
from pointbook.engine.rules.prose.naming import rule as rule_name
from pointbook.engine.rules.prose.wording import (
    happening,
    listed,
    often,
    opened,
    plain,
    points,
    quoted,
    span,
)

LATE = (
    "What we hear of late counts as if we had known it in time, and what came after it is"
    " counted again."
)
GROUPS: Mapping[GroupMode, str] = {
    "best_of": "Only the best of {} counts.",
    "first_match": "Of {}, in this order, only the first that applies counts.",
}


def rules(blueprint: Blueprint) -> Iterator[str]:
    """Every rule, and what holds of several; a rule that others name begins with its name."""
    members, stops = grouped(blueprint), stopped(blueprint)
    named = _named(blueprint, members, stops)
    for rule in blueprint.earn:
        text = earning(rule, blueprint=blueprint)
        yield f"{rule.name}: {text[0].lower()}{text[1:]}" if rule.code in named else text
    for code, rules_in in members.items():
        yield GROUPS[blueprint.groups[code]].format(names(rules_in, blueprint=blueprint))
    for code, later in stops.items():
        first = names([code], blueprint=blueprint)
        if later:
            do = "does" if len(later) == 1 else "do"
            yield f"Where {first} applies, {names(later, blueprint=blueprint)} {do} not."
        else:
            fact = next(happening(rule.on) for rule in blueprint.earn if rule.code == code)
            yield f"Where {first} applies, nothing else is earned for that {fact}."
    for limit in blueprint.limits:
        yield shared(limit, blueprint=blueprint)
    if blueprint.late_facts == "re_evaluate":
        yield LATE


def earning(rule: EarnRule, *, blueprint: Blueprint) -> str:
    """One rule in a sentence, or in a few: You earn 1 point for every whole dollar you spend."""
    unit, currency = blueprint.units[rule.unit], blueprint.currency
    who = "Your company earns" if rule.on == phrases.COMPANY_PURCHASE else "You earn"
    text = f"{who} {phrases.award(rule, unit=unit, currency=currency, blueprint=blueprint)}"
    if rule.lines is not None:
        chosen = phrases.condition(rule.lines, currency=currency, line=True)
        on = "" if rule.award.each == "line" else " on lines"
        text += f"{on} where {chosen}"
    asked = _asked(rule)
    if asked is not None:
        told = phrases.condition(asked, currency=currency, on=rule.on, blueprint=blueprint)
        text += f", when {told}"
    text += _dates(rule)
    if part := phrases.part(rule):
        text += f", {part}"
    if phrases.rounds(rule, unit=unit):
        text += f", rounded {phrases.rounding(rule, unit=unit)}"
    if limits := phrases.limits(rule.limits, unit=unit, on=rule.on):
        text += f", {limits}"
    return " ".join([f"{text}.", *_besides(rule, unit)])


def conditions(blueprint: Blueprint) -> Iterator[str]:
    """What the names of conditions stand for."""
    for name, part in blueprint.conditions.items():
        told = phrases.condition(part, currency=blueprint.currency, blueprint=blueprint)
        yield f"{quoted(opened(plain(name)))} means that {told}."


def shared(limit: Limit, *, blueprint: Blueprint) -> str:
    """A limit of several rules: “A” and “B” together give at most 100 points a year."""
    unit = blueprint.units[unit_of(limit, blueprint=blueprint)]
    several = len(limit.rules) > 1
    told = []
    if limit.times is not None:
        told.append(f"count{'' if several else 's'} at most {often(limit.times, limit.each)}")
    if limit.points is not None:
        most = f"at most {points(limit.points, unit=unit)} {span(limit.each)}"
        told.append(f"give{'' if several else 's'} {most}")
    together = " together" if several else ""
    text = f"{names(limit.rules, blueprint=blueprint)}{together} {listed(told, joined='and')}."
    return " ".join([text, *(f"{opened(one)}." for one in phrases.wholes([limit], unit=unit))])


def _asked(rule: EarnRule) -> Condition | None:
    """The rule's condition, its stores and its channels as one."""
    places = (("store", rule.stores), ("channel", rule.channels))
    parts: list[Condition] = [Test(field, "in", chosen) for field, chosen in places if chosen]
    if rule.when is not None:
        parts += rule.when.parts if isinstance(rule.when, All) else (rule.when,)
    return All(tuple(parts)) if len(parts) > 1 else next(iter(parts), None)


def _dates(rule: EarnRule) -> str:
    text = ""
    if rule.weekdays:
        text += f", {phrases.weekdays(rule.weekdays)}"
    if rule.hours is not None:
        text += f", {phrases.hours(rule.hours)}"
    if rule.from_on is not None:
        text += f", from {phrases.day(rule.from_on)}"
    if rule.until_on is not None:
        text += f", until the end of {phrases.day(rule.until_on)}"
    return text


def _besides(rule: EarnRule, unit: Unit) -> Iterator[str]:
    """What a member must know besides: each true of this rule alone."""
    if rule.award.kind in ("per_amount", "percent"):
        parts = phrases.counted_in(rule.base)
        if parts:
            count = "counts" if len(parts) == 1 else "count"
            yield f"{opened(listed(parts, joined='and'))} {count} too."
        if rule.base.discounts:
            yield "Discounts are not taken off."
    yield from (f"{opened(one)}." for one in phrases.wholes(rule.limits, unit=unit, on=rule.on))
    if rule.budget is not None:
        yield f"While stocks last: {phrases.budget(rule.budget, unit=unit)}."
    if rule.pending is not None:
        use = f"These {unit.name} begin to count"
        if unit.spendable:
            use = f"You can use these {unit.name}"
        yield f"{use} {phrases.pending(rule.pending, on=rule.on)}."
    if rule.expiry is not None:
        yield f"These {unit.name} {phrases.lasting(rule.expiry, unit=unit)}."


def unit_of(limit: Limit, *, blueprint: Blueprint) -> str:
    """The code of the unit that a shared limit counts: that of its first rule."""
    return next(rule.unit for rule in blueprint.earn if rule.code in limit.rules)


def names(codes: Sequence[str], *, blueprint: Blueprint) -> str:
    """Rules by their names: “Welcome” and “A friend”."""
    return listed([quoted(rule_name(code, blueprint=blueprint)) for code in codes], joined="and")


def _in_order(blueprint: Blueprint) -> list[EarnRule]:
    """The rules as they are asked: the highest priority first."""
    return sorted(blueprint.earn, key=lambda rule: -rule.priority)


def grouped(blueprint: Blueprint) -> dict[str, list[str]]:
    """The rules of each group of which not all may count, as they are asked."""
    held: dict[str, list[str]] = {
        code: [] for code, mode in blueprint.groups.items() if mode in GROUPS
    }
    for rule in _in_order(blueprint):
        if rule.group in held:
            held[rule.group].append(rule.code)
    return {code: members for code, members in held.items() if len(members) > 1}


def stopped(blueprint: Blueprint) -> dict[str, list[str]]:
    """The rules that stop others, each with those it stops: later ones on the same facts.

    A rule that comes first of its kind stops all others, and has none here.
    """
    found: dict[str, list[str]] = {}
    asked: dict[str, list[EarnRule]] = {}
    for rule in _in_order(blueprint):
        asked.setdefault(rule.on, []).append(rule)
    for order in asked.values():
        for place, rule in enumerate(order):
            later = [one.code for one in order[place + 1 :]]
            if rule.stop and later:
                found[rule.code] = later if place else []
    return found


def _named(
    blueprint: Blueprint, groups: Mapping[str, list[str]], stops: Mapping[str, list[str]]
) -> set[str]:
    """The rules that some sentence calls by their names."""
    named = {code for members in (*groups.values(), *stops.values()) for code in members}
    named |= {code for limit in blueprint.limits for code in limit.rules}
    named |= {code for rule in blueprint.earn for code in rule.award.of}
    return named | stops.keys()
