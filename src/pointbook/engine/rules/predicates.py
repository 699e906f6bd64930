"""Conditions as a document holds them: typed tests, and how they combine. Nothing here raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Operator = Literal["is", "in", "has", "at_least", "at_most", "above", "below", "between"]


@dataclass(frozen=True, slots=True)
class Test:
    """One typed comparison of a field of the fact, the line or the member with constants."""

    __test__ = False  # not a pytest class

    field: str
    operator: Operator
    value: object


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


@dataclass(frozen=True, slots=True)
class AnyLine:
    """At least one line of the fact satisfies the condition."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Named:
    """A condition of the program's own, by its name; `part` is what it stands for."""

    name: str
    part: Condition


Condition = Test | All | Any | Not | AnyLine | Named
