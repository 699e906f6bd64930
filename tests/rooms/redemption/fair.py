"""A program of rewards that somebody must do something for, on a test clock; see `shop`."""

from typing import Any

from pointbook.controls.actors import SYSTEM, Actor
from pointbook.controls.clock import set_test_clock
from pointbook.engine.values.facts import Fact, Returned
from tests.rooms.till import START, day, post, posted, publish

BY: dict[str, Any] = {"actor": SYSTEM}
ANN = Actor("user", "ann", "manager")
FAIR = """
blueprint: 1
program: {code: beauty, name: Fair, currency: USD, time_zone: UTC, unknown_members: enrol}
units:
  points: {name: points, singular: point, decimals: 0, value: "0.01", expires: {after_days: 180},
           spend_order: oldest}
  gift: {name: gift card, money: true, expires: {after_months: 24}}
earn:
  - {rule: purchases, name: Purchases, on: purchase, unit: points, award: {points: 1, per: "1.00"}}
rewards:
  - {reward: mug, name: A mug, unit: points, price: 10, value: "8.00", gives: {product: {}}}
  - {reward: trip, name: A trip, unit: points, price: 100, value: "90.00", confirm: true,
     gives: {access: Anywhere}}
  - {reward: class, name: Coffee class, unit: points, price: 20, value: "20.00",
     gives: {experience: {slots: [
       {slot: one, from: 2017-01-10T18:00, until: 2017-01-10T20:00, capacity: 1, place: Studio},
       {slot: two, from: 2017-01-20T18:00, until: 2017-01-20T20:00, capacity: 5}],
       waiting: true, no_show: return}}}
  - {reward: trees, name: Ten trees, unit: points, price: 100, value: "10.00",
     gives: {charity: "10.00"}}
  - {reward: bicycle, name: A bicycle, unit: points, price: 5, value: "1.00",
     gives: {sweepstake: {prizes: [{prize: Bicycle, quantity: 1}, {prize: Bell, quantity: 2}],
                          draws_on: 2017-01-15}}}
causes: [{cause: trees, name: Trees for all, payee: Trees e.V., match: 50,
          matched_by: ourselves, fee: "2.5"}]
redemption: {hold_minutes: 30, suspicious: [{times: 4, each: day}]}
books: {policy: deferred_revenue, judgement: "Points are a material right."}
"""


def opened():
    """The program with members ada, bea and cy who have 900 points each; its id."""
    program_id = publish(FAIR)
    at(program_id, START)
    posted(
        *(
            Fact("till", f"p-{name}", "purchase", START, name, currency="USD", total=90_000)
            for name in ("ada", "bea", "cy")
        )
    )
    return program_id


def at(program_id, instant):
    """Let the program's clock stand at an instant."""
    set_test_clock(program_id=program_id, at=instant)
    return instant


def reserve(key, reward, now, *, member="ada", **attributes):
    """Reserve at an instant; the outcome, whatever it is."""
    body = {"reward": reward, **attributes}
    (outcome,) = post(Fact("till", key, "reserve", now, member, attributes=body), at=now)
    return outcome


def take(key, reward, now, **more):
    """Reserve and capture what can be had; the redemption's key."""
    outcome = reserve(key, reward, now, **more)
    assert outcome.error is None, outcome.error
    capture(key, now)
    return ("till", key)


def capture(key, now):
    about = Returned("till", key)
    posted(Fact("till", f"c-{key}", "capture", now, None, about=about), at=now)


__all__ = ["ANN", "BY", "FAIR", "at", "capture", "day", "opened", "reserve", "take"]
