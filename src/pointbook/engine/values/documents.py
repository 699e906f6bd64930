"""What stands under the fields of a document: texts, amounts, quantities, lists of objects.

Every reader raises FactError naming the field by its path, the value and the mend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.money import MoneyError, to_minor

# An amount, a sum or a quantity with more digits is a mistake, and does not fit 64 bits.
DIGITS = 18
LONGEST = 255


class FactError(PointbookError):
    """A field of a fact cannot be read."""

    status = 422


def known(raw: Mapping[str, object], fields: frozenset[str], at: str = "") -> None:
    """Refuse a field that is not one of `fields`; `at` is the path of the object."""
    unknown = raw.keys() - fields
    if unknown:
        name = min(unknown)
        path = path_of(at, name)
        raise FactError(
            f"unknown field {path!r}",
            field=path,
            value=raw[name],
            mend=f"Use one of: {', '.join(sorted(fields))}.",
        )


def path_of(at: str, name: str) -> str:
    """The path of a field: lines[0].amount."""
    return f"{at}.{name}" if at else name


def text_of(raw: Mapping[str, object], name: str, at: str = "", *, required: bool = False) -> str:
    """The text under `name` without white space around it; absent is empty."""
    value = raw.get(name)
    text = "" if value is None else str(value).strip()
    if text:
        return plain(text, path_of(at, name))
    if required:
        path = path_of(at, name)
        raise FactError(f"{path} is missing", field=path, value=value, mend=f"Send {path}.")
    return text


def plain(text: str, path: str) -> str:
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


def objects(raw: Mapping[str, object], name: str) -> Sequence[Mapping[str, object]]:
    """The list of objects under `name`; absent is empty."""
    value = raw.get(name) or ()
    if isinstance(value, Sequence) and all(isinstance(item, Mapping) for item in value):
        return value
    raise FactError(
        f"{name} is not a list of objects", field=name, value=value, mend="Send a JSON list."
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
            error.message, field=path_of(at, name), value=value, mend=error.mend
        ) from None
