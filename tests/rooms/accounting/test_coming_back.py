"""Every way in which points come, go and come back, late or in time: the books tie to 0.00."""

import pytest

from pointbook.accounting.models import CohortEntry, JournalLine
from pointbook.accounting.queries.closes import close_view
from pointbook.accounting.queries.statements import liability_now, statements
from pointbook.earning.operations import ingest
from tests.rooms.accounting.conftest import OWNER, Shop
from tests.rooms.accounting.periods import closed, drilled, events, line, points
from tests.rooms.till import balance, broken, rows

ALL = """
transfers: {units: [points]}
households: {pool: [points]}
corrections: {reasons: [goodwill, mistake], negative: allow}
"""
REINSTATES = ", reinstate: {within_days: 10, for_days: 60}"


@pytest.fixture
def shop(db):
    """Points that last a month, come back within ten days, and may go to others."""
    own = Shop(expires="{after_days: 31}", unit=REINSTATES, more=ALL).open()
    own.estimate("0.8", "2017-01")
    return own


def test_a_burn_comes_back_with_its_order(shop):
    shop.happened(
        shop.buy("2017-01-05", 100_000, key="points"),
        shop.buy("2017-01-20", 50_000, key="order"),
        shop.tell("burn", "2017-01-20T01:00", about="order", points=60),
    )
    closed(shop, "2017-01")
    shop.happened(shop.give_back("2017-02-01", "order", 25_000))
    assert balance() == 100 + 50 - 60 - 25 + 30
    shop.happened(shop.tell("cancel", "2017-02-02", about="order"))
    assert balance() == 100
    closed(shop, "2017-02")
    assert points("2017-02") == {"redeemed": 60, "expired": -100, "clawed_back": -50}
    assert {account for account, _, _ in events("2017-02")["cancelled_burn"]} == {"2100", "4010"}
    assert drilled("2017-02", "cancelled_burn") == (60, 60)


def test_a_burn_whose_points_have_ended_since_comes_back_and_ends_at_once(shop):
    shop.happened(
        shop.buy("2017-01-05", 100_000),
        shop.tell("burn", "2017-01-06", about="order", points=40),
        shop.buy("2017-01-07", 10_000, key="order"),
    )
    assert shop.expire("2017-02-10").points == 70
    shop.happened(shop.tell("cancel", "2017-03-03", about="order"))
    assert (balance(), shop.expire("2017-03-10").points) == (40, 40)
    # Dated when they came back: at their own end they were not there to expire.
    assert rows(
        """select points, occurred_at::date::text from ledger_transfer
        where kind in ('refund', 'expiry') order by id"""
    )[-2:] == [(40, "2017-03-03"), (40, "2017-03-03")]
    closed(shop, "2017-01", "2017-02", "2017-03")
    assert points("2017-03") == {"redeemed": 40, "expired": -40}
    assert (line("2017-03", "redeemed"), line("2017-03", "breakage")) != (0, 0)


def test_a_late_return_never_undoes_a_burn_before_it_happened(shop):
    shop.happened(
        shop.buy("2017-01-05", 100_000),
        shop.buy("2017-01-06", 10_000, key="order"),
        shop.tell("burn", "2017-02-01", about="order", points=100),
        shop.give_back("2017-01-31", "order", 10_000),
    )
    closed(shop, "2017-01", "2017-02")
    assert points("2017-01") == {"earned": 110, "clawed_back": -10}


def test_points_that_came_back_are_not_used_before_they_did(shop):
    shop.happened(
        shop.buy("2017-01-05", 100_000),
        shop.buy("2017-01-06", 1_000, key="order"),
        shop.tell("burn", "2017-01-30", about="order", points=100),
        shop.tell("cancel", "2017-02-01", about="order"),
    )
    # Both come late: they lie before the cancellation, but take what it brought.
    shop.happened(shop.buy("2017-01-29", 20_000, key="late"), shop.burn("2017-01-31", 90))
    shop.happened(shop.give_back("2017-01-31T12:00", "late", 20_000))
    closed(shop, "2017-01", "2017-02")
    assert points("2017-02")["redeemed"] == 100 - 90


