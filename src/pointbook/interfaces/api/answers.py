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


class Mistake(Schema):
    """One mistake in a document, or one change of an order, and what mends it."""

    pointer: str = Field(
        description="Place in the document (RFC 6901).", examples=["/rewards/0/price"]
    )
    value: str | int | bool | None = Field(
        description="What stands there; of lists, objects and long texts the beginning."
    )
    detail: str = Field(examples=['"free" is not a number.'])
    mend: str = Field(examples=["Write digits."])
    line: int | None = Field(description="The line of the text.", examples=[14])


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
    errors: list[Mistake] = Field(
        [], description="Every mistake in a document, every change of an order."
    )
    request_id: str = Field("", description="The same as in X-Request-Id.")


class Referral(Schema):
    """The code by which a member invites others."""

    code: str = Field(examples=["K7QMX2PA"])
    link: str = Field(examples=["https://shop.example.org/card/beauty/by/K7QMX2PA/"])
    qr_svg: str = Field(description="The link as a QR code.", examples=["<svg>...</svg>"])


class ErrorKind(Schema):
    """One thing that can go wrong."""

    code: str = Field(examples=["fact-refused"])
    status: int = Field(examples=[422])
    title: str = Field(examples=["The fact cannot be posted"])
    mend: str = Field(examples=["Correct the field."])


class Reason(Schema):
    """Why a rule gave points: what it counted, what it asked for, what a limit left of it."""

    rule: str = Field(examples=["purchases"])
    unit: Unit
    counts: Literal["money", "count"] = Field(description="What `base` is.")
    base: Amount = Field(description="The money it counted, or how many of something.")
    points: Points
    asked: Points = Field(description="What it would have been without the limit.")
    limit: str | None = Field(description="The limit that cut it: its code, `budget` or `most`.")
    tier: str | None = Field(description="The tier whose rate was taken.")
    of: str | None = Field(description="The rule whose points a multiplier multiplied.")
    why: str = Field(examples=["Purchases: 1 point for every $1.00 of $45.99 is 45 points."])


class Movement(Schema):
    """Points that moved; negative when the member lost them."""

    kind: str = Field(examples=["award"])
    unit: Unit
    points: Points
    starts_at: Time | None = Field(description="null: once something happens, or it is no award.")
    expires_at: Time | None


class Move(Schema):
    """A standing that changed: from one tier to another, or only its end."""

    ladder: str = Field(examples=["status"])
    kind: str = Field(
        description="reached, renewed, review, floor, match, moved or opening.",
        examples=["reached"],
    )
    before: str | None = Field(description="null: the first standing.", examples=["Insider"])
    after: str = Field(examples=["VIB"])
    until: Time | None = Field(description="The tier holds up to here; null: it has no date.")


class Made(Schema):
    """A fact that Pointbook made of this one, for the same member or another one."""

    source: str = Field(examples=["pointbook"])
    id: str = Field(examples=["referral:till:S1-0042"])
    type: str = Field(examples=["referral"])
    member: uuid.UUID | None


class PostedFact(Schema):
    """What became of a fact; told again whenever it is sent again."""

    source: str = Field(examples=["till"])
    id: str = Field(examples=["S1-0042"])
    member: uuid.UUID | None = Field(description="null: nobody has claimed it yet.")
    program_version: int = Field(description="The version that judged it.", examples=[1])
    moved: list[Movement]
    reasons: list[Reason]
    moves: list[Move] = Field(description="The standings that it changed.")
    made: list[Made] = Field(description="The facts that it made.")


class LineOutcome(Schema):
    """What became of one line of a batch; lines that are empty have no outcome."""

    line: int = Field(ge=1, examples=[1])
    status: Literal["posted", "duplicate", "conflict", "refused"]
    fact: PostedFact | None = Field(description="When it is posted, now or before.")
    problem: Problem | None = Field(description="When it is not.")


MeasureKind = Annotated[
    Literal["money", "points", "count"], Field(description="What `value` is written in.")
]


class MeasureValue(Schema):
    """What a ladder measures of the member, in its window up to now."""

    measure: str = Field(examples=["spend"])
    kind: MeasureKind
    unit: str | None = Field(description="Of points: their unit.")
    value: Amount


class MeasureStep(MeasureValue):
    """What the next tier needs of a measure, and what is missing to it."""

    least: Amount
    missing: Amount


class NextTier(Schema):
    """The tier above; without `measures` it is given by hand only."""

    tier: str = Field(examples=["Rouge"])
    name: str = Field(examples=["Rouge"])
    needs: Literal["any", "all"] = Field(description="Which of the measures must be met.")
    measures: list[MeasureStep]


class BenefitLeft(Schema):
    """A counted benefit of the tier."""

    benefit: str = Field(examples=["lounge"])
    name: str = Field(examples=["Lounge visit"])
    each: str = Field(description="When there are new ones.", examples=["year"])
    given: int = Field(examples=[2])
    left: int = Field(examples=[1])


