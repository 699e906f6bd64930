"""A booking as a calendar file, by the rules of RFC 5545."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.values.invites import InviteError, event

STARTS_AT = datetime(2026, 1, 10, 18, tzinfo=ZoneInfo("Europe/Berlin"))
BOOKING: dict[str, Any] = {
    "uid": "8f1c@pointbook",
    "starts_at": STARTS_AT,
    "ends_at": STARTS_AT + timedelta(hours=2),
    "summary": "Coffee, tea; and \\ more\nBring a cup",
    "place": "Studio",
    "stamp": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
}
NAIVE = STARTS_AT.replace(tzinfo=None)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


def unfolded(text):
    return text.replace("\r\n ", "").split("\r\n")


def read(value):
    """A TEXT as a calendar reads it (3.3.11)."""
    found, escaped = "", False
    for character in value:
        if escaped:
            found += "\n" if character in "nN" else character
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            assert character not in ",;"
            found += character
    assert not escaped
    return found


def test_an_event_as_it_is_sent():
    assert event(**BOOKING).split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Pointbook//Bookings//EN",
        "BEGIN:VEVENT",
        "UID:8f1c@pointbook",
        "DTSTAMP:20260102T030405Z",
        "DTSTART:20260110T170000Z",
        "DTEND:20260110T190000Z",
        "SUMMARY:Coffee\\, tea\\; and \\\\ more\\nBring a cup",
        "LOCATION:Studio",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_no_place_is_no_line():
    assert "LOCATION" not in event(**BOOKING | {"place": ""})


def test_control_characters_are_left_out_and_breaks_become_one():
    lines = unfolded(event(**BOOKING | {"summary": "a\x00b\x7fc\td\r\ne\rf"}))
    assert "SUMMARY:abc\td\\ne\\nf" in lines


def test_lines_are_folded_between_characters():
    """75 octets stay one line, the 76th goes to the next; a character of several is not cut."""
    fits = "x" * (75 - len("SUMMARY:"))
    assert f"\r\nSUMMARY:{fits}\r\n" in event(**BOOKING | {"summary": fits})
    assert f"\r\nSUMMARY:{fits}\r\n y\r\n" in event(**BOOKING | {"summary": f"{fits}y"})
    assert f"\r\nSUMMARY:{fits[1:]}\r\n \u00fc\r\n" in event(
        **BOOKING | {"summary": f"{fits[1:]}\u00fc"}
    )


@settings(max_examples=100)
@given(TEXTS, TEXTS)
def test_any_text_is_read_back_as_it_was(summary, place):
    text = event(**BOOKING | {"summary": summary, "place": f"x{place}"})
    assert text.endswith("\r\n")
    lines = text.removesuffix("\r\n").split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert not any("\n" in line or "\r" in line for line in lines)
    found = dict(line.split(":", 1) for line in unfolded(text) if line)
    plain = summary.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(one for one in plain if one in "\t\n" or not (one < " " or one == "\x7f"))
    assert read(found["SUMMARY"]) == kept


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"starts_at": NAIVE}, "starts_at has no time zone. Give aware times."),
        ({"stamp": NAIVE}, "stamp has no time zone. Give aware times."),
        ({"ends_at": STARTS_AT}, "the booking ends before it has begun. Give an end after the"),
    ],
)
def test_times_that_make_no_event(changed, told):
    with pytest.raises(InviteError) as found:
        event(**BOOKING | changed)
    assert str(found.value).startswith(told)
    assert found.value.field == next(iter(changed))
