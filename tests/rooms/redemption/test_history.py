"""What a member's history says of redemptions; every line's balance is what could be used then."""

import pytest

from pointbook.earning.balances import balance
from pointbook.earning.operations.days import run_daily
from pointbook.earning.queries import history
from pointbook.earning.receipts import receipts
from pointbook.earning.telling import title
from tests.rooms.redemption.shop import CAFE, reserve, settle
from tests.rooms.till import buy, day, fact, posted, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def cafe(db):
    own = publish(CAFE)
    posted(buy("p1", 30_000), at=day(0))
    return own


def told(unit=None, at=None, program="beauty"):
    """The lines, oldest first: kind, title, points, balance, why; the last is the balance."""
    lines = history(program, "ada", unit=unit, at=at)[::-1]
    held = balance(program, "ada", unit=unit, at=at)
    assert lines[-1].balance == held.points - held.owed
    running = 0
    for one in lines:
        running += one.points
        assert one.balance == running
    return [
        (one.kind, title(one.kind, one.fact), one.points, one.balance, *one.why) for one in lines
    ][1:]


def test_what_is_held_and_captured(cafe):
    posted(reserve("r1", "mug"), at=day(0, 60))
    hold = ("hold", "Reserved", -100, 200, "100 points reserved for A mug.")
    assert told(at=day(0, 60)) == [hold]
    posted(settle("c1", "capture", "r1"), at=day(0, 60))
    captured = ("capture", "Redeemed", 0, 200, "100 points redeemed for A mug.")
    assert told(at=day(0, 60)) == [hold, captured]
    posted(settle("u1", "cancel_redemption", "r1", seconds=9), at=day(0, 60))
    assert told(at=day(0, 60))[2:] == [
        (
            "refund",
            "Redemption cancelled",
            100,
            300,
            "100 points came back: the redemption was cancelled.",
        )
    ]


def test_a_hold_whose_time_is_over_is_told_before_and_after_it_was_let_go(cafe):
    posted(reserve("r1", "mug"), at=day(0, 60))
    over = ("release", "Reservation ended", 100, 300, "100 points that were reserved came back.")
    before = told(at=day(1))
    assert before[1:] == [over]
    assert balance("beauty", "ada", at=day(0, 60)).points == 200
    run_daily(program_id=cafe, at=day(1))
    assert told(at=day(1)) == before


def test_a_part_that_is_captured(cafe):
    posted(
        fact("r1", "reserve", attributes={"points": "100"}, seconds=1),
        settle("c1", "capture", "r1", attributes={"points": "30"}),
        at=day(0, 60),
    )
    assert [(kind, points, left) for kind, _, points, left, *_ in told(at=day(0, 60))] == [
        ("hold", -100, 200),
        ("capture", 0, 200),
        ("release", 70, 270),
    ]
    (receipt,) = receipts(program_id=cafe, keys=[("till", "c1")]).values()
    assert [(one.kind, one.points) for one in receipt.moved] == [("capture", 0), ("release", 70)]


def test_a_voucher_that_is_not_used(cafe):
    posted(reserve("r1", "voucher"), at=day(0, 60))
    run_daily(program_id=cafe, at=day(100))
    lapse = "50 points gone: the voucher was not used in time."
    assert told(at=day(100))[1:] == [("lapse", "Voucher ended", 0, 250, lapse)]


def test_points_that_end_while_they_are_held(cafe):
    posted(reserve("r1", "mug", days=179, seconds=42_900), at=day(179, 42_960))
    assert told(at=day(181))[-1][2:4] == (-200, 0)
    run_daily(program_id=cafe, at=day(182))
    run_daily(program_id=cafe, at=day(183))
    assert [(kind, points) for kind, _, points, *_ in told(at=day(183))] == [
        ("hold", -100),
        ("expiry", -200),
        ("release", 100),
        ("expiry", -100),
    ]


def test_a_card_for_points_and_one_that_was_paid_for(cafe):
    posted(
        fact("b1", "burn", seconds=1, attributes={"reward": "card"}),
        fact("t1", "top_up", seconds=2, attributes={"amount": "5.00"}),
        fact("b2", "burn", seconds=3, attributes={"unit": "gift", "points": "1.50"}),
        at=day(0, 60),
    )
    gift = history("beauty", "ada", unit="gift", at=day(0, 60))[::-1]
    assert [(title(one.kind, one.fact), one.points, one.balance) for one in gift] == [
        ("Reward", 200, 200),
        ("Topped up", 500, 700),
        ("Burn", -150, 550),
    ]
    words = [why for one in gift for why in one.why]
    assert [why.split()[-1] for why in words] == ["reward.", "in.", "spent."]
