"""Redemptions by figures: held, captured in part, released, cancelled, lapsed."""

import pytest

from pointbook.engine.ledger.holds import Hold, parted
from pointbook.engine.ledger.lots import BalanceError, Draw, Lot
from pointbook.engine.replay.judging import judge
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.program import Program, compile_version
from pointbook.engine.replay.shelves import Stock
from pointbook.engine.rules.reading.blueprints import read
from pointbook.engine.values.facts import Fact, FactError, Returned, Tender, instant
from tests.engine.replay.redeeming_shop import (
    DAY_ONE,
    SHOP,
    buy,
    fact,
    held,
    moves,
    refusal,
    shop,
    state,
    usable,
    world,
)


def test_a_part_is_captured_and_the_rest_comes_back_to_its_lots():
    found = world(points=80)
    found.post(buy("q", "2026-01-05 10:00", 70))
    found.post(fact("r", "2026-01-06 10:00", "reserve", points="120"))
    assert (usable(found, "2026-01-06 10:00"), held(found)) == (30, 120)
    verdicts = found.post(fact("c", "2026-01-06 10:10", "capture", about="r", points="90"))
    assert moves(verdicts) == [("capture", 90), ("release", 30)]
    assert (usable(found, "2026-01-06 10:10"), held(found)) == (60, 0)
    # The oldest lot gave its 80 first, so the second keeps 60 of its 70.
    lots = found.members["ann"].wallets["points"].lots
    assert [(one.points, one.remaining) for one in lots] == [(70, 60)]
    cancelled = found.post(fact("x", "2026-01-07 10:00", "cancel_redemption", about="r"))
    assert moves(cancelled) == [("refund", 90)]
    assert [(one.points, one.remaining) for one in lots] == [(80, 80), (70, 70)]
    assert usable(found, "2026-01-07 10:00") == 150


@pytest.mark.parametrize(
    ("settling", "told"),
    [
        (fact("s", DAY_ONE, "capture", about="r", points="101"), "101 points are more than the"),
        (fact("s", DAY_ONE, "capture", about="r", points="0"), "not a positive number"),
        (fact("s", DAY_ONE, "capture", about="no"), "there is no such redemption"),
        (fact("s", DAY_ONE, "release"), "the fact names no redemption"),
        (fact("s", DAY_ONE, "cancel_redemption", about="r"), "was reserved, not captured"),
        (fact("s", "2026-01-01 10:30", "capture", about="r"), "the time of the redemption is over"),
    ],
)
def test_what_cannot_be_settled_changes_nothing(settling, told):
    found = world()
    found.post(fact("r", DAY_ONE, "reserve", points="100"))
    assert told in refusal(found, settling)
    assert (usable(found, DAY_ONE), held(found)) == (900, 100)
    assert moves(found.post(fact("ok", DAY_ONE, "capture", about="r"))) == [("capture", 100)]


@pytest.mark.parametrize("kind", ["capture", "release"])
def test_a_redemption_is_settled_and_cancelled_once(kind):
    found = world()
    found.post(fact("r", DAY_ONE, "reserve", reward="mug"))
    found.post(fact("s", DAY_ONE, kind, about="r"))
    assert f"was {kind}d" in refusal(found, fact("t", DAY_ONE, "capture", about="r"))
    if kind == "capture":
        found.post(fact("u", DAY_ONE, "cancel_redemption", about="r"))
    assert "not captured" in refusal(found, fact("v", DAY_ONE, "cancel_redemption", about="r"))
    assert usable(found, DAY_ONE) == 1000
    assert found.shelves.taken["mug", "", ""] == 0


@pytest.mark.parametrize(("returned", "left"), [("0", 0), ("7", 100)])
def test_what_comes_back_to_a_lot_that_ended_is_gone_or_lives_on(returned, left):
    found = world(shop(returned=returned))
    found.post(fact("r", "2026-01-30 10:00", "reserve", points="100"))
    found.post(fact("c", "2026-01-30 10:10", "capture", about="r"))
    # The lot ended with the 30th; nobody has emptied it yet.
    verdicts = found.post(fact("x", "2026-01-31 10:00", "cancel_redemption", about="r"))
    assert moves(verdicts) == ([("expiry", 900)] if left else []) + [("refund", 100)]
    assert usable(found, "2026-02-06 23:59") == left
    assert [one.expires_at for one in verdicts[0].shifts] == (
        [instant("2026-02-07 00:00")] if left else []
    )
    found.pass_to(instant("2026-02-07 01:00"))
    assert usable(found, "2026-02-07 01:00") == 0
    assert sum(one.draw.points for one in found.expired) == (100 if left else 1000)


