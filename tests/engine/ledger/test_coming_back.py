"""Points that come back: of burns that are undone, and of lots that had expired."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.ledger.lots import FOREVER, Draw, Gone, Wallet
from tests.engine.ledger.sketches import held, lot, taken
from tests.engine.sketches import at

TEN_DAYS = timedelta(days=10)
LATER = at("2025-02-02")


def test_a_burn_that_is_undone_gives_the_same_lots_again():
    wallet = Wallet(spend_order="oldest")
    for one in (
        lot("old", "2025-01-01", 100, until="2025-06-01"),
        lot("mid", "2025-01-02", 100, until="2025-07-01"),
        lot("new", "2025-01-03", 100, until="2025-08-01"),
    ):
        wallet.add(one)
    before = held(wallet)
    draws = wallet.draw(250, at=at("2025-02-01"))
    assert held(wallet) == [("new", 50)]
    assert wallet.next_expiry == at("2025-08-01")
    back = wallet.put_back(draws, at=at("2025-02-02"))
    assert taken(back) == [("old", 100), ("mid", 100), ("new", 50)]
    assert held(wallet) == before
    assert wallet.next_expiry == at("2025-06-01")


def test_part_of_a_burn_comes_back():
    wallet = Wallet(spend_order="oldest", lots=[lot("a", "2025-01-01", 100)])
    (draw,) = wallet.draw(100, at=at("2025-02-01"))
    part = Draw(draw.lot, 30)
    assert wallet.put_back([part, Draw(draw.lot, 0)], at=LATER) == [part, Draw(draw.lot, 0)]
    wallet.put_back([Draw(draw.lot, 70)], at=LATER)
    assert held(wallet) == [("a", 100)]


def test_nothing_of_a_burn_comes_back_to_a_lot_that_stays_empty():
    wallet = Wallet(spend_order="oldest", lots=[lot("a", "2025-01-01", 100)])
    (draw,) = wallet.draw(100, at=at("2025-02-01"))
    wallet.put_back([Draw(draw.lot, 0)], at=LATER)
    assert held(wallet) == []


def test_points_come_back_once():
    wallet = Wallet(spend_order="oldest", lots=[lot("a", "2025-01-01", 100)])
    draws = wallet.draw(40, at=at("2025-02-01"))
    wallet.put_back(draws, at=LATER)
    with pytest.raises(AssertionError, match="points come back once"):
        wallet.put_back(draws, at=LATER)


def test_points_that_come_back_into_a_lot_that_ended_expire_at_once():
    wallet = Wallet(spend_order="oldest", lots=[lot("a", "2025-01-01", 100, until="2025-03-01")])
    draws = wallet.draw(40, at=at("2025-02-01"))
    assert taken(wallet.expire(at("2025-03-01"))) == [("a", 60)]
    when = at("2025-03-10")
    wallet.put_back(draws, at=when)
    assert wallet.available(when) == 0
    assert taken(wallet.expire(when)) == [("a", 40)]
    assert wallet.expire(when) == []


def test_points_come_back_to_the_lot_and_its_place_in_the_spend_order():
    soon = lot("soon", "2025-01-05", 10, until="2025-06-01")
    wallet = Wallet(
        spend_order="soonest_expiry",
        lots=[soon, lot("late", "2025-01-01", 10, until="2025-07-01")],
    )
    draws = wallet.draw(10, at=at("2025-02-01"))
    wallet.follow("oldest")
    wallet.put_back(draws, at=LATER)
    assert held(wallet) == [("late", 10), ("soon", 10)]


def test_what_expired_inside_the_window_is_reinstated():
    """Salesforce, LoyaltyPgmCurrencyExtPrd, ReinstatementWindow.

    With 10 days and points reinstated on 15 January 2026 what expired on or after 5 January comes
    back. https://developer.salesforce.com/docs/marketing/loyalty-api/guide/
    sforce-api-objects-loyaltypgmcurrencyextprd.html
    """
    wallet = Wallet(spend_order="oldest", remembers=TEN_DAYS)
    wallet.add(lot("fourth", "2025-01-04", 40, until="2026-01-04"))
    wallet.add(lot("fifth", "2025-01-05", 50, until="2026-01-05"))
    wallet.add(lot("open", "2025-02-01", 60, until="2026-02-01"))
    for day in ("2026-01-04", "2026-01-05", "2026-01-06"):
        wallet.expire(at(day))
    when, until = at("2026-01-15"), at("2026-02-14")
    back = wallet.reinstate(since=at("2026-01-05"), at=when, until=until)
    assert taken(back) == [("fifth", 50)]
    assert held(wallet) == [("fifth", 50), ("open", 60)]
    assert [one.expires_at for one in wallet.lots] == [until, at("2026-02-01")]
    assert wallet.next_expiry == at("2026-02-01")
    # What came back is not there to come back again, and expires like all points.
    assert wallet.reinstate(since=at("2026-01-05"), at=when, until=until) == []
    assert taken(wallet.expire(until)) == [("open", 60), ("fifth", 50)]


def test_the_window_begins_with_a_day_whatever_the_hour():
    wallet = Wallet(
        spend_order="oldest",
        lots=[
            lot("fifth", "2025-01-05", 50, until="2026-01-05"),
            lot("now", "2025-01-15", 5, until="2026-01-15"),
        ],
        remembers=TEN_DAYS,
    )
    wallet.expire(at("2026-01-05"))
    evening = at("2026-01-15 22:00")
    wallet.expire(evening)
    back = wallet.reinstate(since=at("2026-01-05"), at=evening, until=FOREVER)
    assert taken(back) == [("fifth", 50), ("now", 5)]


def test_a_lot_of_which_some_was_burned_comes_back_whole():
    """40 were burned, 60 expired, the 40 came back and expired at once: all 100 are reinstated."""
    one = lot("a", "2025-01-01", 100, until="2025-03-01")
    wallet = Wallet(spend_order="oldest", lots=[one], remembers=TEN_DAYS)
    draws = wallet.draw(40, at=at("2025-02-01"))
    wallet.expire(at("2025-03-01"))
    came = at("2025-03-04 12:00")
    wallet.put_back(draws, at=came)
    wallet.expire(came)
    assert wallet.gone == [Gone(one, 60, one.expires_at), Gone(one, 40, came)]
    back = wallet.reinstate(since=at("2025-03-01"), at=at("2025-03-05"), until=at("2025-04-04"))
    assert taken(back) == [("a", 100)]
    assert held(wallet) == [("a", 100)]


def test_points_that_came_back_late_expired_when_they_came():
    """The lot ended before the window, its burned points came back inside it."""
    one = lot("a", "2025-01-01", 100, until="2025-03-01")
    wallet = Wallet(spend_order="oldest", lots=[one], remembers=TEN_DAYS)
    draws = wallet.draw(40, at=at("2025-02-01"))
    wallet.expire(at("2025-03-01"))
    came = at("2025-03-20 12:00")
    wallet.put_back(draws, at=came)
    wallet.expire(came)
    back = wallet.reinstate(since=at("2025-03-15"), at=at("2025-03-25"), until=FOREVER)
    assert taken(back) == [("a", 40)]


def test_what_expired_later_than_the_fact_is_not_reinstated():
    """A late fact: the lot ended after the instant at which it would come back."""
    wallet = Wallet(
        spend_order="oldest",
        lots=[lot("a", "2025-01-01", 10, until="2025-03-01")],
        remembers=TEN_DAYS,
    )
    wallet.expire(at("2025-03-02"))
    assert wallet.reinstate(since=at("2025-02-01"), at=at("2025-02-11"), until=FOREVER) == []
    assert len(wallet.gone) == 1


def test_only_wallets_that_are_told_to_remember():
    one = lot("a", "2025-01-01", 10, until="2025-03-01")
    wallet = Wallet(spend_order="oldest", lots=[one])
    wallet.expire(at("2025-03-01"))
    assert wallet.gone == []
    assert wallet.reinstate(since=at("2025-02-25"), at=at("2025-03-07"), until=FOREVER) == []


def test_what_is_remembered_can_be_handed_in_and_is_forgotten_in_time():
    early, late = (
        lot("early", "2025-01-01", 10, until="2025-03-01"),
        lot("late", "2025-01-02", 10, until="2025-03-08"),
    )
    for one in (early, late):
        one.remaining = 0
    gone = [Gone(one, 10, one.expires_at) for one in (early, late)]
    wallet = Wallet(spend_order="oldest", gone=gone, remembers=TEN_DAYS)
    wallet.forget(at("2025-03-12"))
    assert [entry.lot.fact for entry in wallet.gone] == ["early", "late"]
    wallet.add(lot("more", "2025-01-03", 10, until="2025-03-14"))
    wallet.expire(at("2025-03-14"))
    assert [entry.lot.fact for entry in wallet.gone] == ["late", "more"]
    wallet.remembers = None
    wallet.forget(at("2025-04-01"))
    assert wallet.gone == []


def test_a_lot_is_emptied_again_as_it_was_at_its_end():
    """A fold that is told again knows when each lot was emptied, not what the time was."""
    one = lot("a", "2025-01-01", 10, until="2025-03-01")
    wallet = Wallet(spend_order="oldest", lots=[one], remembers=TEN_DAYS)
    assert wallet.expire_lot(one) == Draw(one, 10)
    assert wallet.expire_lot(one) == Draw(one, 0)
    assert held(wallet) == []
    back = wallet.reinstate(since=at("2025-02-25"), at=at("2025-03-07"), until=FOREVER)
    assert taken(back) == [("a", 10)]


@settings(deadline=None)
@given(
    st.sampled_from(["oldest", "soonest_expiry"]),
    st.lists(st.tuples(st.integers(1, 28), st.integers(1, 100), st.integers(1, 28)), max_size=8),
    st.lists(st.integers(1, 200), max_size=6),
)
def test_burns_that_are_undone_leave_no_trace(order, lots, burns):
    wallet = Wallet(spend_order=order)
    for n, (day, points, ends) in enumerate(lots):
        wallet.add(lot(f"{n}", f"2025-01-{day:02d}", points, until=f"2025-03-{ends:02d}"))
    before, next_expiry = held(wallet), wallet.next_expiry
    when = at("2025-02-01")
    undone = [wallet.draw(points, at=when) for points in burns if points <= wallet.available(when)]
    for draws in undone:
        wallet.put_back(draws, at=when)
    assert held(wallet) == before
    assert wallet.next_expiry == next_expiry