def test_expired_points_are_reinstated(shop):
    shop.happened(shop.buy("2017-01-01", 100_000), shop.burn("2017-01-02", 30))
    closed(shop, "2017-01")
    assert balance() == 0
    shop.happened(shop.tell("reinstate", "2017-02-05"))
    assert balance() == 70
    closed(shop, "2017-02")
    # Within one period they never left.
    assert points("2017-02") == {}
    closed(shop, "2017-03", "2017-04")
    assert balance() == 0
    shop.happened(shop.tell("reinstate", "2017-04-14T12:00"))
    closed(shop, "2017-05")
    assert points("2017-05") == {"reinstated": 70}
    owed = liability_now(program="shop")[0].money
    assert events("2017-05")["reinstatement"] == [("2100", 0, owed), ("4020", owed, 0)]
    assert line("2017-05", "reinstated") == owed > 0
    assert drilled("2017-05", "reinstatement") == (70, 70)


def test_a_late_burn_of_reinstated_points(shop):
    shop.happened(shop.buy("2017-01-01", 100_000))
    assert shop.expire("2017-02-01").points == 100
    shop.happened(shop.tell("reinstate", "2017-02-05"))
    shop.happened(shop.burn("2017-01-10", 100))
    closed(shop, "2017-01", "2017-02")
    assert points("2017-02") == {"redeemed": -100}


def test_points_are_deducted_like_points_that_expire(shop):
    shop.happened(
        shop.buy("2017-01-05", 100_000),
        shop.burn("2017-01-06", 10),
        shop.tell("adjustment", "2017-01-06", points="-85", reason="mistake"),
        shop.tell("adjustment", "2017-01-07", points="25", reason="goodwill"),
    )
    closed(shop, "2017-01")
    assert points("2017-01") == {"earned": 125, "redeemed": -10, "expired": -85}
    assert drilled("2017-01", "expiry") == (-85, 85)
    # More than there is: the member owes it, without money, and the next award pays first.
    shop.happened(shop.tell("adjustment", "2017-01-08", points="-100", reason="mistake"))
    shop.happened(shop.buy("2017-02-01", 85_000))
    closed(shop, "2017-02")
    assert (balance("debt"), balance()) == (0, 15)
    assert not JournalLine.objects.filter(account="1180").exists()


def test_points_go_to_another_member_and_stay_in_their_cohort(shop):
    shop.happened(shop.buy("2017-01-05", 100_000, key="a"), shop.burn("2017-01-06", 10))
    closed(shop, "2017-01")
    shop.happened(shop.buy("2017-02-01", 1_000, member="m2"))
    shop.happened(shop.tell("transfer", "2017-02-02", to="m2", points=60))
    assert rows("select points, remaining, allocated, issued_on::text from ledger_lot order by id")[
        ::2
    ] == [(100, 30, 7407, "2017-01-01"), (60, 60, 4444, "2017-01-01")]
    shop.happened(
        shop.burn("2017-02-03", 51, member="m2"), shop.give_back("2017-02-04", "a", 40_000)
    )
    closed(shop, "2017-02")
    # Nothing moved between cohorts; what the other burned is of the first one's month.
    assert points("2017-02") == {
        "earned": 1,
        "redeemed": -51,
        "expired": -9,
        "clawed_back": -30,
    }
    assert drilled("2017-02", "burn") == (-51, 51)
    assert {row.issued_on.month for row in CohortEntry.objects.filter(event="burn")} == {1}


def test_a_late_burn_of_received_points_of_a_later_month(shop):
    shop.happened(
        shop.buy("2017-01-05", 10_000),
        shop.buy("2017-02-05", 100_000),
        shop.buy("2017-01-06", 1_000, member="m2"),
    )
    shop.happened(shop.tell("transfer", "2017-02-06", to="m2", points=100))
    # Late, before the points were earned that it takes: it belongs to their month.
    shop.happened(shop.burn("2017-01-20", 95, member="m2"))
    closed(shop, "2017-01", "2017-02")
    assert points("2017-02")["redeemed"] < 0


