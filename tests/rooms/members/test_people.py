"""Enrolment and people: completed, never blanked, never two members in one."""

from datetime import date

import pytest

from pointbook.engine.values.people import Person
from pointbook.members.models import Identifier, Member, Profile
from pointbook.members.operations import IdentifierTaken, enrol_person, import_people
from pointbook.members.queries import member
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
        (own, False) for own, _ in first
    ]
    assert everybody() == before
    assert [new for _, new in first] == [True, True, True]


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
    row = Person(member="9"), Person(card="c8", email="ada@example.org")
    with pytest.raises(IdentifierTaken) as refused:
        import_people(program_id=beauty, people=row, at=day(1))
    assert "ada@example.org, c8 belong to different members" in str(refused.value)
    assert everybody() == before


@pytest.mark.parametrize("batches", [1, 2])
def test_one_person_in_two_rows_is_one_member(beauty, batches):
    rows = [Person(member="7", email="a@b.org"), Person(email="a@b.org", card="c", name="A")]
    if batches == 1:
        answers = import_people(program_id=beauty, people=rows, at=day(0))
    else:
        answers = [enrol_person(program_id=beauty, person=one, at=day(0)) for one in rows]
    assert [new for _, new in answers] == [True, False]
    assert answers[0][0] == answers[1][0]
    assert Member.objects.count() == Profile.objects.count() == 1
    assert member(beauty, "7").identifiers == {"member": "7", "email": "a@b.org", "card": "c"}


def test_rows_that_tie_two_newcomers_together_are_refused(beauty):
    rows = [
        Person(member="7"),
        Person(member="8"),
        Person(member="7", email="a@b.org"),
        Person(member="8", email="a@b.org"),
    ]
    with pytest.raises(IdentifierTaken):
        import_people(program_id=beauty, people=rows, at=day(0))
    assert Member.objects.count() == 0
