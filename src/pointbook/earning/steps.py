"""How far a member is on the way to a tier, and what is on its way to them, in words.

Nothing here raises.
"""

from __future__ import annotations

from pointbook.earning.balances import Coming
from pointbook.earning.progress import BenefitStep, MeasureStep, Standing
from pointbook.engine.rules.blueprint import Blueprint, Measure
from pointbook.engine.rules.prose import phrases, wording
from pointbook.engine.rules.spans import Each

# When a benefit is there anew, after how many are left.
ANEW: dict[Each, str] = {
    "fact": "with each purchase",
    "day": "today",
    "week": "this week",
    "month": "this month",
    "year": "this year",
    "membership_year": "in this year of membership",
    "ever": "in all",
}


def have(step: MeasureStep, *, blueprint: Blueprint) -> str:
    """What the member has: 3 purchases, $812.40, 120 stars."""
    return _told(step.measure, step.value, blueprint)


def goal(step: MeasureStep, *, blueprint: Blueprint) -> str:
    """What the next tier asks for: 10 purchases, $1,000.00, 500 stars."""
    return _told(step.measure, step.least, blueprint)


def missing(step: MeasureStep, *, blueprint: Blueprint) -> str:
    """What is missing: 7 purchases, $187.60, 380 stars."""
    return _told(step.measure, step.missing, blueprint)


def more(step: MeasureStep, *, blueprint: Blueprint) -> str:
    """What is missing, said as more: 7 more purchases, $187.60 more."""
    text = missing(step, blueprint=blueprint)
    if step.measure.kind == "spend":
        return f"{text} more"
    count, _, noun = text.partition(" ")
    return f"{count} more {noun}"


def figure(text: str, measure: Measure) -> str:
    """The number alone of what `have` or `goal` tell; money stays as it is."""
    return text if measure.kind == "spend" else text.partition(" ")[0]


def span(measure: Measure, *, to_staff: bool = False) -> str:
    """Over which time it counts: in the last 365 days, this year, so far."""
    text = phrases.so_far(measure.window)
    return text.replace("your", "the") if to_staff else text


def still_to_do(standing: Standing, *, blueprint: Blueprint) -> str:
    """What lifts the member: 7 more purchases, or 350 more points or 7 more purchases.

    Empty at the top, where a tier is given by hand only, and where nothing is missing.
    """
    waits = [step for step in standing.steps if step.missing]
    if not waits or (len(waits) < len(standing.steps) and not standing.every):
        return ""
    told = [more(step, blueprint=blueprint) for step in waits]
    return wording.listed(told, joined="and" if standing.every else "or")


def left(benefit: BenefitStep) -> str:
    """How many of a counted benefit are left: 1 of 4 left this year."""
    return f"{benefit.left} of {benefit.given} left {ANEW[benefit.each]}"


def waits(one: Coming, *, to_staff: bool = False) -> str:
    """After what points can be used that wait for something: once your order is shipped."""
    if one.pending is None:
        return "once they are released"
    text = phrases.pending(one.pending, on=one.of)
    return text.replace("your", "the") if to_staff else text


def _told(measure: Measure, value: int, blueprint: Blueprint) -> str:
    return phrases.reached(measure, value, currency=blueprint.currency, blueprint=blueprint)
