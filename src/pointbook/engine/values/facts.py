"""A fact: something that happened, in one shape for every source.

`normalise` turns a document of a door (amounts as decimals in major units) into a Fact (amounts in
minor units) or raises FactError naming the field, the value and the mend. `content` is the
canonical text whose SHA-256 tells the same fact from another one under the same key. It leaves out
who the member is: an immutable row must not hold what can identify a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import orjson

from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.money import MoneyError, exponent, to_minor

SCHEMA_VERSION = 1
SALES = frozenset({"purchase", "return"})
TENDERS = ("cash", "card", "points", "stored_value", "other")
NO_ATTRIBUTES: Mapping[str, object] = {}


class FactError(PointbookError):
    """A field of a fact cannot be read."""

    status = 422


class Line(NamedTuple):
    """One line of a basket; a NamedTuple because a year of a shop holds millions of them.

    `amount` is what the line costs after shop discounts and before coupons, tax included or not as
    the basket says; money in minor units.
    """

    sku: str = ""
    category: str = ""
    department: str = ""
    brand: str = ""
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


class Returned(NamedTuple):
    """The fact that a return takes back, by its key."""

    source: str
    id: str


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened, to whom, where and when; money in minor units of `currency`.

    `total` is what the basket came to after discounts and coupons, with `tax` and `delivery`
    inside. `member` is a reference (any identifier) or None for a basket that nobody claimed yet.
    """

    source: str
    id: str
    type: str
    occurred_at: datetime
    member: str | None = None
    store: str = ""
    channel: str = ""
    currency: str = ""
    total: int = 0
    tax: int = 0
    delivery: int = 0
    tenders: tuple[Tender, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    lines: tuple[Line, ...] = ()
    returns: Returned | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)
    simulated: bool = False

    @property
    def spend(self) -> int:
        """What counts as spend: the total without tax, delivery and stored value; never negative."""
        if not (self.tax or self.delivery or self.tenders):
            return self.total if self.total > 0 else 0
        stored = sum(tender.amount for tender in self.tenders if tender.kind == "stored_value")
        return max(0, self.total - self.tax - self.delivery - stored)

    @property
    def order(self) -> tuple[datetime, str]:
        """The order in which a what-if and an import fold facts."""
        return self.occurred_at, self.id


FIELDS = frozenset(
    "source id type occurred_at member store channel currency total tax delivery tenders coupons"
    " lines returns attributes simulated".split()
)
LINE_FIELDS = frozenset(Line._fields)


def normalise(raw: Mapping[str, object], *, currency: str, zone: tzinfo = UTC) -> Fact:
    """Read a fact from a document; naive times are taken in `zone`.

    :raises FactError: naming the first field that cannot be read, its value and the mend.
    """
    unknown = raw.keys() - FIELDS
    if unknown:
        name = min(unknown)
        raise FactError(
            f"unknown field {name!r}",
            field=name,
            value=raw[name],
            mend=f"Use one of: {', '.join(sorted(FIELDS))}.",
        )
    kind = _text(raw, "type", required=True)
    own = _text(raw, "currency") or currency
    if own != currency:
        raise FactError(
            f"currency is {own!r}, the program's is {currency!r}",
            field="currency",
            value=own,
            mend=f"Send amounts in {currency}.",
        )
    member = raw.get("member")
    shared = {
        "source": _text(raw, "source", required=True),
        "id": _text(raw, "id", required=True),
        "type": kind,
        "occurred_at": instant(raw.get("occurred_at"), zone=zone),
        "member": None if member is None or member == "" else str(member).strip(),
        "store": _text(raw, "store"),
        "channel": _text(raw, "channel"),
        "simulated": _flag(raw.get("simulated", False)),
        "returns": _returned(raw.get("returns")),
        "attributes": _attributes(raw.get("attributes")),
    }
    if kind == "return" and shared["returns"] is None:
        raise FactError(
            "a return does not say what it returns",
            field="returns",
            mend='Send "returns": {"source": ..., "id": ...} of the purchase.',
        )
    if kind not in SALES:
        return Fact(**shared)  # type: ignore[arg-type]
    return Fact(**shared, currency=own, **_sale(raw, exponent(own)))  # type: ignore[arg-type]


