"""Stored value in the books: sold, used, ended, given for points; always owed at its face."""

import pytest

from pointbook.accounting.queries.closes import close_view
from pointbook.accounting.queries.statements import liability_now, trial_balance
from tests.rooms.accounting.conftest import Shop
from tests.rooms.accounting.periods import balances, closed, events, points
from tests.rooms.till import balance, broken, rows

MORE = """
rewards:
  - {reward: card, name: A gift card, price: 40, value: "25.00", unit: points,
     gives: {stored_value: "25.00", unit: gift}}
"""
GIFT = ", gift: {name: Gift card, money: true, expires: {after_days: 45}}"


@pytest.fixture
def shop(db):
    """Points that are worth 1.00 and expected at half, and cards that last 45 days."""
    own = Shop(more=MORE, units=GIFT).open()
    own.estimate("0.5", "2017-01")
    return own


def lines(period):
    """The entries of a period by event and policy's account."""
    found = {}
    for one in close_view(period=period).programs[0].entries:
        found[one.description] = [(line.account, line.debit, line.credit) for line in one.lines]
    return found


def test_a_card_is_sold_used_and_ends(shop):
    shop.happened(
        shop.tell("top_up", "2017-01-05", amount="50.00"),
        shop.tell("top_up", "2017-01-05", amount="30.00", member="m2"),
        shop.tell("burn", "2017-01-20", unit="gift", points="20.00"),
    )
    closed(shop, "2017-01")
    assert lines("2017-01") == {
        "Stored value sold, 2 times": [("1000", 8_000, 0), ("2110", 0, 8_000)],
        "Stored value used": [("2110", 2_000, 0), ("4000", 0, 2_000)],
    }
    shop.happened(shop.tell("burn", "2017-02-02", unit="gift", points="10.00", member="m2"))
    closed(shop, "2017-02")
    # What ends is revenue as breakage at its face, and nothing of it before, whatever the rate.
    assert lines("2017-02") == {
        "Stored value used": [("2110", 1_000, 0), ("4000", 0, 1_000)],
        "Stored value expired or deducted": [("2110", 5_000, 0), ("4020", 0, 5_000)],
    }
    assert points("2017-02", "gift") == {"redeemed": -1_000, "expired": -5_000}
    assert balances() == {"1000": -8_000, "2110": 0, "4000": 3_000, "4020": 5_000}
    assert "2110" in {one.account for one in trial_balance(program="shop")}


def test_what_ends_of_one_card_changes_nothing_for_the_others(shop):
    shop.happened(
        shop.tell("top_up", "2017-01-05", amount="50.00"),
        shop.tell("top_up", "2017-01-30", amount="30.00", member="m2"),
        shop.tell("burn", "2017-01-31", unit="gift", points="20.00", member="m2"),
    )
    closed(shop, "2017-01", "2017-02")
    assert balances()["2110"] == 1_000
    held = {one.unit: one for one in liability_now(program="shop")}
    assert (held["gift"].money, held["gift"].points, held["gift"].expected_points) == (
        1_000,
        1_000,
        1_000,
    )
    closed(shop, "2017-03")
    assert balances()["2110"] == 0


def test_a_card_for_points_is_revenue_when_it_is_used(shop):
    # 50 of 100 points expected: 50 x 1,000 / 1,050 = 47.62 deferred.
    shop.happened(shop.buy("2017-01-05", 100_000))
    shop.happened(shop.tell("burn", "2017-01-20", reward="card"))
    closed(shop, "2017-01")
    # 47.62 x 40 of 50 leaves for the points; the card's 25.00 is no revenue yet.
    assert lines("2017-01") == {
        "New points, 1 awards": [("2100", 0, 4_762), ("4000", 4_762, 0)],
        "Stored value given for points, 1 times": [("2110", 0, 2_500), ("4010", 2_500, 0)],
        "Points redeemed for stored value and access": [("2100", 3_810, 0), ("4010", 0, 3_810)],
    }
    ties = {tie.name: tie.this_side for tie in close_view(period="2017-01").programs[0].ties}
    assert ties["Cohorts to account 2100"] == 952
    assert ties["Cohorts to account 2110"] == 2_500
    shop.happened(shop.tell("burn", "2017-02-02", unit="gift", points="15.00"))
    closed(shop, "2017-02")
    assert lines("2017-02") == {
        "Stored value used (given for points)": [("2110", 1_500, 0), ("4010", 0, 1_500)]
    }
    closed(shop, "2017-03")
    assert lines("2017-03") == {
        "Stored value expired or deducted (given for points)": [
            ("2110", 1_000, 0),
            ("4020", 0, 1_000),
        ]
    }
    assert balances()["4010"] == 3_810 - 2_500 + 1_500


def test_one_wallet_with_what_was_paid_for_and_what_was_not(shop):
    shop.happened(shop.buy("2017-01-05", 100_000))
    shop.happened(
        shop.tell("burn", "2017-01-20", reward="card"),
        shop.tell("top_up", "2017-01-21", amount="50.00"),
        shop.tell("burn", "2017-01-22", unit="gift", points="40.00"),
    )
    closed(shop, "2017-01")
    used = [one for one in close_view(period="2017-01").programs[0].entries if one.event == "burn"]
    assert [[line.account for line in one.lines] for one in used] == [
        ["2100", "4010"],
        ["2110", "4010"],
        ["2110", "4000"],
    ]
    assert balances()["2110"] == 3_500
    assert rows("select distinct policy from ledger_lot order by 1") == [
        ("deferred_revenue",),
        ("exchanged_value",),
        ("stored_value",),
    ]


def test_a_top_up_by_mistake_is_taken_back(shop):
    shop.happened(
        shop.tell("top_up", "2017-01-05", amount="50.00", key="t"),
        shop.tell("burn", "2017-01-20", unit="gift", points="20.00"),
    )
    closed(shop, "2017-01")
    shop.happened(shop.tell("void", "2017-02-01", about="t", reason="mistake"))
    closed(shop, "2017-02")
    assert lines("2017-02") == {
        "Stored value taken back": [("1000", 0, 3_000), ("2110", 3_000, 0)],
        "Stored value not recovered, forgone": [("1000", 0, 2_000), ("4090", 2_000, 0)],
    }
    assert (balance(unit="gift"), broken()) == (0, {})


def test_stored_value_that_is_held_is_owed(shop):
    shop.happened(
        shop.tell("top_up", "2017-01-05", amount="50.00"),
        shop.tell("reserve", "2017-01-31T23:50", key="r", pay=True, unit="gift", points="20.00"),
    )
    closed(shop, "2017-01")
    assert balances()["2110"] == 5_000
    shop.happened(shop.tell("capture", "2017-02-01", about="r", member=None, points="15.00"))
    closed(shop, "2017-02")
    assert events("2017-02")["burn"] == [("2110", 1_500, 0), ("4000", 0, 1_500)]


def test_a_card_that_goes_to_somebody_else_stays_what_it_is(db):
    own = Shop(more=MORE + "transfers: {units: [gift]}\n", units=GIFT).open()
    own.happened(
        own.tell("top_up", "2017-01-05", amount="50.00"),
        own.tell("top_up", "2017-01-06", amount="1.00", member="m2"),
    )
    own.happened(own.tell("transfer", "2017-01-07", to="m2", unit="gift", points="50.00"))
    closed(own, "2017-01")
    own.happened(own.tell("burn", "2017-02-01", unit="gift", points="45.00", member="m2"))
    closed(own, "2017-02")
    assert lines("2017-02")["Stored value used"] == [("2110", 4_500, 0), ("4000", 0, 4_500)]
