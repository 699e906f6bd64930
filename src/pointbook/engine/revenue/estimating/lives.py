"""How long the points of a unit can be used: the ages of a triangle until contractual expiry.

Nothing here raises.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Final

from pointbook.engine.values.ends import gone_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pointbook.engine.rules.blueprint import Blueprint, Expiry, Unit

# Every day of four years: no calendar is longer.
_DAYS: Final = tuple(date(2023, 1, 1) + timedelta(days=day) for day in range(1461))
_MEMBERSHIP: Final = "membership_year"
YEAR: Final = 12


def life(blueprints: Iterable[Blueprint], unit: str) -> int | None:
    """The most ages at which points of a unit can be used, by any version and rule.

    The month of issue is one of them. None when some never expire, or not before a time without
    activity. Days that points wait or live once more count as months that have begun. What a
    redemption gives back, or a hold, may be used later still.
    """
    found = [
        _ages(expiry, blueprint, unit)
        for blueprint in blueprints
        if unit in blueprint.units
        for expiry in _expiries(blueprint, unit)
    ]
    known = [ages for ages in found if ages is not None]
    return max(known) if known and len(known) == len(found) else None


def _expiries(blueprint: Blueprint, unit: str) -> Iterator[Expiry]:
    own = blueprint.units[unit]
    yield own.expiry
    yield from chain(own.expiry_by_tier.values(), own.expiry_by_country.values())
    for rule in blueprint.earn:
        if rule.unit == unit and rule.expiry is not None:
            yield rule.expiry


def _ages(expiry: Expiry, blueprint: Blueprint, unit: str) -> int | None:
    if expiry.kind == "never" or expiry.sliding:
        return None
    waits = _waits(expiry, blueprint, unit)
    if waits is None:
        return None
    if expiry.kind == _MEMBERSHIP:
        # An anniversary in the middle of a month cuts into one month more.
        longest = YEAR * (expiry.n + 1)
    else:
        longest = max(_months(day, gone_on(expiry, earned_on=day)) for day in _DAYS)
    more = waits + _again(blueprint.units[unit])
    return 1 + longest + -(-more // 28)


def _months(day: date, gone: date | None) -> int:
    """From the month of a day to that of the last day on which its points can be used."""
    assert gone is not None, "never was answered before"
    last = gone - timedelta(days=1)
    return (last.year - day.year) * YEAR + last.month - day.month


def _waits(expiry: Expiry, blueprint: Blueprint, unit: str) -> int | None:
    """The most days that points wait before their life begins; None where nobody can say."""
    if expiry.since != "release":
        return 0
    waiting = [rule.pending for rule in blueprint.earn if rule.unit == unit and rule.pending]
    if any(pending.on for pending in waiting):
        return None
    return max((pending.days for pending in waiting), default=0)


def _again(unit: Unit) -> int:
    """The days that points which had expired may live once more."""
    return unit.reinstate_days + unit.reinstated_for