def _sale(raw: Mapping[str, object], places: int) -> dict[str, object]:
    lines = tuple(
        line(item, places=places, at=f"lines[{n}]")
        for n, item in enumerate(_sequence(raw, "lines"))
    )
    coupons = tuple(
        Coupon(str(item.get("code", "")), amount(item, "amount", places, f"coupons[{n}]"))
        for n, item in enumerate(_sequence(raw, "coupons"))
    )
    tenders = tuple(
        _tender(item, places, f"tenders[{n}]") for n, item in enumerate(_sequence(raw, "tenders"))
    )
    tax = amount(raw, "tax", places)
    delivery = amount(raw, "delivery", places)
    if raw.get("total") is None:
        if not lines:
            raise FactError(
                "a sale needs a total or lines", field="total", mend="Send total in major units."
            )
        total = (
            sum(item.amount for item in lines)
            - sum(coupon.amount for coupon in coupons)
            + tax
            + delivery
        )
    else:
        total = amount(raw, "total", places)
    return {
        "total": total,
        "tax": tax,
        "delivery": delivery,
        "tenders": tenders,
        "coupons": coupons,
        "lines": lines,
    }


def line(raw: Mapping[str, object], *, places: int, at: str) -> Line:
    """Read one line of a basket; `places` is the currency's exponent."""
    unknown = raw.keys() - LINE_FIELDS
    if unknown:
        name = min(unknown)
        raise FactError(
            f"unknown field {name!r} in a line",
            field=f"{at}.{name}",
            value=raw[name],
            mend=f"Use one of: {', '.join(Line._fields)}.",
        )
    labels = raw.get("labels") or ()
    if isinstance(labels, str) or not isinstance(labels, Sequence):
        raise FactError(
            "labels are not a list", field=f"{at}.labels", value=labels, mend="Send a list of texts."
        )
    listed = raw.get("list_price")
    return Line(
        sku=_text(raw, "sku"),
        category=_text(raw, "category"),
        department=_text(raw, "department"),
        brand=_text(raw, "brand"),
        labels=tuple(str(label) for label in labels),
        quantity=quantity(raw.get("quantity", 1), at=f"{at}.quantity"),
        list_price=None if listed is None else amount(raw, "list_price", places, at),
        amount=amount(raw, "amount", places, at),
        discount=amount(raw, "discount", places, at),
        tax=amount(raw, "tax", places, at),
    )


def instant(value: object, *, zone: tzinfo = UTC) -> datetime:
    """An aware instant in UTC from ISO 8601 text or a datetime; naive ones are in `zone`."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        if at.tzinfo is None:
            at = at.replace(tzinfo=zone)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise FactError(
            f"occurred_at {value!r} is not a time",
            field="occurred_at",
            value=value,
            mend="Send ISO 8601, for example 2017-03-01T17:05:00Z.",
        ) from None


def quantity(value: object, *, at: str = "quantity") -> Decimal:
    """How many or how much, as a finite decimal."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise FactError(
            f"{value!r} is not a quantity", field=at, value=value, mend="Send a number."
        )
    return number


def amount(raw: Mapping[str, object], name: str, places: int, at: str = "") -> int:
    """The amount under `name` in minor units; absent is 0."""
    value = raw.get(name)
    if value is None:
        return 0
    try:
        return to_minor(value, places=places)
    except MoneyError as error:
        path = f"{at}.{name}" if at else name
        raise FactError(str(error.message), field=path, value=value, mend=error.mend) from None


def content(fact: Fact) -> bytes:
    """The canonical JSON of a fact without its member; defaults are left out."""
    body: dict[str, object] = {
        "v": SCHEMA_VERSION,
        "source": fact.source,
        "id": fact.id,
        "type": fact.type,
        "at": fact.occurred_at.isoformat(),
    }
    for name in ("store", "channel", "currency", "total", "tax", "delivery", "simulated"):
        value = getattr(fact, name)
        if value:
            body[name] = value
    if fact.returns is not None:
        body["returns"] = fact.returns._asdict()
    if fact.attributes:
        body["attributes"] = dict(fact.attributes)
    if fact.tenders:
        body["tenders"] = [tender._asdict() for tender in fact.tenders]
    if fact.coupons:
        body["coupons"] = [coupon._asdict() for coupon in fact.coupons]
    if fact.lines:
        body["lines"] = [_line_body(item) for item in fact.lines]
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def digest(body: bytes) -> bytes:
    """SHA-256 of a fact's content."""
    return hashlib.sha256(body).digest()


