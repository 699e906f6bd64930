"""A wallet of lots: the order in which they are spent, what has expired, what leaves with them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.ledger.lots import AT_ONCE, FOREVER, BalanceError, Lot, Wallet, share
from pointbook.engine.ledger.transfers import ROUTES
from tests.engine.ledger.sketches import held, lot, taken
from tests.engine.sketches import at

OLD = ("old", "2025-01-01", 100)
NEW = ("new", "2025-02-01", 100)


def test_a_lot_is_whole_and_free_to_use_when_nothing_else_is_said():
    """The first fields in their order are what the rooms have always written."""
    one = Lot("a", "r", "points", at("2025-01-01"), FOREVER, 10, 10, 5, 1000, 1, 2, 3, 7)
    assert (one.allocated, one.base, one.returned) == (5, 1000, 1)
    assert (one.due, one.drawn_back, one.id) == (2, 3, 7)
    assert (one.starts_at, one.cohort, one.origin) == (AT_ONCE, None, None)
    assert Wallet(spend_order="oldest", lots=[one]).available(at("1900-01-01")) == 10


def test_an_empty_lot_is_not_in_a_wallet():
    empty = lot(*OLD)
    empty.remaining = 0
    assert held(Wallet(spend_order="oldest", lots=[empty, lot(*NEW)])) == [("new", 100)]


def test_oldest_first_is_by_the_time_of_earning():
    wallet = Wallet(spend_order="oldest")
    for one in (lot(*NEW, until="2025-04-01"), lot(*OLD, until="2026-01-01")):
        wallet.add(one)
    draws = wallet.draw(150, at=at("2025-03-01"))
    assert taken(draws) == [("old", 100), ("new", 50)]
    assert [one.fact for one in wallet.lots] == ["new"]


def test_soonest_expiry_first_is_by_the_end():
    lots = [lot(*OLD, until="2026-01-01"), lot(*NEW, until="2025-04-01")]
    wallet = Wallet(spend_order="soonest_expiry", lots=lots)
    wallet.add(lot("never", "2024-01-01", 100))
    assert taken(wallet.draw(250, at=at("2025-03-01"))) == [
        ("new", 100),
        ("old", 100),
        ("never", 50),
    ]
    assert wallet.next_expiry == FOREVER


def test_a_wallet_follows_the_order_of_the_version_in_force():
    wallet = Wallet(spend_order="oldest")
    for one in (lot(*OLD, until="2026-01-01"), lot(*NEW, until="2025-04-01")):
        wallet.add(one)
    wallet.follow("soonest_expiry")
    assert taken(wallet.draw(50, at=at("2025-03-01"))) == [("new", 50)]
    wallet.follow("oldest")
    wallet.follow("oldest")
    assert taken(wallet.draw(50, at=at("2025-03-01"))) == [("old", 50)]


def test_lots_of_one_instant_are_spent_by_the_names_of_fact_and_rule():
    wallet = Wallet(spend_order="oldest")
    for fact in ("b", "a", "c"):
        wallet.add(lot(fact, "2025-01-01", 10))
    assert taken(wallet.draw(25, at=at("2025-01-01"))) == [("a", 10), ("b", 10), ("c", 5)]


def test_an_expired_lot_cannot_be_used_from_its_last_instant_on_whether_a_task_ran_or_not():
    wallet = Wallet(spend_order="oldest", lots=[lot(*OLD, until="2025-03-01"), lot(*NEW)])
    assert wallet.available(at("2025-02-28 23:59:59")) == 200
    assert wallet.available(at("2025-03-01")) == 100
    assert taken(wallet.draw(60, at=at("2025-03-01"))) == [("new", 60)]
    with pytest.raises(BalanceError) as caught:
        wallet.draw(50, at=at("2025-03-01"))
    assert str(caught.value) == "the balance is 40, 50 were asked for. Ask for 40 or fewer."
    assert wallet.available(at("2025-03-01")) == 40  # nothing was taken
    assert taken(wallet.expire(at("2025-03-01"))) == [("old", 100)]
    assert wallet.expire(at("2025-03-01")) == []
    assert wallet.next_expiry == FOREVER


def test_an_expiry_that_runs_twice_takes_the_points_once():
    """Sylius Plus: 100 points that expire are minus 100 once, however often the command runs."""
    wallet = Wallet(spend_order="oldest", lots=[lot("a", "2025-01-01", 100, until="2025-02-01")])
    runs = [wallet.expire(at(day)) for day in ("2025-02-01", "2025-02-01", "2025-02-02")]
    assert [taken(draws) for draws in runs] == [[("a", 100)], [], []]


def test_points_are_spent_first_in_first_out_and_what_is_left_expires():
    """Odoo, addons/sale_loyalty, TestExpireLoyaltyPoints: rewards of 500, points live 90 days."""
    wallet = Wallet(spend_order="oldest")
    wallet.add(lot("first", "2025-01-01", 575, until="2025-04-01"))
    assert taken(wallet.draw(500, at=at("2025-01-01"))) == [("first", 500)]
    assert held(wallet) == [("first", 75)]
    wallet.add(lot("second", "2025-01-02", 805, until="2025-04-02"))
    assert taken(wallet.draw(500, at=at("2025-01-02"))) == [("first", 75), ("second", 425)]
    assert held(wallet) == [("second", 380)]
    assert taken(wallet.expire(at("2025-04-02"))) == [("second", 380)]
    assert wallet.available(at("2025-04-02")) == 0


def test_lots_expire_in_the_order_of_their_ends():
    lots = [lot(*OLD, until="2025-05-01"), lot(*NEW, until="2025-04-01"), lot("x", "2025-03-01", 1)]
    wallet = Wallet(spend_order="oldest", lots=lots)
    assert wallet.next_expiry == at("2025-04-01")
    assert wallet.expire(at("2025-03-31")) == []
    assert taken(wallet.expire(at("2025-06-01"))) == [("new", 100), ("old", 100)]
    assert [one.remaining for one in lots] == [0, 0, 1]


def test_what_comes_back_is_taken_from_its_own_lot_then_in_spend_order():
    own = lot("own", "2025-02-15", 50, allocated=33)
    others = [lot(*OLD, allocated=200), lot(*NEW, until="2025-03-01", allocated=7)]
    wallet = Wallet(spend_order="oldest", lots=[*others, own])
    draws = wallet.take_back(120, at=at("2025-03-01"), first=own)
    assert [(one.lot.fact, one.points, one.allocated) for one in draws] == [
        ("own", 50, 33),
        ("old", 70, 140),
    ]
    # Only what is there, and never from what has expired.
    rest = wallet.take_back(100, at=at("2025-03-01"), first=own)
    assert [(one.lot.fact, one.points, one.allocated) for one in rest] == [("old", 30, 60)]
    assert wallet.take_back(1, at=at("2025-03-01"), first=own) == []


def test_an_own_lot_that_has_expired_gives_nothing():
    own = lot("own", "2025-01-01", 50, until="2025-02-01")
    wallet = Wallet(spend_order="oldest", lots=[own, lot(*NEW)])
    assert taken(wallet.take_back(20, at=at("2025-02-01"), first=own)) == [("new", 20)]


@settings(deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(1, 500), min_size=1, max_size=12))
def test_shares_of_a_lot_taken_back_in_parts_add_up_to_all_of_it(allocated, parts):
    own = lot("own", "2025-01-01", sum(parts), allocated=allocated)
    wallet = Wallet(spend_order="oldest", lots=[own])
    left = 0
    for part in parts:
        (draw,) = wallet.take_back(part, at=at("2025-01-01"), first=own)
        assert draw.allocated >= 0
        left += draw.allocated
        assert left == share(own, own.points - own.remaining)
    assert left == allocated
    assert wallet.lots == []


ENDS = st.sampled_from([None, "2025-02-01", "2025-03-01", "2025-04-01"])


@settings(deadline=None)
@given(
    st.sampled_from(["oldest", "soonest_expiry"]),
    st.lists(st.tuples(st.integers(1, 28), st.integers(1, 100), ENDS), max_size=8),
    st.lists(st.tuples(st.sampled_from(["add", "draw", "expire", "back"]), st.integers(0, 200))),
)
def test_a_wallet_agrees_with_a_sheet_of_paper(order, lots, actions):
    """The same actions on a sorted list of rows, which is all that a wallet has to be."""
    when = at("2025-03-01")
    wallet, sheet = Wallet(spend_order=order), []
    for n, (day, points, until) in enumerate(lots):
        one = lot(f"{n}", f"2025-01-{day:02d}", points, until=until)
        wallet.add(one)
        sheet.append([one, points])
    wanted = {"oldest": lambda x: (x.earned_at, x.fact)}.get(
        order, lambda x: (x.expires_at, x.earned_at, x.fact)
    )
    sheet.sort(key=lambda row: wanted(row[0]))
    for action, number in actions:
        usable = [row for row in sheet if row[0].expires_at > when]
        if action == "expire":
            wallet.expire(when)
            for row in sheet:
                row[1] = 0 if row[0].expires_at <= when else row[1]
        elif action == "draw" and number <= sum(row[1] for row in usable):
            wallet.draw(number, at=when)
            _cross_off(usable, number)
        elif action == "back" and sheet:
            first = sheet[number % len(sheet)]
            wallet.take_back(number, at=when, first=first[0])
            _cross_off([row for row in (first,) if row in usable] + usable, number)
    assert [row[0].remaining for row in sheet] == [row[1] for row in sheet]
    assert wallet.available(when) == sum(row[1] for row in sheet if row[0].expires_at > when)
    assert [one.fact for one in wallet.lots] == [row[0].fact for row in sheet if row[1]]


def _cross_off(rows, number):
    for row in rows:
        count = min(row[1], number)
        row[1] -= count
        number -= count


def test_every_transfer_runs_between_two_accounts():
    assert all(source != destination for source, destination in ROUTES.values())
    assert ROUTES["award"] == ("issued", "wallet")


@pytest.mark.parametrize(
    ("there", "back"),
    [("burn", "refund"), ("expiry", "reinstatement"), ("transfer_out", "transfer_in")],
)
def test_what_comes_back_runs_the_other_way(there, back):
    assert ROUTES[there] == ROUTES[back][::-1]
