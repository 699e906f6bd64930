"""What a request's body may hold: read as JSON here, judged by the engine, told to OpenAPI.

The models describe; `engine.values` reads and refuses, with the same fields (a test compares
them). Raises MalformedJson, MediaTypeUnknown, LengthRequired and BodyTooLarge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final, Literal

import orjson
from django.http import HttpRequest
from pydantic import BaseModel, ConfigDict, Field

from pointbook.engine.values.errors import PointbookError

NDJSON: Final = "application/x-ndjson"
LARGEST_BATCH: Final = 16 * 2**20
MOST_LINES: Final = 10_000
# Rewards, or voucher codes, on one order.
MOST_WISHES: Final = 50
MOST_CODES: Final = 10_000

Money = Annotated[
    Decimal,
    Field(description="In major units, as text or a number: 45.99.", examples=["45.99"]),
]
Text = Annotated[str, Field(max_length=255)]


class MalformedJson(PointbookError):
    """The body is not one JSON object."""


class LengthRequired(PointbookError):
    """The request does not say how long its body is."""

    status = 411


class BodyTooLarge(PointbookError):
    """The body is larger than one request may be."""

    status = 413


class MediaTypeUnknown(PointbookError):
    """The body is of a type that this address does not read."""

    status = 415


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class TenderIn(_Document):
    """How part of the bill was paid."""

    kind: Literal["cash", "card", "points", "stored_value", "other"]
    amount: Money


class CouponIn(_Document):
    """A coupon taken off the basket."""

    code: Text = ""
    amount: Money


class LineIn(_Document):
    """One line of a basket; `amount` is what it costs after discounts and before coupons."""

    sku: Text = ""
    category: Text = ""
    department: Text = ""
    brand: Text = ""
    reward: Text = Field("", description="The reward that this line is: it earns nothing.")
    labels: list[str] = Field(default_factory=list)
    quantity: Decimal = Decimal(1)
    list_price: Money | None = None
    amount: Money = Decimal(0)
    discount: Money = Decimal(0)
    tax: Money = Decimal(0)


class ReturnedIn(_Document):
    """A fact that was posted, by its key."""

    source: Text
    id: Text


class _Fact(_Document):
    """The fields that every fact may have."""

    member: str | None = Field(None, description="Any identifier of the member, or their id.")
    store: Text = ""
    channel: Text = ""
    currency: str = Field("", description="The program's, also when it is left out.")
    total: Money | None = Field(None, description="Left out: the sum of lines, tax and delivery.")
    tax: Money = Decimal(0)
    delivery: Money = Decimal(0)
    tenders: list[TenderIn] = Field(default_factory=list)
    coupons: list[CouponIn] = Field(default_factory=list)
    lines: list[LineIn] = Field(default_factory=list)
    returns: ReturnedIn | None = Field(None, description="A return names its purchase.")
    about: ReturnedIn | None = Field(
        None, description="Facts of other types name the fact that they are about."
    )
    attributes: dict[str, object] = Field(
        default_factory=dict,
        description="Anything else. A burn names `reward`, or `unit` and `points`.",
    )
    simulated: bool = False


class FactIn(_Fact):
    """Something that happened, under its own key (source, id): posted once, for ever."""

    source: Text = Field(description="The system that says so.", examples=["till"])
    id: Text = Field(description="The fact's key in that system.", examples=["S1-0042"])
    type: Text = Field(
        description="`purchase`, `return`, `burn`, another type that the engine knows, or any"
        " event that a rule may name. All of them may carry amounts.",
        examples=["purchase"],
    )
    occurred_at: datetime = Field(
        description="ISO 8601; without an offset in the program's time zone.",
        examples=["2026-11-02T17:05:00Z"],
    )


class RedeemIn(_Document):
    """A reward that is wanted, and what was chosen of it."""

    reward: Text = Field(examples=["five-off"])
    quantity: int = Field(1, ge=1)
    slot: Text = Field("", description="Of an experience: which of its times.")
    options: dict[str, str] = Field(default_factory=dict, examples=[{"colour": "red"}])
    cause: Text = Field("", description="Of a gift to charity; left out: the only one.")
    country: Text = Field("", description="Where a draw is only for some countries.")
    for_: Text = Field("", alias="for", description="The member who gets it; left out: this one.")


class PayIn(_Document):
    """What pays a part of the order: amounts by unit."""

    points: dict[str, Decimal] = Field(
        default_factory=dict, description="Whole points: exactly these.", examples=[{"points": 300}]
    )
    stored_value: dict[str, Money] = Field(
        default_factory=dict,
        description="Money of gift cards and the like: as much of it as is left to pay.",
        examples=[{"gift": "20.00"}],
    )


class _Order(_Fact):
    type: Text = "purchase"
    occurred_at: datetime | None = Field(None, description="Left out: the program's time.")
    redeem: list[RedeemIn] = Field(
        default_factory=list, max_length=MOST_WISHES, description="Rewards, in this order."
    )
    vouchers: list[Text] = Field(
        default_factory=list, max_length=MOST_WISHES, description="Codes that are used on it."
    )
    pay: PayIn = Field(default_factory=PayIn, description="After the rewards.")


class OrderIn(_Order):
    """An order that is not a fact yet; what is left out is as if it were bought now."""

    source: Text = "order"
    id: Text = "order"


class ExpectedIn(_Document):
    """What the evaluation said; what is left out may be anything."""

    due: Money | None = None
    earned: dict[str, Decimal] = Field(default_factory=dict, examples=[{"points": 42}])


class ConfirmIn(_Order):
    """An order that is posted with what is redeemed on it."""

    source: Text = Field(description="The system that says so.", examples=["shop"])
    id: Text = Field(description="The order's key in that system.", examples=["1005"])
    expected: ExpectedIn = Field(
        default_factory=ExpectedIn, description="409 when it is something else by now."
    )


class PayPartIn(_Document):
    """Points that are held to pay a part of an order."""

    unit: Text = Field("", description="Left out: the program's first.")
    points: Decimal = Field(description="Whole points, or money of a unit of stored value.")


class BasketIn(_Fact):
    """The order that a redemption is for; its key where it has one already."""

    source: Text = ""
    id: Text = ""


class ReserveIn(RedeemIn):
    """A redemption under its own key: a reward, or points to `pay` with."""

    source: Text = Field(description="The system that says so.", examples=["shop"])
    id: Text = Field(description="The redemption's key in that system.", examples=["r-1"])
    member: Text = Field(description="Any identifier of the member, or their id.")
    reward: Text = Field("", description="Left out where `pay` says what is held.")
    pay: PayPartIn | None = None
    order: BasketIn | None = None


class SettleIn(_Document):
    """The key of a fact that settles a redemption."""

    id: Text = Field("", description="The fact's key under the source `api`; left out: a new one.")


class GiveBackIn(SettleIn):
    """Why points go back."""

    reason: Text = ""


class CaptureIn(SettleIn):
    """What is used of a reservation."""

    points: Decimal | None = Field(None, description="So many of them; left out: all.")


class OneTimeCodeIn(_Document):
    """The one-time code that a member was sent."""

    code: Text = Field(examples=["482913"])


class ProgressIn(_Document):
    """A step of a redemption's fulfilment."""

    step: Text = Field("", description="Left out: the next one.", examples=["sent"])
    note: Text = ""


