"""The ladders of a program in sentences: what lifts members, how long they stay, what they get.

Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pointbook.engine.rules.blueprint import (
    Blueprint,
    Downgrade,
    Measure,
    MeasureKind,
    Rung,
    Tiers,
    Validity,
    ValidityKind,
)
from pointbook.engine.rules.prose.asking import reached
from pointbook.engine.rules.prose.phrases import over
from pointbook.engine.rules.prose.wording import days, listed, months, often, opened, ordinal

DEEDS: Mapping[MeasureKind, str] = {
    "spend": "spend",
    "earned": "earn",
    "visits": "make",
    "count": "reach",
}
REVIEWS: Mapping[Downgrade, str] = {
    "none": "you keep it all the same",
    "one_step": "you go down one tier",
    "full": "you go down to the tier that you do reach",
}
PERIODS: Mapping[ValidityKind, str] = {
    "end_of_year": "year",
    "end_of_month": "month",
    "membership_year": "year of your membership",
}


def ladder(tiers: Tiers, *, blueprint: Blueprint) -> Iterator[str]:
    """One ladder; beside others it says its name."""
    alone = len(blueprint.ladders) == 1
    first, *others = tiers.ladder
    yield f"{'Everybody' if alone else f'In {tiers.name} everybody'} begins as {first.name}."
    for rung in others:
        yield f"{_reach(rung, tiers, blueprint)}."
    if others:
        yield from _times(tiers, place="" if alone else f" in {tiers.name}")
    for rung in tiers.ladder:
        if rung.lifetime:
            yield f"Once you are {rung.name}, you stay {rung.name} for ever."
    for rung in tiers.ladder:
        if told := benefits(rung, tiers=tiers):
            yield f"As {rung.name} you get {told}."
    names = {rung.code: rung.name for rung in tiers.ladder}
    for gone, into in tiers.moved.items():
        yield f"Members who were {gone} are now {names.get(into, into)}."


def needs(rung: Rung, *, tiers: Tiers, blueprint: Blueprint) -> str:
    """What reaches a tier, by its figures: 1,000 points or 10 purchases; $0.00 for the first."""
    first = tiers.measures[0]
    held = rung.needs or {first.code: 0}
    figures = [
        reached(measure, held[measure.code], currency=blueprint.currency, blueprint=blueprint)
        for measure in tiers.measures
        if measure.code in held
    ]
    return listed(figures, joined="and" if rung.every else "or")


def benefits(rung: Rung, *, tiers: Tiers) -> str:
    """What a tier gives that is counted: Lounge visit twice a year; empty for nothing."""
    return listed(
        [
            f"{one.name} {often(rung.benefits[one.code], one.each)}"
            for one in tiers.benefits
            if one.code in rung.benefits
        ],
        joined="and",
    )


def kept(validity: Validity) -> str:
    """How long a tier is kept that was reached: to the end of the next year."""
    if validity.kind == "purchase":
        return "until the next purchase"
    if validity.kind == "for_ever":
        return "for ever"
    more = f" and {days(validity.plus_days)} more" if validity.plus_days else ""
    if validity.kind in ("days", "months"):
        told = days(validity.n) if validity.kind == "days" else months(validity.n)
        return f"for {told}{more}"
    period = PERIODS[validity.kind]
    if validity.n == 0:
        return f"to the end of the {period} in which you reach it{more}"
    if validity.n == 1:
        return f"to the end of the next {period}{more}"
    nth = ordinal(validity.n)
    return f"to the end of the {nth} {period} after the one in which you reach it{more}"


def _reach(rung: Rung, tiers: Tiers, blueprint: Blueprint) -> str:
    """Spend $350.00 within 365 days and you are VIB."""
    asked = [(one, rung.needs[one.code]) for one in tiers.measures if one.code in rung.needs]
    if not asked:
        return f"{rung.name} is by invitation only"
    told = _deeds(asked, blueprint)
    joined = listed(told, joined="and" if rung.every else "or")
    comma = "," if len(told) > 1 else ""
    return f"{opened(joined)}{comma} and you are {rung.name}"


def _deeds(asked: Sequence[tuple[Measure, int]], blueprint: Blueprint) -> list[str]:
    """Each thing to do; a time that all of them share is said once, at the end."""
    figures = [
        f"{_deed(one)} {reached(one, least, currency=blueprint.currency, blueprint=blueprint)}"
        for one, least in asked
    ]
    spans = [over(one.window) for one, _ in asked]
    if len(set(spans)) == 1:
        return [*figures[:-1], f"{figures[-1]} {spans[-1]}"]
    return [f"{figure} {time}" for figure, time in zip(figures, spans, strict=True)]


def _deed(measure: Measure) -> str:
    return "make" if measure.type == "purchase" else DEEDS[measure.kind]


def _times(tiers: Tiers, *, place: str) -> Iterator[str]:
    """When members rise, how long they stay and what happens then."""
    validity = tiers.validity
    if validity.kind == "purchase":
        yield f"Your tier{place} is judged at each purchase and stays until the next one."
        return
    if tiers.upgrade == "at_once":
        yield f"Your tier{place} rises as soon as you reach what a higher one asks for."
    else:
        yield f"Your tier{place} rises only when it is reviewed."
    yield f"A tier you reach{place} is kept {kept(validity)}."
    if validity.kind == "for_ever":
        return
    if tiers.upgrade == "at_once":
        yield f"Reach again what your tier{place} asks for, and it is kept longer."
    grace = tiers.grace_days and tiers.downgrade != "none"
    later = f" {days(tiers.grace_days)} later" if grace else ""
    yield (
        f"When the time of your tier{place} is over and you have not reached again what it asks"
        f" for, {REVIEWS[tiers.downgrade]}{later}."
    )
