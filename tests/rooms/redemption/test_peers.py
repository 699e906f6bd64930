"""What other loyalty systems expect of the rows that a redemption leaves."""

import pytest

from pointbook.analytics.stories import DatabaseStage
from pointbook.engine.replay.playing import play
from pointbook.ledger.models import Fact, Transfer
from tests.engine.replay.peer_stories import peer_story
from tests.rooms.redemption.shop import CAFE
from tests.rooms.till import balance, broken, burn, buy, post, posted, publish, rows

pytestmark = pytest.mark.django_db


def test_what_is_delivered_twice_is_used_once():
    """[SY-15] 300 of 1,000 are used on an order, told twice: 700 are left, by one row.

    Setono/sylius-loyalty-plugin@0b40b07, RedemptionLedgerTest.
    """
    publish(CAFE)
    posted(buy("p1", 100_000))
    answers = [post(burn("b1", "300", seconds=60))[0].status for _ in range(2)]
    assert answers == ["posted", "duplicate"]
    assert balance() == 700
    assert Fact.objects.filter(type="burn").count() == 1
    assert [one.points for one in Transfer.objects.filter(kind="burn")] == [300]
    assert broken() == {}


def test_a_cancelled_order_deletes_nothing():
    """OD-40: the point that comes back is an entry that names the one it undoes."""
    story = peer_story("OD-40")
    play(story, stage=DatabaseStage(story))
    kinds = "select kind, points, undoes_id is not null from ledger_transfer order by id"
    given, hold, capture, refund = rows(kinds)
    assert (given[0], hold[0], capture) == ("award", "hold", ("capture", 1, False))
    assert refund == ("refund", 1, True)
    assert broken() == {}
