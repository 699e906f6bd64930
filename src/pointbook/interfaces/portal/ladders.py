"""Where a member stands, in the words of a card: the way up, until when, benefits left.

Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pointbook.earning import steps
from pointbook.earning.queries import MeasureStep, Progress, Standing
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.prose import wording
from pointbook.interfaces.portal.cards import day_of_year, share_of


@dataclass(frozen=True, slots=True)
class Bar:
    """How far a member is with one measure: 3 of 10 purchases this year."""

    share: str
    note: str


@dataclass(frozen=True, slots=True)
class Rungs:
    """The way to the next tier of one ladder; `name` is '' for the ladder that stands alone."""

    name: str
    headline: str
    bars: tuple[Bar, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BenefitLine:
    """Something the tier gives that is counted."""

    name: str
    left: str


def ladders_of(
    standing: Progress, blueprint: Blueprint, *, at: datetime, zone: ZoneInfo
) -> tuple[Rungs, ...]:
    """The way up on every ladder, the main one first."""
    alone = len(standing.standings) == 1
    validities = {tiers.code: tiers.validity.kind for tiers in blueprint.ladders}
    found = []
    for held in standing.standings:
        headline = _headline(held, blueprint, judged=validities[held.ladder] == "purchase")
        notes = []
        if held.until is not None:
            notes.append(f"You are {held.tier.name} {until_of(held.until, at=at, zone=zone)}.")
        bars = tuple(_bar(step, blueprint) for step in held.steps)
        if held.next is None:
            notes += [f"{_have(step, blueprint)}." for step in held.measures[:1]]
        name = "" if alone else wording.opened(held.name)
        found.append(Rungs(name, headline, bars, tuple(notes)))
    return tuple(found)


def _headline(held: Standing, blueprint: Blueprint, *, judged: bool) -> str:
    above, tier = held.next, held.tier.name
    if above is None:
        return f"You are {tier}, the highest tier."
    if not held.steps:
        return f"You are {tier}. {above.name} is by invitation."
    todo = steps.still_to_do(held, blueprint=blueprint)
    if todo:
        comma = "," if len(held.steps) > 1 else ""
        return f"{todo}{comma} and you are {above.name}"
    if judged:
        return f"With your next purchase you are {above.name}"
    return f"You have enough for {above.name}, which comes with the next review."


def _bar(step: MeasureStep, blueprint: Blueprint) -> Bar:
    have = steps.have(step, blueprint=blueprint)
    goal = steps.goal(step, blueprint=blueprint)
    if step.measure.kind == "spend":
        note = f"{have} of {goal.removesuffix('.00')}"
    else:
        note = f"{steps.figure(have, step.measure)} of {goal}"
    return Bar(share_of(step.value, step.least), f"{note} {steps.span(step.measure)}")


def _have(step: MeasureStep, blueprint: Blueprint) -> str:
    """You spent $1,204.00 in the last 365 days."""
    done = {"spend": "spent", "earned": "earned", "visits": "made", "count": "have"}
    have = steps.have(step, blueprint=blueprint)
    return f"You {done[step.measure.kind]} {have} {steps.span(step.measure)}"


def until_of(until: datetime | None, *, at: datetime, zone: ZoneInfo) -> str:
    """Up to which day something holds: until 31 December; empty for no end."""
    if until is None:
        return ""
    last = (until - timedelta(microseconds=1)).astimezone(zone).date()
    return f"until {day_of_year(last, at.astimezone(zone).date())}"


def benefits_of(standing: Progress) -> Iterator[BenefitLine]:
    """What the tiers give that is counted, and how many are left."""
    for held in standing.standings:
        for one in held.benefits:
            yield BenefitLine(one.name, wording.opened(steps.left(one)))
