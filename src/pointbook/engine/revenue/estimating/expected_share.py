"""A prior weighed against what a young cohort has shown: Bornhuetter-Ferguson and Cape Cod.

R. L. Bornhuetter and R. E. Ferguson, "The Actuary and IBNR", Proceedings of the Casualty Actuarial
Society 59, 1972, 181-195. Cape Cod: H. Buehlmann and E. Straub, 1983; J. N. Stanard, "A simulation
test of prediction errors of loss reserve estimation techniques", Proceedings of the Casualty
Actuarial Society 72, 1985, 124-148. Nothing here raises.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from pointbook.engine.revenue.estimating.precision import ONE, ZERO, exact

if TYPE_CHECKING:
    from pointbook.engine.revenue.estimating.chain_ladder import Pattern
    from pointbook.engine.revenue.estimating.triangles import Cohort, Triangle


class Prior(NamedTuple):
    """An expected redemption rate, 0 to 1, and its standard error (0 where none was stated)."""

    rate: Decimal
    error: Decimal = ZERO


def bornhuetter_ferguson(*, cohort: Cohort, share: Decimal, prior: Prior) -> Decimal:
    """The points a cohort will have used: C + (1 - developed share) x prior x issued.

    The same as credibility x chain ladder + (1 - credibility) x prior, the credibility being the
    developed share, 1 / CDF. Where that is 0 the prior speaks alone. Not rounded, and not bounded
    by the points that can still be used.
    """
    with exact():
        from_prior = prior.rate * (cohort.issued or 0)
        return cohort.used + (ONE - share) * from_prior if share else from_prior


def cape_cod(*, triangle: Triangle, pattern: Pattern) -> Prior:
    """The prior that the triangle itself gives: used points / issued points that had their chance.

    kappa = sum C / sum (issued x developed share). Its standard error is that of the weighted mean
    of the cohorts' own C / (issued x share); 0 while only one cohort has any.
    """
    with exact():
        chances = [
            ((cohort.issued or 0) * pattern.share(cohort.age), cohort.used)
            for cohort in triangle.cohorts
        ]
        chances = [(chance, used) for chance, used in chances if chance]
        whole = sum((chance for chance, _ in chances), ZERO)
        if not whole:
            return Prior(ZERO)
        kappa = sum(used for _, used in chances) / whole
        if len(chances) == 1:
            return Prior(min(kappa, ONE))
        # Sum of weight x squared distance, over (cohorts - 1) x the sum of the weights.
        squares = [(used - kappa * chance) ** 2 / chance for chance, used in chances]
        error = (sum(squares, ZERO) / (len(chances) - 1) / whole).sqrt()
        return Prior(min(kappa, ONE), error)