def test_only_lots_that_ended_are_given_new_days():
    found = world(shop(returned="7"), points=60)
    found.post(buy("q", "2026-01-20 10:00", 60))
    found.post(fact("r", "2026-01-30 10:00", "reserve", points="100"))
    found.pass_to(instant("2026-01-30 10:30"))
    assert (state(found), usable(found, "2026-01-30 10:30")) == ("released", 120)
    found.post(fact("s", "2026-01-30 11:00", "burn", points="100"))
    (verdict,) = found.post(fact("x", "2026-02-01 10:00", "cancel_redemption", about="s"))
    assert [(one.lot.fact, one.expires_at) for one in verdict.shifts] == [
        ("p", instant("2026-02-08 00:00"))
    ]
    assert usable(found, "2026-02-18 23:59") == 60


def test_a_free_reward_is_reserved_and_used_without_points():
    found = world()
    found.post(fact("r", DAY_ONE, "reserve", reward="pin"))
    assert moves(found.post(fact("c", DAY_ONE, "capture", about="r"))) == []
    assert state(found) == "captured"


def test_burns_whose_holds_nobody_knows_come_back_with_their_order_too():
    found = world()
    found.post(fact("b", DAY_ONE, "burn", about="o", points="100"))
    found.post(buy("o", DAY_ONE, 10))
    found.members["ann"].holds.clear()
    found.post(fact("x", DAY_ONE, "cancel", about="o", member=None))
    assert usable(found, DAY_ONE) == 1000


def test_points_that_come_back_with_an_order_live_on_as_well():
    found = world(shop(returned="7"))
    found.post(fact("r", "2026-01-30 10:00", "burn", about="o", points="100"))
    found.post(buy("o", "2026-01-30 10:00", 10))
    found.pass_to(instant("2026-02-02 10:00"))
    found.post(fact("x", "2026-02-02 10:00", "cancel", about="o", member=None))
    assert usable(found, "2026-02-08 23:59") == 100


def test_an_order_gives_back_what_is_left_of_a_redemption():
    found = world()
    found.post(buy("o", DAY_ONE, 100))
    found.post(fact("r", DAY_ONE, "reserve", about="o", reward="mug"))
    found.post(fact("c", DAY_ONE, "capture", about="r"))
    half = Fact(
        "till",
        "h",
        "return",
        instant(DAY_ONE),
        None,
        currency="USD",
        total=5000,
        returns=Returned("till", "o"),
    )
    (verdict,) = found.post(half)
    assert [(one.what, one.points) for one in verdict.steps] == [("captured", 50)]
    assert found.shelves.taken["mug", "", ""] == 1
    found.post(fact("x", DAY_ONE, "cancel", about="o", member=None))
    assert state(found) == "cancelled"
    assert found.shelves.taken["mug", "", ""] == 0
    assert usable(found, DAY_ONE) == 1000


def test_a_cancelled_redemption_is_not_given_back_with_its_order_again():
    found = world()
    found.post(fact("r", DAY_ONE, "reserve", about="o", points="100"))
    found.post(fact("c", DAY_ONE, "capture", about="r"))
    found.post(fact("s", DAY_ONE, "burn", about="o", points="40"))
    found.post(fact("u", DAY_ONE, "cancel_redemption", about="r"))
    found.post(buy("o", DAY_ONE, 50))
    assert moves(found.post(fact("x", DAY_ONE, "cancel", about="o", member=None))) == [
        ("claw_back", 50),
        ("refund", 40),
    ]


@pytest.mark.parametrize(
    ("reward", "until", "state_after", "left"),
    [
        ("gone", "2026-01-12 00:00", "lapsed", 950),
        ("free", "2026-01-12 00:00", "lapsed", 1000),
        ("back", "2026-03-02 00:00", "released", 0),
        ("pin", "2026-01-02 10:30", "released", 1000),
    ],
)
def test_vouchers_end_as_the_program_says(reward, until, state_after, left):
    found = world()
    found.post(fact("r", "2026-01-02 10:00", "reserve", reward=reward))
    hold = found.members["ann"].holds["till", "r"]
    assert hold.until == instant(until)
    found.pass_to(hold.until)
    assert state(found) == state_after
    assert usable(found, until) == left


def test_some_vouchers_never_end():
    found = world()
    found.post(fact("r", DAY_ONE, "reserve", reward="ever"))
    found.pass_to(instant("2030-01-01 00:00"))
    assert (state(found), held(found)) == ("reserved", 10)


