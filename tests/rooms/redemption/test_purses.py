"""Households: the head holds the points, whoever asks gets the reward."""

import pytest

from pointbook.earning.orders import catalogue
from pointbook.members.queries import resolve
from pointbook.redemption.queries.redemptions import of_member
from tests.rooms.redemption.shop import CAFE, reserve, settle
from tests.rooms.till import broken, buy, day, fact, posted, publish

pytestmark = pytest.mark.django_db
POOLED = CAFE + "households: {pool: [points]}\n"


def test_whoever_asks_gets_what_the_head_pays():
    cafe = publish(POOLED)
    posted(buy("p1", 30_000, member="head"), buy("p2", 100))
    posted(fact("j1", "join_household", seconds=1, attributes={"head": "head"}))
    offered = {one.reward.code: one.missing for one, _ in catalogue("beauty", "ada", at=day(1))}
    assert offered["mug"] == ()
    posted(reserve("r1", "mug", seconds=2), settle("c1", "capture", "r1", seconds=3))
    ada = resolve(cafe, ["ada"])["ada"]
    (own,) = of_member(cafe, ada)
    assert (own.reward, own.state, own.points) == ("mug", "captured", 100)
    assert broken() == {}
