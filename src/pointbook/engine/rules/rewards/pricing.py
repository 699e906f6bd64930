"""What one of a reward costs a member on a day, in points and beside them. Nothing here raises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pointbook.engine.rules.catalogue import SINGLE, Days, Reward
from pointbook.engine.rules.prose import naming, wording
from pointbook.engine.rules.rewards.situations import Claim, Situation


class Price(NamedTuple):
    """What ONE costs and is worth: `points` in smallest parts, `value` and `cash` in minor units.

    `why` is for whom or when it is that price; empty where it is the usual one.
    """

    points: int
    value: int
    cash: int
    why: str


def price_of(reward: Reward, situation: Situation) -> Price:
    """The price of one: the lowest of those of the tier, the segment and the season that apply.

    Where none applies it is the usual one. The value is that of the season, if it has one.
    """
    value = season_value(reward, situation)
    worth = reward.value if value is None else value
    points, why = min(_special(reward, situation), key=lambda one: one[0], default=None) or (
        reward.price,
        "",
    )
    return Price(points, worth, reward.cash, why)


def season_value(reward: Reward, situation: Situation) -> int | None:
    """What a reward is worth in the season of the day, in minor units; None: as usual."""
    values = (
        one.value for one in reward.seasons if one.value is not None and one.days.has(situation.day)
    )
    return next(values, None)


def worth_of(reward: Reward, situation: Situation) -> int:
    """What an amount of one comes to, in minor units: of the season, else what it gives."""
    value = season_value(reward, situation)
    return reward.worth if value is None else value


def units_of(reward: Reward, claim: Claim) -> int:
    """How many a claim is for: of some kinds one is all there can be (SINGLE)."""
    return 1 if reward.gives.kind in SINGLE else claim.quantity


def points_of(reward: Reward, claim: Claim, situation: Situation) -> int:
    """What a claim costs in all, in smallest parts."""
    return price_of(reward, situation).points * units_of(reward, claim)


def _special(reward: Reward, situation: Situation) -> Iterator[tuple[int, str]]:
    """The prices that stand in the place of the usual one, and why; the first of equal ones."""
    who, blueprint = situation.who, situation.blueprint
    tier = who.tiers.get(reward.ladder, "")
    if tier in reward.price_by_tier:
        name = naming.tier(tier, on=reward.ladder, blueprint=blueprint)
        yield reward.price_by_tier[tier], f"for {name} members"
    for segment, price in reward.price_by_segment.items():
        if segment in who.segments:
            yield price, f"for members in {wording.quoted(wording.plain(segment))}"
            break
    for season in reward.seasons:
        if season.price is not None and season.days.has(situation.day):
            yield season.price, span_of(season.days)


def span_of(days: Days) -> str:
    """Days in words: from 1 June 2026 to 31 August 2026; either end may be open."""
    begin, end = wording.day(days.from_on), wording.day(days.until_on)
    if begin and end:
        return f"from {begin} to {end}"
    if end:
        return f"until {end}"
    return f"from {begin} on" if begin else "at any time"
