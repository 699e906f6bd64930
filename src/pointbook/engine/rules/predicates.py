"""A condition in a document to a typed condition: field, operator and constants must fit.

Problems go to the Checker. Nothing here raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any as Raw

from pointbook.engine.rules.blueprint import All, Any, AnyLine, Condition, Not, Operator, Test
from pointbook.engine.rules.conditions import canonical
from pointbook.engine.rules.fields import OPERATORS, ORDERED, WEEKDAYS, Kind, field_of
from pointbook.engine.rules.meaning import Checker
from pointbook.engine.rules.problems import Path, choice, shown

LISTS = ("in", "between")
NUMBER = re.compile(r"(0|[1-9][0-9]{0,11})([.][0-9]{1,9})?")


def predicate(checker: Checker, path: Path, raw: Raw, *, line: bool) -> Condition | None:
    """The condition of a sound part of a document, None where there is none."""
    return None if raw is None else _condition(checker, path, raw, line=line)


def _condition(checker: Checker, path: Path, raw: Raw, *, line: bool) -> Condition:
    for key, group in (("all", All), ("any", Any)):
        if key in raw:
            parts = [
                _condition(checker, (*path, key, n), part, line=line)
                for n, part in enumerate(raw[key])
            ]
            return group(tuple(parts))
    if "not" in raw:
        return Not(_condition(checker, (*path, "not"), raw["not"], line=line))
    if "any_line" in raw:
        return AnyLine(_condition(checker, (*path, "any_line"), raw["any_line"], line=True))
    return _test(checker, path, raw, line=line)


def _test(checker: Checker, path: Path, raw: Raw, *, line: bool) -> Test:
    name = raw["field"]
    kind = field_of(name, line=line).kind
    operator: Operator = next(key for key in raw if key != "field")
    at = (*path, operator)
    held = raw[operator]
    if operator not in OPERATORS[kind]:
        message = f"{operator} cannot be asked of {name}."
        checker.add(at, held, message, f"Write one of: {', '.join(OPERATORS[kind])}.")
        return Test(name, operator, held)
    if kind == "free" and operator in ORDERED:
        kind = "number"
    reader = CONSTANTS[kind]
    if operator not in LISTS:
        return Test(name, operator, reader(checker, at, held))
    constants = tuple(reader(checker, (*at, n), item) for n, item in enumerate(held))
    if operator == "between" and constants[0] > constants[1]:
        checker.add(at, held, f"{held[0]} is above {held[1]}.", "Write the lowest value first.")
    return Test(name, operator, constants)


def _text(checker: Checker, path: Path, value: Raw) -> str:
    if isinstance(value, bool):
        checker.add(path, value, f"{shown(value)} is not text.", "Write it in quotes.")
    return str(value)


def _weekday(checker: Checker, path: Path, value: Raw) -> str:
    if value not in WEEKDAYS:
        checker.add(path, value, f"{shown(value)} is no day of the week.", choice(value, WEEKDAYS))
    return str(value)


def _flag(checker: Checker, path: Path, value: Raw) -> bool:
    if not isinstance(value, bool):
        checker.add(path, value, f"{shown(value)} is not a flag.", "Write true or false.")
    return bool(value)


def _free(_checker: Checker, _path: Path, value: Raw) -> str | None:
    return canonical(value)


def _money(checker: Checker, path: Path, value: Raw) -> int:
    return checker.money(path, value) if _is_number(checker, path, value) else 0


def _number(checker: Checker, path: Path, value: Raw) -> Decimal:
    return Decimal(value) if _is_number(checker, path, value) else Decimal(0)


def _within(low: int, high: int) -> Callable[[Checker, Path, Raw], int]:
    def read(checker: Checker, path: Path, value: Raw) -> int:
        if str(value) in map(str, range(low, high + 1)):
            return int(value)
        mend = f"Write a whole number from {low} to {high}."
        checker.add(path, value, f"{shown(value)} does not fit.", mend)
        return low

    return read


def _is_number(checker: Checker, path: Path, value: Raw) -> bool:
    fits = NUMBER.fullmatch(str(value)) is not None
    if not fits:
        checker.add(path, value, f"{shown(value)} is not a number.", 'Write digits: 500, "12.50".')
    return fits


CONSTANTS: Mapping[Kind, Callable[[Checker, Path, Raw], Raw]] = {
    "text": _text,
    "texts": _text,
    "money": _money,
    "number": _number,
    "hour": _within(0, 23),
    "month": _within(1, 12),
    "weekday": _weekday,
    "flag": _flag,
    "free": _free,
}
