"""What-ifs with redemptions: holds that end, vouchers that lapse, burns nobody asked for."""

from datetime import UTC, datetime

from pointbook.engine.replay.fold import fold
from pointbook.engine.replay.program import Program, compile_version
from pointbook.engine.rules.reading import read
from pointbook.engine.values.facts import Fact, Returned

SHOP = """
blueprint: 1
program: {code: shop, name: Shop, currency: USD, time_zone: UTC}
segments: [by-hand]
units:
  points: {name: points, value: "0.01", expires: {after_days: 400}}
earn: [{rule: p, name: P, on: purchase, award: {points: 1, per: "1.00"}}]
rewards:
  - {reward: mug, name: A mug, price: 100, value: "1.00", gives: {product: {}}}
  - {reward: voucher, name: A voucher, price: 50, value: "0.50", voucher: {days: 20, unused: gone}}
  - {reward: ten, name: A box of ten, price: 300, value: "3.00", gives: {product: {}}}
automatic: [{code: monthly, reward: ten, at_least: 600, each: month, unless: by-hand}]
books: {policy: deferred_revenue, judgement: "Points are a material right."}
"""


def at(day, month=1, hour=12):
    return datetime(2025, month, day, hour, tzinfo=UTC)


def bought(key, day, total, member="ann", month=1):
    return Fact("t", key, "purchase", at(day, month), member, currency="USD", total=total)


def asked(key, reward, day, member="ann"):
    return Fact("t", key, "reserve", at(day), member, attributes={"reward": reward})


def told(facts):
    replay = fold(facts, Program([compile_version(read(SHOP))]))
    return [
        (row.month, row.earned, row.redeemed, row.expired, row.outstanding)
        for row in replay.months()
        if row.phase == "data"
    ]


def test_what_is_captured_is_redeemed_and_what_is_not_comes_back():
    soon = at(3).replace(minute=10)
    used = Fact("t", "c1", "capture", soon, "ann", about=Returned("t", "r1"))
    facts = [bought("1", 2, 30_000), asked("r1", "mug", 3), used, asked("r2", "mug", 4)]
    facts += [bought("2", 5, 100), bought("3", 1, 100, month=2)]
    assert told(facts) == [("2025-01", 301, 100, 0, 201), ("2025-02", 1, 0, 0, 202)]


def test_an_unused_voucher_lapses_with_time_alone():
    assert told([bought("1", 2, 10_000), asked("r1", "voucher", 3)]) == [
        ("2025-01", 100, 0, 50, 50)
    ]


def test_automatic_burns_take_as_much_as_there_is_but_not_of_who_said_no():
    no = Fact("t", "s", "segment", at(3), "bob", attributes={"segment": "by-hand"})
    facts = [bought("1", 2, 70_000), bought("2", 2, 70_000, member="bob"), no]
    facts += [bought("3", 2, 40_000, member="eve"), bought("4", 9, 100, month=2)]
    assert told(facts) == [("2025-01", 1800, 600, 0, 1200), ("2025-02", 1, 0, 0, 1201)]
