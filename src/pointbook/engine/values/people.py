"""A person who joins: what they are known by and what they told us.

`read_person` reads a document of a door or raises PersonError naming the field, the value and the
mend.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from pointbook.engine.values.errors import PointbookError

EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
PHONE: Final = re.compile(r"\+?[0-9]{5,20}")
LONGEST: Final = 200
YES: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class PersonError(PointbookError):
    """A field of a person cannot be read."""

    status = 422


@dataclass(frozen=True, slots=True)
class Person:
    """`member` is the number or name another system knows them by; one identifier is enough.

    `consent` is to messages; None when they were not asked.
    """

    member: str = ""
    email: str = ""
    phone: str = ""
    card: str = ""
    name: str = ""
    birthday: date | None = None
    consent: bool | None = None


TEXTS: Final = ("member", "email", "phone", "card", "name")
FIELDS: Final = frozenset({*TEXTS, "birthday", "consent"})


def read_person(raw: Mapping[str, object]) -> Person:
    """Read a person; empty text is nothing.

    :raises PersonError: naming the first field that cannot be read.
    """
    unknown = raw.keys() - FIELDS
    if unknown:
        name = min(unknown)
        raise PersonError(
            f"unknown field {name!r}",
            field=name,
            value=raw[name],
            mend=f"Use one of: {', '.join(sorted(FIELDS))}.",
        )
    text = {name: _text(raw, name) for name in TEXTS}
    person = Person(**text, birthday=_birthday(raw), consent=_consent(raw))
    if not (person.member or person.email or person.phone or person.card):
        raise PersonError(
            "nobody to enrol", field="email", mend="Send an email, a phone, a card or a member."
        )
    return person


def _text(raw: Mapping[str, object], name: str) -> str:
    value = raw.get(name)
    text = "" if value is None else str(value).strip()
    halves = any("\ud800" <= one <= "\udfff" for one in text)
    if len(text) > LONGEST or "\x00" in text or halves:
        raise PersonError(
            f"{name} is too long or not text",
            field=name,
            value=ascii(text[:40]),
            mend="Shorten it.",
        )
    if text and name == "email":
        text = text.lower()
        if not EMAIL.fullmatch(text):
            raise PersonError(
                f"{text!r} is not an e-mail address",
                field=name,
                value=text,
                mend="Write it like name@example.org.",
            )
    if text and name == "phone":
        text = re.sub(r"[\s()./-]", "", text)
        if not PHONE.fullmatch(text):
            raise PersonError(
                f"{text!r} is not a phone number",
                field=name,
                value=text,
                mend="Write digits, with + and the country first.",
            )
    return text


def _birthday(raw: Mapping[str, object]) -> date | None:
    value = raw.get("birthday")
    if value is None or value == "":
        return None
    try:
        return datetime.fromisoformat(str(value)).date()
    except ValueError:
        raise PersonError(
            f"{value!r} is not a date", field="birthday", value=value, mend="Write YYYY-MM-DD."
        ) from None


def _consent(raw: Mapping[str, object]) -> bool | None:
    value = raw.get("consent")
    if value is None or value == "":
        return None
    known = YES.get(str(value).strip().lower())
    if known is None:
        raise PersonError(
            f"{value!r} is neither yes nor no",
            field="consent",
            value=value,
            mend="Write true or false.",
        )
    return known
