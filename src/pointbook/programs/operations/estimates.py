"""Write down an expected redemption rate, or a cost of points, as an immutable, numbered version.

Raises EstimateRefused for a rate, a cost or a period that cannot be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Max

from pointbook.controls.clock import now
from pointbook.engine.values.calendar import month_start
from pointbook.engine.values.errors import PointbookError
from pointbook.programs.models import Estimate, Program, UnitCost


class EstimateRefused(PointbookError):
    """The estimate cannot be in force like this."""

    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What an estimate rests on: its method, its range, what was known, and who is for it.

    `cohorts` are rates by unit and month of issue; `data_rows` facts up to number `data_seq` were
    known; `paper` numbers the working paper.
    """

    prepared_by: str
    approved_by: str
    data_rows: int
    data_seq: int
    method: str = "flat"
    low: Decimal | None = None
    high: Decimal | None = None
    cohorts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    paper: int | None = None
    note: str = ""


def write_estimate(*, program: Program, rate: Decimal, from_period: str, basis: Basis) -> Estimate:
    """Store the next version.

    :raises EstimateRefused: a rate beyond 0 to 1 or of more than 8 decimals, or no period.
    """
    require_rate(rate)
    require_period(from_period)
    # Numbers have no gaps: the next one waits for this one.
    Program.objects.select_for_update().get(id=program.id)
    last = Estimate.objects.filter(program=program).aggregate(last=Max("number"))["last"] or 0
    return Estimate.objects.create(
        program=program,
        number=last + 1,
        method=basis.method,
        rate=rate,
        from_period=from_period,
        cohorts={unit: dict(months) for unit, months in basis.cohorts.items()},
        low=basis.low,
        high=basis.high,
        paper=basis.paper,
        note=basis.note,
        data_rows=basis.data_rows,
        data_seq=basis.data_seq,
        prepared_by=basis.prepared_by,
        approved_by=basis.approved_by,
        recorded_at=now(),
    )


def write_cost(
    *,
    program: Program,
    unit: str,
    amount: Decimal,
    from_period: str,
    prepared_by: str,
    approved_by: str,
    note: str = "",
) -> UnitCost:
    """Store the next cost of a unit's points.

    :raises EstimateRefused: an amount that cannot be, or no period.
    """
    require_cost(amount)
    require_period(from_period)
    Program.objects.select_for_update().get(id=program.id)
    known = UnitCost.objects.filter(program=program, unit=unit)
    last = known.aggregate(last=Max("number"))["last"] or 0
    return UnitCost.objects.create(
        program=program,
        unit=unit,
        number=last + 1,
        amount=amount,
        from_period=from_period,
        note=note,
        prepared_by=prepared_by,
        approved_by=approved_by,
        recorded_at=now(),
    )


def require_rate(rate: Decimal) -> None:
    """Refuse what is no share.

    :raises EstimateRefused: a rate beyond 0 to 1 or of more than 8 decimals.
    """
    if not rate.is_finite() or not 0 <= rate <= 1 or rate != rate.quantize(Decimal("1E-8")):
        raise EstimateRefused(
            f"{rate} is no redemption rate",
            field="rate",
            value=str(rate),
            mend="Give a share from 0 to 1 with at most 8 decimals, for example 0.88.",
        )


def require_cost(amount: Decimal) -> None:
    """Refuse what is no cost of a point.

    :raises EstimateRefused: an amount below 0, beyond a thousand million, or of over 9 decimals.
    """
    beyond = not amount.is_finite() or not 0 <= amount < MOST_COST
    if beyond or amount != amount.quantize(Decimal("1E-9")):
        raise EstimateRefused(
            f"{amount} is no cost of a point",
            field="amount",
            value=str(amount),
            mend="Give an amount of 0 or more with at most 9 decimals, for example 0.0185.",
        )


MOST_COST = Decimal(10) ** 9


def require_period(from_period: str) -> None:
    """Refuse what is no period.

    :raises EstimateRefused: when the text is none.
    """
    try:
        month_start(from_period)
    except ValueError:
        raise EstimateRefused(
            f"{from_period!r} is not a period",
            field="from",
            value=from_period,
            mend="Write YYYY-MM.",
        ) from None
