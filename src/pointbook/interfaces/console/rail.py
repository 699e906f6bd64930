"""What stands beside every page of the books: periods, the other pages, what waits for somebody."""

from __future__ import annotations

from datetime import date
from typing import Final, cast

from django.urls import reverse

from pointbook.accounting.queries.approvals import proposals
from pointbook.accounting.queries.books import PeriodRow, periods
from pointbook.accounting.queries.settings import books_of
from pointbook.interfaces.console.desk import Desk
from pointbook.interfaces.console.pages import rail as pages

# Of full books: label, address, its report.
FULL: Final = (
    ("Estimate", "estimate", ""),
    ("Reports", "reports", ""),
    ("Late facts", "report", "late-facts"),
    ("Trial balance", "report", "trial-balance"),
    ("Journals", "journals", ""),
    ("Approvals", "approvals", ""),
    ("Exports", "exports", ""),
    ("Settings", "books-settings", ""),
)
SIMPLE: Final = (
    ("What to book", "books", ""),
    ("Exports", "exports", ""),
    ("Settings", "books-settings", ""),
)


def rail(desk: Desk, *, here: str = "", on: date | None = None, note: str = "") -> pages.Rail:
    """The rail of a page called `here`, or of the period that begins `on`; `note` is how far."""
    entity = desk.program.entity
    full = books_of(entity).full
    waiting = len(proposals(entity_code=entity, waiting=True)) if full else 0
    return pages.Rail(
        currency=desk.program.currency,
        periods=tuple(
            _period(row, note if row.first_on == on else "") for row in periods(entity_code=entity)
        ),
        places=tuple(
            pages.Place(
                label,
                reverse(f"console:{view}", args=[name] if name else []),
                current=label == here,
                waiting=waiting if view == "approvals" else 0,
            )
            for label, view, name in (FULL if full else SIMPLE)
        ),
        here_on=on,
    )


def _period(row: PeriodRow, note: str) -> pages.Period:
    told = {"soft_closed": "to seal", "reopened": "reopened"}
    return pages.Period(
        row.first_on,
        cast("pages.State", row.status),
        note or told.get(row.status, "open"),
        reverse("console:period", args=[row.code]),
    )