def test_a_household_keeps_its_points_together(shop):
    shop.happened(shop.buy("2017-01-01", 1_000, member="head"), shop.buy("2017-01-02", 30_000))
    shop.happened(shop.tell("join_household", "2017-01-03", head="head"))
    shop.happened(shop.buy("2017-01-04", 40_000, key="mine"), shop.burn("2017-01-05", 50))
    assert rows(
        """select i.value, a.balance from ledger_account a join members_identifier i
        using (member_id) where a.kind = 'wallet' order by 1"""
    ) == [("head", 21), ("m1", 0)]
    shop.happened(shop.give_back("2017-01-06", "mine", 40_000))
    closed(shop, "2017-01")
    # The award is with the head, who is asked for it: 21 of 40 points are still there.
    assert points("2017-01") == {"earned": 71, "redeemed": -50, "clawed_back": -21}
    assert "shortfall_forgone" in events("2017-01")


def test_what_a_fact_gave_by_mistake_is_taken_back(shop):
    shop.happened(shop.buy("2017-01-05", 100_000, key="a"), shop.burn("2017-01-06", 30))
    closed(shop, "2017-01")
    shop.happened(shop.tell("void", "2017-02-01", about="a", reason="mistake"))
    closed(shop, "2017-02")
    assert points("2017-02") == {"clawed_back": -70}
    assert set(events("2017-02")) == {"claw_back", "shortfall_forgone"}


def test_carried_points_are_owed_but_no_money_for_them(db):
    shop = Shop(claw_back="carry_forward").open()
    shop.happened(shop.buy("2017-01-05", 100_000, key="a"), shop.burn("2017-01-06", 100))
    shop.happened(shop.give_back("2017-01-07", "a", 50_000))
    assert balance("debt") == -50
    closed(shop, "2017-01")
    shop.happened(shop.buy("2017-02-05", 80_000))
    assert (balance("debt"), balance()) == (0, 30)
    closed(shop, "2017-02")
    assert not JournalLine.objects.filter(account="1180").exists()
    assert points("2017-02") == {"earned": 80, "repaid": -50}


def test_a_claimed_purchase_comes_back_like_any_other(db):
    shop = Shop().open()
    shop.happened(shop.buy("2017-01-05", 100_000, key="a", member=None))
    shop.happened(shop.tell("claim", "2017-01-20", about="a"))
    assert balance() == 100
    shop.happened(shop.give_back("2017-01-25", "a", 40_000))
    assert balance() == 60
    closed(shop, "2017-01")
    assert points("2017-01") == {"earned": 100, "clawed_back": -40}
    ties = {tie.name: tie.this_side for tie in close_view(period="2017-01").programs[0].ties}
    assert ties["Sales as received to facts"] == 60_000


def test_nothing_that_came_back_is_told_twice(shop):
    """The same facts once more change nothing: answers are the first ones."""
    told = [
        shop.buy("2017-01-05", 100_000, key="a"),
        shop.tell("burn", "2017-01-06", about="a", points=10, key="b"),
        shop.tell("cancel", "2017-01-07", about="a", key="c"),
    ]
    shop.happened(*told)
    before = rows("select count(*), sum(points) from ledger_transfer")
    again = ingest(program="shop", facts=told, actor=OWNER)
    assert {one.status for one in again} == {"duplicate"}
    assert rows("select count(*), sum(points) from ledger_transfer") == before


def test_a_cohort_that_was_used_up_comes_back_before_any_close(shop):
    shop.happened(
        shop.buy("2017-01-05", 10_000),
        shop.buy("2017-01-06", 1_000, key="order"),
        shop.tell("burn", "2017-01-07", about="order", points=11),
        shop.tell("cancel", "2017-02-01", about="order"),
    )
    shop.estimate("0.5", "2017-02")
    shop.expire("2017-03-31T23:59")
    shop.happened(shop.tell("reinstate", "2017-02-10"))
    shop.clock("2030-01-02")
    open_ = {one.period: one.roll for one in statements(program="shop", end="2017-05")}
    owed = liability_now(program="shop")[0].money
    assert open_["2017-01"].points.closing == 0
    for month in ("2017-01", "2017-02", "2017-03"):
        shop.close(month, reason="a test")
        (now,) = liability_now(program="shop")
        assert (now.money, now.closed_until) == (owed, month)
    closed_ = {one.period: one.roll for one in statements(program="shop", end="2017-05")}
    assert closed_ == open_
    assert broken() == {}
