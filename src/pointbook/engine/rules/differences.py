"""What changed between two blueprints, each change with its place and a sentence.

Rules, units, tiers and rewards are matched by their codes, so moving one changes nothing. Nothing
here raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pointbook.engine.rules import phrases, prose
from pointbook.engine.rules.blueprint import Blueprint, Condition, EarnRule, Reward, Rung, Unit

Terms = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `before` and `after` in words, None where there was or is nothing."""

    path: str
    before: str | None
    after: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """A part of a program by its path: what it is called, as one sentence, and term by term."""

    title: str
    sentence: str
    terms: Terms


def compare(old: Blueprint, new: Blueprint) -> tuple[Change, ...]:
    """Every change from `old` to `new`, in the order of the document."""
    before, after = _entries(old), _entries(new)
    changes: list[Change] = []
    for path in dict.fromkeys([*before, *after]):
        if path not in before:
            entry = after[path]
            told = f"New: {entry.title}. {entry.sentence}"
            changes.append(Change(path, None, entry.sentence, told))
        elif path not in after:
            entry = before[path]
            told = f"Gone: {entry.title}. {entry.sentence}"
            changes.append(Change(path, entry.sentence, None, told))
        else:
            changes += _changed(path, before[path], after[path])
    return tuple(changes)


def _changed(path: str, was: _Entry, now: _Entry) -> list[Change]:
    changes = []
    for term, before in was.terms.items():
        after = now.terms[term]
        if before != after:
            sentence = f"{was.title}, {term.replace('_', ' ')}: {_moved(before, after)}."
            changes.append(Change(f"{path}.{term}", before, after, sentence))
    return changes


def _moved(before: str | None, after: str | None) -> str:
    was, now = (before or "").removesuffix("."), (after or "").removesuffix(".")
    if after is None:
        return f"no longer {was}"
    return f"now {now}" if before is None else f"{now} instead of {was}"


def _entries(blueprint: Blueprint) -> dict[str, _Entry]:
    """Each part of the program by its path, in the order of the document."""
    entries = {
        "program": _Entry("The program", "", _program(blueprint)),
        "returns": _Entry("Returns", "", {"claw_back": blueprint.claw_back}),
    }
    for unit in blueprint.units.values():
        entries[f"units.{unit.code}"] = _unit(unit, blueprint)
    for rule in blueprint.earn:
        entries[f"earn[{rule.code}]"] = _rule(rule, blueprint)
    if blueprint.tiers is not None:
        window = phrases.window(blueprint.tiers)
        sentence = f"Tiers by spend {window}."
        entries["tiers"] = _Entry("Tiers", sentence, {"window": window})
        for rung in blueprint.tiers.ladder:
            entries[f"tiers.ladder[{rung.code}]"] = _rung(rung, blueprint)
    for item in blueprint.rewards:
        entries[f"rewards[{item.code}]"] = _reward(item, blueprint)
    entries["books"] = _Entry(
        "Books", "", {"policy": blueprint.books.policy, "judgement": blueprint.books.judgement}
    )
    return entries


def _program(blueprint: Blueprint) -> Terms:
    return {
        "code": blueprint.code,
        "name": blueprint.name,
        "currency": blueprint.currency,
        "time_zone": blueprint.time_zone,
        "unknown_members": blueprint.unknown_members,
    }


def _unit(unit: Unit, blueprint: Blueprint) -> _Entry:
    value = phrases.price(unit.value, currency=blueprint.currency)
    terms = {
        "name": unit.name,
        "singular": unit.singular,
        "decimals": str(unit.decimals),
        "value": value,
        "expires": phrases.term(unit.expiry),
        "spend_order": unit.spend_order,
    }
    sentence = f"One {unit.singular} is worth {value} and can be used {terms['expires']}."
    return _Entry(f"Unit {unit.code}", sentence, terms)


def _rule(rule: EarnRule, blueprint: Blueprint) -> _Entry:
    currency = blueprint.currency
    unit = blueprint.units[rule.unit]
    terms: Terms = {
        "name": rule.name,
        "on": rule.on,
        "unit": rule.unit,
        "award": phrases.award(rule, unit=unit, currency=currency),
        "rounding": rule.rounding,
        "when": _condition(rule.when, currency=currency, line=False),
        "lines": _condition(rule.lines, currency=currency, line=True),
        "from": phrases.day(rule.from_on),
        "until": phrases.day(rule.until_on),
    }
    return _Entry(f"Rule {rule.code}", prose.earning(rule, blueprint=blueprint), terms)


def _condition(asked: Condition | None, *, currency: str, line: bool) -> str | None:
    return None if asked is None else phrases.condition(asked, currency=currency, line=line)


def _rung(rung: Rung, blueprint: Blueprint) -> _Entry:
    threshold = phrases.money(rung.threshold, currency=blueprint.currency)
    terms = {"name": rung.name, "from": threshold}
    return _Entry(f"Tier {rung.code}", f"It begins at {threshold}.", terms)


def _reward(item: Reward, blueprint: Blueprint) -> _Entry:
    terms = {
        "name": item.name,
        "unit": item.unit,
        "price": phrases.points(item.price, unit=blueprint.units[item.unit]),
        "value": phrases.money(item.value, currency=blueprint.currency),
    }
    return _Entry(f"Reward {item.code}", prose.reward(item, blueprint=blueprint), terms)
