"""A person who joins: what they are known by and what they told us.

`read_person` reads a document of a door, `read_imported` what another system knows of a person;
`combine` makes one person of several rows. All raise PersonError naming the field, the value and
the mend.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
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

    `consent` is to messages, given at `consent_at` when that is told; None when they were not
    asked. `more` are further identifiers as (kind, value): a second card, another address.
    """

    member: str = ""
    email: str = ""
    phone: str = ""
    card: str = ""
    name: str = ""
    birthday: date | None = None
    consent: bool | None = None
    consent_at: datetime | None = None
    more: tuple[tuple[str, str], ...] = ()

    @property
    def identifiers(self) -> tuple[tuple[str, str], ...]:
        """Everything they are known by as (kind, value), the member number first."""
        own = ((kind, getattr(self, kind)) for kind in IDENTIFIERS)
        return (*(pair for pair in own if pair[1]), *self.more)


IDENTIFIERS: Final = ("member", "email", "phone", "card")
TEXTS: Final = (*IDENTIFIERS, "name")
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
    person = Person(
        member=text["member"],
        email=text["email"],
        phone=text["phone"],
        card=text["card"],
        name=text["name"],
        birthday=_birthday(raw),
        consent=_consent(raw),
    )
    if not (person.member or person.email or person.phone or person.card):
        raise PersonError(
            "nobody to enrol", field="email", mend="Send an email, a phone, a card or a member."
        )
    return person


def read_imported(raw: Mapping[str, object]) -> Person:
    """Read a person of another system: identifiers may be lists, and consent has its time.

    :raises PersonError: naming the first field that cannot be read.
    """
    body = {name: value for name, value in raw.items() if name != "consent_at"}
    more: list[tuple[str, str]] = []
    for kind in IDENTIFIERS:
        listed = raw.get(kind)
        if isinstance(listed, list | tuple):
            first, *others = [one for one in listed if one not in (None, "")] or [""]
            body[kind] = first
            more += [(kind, getattr(read_person({kind: one}), kind)) for one in others]
    return replace(read_person(body), consent_at=_instant(raw), more=tuple(more))


def combine(first: Person, second: Person) -> Person:
    """One person of what two rows say; further identifiers are added.

    :raises PersonError: when the second says something else than the first.
    """
    told: dict[str, object] = {}
    for name in ("name", "birthday", "consent", "consent_at"):
        before, now = getattr(first, name), getattr(second, name)
        if now in (None, "") or now == before:
            continue
        if before not in (None, ""):
            raise unlike(name, before, now)
        told[name] = now
    more = list(first.more)
    for kind, value in second.identifiers:
        if (kind, value) in first.identifiers:
            continue
        if getattr(first, kind) or kind in told:
            more.append((kind, value))
        else:
            told[kind] = value
    return replace(first, **told, more=tuple(more))  # type: ignore[arg-type]


def unlike(name: str, before: object, now: object) -> PersonError:
    """The error of a row that says something else of a person than one before it."""
    return PersonError(
        f"{name} {now} is not what a row of this person before says",
        field=name,
        value=str(now),
        mend=f"Write {before} in every row, or leave it empty but in the first.",
    )


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


def _instant(raw: Mapping[str, object]) -> datetime | None:
    value = raw.get("consent_at")
    if value is None or value == "":
        return None
    try:
        at = datetime.fromisoformat(str(value))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PersonError(
            f"{value!r} is not a time",
            field="consent_at",
            value=value,
            mend="Write ISO 8601, for example 2017-03-01T17:05:00Z.",
        ) from None
