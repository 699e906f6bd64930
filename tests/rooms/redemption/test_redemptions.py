"""Redemptions as doors read them: by key, by code, page by page; and what is left of rewards."""

import pytest

from pointbook.members.queries import resolve
from pointbook.redemption.queries import shelves
from pointbook.redemption.queries.redemptions import (
    RedemptionUnknown,
    by_code,
    of_member,
    redemption,
    redemptions,
)
from tests.rooms.redemption.shop import CAFE, reserve, settle
from tests.rooms.till import burn, buy, day, fact, posted, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def cafe(db):
    program_id = publish(CAFE)
    posted(buy("p1", 90_000), buy("p2", 90_000, member="bea"))
    return program_id


def test_one_by_its_key(cafe):
    posted(reserve("r1", "mug", attributes={"quantity": 2}), at=day(0, 60))
    row = redemption(cafe, ("till", "r1"))
    assert (row.reward, row.kind, row.quantity, row.state) == ("mug", "product", 2, "reserved")
    assert (row.points, row.captured, row.unit, row.at) == (200, 0, "points", day(0, 1))
    assert row.until == day(0, 1801)
    posted(settle("c1", "capture", "r1"), at=day(0, 60))
    row = redemption(cafe, ("till", "r1"))
    assert (row.state, row.used, row.fulfilment, row.codes) == ("captured", 200, "ordered", ())
    with pytest.raises(RedemptionUnknown, match="no redemption 'x'"):
        redemption(cafe, ("till", "x"))


def test_a_payment_in_points_is_one_too(cafe):
    posted(fact("r1", "reserve", attributes={"points": "100"}, seconds=1))
    row = redemption(cafe, ("till", "r1"))
    assert (row.kind, row.reward, row.points, row.amount) == ("points", "", 100, 100)
    assert [one.key[1] for one in of_member(cafe, row.member)] == ["r1"]
    assert redemptions(cafe) == []


def test_by_its_code_however_it_is_typed(cafe):
    posted(reserve("r1", "voucher"))
    row = redemption(cafe, ("till", "r1"))
    (code,) = row.codes
    assert (code.state, code.used_at, len(code.code)) == ("given", None, 16)
    typed = " -".join((code.code[:4], code.code[4:])).lower().replace("0", "o")
    assert by_code(cafe, typed) == row
    with pytest.raises(RedemptionUnknown, match="nobody was given"):
        by_code(cafe, "PIZZA")


def test_pages_of_a_program_and_of_a_member(cafe):
    posted(*(reserve(f"r{n}", "voucher", seconds=n + 1) for n in range(3)))
    posted(reserve("s1", "voucher", member="bea", seconds=2))
    keys = [row.key[1] for row in redemptions(cafe)]
    assert keys == ["r2", "s1", "r1", "r0"]
    first = redemptions(cafe, limit=2)
    rest = redemptions(cafe, limit=2, before=first[-1].fact_id)
    assert [row.key[1] for row in (*first, *rest)] == keys
    bea = resolve(cafe, ["bea"])["bea"]
    assert [row.key[1] for row in redemptions(cafe, member=bea)] == ["s1"]
    assert [row.key[1] for row in redemptions(cafe, state="captured")] == []
    ada = resolve(cafe, ["ada"])["ada"]
    latest = of_member(cafe, ada, limit=1)
    assert [row.key[1] for row in latest] == ["r2"]
    after = of_member(cafe, ada, before=latest[0].fact_id)
    assert [row.key[1] for row in after] == ["r1", "r0"]


def test_what_is_left_and_how_often(cafe):
    before = shelves.standing(cafe, at=day(0, 60))
    posted(burn("b1", "100", seconds=1), reserve("r1", "mug"), at=day(0, 60))
    posted(settle("c1", "capture", "r1"), reserve("r2", "mug", member="bea"), at=day(0, 60))
    after = shelves.standing(cafe, at=day(0, 60))
    rewards = {row.reward for row in before.rows}
    assert rewards == {"mug", "cinema"}
    assert [(row.reward, row.left) for row in before.rows] == [("mug", 3), ("cinema", 0)]
    assert [(row.reward, row.left) for row in after.rows] == [("mug", 1), ("cinema", 0)]
    assert shelves.often(cafe) == {"mug": shelves.Often("mug", 1, 1)}
