"""A program of rewards for the room's tests; amounts are minor units, points whole."""

from pointbook.engine.values.facts import Returned
from tests.rooms.till import fact

CAFE = """
blueprint: 1
program: {code: beauty, name: Cafe, currency: USD, time_zone: UTC, unknown_members: enrol}
units:
  points: {name: points, singular: point, decimals: 0, value: "0.01", expires: {after_days: 180},
           spend_order: oldest}
  gift: {name: gift card, money: true, expires: {after_months: 24}}
earn:
  - {rule: purchases, name: Purchases, on: purchase, unit: points, award: {points: 1, per: "1.00"}}
rewards:
  - {reward: mug, name: A mug, unit: points, price: 100, value: "8.00", gives: {product: {}},
     stock: 3, limits: [{times: 2, each: month}]}
  - {reward: voucher, name: 5 USD off, unit: points, price: 50, value: "5.00",
     gives: {discount: "5.00"}, voucher: {days: 90, unused: gone}}
  - {reward: card, name: A gift card, unit: points, price: 200, value: "2.00",
     gives: {stored_value: "2.00", unit: gift}}
  - {reward: flower, name: A flower, unit: points, price: 20, value: "2.00",
     gives: {product: {}}, giftable: true}
  - {reward: cinema, name: A ticket, unit: points, price: 10, value: "1.00",
     gives: {partner: cinema-co}, codes: pool, cost: "0.70"}
redemption: {hold_minutes: 30}
books: {policy: deferred_revenue, judgement: "Points are a material right."}
"""


def reserve(key, reward, *, member="ada", **more):
    attributes = {"reward": reward, **more.pop("attributes", {})}
    return fact(key, "reserve", member=member, attributes=attributes, **{"seconds": 1, **more})


def settle(key, kind, of, **more):
    return fact(key, kind, **{"member": None, "seconds": 2, **more}, about=Returned("till", of))