class Standing(Schema):
    """Where a member stands on one ladder."""

    ladder: str = Field(examples=["status"])
    name: str = Field(examples=["Status"])
    tier: str = Field(examples=["VIB"])
    tier_name: str = Field(examples=["VIB"])
    until: Time | None = Field(description="The tier holds up to here; null: it has no date.")
    measures: list[MeasureValue]
    next: NextTier | None = Field(description="null: there is no tier above.")
    benefits: list[BenefitLeft]


class Held(Schema):
    """Points of one unit: usable, on their way, owed; `worth` is of those that can be used."""

    unit: Unit
    name: str = Field(examples=["points"])
    spendable: bool
    points: Points
    pending: Points
    owed: Points
    worth: Amount


class Member(Schema):
    """A member and what they are known by."""

    id: uuid.UUID
    name: str = Field(examples=["Ada"])
    identifiers: dict[str, str] = Field(examples=[{"email": "ada@example.org"}])
    enrolled_at: Time
    birthday: date | None
    consent: bool = Field(description="To messages.")
    balances: list[Held] = Field(description="Every unit, those that can be spent first.")
    standings: list[Standing] = Field(description="Every ladder, the main one first.")
    household: uuid.UUID | None = Field(description="The head who holds the pooled points.")
    company: uuid.UUID | None = Field(description="The company that is told of purchases.")


class Lot(Schema):
    """Points of one award that can be used, or will be."""

    rule: str = Field(examples=["purchases"])
    earned_at: Time
    starts_at: Time | None = Field(description="null: once something happens.")
    expires_at: Time | None
    points: Points
    remaining: Points


class Ending(Schema):
    """Points that are gone from 00:00 of `on`; the day before it is their last."""

    on: date
    points: Points


class Coming(Schema):
    """Points that can be used from 00:00 of `on`; null: `days` after a fact of type `event`."""

    on: date | None
    event: str | None = Field(examples=["shipped"])
    days: int = Field(examples=[0])
    points: Points


class Balance(Schema):
    """What a member holds: `points` can be used now, `owed` are to be earned back."""

    at: Time
    unit: Unit
    points: Points
    pending: Points = Field(description="They cannot be used yet.")
    owed: Points
    worth: Amount
    currency: str = Field(examples=["USD"])
    calendar: list[Ending] = Field(description="Which points end when.")
    lots: list[Lot] = Field(description="In the order in which they are used.")
    coming: list[Coming] = Field(description="When which pending points can be used.")
    waiting: list[Lot] = Field(description="The lots of the pending points.")


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


class Trace(Schema):
    """What one rule says to an order: whether it matched, what it gives, and why or why not."""

    rule: str = Field(examples=["weekend"])
    name: str = Field(examples=["Double points on weekends"])
    matched: bool
    unit: Unit
    points: Points
    why: str = Field(examples=["The weekday is Sunday, asked for is Saturday."])


class Evaluation(Schema):
    """What an order would earn; nothing was posted."""

    member: uuid.UUID | None = Field(description="null: nobody is known by the reference.")
    program_version: int = Field(examples=[1])
    earned: list[Earned]
    reasons: list[Reason]
    trace: list[Trace] = Field(description="Every rule of the program, as they are asked.")
    moves: list[Move] = Field(description="The standings that would change.")
    rewards: list[RewardStep]


class UnitTerms(Schema):
    """A unit of points."""

    unit: Unit
    name: str = Field(examples=["points"])
    decimals: int = Field(examples=[0])
    value: Amount = Field(description="What one is worth, in the program's currency.")
    spendable: bool = Field(description="false: they only count.")


class MeasureTerms(Schema):
    """What a tier asks for."""

    measure: str = Field(examples=["spend"])
    kind: MeasureKind
    unit: str | None = Field(description="Of points: their unit.")
    least: Amount


class BenefitTerms(Schema):
    """What a tier gives that is counted."""

    benefit: str = Field(examples=["lounge"])
    name: str = Field(examples=["Lounge visit"])
    each: str = Field(examples=["year"])
    given: int = Field(examples=[2])


class TierTerms(Schema):
    """A rung of a ladder."""

    tier: str = Field(examples=["VIB"])
    name: str = Field(examples=["VIB"])
    needs: Literal["any", "all"] = Field(description="Which of the measures must be met.")
    measures: list[MeasureTerms]
    benefits: list[BenefitTerms]


class LadderTerms(Schema):
    """A ladder, its lowest rung first."""

    ladder: str = Field(examples=["status"])
    name: str = Field(examples=["Status"])
    tiers: list[TierTerms]


class RewardTerms(Schema):
    """What points buy."""

    reward: str = Field(examples=["ten-off"])
    name: str = Field(examples=["$10 off"])
    unit: Unit
    price: Points
    price_by_tier: dict[str, str] = Field(description="Other prices, by tier.", examples=[{}])
    tiers: list[str] = Field(description="Only for members in these; empty: for everybody.")
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
    ladders: list[LadderTerms] = Field(description="The main one first.")
    rewards: list[RewardTerms]
    terms: list[Section]
    document: str = Field(description="The blueprint as it was published (YAML).")


class Health(Schema):
    """Whether Pointbook can work."""

    status: Literal["ok"]
    database: Literal["ok"]
    version: str = Field(examples=["0.1.0"])
