"""Counted benefits of tiers: how many a member has left in a span of time, and using one."""

from __future__ import annotations

from datetime import datetime, tzinfo

from pointbook.engine.rules.blueprint import Benefit, Tiers
from pointbook.engine.rules.tiers.standings import Standing
from pointbook.engine.values.calendar import span_start
from pointbook.engine.values.errors import PointbookError


class BenefitError(PointbookError):
    """A benefit that the ladder does not have, or of which none is left."""

    status = 422


class Benefits:
    """The benefits of a ladder's tiers; `given` is tier -> benefit -> how many for each span."""

    __slots__ = ("_zone", "benefits", "given")

    def __init__(self, tiers: Tiers, *, zone: tzinfo) -> None:
        self.benefits = {benefit.code: benefit for benefit in tiers.benefits}
        self.given = {rung.code: rung.benefits for rung in tiers.ladder}
        self._zone = zone

    def left(
        self,
        standing: Standing,
        benefit: str,
        *,
        tier: str,
        at: datetime,
        joined_at: datetime | None,
    ) -> int:
        """How many a member in `tier` may still use in the span of time that `at` falls in.

        :raises BenefitError: no such benefit.
        """
        asked = self._asked(benefit)
        given = self.given.get(tier, {}).get(benefit, 0)
        if asked.each == "fact":
            return given
        first = span_start(asked.each, at=at, zone=self._zone, joined_at=joined_at)
        return max(0, given - standing.used.get(benefit, {}).get(first, 0))

    def use(
        self,
        standing: Standing,
        benefit: str,
        *,
        tier: str,
        at: datetime,
        joined_at: datetime | None,
    ) -> int:
        """Use one in the span of time that `at` falls in; how many are left then.

        :raises BenefitError: no such benefit, or none left.
        """
        left = self.left(standing, benefit, tier=tier, at=at, joined_at=joined_at)
        if not left:
            raise BenefitError(
                f"no {benefit!r} is left",
                field="attributes.benefit",
                value=benefit,
                mend="Wait for the next span of time, or for a tier that gives more.",
            )
        asked = self._asked(benefit)
        if asked.each != "fact":
            first = span_start(asked.each, at=at, zone=self._zone, joined_at=joined_at)
            spans = standing.used.setdefault(benefit, {})
            spans[first] = spans.get(first, 0) + 1
        return left - 1

    def _asked(self, benefit: str) -> Benefit:
        asked = self.benefits.get(benefit)
        if asked is None:
            known = ", ".join(self.benefits) or "none yet"
            raise BenefitError(
                f"no benefit {benefit!r}",
                field="attributes.benefit",
                value=benefit,
                mend=f"Use one of: {known}.",
            )
        return asked
