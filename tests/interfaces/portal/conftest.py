"""A program with tiers and rewards, a member's purchases, and the way in through the door."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from pointbook.controls.actors import SYSTEM
from pointbook.controls.clock import set_test_clock
from pointbook.earning.operations import ingest, publish
from pointbook.engine.values.facts import Fact, Line, Returned
from pointbook.programs.queries import program as find_program

PROGRAM = """
blueprint: 1
program: {{code: {code}, name: {name}, currency: USD, time_zone: UTC, unknown_members: enrol}}
units:
  points: {{name: points, singular: point, decimals: 0, value: "0.02", expires: {{after_days: 180}},
           spend_order: oldest}}
earn:
  - {{rule: purchases, name: Purchases, on: purchase, award: {{points: 1, per: "1.00"}},
     rounding: floor}}
tiers:
  measure: spend
  window: {{rolling_days: 365}}
  ladder: [{{tier: Insider, from: "0"}}, {{tier: VIB, from: "350.00"}},
           {{tier: Rouge, from: "1000.00"}}]
rewards: [{{reward: ten-off, name: $10 off, price: 500, value: "10.00"}},
          {{reward: fifty-off, name: $50 off, price: 2500, value: "50.00"}}]
returns: {{claw_back: allow_negative}}
books: {{policy: deferred_revenue, judgement: "Points are a material right."}}
"""
TODAY = datetime(2018, 1, 1, 10, tzinfo=UTC)


class Shop:
    """One program, standing at 1 January 2018, and what its members do."""

    def __init__(self, code, name):
        self.code = code
        publish(document=PROGRAM.format(code=code, name=name), actor=SYSTEM)
        self.program = find_program(code)
        set_test_clock(program_id=self.program.id, at=TODAY)

    def post(self, *facts):
        for outcome in ingest(program=self.code, facts=facts, actor=SYSTEM):
            assert outcome.status == "posted", outcome.error

    def buy(self, key, cents, *, days, member="elif@example.org", items=3, store="367"):
        lines = [
            Line(sku=f"{n}", amount=cents // items + (cents % items if n == 0 else 0))
            for n in range(items)
        ]
        at = TODAY - timedelta(days=days)
        self.post(
            Fact(
                "till", key, "purchase", at, member,
                store=store, currency="USD", total=cents, lines=tuple(lines),
            )
        )  # fmt: skip

    def burn(self, key, points, *, days, member="elif@example.org", reward=""):
        attributes = {"points": points, **({"reward": reward} if reward else {})}
        at = TODAY - timedelta(days=days)
        self.post(Fact("app", key, "burn", at, member, attributes=attributes))

    def give_back(self, key, of, cents, *, days, member="elif@example.org"):
        at = TODAY - timedelta(days=days)
        back = Returned("till", of)
        self.post(
            Fact("till", key, "return", at, member, currency="USD", total=cents, returns=back)
        )


@pytest.fixture
def open_shop():
    """Make a shop: `open_shop("beauty", "Marigold Beauty")`."""
    return Shop


def mailed_code():
    """The code in the latest mail."""
    return re.findall(r"\d{6}", str(mail.outbox[-1].body))[0]
