"""A shop of every kind of reward for the tests of redemptions; amounts are whole points."""

import pytest

from pointbook.engine.replay.program import Program, compile_version
from pointbook.engine.replay.world import World
from pointbook.engine.rules.reading.blueprints import read
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import Fact, Returned, instant

SHOP = """
blueprint: 1
program: {code: shop, name: Shop, currency: USD, time_zone: UTC}
units:
  points: {name: points, value: "0.01", expires: {after_days: 30}}
  miles: {name: miles, value: "0.01", decimals: 2, spendable: false}
  gift: {name: gift card, money: true, expires: {after_months: 24}}
earn:
  - {rule: purchases, name: Purchases, on: purchase, unit: points, award: {points: 1, per: "1.00"}}
  - {rule: topped, name: Topped up, on: top_up, unit: points, award: {points: 5}}
rewards:
  - {reward: mug, name: A mug, unit: points, price: 100, value: "5.00", gives: {product: {}},
     stock: 3, limits: [{times: 2, each: month}], totals: [{times: 2, each: day}]}
  - {reward: pin, name: A pin, unit: points, price: 0, value: "1.00"}
  - {reward: gone, name: 2 USD off, unit: points, price: 50, value: "2.00",
     voucher: {days: 10, unused: gone}}
  - {reward: free, name: A free one, unit: points, price: 0, value: "1.00",
     voucher: {days: 10, unused: gone}}
  - {reward: back, name: 3 USD off, unit: points, price: 60, value: "3.00",
     voucher: {months: 2, unused: back}}
  - {reward: ever, name: 1 USD off, unit: points, price: 10, value: "1.00",
     voucher: {never: true}}
  - {reward: card, name: Gift card, unit: points, price: 200, value: "2.00",
     gives: {stored_value: "2.00", unit: gift}}
  - {reward: cash, name: Cash, unit: points, price: 100, value: "1.00",
     gives: {cash_back: "1.00", to: money}, confirm: true}
  - {reward: cinema, name: Cinema, unit: points, price: 10, value: "1.00",
     gives: {partner: cinema-co}, codes: pool, cost: "0.70"}
  - reward: dinner
    name: Dinner
    unit: points
    price: 10
    value: "9.00"
    gives:
      experience:
        slots:
          - {slot: a, from: 2026-02-01T18:00, until: 2026-02-01T20:00, capacity: 1}
          - {slot: b, from: 2026-02-02T18:00, until: 2026-02-02T20:00, capacity: 1}
automatic: AUTOMATIC
redemption: {hold_minutes: 30, returned_for_days: RETURNED, suspicious: [SUSPICIOUS]}
books: {policy: deferred_revenue, judgement: a test}
"""
DAY_ONE = "2026-01-01 10:00"


def shop(*, automatic="[]", returned="0", suspicious="", more=""):
    text = SHOP.replace("AUTOMATIC", automatic).replace("RETURNED", returned) + more
    return Program([compile_version(read(text.replace("SUSPICIOUS", suspicious)))])


def fact(key, when, kind, *, about=None, member="ann", **attributes):
    named = None if about is None else Returned("till", about)
    return Fact("till", key, kind, instant(when), member, attributes=attributes, about=named)


def buy(key, when, dollars, member="ann"):
    return Fact("till", key, "purchase", instant(when), member, currency="USD", total=100 * dollars)


def world(program=None, *, points=1000):
    """A world in which ann has points since the first day of the year."""
    found = World(program or shop())
    found.post(buy("p", DAY_ONE, points))
    return found


def usable(found, when, unit="points", member="ann"):
    return found.members[member].wallets[unit].available(instant(when))


def held(found, member="ann"):
    return sum(one.points for one in found.members[member].holds.values() if one.open)


def state(found, key="r"):
    return found.members["ann"].holds["till", key].state


def refusal(found, one):
    with pytest.raises(PointbookError) as caught:
        found.post(one)
    return f"{caught.value.field}: {caught.value.message}"


def moves(verdicts):
    return [(one.kind, one.points) for verdict in verdicts for one in verdict.transfers]
