"""A booking as a calendar file (RFC 5545), which every calendar can take in.

Raises InviteError: times without a time zone, or an end that is not after the start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from pointbook.engine.values.errors import PointbookError

# A line has at most 75 octets without its break; what goes on begins with a space (RFC 5545, 3.1).
OCTETS: Final = 75
BREAK: Final = "\r\n"
PRODUCT: Final = "-//Pointbook//Bookings//EN"
# What TEXT must not hold (3.1: CONTROL); tabs and breaks of lines are dealt with before.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class InviteError(PointbookError):
    """No event can be made of these times."""

    status = 422


def event(
    *, uid: str, starts_at: datetime, ends_at: datetime, summary: str, place: str, stamp: datetime
) -> str:
    """The text of an .ics file with one event (RFC 5545, 3.6.1); aware times, told in UTC.

    `uid` is the booking's, the same each time it is sent; `stamp` is when this was made. A place
    that is "" is left out.

    :raises InviteError: a time without a zone, or an end that is not after the start.
    """
    for name, at in (("starts_at", starts_at), ("ends_at", ends_at), ("stamp", stamp)):
        if at.tzinfo is None:
            raise InviteError(
                f"{name} has no time zone", field=name, value=at, mend="Give aware times."
            )
    if ends_at <= starts_at:
        raise InviteError(
            "the booking ends before it has begun",
            field="ends_at",
            value=ends_at,
            mend="Give an end after the start.",
        )
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "BEGIN:VEVENT",
        f"UID:{_text(uid)}",
        f"DTSTAMP:{_instant(stamp)}",
        f"DTSTART:{_instant(starts_at)}",
        f"DTEND:{_instant(ends_at)}",
        f"SUMMARY:{_text(summary)}",
        *([f"LOCATION:{_text(place)}"] if place else []),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{part}{BREAK}" for line in lines for part in _folded(line))


def _instant(at: datetime) -> str:
    """Form 2 of a DATE-TIME (3.3.5): with UTC."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """A TEXT (3.3.11): backslashes, semicolons, commas and breaks of lines are escaped."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\n")):
        value = value.replace(plain, escaped)
    return _CONTROL.sub("", value.replace("\r", "\n")).replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """A line in parts of at most 75 octets; no character is cut in two."""
    part, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > OCTETS:
            yield part
            part, octets = " ", 1
        part += character
        octets += size
    yield part
