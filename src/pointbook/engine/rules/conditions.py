"""Conditions compiled to closures: asked millions of times, so nothing is looked up twice.

A test on something that is not there (an attribute, a list price) does not hold. Nothing here
raises: `reading` has refused what does not fit before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from operator import attrgetter, ge, gt, le, lt
from typing import Any as Value

from pointbook.engine.rules.fields import (
    ATTRIBUTES,
    COUNT,
    DAYS,
    MEASURES,
    PROFILE,
    SEGMENTS,
    TIER,
    TIERS,
    WEEKDAYS,
)
from pointbook.engine.rules.predicates import (
    All,
    Any,
    AnyLine,
    Condition,
    Named,
    Not,
    Operator,
    Test,
)
from pointbook.engine.rules.who import Who
from pointbook.engine.values.calendar import day_of
from pointbook.engine.values.facts import Fact, Line

# Takes the fact and the member, or a line alone: closures on facts and lines ignore the second.
Holds = Callable[..., bool]
Getter = Callable[[Value], Value]
COMPARE: Mapping[Operator, Callable[[Value, Value], bool]] = {
    "at_least": ge,
    "at_most": le,
    "above": gt,
    "below": lt,
}


def compile(condition: Condition, *, zone: tzinfo) -> Callable[[Fact, Who], bool]:  # noqa: A001
    """A closure that says whether a fact of a member satisfies the condition.

    Days and hours are `zone`'s.
    """

    def test(leaf: Test) -> Holds:
        getter = _member_getter(leaf.field)
        if getter is not None:
            return _of_member(_typed(_shown(getter, leaf), leaf))
        if leaf.field == DAYS:
            return _seniority(leaf, zone)
        return _typed(_shown(_fact_getter(leaf.field, zone), leaf), leaf)

    return _compiled(condition, test)


def compile_line(condition: Condition) -> Callable[[Line], bool]:
    """A closure that says whether one line satisfies the condition."""
    return _compiled(condition, lambda leaf: _typed(attrgetter(leaf.field), leaf))


def value_of(field: str, fact: Fact, who: Who, *, zone: tzinfo) -> Value:
    """What a condition finds in a field: None when it is not there."""
    if field == DAYS:
        return _days(who.joined_at, fact.occurred_at, zone)
    getter = _member_getter(field)
    return _fact_getter(field, zone)(fact) if getter is None else getter(who)


def canonical(value: object) -> str | None:
    """A free value as text, so that 5, 5.0 and "5" are the same; None for what is no constant."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    amount = number(value)
    if amount is None:
        return None
    text = format(amount, "f")
    return text.rstrip("0").removesuffix(".") if "." in text else text


def number(value: object) -> Decimal | None:
    """A number or the text of one; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _fact_getter(field: str, zone: tzinfo) -> Getter:
    if field.startswith(ATTRIBUTES):
        name = field.removeprefix(ATTRIBUTES)
        return lambda fact: fact.attributes.get(name)
    if field == "weekday":
        return lambda fact: WEEKDAYS[fact.occurred_at.astimezone(zone).weekday()]
    if field in ("hour", "month"):
        part = attrgetter(field)
        return lambda fact: part(fact.occurred_at.astimezone(zone))
    return attrgetter(field)


def _member_getter(field: str) -> Getter | None:
    """What reads a field of the member; None for a field that needs the fact."""
    if field == TIER:
        # The first ladder is the one that members see.
        return lambda who: next(iter(who.tiers.values()), None)
    if field == SEGMENTS:
        return attrgetter("segments")
    for prefix, make in MEMBER_GETTERS.items():
        if field.startswith(prefix):
            return make(field.removeprefix(prefix))
    return None


MEMBER_GETTERS: Mapping[str, Callable[[str], Getter]] = {
    TIERS: lambda name: lambda who: who.tiers.get(name),
    PROFILE: lambda name: lambda who: who.profile.get(name),
    COUNT: lambda name: lambda who: who.counts.get(name, 0),
    MEASURES: lambda name: lambda who: who.measures(name),
}


def _shown(get: Getter, leaf: Test) -> Getter:
    """Free values are read as what the operator compares: a text, texts or a number."""
    if not leaf.field.startswith((ATTRIBUTES, PROFILE)):
        return get
    if leaf.operator in ("is", "in"):
        return lambda it: canonical(get(it))
    if leaf.operator == "has":
        return lambda it: _texts(get(it))
    return lambda it: number(get(it))


def _compiled(condition: Condition, test: Callable[[Test], Holds]) -> Holds:
    if isinstance(condition, Test):
        return test(condition)
    if isinstance(condition, All):
        return every([_compiled(part, test) for part in condition.parts])
    if isinstance(condition, Any):
        return _any([_compiled(part, test) for part in condition.parts])
    if isinstance(condition, Not):
        inner = _compiled(condition.part, test)
        return lambda it, who=None: not inner(it, who)
    if isinstance(condition, Named):
        return _compiled(condition.part, test)
    return _any_line(condition)


def every(parts: Sequence[Holds]) -> Holds:
    """A closure that holds when all parts do, asked in order."""
    if len(parts) == 1:
        return parts[0]

    def holds(it: Value, who: Who | None = None) -> bool:
        for part in parts:  # noqa: SIM110 - a generator costs as much as the tests
            if not part(it, who):
                return False
        return True

    return holds


def _any(parts: Sequence[Holds]) -> Holds:
    def holds(it: Value, who: Who | None = None) -> bool:
        for part in parts:  # noqa: SIM110 - as above
            if part(it, who):
                return True
        return False

    return holds


def _any_line(condition: AnyLine) -> Holds:
    like = compile_line(condition.part)

    def holds(fact: Fact, _: Who | None = None) -> bool:
        for line in fact.lines:  # noqa: SIM110 - as above
            if like(line):
                return True
        return False

    return holds


def _typed(get: Getter, leaf: Test) -> Holds:
    constant: Value = leaf.value
    if leaf.operator == "is":
        return lambda it, _=None: bool(get(it) == constant)
    if leaf.operator == "in":
        members = frozenset(constant)
        return lambda it, _=None: get(it) in members
    if leaf.operator == "has":
        return lambda it, _=None: constant in get(it)
    if leaf.operator == "between":
        low, high = constant
        return lambda it, _=None: (value := get(it)) is not None and low <= value <= high
    compare = COMPARE[leaf.operator]
    return lambda it, _=None: (value := get(it)) is not None and compare(value, constant)


def _of_member(holds: Holds) -> Holds:
    return lambda _, who: holds(who)


def _seniority(leaf: Test, zone: tzinfo) -> Holds:
    """A test on how long somebody is a member at the fact."""
    held = _typed(lambda days: days, leaf)
    return lambda fact, who: held(_days(who.joined_at, fact.occurred_at, zone))


def _days(joined_at: datetime | None, at: datetime, zone: tzinfo) -> int | None:
    return None if joined_at is None else (day_of(at, zone) - day_of(joined_at, zone)).days


def _texts(value: object) -> list[str | None]:
    return [canonical(item) for item in value] if isinstance(value, list | tuple) else []
