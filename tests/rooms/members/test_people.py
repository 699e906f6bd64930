"""Enrolment and people: completed, never blanked, never two members in one."""

from datetime import date
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pointbook.engine.values.people import Person
from pointbook.members import operations, queries
from pointbook.members.models import Identifier, Member, Profile
from pointbook.members.operations import (
    Enrolled,
    IdentifierTaken,
    ImportCrowded,
    enrol_person,
    import_people,
)
from pointbook.members.queries import member, resolve
from tests.rooms.till import buy, day, posted, publish

pytestmark = pytest.mark.django_db
ADA = Person(
    member="7", email="ada@example.org", name="Ada", birthday=date(1815, 12, 10), consent=True
)


@pytest.fixture
def beauty(db):
    return publish()


def everybody():
    return (
        list(Member.objects.order_by("id").values()),
        list(Identifier.objects.order_by("value").values()),
        list(Profile.objects.order_by("member_id").values()),
    )


def enrolled(answers):
    """The answers of an import, of which none was refused."""
    assert all(isinstance(one, Enrolled) for one in answers)
    return [one for one in answers if isinstance(one, Enrolled)]


def test_a_person_completes_the_member_they_are(beauty):
    (done,) = posted(buy("1", 1_000, member="7"))
    assert enrol_person(program_id=beauty, person=ADA, at=day(1)) == (done.member, False)
    assert enrol_person(
        program_id=beauty, person=Person(email="ADA@example.org", card="c1"), at=day(2)
    ) == (done.member, False)
    known = member(beauty, "c1")
    assert known.identifiers == {"member": "7", "email": "ada@example.org", "card": "c1"}
    assert (known.name, known.consent, known.birthday) == ("Ada", True, date(1815, 12, 10))
    assert known.enrolled_at == day(0)


def test_the_same_people_twice_change_nothing(beauty):
    people = [ADA, Person(phone="+15550100", name="Bob"), Person(card="c9")]
    first = import_people(program_id=beauty, people=people, at=day(0))
    before = everybody()
    assert import_people(program_id=beauty, people=people, at=day(9)) == [
        (one.member, False) for one in enrolled(first)
    ]
    assert everybody() == before
    assert [one.new for one in enrolled(first)] == [True, True, True]


def test_what_is_not_said_stays(beauty):
    enrol_person(program_id=beauty, person=ADA, at=day(0))
    before = everybody()[2]
    enrol_person(program_id=beauty, person=Person(member="7", consent=True), at=day(5))
    enrol_person(program_id=beauty, person=Person(member="7", name="Ada"), at=day(5))
    enrol_person(program_id=beauty, person=Person(member="7", birthday=ADA.birthday), at=day(5))
    assert everybody()[2] == before
    enrol_person(
        program_id=beauty, person=Person(member="7", name="Ada L.", consent=False), at=day(6)
    )
    profile = Profile.objects.get()
    assert (profile.name, profile.consent, profile.consent_at) == ("Ada L.", False, None)
    assert profile.birthday == ADA.birthday
    enrol_person(program_id=beauty, person=Person(member="7", consent=True), at=day(7))
    assert Profile.objects.get().consent_at == day(7)


def test_the_identifiers_of_two_members_are_refused(beauty):
    people = [ADA, Person(member="8", card="c8")]
    import_people(program_id=beauty, people=people, at=day(0))
    before = everybody()
    torn = Person(card="c8", email="ada@example.org", name="Nobody")
    (refused,) = import_people(program_id=beauty, people=[torn], at=day(1))
    assert "ada@example.org, c8 belong to different members" in str(refused)
    with pytest.raises(IdentifierTaken):
        enrol_person(program_id=beauty, person=torn, at=day(1))
    assert everybody() == before


@pytest.mark.parametrize("batches", [1, 2])
def test_one_person_in_two_rows_is_one_member(beauty, batches):
    rows = [Person(member="7", email="a@b.org"), Person(email="a@b.org", card="c", name="A")]
    if batches == 1:
        answers = import_people(program_id=beauty, people=rows, at=day(0))
    else:
        answers = [enrol_person(program_id=beauty, person=one, at=day(0)) for one in rows]
    assert [one.new for one in enrolled(answers)] == [True, False]
    assert len({one.member for one in enrolled(answers)}) == 1
    assert Member.objects.count() == Profile.objects.count() == 1
    assert member(beauty, "7").identifiers == {"member": "7", "email": "a@b.org", "card": "c"}


