"""The methods of estimating expected redemption, one table, and the one way to use them.

Until a cohort has run off nobody knows how the pattern ends: a prior must then be stated, and the
estimate says so. Raises EstimateError.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pointbook.engine.revenue.estimating.cases import Case, Decision
from pointbook.engine.revenue.estimating.chain_ladder import NEVER_TAIL
from pointbook.engine.revenue.estimating.estimates import (
    CohortEstimate,
    Estimated,
    Factor,
    Terms,
)
from pointbook.engine.revenue.estimating.expected_share import Prior
from pointbook.engine.revenue.estimating.precision import (
    ONE,
    ZERO,
    as_points,
    as_rate,
    exact,
    share_of,
)
from pointbook.engine.revenue.estimating.ranges import FLAT, HAZARD, RUN_OFF, Range, Ranges, ranges
from pointbook.engine.revenue.estimating.triangles import Cohort, EstimateError, Triangle
from pointbook.engine.values.calendar import month_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

BORNHUETTER_FERGUSON: Final = "bornhuetter_ferguson"
CAPE_COD: Final = "cape_cod"
CHAIN_LADDER: Final = "chain_ladder"
# A chain ladder of a cohort that has shown less than this is mostly noise.
FAINT: Final = Decimal("0.1")


def _flat(case: Case, cohort: Cohort) -> Decision:
    """The stated rate for every cohort."""
    with exact():
        return Decision((case.terms.rate or ZERO) * (cohort.issued or 0), FLAT)


def _chain_ladder(case: Case, cohort: Cohort) -> Decision:
    """The chain ladder; Cape Cod where it has nothing to develop from."""
    if not case.pattern.share(cohort.age):
        return case.weighed(cohort, case.own_prior, CAPE_COD)
    return Decision(case.ladder[cohort.issued_on], CHAIN_LADDER)


def _bornhuetter_ferguson(case: Case, cohort: Cohort) -> Decision:
    """Young cohorts against the stated prior, the others by chain ladder."""
    if case.is_young(cohort):
        prior = Prior(case.terms.prior or ZERO, case.terms.prior_error)
        return case.weighed(cohort, prior, BORNHUETTER_FERGUSON)
    return _chain_ladder(case, cohort)


def _cape_cod(case: Case, cohort: Cohort) -> Decision:
    """Young cohorts against the triangle's own prior, the others by chain ladder."""
    if case.is_young(cohort):
        return case.weighed(cohort, case.own_prior, CAPE_COD)
    return _chain_ladder(case, cohort)


def _hazard(case: Case, cohort: Cohort) -> Decision:
    """Discrete-hazard survival."""
    with exact():
        return Decision(cohort.used + case.survival.remaining(cohort), HAZARD)


METHODS: Final[Mapping[str, Callable[[Case, Cohort], Decision]]] = {
    FLAT: _flat,
    CHAIN_LADDER: _chain_ladder,
    BORNHUETTER_FERGUSON: _bornhuetter_ferguson,
    CAPE_COD: _cape_cod,
    HAZARD: _hazard,
}


def estimate(*, triangle: Triangle, method: str, terms: Terms) -> Estimated:
    """Expected redemption of a triangle's cohorts and of new contracts, by a method of METHODS.

    A cohort that has run off, by its life or because nothing is left of it, is what it was. Every
    ultimate lies between what was used and what still can be. While no cohort has run off, every
    method but `flat` weighs all cohorts against the stated prior (Bornhuetter-Ferguson).

    :raises EstimateError: when the method is unknown, issued points are not known, or a rate or
        prior that the method needs was not stated.
    """
    case = Case(triangle, terms)
    needs_prior = _check(case, method)
    decide = METHODS[method]
    if needs_prior:
        # Every cohort is young: the chain ladder has no end yet.
        decide, case = _bornhuetter_ferguson, Case(triangle, replace(terms, young=None))
    decisions = [
        Decision(Decimal(cohort.used), RUN_OFF) if _is_over(case, cohort) else decide(case, cohort)
        for cohort in triangle.cohorts
    ]
    around = ranges(case=case, decisions=decisions)
    cohorts = tuple(
        _cohort(case, cohort, made)
        for cohort, made in zip(
            triangle.cohorts, zip(decisions, around.cohorts, strict=True), strict=True
        )
    )
    new = _new_contracts(case, around, method=method, needs_prior=needs_prior)
    return Estimated(
        method=method,
        rate=as_rate(new.central),
        low=as_rate(new.low),
        high=as_rate(new.high),
        cohorts=cohorts,
        factors=_factors(case, method),
        needs_prior=needs_prior,
        notes=tuple(_notes(case, decisions, needs_prior=needs_prior)),
        pattern=case.pattern,
    )


