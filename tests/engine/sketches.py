"""Programs and facts for stories: a shop's Tuesday in a line each.

Amounts and points are in smallest parts; times are ISO text in UTC unless they say otherwise.
"""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from pointbook.engine.replay.judging import judge
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.program import Program, Rate, compile_version
from pointbook.engine.rules.blueprint import (
    Award,
    Blueprint,
    Books,
    EarnRule,
    Expiry,
    Measure,
    Rung,
    Tiers,
    Unit,
    Window,
)
from pointbook.engine.rules.catalogue import Reward
from pointbook.engine.values.facts import Fact, Returned, instant

LADDER = (
    Rung("insider", "Insider", {"spend": 0}),
    Rung("vib", "VIB", {"spend": 35000}),
    Rung("rouge", "Rouge", {"spend": 100000}),
)
YEARLY = Tiers(
    "tiers",
    "Tiers",
    (Measure("spend", "spend", Window("rolling_days", 365)),),
    LADDER,
)


def unit(code="points", *, expires=("never", 0), order="oldest", decimals=0, value="0.02"):
    return Unit(code, code, code.rstrip("s"), decimals, Decimal(value), Expiry(*expires), order)


def rule(code="purchases", *, points=1, per=100, rounding="floor", on="purchase", **more):
    more = {"unit": "points", **more}
    award = Award("per_amount" if per else "fixed", Decimal(points), per)
    return EarnRule(code, code.title(), on, award=award, rounding=rounding, **more)


def blueprint(
    *,
    units=(),
    earn=(),
    tiers=None,
    rewards=(),
    claw_back="clamp",
    zone="UTC",
    currency="USD",
    **more,
):
    units = units or (unit(),)
    return Blueprint(
        code="story",
        name="Story",
        currency=currency,
        time_zone=zone,
        unknown_members="enrol",
        units={one.code: one for one in units},
        earn=tuple(earn) or (rule(unit=units[0].code),),
        ladders=() if tiers is None else (tiers,),
        rewards=tuple(rewards) or (Reward("ten-off", "Ten off", units[0].code, 500, 1000),),
        claw_back=claw_back,
        books=Books(),
        **more,
    )


def program(*, rates=None, **terms):
    """A program of one version; `rates` are pairs of a period and a rate."""
    return versions(("", blueprint(**terms)), rates=rates)


def versions(*dated, rates=None):
    """A program of several versions, each with the instant it starts at ("" for ever)."""
    compiled = [
        compile_version(terms, number=number, **({"from_at": instant(at)} if at else {}))
        for number, (at, terms) in enumerate(dated, 1)
    ]
    approved = None if rates is None else [Rate(since, Decimal(rate)) for since, rate in rates]
    return Program(compiled, rates=approved)


def at(text, zone="UTC"):
    """An instant: 2025-03-01 17:05."""
    return instant(text, zone=ZoneInfo(zone))


def fact(key, when, kind, *, zone="UTC", member="ann", **more):
    occurred = when if isinstance(when, datetime) else at(when, zone)
    return Fact("till", key, kind, occurred, member, **more)


def buy(key, when, total, **more):
    return fact(key, when, "purchase", total=total, currency="USD", **more)


def bring_back(key, when, sale, total, **more):
    more = {"returns": Returned("till", sale), **more}
    return fact(key, when, "return", total=total, currency="USD", **more)


def burn(key, when, points=None, **more):
    asked = {} if points is None else {"points": points}
    return fact(key, when, "burn", attributes={**asked, **more.pop("attributes", {})}, **more)


def live(terms, *facts, member=None):
    """Judge facts one after the other; the member and the verdicts."""
    state = Member() if member is None else member
    return state, [judge(terms, state, one) for one in facts]


def moves(verdict):
    """The transfers of a verdict as pairs of a kind and points."""
    return [(transfer.kind, transfer.points) for transfer in verdict.transfers]


def balance(state, when, code="points"):
    """What can be used of a unit at an instant."""
    return state.wallets[code].available(at(when))
