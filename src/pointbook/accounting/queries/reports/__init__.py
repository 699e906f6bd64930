"""Every report of the books: a table from its name to what makes it.

Raises what the reports raise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pointbook.accounting.queries.reports import balances, rolling
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
    "points-rollforward": rolling.points,
    "trial-balance": balances.trial_balance,
}