def _check(case: Case, method: str) -> bool:
    """Whether the method has to lean on the stated prior; refuses what cannot be estimated."""
    if method not in METHODS:
        raise EstimateError(
            f"{method!r} is not a method of estimating",
            field="method",
            value=method,
            mend=f"Use one of {', '.join(METHODS)}.",
        )
    for cohort in case.triangle.cohorts:
        if cohort.issued is None:
            raise EstimateError(
                f"it is not known how many points were issued in {month_name(cohort.issued_on)}",
                field="issued",
                mend="Give the points issued, net of claw-back.",
            )
    needed = {FLAT: "rate", BORNHUETTER_FERGUSON: "prior"}.get(method)
    if needed and getattr(case.terms, needed) is None:
        raise EstimateError(
            f"{method} needs a {needed}",
            field=needed,
            mend=f"State a {needed} from 0 to 1, and what it rests on.",
        )
    if method == FLAT or case.pattern.settled:
        return False
    if case.terms.prior is None:
        raise EstimateError(
            "no cohort has run off yet; state a prior",
            field="prior",
            mend="State an expected rate from 0 to 1, and what it rests on: comparable programs, "
            "a pilot, the plan. It is replaced by experience as cohorts run off.",
        )
    return True


def _is_over(case: Case, cohort: Cohort) -> bool:
    """Whether nothing can happen to a cohort any more."""
    return case.triangle.has_run_off(cohort) or cohort.used + cohort.lapsed == cohort.issued


def _cohort(case: Case, cohort: Cohort, made: tuple[Decision, Range]) -> CohortEstimate:
    decision, around = made
    issued = cohort.issued or 0
    return CohortEstimate(
        issued_on=cohort.issued_on,
        issued=issued,
        redeemed=cohort.used,
        age=cohort.age,
        ultimate=as_points(around.central),
        rate=as_rate(share_of(around.central, issued)),
        low=as_rate(share_of(around.low, issued)),
        high=as_rate(share_of(around.high, issued)),
        credibility=as_rate(ONE if decision.by == RUN_OFF else case.pattern.share(cohort.age)),
        prior=None if decision.prior is None else as_rate(decision.prior.rate),
        by=decision.by,
    )


def _new_contracts(case: Case, around: Ranges, *, method: str, needs_prior: bool) -> Range:
    """The rate of contracts to come, and its range."""
    terms = case.terms
    if method == FLAT:
        rate = terms.rate or ZERO
        return Range(rate, rate, rate)
    if needs_prior:
        rate = terms.prior or ZERO
        with exact():
            wide = terms.deviations * terms.prior_error
            return Range(max(rate - wide, ZERO), rate, min(rate + wide, ONE))
    issued = sum(cohort.issued or 0 for cohort in case.triangle.cohorts)
    return Range(*(share_of(side, issued) for side in around.total))


def _factors(case: Case, method: str) -> tuple[Factor, ...]:
    if method == HAZARD:
        return tuple(
            Factor(hazard.age, as_rate(hazard.redeemed), hazard.seen)
            for hazard in case.survival.hazards
        )
    return tuple(Factor(link.age, as_rate(link.factor), link.seen) for link in case.pattern.links)


def _notes(case: Case, decisions: Sequence[Decision], *, needs_prior: bool) -> Iterator[str]:
    """What a reader of the estimate must know."""
    pattern, triangle = case.pattern, case.triangle
    if needs_prior:
        yield "No cohort has run off yet: the stated prior is the rate of new contracts."
        if not case.terms.prior_error:
            yield "No error of the prior was stated, so the rate of new contracts has no range."
    if triangle.life is None:
        yield (
            f"These points never expire: their use is taken to end {NEVER_TAIL} months after the "
            f"oldest age seen."
        )
    if pattern.tail > 1:
        yield (
            f"No cohort was seen beyond age {triangle.ages - 1}: a tail of "
            f"{as_rate(pattern.tail)} is extrapolated to age {pattern.end - 1}."
        )
    faint = sum(
        decision.by == CHAIN_LADDER and pattern.share(cohort.age) < FAINT
        for cohort, decision in zip(triangle.cohorts, decisions, strict=True)
    )
    if faint:
        yield (
            f"Cohorts that rest on less than {FAINT:.0%} of what they will have used: {faint}. "
            f"Weigh them against a prior."
        )