def test_stock_totals_limits_and_places_are_counted_and_given_back():
    found = world()
    found.post(buy("b", DAY_ONE, 1000, member="bob"))
    found.post(fact("r", DAY_ONE, "reserve", reward="mug", quantity=2))
    assert "A mug" in refusal(found, fact("q", DAY_ONE, "burn", reward="mug", member="bob"))
    assert "twice" in refusal(found, fact("q", "2026-01-02 10:00", "burn", reward="mug"))
    found.post(fact("x", DAY_ONE, "release", about="r"))
    found.post(fact("s", DAY_ONE, "burn", reward="mug", member="bob", quantity=2))
    assert set(found.shelves.taken.values()) == {2}
    seat = {"reward": "dinner", "slot": "a"}
    found.post(fact("d", DAY_ONE, "reserve", **seat))
    assert "Dinner" in refusal(found, fact("e", DAY_ONE, "reserve", member="bob", **seat))
    found.post(fact("f", DAY_ONE, "reserve", reward="dinner", slot="b", member="bob"))


def test_a_code_that_somebody_has_seen_is_not_given_again():
    found = world()
    found.shelves = Stock(found.program.zone, codes={"cinema": 1})
    found.post(fact("r", DAY_ONE, "reserve", reward="cinema"))
    found.post(fact("x", DAY_ONE, "release", about="r"))
    assert "Cinema" in refusal(found, fact("s", DAY_ONE, "reserve", reward="cinema"))


def test_what_must_be_confirmed_waits_and_is_not_burned_at_once():
    found = world()
    found.post(fact("r", DAY_ONE, "reserve", reward="cash"))
    assert "not confirmed" in refusal(found, fact("c", DAY_ONE, "capture", about="r"))
    assert "confirmed by the member" in refusal(found, fact("b", DAY_ONE, "burn", reward="cash"))
    del found.shelves.waiting["till", "r"]
    assert moves(found.post(fact("c", DAY_ONE, "capture", about="r"))) == [("capture", 100)]


def test_too_many_redemptions_are_looked_at_first():
    found = world(shop(suspicious="{times: 2, each: day}"))
    for key in ("a", "b"):
        found.post(fact(key, DAY_ONE, "burn", reward="pin"))
    for key, asked in (("c", {"reward": "pin"}), ("d", {"points": "5"})):
        told = refusal(found, fact(key, DAY_ONE, "burn", **asked))
        assert "2 redemptions in a day are enough" in told
    assert "2 redemptions" in refusal(found, fact("p", DAY_ONE, "reserve", points="5"))
    found.post(fact("r", DAY_ONE, "reserve", reward="pin"))
    assert found.members["ann"].holds["till", "r"].review
    assert "must look at" in refusal(found, fact("x", DAY_ONE, "capture", about="r"))
    found.post(fact("n", "2026-01-02 10:00", "burn", reward="pin"))


def test_points_become_stored_value_that_does_not_come_back():
    found = world()
    found.post(fact("r", DAY_ONE, "reserve", reward="card", quantity=2))
    found.post(fact("c", "2026-01-01 10:20", "capture", about="r"))
    assert (usable(found, DAY_ONE), usable(found, "2026-01-02 00:00", "gift")) == (600, 400)
    assert "gave stored value" in refusal(found, fact("x", DAY_ONE, "cancel_redemption", about="r"))


def test_a_part_of_the_points_does_not_buy_stored_value():
    found = world()
    found.post(fact("r", DAY_ONE, "reserve", reward="card"))
    part = fact("c", DAY_ONE, "capture", about="r", points="150")
    assert "a part of the points" in refusal(found, part)
    assert held(found) == 200


def test_money_becomes_stored_value_and_earns():
    found = world()
    verdicts = found.post(fact("t", DAY_ONE, "top_up", amount="25.00"))
    assert moves(verdicts) == [("award", 2500), ("award", 5)]
    (lot,) = found.members["ann"].wallets["gift"].lots
    assert (lot.allocated, lot.expires_at) == (2500, instant("2028-01-01 00:00"))


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"unit": "points", "amount": "5.00"}, "'points' is no unit of money"),
        ({}, "None is not a positive number"),
        ({"amount": "0.001"}, "not a positive number"),
    ],
)
def test_a_top_up_says_what_it_is(told, why):
    assert why in refusal(world(), fact("t", DAY_ONE, "top_up", **told))


def test_stored_value_does_not_pay_for_stored_value():
    paid = Fact(
        "till",
        "t",
        "top_up",
        instant(DAY_ONE),
        "ann",
        currency="USD",
        total=500,
        tenders=(Tender("stored_value", 500),),
        attributes={"amount": "5.00"},
    )
    assert "stored value cannot pay" in refusal(world(), paid)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"reward": "car"}, "no reward 'car'"),
        ({"reward": "mug", "quantity": 0}, "quantity"),
        ({"reward": "card", "quantity": 9}, "the balance is 1000, 1800 were asked for"),
        ({"points": "5", "unit": "miles"}, "miles cannot be spent"),
        ({"reward": "dinner", "slot": "z"}, "z"),
    ],
)
def test_what_is_asked_wrongly_takes_nothing(asked, told):
    found = world()
    assert told in refusal(found, fact("r", DAY_ONE, "reserve", **asked))
    assert (usable(found, DAY_ONE), held(found)) == (1000, 0)
    assert not found.members["ann"].holds


