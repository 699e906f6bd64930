"""A program, a key and a client that speaks like another system."""

from datetime import UTC, datetime

import orjson
import pytest
from django.test import Client

from pointbook.controls.actors import SYSTEM
from pointbook.controls.clock import set_test_clock
from pointbook.controls.keys import create
from pointbook.earning.operations import publish
from pointbook.programs.queries import program

BEAUTY = """
blueprint: 1
program: {code: beauty, name: Beauty tiers, currency: USD, time_zone: UTC, unknown_members: enrol}
units:
  points: {name: points, singular: point, decimals: 0, value: "0.02", expires: {after_days: 180},
           spend_order: oldest}
  stars: {name: stars, singular: star, decimals: 1, value: "1.00", spend_order: oldest}
earn:
  - {rule: purchases, name: Purchases, on: purchase, unit: points, award: {points: 1, per: "1.00"},
     rounding: floor}
  - {rule: stars, name: Stars, on: review, unit: stars, award: {points: "0.5"}, rounding: floor}
tiers:
  measure: spend
  window: {rolling_days: 365}
  ladder: [{tier: Insider, from: "0"}, {tier: VIB, from: "350.00"}, {tier: Rouge, from: "1000.00"}]
rewards:
  - {reward: ten-off, name: Ten off, unit: points, price: 500, value: "10.00"}
  - {reward: one-off, name: One off, unit: points, price: 50, value: "1.00"}
returns: {claw_back: clamp}
books: {policy: deferred_revenue, judgement: "Points are a material right."}
"""
NOON = datetime(2017, 3, 1, 12, tzinfo=UTC)


class Api:
    """Another system with a key."""

    def __init__(self, secret, **headers):
        self.client = Client()
        self.headers = {"authorization": f"Bearer {secret}", **headers}

    def get(self, path, **headers):
        return self.client.get(f"/v1/{path}", headers={**self.headers, **headers})

    def post(self, path, body, *, content_type="application/json", **headers):
        text = body if isinstance(body, bytes) else orjson.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            f"/v1/{path}", text, content_type=content_type, headers={**self.headers, **named}
        )

    def batch(self, facts, **headers):
        text = b"\n".join(line if isinstance(line, bytes) else orjson.dumps(line) for line in facts)
        return self.post("facts/batch", text, content_type="application/x-ndjson", **headers)


def buy(own="1", total="45.99", **more):
    """A purchase as a till sends it."""
    fact = {
        "source": "till",
        "id": own,
        "type": "purchase",
        "occurred_at": "2017-03-01T09:00:00Z",
        "member": "ada@example.org",
        "total": total,
    }
    return {**fact, **more}


def open_program():
    """The program, standing at noon, and the secret of a key that may everything."""
    publish(document=BEAUTY, actor=SYSTEM)
    own = program("beauty").id
    set_test_clock(program_id=own, at=NOON)
    return create(program_id=own, name="till", actor=SYSTEM)[1]


@pytest.fixture
def api(db):
    return Api(open_program())


def lines(response):
    """The outcomes of a batch."""
    return [orjson.loads(line) for line in response.content.splitlines()]
