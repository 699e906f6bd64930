"""What a condition may ask of a fact, a line or a member: each field's kind, and what fits it.

One table for the reader (which operators and constants fit), the compiler and the prose. Nothing
here raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pointbook.engine.rules.predicates import Operator

Kind = Literal[
    "text",
    "texts",
    "money",
    "number",
    "count",
    "measure",
    "hour",
    "month",
    "weekday",
    "flag",
    "free",
]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ORDERED: tuple[Operator, ...] = ("at_least", "at_most", "above", "below", "between")
OPERATORS: Mapping[Kind, tuple[Operator, ...]] = {
    "text": ("is", "in"),
    "texts": ("has",),
    "money": ("is", "in", *ORDERED),
    "number": ("is", "in", *ORDERED),
    "count": ("is", "in", *ORDERED),
    "measure": ("is", "in", *ORDERED),
    "hour": ("is", "in", *ORDERED),
    "month": ("is", "in", *ORDERED),
    "weekday": ("is", "in"),
    "flag": ("is",),
    "free": ("is", "in", "has", *ORDERED),
}
ATTRIBUTES = "attributes."
MEMBER = "member."
TIER, SEGMENTS, DAYS = (f"{MEMBER}{name}" for name in ("tier", "segments", "days"))
TIERS = "member.tiers."
PROFILE = "member.profile."
COUNT = "count."
MEASURES = "measures."


@dataclass(frozen=True, slots=True)
class Field:
    """One field: the kind of its values, and its words in a sentence.

    A count is a whole number. A measure is in its own smallest parts: minor units of spend, parts
    of the unit of points earned, or a whole number of visits or facts.
    """

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


MEMBER_FIELDS: Mapping[str, Field] = {
    TIER: Field("text", "the tier"),
    SEGMENTS: Field("texts", "the segments"),
    DAYS: Field("count", "the number of days since joining"),
}
# Fields that a name completes, by what stands before it: what stands for the name in a document's
# description, the kind, and the words, in which {} is the name.
NAMED_FIELDS: Mapping[str, tuple[str, Field]] = {
    ATTRIBUTES: ("NAME", Field("free", "{}")),
    TIERS: ("LADDER", Field("text", "the tier of {}")),
    PROFILE: ("NAME", Field("free", "{} in the profile")),
    COUNT: ("TYPE", Field("count", "the number of facts of type {} so far")),
    MEASURES: ("NAME", Field("measure", "the measure {}")),
}


def field_of(name: str, *, line: bool) -> Field:
    """The field called `name`, of a line, or of a fact and its member."""
    if line:
        return LINE_FIELDS[name]
    for start, (_, field) in NAMED_FIELDS.items():
        if name.startswith(start):
            return Field(field.kind, field.words.format(name.removeprefix(start)))
    return FACT_FIELDS.get(name) or MEMBER_FIELDS[name]
