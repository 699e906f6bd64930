"""The rules of a program by their paths, in words: groups, rules and the limits they share.

Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pointbook.engine.rules.blueprint import Blueprint, EarnRule, GroupMode, Limit, Unit
from pointbook.engine.rules.prose import phrases
from pointbook.engine.rules.prose import rules as prose_rules
from pointbook.engine.rules.prose.entries import Part, Terms
from pointbook.engine.rules.prose.wording import listed, opened, plain

GROUPS: Mapping[GroupMode, str] = {
    "all": "all that apply count",
    "best_of": "only the best counts",
    "first_match": "only the first that applies counts",
}


def rules(blueprint: Blueprint) -> Iterator[Part]:
    """Groups, rules and shared limits."""
    members = prose_rules.grouped(blueprint)
    for code, mode in blueprint.groups.items():
        # Without the rules' names where their order says nothing.
        names = prose_rules.names(members.get(code, ()), blueprint=blueprint) or None
        sentence = f"Of its rules {GROUPS[mode]}."
        terms = {"": GROUPS[mode], "rules": names}
        yield Part(f"groups.{code}", f"Group of rules {plain(code)}", sentence, terms)
    stopped = prose_rules.stopped(blueprint)
    for rule in blueprint.earn:
        terms = {**_gives(rule, blueprint), **_bounds(rule, blueprint)}
        terms["stop"] = _stops(stopped.get(rule.code), blueprint) if rule.stop else None
        sentence = prose_rules.earning(rule, blueprint=blueprint)
        yield Part(f"earn[{rule.code}]", f"Rule {rule.code}", sentence, terms)
    for limit in blueprint.limits:
        yield _shared(limit, blueprint)


def _stops(later: Sequence[str] | None, blueprint: Blueprint) -> str:
    if later is None:
        return "no rule, as it is the last"
    return prose_rules.names(later, blueprint=blueprint) or "every other rule"


def _gives(rule: EarnRule, blueprint: Blueprint) -> Terms:
    """What a rule gives for what."""
    unit, currency = blueprint.units[rule.unit], blueprint.currency
    when = lines = None
    if rule.when is not None:
        when = phrases.condition(rule.when, currency=currency, on=rule.on, blueprint=blueprint)
    if rule.lines is not None:
        lines = phrases.condition(rule.lines, currency=currency, line=True)
    return {
        "name": rule.name,
        "on": rule.on,
        "unit": rule.unit,
        "award": phrases.award(rule, unit=unit, currency=currency, blueprint=blueprint),
        "rounding": rule.rounding,
        "rounding_of": rule.rounding_of,
        "base": phrases.base(rule.base),
        "when": when,
        "lines": lines,
    }


def _bounds(rule: EarnRule, blueprint: Blueprint) -> dict[str, str | None]:
    """When a rule gives, up to where, and what becomes of it."""
    unit = blueprint.units[rule.unit]
    budget, pending, expiry = rule.budget, rule.pending, rule.expiry
    return {
        "from": phrases.day(rule.from_on),
        "until": phrases.day(rule.until_on),
        "weekdays": phrases.weekdays(rule.weekdays) if rule.weekdays else None,
        "hours": phrases.hours(rule.hours) if rule.hours else None,
        "stores": listed(rule.stores) or None,
        "channels": listed(rule.channels) or None,
        "limits": limits(rule.limits, unit=unit, on=rule.on),
        "budget": phrases.budget(budget, unit=unit) if budget else None,
        "priority": str(rule.priority),
        "group": plain(rule.group) or None,
        "pending": phrases.pending(pending, on=rule.on) if pending else None,
        "expires": phrases.term(expiry, activity=unit.activity) if expiry else None,
    }


def limits(several: Sequence[Limit], *, unit: Unit, on: str = "") -> str | None:
    """Limits, and which of them an award passes whole or not at all; None for no limits."""
    told = [phrases.limits(several, unit=unit, on=on), *phrases.wholes(several, unit=unit, on=on)]
    return "; ".join([text for text in told if text]) or None


def _shared(limit: Limit, blueprint: Blueprint) -> Part:
    unit = blueprint.units[prose_rules.unit_of(limit, blueprint=blueprint)]
    terms = {
        "": limits([limit], unit=unit),
        "rules": prose_rules.names(limit.rules, blueprint=blueprint),
    }
    title = f"Limit {plain(limit.code)}"
    sentence = opened(prose_rules.shared(limit, blueprint=blueprint))
    return Part(f"limits[{limit.code}]", title, sentence, terms)
