"""Why a condition does not hold, in plain sentences with what was found. Nothing here raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from decimal import Decimal
from typing import Any as Value
from typing import Final, NamedTuple

from pointbook.engine.rules import conditions
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.fields import ATTRIBUTES, MEASURES, TIER, TIERS, Kind, field_of
from pointbook.engine.rules.predicates import All, Any, AnyLine, Condition, Named, Not, Test
from pointbook.engine.rules.prose import asking, naming, phrases, wording
from pointbook.engine.rules.who import Who
from pointbook.engine.values.facts import Fact

EXPECTED: Final[Mapping[str, str]] = {
    "is": "{}",
    "in": "{}",
    "at_least": "at least {}",
    "at_most": "at most {}",
    "above": "above {}",
    "below": "below {}",
    "between": "between {}",
}


class Asked(NamedTuple):
    """A fact, its member and the program whose condition is asked."""

    fact: Fact
    who: Who
    zone: tzinfo
    blueprint: Blueprint

    def holds(self, condition: Condition) -> bool:
        """Whether a condition holds."""
        return conditions.compile(condition, zone=self.zone)(self.fact, self.who)


def unmet(condition: Condition, *, asked: Asked) -> str:
    """Sentences on what a condition that does not hold missed.

    The total is $12.00, not at least $50.00.
    """
    if isinstance(condition, Test):
        return _test(condition, asked)
    if isinstance(condition, Named):
        return unmet(condition.part, asked=asked)
    if isinstance(condition, All):
        first = next(part for part in condition.parts if not asked.holds(part))
        return unmet(first, asked=asked)
    if isinstance(condition, Any):
        return " ".join(unmet(part, asked=asked) for part in condition.parts)
    clause = phrases.condition(
        condition.part,
        currency=asked.blueprint.currency,
        line=isinstance(condition, AnyLine),
        blueprint=asked.blueprint,
    )
    if isinstance(condition, Not):
        return f"Against the rule, {clause}."
    return f"There is no line where {clause}."


def _test(test: Test, asked: Asked) -> str:
    field = field_of(test.field, line=False)
    words = wording.plain(field.words) if test.field.startswith(ATTRIBUTES) else field.words
    found = conditions.value_of(test.field, asked.fact, asked.who, zone=asked.zone)
    if field.kind == "flag":
        return f"The fact is {'' if found else 'not '}{words}."
    if test.operator == "has":
        several = found if isinstance(found, list | tuple | set | frozenset) else ()
        held = wording.listed(sorted(map(str, several)), joined="and")
        return f"There is no {test.value} among {words}{', only ' if held else ''}{held}."
    if found in (None, ""):
        return f"{wording.opened(words)} is not said."
    told = _told(test, field.kind, found, asked)
    return f"{wording.opened(words)} is {told}, not {_expected(test, field.kind, asked)}."


def _expected(test: Test, kind: Kind, asked: Asked) -> str:
    value: Value = test.value
    constants = value if test.operator in ("in", "between") else (value,)
    joined = "and" if test.operator == "between" else "or"
    told = [_told(test, kind, one, asked) for one in constants]
    return EXPECTED[test.operator].format(wording.listed(told, joined=joined))


def _told(test: Test, kind: Kind, value: Value, asked: Asked) -> str:
    special = TOLD.get(kind)
    if special is not None:
        return special(test, value, asked.blueprint)
    if test.field.startswith(TIER):
        on = test.field.removeprefix(TIERS) if test.field.startswith(TIERS) else ""
        return naming.tier(str(value), on=on, blueprint=asked.blueprint)
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return phrases.number(value)
    return conditions.canonical(value) or str(value)


def _measure(test: Test, value: int, blueprint: Blueprint) -> str:
    measure = naming.measure(test.field.removeprefix(MEASURES), blueprint=blueprint)
    if measure is None:
        return phrases.number(value)
    return asking.reached(measure, value, currency=blueprint.currency, blueprint=blueprint)


TOLD: Final[Mapping[Kind, Callable[[Test, Value, Blueprint], str]]] = {
    "money": lambda _, value, blueprint: phrases.money(value, currency=blueprint.currency),
    "measure": _measure,
    "month": lambda _, value, __: phrases.MONTHS[value - 1],
    "weekday": lambda _, value, __: str(value).capitalize(),
}
