"""Facts that come late: they change nothing given since, or everything is told again."""

import pytest

from tests.rooms.earning.clubs import founded, kinds, rule, sent, usable, whose
from tests.rooms.till import buy, give_back, rows

pytestmark = pytest.mark.usefixtures("sound")
LADDER = {
    "measure": "spend",
    "window": "lifetime",
    "ladder": [{"tier": "Basic"}, {"tier": "Gold", "from": "100.00"}],
}
DOUBLE = rule("gold", "purchase", {"by_tier": {"Gold": 1}, "per": "1.00"})


def facts():
    return [
        buy("1", 5_000, days=1),
        buy("2", 6_000, days=10),
        buy("3", 2_000, days=20),
        buy("late", 5_000, days=5),
        buy("4", 1_000, days=30),
    ]


@pytest.mark.parametrize("cut", [True, False])
@pytest.mark.parametrize(
    ("late", "points"),
    # Before the late one came, 1 and 2 were bought by Basic, 3 and 4 by Gold.
    [("leave", 190 + 20 + 10), ("re_evaluate", 190 + 60 + 20 + 10)],
)
def test_what_a_late_purchase_does(late, points, cut):
    founded(DOUBLE, late=late, tiers=LADDER)
    for part in [[one] for one in facts()] if cut else [facts()]:
        sent(*part)
    assert usable("ada") == points
    assert kinds().get("re_evaluated", 0) == (1 if late == "re_evaluate" else 0)


@pytest.mark.parametrize("cut", [True, False])
def test_a_return_of_what_was_told_again_takes_all_of_it(cut):
    founded(DOUBLE, late="re_evaluate", tiers=LADDER)
    batch = [*facts(), give_back("r", "2", 6_000, days=40)]
    for part in [[one] for one in batch] if cut else [batch]:
        sent(*part)
    assert usable("ada") == 190 + 60 + 20 + 10 - 120


@pytest.mark.parametrize("cut", [True, False])
def test_two_late_purchases(cut):
    founded(DOUBLE, late="re_evaluate", tiers=LADDER)
    batch = [*facts(), buy("later", 10_000, days=2), buy("5", 1_000, days=50)]
    for part in [[one] for one in batch] if cut else [batch]:
        sent(*part)
    # Gold since the second day: late, 2, 3, 4 and 5 count double.
    assert usable("ada") == 190 + 100 + 10 + 50 + 60 + 20 + 10 + 10
    tiers = "select tier from tiers_standing where member_id = %s order by id"
    assert [tier for (tier,) in rows(tiers, whose("ada"))][-1] == "Gold"
