"""A condition in a document to a typed condition: field, operator and constants must fit.

Problems go to the Checker. Nothing here raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any as Raw

from pointbook.engine.rules.blueprint import Measure
from pointbook.engine.rules.conditions import canonical
from pointbook.engine.rules.fields import (
    MEASURES,
    OPERATORS,
    ORDERED,
    SEGMENTS,
    TIER,
    TIERS,
    WEEKDAYS,
    Kind,
    field_of,
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
from pointbook.engine.rules.reading.meaning import Checker
from pointbook.engine.rules.reading.problems import Path, choice, shown

LISTS = ("in", "between")
NUMBER = re.compile(r"(0|[1-9][0-9]{0,11})([.][0-9]{1,9})?")
# Conditions are read again wherever their names stand. These keep a short text from growing into
# something that no machine can hold: names through names, and parts with all names written out.
DEEPEST = 8
LARGEST = 10_000

Reader = Callable[[Checker, Path, Raw], Raw]


def predicate(checker: Checker, path: Path, raw: Raw, *, line: bool) -> Condition | None:
    """The condition of a sound part of a document, None where there is none."""
    if raw is None:
        return None
    return _Reading(checker, line=line).whole(path, raw)


def conditions(checker: Checker, raw: Raw) -> dict[str, Condition]:
    """The conditions that the document names; from here on the others may refer to them."""
    held = raw.get("conditions", {})
    if isinstance(held, dict):
        checker.names["condition"] = held
        checker.conditions = {
            str(path[-1]): one for path, one in checker.entries(raw, "conditions")
        }
    for name in checker.conditions:
        _Reading(checker, line=False).named(("conditions", name), name)
    return checker.named


class _Reading:
    """Reads one condition; `chain` are the names that it stands under.

    Counted on the way, with every name written out: its parts, and how many names lie one in
    another.
    """

    def __init__(self, checker: Checker, *, line: bool, chain: tuple[str, ...] = ()) -> None:
        self.checker = checker
        self.line = line
        self.chain = chain
        self.size = 0
        self.depth = 0

    def whole(self, path: Path, raw: Raw) -> Condition:
        """The condition, which must not be larger than can be asked."""
        condition = self._part(path, raw, line=self.line)
        if self.size > LARGEST and self.depth:
            message = f"It has more than {LARGEST:,} parts with all its names written out."
            self.checker.add(path, raw, message, "Name fewer conditions in it.")
        return condition

    def named(self, path: Path, name: str) -> Condition:
        """The condition of that name, which is asked for at `path`."""
        checker = self.checker
        if not checker.known(path, name, "condition") or name not in checker.conditions:
            return Named(name, All(()))
        if name in self.chain:
            way = ", ".join((*self.chain[self.chain.index(name) :], name))
            checker.add(path, name, f"{name} asks for itself ({way}).", "Write one of them out.")
            return Named(name, All(()))
        size, depth = self._extent(name) if len(self.chain) < DEEPEST else (0, DEEPEST)
        if depth == DEEPEST:
            message = f"{name} is more than {DEEPEST} names away from what it asks."
            checker.add(path, name, message, "Write some of them out.")
            return Named(name, All(()))
        self.size += size
        self.depth = max(self.depth, depth + 1)
        return Named(name, checker.named[name])

    def _extent(self, name: str) -> tuple[int, int]:
        """Size and depth of a condition with a name, which is read when it is first asked for."""
        checker = self.checker
        if name not in checker.named:
            inner = _Reading(checker, line=False, chain=(*self.chain, name))
            checker.named[name] = inner.whole(("conditions", name), checker.conditions[name])
            checker.extents[name] = (inner.size, inner.depth)
        return checker.extents[name]

    def _part(self, path: Path, raw: Raw, *, line: bool) -> Condition:
        self.size += 1
        for key, group in (("all", All), ("any", Any)):
            if key in raw:
                held = enumerate(raw[key])
                parts = [self._part((*path, key, n), part, line=line) for n, part in held]
                return group(tuple(parts))
        if "not" in raw:
            return Not(self._part((*path, "not"), raw["not"], line=line))
        if "any_line" in raw:
            return AnyLine(self._part((*path, "any_line"), raw["any_line"], line=True))
        if "condition" in raw:
            return self.named((*path, "condition"), raw["condition"])
        return _test(self.checker, path, raw, line=line)


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
    reader = CONSTANTS[kind] if line else _reader(checker, path, name, kind)
    if operator not in LISTS:
        return Test(name, operator, reader(checker, at, held))
    constants = tuple(reader(checker, (*at, n), item) for n, item in enumerate(held))
    if operator == "between" and constants[0] > constants[1]:
        checker.add(at, held, f"{held[0]} is above {held[1]}.", "Write the lowest value first.")
    return Test(name, operator, constants)


def _reader(checker: Checker, path: Path, name: str, kind: Kind) -> Reader:
    """What reads the constants of a fact's or member's field, and knows the names they may be."""
    at = (*path, "field")
    if name == SEGMENTS:
        return _segment
    if name == TIER:
        return partial(_tier, checker.ladder(at, {}, needed=True))
    if name.startswith(TIERS):
        ladder = name.removeprefix(TIERS)
        if checker.ladders is not None and ladder not in checker.ladders:
            codes = [f"{TIERS}{code}" for code in checker.ladders]
            mend = choice(name, codes) if codes else "Add tiers, or leave this test out."
            checker.add(at, name, f"{ladder} is no ladder here.", mend)
        return partial(_tier, ladder)
    if name.startswith(MEASURES):
        code = name.removeprefix(MEASURES)
        checker.known(at, code, "measure")
        return partial(_measured, checker.measures.get(code))
    return CONSTANTS[kind]


def _text(checker: Checker, path: Path, value: Raw) -> str:
    if isinstance(value, bool):
        checker.add(path, value, f"{shown(value)} is not text.", "Write it in quotes.")
    return str(value)


def _segment(checker: Checker, path: Path, value: Raw) -> str:
    checker.known(path, value, "segment")
    return str(value)


def _tier(ladder: str, checker: Checker, path: Path, value: Raw) -> str:
    checker.tier(path, str(value), ladder=ladder)
    return str(value)


def _measured(measure: Measure | None, checker: Checker, path: Path, value: Raw) -> int:
    if measure is None or not _is_number(checker, path, value):
        return 0
    return checker.amount(path, value, measure=measure)


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


def _count(checker: Checker, path: Path, value: Raw) -> int:
    return checker.whole(path, value) if _is_number(checker, path, value) else 0


def _within(low: int, high: int) -> Reader:
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


CONSTANTS: Mapping[Kind, Reader] = {
    "text": _text,
    "texts": _text,
    "money": _money,
    "number": _number,
    "count": _count,
    "hour": _within(0, 23),
    "month": _within(1, 12),
    "weekday": _weekday,
    "flag": _flag,
    "free": _free,
}
