"""How wide an estimate is: low and high of each cohort and of all together.

Nothing here raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pointbook.engine.revenue.estimating.chain_ladder import Standing, standard_errors
from pointbook.engine.revenue.estimating.precision import ONE, ZERO, exact, held

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from pointbook.engine.revenue.estimating.cases import Case, Decision
    from pointbook.engine.revenue.estimating.triangles import Cohort

FLAT = "flat"
HAZARD = "hazard"
RUN_OFF = "run_off"
# Methods without standard errors of their own.
_PLAIN = frozenset({FLAT, HAZARD, RUN_OFF})


class Range(NamedTuple):
    """Ultimates in points, not rounded, between what was used and what still can be."""

    low: Decimal
    central: Decimal
    high: Decimal


class Ranges(NamedTuple):
    """The range of each cohort, and that of all of them together."""

    cohorts: tuple[Range, ...]
    total: Range


def bounded(cohort: Cohort, points: Decimal) -> Decimal:
    """An ultimate held between what a cohort used and what of it has not expired."""
    most = (cohort.issued or 0) - cohort.lapsed
    return held(points, least=ZERO + cohort.used, most=ZERO + most)


def ranges(*, case: Case, decisions: Sequence[Decision]) -> Ranges:
    """Low, central and high of each cohort (in the order of the triangle) and of the total.

    The chain ladder and priors: Mack's standard error, and what the prior's own error does to the
    part that is not developed, which hits all cohorts at once. Survival: the hazards of all ages
    shifted together, so cohorts just add up. A flat rate has no width.
    """
    width = case.terms.deviations
    pairs = list(zip(case.triangle.cohorts, decisions, strict=True))
    with exact():
        central = [bounded(cohort, decision.ultimate) for cohort, decision in pairs]
        errors = standard_errors(
            pattern=case.pattern,
            standings=[
                Standing(cohort.age, ZERO if decision.by in _PLAIN else ultimate)
                for (cohort, decision), ultimate in zip(pairs, central, strict=True)
            ],
        )
        from_prior = [_from_prior(case, cohort, decision) for cohort, decision in pairs]
        made = []
        for (cohort, decision), ultimate, error, other in zip(
            pairs, central, errors.cohorts, from_prior, strict=True
        ):
            sides = [ultimate + side * (error**2 + other**2).sqrt() for side in (-width, width)]
            if decision.by == HAZARD:
                sides = [
                    cohort.used + case.survival.remaining(cohort, deviations=side)
                    for side in (-width, width)
                ]
            low, high = (bounded(cohort, side) for side in sides)
            made.append(Range(min(low, ultimate), ultimate, max(high, ultimate)))
        summed = Range(*(sum(side, ZERO) for side in zip(*made, strict=True))) if made else _NONE
        if any(decision.by not in _PLAIN for decision in decisions):
            wide = width * (errors.total**2 + sum(from_prior, ZERO) ** 2).sqrt()
            summed = Range(
                max(summed.central - wide, summed.low),
                summed.central,
                min(summed.central + wide, summed.high),
            )
        return Ranges(tuple(made), summed)


_NONE = Range(ZERO, ZERO, ZERO)


def _from_prior(case: Case, cohort: Cohort, decision: Decision) -> Decimal:
    """What one standard error of the prior does to a cohort's ultimate."""
    if decision.prior is None:
        return ZERO
    return (ONE - case.pattern.share(cohort.age)) * (cohort.issued or 0) * decision.prior.error
