"""Redemptions in two phases in the books: a hold posts nothing, a capture burns, a lapse expires.

A hundred points for 1,000.00, worth 1.00 each and expected at 80%: 80 x 1,000 / 1,080 = 74.07 of
the price is deferred.
"""

import pytest

from pointbook.accounting.queries.books import period_start, program_books
from pointbook.accounting.queries.journals import entries
from pointbook.accounting.queries.statements import liability_now
from pointbook.controls.clock import clock, set_test_clock
from pointbook.controls.queries import last_seq
from pointbook.earning.operations.days import run_daily
from pointbook.ledger.evidence import holdings, sales
from tests.rooms.accounting.conftest import Shop
from tests.rooms.accounting.periods import closed, drilled, events, line, points
from tests.rooms.till import balance, broken, rows

MORE = """
redemption: {hold_minutes: 43200}
rewards:
  - {reward: mug, name: A mug, price: 40, value: "8.00", unit: points, gives: {product: {}}}
  - {reward: gone, name: A voucher, price: 40, value: "5.00", unit: points,
     gives: {discount: "5.00"}, voucher: {days: 45, unused: gone}}
  - {reward: back, name: Another voucher, price: 40, value: "5.00", unit: points,
     gives: {discount: "5.00"}, voucher: {days: 45, unused: back}}
"""
DEFERRED = 7_407


@pytest.fixture
def shop(db):
    own = Shop(more=MORE, today="2017-01-01").open()
    own.estimate("0.8", "2017-01")
    happened(own, own.buy("2017-01-05", 100_000))
    return own


def happened(shop, *facts):
    """The clock goes on to the last fact."""
    last = max(fact.occurred_at for fact in facts)
    if last > clock(shop.id):
        set_test_clock(program_id=shop.id, at=last)
    shop.happened(*facts)


def to(shop, at):
    """The clock goes on, and what is due is done."""
    shop.clock(at)
    run_daily(program_id=shop.id, at=shop.at(at))


def test_points_reserved_in_a_month_and_captured_in_the_next(shop):
    happened(shop, shop.tell("reserve", "2017-01-20", key="r", reward="mug"))
    to(shop, "2017-02-01")
    assert (balance(), balance("held")) == (60, 40)
    closed(shop, "2017-01")
    assert events("2017-01") == {"new": [("2100", 0, DEFERRED), ("4000", DEFERRED, 0)]}
    assert points("2017-01") == {"earned": 100}
    happened(shop, shop.tell("capture", "2017-02-03", about="r", member=None))
    to(shop, "2017-03-01")
    closed(shop, "2017-02")
    # 7,407 x 40 of 80 expected = 3,703.5
    assert events("2017-02") == {"burn": [("2100", 3_704, 0), ("4010", 0, 3_704)]}
    assert points("2017-02") == {"redeemed": -40}
    assert drilled("2017-02", "burn") == (-40, 40)
    assert liability_now(program="shop")[0].money == 3_703


def test_what_is_released_never_moved(shop):
    happened(shop, shop.tell("reserve", "2017-01-20", key="r", reward="mug"))
    to(shop, "2017-02-01")
    closed(shop, "2017-01")
    to(shop, "2017-03-01")
    assert (balance(), balance("held")) == (100, 0)
    assert rows("select occurred_at::date::text from ledger_transfer where kind = 'release'") == [
        ("2017-02-19",)
    ]
    closed(shop, "2017-02")
    assert (points("2017-02"), events("2017-02")) == ({}, {})


def test_a_part_is_captured_and_comes_back_later(shop):
    happened(shop, shop.tell("reserve", "2017-01-20", key="r", pay=True, points="50"))
    happened(shop, shop.tell("capture", "2017-01-21", about="r", member=None, key="c", points="30"))
    to(shop, "2017-02-01")
    closed(shop, "2017-01")
    # 7,407 x 30 of 80
    assert (points("2017-01")["redeemed"], line("2017-01", "redeemed")) == (-30, -2_778)
    happened(shop, shop.tell("cancel_redemption", "2017-02-02", about="r", member=None))
    assert balance() == 100
    to(shop, "2017-03-01")
    closed(shop, "2017-02")
    assert events("2017-02") == {"cancelled_burn": [("2100", 0, 2_778), ("4010", 2_778, 0)]}
    assert drilled("2017-02", "cancelled_burn") == (30, 30)
    assert liability_now(program="shop")[0].money == DEFERRED


def test_a_voucher_counts_when_it_is_used(shop):
    happened(
        shop,
        shop.tell("reserve", "2017-01-20", key="v", reward="gone"),
        shop.burn("2017-01-21", 20),
    )
    to(shop, "2017-02-01")
    closed(shop, "2017-01")
    # The exchange satisfies nothing: only the 20 burned are gone, 7,407 x 20 of 80.
    assert (points("2017-01")["redeemed"], line("2017-01", "redeemed")) == (-20, -1_852)
    happened(shop, shop.tell("capture", "2017-02-10", about="v", member=None))
    to(shop, "2017-03-01")
    closed(shop, "2017-02")
    # 7,407 x 60 of 80 = 5,555.25, of which 1,852 were released.
    assert events("2017-02") == {"burn": [("2100", 3_703, 0), ("4010", 0, 3_703)]}


