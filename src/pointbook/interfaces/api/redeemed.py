"""What the API answers about rewards, orders and redemptions: every shape, with an example.

Nothing here raises. Amounts and times are as in answers.
"""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from pointbook.engine.rules.catalogue import RewardKind
from pointbook.interfaces.api.answers import Amount, Earned, Evaluation, Points, PostedFact, Time
from pointbook.interfaces.api.answers import Unit as UnitCode

RewardCode = Annotated[str, Field(examples=["five-off"])]
Kind = Annotated[RewardKind, Field(description="What the reward gives.")]
Check = Annotated[
    Literal["", "open", "done", "refused"],
    Field(description='Empty: not asked for; "open": before that it cannot be captured.'),
]


class Missing(Schema):
    """One thing that is missing before something can be had."""

    code: str = Field(examples=["insufficient_balance"])
    message: str = Field(examples=["5 USD off: it costs 500 points, 120 points can be used"])
    field: str = Field(description="What it is about, as the body calls it.", examples=["quantity"])
    mend: str = Field(examples=["Collect 380 points more."])


class LineEffect(Schema):
    """What comes off one line of the basket."""

    line: int = Field(description="Its place in `lines`, from 0.", examples=[0])
    quantity: Amount
    amount: Amount


class Effect(Schema):
    """One thing that an order does, and why: earns, takes off the bill, pays, gives or refuses."""

    type: Literal[
        "earn",
        "discount",
        "free_item",
        "free_shipping",
        "pay_with_points",
        "pay_with_stored_value",
        "give",
        "refused",
    ]
    reason: str = Field(examples=["5 USD off: $5.00 off for 500 points."])
    pointer: str = Field(
        description="The wish in the body that it answers; empty: none.", examples=["/redeem/0"]
    )
    rule: str | None = Field(description="Of what is earned.")
    reward: str | None
    kind: str | None = Field(description="What the reward gives.", examples=["discount"])
    unit: str | None
    points: Points | None = Field(description="Earned, or what it costs.")
    amount: Amount | None = Field(description="Off the bill, paid, or worth.")
    cash: Amount | None = Field(description="To be paid beside the points.")
    lines: list[LineEffect]
    missing: list[Missing] = Field(description="Why it is refused.")


class Payable(Schema):
    """What points may pay of the order after the rewards."""

    unit: UnitCode
    least: Points
    most: Points = Field(description="0 where something is missing.")
    step: Points
    amount: Amount = Field(description="What `most` pays.")
    missing: list[Missing]


class Stored(Schema):
    """Stored value that the member can use."""

    unit: UnitCode
    amount: Amount


class Discount(Schema):
    """What a reward takes off the bill."""

    reward: RewardCode
    amount: Amount


class OpenVoucher(Schema):
    """A code of the member's that was not used."""

    code: str = Field(examples=["7K3F-9QWD-M2XA-4TPE"])
    reward: RewardCode
    until: Time | None = Field(description="null: it does not end.")
    applies: bool = Field(description="Whether it can be used on this order.")
    missing: list[Missing]


class Offer(Schema):
    """A reward as this member could have it."""

    reward: RewardCode
    name: str = Field(examples=["5 USD off"])
    kind: Kind
    unit: UnitCode
    price: Points = Field(description="Of one, for this member today.")
    price_why: str = Field(description="Why it is that; empty: the usual.", examples=[""])
    cash: Amount = Field(description="Beside the points.")
    value: Amount = Field(description="What one is worth.")
    amount: Amount = Field(description="What one would take off this order, or give.")
    affordable: bool = Field(description="Whether it can be had now.")
    short: Points = Field(description="How many points are missing.")
    missing: list[Missing]
    reason: str = Field(description="Why it stands here.", examples=["You can have it now."])


class EvaluatedOrder(Evaluation):
    """What an order would earn and what can be redeemed on it; nothing was posted."""

    effects: list[Effect] = Field(description="All that the order would do, in order.")
    before: Amount = Field(description="What the order comes to without rewards.")
    discounts: list[Discount]
    total: Amount = Field(description="After rewards.")
    tax: Amount = Field(description="Of that.")
    due: Amount = Field(description="Left to pay after points and stored value.")
    payable: list[Payable]
    stored_value: list[Stored]
    vouchers: list[OpenVoucher]
    offers: list[Offer] = Field(description="Every reward, the most relevant first.")
    order: dict[str, object] = Field(
        description="The purchase as confirming it would post it, in the shape of a fact.",
        examples=[{"source": "order", "id": "order", "type": "purchase", "total": "45.99"}],
    )


