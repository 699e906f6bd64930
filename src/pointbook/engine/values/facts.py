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
# Times outside are slips of the keyboard, and their expiry would leave the calendar.
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
# An amount, a sum or a quantity with more digits is a mistake, and does not fit 64 bits.
DIGITS = 18
LONGEST = 255
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
        """The total without tax, delivery and stored value; never negative."""
        if not (self.tax or self.delivery or self.tenders):
            return max(0, self.total)
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
COUPON_FIELDS = frozenset(Coupon._fields)
TENDER_FIELDS = frozenset(Tender._fields)


def normalise(raw: Mapping[str, object], *, currency: str, zone: tzinfo = UTC) -> Fact:
    """Read a fact from a document; naive times are taken in `zone`.

    :raises FactError: naming the first field that cannot be read, its value and the mend.
    """
    _known(raw, FIELDS)
    kind = _text(raw, "type", required=True)
    own = _text(raw, "currency") or currency
    if own != currency:
        raise FactError(
            f"currency is {own!r}, the program's is {currency!r}",
            field="currency",
            value=own,
            mend=f"Send amounts in {currency}.",
        )
    shared = {
        "source": _text(raw, "source", required=True),
        "id": _text(raw, "id", required=True),
        "type": kind,
        "occurred_at": instant(raw.get("occurred_at"), zone=zone),
        "member": _text(raw, "member") or None,
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
        _coupon(item, places, f"coupons[{n}]") for n, item in enumerate(_sequence(raw, "coupons"))
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
    if abs(total) >= 10**DIGITS:
        raise FactError(
            "the lines add up to more than an amount can hold",
            field="lines",
            value=total,
            mend="Send amounts in major units.",
        )
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
    _known(raw, LINE_FIELDS, at)
    labels = raw.get("labels") or ()
    if isinstance(labels, str) or not isinstance(labels, Sequence):
        raise FactError(
            "labels are not a list",
            field=_path(at, "labels"),
            value=labels,
            mend="Send a list of texts.",
        )
    listed = raw.get("list_price")
    return Line(
        sku=_text(raw, "sku", at),
        category=_text(raw, "category", at),
        department=_text(raw, "department", at),
        brand=_text(raw, "brand", at),
        labels=tuple(_plain(str(label), _path(at, "labels")) for label in labels),
        quantity=quantity(raw.get("quantity", 1), at=_path(at, "quantity")),
        list_price=None if listed is None else amount(raw, "list_price", places, at=at),
        amount=amount(raw, "amount", places, at=at),
        discount=amount(raw, "discount", places, at=at),
        tax=amount(raw, "tax", places, at=at),
    )


def instant(value: object, *, zone: tzinfo = UTC) -> datetime:
    """An aware instant in UTC from ISO 8601 text or a datetime; naive ones are in `zone`."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        if at.tzinfo is None:
            at = at.replace(tzinfo=zone)
        at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise FactError(
            f"occurred_at {value!r} is not a time",
            field="occurred_at",
            value=value,
            mend="Send ISO 8601, for example 2017-03-01T17:05:00Z.",
        ) from None
    if FIRST <= at < LAST:
        return at
    raise FactError(
        f"occurred_at {value!r} is not a time of our days",
        field="occurred_at",
        value=value,
        mend=f"Send a time from {FIRST.year} to {LAST.year - 1}.",
    )


def quantity(value: object, *, at: str = "quantity") -> Decimal:
    """How many or how much, as a decimal of at most 18 digits on either side of the point."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number:
        return Decimal(0)
    _, _, exponent_of_ten = number.as_tuple()
    if not isinstance(exponent_of_ten, int) or not (
        exponent_of_ten >= -DIGITS and number.adjusted() < DIGITS
    ):
        raise FactError(
            f"{value!r} is not a quantity", field=at, value=value, mend="Send a number."
        )
    return number


def amount(raw: Mapping[str, object], name: str, places: int, *, at: str = "") -> int:
    """The amount under `name` in minor units; absent is 0."""
    value = raw.get(name)
    if value is None:
        return 0
    try:
        return to_minor(value, places=places)
    except MoneyError as error:
        raise FactError(
            error.message, field=_path(at, name), value=value, mend=error.mend
        ) from None


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


def _path(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _known(raw: Mapping[str, object], fields: frozenset[str], at: str = "") -> None:
    unknown = raw.keys() - fields
    if unknown:
        name = min(unknown)
        path = _path(at, name)
        raise FactError(
            f"unknown field {path!r}",
            field=path,
            value=raw[name],
            mend=f"Use one of: {', '.join(sorted(fields))}.",
        )


def _text(raw: Mapping[str, object], name: str, at: str = "", *, required: bool = False) -> str:
    value = raw.get(name)
    text = "" if value is None else str(value).strip()
    if text:
        return _plain(text, _path(at, name))
    if required:
        path = _path(at, name)
        raise FactError(f"{path} is missing", field=path, value=value, mend=f"Send {path}.")
    return text


def _plain(text: str, path: str) -> str:
    """A text that every table and every reader can hold."""
    halves = not text.isascii() and any("\ud800" <= one <= "\udfff" for one in text)
    if halves or "\x00" in text:
        raise FactError(
            f"{path} holds characters that are no text",
            field=path,
            value=ascii(text[:40]),
            mend="Send plain text.",
        )
    if len(text) > LONGEST:
        raise FactError(
            f"{path} is longer than {LONGEST} characters",
            field=path,
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


def _coupon(raw: Mapping[str, object], places: int, at: str) -> Coupon:
    _known(raw, COUPON_FIELDS, at)
    return Coupon(_text(raw, "code", at), amount(raw, "amount", places, at=at))


def _tender(raw: Mapping[str, object], places: int, at: str) -> Tender:
    _known(raw, TENDER_FIELDS, at)
    kind = _text(raw, "kind", at, required=True)
    if kind not in TENDERS:
        raise FactError(
            f"tender kind {kind!r} is not known",
            field=f"{at}.kind",
            value=kind,
            mend=f"Use one of: {', '.join(TENDERS)}.",
        )
    return Tender(kind, amount(raw, "amount", places, at=at))


def _returned(value: object) -> Returned | None:
    if value is None:
        return None
    if isinstance(value, Mapping) and value.keys() == {"source", "id"}:
        source = _text(value, "source", "returns", required=True)
        return Returned(source, _text(value, "id", "returns", required=True))
    raise FactError(
        "returns does not name a fact",
        field="returns",
        value=value,
        mend='Send {"source": ..., "id": ...} of the purchase.',
    )


def _attributes(value: object) -> Mapping[str, object]:
    """The attributes as they will be stored, so that a rebuild sees what the rules saw."""
    if value is None:
        return NO_ATTRIBUTES
    try:
        body = orjson.dumps(dict(value)) if isinstance(value, Mapping) else b""
    except TypeError:  # orjson's own error is one: a key, a value or a number JSON cannot hold
        body = b""
    if not body or b"\\u0000" in body.replace(b"\\\\", b""):
        raise FactError(
            "attributes is not an object of JSON",
            field="attributes",
            value=value,
            mend="Send a JSON object of texts, numbers, true, false, lists and objects.",
        )
    return dict(orjson.loads(body))
