"""Conditions compiled to closures: asked millions of times, so nothing is looked up twice.

A test on something that is not there (an attribute, a list price) does not hold. Nothing here
raises: `reading` has refused what does not fit before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal, InvalidOperation
from operator import attrgetter, ge, gt, le, lt
from typing import Any as Value
from typing import cast

from pointbook.engine.rules.blueprint import All, Any, AnyLine, Condition, Not, Operator, Test
from pointbook.engine.rules.fields import ATTRIBUTES, WEEKDAYS
from pointbook.engine.values.facts import Fact, Line

Holds = Callable[[Value], bool]
Getter = Callable[[Value], Value]
COMPARE: Mapping[Operator, Callable[[Value, Value], bool]] = {
    "at_least": ge,
    "at_most": le,
    "above": gt,
    "below": lt,
}


def compile(condition: Condition, *, zone: tzinfo) -> Callable[[Fact], bool]:  # noqa: A001
    """A closure that says whether a fact satisfies the condition; days and hours are `zone`'s."""

    def test(leaf: Test) -> Holds:
        if leaf.field.startswith(ATTRIBUTES):
            return _free(leaf)
        if leaf.field == "weekday":
            return _weekday(leaf, zone)
        if leaf.field in ("hour", "month"):
            part = attrgetter(leaf.field)
            return _typed(lambda fact: part(fact.occurred_at.astimezone(zone)), leaf)
        return _typed(attrgetter(leaf.field), leaf)

    return _compiled(condition, test)


def compile_line(condition: Condition) -> Callable[[Line], bool]:
    """A closure that says whether one line satisfies the condition."""
    return _compiled(condition, lambda leaf: _typed(attrgetter(leaf.field), leaf))


def canonical(value: object) -> str | None:
    """A free value as text, so that 5, 5.0 and "5" are the same; None for what is no constant."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    number = _number(value)
    if number is None:
        return None
    text = format(number, "f")
    return text.rstrip("0").removesuffix(".") if "." in text else text


def _compiled(condition: Condition, test: Callable[[Test], Holds]) -> Holds:
    if isinstance(condition, Test):
        return test(condition)
    if isinstance(condition, All):
        return _all([_compiled(part, test) for part in condition.parts])
    if isinstance(condition, Any):
        return _any([_compiled(part, test) for part in condition.parts])
    if isinstance(condition, Not):
        inner = _compiled(condition.part, test)
        return lambda it: not inner(it)
    return _any_line(condition)


def _all(parts: Sequence[Holds]) -> Holds:
    def holds(it: Value) -> bool:
        for part in parts:  # noqa: SIM110 - a generator costs as much as the tests
            if not part(it):
                return False
        return True

    return holds


def _any(parts: Sequence[Holds]) -> Holds:
    def holds(it: Value) -> bool:
        for part in parts:  # noqa: SIM110 - as above
            if part(it):
                return True
        return False

    return holds


def _any_line(condition: AnyLine) -> Holds:
    like = compile_line(condition.part)

    def holds(fact: Fact) -> bool:
        for line in fact.lines:  # noqa: SIM110 - as above
            if like(line):
                return True
        return False

    return holds


def _typed(get: Getter, leaf: Test) -> Holds:
    constant: Value = leaf.value
    if leaf.operator == "is":
        return lambda it: bool(get(it) == constant)
    if leaf.operator == "in":
        members = frozenset(constant)
        return lambda it: get(it) in members
    if leaf.operator == "has":
        return lambda it: constant in get(it)
    if leaf.operator == "between":
        low, high = constant
        return lambda it: (value := get(it)) is not None and low <= value <= high
    compare = COMPARE[leaf.operator]
    return lambda it: (value := get(it)) is not None and compare(value, constant)


def _weekday(leaf: Test, zone: tzinfo) -> Holds:
    names = leaf.value if leaf.operator == "in" else (leaf.value,)
    days = frozenset(WEEKDAYS.index(name) for name in cast("tuple[str, ...]", names))
    return lambda fact: fact.occurred_at.astimezone(zone).weekday() in days


def _free(leaf: Test) -> Holds:
    """A test on an attribute, whose value may be of any kind."""
    name = leaf.field.removeprefix(ATTRIBUTES)
    if leaf.operator in ("is", "in"):
        return _typed(lambda fact: canonical(fact.attributes.get(name)), leaf)
    if leaf.operator == "has":
        return _typed(lambda fact: _texts(fact.attributes.get(name)), leaf)
    return _typed(lambda fact: _number(fact.attributes.get(name)), leaf)


def _texts(value: object) -> list[str | None]:
    return [canonical(item) for item in value] if isinstance(value, list | tuple) else []


def _number(value: object) -> Decimal | None:
    """A number or the text of one; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