def test_without_shelves_nothing_is_asked_of_them():
    program, ann = shop(), Member()
    for one in (
        buy("p", DAY_ONE, 1000),
        fact("r", DAY_ONE, "reserve", reward="mug"),
        fact("c", DAY_ONE, "capture", about="r"),
        fact("x", DAY_ONE, "cancel_redemption", about="r"),
    ):
        judge(program, ann, one)
    assert ann.wallets["points"].available(instant(DAY_ONE)) == 1000
    with pytest.raises(FactError):
        judge(program, ann, fact("y", DAY_ONE, "capture"))
    with pytest.raises(BalanceError):
        judge(program, ann, fact("z", DAY_ONE, "reserve", points="1001"))


def test_a_program_that_has_changed_settles_as_it_reserved():
    then = read(SHOP.replace("AUTOMATIC", "[]").replace("RETURNED", "0").replace("SUSPICIOUS", ""))
    later = SHOP[: SHOP.index("rewards:")] + SHOP[SHOP.index("books:") :]
    later = later.replace(
        "  gift: {name: gift card, money: true, expires: {after_months: 24}}\n", ""
    )
    program = Program(
        [
            compile_version(then),
            compile_version(read(later), number=2, from_at=instant("2026-01-02 00:00")),
        ]
    )
    found = world(program)
    found.post(fact("r", "2026-01-01 23:50", "reserve", reward="card"))
    found.post(fact("m", "2026-01-01 23:50", "reserve", reward="mug"))
    found.post(fact("c", "2026-01-02 00:10", "capture", about="r", points="200"))
    assert usable(found, "2026-01-02 00:10", "gift") == 200
    found.post(fact("x", "2026-01-02 00:10", "release", about="m"))
    assert (found.shelves.taken["mug", "", ""], usable(found, "2026-01-02 00:10")) == (0, 800)


def test_draws_are_parted_where_the_points_say():
    ends = instant("2026-02-01 00:00")
    first, second = (Lot(key, "r", "points", instant(DAY_ONE), ends, 9, 9) for key in "ab")
    draws = (Draw(first, 5), Draw(second, 4))
    assert parted(draws, 5) == ([Draw(first, 5)], [Draw(second, 4)])
    assert parted(draws, 6) == ([Draw(first, 5), Draw(second, 1)], [Draw(second, 3)])
    assert parted(draws, 0) == ([], list(draws))
    hold = Hold(("till", "r"), "", "points", draws, instant(DAY_ONE), captured=7, back=6)
    assert hold.left() == (Draw(second, 1),)
    assert hold.points == 9


def test_what_a_merged_member_gives_back_of_a_limit_is_the_heirs():
    found = world(points=1000)
    found.join("bob", at=instant(DAY_ONE))
    found.post(fact("r", DAY_ONE, "reserve", reward="mug", quantity=2))
    found.post(fact("m", DAY_ONE, "merge", member="bob", **{"from": "ann"}))
    one = fact("s", "2026-01-02 10:00", "reserve", member="bob", reward="mug")
    assert "twice" in refusal(found, one)
    found.post(fact("x", DAY_ONE, "release", about="r", member=None))
    found.post(one)
    assert usable(found, "2026-01-02 10:00", member="bob") == 900


@pytest.mark.parametrize("told", ["o1", {"source": "till"}, {"source": "till", "id": ""}])
def test_the_order_of_a_capture_must_be_named(told):
    found = world()
    found.post(fact("r", DAY_ONE, "reserve", reward="gone"))
    assert "order does not name an order" in refusal(
        found, fact("c", DAY_ONE, "capture", about="r", order=told)
    )


def test_a_voucher_comes_back_with_the_order_on_which_it_was_used():
    found = world()
    found.post(fact("r", DAY_ONE, "reserve", reward="gone"))
    order = {"source": "till", "id": "o"}
    found.post(fact("c", "2026-01-02 10:00", "capture", about="r", order=order))
    found.post(buy("o", "2026-01-02 10:01", 30))
    assert usable(found, "2026-01-02 10:01") == 980
    found.post(fact("x", "2026-01-03 10:00", "cancel", about="o"))
    assert usable(found, "2026-01-03 10:00") == 1000
    again = fact("u", "2026-01-03 11:00", "cancel_redemption", about="r")
    assert "was cancelled" in refusal(found, again)
