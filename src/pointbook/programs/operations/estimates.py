"""Write down an expected redemption rate as an immutable, numbered version.

Raises EstimateRefused for a rate or a period that cannot be.
"""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Max

from pointbook.controls.clock import now
from pointbook.engine.values.calendar import month_start
from pointbook.engine.values.errors import PointbookError
from pointbook.programs.models import Estimate, Program


class EstimateRefused(PointbookError):
    """The estimate cannot be in force like this."""

    status = 422


def write_estimate(
    *,
    program: Program,
    rate: Decimal,
    from_period: str,
    prepared_by: str,
    approved_by: str,
    data_rows: int,
    data_seq: int,
    note: str = "",
) -> Estimate:
    """Store the next version; `data_rows` facts up to number `data_seq` were known then.

    :raises EstimateRefused: a rate beyond 0 to 1 or of more than 8 decimals, or no period.
    """
    if not rate.is_finite() or not 0 <= rate <= 1 or rate != rate.quantize(Decimal("1E-8")):
        raise EstimateRefused(
            f"{rate} is no redemption rate",
            field="rate",
            value=str(rate),
            mend="Give a share from 0 to 1 with at most 8 decimals, for example 0.88.",
        )
    try:
        month_start(from_period)
    except ValueError:
        raise EstimateRefused(
            f"{from_period!r} is not a period",
            field="from",
            value=from_period,
            mend="Write YYYY-MM.",
        ) from None
    # Numbers have no gaps: the next one waits for this one.
    Program.objects.select_for_update().get(id=program.id)
    last = Estimate.objects.filter(program=program).aggregate(last=Max("number"))["last"] or 0
    return Estimate.objects.create(
        program=program,
        number=last + 1,
        rate=rate,
        from_period=from_period,
        note=note,
        data_rows=data_rows,
        data_seq=data_seq,
        prepared_by=prepared_by,
        approved_by=approved_by,
        recorded_at=now(),
    )
