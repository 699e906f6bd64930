"""What a person brings is read from a row or a document, or refused with the field and the mend."""

from datetime import date
from decimal import Decimal

import pytest

from pointbook.engine.values.openings import (
    BroughtLot,
    BroughtTier,
    Opening,
    join,
    read_opening,
)
from pointbook.engine.values.people import Person, PersonError, combine, read_imported


def refused(read, *told):
    with pytest.raises(PersonError) as error:
        read(*told)
    return error.value.field, error.value.mend


def test_a_document_is_read_whole():
    opening = read_opening(
        {
            "joined_on": "2019-05-01",
            "tier": "Gold",
            "tier_since": "2026-01-02 00:00:00",
            "tiers": [{"ladder": "flights", "tier": "Sky", "until": "2026-12-31"}],
            "lots": [
                {"unit": "miles", "points": Decimal("12.50"), "earned_on": date(2026, 1, 3)},
                {"points": 0},
                {"points": 7.0, "expires_on": "Never", "usable_from": "waiting"},
            ],
            "measures": {"spend": "340.00", "visits": 3, "none": ""},
            "owed": {"points": "20", "miles": 0},
        }
    )
    assert opening.brings
    assert opening.attributes == {
        "joined_on": "2019-05-01",
        "tiers": [
            {"tier": "Gold", "since": "2026-01-02"},
            {"ladder": "flights", "tier": "Sky", "until": "2026-12-31"},
        ],
        "lots": [
            {"unit": "miles", "points": "12.5", "earned_on": "2026-01-03"},
            {"points": "7", "expires_on": "never", "usable_from": "waiting"},
        ],
        "measures": {"spend": "340", "visits": "3"},
        "owed": {"points": "20"},
    }


def test_a_row_is_one_lot_and_one_tier():
    row = {
        "unit": "points",
        "points": "1200",
        "earned_on": "2026-01-01",
        "expires_on": "2026-12-31",
        "usable_from": "2026-02-01",
        "ladder": "status",
        "tier": "Gold",
        "tier_since": "2026-01-02T12:00:00",
        "tier_until": "2026-12-31",
    }
    opening = read_opening(row)
    assert opening == Opening(
        tiers=(BroughtTier("status", "Gold", "2026-01-02", "2026-12-31"),),
        lots=(BroughtLot("points", "1200", "2026-01-01", "2026-12-31", "2026-02-01"),),
    )
    assert opening.attributes == {
        "ladder": "status",
        "tier": "Gold",
        "since": "2026-01-02",
        "until": "2026-12-31",
        "lots": [
            {
                "unit": "points",
                "points": "1200",
                "earned_on": "2026-01-01",
                "expires_on": "2026-12-31",
                "usable_from": "2026-02-01",
            }
        ],
    }


@pytest.mark.parametrize(
    "raw", [{}, {"points": "0", "unit": "points"}, {"ladder": "x"}, {"lots": ""}]
)
def test_nothing_is_brought(raw):
    opening = read_opening({**raw, "tiers": None, "measures": None, "owed": ""})
    assert (opening.brings, opening.attributes) == (False, {})


def test_a_date_of_joining_alone_brings_nothing():
    opening = read_opening({"joined_on": "2019-05-01"})
    assert (opening.brings, opening.attributes) == (False, {"joined_on": "2019-05-01"})


@pytest.mark.parametrize(
    ("raw", "field", "mend"),
    [
        ({"joined_on": "May"}, "joined_on", "Write YYYY-MM-DD."),
        ({"joined_on": "0001-01-01"}, "joined_on", "Write YYYY-MM-DD."),
        ({"points": "1", "expires_on": "9999-12-31"}, "expires_on", "Write YYYY-MM-DD, or never."),
        ({"points": "many"}, "points", "Write digits"),
        ({"points": "-5"}, "points", "Write digits"),
        ({"points": True}, "points", "Write digits"),
        ({"points": "1e40"}, "points", "Write digits"),
        ({"earned_on": "2026-01-01"}, "points", "Write the points of the lot"),
        ({"unit": "\x00", "points": 1}, "unit", "Write a code"),
        ({"lots": [{"unit": "points"}]}, "lots[0].points", "Write the points of the lot"),
        ({"lots": [{"points": 1, "earned": 1}]}, "lots[0].earned", "Use one of: unit, points"),
        ({"lots": [{"points": 1, 7: 1}]}, "lots[0].7", "Use one of: unit, points"),
        ({"lots": {"points": 1}}, "lots", "Write a JSON list."),
        ({"lots": [1]}, "lots", "Write a JSON list."),
        ({"tier_since": "2026-01-01"}, "tier_since", "Write tier, too."),
        ({"tier_until": "2026-01-01"}, "tier_until", "Write tier, too."),
        ({"tiers": [{"ladder": "status"}]}, "tiers[0].tier", "Write the tier"),
        ({"tiers": [{"tier": "x", "from": 1}]}, "tiers[0].from", "Use one of: ladder, tier"),
        ({"tier": "Gold", "tiers": [{"tier": "Sky"}]}, "tiers", "Write one tier for each ladder"),
        ({"measures": {"spend": "much"}}, "measures.spend", "Write digits"),
        ({"measures": "340"}, "measures", 'Write it like {"spend": "340.00"}.'),
    ],
)
def test_what_cannot_be_read_is_refused(raw, field, mend):
    found, told = refused(read_opening, raw)
    assert found == field
    assert mend in told


