"""What goes into an estimate of expected redemption and what comes out of it.

Raises EstimateError when a selection is beyond its bounds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from pointbook.engine.revenue.estimating.precision import ZERO
from pointbook.engine.revenue.estimating.triangles import EstimateError

if TYPE_CHECKING:
    from datetime import date

    from pointbook.engine.revenue.estimating.chain_ladder import Pattern

# Low to high is meant to hold 8 outcomes of 10: the 10th and 90th percentile of a normal.
DEVIATIONS: Final = Decimal("1.281552")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a person selects for a method: all rates 0 to 1.

    `rate` is the flat rate; `prior` the expected rate stated in advance, `prior_error` its standard
    error; cohorts seen at fewer than `young` ages are weighed against a prior by the methods that
    have one (None: every cohort that has not run off); low and high lie `deviations` standard
    errors from the centre.

    :raises EstimateError: on a rate beyond 0 to 1, or a negative number.
    """

    rate: Decimal | None = None
    prior: Decimal | None = None
    prior_error: Decimal = ZERO
    young: int | None = None
    deviations: Decimal = DEVIATIONS

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            whole = one.name in {"young", "deviations"}
            if value is not None and not (value >= 0 and (whole or value <= 1)):
                raise EstimateError(
                    f"{one.name} cannot be {value}",
                    field=one.name,
                    value=value,
                    mend="Give 0 or more." if whole else "Give a rate from 0 to 1.",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortEstimate:
    """What is expected of one cohort: points in smallest parts, rates of the points issued.

    `ultimate` is what will have been used in the end, `rate` the same over `issued` (0 of nothing),
    from `low` to `high`. `credibility` is the developed share of its age, 1 / CDF: what its own
    figures weigh against `prior`, the rate it was weighed against, if any. `by` names the method
    that decided, or `run_off`.
    """

    issued_on: date
    issued: int
    redeemed: int
    age: int
    ultimate: int
    rate: Decimal
    low: Decimal
    high: Decimal
    credibility: Decimal
    prior: Decimal | None
    by: str


class Factor(NamedTuple):
    """The development of an age to the next, or under `hazard` the share used at an age.

    `seen` is False where it was extrapolated.
    """

    age: int
    factor: Decimal
    seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """An estimate of expected redemption.

    `rate` is for new contracts, from `low` to `high`: all cohorts' ultimates over all points
    issued, the flat rate, or the prior while nothing has run off (`needs_prior`). `pattern` is the
    development that run-off follows. `notes` say what a reader must know.
    """

    method: str
    rate: Decimal
    low: Decimal
    high: Decimal
    cohorts: tuple[CohortEstimate, ...]
    factors: tuple[Factor, ...]
    needs_prior: bool
    notes: tuple[str, ...]
    pattern: Pattern = field(repr=False)
