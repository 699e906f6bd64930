"""Every report of the books: a table from its name to what makes it.

Raises what the reports raise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pointbook.accounting.queries.reports import (
    balances,
    bands,
    besides,
    estimating,
    holding,
    listings,
    openings,
    provisions,
    rolling,
)
from pointbook.accounting.queries.reports.tables import (
    Asked,
    Column,
    Kind,
    Opens,
    ReportError,
    Row,
    Table,
)

__all__ = ("REPORTS", "Asked", "Column", "Kind", "Opens", "ReportError", "Row", "Table")

REPORTS: Final[Mapping[str, Callable[[Asked], Table]]] = {
    "liability-rollforward": rolling.liability_gross,
    "liability-rollforward-net": openings.liability_net,
    "revenue-from-opening": openings.revenue_from_opening,
    "remaining-obligation": bands.remaining_obligation,
    "current-non-current": bands.current,
    "provisions": provisions.provisions,
    "refund-liability": provisions.refund_liability,
    "partners": holding.partners,
    "points-rollforward": rolling.points,
    "cohorts": holding.cohorts,
    "estimates": estimating.estimates,
    "triangle": estimating.triangle,
    "back-test": estimating.back_test,
    "sensitivity": estimating.sensitivity,
    "late-facts": listings.late,
    "journals": listings.journals,
    "trial-balance": balances.trial_balance,
    "tie-outs": listings.ties,
    "approvals": listings.approvals,
    "intercompany": besides.intercompany,
    "schedules": besides.schedules,
    "tax": besides.tax,
}
