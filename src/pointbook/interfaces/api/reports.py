"""Reports of the books: every one by its name, with what it was made of and its digest.

Raises ReportError, PeriodError, EntityNotFound, ProgramNotFound and ScopeMissing.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import AwareDatetime, Field

from pointbook.accounting.queries.reports import Asked
from pointbook.accounting.queries.reports.rendering import as_document
from pointbook.analytics.reports import report
from pointbook.controls.keys import Key
from pointbook.interfaces.api.caller import key_of, program_of
from pointbook.programs.queries import ProgramNotFound

router = Router(tags=["Reports"])
SCOPE: Final = "books.read"
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00]+$")]
Period = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]


class Asking(Schema):
    """Whose figures, of which periods, as known when."""

    entity: Code | None = Field(None, description="By default the program's, or main.")
    program: Code | None = Field(None, description="By default the key's, or all.")
    start: Period | None = Field(None, alias="from", description="The first period.")
    end: Period | None = Field(None, alias="to", description="The last period.")
    period: Period | None = Field(None, description="One period, instead of from and to.")
    as_of: date | None = Field(None, description="Posted by this day.")
    known_at: AwareDatetime | None = Field(None, description="Recorded by then.")
    version: int | None = Field(
        None, ge=1, le=32_767, description="A version of the period's close."
    )


class ReportColumn(Schema):
    """A column of a report."""

    name: str = Field(examples=["opening"])
    kind: str = Field(description="text, points, money, rate, date or count.", examples=["money"])
    currency: str = Field(description="That of the whole column; empty: a column says it.")
    total: str = Field(description="How a total is made: sum, first, last; empty: not at all.")


class Report(Schema):
    """A report. Amounts are decimal text in major or whole units, counts are numbers."""

    report: str = Field(examples=["liability-rollforward"])
    title: str
    parameters: dict[str, str] = Field(description="What it was made of.")
    sources: list[str] = Field(description="The seals behind it, with their digests.")
    columns: list[ReportColumn]
    rows: list[dict[str, str | int | None]]
    totals: list[dict[str, str | int | None]] = Field(description="One for each group of rows.")
    notes: list[str]
    row_count: int = Field(examples=[12])
    sha256: str = Field(description="Over the names of the columns and the rows.")


@router.get("/{name}", operation_id="read_report", response=Report)
def read_report(
    request: HttpRequest,
    name: Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[a-z-]+$")],
    query: Query[Asking],
) -> dict[str, object]:
    """A report of the books; a key of one program reads that program's figures."""
    key = key_of(request, scope=SCOPE)
    asked = Asked(
        entity=query.entity,
        program=_program(key, query.program),
        start=query.period or query.start,
        end=query.period or query.end,
        version=query.version,
        known_at=query.known_at,
        as_of=query.as_of,
    )
    return as_document(report(name, asked))


def _program(key: Key, asked: str | None) -> str | None:
    """The program that is asked for, when the key opens it; its own when none is named."""
    own = program_of(key)
    if own is None:
        return asked
    if asked not in (None, own.code):
        raise ProgramNotFound(
            f"there is no program {asked!r} for this key",
            field="program",
            value=asked,
            mend=f"Use {own.code}, or a key of all programs.",
        )
    return own.code