class StockIn(_Document):
    """How many come to a stock, or go."""

    change: int = Field(examples=[12])
    slot: Text = Field("", description="Of an experience: the places of this time.")


class CodesIn(_Document):
    """Codes that were bought for a reward."""

    codes: list[Text] = Field(min_length=1, max_length=MOST_CODES, examples=[["KX-1", "KX-2"]])


class PersonIn(_Document):
    """A person who joins; one of member, email, phone and card is enough."""

    member: str = Field("", max_length=200, description="The number another system uses.")
    email: str = Field("", max_length=200, examples=["ada@example.org"])
    phone: str = Field("", max_length=200)
    card: str = Field("", max_length=200)
    name: str = Field("", max_length=200)
    birthday: date | None = None
    consent: bool | None = Field(None, description="To messages; null: they were not asked.")


class _Act(_Document):
    """What people decide: under a key of its own, at a time of its own where that matters."""

    id: Text = Field("", description="The fact's key under the source `api`; left out: a new one.")
    occurred_at: datetime | None = Field(None, description="Left out: the program's time.")


class AdjustmentIn(_Act):
    """Points given or taken by hand."""

    points: Decimal = Field(description="Whole points; negative takes off.", examples=["50"])
    unit: Text = Field("", description="Left out: the program's first.")
    reason: Text = Field(description="One of the program's, where it names some.")
    expires_on: date | None = Field(None, description="Last day; left out: the unit's term.")


class MergeIn(_Act):
    """The member who becomes this one."""

    from_: Text = Field(alias="from", description="Any identifier of the other member.")


class ClaimIn(_Act):
    """The purchase that is the member's."""

    purchase: ReturnedIn


class VoidIn(_Act):
    """Why a fact is taken back, and what one rule gave where not all is."""

    rule: Text = ""
    reason: Text = ""


def document(request: HttpRequest) -> Mapping[str, object]:
    """The JSON object of a request.

    :raises MalformedJson: when the body is something else.
    """
    return parsed(request.body)


def parsed(text: bytes) -> Mapping[str, object]:
    """One JSON object.

    :raises MalformedJson: when the text is something else.
    """
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedJson(f"the body is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise MalformedJson("the body is JSON, but not an object")
    return found


def batch(request: HttpRequest) -> bytes:
    """The body of a batch, whole: what is judged is known before anything is posted.

    :raises PointbookError: of the wrong type, without a length, or too large.
    """
    given = request.content_type
    if given != NDJSON:
        raise MediaTypeUnknown(
            f"the body is {given or 'of no type'}",
            field="Content-Type",
            mend=f"Send one fact per line as {NDJSON}.",
        )
    length = request.headers.get("Content-Length", "")
    if not length.isdigit():
        raise LengthRequired("the length of the body is missing", field="Content-Length")
    if int(length) > LARGEST_BATCH:
        raise BodyTooLarge(
            f"the body has {int(length):,} bytes",
            mend=f"Send at most {LARGEST_BATCH:,} bytes, or use pointbook import.",
        )
    text = request.read(int(length))
    count = text.rstrip(b"\n").count(b"\n") + 1
    if count > MOST_LINES:
        raise BodyTooLarge(
            f"the body has {count:,} lines",
            mend=f"Send at most {MOST_LINES:,} lines, or use pointbook import.",
        )
    return text


def lines(text: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something, numbered from 1."""
    return ((number, line) for number, line in enumerate(text.split(b"\n"), 1) if line.strip())
