"""A reward for another member: the giver's points, the receiver's reward."""

import pytest

from pointbook.members.queries import resolve
from tests.rooms.redemption.shop import CAFE, reserve, settle
from tests.rooms.till import balance, broken, buy, post, posted, publish, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def cafe(db):
    own = publish(CAFE)
    posted(buy("p1", 10_000), buy("p2", 100, member="bob"))
    return own


def test_who_gets_it_is_known_by_id(cafe):
    posted(reserve("r1", "flower", attributes={"for": "bob"}), settle("c1", "capture", "r1"))
    bob = resolve(cafe, ["bob"])["bob"]
    assert rows("select receiver_id from redemption_redemption") == [(bob,)]
    assert rows("select content::jsonb #>> '{attributes,for}' from ledger_fact where key = 'r1'")
    assert balance() == 100 - 20 + 1
    assert broken() == {}


def test_the_same_gift_again_is_the_same(cafe):
    gift = reserve("r1", "flower", attributes={"for": "bob"})
    posted(gift)
    (again,) = post(gift)
    assert again.status == "duplicate"


@pytest.mark.parametrize(
    ("reward", "receiver", "why"),
    [("flower", "nobody-known", "there is no member"), ("mug", "bob", "A mug")],
)
def test_nobody_gets_what_cannot_be_given(cafe, reward, receiver, why):
    (outcome,) = post(reserve("r1", reward, attributes={"for": receiver}))
    assert why in str(outcome.error)
    assert broken() == {}
