"""What a condition may ask of a fact or of a line: each field's kind, and what fits each kind.

One table for the reader (which operators and constants fit), the compiler and the prose. Nothing
here raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pointbook.engine.rules.blueprint import Operator

Kind = Literal["text", "texts", "money", "number", "hour", "month", "weekday", "flag", "free"]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ORDERED: tuple[Operator, ...] = ("at_least", "at_most", "above", "below", "between")
OPERATORS: Mapping[Kind, tuple[Operator, ...]] = {
    "text": ("is", "in"),
    "texts": ("has",),
    "money": ("is", "in", *ORDERED),
    "number": ("is", "in", *ORDERED),
    "hour": ("is", "in", *ORDERED),
    "month": ("is", "in", *ORDERED),
    "weekday": ("is", "in"),
    "flag": ("is",),
    "free": ("is", "in", "has", *ORDERED),
}
ATTRIBUTES = "attributes."


@dataclass(frozen=True, slots=True)
class Field:
    """One field: the kind of its values, and its words in a sentence."""

    kind: Kind
    words: str


FACT_FIELDS: Mapping[str, Field] = {
    "type": Field("text", "the type"),
    "source": Field("text", "the source"),
    "store": Field("text", "the store"),
    "channel": Field("text", "the channel"),
    "currency": Field("text", "the currency"),
    "total": Field("money", "the total"),
    "tax": Field("money", "the tax"),
    "delivery": Field("money", "the delivery charge"),
    "spend": Field("money", "the spend"),
    "weekday": Field("weekday", "the day"),
    "hour": Field("hour", "the hour"),
    "month": Field("month", "the month"),
    "simulated": Field("flag", "simulated"),
}
LINE_FIELDS: Mapping[str, Field] = {
    "sku": Field("text", "the item"),
    "category": Field("text", "the category"),
    "department": Field("text", "the department"),
    "brand": Field("text", "the brand"),
    "labels": Field("texts", "the labels"),
    "quantity": Field("number", "the quantity"),
    "list_price": Field("money", "the list price"),
    "amount": Field("money", "the amount"),
    "discount": Field("money", "the discount"),
    "tax": Field("money", "the tax"),
}


def field_of(name: str, *, line: bool) -> Field:
    """The field called `name`, of a line or of a fact; attributes are of any kind."""
    if line:
        return LINE_FIELDS[name]
    if name.startswith(ATTRIBUTES):
        return Field("free", name.removeprefix(ATTRIBUTES))
    return FACT_FIELDS[name]
