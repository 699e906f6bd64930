"""What was bought and how it was paid: lines, tenders and coupons, read and written.

Amounts are decimals in major units in a document and minor units everywhere else. Raises FactError
naming the field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from pointbook.engine.values.documents import (
    FactError,
    amount,
    known,
    path_of,
    plain,
    quantity,
    text_of,
)

TENDERS = ("cash", "card", "points", "stored_value", "other")


class Line(NamedTuple):
    """One line of a basket; a NamedTuple because a year of a shop holds millions of them.

    `amount` is what the line costs after shop discounts and before coupons, tax included or not as
    the basket says; money in minor units. `reward` is the code of the reward that the line is: its
    amount is then what is paid for it beside the points, or what it takes off (negative).
    """

    sku: str = ""
    category: str = ""
    department: str = ""
    brand: str = ""
    reward: str = ""
    labels: tuple[str, ...] = ()
    quantity: Decimal = Decimal(1)
    list_price: int | None = None
    amount: int = 0
    discount: int = 0
    tax: int = 0


class Tender(NamedTuple):
    """How part of the bill was paid; `kind` is one of TENDERS, `amount` in minor units."""

    kind: str
    amount: int


class Coupon(NamedTuple):
    """A coupon taken off the basket; `amount` in minor units, positive."""

    code: str
    amount: int


LINE_FIELDS = frozenset(Line._fields)
COUPON_FIELDS = frozenset(Coupon._fields)
TENDER_FIELDS = frozenset(Tender._fields)


def line(raw: Mapping[str, object], *, places: int, at: str) -> Line:
    """Read one line of a basket; `places` is the currency's exponent."""
    known(raw, LINE_FIELDS, at)
    labels = raw.get("labels") or ()
    if isinstance(labels, str) or not isinstance(labels, Sequence):
        raise FactError(
            "labels are not a list",
            field=path_of(at, "labels"),
            value=labels,
            mend="Send a list of texts.",
        )
    listed = raw.get("list_price")
    return Line(
        sku=text_of(raw, "sku", at),
        category=text_of(raw, "category", at),
        department=text_of(raw, "department", at),
        brand=text_of(raw, "brand", at),
        reward=text_of(raw, "reward", at),
        labels=tuple(plain(str(label), path_of(at, "labels")) for label in labels),
        quantity=quantity(raw.get("quantity", 1), at=path_of(at, "quantity")),
        list_price=None if listed is None else amount(raw, "list_price", places, at=at),
        amount=amount(raw, "amount", places, at=at),
        discount=amount(raw, "discount", places, at=at),
        tax=amount(raw, "tax", places, at=at),
    )


def coupon(raw: Mapping[str, object], *, places: int, at: str) -> Coupon:
    """Read one coupon; `places` is the currency's exponent."""
    known(raw, COUPON_FIELDS, at)
    return Coupon(text_of(raw, "code", at), amount(raw, "amount", places, at=at))


def tender(raw: Mapping[str, object], *, places: int, at: str) -> Tender:
    """Read one tender; `places` is the currency's exponent."""
    known(raw, TENDER_FIELDS, at)
    kind = text_of(raw, "kind", at, required=True)
    if kind not in TENDERS:
        raise FactError(
            f"tender kind {kind!r} is not known",
            field=f"{at}.kind",
            value=kind,
            mend=f"Use one of: {', '.join(TENDERS)}.",
        )
    return Tender(kind, amount(raw, "amount", places, at=at))


def line_body(item: Line) -> dict[str, object]:  # noqa: C901 -- a branch a field: one by one is fastest
    """What is stored of a line: amounts in minor units, defaults left out."""
    sku, category, department, brand, reward, labels, count, listed, cost, discount, tax = item
    body: dict[str, object] = {"amount": cost}
    if sku:
        body["sku"] = sku
    if category:
        body["category"] = category
    if department:
        body["department"] = department
    if brand:
        body["brand"] = brand
    if reward:
        body["reward"] = reward
    if labels:
        body["labels"] = labels
    if count != 1:
        # Not normalize(): it rounds to the context's precision.
        text = format(count, "f")
        body["quantity"] = text.rstrip("0").removesuffix(".") if "." in text else text
    if listed is not None:
        body["list_price"] = listed
    if discount:
        body["discount"] = discount
    if tax:
        body["tax"] = tax
    return body


def line_from(body: Mapping[str, Any]) -> Line:
    """The line of what `line_body` stored."""
    return Line(
        **{
            **body,
            "quantity": Decimal(body.get("quantity", 1)),
            "labels": tuple(body.get("labels", ())),
        }
    )
