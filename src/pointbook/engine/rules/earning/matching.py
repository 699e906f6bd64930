"""When a rule matches: days, stores, channels, weekdays, hours, conditions, and a rate to give.

Cheap questions are asked first. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo

from pointbook.engine.rules import conditions
from pointbook.engine.rules.blueprint import EarnRule
from pointbook.engine.rules.earning.awards import RateOf
from pointbook.engine.rules.who import Who
from pointbook.engine.values.calendar import midnight
from pointbook.engine.values.facts import FIRST, LAST, Fact

Gate = Callable[[Fact, Who], bool]
ONE_DAY = timedelta(days=1)
HOUR = 60


def gate_of(rule: EarnRule, *, rate: RateOf, zone: tzinfo) -> Gate | None:
    """One question for all that a rule asks of a fact of its type; None when it asks nothing."""
    gates: list[Gate] = []
    if rule.from_on is not None:
        gates.append(_from(begin_of(rule.from_on, zone)))
    if rule.until_on is not None:
        gates.append(_until(end_of(rule.until_on, zone)))
    if rule.stores:
        gates.append(_store(frozenset(rule.stores)))
    if rule.channels:
        gates.append(_channel(frozenset(rule.channels)))
    if rule.weekdays:
        gates.append(_weekday(frozenset(rule.weekdays), zone))
    if rule.hours is not None:
        gates.append(_hours(*rule.hours, zone))
    if rule.when is not None:
        gates.append(conditions.compile(rule.when, zone=zone))
    if rule.award.by_tier and not rule.award.points:
        gates.append(lambda _, who: rate(who) is not None)
    return conditions.every(gates) if gates else None


def begin_of(day: date, zone: tzinfo) -> datetime:
    """The instant at which a day begins; days outside those of facts are clamped to them."""
    if day.year < FIRST.year:
        return FIRST
    return LAST if day.year > LAST.year else midnight(day, zone)


def end_of(day: date, zone: tzinfo) -> datetime:
    """The instant at which a day is over."""
    return LAST if day.year > LAST.year else begin_of(day + ONE_DAY, zone)


def in_hours(at: datetime, *, begin: int, end: int, zone: tzinfo) -> bool:
    """Whether the minute of the day of `at` is in [begin, end); an end before it is tomorrow's."""
    local = at.astimezone(zone)
    minute = local.hour * HOUR + local.minute
    if begin < end:
        return begin <= minute < end
    return minute >= begin or minute < end


def _from(begin: datetime) -> Gate:
    return lambda fact, _: fact.occurred_at >= begin


def _until(end: datetime) -> Gate:
    return lambda fact, _: fact.occurred_at < end


def _store(stores: frozenset[str]) -> Gate:
    return lambda fact, _: fact.store in stores


def _channel(channels: frozenset[str]) -> Gate:
    return lambda fact, _: fact.channel in channels


def _weekday(days: frozenset[int], zone: tzinfo) -> Gate:
    return lambda fact, _: fact.occurred_at.astimezone(zone).weekday() in days


def _hours(begin: int, end: int, zone: tzinfo) -> Gate:
    return lambda fact, _: in_hours(fact.occurred_at, begin=begin, end=end, zone=zone)
