"""A person who joins is read from what a door was told, or refused with the field and the mend."""

from datetime import UTC, date, datetime

import pytest

from pointbook.engine.values.people import Person, PersonError, read_person


def test_a_person_is_read_and_tidied():
    told = {
        "member": 17,
        "email": " Ann.Lee@Example.ORG ",
        "phone": "+49 (0)30 / 123-45.67",
        "card": "0012",
        "name": "Ann Lee",
        "birthday": "1980-02-29",
        "consent": "Yes",
    }
    assert read_person(told) == Person(
        member="17",
        email="ann.lee@example.org",
        phone="+490301234567",
        card="0012",
        name="Ann Lee",
        birthday=date(1980, 2, 29),
        consent=True,
    )


@pytest.mark.parametrize("known_by", ["member", "phone", "card"])
def test_one_identifier_is_enough(known_by):
    person = read_person({known_by: "12345", "email": None, "birthday": "", "consent": ""})
    assert getattr(person, known_by) == "12345"
    assert (person.name, person.birthday, person.consent) == ("", None, None)


@pytest.mark.parametrize(
    ("told", "read"),
    [(True, True), (False, False), ("no", False), ("1", True), (0, False), (None, None)],
)
def test_consent_is_given_refused_or_never_asked(told, read):
    assert read_person({"card": "1", "consent": told}).consent is read


@pytest.mark.parametrize(
    "told",
    [
        date(1980, 1, 31),
        datetime(1980, 1, 31, 12, 0, tzinfo=UTC),
        "1980-01-31",
        "1980-01-31T00:00:00",
        "1980-01-31 00:00:00",
    ],
)
def test_a_birthday_is_a_day(told):
    birthday = read_person({"card": "1", "birthday": told}).birthday
    assert type(birthday) is date
    assert birthday == date(1980, 1, 31)


WRONG = {
    "an unknown field": {"card": "1", "mail": "a@b.co"},
    "nobody": {"name": "Ann"},
    "a long name": {"card": "1", "name": "n" * 201},
    "a NUL": {"card": "1\x00"},
    "half a character": {"name": "\ud83d", "card": "1"},
    "an address without a host": {"email": "ann@"},
    "an address without a dot": {"email": "ann@localhost"},
    "a short phone": {"phone": "12-34"},
    "a phone of words": {"phone": "call me"},
    "no birthday": {"card": "1", "birthday": "31.01.1980"},
    "a birthday with a tail": {"card": "1", "birthday": "1980-01-3199"},
    "neither yes nor no": {"card": "1", "consent": "maybe"},
    "the first of many": {"email": "x", "phone": "y", "birthday": "z"},
}


def test_what_cannot_be_read_names_the_field_the_value_and_the_mend(golden):
    told = []
    for name, raw in WRONG.items():
        with pytest.raises(PersonError) as caught:
            read_person(raw)
        error = caught.value
        told.append(f"# {name}\n{error.field}: {error.value!r}\n{error}\n")
        assert error.status == 422
    golden("people_refused.txt", "\n".join(told))
