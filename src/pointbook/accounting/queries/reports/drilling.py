"""The way down from a figure of a report: to what was done to cohorts, and from there to facts.

A cohort's entry names its journal entry (`journals.drill`) and opens to the ledger's rows
(`journals.cohort_rows`). Raises EntityNotFound and CloseNotFound.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pointbook.accounting.models import CohortEntry
from pointbook.accounting.queries.books import close_of
from pointbook.accounting.queries.reports.tables import Opens, ReportError
from pointbook.engine.revenue.policies import ACCOUNTS_OWED, Policy


@dataclass(frozen=True, slots=True)
class Behind:
    """What an event did to one cohort: points in smallest parts, changes in minor units.

    `id` opens to the ledger's rows, `entry` is the journal entry, None where nothing was posted.
    """

    id: int
    entry: int | None
    event: str
    unit: str
    currency: str
    issued_on: date
    policy: str
    funder: str
    side: str
    other: str
    points: int
    change: int
    rows: int


def behind(opens: Opens, *, entity: str = "main") -> list[Behind]:
    """What stands behind a figure that opens to cohorts; the changes add up to it.

    :raises ReportError: when the figure opens to something else.
    :raises CloseNotFound: the period was never drawn up.
    """
    if opens.to != "cohorts":
        raise ReportError(
            f"this figure opens to {opens.to}", field="opens", value=opens.to, mend="Open that."
        )
    close = close_of(entity_code=entity, period=opens.period, version=opens.version)
    rows = CohortEntry.objects.filter(
        close=close, program__code=opens.program, event__in=opens.events
    )
    if opens.unit:
        rows = rows.filter(unit=opens.unit)
    if opens.account:
        own = [policy.value for policy, owed in ACCOUNTS_OWED.items() if owed == opens.account]
        rows = rows.filter(policy__in=own)
    if opens.column == "acquired":
        rows = rows.filter(policy=Policy.BROUGHT.value)
    elif opens.column == "new":
        rows = rows.exclude(policy=Policy.BROUGHT.value)
    if opens.column in ("additional", "unused_reversed"):
        rows = (
            rows.filter(change__gt=0) if opens.column == "additional" else rows.filter(change__lt=0)
        )
    return [_behind(row) for row in rows.order_by("issued_on", "id")]


def _behind(row: CohortEntry) -> Behind:
    return Behind(
        id=row.id,
        entry=row.entry_id,
        event=row.event,
        unit=row.unit,
        currency=row.currency,
        issued_on=row.issued_on,
        policy=row.policy,
        funder=row.funder,
        side=row.side,
        other=row.other,
        points=row.points,
        change=row.change,
        rows=row.transfers,
    )