def restore(body: bytes | str, *, member: str | None) -> Fact:
    """The fact of a stored content, exactly as it was normalised; `member` is put back."""
    stored = orjson.loads(body)
    return Fact(
        source=stored["source"],
        id=stored["id"],
        type=stored["type"],
        occurred_at=datetime.fromisoformat(stored["at"]),
        member=member,
        store=stored.get("store", ""),
        channel=stored.get("channel", ""),
        currency=stored.get("currency", ""),
        total=stored.get("total", 0),
        tax=stored.get("tax", 0),
        delivery=stored.get("delivery", 0),
        tenders=tuple(Tender(**item) for item in stored.get("tenders", ())),
        coupons=tuple(Coupon(**item) for item in stored.get("coupons", ())),
        lines=tuple(
            Line(
                **{
                    **item,
                    "quantity": Decimal(item.get("quantity", 1)),
                    "labels": tuple(item.get("labels", ())),
                }
            )
            for item in stored.get("lines", ())
        ),
        returns=Returned(**stored["returns"]) if "returns" in stored else None,
        attributes=stored.get("attributes", {}),
        simulated=stored.get("simulated", False),
    )


def _line_body(item: Line) -> dict[str, object]:
    sku, category, department, brand, labels, count, listed, cost, discount, tax = item
    body: dict[str, object] = {"amount": cost}
    if sku:
        body["sku"] = sku
    if category:
        body["category"] = category
    if department:
        body["department"] = department
    if brand:
        body["brand"] = brand
    if labels:
        body["labels"] = labels
    if count != 1:
        body["quantity"] = format(count.normalize(), "f")
    if listed is not None:
        body["list_price"] = listed
    if discount:
        body["discount"] = discount
    if tax:
        body["tax"] = tax
    return body


def _text(raw: Mapping[str, object], name: str, *, required: bool = False) -> str:
    value = raw.get(name)
    text = "" if value is None else str(value).strip()
    if required and not text:
        raise FactError(f"{name} is missing", field=name, value=value, mend=f"Send {name}.")
    if "\x00" in text:
        raise FactError(
            f"{name} holds a NUL character", field=name, value=text, mend="Send plain text."
        )
    if len(text) > 255:
        raise FactError(
            f"{name} is longer than 255 characters",
            field=name,
            value=text[:40] + "...",
            mend="Shorten it.",
        )
    return text


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise FactError(
        "simulated is not true or false", field="simulated", value=value, mend="Send true or false."
    )


def _sequence(raw: Mapping[str, object], name: str) -> Sequence[Mapping[str, object]]:
    value = raw.get(name) or ()
    if isinstance(value, Sequence) and all(isinstance(item, Mapping) for item in value):
        return value
    raise FactError(
        f"{name} is not a list of objects", field=name, value=value, mend="Send a JSON list."
    )


def _tender(raw: Mapping[str, object], places: int, at: str) -> Tender:
    kind = _text(raw, "kind", required=True)
    if kind not in TENDERS:
        raise FactError(
            f"tender kind {kind!r} is not known",
            field=f"{at}.kind",
            value=kind,
            mend=f"Use one of: {', '.join(TENDERS)}.",
        )
    return Tender(kind, amount(raw, "amount", places, at))


def _returned(value: object) -> Returned | None:
    if value is None:
        return None
    if isinstance(value, Mapping) and value.keys() == {"source", "id"}:
        return Returned(str(value["source"]), str(value["id"]))
    raise FactError(
        "returns does not name a fact",
        field="returns",
        value=value,
        mend='Send {"source": ..., "id": ...} of the purchase.',
    )


def _attributes(value: object) -> Mapping[str, object]:
    if value is None:
        return NO_ATTRIBUTES
    if isinstance(value, Mapping):
        return value
    raise FactError(
        "attributes is not an object", field="attributes", value=value, mend="Send a JSON object."
    )