def test_rows_that_tie_two_newcomers_together_are_refused(beauty):
    rows = [
        Person(member="7"),
        Person(member="8"),
        Person(member="7", email="a@b.org"),
        Person(member="8", email="a@b.org"),
    ]
    *others, refused = import_people(program_id=beauty, people=rows, at=day(0))
    assert isinstance(refused, IdentifierTaken)
    assert [one.new for one in enrolled(others)] == [True, True, False]
    assert member(beauty, "8").identifiers == {"member": "8"}


def test_an_import_is_as_many_statements_however_many_people(beauty):
    counts = []
    for start, size in ((0, 3), (100, 60)):
        people = [
            Person(member=f"m{n}", card=f"c{n}", name=f"P {n}", more=(("card", f"d{n}"),))
            for n in range(start, start + size)
        ]
        with CaptureQueriesContext(connection) as seen:
            import_people(program_id=beauty, people=people, at=day(0))
        counts.append(len(seen))
    assert counts[0] == counts[1] < 15
    assert (Member.objects.count(), Identifier.objects.count()) == (63, 3 * 63)


def test_who_belongs_for_longer_is_enrolled_as_of_then(beauty):
    people = [Person(member="7"), Person(member="8"), Person(member="7", card="c")]
    since = [day(-400), None, day(-500)]
    import_people(program_id=beauty, people=people, at=day(0), joined=since)
    assert [member(beauty, one).enrolled_at for one in "78"] == [day(-400), day(0)]


def test_consent_is_dated_as_it_was_given_elsewhere(beauty):
    enrol_person(
        program_id=beauty, person=Person(card="c", consent=True, consent_at=day(-90)), at=day(0)
    )
    assert Profile.objects.get().consent_at == day(-90)


def test_what_several_rows_of_a_batch_say_is_what_they_say_in_turn(beauty):
    rows = [
        Person(member="7", name="A", consent=True),
        Person(member="7", birthday=ADA.birthday, consent=False),
        Person(member="7", name="B"),
    ]
    import_people(program_id=beauty, people=rows, at=day(0))
    profile = Profile.objects.get()
    assert (profile.name, profile.birthday, profile.consent) == ("B", ADA.birthday, False)


def test_a_reference_that_turns_out_to_be_a_card_is_one(beauty):
    posted(buy("1", 1_000, member="0042"), buy("2", 1_000, member="0043"))
    enrol_person(program_id=beauty, person=Person(member="x", card="0042"), at=day(1))
    assert member(beauty, "x").identifiers == {"member": "x", "card": "0042"}
    assert member(beauty, "0043").identifiers == {"member": "0043"}


def test_who_is_overtaken_looks_again(beauty, monkeypatch):
    """Somebody else enrols the same card between the look and the write, once or for ever."""
    enrol_person(program_id=beauty, person=Person(card="c1"), at=day(0))
    blind: list[dict[str, UUID]] = [{}]
    monkeypatch.setattr(
        operations, "resolve", lambda *asked: blind.pop() if blind else resolve(*asked)
    )
    person = Person(member="7", card="c1")
    assert not enrol_person(program_id=beauty, person=person, at=day(1)).new
    assert member(beauty, "7").identifiers == {"member": "7", "card": "c1"}
    monkeypatch.setattr(operations, "resolve", lambda *_: {})
    with pytest.raises(ImportCrowded):
        enrol_person(program_id=beauty, person=person, at=day(1))
    assert Member.objects.count() == 1


def test_everybody_is_told_page_by_page(beauty):
    people = [ADA, Person(member="8", card="c8", more=(("card", "a:b"),)), Person(phone="12345")]
    import_people(program_id=beauty, people=people, at=day(0))
    first = queries.people(beauty, after=None, limit=2)
    rest = queries.people(beauty, after=first[-1].id, limit=2)
    told = {frozenset(one.identifiers): one for one in (*first, *rest)}
    assert set(told) == {
        frozenset({("member", "7"), ("email", "ada@example.org")}),
        frozenset({("member", "8"), ("card", "c8"), ("card", "a:b")}),
        frozenset({("phone", "12345")}),
    }
    (ada,) = [one for one in told.values() if one.name]
    assert (ada.consent, ada.consent_at, ada.birthday) == (True, day(0), ADA.birthday)
    assert {one.consent for one in told.values()} == {True, None}
    names = queries.known_by([one.id for one in told.values()])
    assert sorted(names.values()) == ["12345", "7", "8"]
