"""A triangle under the terms selected for it, and what every method derives from both, once.

Nothing here raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from pointbook.engine.revenue.estimating.chain_ladder import Pattern, fit, ultimates
from pointbook.engine.revenue.estimating.expected_share import (
    Prior,
    bornhuetter_ferguson,
    cape_cod,
)
from pointbook.engine.revenue.estimating.survival import Survival, hazards

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from pointbook.engine.revenue.estimating.estimates import Terms
    from pointbook.engine.revenue.estimating.triangles import Cohort, Triangle


class Decision(NamedTuple):
    """A cohort's ultimate in points, not rounded, the method it is from, and the prior in it."""

    ultimate: Decimal
    by: str
    prior: Prior | None = None


@dataclass(frozen=True)
class Case:
    """A triangle, what was selected for it, and what methods derive from both, once."""

    triangle: Triangle
    terms: Terms

    @cached_property
    def pattern(self) -> Pattern:
        """The development of the triangle."""
        return fit(self.triangle)

    @cached_property
    def ladder(self) -> Mapping[date, Decimal]:
        """The chain ladder's ultimate of each cohort, by month of issue."""
        reached = ultimates(triangle=self.triangle, pattern=self.pattern)
        months = (cohort.issued_on for cohort in self.triangle.cohorts)
        return dict(zip(months, reached, strict=True))

    @cached_property
    def own_prior(self) -> Prior:
        """The prior that the triangle itself gives."""
        return cape_cod(triangle=self.triangle, pattern=self.pattern)

    @cached_property
    def survival(self) -> Survival:
        """The hazards of the triangle."""
        return hazards(self.triangle)

    def weighed(self, cohort: Cohort, prior: Prior, by: str) -> Decision:
        """A cohort weighed against a prior."""
        share = self.pattern.share(cohort.age)
        return Decision(bornhuetter_ferguson(cohort=cohort, share=share, prior=prior), by, prior)

    def is_young(self, cohort: Cohort) -> bool:
        """Whether a cohort is weighed against a prior."""
        return self.terms.young is None or len(cohort.redeemed) < self.terms.young
