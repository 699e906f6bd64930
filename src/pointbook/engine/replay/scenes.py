"""A story as its players get it: who is there, what happens and when, and what must come of it.

Points are smallest parts of their unit, instants are UTC, days are the program's, and every
expectation has the line (from 1) of the text it stands on. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Final, Literal

from pointbook.engine.ledger.holds import State
from pointbook.engine.replay.program import zone_of
from pointbook.engine.rules.blueprint import Blueprint, Unit
from pointbook.engine.rules.rewards.situations import Claim
from pointbook.engine.values.facts import Fact

SOURCE: Final = "story"
Figure = Literal["usable", "pending", "owed", "held"]


@dataclass(frozen=True, slots=True)
class Edition:
    """A version of the story's program, in force from a day (None: from the start).

    `document` is the plain value that the blueprint was read from.
    """

    from_on: date | None
    blueprint: Blueprint
    document: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the story; `opening` is the fact that says what they hold already."""

    name: str
    joined_at: datetime
    birthday: date | None
    opening: Fact | None
    line: int


@dataclass(frozen=True, slots=True)
class Happening:
    """A fact and when it is told; without a fact only days pass."""

    arrives_at: datetime
    fact: Fact | None
    line: int


@dataclass(frozen=True, slots=True)
class Matched:
    """The rules that give points for a fact, each with whole points; `nothing` else may give."""

    fact: str
    rules: Mapping[str, Decimal]
    line: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A fact that is refused with these words in its message."""

    fact: str
    words: str
    line: int


@dataclass(frozen=True, slots=True)
class Held:
    """Points of a unit that a member has: usable, pending, owed, or held for redemptions."""

    figure: Figure
    unit: str
    points: int
    line: int


@dataclass(frozen=True, slots=True)
class Stood:
    """The tier that a member holds on a ladder."""

    ladder: str
    tier: str
    line: int


@dataclass(frozen=True, slots=True)
class StoodUntil:
    """The day from which a member's tier on a ladder is over, None for never."""

    ladder: str
    until: date | None
    line: int


@dataclass(frozen=True, slots=True)
class LotSketch:
    """A lot as a story knows it; what is None is not compared, `never` expires at no time."""

    unit: str
    points: int
    earned: date | None = None
    expires: date | None = None
    never: bool = False
    pending: bool | None = None


@dataclass(frozen=True, slots=True)
class Lots:
    """Every open lot of these units."""

    units: tuple[str, ...]
    lots: tuple[LotSketch, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Enjoyed:
    """How often a benefit can be had yet."""

    benefit: str
    left: int
    line: int


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What became of a member's redemption, by the id of the fact that reserved it.

    What is None is not compared: `points` it was for, of which `captured` were used and of these
    `back` came back, all in whole points; `amount` is what it is worth, in minor units.
    """

    redemption: str
    state: State | None
    line: int
    points: Decimal | None = None
    captured: Decimal | None = None
    back: Decimal | None = None
    amount: int | None = None


Expected = Held | Stood | StoodUntil | Lots | Enjoyed | Redeemed


@dataclass(frozen=True, slots=True)
class Stocked:
    """How many are left of a reward, or of one of its slots, at an instant; None: any number."""

    reward: str
    slot: str
    at: datetime
    left: int | None
    line: int


@dataclass(frozen=True, slots=True)
class Evaluating:
    """An order, what is wanted on it, and what must come of that; what is None is not compared.

    `points` and `stored` are smallest parts by unit, amounts are minor units. `granted` is what
    each reward takes off or gives, `refused` what is missing for what was asked, by code. `payable`
    is what may be paid in points of a unit, `offers` what is missing for a reward, or available.
    """

    order: Fact
    claims: tuple[Claim, ...]
    points: Mapping[str, int]
    stored: Mapping[str, int]
    due: int | None
    granted: Mapping[str, int] | None
    refused: Mapping[str, str] | None
    payable: Mapping[str, int]
    offers: Mapping[str, str]
    line: int

    @property
    def at(self) -> datetime:
        """When it is asked."""
        return self.order.occurred_at


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a member is left with at an instant."""

    member: str
    at: datetime
    expected: tuple[Expected, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Story:
    """One story: `people` and `happenings` in order of time, and what must come of them.

    It begins at `starts_at` and every day up to `ends_at` passes; `members` is everybody whom the
    story names, `codes` how many codes were imported for a reward before.
    """

    title: str
    source: str
    line: int
    editions: tuple[Edition, ...]
    people: tuple[Person, ...]
    happenings: tuple[Happening, ...]
    matched: tuple[Matched | Refused, ...]
    checkpoints: tuple[Checkpoint, ...]
    stock: tuple[Stocked, ...]
    members: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    codes: Mapping[str, int] = field(default_factory=dict)
    evaluated: tuple[Evaluating, ...] = ()

    @property
    def zone(self) -> tzinfo:
        """The time zone of the program's days."""
        return zone_of(self.editions[0].blueprint)

    @property
    def units(self) -> Mapping[str, Unit]:
        """The units of all editions by code."""
        units: dict[str, Unit] = {}
        for edition in self.editions:
            units |= edition.blueprint.units
        return units

    def blueprint_on(self, day: date) -> Blueprint:
        """The blueprint in force on a day."""
        found = self.editions[0]
        for edition in self.editions[1:]:
            if edition.from_on is not None and edition.from_on <= day:
                found = edition
        return found.blueprint