class FactKey(Schema):
    """The key of a fact."""

    source: str = Field(examples=["shop"])
    id: str = Field(examples=["1005"])


class Code(Schema):
    """A code that a redemption has."""

    code: str = Field(examples=["7K3F-9QWD-M2XA-4TPE"])
    state: Literal["free", "given", "used", "void"]
    used_at: Time | None


class Redemption(Schema):
    """A redemption and what became of it."""

    source: str = Field(examples=["shop"])
    id: str = Field(examples=["r-1"])
    member: uuid.UUID
    receiver: uuid.UUID | None = Field(description="Who gets it as a gift.")
    reward: str | None = Field(description="null: points that pay a part of an order.")
    kind: str = Field(description="Of the reward, or `points`.", examples=["discount"])
    state: Literal["reserved", "captured", "released", "lapsed", "cancelled"]
    unit: UnitCode
    points: Points = Field(description="Held.")
    captured: Points = Field(description="Of these used.")
    back: Points = Field(description="Of these back.")
    quantity: int
    amount: Amount = Field(description="What it is worth to the member.")
    cash: Amount = Field(description="Paid beside the points.")
    slot: str
    options: dict[str, str] = Field(examples=[{}])
    cause: str
    country: str
    at: Time
    until: Time | None = Field(description="The end of the hold; null: it does not end.")
    order: FactKey | None = Field(description="What it is for.")
    fulfilment: str = Field(description="The last step; empty: none.", examples=["ordered"])
    confirm: Check
    review: Check
    codes: list[Code]


class Redemptions(Schema):
    """A page of redemptions, the latest first; `next` is the cursor of the page after it."""

    redemptions: list[Redemption]
    next: str | None


class ConfirmedOrder(Schema):
    """An order that was posted with what is redeemed on it; told again when it is sent again."""

    order: FactKey
    fact: PostedFact = Field(description="What the purchase did.")
    earned: list[Earned]
    total: Amount
    due: Amount
    redemptions: list[Redemption] = Field(description="Rewards and vouchers, as they are now.")


class Voucher(Schema):
    """A voucher by its code."""

    code: str = Field(examples=["7K3F-9QWD-M2XA-4TPE"])
    status: Literal["open", "waiting", "used", "ended", "void"] = Field(
        description="Open can be used; waiting, once it is confirmed or looked at."
    )
    reward: str | None
    name: str = Field(examples=["5 USD off"])
    amount: Amount = Field(description="What it is worth.")
    until: Time | None
    used_at: Time | None
    redemption: Redemption


class SlotTerms(Schema):
    """A time at which an experience takes place."""

    slot: str = Field(examples=["jan-10"])
    starts_at: Time
    ends_at: Time
    place: str = Field(examples=["Studio"])
    capacity: int
    left: int


class CatalogueReward(Schema):
    """A reward, its terms, and how many are left."""

    reward: RewardCode
    name: str = Field(examples=["5 USD off"])
    kind: Kind
    unit: UnitCode
    price: Points = Field(description="The usual one.")
    cash: Amount
    value: Amount
    left: int | None = Field(description="null: any number.")
    slots: list[SlotTerms]
    options: dict[str, list[str]] = Field(
        description="What is to be chosen; an empty list: in their own words.", examples=[{}]
    )
    causes: list[str] = Field(description="Of a gift to charity.")
    tiers: list[str] = Field(description="Only for members in these; empty: for everybody.")
    minimum: Amount = Field(description="What an order must come to.")
    voucher: bool = Field(description="Whether points become a code that is used later.")
    giftable: bool
    confirm: bool = Field(description="Whether a one-time code confirms it.")
    labels: list[str]
    terms: str
    offer: Offer | None = Field(description="As this member could have it; null: nobody is named.")


class Catalogue(Schema):
    """What points can buy."""

    at: Time
    member: uuid.UUID | None
    rewards: list[CatalogueReward] = Field(
        description="As the program lists them; for a member the most relevant first."
    )


class OneTimeCode(Schema):
    """A one-time code, told only now."""

    code: str = Field(examples=["482913"])


class Stock(Schema):
    """How many there are of a reward, or places of a slot, and how many are taken."""

    reward: RewardCode
    slot: str
    supply: int
    taken: int
    left: int


class ImportedCodes(Schema):
    """How many codes are new; the others came twice or were there."""

    new: int
    doubled: list[str] = Field(examples=[[]])
