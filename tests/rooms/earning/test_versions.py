"""Programs that change: what was promised first and what came later, side by side."""

from datetime import date

import pytest

from pointbook.earning.queries import balance, history
from pointbook.ledger.models import Lot
from tests.rooms.till import BEAUTY, broken, burn, buy, fact, posted, publish

pytestmark = pytest.mark.django_db

STARS = """  stars: {name: stars, singular: star, decimals: 1, value: "1.00", spend_order: oldest}
earn:
"""
LATER = BEAUTY.replace("earn:\n", STARS).replace("on: purchase,", "on: purchase, unit: points,")
LATER = LATER.replace("{reward: ten-off,", "{reward: ten-off, unit: points,")
SOON = BEAUTY.replace("after_days: 180", "after_days: 30").replace("oldest", "soonest_expiry")


def test_a_unit_of_a_later_version_is_empty_before_it():
    publish()
    posted(buy("1", 10_000), fact("2", "review"))
    publish(LATER, from_on=date(2100, 1, 1))
    assert balance("beauty", "ada", unit="stars").points == 0
    assert [one.points for one in history("beauty", "ada", unit="stars")] == [0]


@pytest.mark.parametrize(("days", "left"), [(12, [100, 60]), (8, [60])])
def test_points_are_drawn_in_the_order_of_their_day(days, left):
    publish()
    posted(buy("1", 10_000))
    publish(SOON, from_on=date(2017, 1, 11))
    if days > 10:
        posted(buy("2", 10_000, days=11))
    posted(burn("3", 40, days=days))
    assert list(Lot.objects.order_by("id").values_list("remaining", flat=True)) == left
    assert broken() == {}


def test_an_older_order_holds_until_the_next_version_begins():
    publish(SOON)
    posted(buy("1", 10_000))
    publish(BEAUTY, from_on=date(2017, 2, 20))
    posted(buy("2", 10_000, days=1), burn("3", 40, days=2))
    assert list(Lot.objects.order_by("id").values_list("remaining", flat=True)) == [60, 100]
    assert broken() == {}
