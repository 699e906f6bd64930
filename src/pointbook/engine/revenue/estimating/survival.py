"""Discrete-hazard survival, the challenger: what part of the points at risk is used at each age.

Cause-specific hazards with expiry as the competing risk; the expected use is their cumulative
incidence (J. D. Kalbfleisch and R. L. Prentice, The Statistical Analysis of Failure Time Data,
second edition, 2002, chapter 8, for discrete time). Nothing here raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from pointbook.engine.revenue.estimating.chain_ladder import NEVER_TAIL
from pointbook.engine.revenue.estimating.precision import ONE, ZERO, exact, held

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pointbook.engine.revenue.estimating.triangles import Cohort, Triangle

# Ages that nobody has reached get the hazards of the last year seen, taken together.
POOLED: Final = 12


class Hazard(NamedTuple):
    """What happens at one age to a point that is still there: used, expired, or neither.

    `redeemed` and `expired` are shares of the points at risk (0 to 1), `spread` the standard
    deviation of `redeemed` between cohorts. `seen` is False for ages that nobody has reached.
    """

    age: int
    redeemed: Decimal
    expired: Decimal
    spread: Decimal
    seen: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """The hazards of each age, from the month of issue to the end of the points' life."""

    hazards: tuple[Hazard, ...]

    def remaining(self, cohort: Cohort, *, deviations: Decimal = ZERO) -> Decimal:
        """The points of a cohort still expected to be used, not rounded.

        `deviations` shifts the hazards of all ages by so many standard deviations between cohorts.
        """
        with exact():
            left = Decimal((cohort.issued or 0) - cohort.used - cohort.lapsed)
            used = ZERO
            for hazard in self.hazards[cohort.age + 1 :]:
                shifted = hazard.redeemed + deviations * hazard.spread
                taken = left * held(shifted, least=ZERO, most=ONE)
                used += taken
                left = max(left - taken - left * hazard.expired, ZERO)
            return used


class _AtRisk(NamedTuple):
    """Points at risk at one age of one cohort, and what became of them."""

    points: int
    redeemed: int
    expired: int


def hazards(triangle: Triangle) -> Survival:
    """The hazards of a triangle: redeemed / at risk, at risk being issued - used - expired before.

    Further ages, to contractual expiry or for 60 months where there is none, get the mean of the
    last 12 ages seen.
    """
    with exact():
        ages = [_at_risk(triangle.cohorts, age) for age in range(triangle.ages)]
        made = [_hazard(age, rows) for age, rows in enumerate(ages)]
        end = triangle.life or len(ages) + NEVER_TAIL
        pooled = [row for rows in ages[-POOLED:] for row in rows]
        later = _hazard(len(ages), pooled)
        made += [later._replace(age=age, seen=False) for age in range(len(ages), end)]
    return Survival(hazards=tuple(made))


def _at_risk(cohorts: Sequence[Cohort], age: int) -> list[_AtRisk]:
    return [
        _AtRisk(
            (cohort.issued or 0) - sum(cohort.redeemed[:age]) - sum(cohort.expired[:age]),
            cohort.redeemed[age],
            cohort.expired[age] if cohort.expired else 0,
        )
        for cohort in cohorts
        if cohort.age >= age
    ]


def _hazard(age: int, rows: Sequence[_AtRisk]) -> Hazard:
    """Volume-weighted hazards of an age, and the weighted spread of the cohorts' own."""
    rows = [row for row in rows if row.points > 0]
    whole = sum(row.points for row in rows)
    if not whole:
        return Hazard(age, ZERO, ZERO, ZERO)
    # More cancelled than used is no use at all.
    redeemed = held(Decimal(sum(row.redeemed for row in rows)) / whole, least=ZERO, most=ONE)
    expired = held(Decimal(sum(row.expired for row in rows)) / whole, least=ZERO, most=ONE)
    squares = sum(((row.redeemed - redeemed * row.points) ** 2 / row.points for row in rows), ZERO)
    spread = (squares / whole * len(rows) / (len(rows) - 1)).sqrt() if len(rows) > 1 else ZERO
    return Hazard(age, redeemed, expired, spread)