def test_rows_of_one_person_are_joined():
    first = read_opening({"points": "5", "tier": "Gold", "joined_on": "2020-01-01"})
    dated = {"tier": "Gold", "tier_since": "2026-01-01", "tier_until": "2026-12-31"}
    assert join(first, read_opening(dated)).tiers == join(read_opening(dated), first).tiers
    second = read_opening(
        {"points": "7", "tier": "Gold", "measures": {"spend": 1}, "owed": {"miles": 2}}
    )
    third = read_opening({"ladder": "flights", "tier": "Sky", "joined_on": "2020-01-01"})
    whole = join(join(first, second), third)
    assert [lot.points for lot in whole.lots] == ["5", "7"]
    assert [tier.tier for tier in whole.tiers] == ["Gold", "Sky"]
    assert (whole.joined_on, whole.measures, whole.owed) == (
        date(2020, 1, 1),
        (("spend", "1"),),
        (("miles", "2"),),
    )


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        ({"tier": "Gold"}, {"tier": "Blue"}, "tier"),
        (
            {"tier": "Gold", "tier_until": "2026-12-31"},
            {"tier": "Gold", "tier_until": "2026-11-30"},
            "tier_until",
        ),
        ({"joined_on": "2020-01-01"}, {"joined_on": "2020-01-02"}, "joined_on"),
        ({"measures": {"spend": 1}}, {"measures": {"spend": 2}}, "measures.spend"),
        ({"owed": {"points": 1}}, {"owed": {"points": 2}}, "owed.points"),
    ],
)
def test_rows_that_contradict_each_other_are_refused(first, second, field):
    found, mend = refused(join, read_opening(first), read_opening(second))
    assert found == field
    assert "in every row, or leave it empty but in the first." in mend


def test_a_person_may_be_known_by_several_things_of_a_kind():
    person = read_imported(
        {
            "member": ["7", ""],
            "email": ["A@b.org", None, "c@b.org"],
            "card": [],
            "phone": ("12345",),
        }
    )
    assert person == Person(
        member="7", email="a@b.org", phone="12345", more=(("email", "c@b.org"),)
    )
    assert person.identifiers == (
        ("member", "7"),
        ("email", "a@b.org"),
        ("phone", "12345"),
        ("email", "c@b.org"),
    )
    assert refused(read_imported, {"email": ["a@b.org", "nobody"]})[0] == "email"


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("2020-02-03T04:05:06+01:00", "2020-02-03T03:05:06+00:00"),
        ("2020-02-03 04:05", "2020-02-03T04:05:00+00:00"),
    ],
)
def test_consent_has_its_time(told, read):
    person = read_imported({"card": "1", "consent": True, "consent_at": told})
    assert person.consent_at is not None
    assert person.consent_at.isoformat() == read
    assert read_imported({"card": "1", "consent_at": ""}).consent_at is None


@pytest.mark.parametrize("told", ["soon", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_is_none_is_refused(told):
    assert refused(read_imported, {"card": "1", "consent_at": told})[0] == "consent_at"


def test_two_rows_are_one_person():
    first = Person(member="7", email="a@b.org", name="Ada", consent=False)
    second = Person(member="7", email="c@b.org", card="1", birthday=date(1990, 1, 1), name="Ada")
    third = Person(card="2", more=(("card", "3"), ("phone", "12345")))
    assert combine(combine(first, second), third) == Person(
        member="7",
        email="a@b.org",
        phone="12345",
        card="1",
        name="Ada",
        birthday=date(1990, 1, 1),
        consent=False,
        more=(("email", "c@b.org"), ("card", "2"), ("card", "3")),
    )
    both = combine(Person(member="7"), Person(card="1", more=(("card", "2"),)))
    assert (both.card, both.more) == ("1", (("card", "2"),))


@pytest.mark.parametrize("told", [{"name": "Bob"}, {"consent": True}])
def test_two_rows_that_say_different_things_are_not(told):
    first = Person(member="7", name="Ada", consent=False)
    assert refused(combine, first, Person(member="7", **told))[0] == next(iter(told))
