"""The program as one immutable document: what a parsed blueprint holds.

Everything is in whole smallest parts: money in minor units of the program's currency, points in
the smallest part of their unit. `engine.rules.reading` makes a Blueprint of a YAML document and
names every mistake by path; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from pointbook.engine.values.money import exponent

UnknownMembers = Literal["enrol", "refuse", "keep"]
ExpiryKind = Literal["never", "days", "months", "end_of_month"]
SpendOrder = Literal["oldest", "soonest_expiry"]
Rounding = Literal["floor", "nearest", "ceiling"]
WindowKind = Literal["rolling_days", "calendar_year", "calendar_month"]
ClawBack = Literal["clamp", "allow_negative"]
Operator = Literal["is", "in", "has", "at_least", "at_most", "above", "below", "between"]


@dataclass(frozen=True, slots=True)
class Test:
    """One typed comparison of a field of the fact or the line with constants."""

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


Condition = Test | All | Any | Not | AnyLine


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long the points of a lot live: `n` days or months, or to the end of month `n`."""

    kind: ExpiryKind = "never"
    n: int = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """A currency of points. `value` is what one whole point is worth, in major units."""

    code: str
    name: str
    singular: str
    decimals: int
    value: Decimal
    expiry: Expiry
    spend_order: SpendOrder

    def worth(self, points: int, *, currency: str) -> int:
        """What smallest parts are worth in minor units, rounded down."""
        return int(self.value * points * Decimal(10) ** (exponent(currency) - self.decimals))


@dataclass(frozen=True, slots=True)
class EarnRule:
    """`points` (smallest parts) for every `per` minor units of the base, rounded per fact.

    `per` 0 means a fixed award for each fact. `when` is asked of the fact, `lines` picks the lines
    whose amounts make the base. Dates are the program's days; `until_on` is the last day included.
    """

    code: str
    name: str
    on: str
    unit: str
    points: int
    per: int
    rounding: Rounding
    when: Condition | None = None
    lines: Condition | None = None
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """One tier of the ladder, reached at `threshold` minor units of spend."""

    code: str
    name: str
    threshold: int


@dataclass(frozen=True, slots=True)
class Tiers:
    """A ladder, lowest rung first, by spend inside a window; `days` only for rolling windows."""

    window: WindowKind
    days: int
    ladder: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class Reward:
    """What `price` smallest parts of a unit buy; `value` in minor units is its worth."""

    code: str
    name: str
    unit: str
    price: int
    value: int


@dataclass(frozen=True, slots=True)
class Books:
    """The accounting policy of the program's awards and the judgement behind it."""

    policy: str = "deferred_revenue"
    judgement: str = ""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One version of a program. `document` is the parsed YAML it was read from."""

    code: str
    name: str
    currency: str
    time_zone: str
    unknown_members: UnknownMembers
    units: Mapping[str, Unit]
    earn: tuple[EarnRule, ...]
    tiers: Tiers | None
    rewards: tuple[Reward, ...]
    claw_back: ClawBack
    books: Books
    document: Mapping[str, object] = field(repr=False, compare=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class BurnHabit:
    """What simulated members do at 23:59:59 of each month's last day (program's zone).

    If the balance is at least `threshold`, they burn as many whole `step`s as they hold.
    """

    unit: str
    threshold: int
    step: int


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How members burn in a what-if; the burns it makes are facts marked simulated."""

    name: str
    burns: tuple[BurnHabit, ...]
