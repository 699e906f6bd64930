"""Points that cannot be used yet, and dates of lots that move."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.ledger.lots import AT_ONCE, FOREVER, BalanceError, Shift, Wallet
from tests.engine.ledger.sketches import held, lot, taken
from tests.engine.sketches import at


def test_pending_points_are_held_and_cannot_be_burned_until_they_start():
    wallet = Wallet(spend_order="oldest")
    wallet.add(lot("soon", "2025-01-01", 50, start="2025-01-15", until="2025-06-01"))
    wallet.add(lot("free", "2025-01-02", 30))
    before, after = at("2025-01-14 23:59:59"), at("2025-01-15")
    assert (wallet.available(before), wallet.pending(before)) == (30, 50)
    with pytest.raises(BalanceError, match="the balance is 30, 31 were asked for"):
        wallet.draw(31, at=before)
    assert (wallet.available(after), wallet.pending(after)) == (80, 0)
    assert taken(wallet.draw(60, at=after)) == [("soon", 50), ("free", 10)]


def test_points_that_wait_for_an_event_wait_for_ever():
    wallet = Wallet(spend_order="oldest", lots=[lot("a", "2025-01-01", 50, start=FOREVER)])
    assert (wallet.available(at("2190-01-01")), wallet.pending(at("2190-01-01"))) == (0, 50)


def test_pending_points_expire_too():
    wallet = Wallet(spend_order="oldest")
    wallet.add(lot("a", "2025-01-01", 50, start=FOREVER, until="2025-03-01"))
    wallet.add(lot("b", "2025-01-01", 5, start=FOREVER))
    when = at("2025-03-01")
    assert wallet.pending(when) == 5
    assert taken(wallet.expire(when)) == [("a", 50)]
    assert wallet.pending(when) == 5


def test_a_return_takes_from_its_own_award_even_while_that_is_pending():
    own = lot("own", "2025-01-03", 20, start="2025-02-01", allocated=10)
    other = lot("other", "2025-01-01", 20, start="2025-02-01")
    wallet = Wallet(spend_order="oldest", lots=[own, other, lot("free", "2025-01-02", 5)])
    draws = wallet.take_back(40, at=at("2025-01-10"), first=own)
    assert [(draw.lot.fact, draw.points, draw.allocated) for draw in draws] == [
        ("own", 20, 10),
        ("free", 5, 0),
    ]
    assert held(wallet) == [("other", 20)]


def test_an_event_releases_points():
    waiting = lot("a", "2025-01-01", 50, start=FOREVER)
    wallet = Wallet(spend_order="oldest", lots=[waiting, lot("b", "2025-01-02", 5)])
    when = at("2025-01-20 10:00")
    assert wallet.release(waiting, starts_at=when) == Shift(waiting, when, FOREVER)
    assert (wallet.available(when), wallet.pending(when)) == (55, 0)
    assert wallet.pending(at("2025-01-19")) == 50


def test_a_start_may_also_be_put_off():
    one = lot("a", "2025-01-01", 50, start="2025-01-10")
    wallet = Wallet(spend_order="oldest", lots=[one])
    wallet.release(one, starts_at=at("2025-01-20"))
    assert (wallet.available(at("2025-01-15")), wallet.pending(at("2025-01-15"))) == (0, 50)


def test_a_term_that_counts_from_the_release_is_known_with_it():
    """An end that was open is set, and the spend order follows it."""
    waiting = lot("a", "2025-01-01", 50, start=FOREVER)
    wallet = Wallet(
        spend_order="soonest_expiry",
        lots=[waiting, lot("b", "2025-01-02", 5, until="2025-06-01")],
    )
    when, end = at("2025-01-20"), at("2025-04-20")
    assert wallet.release(waiting, starts_at=when, expires_at=end) == Shift(waiting, when, end)
    assert held(wallet) == [("a", 50), ("b", 5)]
    assert wallet.next_expiry == end


def test_a_lot_that_came_back_while_it_was_pending_is_released_without_points():
    waiting = lot("a", "2025-01-01", 50, start=FOREVER)
    wallet = Wallet(spend_order="oldest", lots=[waiting])
    wallet.take_back(50, at=at("2025-01-05"), first=waiting)
    when, end = at("2025-01-20"), at("2025-04-20")
    assert wallet.release(waiting, starts_at=when, expires_at=end).expires_at == end
    assert wallet.available(when) == wallet.pending(when) == 0
    assert wallet.next_expiry == FOREVER


def test_activity_puts_the_ends_of_all_lots_off_and_never_brings_one_forward():
    lots = [
        lot("ended", "2024-01-01", 10, until="2025-02-01"),
        lot("soon", "2024-06-01", 10, until="2025-03-01"),
        lot("late", "2024-07-01", 10, until="2026-06-01"),
        lot("never", "2024-08-01", 10),
        lot("pending", "2024-09-01", 10, start=FOREVER, until="2025-04-01"),
    ]
    wallet = Wallet(spend_order="soonest_expiry", lots=lots)
    when, end = at("2025-02-10"), at("2026-02-10")
    shifts = wallet.slide(end, at=when)
    assert [(one.lot.fact, one.starts_at, one.expires_at) for one in shifts] == [
        ("soon", AT_ONCE, end),
        ("pending", FOREVER, end),
    ]
    assert wallet.next_expiry == at("2025-02-01")  # what has ended stays ended
    assert taken(wallet.expire(when)) == [("ended", 10)]
    assert wallet.next_expiry == end
    assert wallet.slide(at("2025-12-31")) == []


def test_a_longer_term_is_asked_of_each_lot():
    lots = [
        lot("old", "2025-01-01", 10, until="2025-07-01"),
        lot("new", "2025-03-01", 10, until="2025-09-01"),
    ]
    wallet = Wallet(spend_order="oldest", lots=lots)
    shifts = wallet.slide(lambda one: one.earned_at + timedelta(days=200), at=at("2025-04-01"))
    assert [(one.lot.fact, one.expires_at) for one in shifts] == [
        ("old", at("2025-07-20")),
        ("new", at("2025-09-17")),
    ]


def test_ends_that_were_put_off_change_the_spend_order_that_asks_for_ends():
    lots = [
        lot("a", "2025-01-01", 10, until="2025-07-01"),
        lot("b", "2025-03-01", 10, until="2025-09-01"),
    ]
    wallet = Wallet(spend_order="soonest_expiry", lots=lots)
    later = {"a": at("2026-01-01"), "b": at("2025-09-01")}
    wallet.slide(lambda one: later[one.fact])
    assert taken(wallet.draw(15, at=at("2025-04-01"))) == [("b", 10), ("a", 5)]


DAYS = st.integers(0, 400)


@settings(deadline=None)
@given(
    st.sampled_from(["oldest", "soonest_expiry"]),
    st.lists(st.tuples(DAYS, DAYS), max_size=8),
    st.lists(DAYS, max_size=4),
    DAYS,
)
def test_ends_never_move_earlier(order, days, slides, now):
    first = at("2025-01-01")
    wallet = Wallet(spend_order=order)
    for n, (earned, ends) in enumerate(days):
        one = lot(f"{n}", "2025-01-01", 1)
        one.earned_at += timedelta(days=earned)
        one.expires_at = first + timedelta(days=ends)
        wallet.add(one)
    lots = list(wallet.lots)
    when = first + timedelta(days=now)
    for slide in slides:
        before = [one.expires_at for one in lots]
        end = first + timedelta(days=slide)
        shifts = wallet.slide(end, at=when)
        after = [one.expires_at for one in lots]
        assert after == [max(old, end) if old > when else old for old in before]
        assert sorted(one.lot.fact for one in shifts) == sorted(
            one.fact for one, old in zip(lots, before, strict=True) if one.expires_at != old
        )
        assert wallet.next_expiry == min(after, default=FOREVER)
        fresh = Wallet(spend_order=order, lots=lots)
        assert [one.fact for one in wallet.lots] == [one.fact for one in fresh.lots]
