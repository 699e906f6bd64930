"""A fact as the document that a door takes: amounts in major units. Nothing here raises."""

from __future__ import annotations

from pointbook.engine.values.baskets import Line
from pointbook.engine.values.facts import Fact, Returned
from pointbook.interfaces.api.text import instant, money

Document = dict[str, object]


def document_of(fact: Fact, *, currency: str) -> Document:
    """What would be posted to post this fact; what is empty is left out."""

    def text(minor: int) -> str:
        return money(minor, currency=currency)

    told: Document = {
        "member": fact.member,
        "store": fact.store,
        "channel": fact.channel,
        "tax": fact.tax and text(fact.tax),
        "delivery": fact.delivery and text(fact.delivery),
        "tenders": [{"kind": one.kind, "amount": text(one.amount)} for one in fact.tenders],
        "coupons": [{"code": one.code, "amount": text(one.amount)} for one in fact.coupons],
        "lines": [_line(one, currency) for one in fact.lines],
        "returns": _key(fact.returns),
        "about": _key(fact.about),
        "attributes": dict(fact.attributes),
        "simulated": fact.simulated,
    }
    own: Document = {
        "source": fact.source,
        "id": fact.id,
        "type": fact.type,
        "occurred_at": instant(fact.occurred_at),
        "currency": fact.currency,
        "total": text(fact.total),
    }
    return as_kept({**own, **{name: value for name, value in told.items() if value}})


def as_kept(document: Document) -> Document:
    """The document with its keys in the order in which the database keeps those of an answer.

    So an answer that is told again reads as it did the first time.
    """
    return {
        name: _as_kept(document[name])
        for name in sorted(document, key=lambda name: (len(name.encode()), name.encode()))
    }


def _as_kept(value: object) -> object:
    if isinstance(value, dict):
        return as_kept(value)
    return [_as_kept(one) for one in value] if isinstance(value, list) else value


def _line(line: Line, currency: str) -> Document:
    price = line.list_price
    told: Document = {
        "sku": line.sku,
        "category": line.category,
        "department": line.department,
        "brand": line.brand,
        "reward": line.reward,
        "labels": list(line.labels),
        "list_price": None if price is None else money(price, currency=currency),
        "discount": line.discount and money(line.discount, currency=currency),
        "tax": line.tax and money(line.tax, currency=currency),
    }
    amounts = {
        "quantity": format(line.quantity, "f"),
        "amount": money(line.amount, currency=currency),
    }
    return {**{name: value for name, value in told.items() if value}, **amounts}


def _key(key: Returned | None) -> Document | None:
    return None if key is None else {"source": key.source, "id": key.id}
