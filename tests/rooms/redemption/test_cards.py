"""Gift cards: a number with value on it, whose bearer is no member, until a member takes it in."""

from typing import Any

import pytest

from pointbook.analytics.listing import listing
from pointbook.analytics.queries import overview
from pointbook.earning.operations.cards import CardRefused, card, issue_card, take_in, top_up_card
from pointbook.earning.operations.redeeming import Key
from pointbook.engine.values.codes import shown
from pointbook.engine.values.facts import FactError
from pointbook.engine.values.people import Person
from pointbook.members.operations import enrol_person
from pointbook.members.queries import count, people, search
from tests.rooms.redemption.fair import BY, at, day, opened
from tests.rooms.till import BEAUTY, broken, fact, posted, publish

pytestmark = pytest.mark.django_db
IN: dict[str, Any] = {"program": "beauty", **BY}


@pytest.fixture
def fair(db):
    program_id = opened()
    at(program_id, day(1))
    return program_id


def test_a_card_is_sold_once_and_spent_by_its_number(fair):
    sold = issue_card(key=Key("till", "g1"), amount="25.00", **IN)
    assert sold.balance.points == 2_500
    assert issue_card(key=Key("till", "g1"), amount="25.00", **IN) == sold
    spent = fact("b1", "burn", member=sold.number, days=1, seconds=1,
                 attributes={"unit": "gift", "points": "10.00"})  # fmt: skip
    posted(spent, at=day(1, 5))
    assert card("beauty", shown(sold.number).lower()).balance.points == 1_500
    more = top_up_card(key=Key("till", "g2"), number=sold.number, amount="5.00", **IN)
    assert more.balance.points == 2_000
    assert broken() == {}


def test_its_bearer_is_no_member(fair):
    before = count(fair)
    sold = issue_card(key=Key("till", "g1"), amount="25.00", **IN)
    assert count(fair) == before == 3
    assert search(fair, sold.number) == []
    assert len(people(fair, after=None, limit=10)) == 3
    found = listing("beauty", text="", at=day(1))
    assert (found.total, found.everybody, len(found.rows)) == (3, 3, 3)
    assert overview("beauty", at=day(1)).members == 3


def test_a_member_takes_a_card_in(fair):
    sold = issue_card(key=Key("till", "g1"), amount="25.00", **IN)
    at(fair, day(2))
    for _ in range(2):
        own = take_in(number=sold.number, member="ada", **IN)
        assert own.balance.points == 2_500
    assert card("beauty", sold.number).holder == own.holder != sold.holder
    with pytest.raises(CardRefused):
        take_in(number=sold.number, member="bea", **IN)
    assert count(fair) == 3
    assert broken() == {}


def test_whoever_joins_with_a_card_is_a_member(fair):
    sold = issue_card(key=Key("till", "g1"), amount="25.00", **IN)
    person = Person(card=sold.number, email="dee@example.org")
    member, new = enrol_person(program_id=fair, person=person, at=day(1))
    assert (member, new, count(fair)) == (sold.holder, False, 4)
    assert card("beauty", sold.number).balance.points == 2_500


def test_there_is_no_such_card(fair):
    for number in ("ada", "0000-0000-0000-0000", "1"):
        with pytest.raises(CardRefused, match="no such card"):
            card("beauty", number)


def test_a_card_without_value_is_not_there(fair):
    with pytest.raises(FactError):
        issue_card(key=Key("till", "g1"), amount="0", **IN)
    assert count(fair) == 3


def test_a_program_without_cards(db):
    publish(BEAUTY)
    with pytest.raises(CardRefused, match="no such unit of money"):
        issue_card(key=Key("till", "g1"), amount="25.00", **IN)
