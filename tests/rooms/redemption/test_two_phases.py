"""Reserve, capture, release and cancel through the database: points, stock and codes."""

import pytest

from pointbook.earning.operations.days import run_daily
from pointbook.engine.values.facts import Returned
from tests.rooms.redemption.shop import CAFE, reserve, settle
from tests.rooms.till import balance, broken, burn, buy, day, fact, post, posted, publish, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def cafe(db):
    return publish(CAFE)


def test_points_are_held_and_captured(cafe):
    posted(buy("p1", 30_000))
    posted(reserve("r1", "mug"))
    assert (balance(), balance("held")) == (200, 100)
    posted(settle("c1", "capture", "r1"))
    assert (balance(), balance("held")) == (200, 0)
    assert rows("select state, points, captured from ledger_hold") == [("captured", 100, 100)]
    assert rows("select fulfilment from redemption_redemption") == [("ordered",)]
    assert rows("select taken, supply from redemption_shelf") == [(1, 3)]
    assert broken() == {}


def test_what_is_released_comes_back(cafe):
    posted(buy("p1", 30_000), reserve("r1", "mug"), settle("x1", "release", "r1"))
    assert (balance(), balance("held")) == (300, 0)
    assert rows("select taken from redemption_shelf") == [(0,)]
    assert broken() == {}


def test_what_is_cancelled_comes_back_to_its_lots_once(cafe):
    posted(buy("p1", 30_000), reserve("r1", "mug"), settle("c1", "capture", "r1"))
    posted(settle("u1", "cancel_redemption", "r1"))
    assert balance() == 300
    (again,) = post(settle("u2", "cancel_redemption", "r1"))
    assert "was cancelled" in str(again.error)
    assert balance() == 300
    assert broken() == {}


def test_a_hold_ends_by_itself_for_whoever_wants_the_points(cafe):
    posted(buy("p1", 10_000), reserve("r1", "mug"))
    (poor,) = post(burn("b1", "100", seconds=60), at=day(0, 120))
    assert "the balance is 0" in str(poor.error)
    posted(burn("b2", "100", seconds=3600), at=day(0, 3600))
    assert rows("select state from ledger_hold order by fact_id limit 1") == [("released",)]
    assert broken() == {}


def test_a_voucher_that_is_not_used_is_gone(cafe):
    posted(buy("p1", 10_000), reserve("r1", "voucher"))
    assert rows("select state from redemption_code") == [("given",)]
    run_daily(program_id=cafe, at=day(100))
    assert (balance(), balance("held")) == (50, 0)
    assert rows("select state from ledger_hold") == [("lapsed",)]
    assert rows("select state from redemption_code") == [("void",)]
    assert rows("select points from ledger_transfer where kind = 'lapse'") == [(50,)]
    assert broken() == {}


def test_points_become_stored_value(cafe):
    posted(buy("p1", 30_000), reserve("r1", "card"), settle("c1", "capture", "r1"))
    assert balance(unit="gift") == 200
    posted(fact("b1", "burn", seconds=5, attributes={"unit": "gift", "points": "1.50"}))
    assert balance(unit="gift") == 50
    assert broken() == {}


def test_points_that_became_stored_value_do_not_come_back_beside_it(cafe):
    posted(buy("p1", 30_000), reserve("r1", "card"), settle("c1", "capture", "r1"))
    (refused,) = post(settle("u1", "cancel_redemption", "r1"))
    assert "stored value" in str(refused.error)
    assert (balance(), balance(unit="gift")) == (100, 200)


def test_sold_out_and_enough_of_one(cafe):
    posted(*(buy(f"p{n}", 50_000, member=f"m{n}") for n in range(4)))
    now = {"at": day(0, 60)}
    posted(reserve("r1", "mug", member="m0", attributes={"quantity": 2}), **now)
    (limit,) = post(reserve("r2", "mug", member="m0"), **now)
    assert "you had it twice" in str(limit.error)
    posted(reserve("r3", "mug", member="m1"), **now)
    (gone,) = post(reserve("r4", "mug", member="m2"), **now)
    assert "A mug" in str(gone.error)
    posted(settle("x1", "release", "r3"), **now)
    posted(reserve("r5", "mug", member="m2", seconds=9), **now)
    assert broken() == {}


def test_an_order_that_comes_back_gives_captured_points_back_once(cafe):
    posted(buy("p1", 30_000))
    order = fact(
        "r1", "reserve", attributes={"points": "100"}, about=Returned("till", "o1"), seconds=1
    )
    posted(order, settle("c1", "capture", "r1"), buy("o1", 5_000, seconds=3))
    assert balance() == 250
    posted(fact("x1", "cancel", seconds=5, about=Returned("till", "o1")))
    assert balance() == 300
    (again,) = post(settle("u1", "cancel_redemption", "r1", seconds=9))
    assert again.status == "refused"
    assert broken() == {}


CHECKED = CAFE.replace(
    "redemption: {hold_minutes: 30}",
    "redemption: {hold_minutes: 30, suspicious: [{times: 1, each: day}]}",
).replace('value: "8.00"', 'value: "8.00", confirm: true')


def test_what_must_be_checked_first_is_not_captured_in_the_same_breath(db):
    publish(CHECKED)
    posted(buy("p1", 30_000))
    first, refused, second, waits = post(
        reserve("r1", "mug"),
        settle("c1", "capture", "r1"),
        reserve("r2", "voucher"),
        settle("c2", "capture", "r2"),
    )
    assert (first.status, second.status) == ("posted", "posted")
    assert "was not confirmed with its code" in str(refused.error)
    assert "must look at the redemption first" in str(waits.error)
    for key, asked in (("b1", {"reward": "mug"}), ("b2", {"points": "5"})):
        (at_once,) = post(fact(key, "burn", seconds=3, attributes=asked), at=day(0, 60))
        assert at_once.status == "refused"
    assert (balance(), balance("held")) == (150, 150)
    assert rows("select confirm, review from redemption_redemption order by 1") == [
        ("", "open"),
        ("open", ""),
    ]
    assert broken() == {}


def test_a_redemption_of_somebody_who_was_merged_is_the_heirs(cafe):
    now = {"at": day(0, 60)}
    posted(buy("p1", 30_000), buy("p2", 10_000, member="bob"), **now)
    posted(reserve("r1", "mug", attributes={"quantity": 2}), **now)
    posted(fact("m1", "merge", member="bob", seconds=5, attributes={"from": "ada"}), **now)
    (twice,) = post(reserve("r2", "mug", member="bob", seconds=6), **now)
    assert "you had it twice" in str(twice.error)
    posted(settle("x1", "release", "r1", seconds=7), **now)
    posted(reserve("r3", "mug", member="ada", seconds=8), **now)
    assert (balance(), balance("held")) == (300, 100)
    assert broken() == {}
