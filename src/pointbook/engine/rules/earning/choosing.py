"""Lines that conditions choose, and what they come to. Nothing here raises.

Everything that is read of the lines of one fact is read once and kept in its Tables, which several
rules share: so many rules that choose lines cost little more than one. Amounts are minor units.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any as Value
from typing import Final

from pointbook.engine.rules import conditions
from pointbook.engine.rules.blueprint import EarnRule
from pointbook.engine.rules.predicates import All, Condition, Named, Not, Test
from pointbook.engine.values.facts import Fact, Line

# What was read of one fact, by what reads it.
Tables = dict[object, Value]
Total = Callable[[Fact, Tables], int]
# What each line counts; None stands for its amount as it is.
Costs = Callable[[Fact], list[int]]
TEXTS: Final = frozenset({"sku", "category", "department", "brand"})


def costs_in(costs: Costs | None, fact: Fact) -> list[int]:
    """What each line of a fact counts."""
    return [line.amount for line in fact.lines] if costs is None else costs(fact)


class Choice:
    """The lines that one condition picks."""

    __slots__ = ("condition", "holds")

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self.holds = conditions.compile_line(condition)

    def flags(self, fact: Fact, tables: Tables) -> list[bool]:
        """For each line of the fact whether it is chosen."""
        flags: list[bool] | None = tables.get(self)
        if flags is None:
            holds = self.holds
            flags = tables[self] = [holds(line) for line in fact.lines]
        return flags


class Choices:
    """The choices of some rules, each compiled once, and the names of what is kept in Tables."""

    __slots__ = ("_choices", "_keys", "_named")

    def __init__(self, rules: Iterable[EarnRule] = ()) -> None:
        self._choices: dict[Condition, Choice] = {}
        self._keys: dict[object, int] = {}
        asked = (_leading(rule.lines) for rule in rules if rule.lines is not None)
        self._named = Counter(test.field for test in asked if test is not None)

    def of(self, condition: Condition) -> Choice:
        """The choice of a condition."""
        choice = self._choices.get(condition)
        if choice is None:
            choice = self._choices[condition] = Choice(condition)
        return choice

    def key(self, *parts: object) -> int:
        """A short name for what these parts describe."""
        return self._keys.setdefault(parts, len(self._keys))

    def shared(self, field: str) -> bool:
        """Whether a table by this field pays: one rule alone is faster without."""
        return self._named[field] > 1


def _leading(asked: Condition) -> Test | None:
    """The test by which lines can be looked up; None when there is none."""
    if isinstance(asked, Named | Not):
        return _leading(asked.part)
    if isinstance(asked, All):
        tests = (part for part in asked.parts if isinstance(part, Test) and part.field in TEXTS)
        return next(tests, None)
    if isinstance(asked, Test) and (asked.field in TEXTS or asked.field == "labels"):
        return asked
    return None


def sum_of(asked: Condition, *, costs: Costs | None, mode: object, choices: Choices) -> Total:
    """What the chosen lines cost; lines are looked up where several rules name their texts.

    `mode` names the costs: those of one mode are the same.
    """
    if isinstance(asked, Named):
        return sum_of(asked.part, costs=costs, mode=mode, choices=choices)
    first = _leading(asked)
    if first is None or not choices.shared(first.field):
        return _scanned(choices.of(asked), costs)
    if isinstance(asked, Not):
        inner = sum_of(asked.part, costs=costs, mode=mode, choices=choices)
        return _rest(inner, costs, choices.key("every", mode))
    if first is asked:
        return _looked_up(first, costs, choices.key("sums", first.field, mode))
    if costs is None and isinstance(asked, All):
        others = tuple(part for part in asked.parts if part is not first)
        return _narrowed(first, All(others), choices.key("lines", first.field))
    return _scanned(choices.of(asked), costs)


def _rest(inner: Total, costs: Costs | None, key: int) -> Total:
    """All lines without those of another sum."""

    def total(fact: Fact, tables: Tables) -> int:
        every: int | None = tables.get(key)
        if every is None:
            every = tables[key] = sum(costs_in(costs, fact))
        return every - inner(fact, tables)

    return total


def _scanned(choice: Choice, costs: Costs | None) -> Total:
    """Every line is asked."""
    holds = choice.holds

    def total(fact: Fact, tables: Tables) -> int:
        if costs is None:
            return sum([line.amount for line in fact.lines if holds(line)])
        pairs = zip(costs(fact), choice.flags(fact, tables), strict=True)
        return sum([cost for cost, flag in pairs if flag])

    return total


def _narrowed(first: Test, others: Condition, key: int) -> Total:
    """Only lines with a wanted text are asked the rest."""
    holds = conditions.compile_line(others)
    wanted = _wanted(first)
    place = Line._fields.index(first.field)

    def total(fact: Fact, tables: Tables) -> int:
        table: dict[str, list[Line]] | None = tables.get(key)
        if table is None:
            table = tables[key] = {}
            for line in fact.lines:
                text: Value = line[place]
                table.setdefault(text, []).append(line)
        cost = 0
        for one in wanted:
            for line in table.get(one, ()):
                if holds(line):
                    cost += line.amount
        return cost

    return total


def _wanted(asked: Test) -> tuple[str, ...]:
    constant: Value = asked.value
    return tuple(dict.fromkeys(constant)) if asked.operator == "in" else (constant,)


def _looked_up(asked: Test, costs: Costs | None, key: int) -> Total:
    """What the lines cost that have a wanted text or label."""
    wanted = _wanted(asked)
    one = wanted[0]
    place = Line._fields.index(asked.field)
    fill = _by_label if asked.field == "labels" else _by_text

    def table_of(fact: Fact, tables: Tables) -> dict[str, int]:
        table: dict[str, int] | None = tables.get(key)
        if table is None:
            table = tables[key] = fill(fact, place, costs_in(costs, fact))
        return table

    if len(wanted) == 1:
        return lambda fact, tables: table_of(fact, tables).get(one, 0)

    def total(fact: Fact, tables: Tables) -> int:
        table = table_of(fact, tables)
        return sum([table.get(text, 0) for text in wanted])

    return total


def _by_text(fact: Fact, place: int, costs: Sequence[int]) -> dict[str, int]:
    table: dict[str, int] = {}
    for line, cost in zip(fact.lines, costs, strict=True):
        text: Value = line[place]
        table[text] = table.get(text, 0) + cost
    return table


def _by_label(fact: Fact, place: int, costs: Sequence[int]) -> dict[str, int]:
    table: dict[str, int] = {}
    for line, cost in zip(fact.lines, costs, strict=True):
        labels: Value = line[place]
        # A label that stands on a line twice counts once.
        for label in labels if len(labels) < 2 else dict.fromkeys(labels):  # noqa: PLR2004
            table[label] = table.get(label, 0) + cost
    return table
