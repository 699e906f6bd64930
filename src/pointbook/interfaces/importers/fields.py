"""What a column of a file can mean, and which column means what.

A row of a CSV or Parquet file (or of flat NDJSON) names fields of a fact and of one of its lines.
A column is read as the field of the same name unless `--map field=column` says otherwise;
`--set field=value` gives every row the same value. Raises FileError.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import TENDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

# Fields of the fact: every row of a fact says the same.
TEXTS = ("type", "member", "store", "channel", "currency")
AMOUNTS = ("total", "tax", "delivery", *(f"tender.{kind}" for kind in TENDERS))
RETURNS = ("returns.source", "returns.id")
# Fields of a line: every row says its own. `coupon` is summed over the rows of a fact.
LINE_TEXTS = ("sku", "category", "department", "brand", "reward")
LINE_AMOUNTS = ("list_price", "amount", "discount", "line_tax")
LINES = (*LINE_TEXTS, "labels", "quantity", *LINE_AMOUNTS)
ATTRIBUTE = "attributes."
FIELDS = ("id", "source", "occurred_at", *TEXTS, *AMOUNTS, *RETURNS, "coupon", *LINES)
REQUIRED = ("id", "source", "type", "occurred_at")


class FileError(PointbookError):
    """A file cannot be read as asked."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to read and how: `mapping` is field -> column, `constants` field -> value."""

    path: Path
    mapping: Mapping[str, str]
    constants: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column each field is read from, the constant fields, and the columns left unread."""

    columns: Mapping[str, str]
    constants: Mapping[str, str]
    ignored: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field a row has, in the order of FIELDS; attributes last."""
        known = {**self.columns, **self.constants}
        named = tuple(field for field in FIELDS if field in known)
        return named + tuple(sorted(field for field in known if field.startswith(ATTRIBUTE)))


def pairs(given: Iterable[str], *, option: str, fields: Sequence[str] = FIELDS) -> dict[str, str]:
    """The values of a repeated option `field=text`.

    :raises FileError: a value without "=", a field twice, or a field that does not exist.
    """
    found: dict[str, str] = {}
    for text in given:
        field, sign, value = text.partition("=")
        field = field.strip()
        if not sign or not field or not value:
            raise FileError(
                f"{option} {text!r} is not field=value.", mend=f"Write {option} member=customer_id."
            )
        if field in found:
            raise FileError(f"{option} names {field!r} twice.", mend="Name each field once.")
        if field not in fields and not (fields is FIELDS and is_attribute(field)):
            free = ", attributes.NAME" if fields is FIELDS else ""
            raise FileError(
                f"{option} names {field!r}, which is no field here.",
                mend=f"Use one of: {', '.join(fields)}{free}.",
            )
        found[field] = value
    return found


def layout(
    request: Request,
    columns: Sequence[str],
    *,
    fields: Sequence[str] = FIELDS,
    required: Sequence[str] = REQUIRED,
) -> Layout:
    """Decide which column is read as which field.

    :raises FileError: a mapped column that is not there, or a required field from nowhere.
    """
    for field, column in request.mapping.items():
        if column not in columns:
            raise FileError(
                f"{request.path.name} has no column {column!r} for {field}.",
                mend=f"Its columns are: {', '.join(columns)}.",
            )
        if field in request.constants:
            raise FileError(f"{field} is both mapped and set.", mend="Use --map or --set for it.")
    chosen = {
        name: name
        for name in columns
        if name in fields or (fields is FIELDS and is_attribute(name))
        if name not in request.constants
    }
    chosen.update(request.mapping)
    for field in required:
        if field not in chosen and field not in request.constants:
            raise FileError(
                f"{request.path.name} has no column for {field}.",
                mend=f"Add --map {field}=COLUMN (its columns are: {', '.join(columns)})"
                f" or --set {field}=VALUE.",
            )
    used = set(chosen.values())
    return Layout(chosen, dict(request.constants), tuple(c for c in columns if c not in used))


def is_attribute(field: str) -> bool:
    """Whether a field is a free attribute: attributes.NAME."""
    return field.startswith(ATTRIBUTE) and len(field) > len(ATTRIBUTE)
