"""Cohorts to test with: a key, its first totals, one period posted."""

from datetime import date
from decimal import Decimal

from pointbook.engine.revenue.cohorts import CohortKey, CohortState, Movement
from pointbook.engine.revenue.recognition import InForce, post_period, rate_of

JANUARY = date(2025, 1, 1)


def key(*, issued_on=JANUARY, unit="points", currency="USD", entity="main"):
    """The cohort of a month."""
    return CohortKey(
        entity=entity, program="club", unit=unit, currency=currency, issued_on=issued_on
    )


def state(*, rate="1", of=None, **totals):
    """A cohort's totals; u as text."""
    return CohortState(key=of or key(), rate=Decimal(rate), **totals)


def post(before, *, rate=None, **moved):
    """Post one period of a cohort; the estimate stays unless another is given."""
    return post_period(
        before=before,
        movement=Movement(key=before.key, **moved),
        now=InForce(rate_of(before.key, before.rate if rate is None else Decimal(rate))),
    )
