"""Burns that nobody asks for, through the database: as often as there is enough of everything."""

import pytest

from pointbook.controls.actors import SYSTEM
from pointbook.earning.operations.days import set_clock
from tests.rooms.redemption.shop import CAFE
from tests.rooms.till import START, balance, broken, buy, posted, publish, rows

pytestmark = pytest.mark.django_db
AUTOMATIC = "automatic: [{code: mugs, reward: mug, at_least: 100, each: day}]\n"


def test_they_take_what_is_left_and_a_rebuild_says_the_same():
    publish(CAFE.replace(", limits: [{times: 2, each: month}]", "") + AUTOMATIC)
    set_clock(program="beauty", at=START, actor=SYSTEM)
    posted(buy("p1", 100_000), at=START)
    set_clock(program="beauty", at=START.replace(day=3), actor=SYSTEM)
    assert rows("select quantity, state from ledger_hold") == [(3, "captured")]
    assert balance() == 700
    assert broken() == {}
