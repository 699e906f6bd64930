"""Published triangles, and small ones made for a purpose."""

import json
from datetime import date
from pathlib import Path

from pointbook.engine.revenue.estimating.triangles import Cohort, Triangle
from pointbook.engine.values.calendar import add_months

# Taylor and Ashe: "Second moments of estimates of outstanding claims", Journal of Econometrics 23,
# 1983, the triangle of Mack 1993. RAA: Reinsurance Association of America, Historical Loss
# Development Study, 1991, that of Mack 1994, "Measuring the variability of chain ladder reserve
# estimates". Insurers' years stand as months: only the numbers matter.
PUBLISHED = json.loads(Path(__file__).with_name("published.json").read_text(encoding="utf-8"))
JANUARY = date(2025, 1, 1)


def published(name, *, issued=None):
    """A published triangle; `issued` is the exposure of each row."""
    rows = PUBLISHED[name]["cumulative"]
    return Triangle.from_cumulative(rows, issued=issued and [issued] * len(rows))


def cohort(month, redeemed, *, issued=1000, expired=()):
    """A cohort issued `month` months after January 2025."""
    return Cohort(
        issued_on=add_months(JANUARY, month),
        issued=issued,
        redeemed=tuple(redeemed),
        expired=tuple(expired),
    )


def triangle(*rows, life, issued=1000):
    """Cohorts of consecutive months, the oldest first, by what was used at each age."""
    cohorts = tuple(cohort(month, row, issued=issued) for month, row in enumerate(rows))
    return Triangle(cohorts=cohorts, life=life)


def steady(*, months, life, pattern, issued=1000):
    """Cohorts of `months` consecutive months that all follow one pattern, as far as they can."""
    whole = (*pattern[:life], *(0,) * months)
    rows = [whole[: months - month] for month in range(months)]
    return triangle(*rows, life=life, issued=issued)
