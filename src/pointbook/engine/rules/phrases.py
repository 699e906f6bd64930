"""Parts of sentences about a program: amounts, points, terms and conditions in plain English.

`prose` makes a description of them and `differences` tells changes with them. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any as Value

from babel.numbers import format_currency, format_decimal, get_currency_name

from pointbook.engine.rules.blueprint import (
    All,
    Any,
    AnyLine,
    Condition,
    EarnRule,
    Expiry,
    Not,
    Test,
    Tiers,
    Unit,
)
from pointbook.engine.rules.fields import Kind, field_of
from pointbook.engine.values.calendar import add_months
from pointbook.engine.values.money import exponent, to_major

LOCALE = "en_US"
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
NEW_YEAR = date(2023, 1, 1)
COMPARISONS: Mapping[str, str] = {
    "is": "is {}",
    "has": "include {}",
    "at_least": "is at least {}",
    "at_most": "is at most {}",
    "above": "is above {}",
    "below": "is below {}",
}


def money(minor: int, *, currency: str) -> str:
    """An amount of minor units: $350.00."""
    return price(to_major(minor, places=exponent(currency)), currency=currency)


def price(major: Decimal, *, currency: str) -> str:
    """An amount of major units with all its decimals: $0.005."""
    return str(format_currency(major, currency, locale=LOCALE, decimal_quantization=False))


def number(value: Decimal | int) -> str:
    """A number without needless zeros: 1,000 or 0.5."""
    return str(format_decimal(Decimal(value), locale=LOCALE, decimal_quantization=False))


def points(parts: int, *, unit: Unit) -> str:
    """A number of smallest parts in the unit's own words: 1 point, 500 points."""
    whole = Decimal(parts).scaleb(-unit.decimals)
    return f"{number(whole)} {unit.singular if whole == 1 else unit.name}"


def days(count: int) -> str:
    """1 day, 180 days."""
    return f"{count} day{'' if count == 1 else 's'}"


def months(count: int) -> str:
    """1 month, 6 months."""
    return f"{count} month{'' if count == 1 else 's'}"


def day(value: date | None) -> str | None:
    """31 March 2026."""
    return None if value is None else f"{_day_of_year(value)} {value.year}"


def term(expiry: Expiry) -> str:
    """How long points can be used: for 180 days."""
    if expiry.kind == "never":
        return "for ever"
    if expiry.kind == "days":
        return f"for {days(expiry.n)}"
    if expiry.kind == "months":
        return f"for {months(expiry.n)}"
    if expiry.n == 0:
        return "to the end of the month in which you earn them"
    return f"to the end of the month {months(expiry.n)} after the month in which you earn them"


def example(expiry: Expiry) -> tuple[str, str]:
    """When points of an example are earned, and from when they are gone."""
    if expiry.kind == "days":
        return _on(NEW_YEAR), _on(NEW_YEAR + timedelta(days=expiry.n))
    if expiry.kind == "months":
        middle = NEW_YEAR.replace(day=15)
        return _on(middle), _on(add_months(middle, expiry.n))
    return "in January", _on(add_months(NEW_YEAR, expiry.n + 1))


def award(rule: EarnRule, *, unit: Unit, currency: str) -> str:
    """What a rule gives: 1 point for every whole dollar you spend."""
    given = points(rule.points, unit=unit)
    if not rule.per:
        return f"{given} for every {rule.on.replace('_', ' ').replace('-', ' ')}"
    whole = "whole " if rule.rounding == "floor" and rule.points == 1 else ""
    amount = money(rule.per, currency=currency)
    if rule.per == 10 ** exponent(currency):
        # "US dollar" is a bank's word; members say dollar.
        amount = str(get_currency_name(currency, count=1, locale=LOCALE)).split()[-1]
    return f"{given} for every {whole}{amount} you spend"


def rounding(rule: EarnRule, *, unit: Unit) -> str:
    """To what the points of one fact are rounded: down to whole points."""
    way = {"floor": "down to", "nearest": "to the nearest", "ceiling": "up to"}[rule.rounding]
    if not unit.decimals:
        return f"{way} whole {unit.singular if rule.rounding == 'nearest' else unit.name}"
    return f"{way} {number(Decimal(1).scaleb(-unit.decimals))} {unit.name}"


def window(tiers: Tiers) -> str:
    """The time over which spend lifts a member: within 365 days."""
    if tiers.window == "rolling_days":
        return f"within {days(tiers.days)}"
    return f"within a calendar {'year' if tiers.window == 'calendar_year' else 'month'}"


def condition(asked: Condition, *, currency: str, line: bool = False) -> str:
    """A condition as a clause: the store is S1 and the total is at least $50.00."""
    if isinstance(asked, Test):
        return _test(asked, currency=currency, line=line)
    if isinstance(asked, All | Any):
        parts = [_inner(part, currency=currency, line=line) for part in asked.parts]
        return (" and " if isinstance(asked, All) else " or ").join(parts)
    if isinstance(asked, Not):
        return f"it is not so that {_inner(asked.part, currency=currency, line=line)}"
    inner = condition(asked.part, currency=currency, line=True)
    return f"there is a line where {inner}"


def _inner(part: Condition, *, currency: str, line: bool) -> str:
    clause = condition(part, currency=currency, line=line)
    several = isinstance(part, All | Any) and len(part.parts) > 1
    return f"({clause})" if several or isinstance(part, AnyLine | Not) else clause


def _test(test: Test, *, currency: str, line: bool) -> str:
    field = field_of(test.field, line=line)
    value: Value = test.value
    if field.kind == "flag":
        return f"the fact is {'' if value else 'not '}{field.words}"
    if test.operator == "in":
        told = _listed([_constant(field.kind, item, currency) for item in value])
        return f"{field.words} is {told}"
    if test.operator == "between":
        low, high = (_constant(field.kind, item, currency) for item in value)
        return f"{field.words} is between {low} and {high}"
    constant = _constant(field.kind, value, currency)
    return f"{field.words} {COMPARISONS[test.operator].format(constant)}"


def _constant(kind: Kind, value: Value, currency: str) -> str:
    if kind == "money":
        return money(value, currency=currency)
    if kind == "month":
        return MONTHS[value - 1]
    if isinstance(value, Decimal):
        return number(value)
    return str(value).capitalize() if kind == "weekday" else str(value)


def _listed(words: Sequence[str]) -> str:
    *head, last = words
    return f"{', '.join(head)} or {last}" if head else last


def _day_of_year(value: date) -> str:
    return f"{value.day} {MONTHS[value.month - 1]}"


def _on(value: date) -> str:
    years = value.year - NEW_YEAR.year
    later = {0: "", 1: " of the next year"}.get(years, f" {years} years later")
    return f"on {_day_of_year(value)}{later}"
