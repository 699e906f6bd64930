"""A basket without the lines that were rewards: what most rules see. Nothing here raises.

A reward earns nothing, unless the base of a rule says that rewards are in. So a rule that does not
is asked, and gives, as if the lines of rewards were not in the basket. Amounts are minor units.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from pointbook.engine.rules.earning.choosing import Tables
from pointbook.engine.values.facts import Coupon, Fact


class Sight(NamedTuple):
    """A fact as a rule sees it, and what was read of it."""

    fact: Fact
    tables: Tables


class Sights(NamedTuple):
    """Both sights of one fact: without the lines of rewards, and whole; the same if it has none."""

    bare: Sight
    whole: Sight


# Faster than their constructors, which are functions of Python.
_NEW = tuple.__new__


def sights_of(fact: Fact) -> Sights:
    """What rules see of a fact; nothing is made of a fact without rewards."""
    whole = _NEW(Sight, (fact, {}))
    for line in fact.lines:
        if line.reward:
            return Sights(Sight(without_rewards(fact), {}), whole)
    return _NEW(Sights, (whole, whole))


def without_rewards(fact: Fact) -> Fact:
    """The fact without its lines of rewards and without what was paid for them.

    A line that takes something off (its amount is negative) becomes a coupon: what a reward paid
    must not earn either. The tax of a line goes with it: out of its amount where the lines hold
    tax, else beside it.
    """
    rewards = [line for line in fact.lines if line.reward]
    if not rewards:
        return fact
    off = tuple(Coupon(line.reward, -line.amount) for line in rewards if line.amount < 0)
    paid = [line for line in rewards if line.amount >= 0]
    bare = sum([line.amount for line in fact.lines]) - sum([one.amount for one in fact.coupons])
    beside = bare <= fact.total - fact.tax - fact.delivery
    tax = min(max(0, fact.tax), sum([max(0, line.tax) for line in paid]))
    gone = sum([line.amount for line in paid]) + (tax if beside else 0)
    return replace(
        fact,
        total=fact.total - gone,
        tax=fact.tax - tax,
        coupons=fact.coupons + off,
        lines=tuple([line for line in fact.lines if not line.reward]),
    )
