"""A shop with rewards of many kinds, as another system meets it: a program, and what was bought."""

import pytest

from pointbook.controls.actors import SYSTEM
from pointbook.controls.clock import set_test_clock
from pointbook.controls.keys import SCOPES, create
from pointbook.earning.operations import publish
from pointbook.programs.queries import program
from tests.interfaces.api.conftest import NOON, Api, buy

ADA = "ada@example.org"
SHOP = """
blueprint: 1
program: {code: shop, name: A shop, currency: USD, time_zone: UTC, unknown_members: enrol}
units:
  points: {name: points, singular: point, decimals: 0, value: "0.01", expires: {after_days: 365},
           spend_order: oldest}
  gift: {name: gift card, money: true, expires: {after_months: 24}}
earn:
  - {rule: purchases, name: Purchases, on: purchase, unit: points, award: {points: 1, per: "1.00"},
     rounding: floor}
rewards:
  - {reward: mug, name: A mug, price: 100, value: "8.00", gives: {product: {}}, stock: 3,
     unit: points, limits: [{times: 2, each: month}], labels: [home]}
  - {reward: five-off, name: Five off, price: 50, value: "5.00", unit: points,
     gives: {discount: "5.00"}, voucher: {days: 90, unused: gone}}
  - {reward: tenth, name: A tenth off, price: 40, value: "1.00", unit: points,
     gives: {percent: 10, most: "20.00"}, exclusive: true}
  - {reward: coffee, name: A free coffee, price: 30, value: "3.00", unit: points,
     gives: {product: {lines: {field: category, is: coffee}, quantity: 1}}}
  - {reward: delivered, name: Free delivery, price: 20, value: "4.90", unit: points,
     gives: {shipping: free}}
  - {reward: card, name: A gift card, price: 200, value: "2.00", unit: points,
     gives: {stored_value: "2.00", unit: gift}}
  - {reward: engraving, name: An engraving, price: 10, value: "4.00", unit: points,
     gives: {service: {options: {monogram: [], colour: [red, blue]}}}}
  - {reward: tasting, name: A tasting, price: 10, value: "20.00", unit: points,
     gives: {experience: {slots: [{slot: april, from: 2017-04-10T18:00, until: 2017-04-10T20:00,
                                   capacity: 1, place: Studio}], waiting: true}}}
  - {reward: spa, name: A day, price: 10, value: "9.00", unit: points, gives: {product: {}},
     confirm: true, giftable: true}
  - {reward: ticket, name: A ticket, price: 10, value: "1.00", unit: points,
     gives: {partner: cinema-co}, codes: pool, cost: "0.70"}
pay_with_points: {unit: points, minimum: 10, step: 10, share: 50}
redemption: {hold_minutes: 30}
books: {policy: deferred_revenue, judgement: "Points are a material right."}
"""
BASKET = {
    "member": ADA,
    "total": "45.00",
    "delivery": "5.00",
    "lines": [
        {"sku": "c1", "category": "coffee", "quantity": 2, "amount": "8.00"},
        {"sku": "t1", "category": "tools", "amount": "32.00"},
    ],
}


def open_shop(*, points="600.00"):
    """The program, standing at noon, with points for Ada; a key that may everything."""
    publish(document=SHOP, actor=SYSTEM)
    own = program("shop").id
    set_test_clock(program_id=own, at=NOON)
    scopes = sorted(SCOPES.keys() - {"programs.publish"})
    api = Api(create(program_id=own, name="till", scopes=scopes, actor=SYSTEM)[1])
    if points:
        assert api.post("facts", buy("start", points)).status_code == 201
    return api


@pytest.fixture
def shop(db):
    return open_shop()


def problem(answer):
    body = answer.json()
    return answer.status_code, body["code"], body.get("pointer")


def held(api, member=ADA):
    return int(api.get(f"members/{member}/balance").json()["points"])


def reserve(api, own="r-1", reward="five-off", **more):
    body = {"source": "shop", "id": own, "member": ADA, "reward": reward, **more}
    return api.post("redemptions", {name: one for name, one in body.items() if one is not None})
