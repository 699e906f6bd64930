"""A shop with rewards: programs, baskets and situations in a line each.

Amounts are minor units, points smallest parts; it is noon of 2 March 2026 unless a day is said.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

from pointbook.engine.rules.blueprint import Blueprint, Books, Expiry, Rung, Tiers, Unit
from pointbook.engine.rules.catalogue import Gives, Reward
from pointbook.engine.rules.predicates import Test
from pointbook.engine.rules.rewards.situations import Claim, Situation
from pointbook.engine.rules.who import Who
from pointbook.engine.values.facts import Coupon, Fact, Line

LADDER = Tiers("status", "Status", (), (Rung("green", "Green"), Rung("gold", "Gold")))
NUMBERS = count(1)


def unit(code="points", *, value="0.01", decimals=0, **more):
    return Unit(code, code, code.rstrip("s"), decimals, Decimal(value), Expiry(), "oldest", **more)


def reward(code="five-off", kind="discount", *, price=500, value=500, **more):
    """A reward, by the fields of Gives and its own; `for_days` are the days of a quota."""
    names = Gives.__dataclass_fields__.keys() - {"days", "unit"}
    own = {name: more.pop(name) for name in list(more) if name in names}
    own["days"] = more.pop("for_days", 0)
    if "percent" in own:
        own["percent"] = Decimal(str(own["percent"]))
    more = {"unit": "points", **more}
    name = code.replace("-", " ").capitalize()
    return Reward(code, name, price=price, value=value, gives=Gives(kind, **own), **more)


def program(*rewards, units=(), currency="USD", **more):
    units = units or (unit(),)
    return Blueprint(
        code="shop",
        name="Shop",
        currency=currency,
        time_zone="UTC",
        unknown_members="enrol",
        units={one.code: one for one in units},
        earn=(),
        ladders=(LADDER,),
        rewards=rewards,
        claw_back="clamp",
        books=Books(),
        **more,
    )


def line(sku, amount, *, quantity=1, tax=0, labels=()):
    return Line(sku=sku, amount=amount, quantity=Decimal(quantity), tax=tax, labels=labels)


def sku(code):
    return Test("sku", "is", code)


def order(*lines, tax=0, delivery=0, coupons=(), beside=True, total=None, **more):
    """An order; `beside` says that the amounts of its lines do not hold their tax."""
    coupons = tuple(Coupon(*one) for one in coupons)
    told = sum(one.amount for one in lines) - sum(one.amount for one in coupons)
    whole = told + delivery + (tax if beside else 0)
    more = {"type": "reserve", "currency": "USD", **more}
    return Fact(
        source="shop",
        id=str(next(NUMBERS)),
        occurred_at=more.pop("at", noon("2026-03-02")),
        lines=lines,
        total=whole if total is None else total,
        tax=tax,
        delivery=delivery,
        coupons=coupons,
        **more,
    )


def noon(day):
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=12)


def situation(blueprint, fact, *, points=10_000, who=None, used=0, left=None, claimed=(), **more):
    """A situation with so many points of every unit; `used` and `left` are the same for all."""
    return Situation(
        blueprint=blueprint,
        zone=more.pop("zone", UTC),
        fact=fact,
        who=who or Who(tiers={"status": "green"}),
        usable=more.pop("usable", dict.fromkeys(blueprint.units, points)),
        used=lambda _code, _times: used,
        left=lambda _reward, _slot: left,
        claimed=claimed,
        **more,
    )


def claim(code="five-off", quantity=1, **more):
    return Claim(code, quantity, **more)
