"""What the API answers: every shape, typed, with an example. Nothing here raises.

Amounts are decimal text, money in major units and points in whole units (see text). Times are
ISO 8601 in UTC; days are the program's.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

Amount = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$", examples=["45.99"])]
Points = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$", examples=["45"])]
Time = Annotated[
    str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-02T17:05:00Z"])
]
Unit = Annotated[str, Field(examples=["points"])]


class Problem(Schema):
    """What went wrong and what mends it (RFC 9457)."""

    type: str = Field(examples=["/v1/errors#fact-refused"])
    title: str = Field(examples=["The fact cannot be posted"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["12.345 has a part of a minor unit"])
    code: str = Field(examples=["fact-refused"])
    mend: str = Field(examples=["Send at most 2 decimals."])
    pointer: str = Field("", description="Place in the body.", examples=["/lines/0/amount"])
    parameter: str = Field("", description="Name of a header, query or path parameter.")
    request_id: str = Field("", description="The same as in X-Request-Id.")


class ErrorKind(Schema):
    """One thing that can go wrong."""

    code: str = Field(examples=["fact-refused"])
    status: int = Field(examples=[422])
    title: str = Field(examples=["The fact cannot be posted"])
    mend: str = Field(examples=["Correct the field."])


class Reason(Schema):
    """Why a rule gave points; `base` is the money it counted."""

    rule: str = Field(examples=["purchases"])
    unit: Unit
    base: Amount
    points: Points
    why: str = Field(examples=["Purchases: 1 point for every $1.00 of $45.99 is 45 points."])


class Movement(Schema):
    """Points that moved; negative when the member lost them."""

    kind: str = Field(examples=["award"])
    unit: Unit
    points: Points
    expires_at: Time | None


class TierChange(Schema):
    """From one tier to another; `before` is empty for the first."""

    before: str = Field(examples=["Insider"])
    after: str = Field(examples=["VIB"])


class PostedFact(Schema):
    """What became of a fact; the same whenever it is sent again."""

    source: str = Field(examples=["till"])
    id: str = Field(examples=["S1-0042"])
    member: uuid.UUID | None = Field(description="null: nobody has claimed it yet.")
    program_version: int = Field(description="The version that judged it.", examples=[1])
    moved: list[Movement]
    reasons: list[Reason]
    tier: TierChange | None


class LineOutcome(Schema):
    """What became of one line of a batch; lines that are empty have no outcome."""

    line: int = Field(ge=1, examples=[1])
    status: Literal["posted", "duplicate", "conflict", "refused"]
    fact: PostedFact | None = Field(description="When it is posted, now or before.")
    problem: Problem | None = Field(description="When it is not.")


class Standing(Schema):
    """A tier, the spend that counts towards the next one and what is missing to it."""

    tier: str = Field(examples=["VIB"])
    spend: Amount
    from_spend: Amount
    next_tier: str | None = Field(examples=["Rouge"])
    next_from_spend: Amount | None
    missing: Amount | None


class Member(Schema):
    """A member and what they are known by."""

    id: uuid.UUID
    name: str = Field(examples=["Ada"])
    identifiers: dict[str, str] = Field(examples=[{"email": "ada@example.org"}])
    enrolled_at: Time
    birthday: date | None
    consent: bool = Field(description="To messages.")
    standing: Standing | None = Field(description="null: the program has no tiers.")


class Lot(Schema):
    """Points of one award that can still be used."""

    rule: str = Field(examples=["purchases"])
    earned_at: Time
    expires_at: Time | None
    points: Points
    remaining: Points


class Ending(Schema):
    """Points that are gone from 00:00 of `on`; the day before it is their last."""

    on: date
    points: Points


class Balance(Schema):
    """What a member holds: `points` can be used now, `owed` are to be earned back."""

    at: Time
    unit: Unit
    points: Points
    owed: Points
    worth: Amount
    currency: str = Field(examples=["USD"])
    calendar: list[Ending] = Field(description="Which points end when.")
    lots: list[Lot] = Field(description="In the order in which they are used.")


class EntryFact(Schema):
    """The fact behind an entry."""

    source: str = Field(examples=["till"])
    id: str = Field(examples=["S1-0042"])
    type: str = Field(examples=["purchase"])
    total: Amount | None = Field(description="null: it is no sale.")
    simulated: bool


class Entry(Schema):
    """One line of a history: points with their sign, and what was held after it."""

    kind: str = Field(examples=["award"])
    at: Time
    points: Points
    balance: Points
    why: list[str]
    fact: EntryFact | None
    program_version: int | None


class Entries(Schema):
    """A page of a history, the latest first; `next` is the cursor of the page after it."""

    unit: Unit
    entries: list[Entry]
    next: str | None


class RewardStep(Schema):
    """A reward, and the points that are missing to it after the order."""

    reward: str = Field(examples=["ten-off"])
    name: str = Field(examples=["$10 off"])
    unit: Unit
    price: Points
    value: Amount
    affordable: bool
    missing: Points


class Earned(Schema):
    """Points of one unit; negative when an order would take them."""

    unit: Unit
    points: Points


class Evaluation(Schema):
    """What an order would earn; nothing was posted."""

    member: uuid.UUID | None = Field(description="null: nobody is known by the reference.")
    program_version: int = Field(examples=[1])
    earned: list[Earned]
    reasons: list[Reason]
    tier: TierChange | None
    rewards: list[RewardStep]


class UnitTerms(Schema):
    """A unit of points."""

    unit: Unit
    name: str = Field(examples=["points"])
    decimals: int = Field(examples=[0])
    value: Amount = Field(description="What one is worth, in the program's currency.")


class TierTerms(Schema):
    """A rung of the ladder."""

    tier: str = Field(examples=["VIB"])
    name: str = Field(examples=["VIB"])
    from_spend: Amount


class RewardTerms(Schema):
    """What points buy."""

    reward: str = Field(examples=["ten-off"])
    name: str = Field(examples=["$10 off"])
    unit: Unit
    price: Points
    value: Amount


class Section(Schema):
    """One side of the program in sentences."""

    title: str = Field(examples=["Earning"])
    sentences: list[str]


class Program(Schema):
    """The program's version in force."""

    code: str = Field(examples=["beauty"])
    name: str = Field(examples=["Beauty tiers"])
    currency: str = Field(examples=["USD"])
    time_zone: str = Field(examples=["UTC"])
    at: Time = Field(description="The program's time.")
    version: int = Field(examples=[1])
    from_at: Time | None = Field(description="null: in force since ever.")
    until_at: Time | None = Field(description="null: no later version is published.")
    units: list[UnitTerms]
    tiers: list[TierTerms]
    rewards: list[RewardTerms]
    terms: list[Section]
    document: str = Field(description="The blueprint as it was published (YAML).")


class Health(Schema):
    """Whether Pointbook can work."""

    status: Literal["ok"]
    database: Literal["ok"]
    version: str = Field(examples=["0.1.0"])