def test_a_voucher_that_is_never_used_expires(shop):
    happened(
        shop,
        shop.tell("reserve", "2017-01-20", key="v", reward="gone"),
        shop.burn("2017-01-21", 20),
    )
    to(shop, "2017-04-01")
    closed(shop, "2017-01", "2017-02")
    assert (points("2017-02"), events("2017-02")) == ({}, {})
    closed(shop, "2017-03")
    assert rows(
        "select points, occurred_at::date::text from ledger_transfer where kind = 'lapse'"
    ) == [(40, "2017-03-06")]
    # Of 100 points 60 can be used at most: 7,407 x 20 of 60 = 2,469, and 1,852 were released.
    assert events("2017-03") == {"expiry": [("2100", 617, 0), ("4020", 0, 617)]}
    assert points("2017-03") == {"expired": -40}
    assert drilled("2017-03", "expiry") == (-40, 40)


def test_a_voucher_whose_points_come_back_posts_nothing(shop):
    happened(shop, shop.tell("reserve", "2017-01-20", key="v", reward="back"))
    to(shop, "2017-04-01")
    closed(shop, "2017-01", "2017-02", "2017-03")
    assert [events(month) for month in ("2017-02", "2017-03")] == [{}, {}]
    assert balance() == 100


def test_points_that_end_while_they_are_held_end_when_they_come_back(db):
    shop = Shop(expires="{after_days: 31}", more=MORE, today="2017-01-01").open()
    happened(shop, shop.buy("2017-01-05", 100_000))
    happened(shop, shop.tell("reserve", "2017-01-28", key="r", reward="mug"))
    to(shop, "2017-03-01")
    closed(shop, "2017-01", "2017-02")
    assert points("2017-02") == {"expired": -100}
    moved = "select kind, points, occurred_at::date::text from ledger_transfer order by seq, id"
    assert rows(moved)[2:] == [
        ("expiry", 60, "2017-02-05"),
        ("release", 40, "2017-02-27"),
        ("expiry", 40, "2017-02-27"),
    ]
    assert liability_now(program="shop")[0].money == 0


def test_a_capture_that_comes_late_is_of_the_first_open_month(shop):
    happened(shop, shop.tell("reserve", "2017-01-20", key="r", reward="mug"))
    to(shop, "2017-02-05")
    closed(shop, "2017-01")
    happened(shop, shop.tell("capture", "2017-01-25", about="r", member=None))
    to(shop, "2017-03-01")
    closed(shop, "2017-02")
    assert points("2017-02") == {"redeemed": -40}
    assert line("2017-02", "redeemed") == -3_704


def test_a_capture_before_the_points_were_earned_is_of_their_month(shop):
    happened(shop, shop.burn("2017-01-06", 100), shop.buy("2017-02-05", 100_000))
    happened(shop, shop.tell("reserve", "2017-01-31", key="r", reward="mug"))
    happened(shop, shop.tell("capture", "2017-01-31T01:00", about="r", member=None))
    to(shop, "2017-03-01")
    closed(shop, "2017-01", "2017-02")
    assert points("2017-01") == {"earned": 100, "redeemed": -100}
    assert points("2017-02") == {"earned": 100, "redeemed": -40}


def test_an_order_that_comes_back_gives_back_what_was_captured_for_it(shop):
    happened(
        shop,
        shop.tell("reserve", "2017-01-20", key="r", about="o", pay=True, points="40"),
        shop.tell("capture", "2017-01-20T00:05", about="r", member=None),
        shop.buy("2017-01-20T00:10", 20_000, key="o"),
    )
    to(shop, "2017-02-01")
    closed(shop, "2017-01")
    happened(shop, shop.give_back("2017-02-02", "o", 10_000))
    assert balance() == 100 - 40 + 20 - 10 + 20
    happened(shop, shop.tell("cancel", "2017-02-03", about="o"))
    assert balance() == 100
    to(shop, "2017-03-01")
    closed(shop, "2017-02")
    assert points("2017-02") == {"redeemed": 40, "clawed_back": -20}


def test_what_was_held_at_a_day_that_is_past_was_outstanding(shop):
    happened(
        shop,
        shop.tell("reserve", "2017-01-20", key="r", reward="mug"),
        shop.tell("reserve", "2017-01-21", key="v", reward="gone"),
    )
    to(shop, "2017-02-05")
    happened(shop, shop.tell("capture", "2017-02-05", about="r", member=None))
    to(shop, "2017-05-01")
    books = program_books(program_code="shop")
    for month, held, used in (("2017-01", 100, 0), ("2017-02", 60, 1), ("2017-03", 20, 0)):
        span = books.span(period_start(month), after=last_seq(shop.id))
        (found,) = holdings(span)
        assert (found.lots, found.balances, found.owed) == (held, held, 0)
        assert sales(span).burns == used
    closed(shop, "2017-01", "2017-02", "2017-03", "2017-04")
    assert [one.event for one in entries(period="2017-03")] == ["expiry"]
    assert broken() == {}
