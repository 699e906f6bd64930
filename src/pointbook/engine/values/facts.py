"""A fact: something that happened, in one shape for every source.

`normalise` turns a document of a door (amounts as decimals in major units) into a Fact (amounts in
minor units) or raises FactError naming the field, the value and the mend. `content` is the
canonical text whose SHA-256 tells the same fact from another one under the same key. It leaves out
who the member is: an immutable row must not hold what can identify a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

import orjson

from pointbook.engine.values.baskets import (
    COUPON_FIELDS,
    LINE_FIELDS,
    TENDER_FIELDS,
    TENDERS,
    Coupon,
    Line,
    Tender,
    coupon,
    line,
    line_body,
    line_from,
    tender,
)
from pointbook.engine.values.documents import (
    DIGITS,
    LONGEST,
    FactError,
    amount,
    known,
    objects,
    quantity,
    text_of,
)
from pointbook.engine.values.money import exponent

# Whoever deals in facts finds all about them here.
__all__ = [
    "COUPON_FIELDS",
    "DIGITS",
    "FIELDS",
    "FIRST",
    "HELD_BY_MEMBERS",
    "LAST",
    "LINE_FIELDS",
    "LONGEST",
    "NO_ATTRIBUTES",
    "SALES",
    "SCHEMA_VERSION",
    "TENDERS",
    "TENDER_FIELDS",
    "Coupon",
    "Fact",
    "FactError",
    "Line",
    "Returned",
    "Tender",
    "amount",
    "content",
    "digest",
    "instant",
    "line",
    "normalise",
    "quantity",
    "restore",
]

SCHEMA_VERSION = 1
SALES = frozenset({"purchase", "return"})
# What members pay with that was paid for, or earned, before: it earns nothing again.
HELD_BY_MEMBERS = frozenset({"points", "stored_value"})
# Times outside are slips of the keyboard, and their expiry would leave the calendar.
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
NO_ATTRIBUTES: Mapping[str, object] = {}


class Returned(NamedTuple):
    """The fact that a return takes back, or that another is about, by its key."""

    source: str
    id: str


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened, to whom, where and when; money in minor units of `currency`.

    `total` is what the basket came to after discounts and coupons, with `tax` and `delivery`
    inside. `member` is a reference (any identifier) or None for a basket that nobody claimed yet.
    A return names what it `returns`; other types name the fact they are `about`.
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
    about: Returned | None = None

    @property
    def spend(self) -> int:
        """The total without tax, delivery and what stored value and points paid; never negative."""
        if not (self.tax or self.delivery or self.tenders):
            total = self.total
            return total if total > 0 else 0  # noqa: FURB136 -- asked of every fact, several times
        held = sum(tender.amount for tender in self.tenders if tender.kind in HELD_BY_MEMBERS)
        return max(0, self.total - self.tax - self.delivery - held)

    @property
    def refers(self) -> Returned | None:
        """The key of the fact that this one returns or is about."""
        return self.returns or self.about

    @property
    def order(self) -> tuple[datetime, str]:
        """The order in which a what-if and an import fold facts."""
        return self.occurred_at, self.id


FIELDS = frozenset(
    "source id type occurred_at member store channel currency total tax delivery tenders coupons"
    " lines returns about attributes simulated".split()
)


def normalise(raw: Mapping[str, object], *, currency: str, zone: tzinfo = UTC) -> Fact:
    """Read a fact from a document; naive times are taken in `zone`.

    :raises FactError: naming the first field that cannot be read, its value and the mend.
    """
    known(raw, FIELDS)
    kind = text_of(raw, "type", required=True)
    own = text_of(raw, "currency") or currency
    if own != currency:
        raise FactError(
            f"currency is {own!r}, the program's is {currency!r}",
            field="currency",
            value=own,
            mend=f"Send amounts in {currency}.",
        )
    shared = {
        "source": text_of(raw, "source", required=True),
        "id": text_of(raw, "id", required=True),
        "type": kind,
        "occurred_at": instant(raw.get("occurred_at"), zone=zone),
        "member": text_of(raw, "member") or None,
        "store": text_of(raw, "store"),
        "channel": text_of(raw, "channel"),
        "simulated": _flag(raw.get("simulated", False)),
        "returns": _key(raw.get("returns"), "returns"),
        "about": _key(raw.get("about"), "about"),
        "attributes": _attributes(raw.get("attributes")),
    }
    if kind == "return" and shared["returns"] is None:
        raise FactError(
            "a return does not say what it returns",
            field="returns",
            mend='Send "returns": {"source": ..., "id": ...} of the purchase.',
        )
    sale = _amounts(raw, kind, exponent(own))
    if kind not in SALES and not any(sale.values()):
        return Fact(**shared)  # type: ignore[arg-type]
    return Fact(**shared, currency=own, **sale)  # type: ignore[arg-type]


def _amounts(raw: Mapping[str, object], kind: str, places: int) -> dict[str, object]:
    lines = tuple(
        line(item, places=places, at=f"lines[{n}]") for n, item in enumerate(objects(raw, "lines"))
    )
    coupons = tuple(
        coupon(item, places=places, at=f"coupons[{n}]")
        for n, item in enumerate(objects(raw, "coupons"))
    )
    tenders = tuple(
        tender(item, places=places, at=f"tenders[{n}]")
        for n, item in enumerate(objects(raw, "tenders"))
    )
    total = amount(raw, "total", places)
    tax = amount(raw, "tax", places)
    delivery = amount(raw, "delivery", places)
    if raw.get("total") is None:
        if kind in SALES and not lines:
            raise FactError(
                "a sale needs a total or lines", field="total", mend="Send total in major units."
            )
        bought = sum(item.amount for item in lines) - sum(item.amount for item in coupons)
        total = bought + tax + delivery
    if abs(total) >= 10**DIGITS:
        raise FactError(
            "the lines add up to more than an amount can hold",
            field="lines",
            value=total,
            mend="Send amounts in major units.",
        )
    if kind == "return":
        _not_negative(raw, total, lines)
    return {
        "total": total,
        "tax": tax,
        "delivery": delivery,
        "tenders": tenders,
        "coupons": coupons,
        "lines": lines,
    }


def _not_negative(raw: Mapping[str, object], total: int, lines: tuple[Line, ...]) -> None:
    """Refuse a return of less than nothing: it would quietly take nothing back."""
    for n, (item, sent) in enumerate(zip(lines, objects(raw, "lines"), strict=True)):
        if item.amount < 0:
            raise _negative(f"lines[{n}].amount", sent["amount"])
    if total < 0:
        raise _negative("total", raw.get("total"))


def _negative(name: str, value: object) -> FactError:
    return FactError(
        f"{name} of a return is negative",
        field=name,
        value=value,
        mend="Send what was returned as a positive amount.",
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
    for name in ("returns", "about"):
        key = getattr(fact, name)
        if key is not None:
            body[name] = key._asdict()
    if fact.attributes:
        body["attributes"] = dict(fact.attributes)
    if fact.tenders:
        body["tenders"] = [item._asdict() for item in fact.tenders]
    if fact.coupons:
        body["coupons"] = [item._asdict() for item in fact.coupons]
    if fact.lines:
        body["lines"] = [line_body(item) for item in fact.lines]
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
        lines=tuple(line_from(item) for item in stored.get("lines", ())),
        returns=Returned(**stored["returns"]) if "returns" in stored else None,
        about=Returned(**stored["about"]) if "about" in stored else None,
        attributes=stored.get("attributes", {}),
        simulated=stored.get("simulated", False),
    )


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise FactError(
        "simulated is not true or false", field="simulated", value=value, mend="Send true or false."
    )


def _key(value: object, name: str) -> Returned | None:
    if value is None:
        return None
    if isinstance(value, Mapping) and value.keys() == {"source", "id"}:
        source = text_of(value, "source", name, required=True)
        return Returned(source, text_of(value, "id", name, required=True))
    what = "purchase" if name == "returns" else "fact"
    raise FactError(
        f"{name} does not name a fact",
        field=name,
        value=value,
        mend=f'Send {{"source": ..., "id": ...}} of the {what}.',
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
