"""Conditions as clauses: the store is S1 and you are Gold. Nothing here raises.

With a blueprint the clauses call tiers and measures by their names; without one by their codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any as Value
from typing import NamedTuple

from pointbook.engine.rules.blueprint import Blueprint, Measure, Window
from pointbook.engine.rules.fields import (
    ATTRIBUTES,
    COUNT,
    DAYS,
    MEASURES,
    PROFILE,
    SEGMENTS,
    TIER,
    TIERS,
    Kind,
    field_of,
)
from pointbook.engine.rules.predicates import All, Any, AnyLine, Condition, Named, Not, Test
from pointbook.engine.rules.prose import naming
from pointbook.engine.rules.prose.wording import (
    MONTHS,
    counted,
    days,
    happening,
    listed,
    money,
    number,
    ordinal,
    plain,
    points,
    quoted,
)

COMPARISONS: Mapping[str, str] = {
    "is": "is {}",
    "has": "include {}",
    "at_least": "is at least {}",
    "at_most": "is at most {}",
    "above": "is above {}",
    "below": "is below {}",
}
QUANTITIES: Mapping[str, str] = {
    "is": "exactly {}",
    "in": "exactly {}",
    "at_least": "at least {}",
    "at_most": "at most {}",
    "above": "more than {}",
    "below": "less than {}",
}
# Which one of a row it is: the place stands for {}.
PLACES: Mapping[str, str] = {
    "is": "it is your {} {}",
    "in": "it is your {} {}",
    "at_least": "it is your {} {} or a later one",
    "above": "it comes after your {} {}",
    "below": "it comes before your {} {}",
}


class Asker(NamedTuple):
    """Whom and what a condition is asked: `on` is the type of the facts, where it is known."""

    currency: str
    line: bool = False
    on: str = ""
    blueprint: Blueprint | None = None


def condition(
    asked: Condition,
    *,
    currency: str,
    line: bool = False,
    on: str = "",
    blueprint: Blueprint | None = None,
) -> str:
    """A condition as a clause: the store is S1 and the total is at least $50.00."""
    return _clause(asked, Asker(currency, line, on, blueprint))


def so_far(window: Window) -> str:
    """The time up to now over which something is counted: in the last 90 days."""
    if window.kind == "rolling_days":
        return "in the last 24 hours" if window.days == 1 else f"in the last {days(window.days)}"
    return {
        "calendar_year": "this year",
        "calendar_month": "this month",
        "membership_year": "in this year of your membership",
        "lifetime": "so far",
        "since_review": "since your tier was last reviewed",
    }[window.kind]


def _clause(asked: Condition, asker: Asker) -> str:
    if isinstance(asked, Test):
        return _test(asked, asker)
    if isinstance(asked, All | Any):
        parts = [_inner(part, asker) for part in asked.parts]
        return (" and " if isinstance(asked, All) else " or ").join(parts)
    if isinstance(asked, Not):
        return f"it is not so that {_inner(asked.part, asker)}"
    if isinstance(asked, Named):
        return f"{quoted(plain(asked.name))} applies"
    return f"there is a line where {_clause(asked.part, asker._replace(line=True))}"


def _inner(part: Condition, asker: Asker) -> str:
    clause = _clause(part, asker)
    several = isinstance(part, All | Any) and len(part.parts) > 1
    return f"({clause})" if several or isinstance(part, AnyLine | Not) else clause


def _test(test: Test, asker: Asker) -> str:
    if not asker.line:
        for start, tell in MEMBER_TESTS.items():
            if test.field.startswith(start):
                return tell(test, asker)
    field = field_of(test.field, line=asker.line)
    # An attribute's name is the shop's own: its words are its words.
    words = plain(field.words) if test.field.startswith(ATTRIBUTES) else field.words
    value: Value = test.value
    if field.kind == "flag":
        return f"the fact is {'' if value else 'not '}{words}"
    if test.operator == "in":
        told = listed([_constant(field.kind, item, asker.currency) for item in value])
        return f"{words} is {told}"
    if test.operator == "between":
        low, high = (_constant(field.kind, item, asker.currency) for item in value)
        return f"{words} is between {low} and {high}"
    constant = _constant(field.kind, value, asker.currency)
    return f"{words} {COMPARISONS[test.operator].format(constant)}"


def _constant(kind: Kind, value: Value, currency: str) -> str:
    if kind == "money":
        return money(value, currency=currency)
    if kind == "month":
        return MONTHS[value - 1]
    if isinstance(value, Decimal):
        return number(value)
    return str(value).capitalize() if kind == "weekday" else str(value)


def _values(test: Test) -> Iterator[Value]:
    value: Value = test.value
    yield from value if test.operator in ("in", "between") else (value,)


def _tier(test: Test, asker: Asker) -> str:
    on = test.field.removeprefix(TIERS) if test.field.startswith(TIERS) else ""
    names = naming.tiers(map(str, _values(test)), on=on, blueprint=asker.blueprint)
    return f"you are {names}"


def _segment(test: Test, _: Asker) -> str:
    return f"you are in the group {plain(str(test.value))}"


def _membership(test: Test, _: Asker) -> str:
    return f"you have been a member for {_quantity(test, lambda n: days(int(n)))}"


def _profile(test: Test, asker: Asker) -> str:
    name = plain(test.field.removeprefix(PROFILE))
    if test.operator == "is" and test.value in ("true", "false"):
        return f"your profile says {'yes' if test.value == 'true' else 'no'} to {name}"
    words = test.field.removeprefix(PROFILE)
    own = _test(Test(f"{ATTRIBUTES}{words}", test.operator, test.value), asker)
    return f"your {own}"


def _count(test: Test, asker: Asker) -> str:
    kind = test.field.removeprefix(COUNT)
    if kind == asker.on:
        return _place(test, kind)
    one, several = happening(kind), happening(kind, several=True)
    return f"you have {_quantity(test, lambda n: counted(n, one, several), fewer=True)} so far"


def _place(test: Test, kind: str) -> str:
    noun = happening(kind)
    if test.operator == "between":
        first, last = (ordinal(int(place)) for place in _values(test))
        return f"it is between your {first} and your {last} {noun}"
    if test.operator == "at_most":
        value: Value = test.value
        several = happening(kind, several=True)
        if value == 1:
            return f"it is your first {noun}"
        return f"it is one of your first {number(value)} {several}"
    places = listed([ordinal(int(place)) for place in _values(test)])
    return PLACES[test.operator].format(places, noun)


def _measure(test: Test, asker: Asker) -> str:
    name = test.field.removeprefix(MEASURES)
    found = naming.measure(name, blueprint=asker.blueprint)
    if found is None:
        return f"your {plain(name)} is {_quantity(test, number)}"
    done = {"spend": "spent", "earned": "earned", "visits": "made", "count": "have"}[found.kind]

    def value(parts: Value) -> str:
        return reached(found, parts, currency=asker.currency, blueprint=asker.blueprint)

    told = _quantity(test, value, fewer=found.kind != "spend")
    return f"you {done} {told} {so_far(found.window)}"


def reached(
    measure: Measure, parts: int, *, currency: str, blueprint: Blueprint | None = None
) -> str:
    """A value of a measure in words: $350.00, 1,000 points, 10 purchases, 3 reviews."""
    if measure.kind == "spend":
        return money(parts, currency=currency)
    unit = naming.unit(measure.unit, blueprint=blueprint)
    if measure.kind == "earned" and unit:
        return points(parts, unit=unit)
    kind = {"visits": "purchase", "earned": measure.unit}.get(measure.kind, measure.type)
    return counted(parts, happening(kind), happening(kind, several=True))


def _quantity(test: Test, told: Callable[[Value], str], *, fewer: bool = False) -> str:
    """A comparison of how much there is, or with `fewer` of how many.

    In a row only the last number has its noun: 1, 2 or 3 purchases.
    """
    *others, last = (told(value) for value in _values(test))
    row = [*(one.partition(" ")[0] for one in others), last]
    if test.operator == "between":
        return f"between {listed(row, joined='and')}"
    constants = listed(row)
    words = "fewer than {}" if fewer and test.operator == "below" else QUANTITIES[test.operator]
    return words.format(constants)


MEMBER_TESTS: Mapping[str, Callable[[Test, Asker], str]] = {
    TIER: _tier,
    SEGMENTS: _segment,
    DAYS: _membership,
    PROFILE: _profile,
    COUNT: _count,
    MEASURES: _measure,
}
