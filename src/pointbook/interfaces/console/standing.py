"""Where a member stands, in words for staff: ladders, what is next, benefits, how it came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.utils.formats import date_format

from pointbook.earning import steps
from pointbook.earning.queries import MeasureStep, Progress, RewardStep
from pointbook.earning.queries import Standing as Held
from pointbook.engine.rules.blueprint import Blueprint, Measure
from pointbook.engine.rules.prose import naming, phrases, wording
from pointbook.engine.values.money import to_major
from pointbook.interfaces.console.desk import Desk
from pointbook.interfaces.console.pages.members import (
    Benefit,
    Ladder,
    RewardOffer,
    Standing,
    Way,
)
from pointbook.tiers.queries import StandingRow

# Why a standing came that no measure brought.
GIVEN: Final = {
    "floor": "set by hand",
    "match": "for a status held elsewhere",
    "opening": "brought along",
    "moved": "for what came late, or a tier that is no more",
}
DEEDS: Final = {"spend": " spent", "earned": " earned", "visits": "", "count": ""}


def ladders(desk: Desk, way: Progress) -> tuple[Ladder, ...]:
    """Every ladder, the one that members see first."""
    return tuple(_ladder(desk, one) for one in way.standings)


def _ladder(desk: Desk, held: Held) -> Ladder:
    blueprint = desk.blueprint
    above, note = held.next, ""
    ways: tuple[Way, ...] = ()
    if above is None:
        note = "There is no tier above."
    elif not held.steps:
        note = f"{above.name} is given by hand only."
    else:
        ways = tuple(_way(step, above.name, blueprint) for step in held.steps)
        if not steps.still_to_do(held, blueprint=blueprint):
            note = f"{above.name} comes when the standing is next judged."
    return Ladder(
        name=wording.opened(held.name),
        tier=held.tier.name,
        until=last_day(desk, held.until),
        ways=ways,
        every=held.every and len(ways) > 1,
        note=note,
    )


def _way(step: MeasureStep, name: str, blueprint: Blueprint) -> Way:
    missing = steps.missing(step, blueprint=blueprint)
    return Way(
        headline=f"{missing} to {name}" if step.missing else f"Enough for {name}",
        have=(f"{steps.have(step, blueprint=blueprint)} {steps.span(step.measure, to_staff=True)}"),
        goal=steps.figure(steps.goal(step, blueprint=blueprint), step.measure),
        part=step.value,
        whole=step.least,
    )


def benefits(way: Progress) -> Iterator[Benefit]:
    """What the tiers give that is counted, and how many are left."""
    for held in way.standings:
        for one in held.benefits:
            yield Benefit(one.name, steps.left(one), one.left)


def offers(way: Progress, *, blueprint: Blueprint) -> Iterator[RewardOffer]:
    """Every reward with its price, and what is missing to it."""
    for step in way.rewards:
        unit = blueprint.units[step.reward.unit]
        price = phrases.points(step.reward.price, unit=unit)
        told = f"{price}, {phrases.number(to_major(step.missing, places=unit.decimals))} to go"
        yield RewardOffer(step.reward.name, told if step.missing else price, not step.missing)


def next_reward(way: Progress, *, unit: str, blueprint: Blueprint) -> Way | None:
    """The next reward for points of a unit; the dearest where all can be had, None without any."""
    found: Sequence[RewardStep] = [one for one in way.rewards if one.reward.unit == unit]
    step = next((one for one in found if one.missing), found[-1] if found else None)
    if step is None:
        return None
    terms, price = blueprint.units[unit], step.reward.price
    missing = phrases.points(step.missing, unit=terms)
    return Way(
        headline=f"{missing} to {step.reward.name}" if step.missing else f"{step.reward.name}, now",
        have=phrases.points(price - step.missing, unit=terms) if step.missing else "Enough",
        goal=phrases.number(to_major(price, places=terms.decimals)),
        part=price - step.missing,
        whole=price,
    )


def history(desk: Desk, rows: Sequence[StandingRow]) -> Iterator[Standing]:
    """The dated standings of a member, each with why it came."""
    blueprint = desk.blueprint
    for row in rows:
        text = GIVEN.get(row.kind) or _measured(row, blueprint)
        until = last_day(desk, row.until)
        if until is not None:
            text = f"{text}, until {date_format(until, 'j M Y')}"
        name = naming.tier(row.tier, on=row.ladder, blueprint=blueprint)
        yield Standing(desk.day(row.at), name, wording.opened(text))


def _measured(row: StandingRow, blueprint: Blueprint) -> str:
    """What reached or kept a tier: $352.10 spent in the last 365 days."""
    tiers = naming.ladder(row.ladder, blueprint=blueprint)
    if tiers is None:
        return ""
    measure: Measure = tiers.measures[0]
    if not row.measure and not row.before:
        return "to begin with"
    value = phrases.reached(measure, row.measure, currency=blueprint.currency, blueprint=blueprint)
    told = f"{value}{DEEDS[measure.kind]} {steps.span(measure, to_staff=True)}"
    if row.kind == "renewed":
        return f"kept with {told}"
    return f"reviewed with {told}" if row.kind == "review" else told


def last_day(desk: Desk, until: datetime | None) -> date | None:
    """The last day of what holds up to an instant (excluded); None for no end."""
    return None if until is None else desk.day(until - timedelta(microseconds=1))
