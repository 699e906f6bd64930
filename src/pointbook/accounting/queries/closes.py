"""One period as a page shows it: its stages, statements, tie-outs and entries.

A period without a close is derived as it would post now. Raises PeriodError.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from pointbook.accounting.models import Close, CloseStage, Period, Seal
from pointbook.accounting.queries.books import (
    PeriodError,
    ProgramBooks,
    entity,
    first_period,
    period_start,
    programs_of,
    span_of_close,
)
from pointbook.accounting.queries.checklist import Checklist, checklist
from pointbook.accounting.queries.derivation import Derived, preview
from pointbook.accounting.queries.journals import EntryRow, entries, posting_day, preview_entries
from pointbook.accounting.queries.statements import (
    Statement,
    Tie,
    closed_statements,
    live_statements,
    recorded_tie_outs,
    tie_outs,
)
from pointbook.engine.values.calendar import month_name
from pointbook.ledger.evidence import LateFact, late_facts
from pointbook.programs.models import Entity

STAGES: Final = (
    "Expire due",
    "Post all",
    "Check",
    "Estimate",
    "True up",
    "Roll forward",
    "Seal",
)


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage: what it found, who did it and when; `status` is done, warning or waiting."""

    number: int
    name: str
    status: str
    summary: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProgramClose:
    """A program's part of a period."""

    program: str
    currency: str
    statements: tuple[Statement, ...]
    ties: tuple[Tie, ...]
    entries: tuple[EntryRow, ...]


@dataclass(frozen=True, slots=True)
class CloseView:
    """A period with everything its page shows; `over` says whether it could be closed."""

    entity: str
    period: str
    first_on: date
    posting_on: date
    status: str
    over: bool
    version: int | None
    block: int | None
    digest: str
    stages: tuple[StageRow, ...]
    programs: tuple[ProgramClose, ...]

    @property
    def done(self) -> int:
        """How many stages are done."""
        return sum(stage.status != "waiting" for stage in self.stages)

    @property
    def checklist(self) -> Checklist:
        """What waits for somebody, blocks the close or is warned of, as it stands now."""
        return checklist(period=self.period, entity_code=self.entity)


def close_view(*, period: str, entity_code: str = "main") -> CloseView:
    """A period of an entity, closed or as it would post now; reopened, as its next version would.

    :raises EntityNotFound: no such entity.
    :raises PeriodError: no period, or one before the entity's first fact.
    """
    own, first_on = entity(entity_code), period_start(period)
    books = programs_of(own)
    found = Close.objects.filter(entity=own, period__code=period).select_related("period", "entity")
    close = found.order_by("-version").first()
    if close is None or close.period.status == Period.Status.REOPENED:
        live = [_live(one, first_on) for one in books]
        view = _view(own, first_on, books, None, live)
        if close is None:
            return view
        return replace(view, status=close.period.status, version=close.version + 1)
    return _view(own, first_on, books, close, [_closed(one, close) for one in books])


def _view(
    own: Entity,
    first_on: date,
    books: list[ProgramBooks],
    close: Close | None,
    parts: list[ProgramClose],
) -> CloseView:
    seal = Seal.objects.filter(close=close).first() if close else None
    return CloseView(
        entity=own.code,
        period=month_name(first_on),
        first_on=first_on,
        posting_on=posting_day(first_on),
        status=close.period.status if close else Period.Status.OPEN.value,
        over=all(one.now() >= one.ends(first_on) for one in books),
        version=close.version if close else None,
        block=seal.number if seal else None,
        digest=bytes(seal.digest).hex() if seal else "",
        stages=_stages(close),
        programs=tuple(parts),
    )


def stages(*, period: str, entity_code: str = "main") -> tuple[StageRow, ...]:
    """The stages of a period's last close; all waiting where there is none.

    :raises EntityNotFound: no such entity.
    :raises PeriodError: when the text is no period.
    """
    period_start(period)
    found = Close.objects.filter(entity=entity(entity_code), period__code=period)
    return _stages(found.order_by("-version").first())


def _stages(close: Close | None) -> tuple[StageRow, ...]:
    rows = CloseStage.objects.filter(close=close) if close else ()
    done = {row.number: row for row in rows}
    return tuple(
        StageRow(number, name, row.status, row.summary, row.by, row.at)
        if (row := done.get(number))
        else StageRow(number, name, "waiting")
        for number, name in enumerate(STAGES, 1)
    )


def _live(books: ProgramBooks, first_on: date) -> ProgramClose:
    derived = _derived(books, first_on)
    return ProgramClose(
        program=books.code,
        currency=books.currency,
        statements=tuple(live_statements(derived)),
        ties=tuple(tie_outs(derived)),
        entries=tuple(preview_entries(derived)),
    )


def _derived(books: ProgramBooks, first_on: date) -> Derived:
    found = preview(books=books, until=first_on)
    if not found or found[-1].span.first_on != first_on:
        first = first_period(entity(books.entity))
        raise PeriodError(
            f"the books know no period {month_name(first_on)}",
            field="period",
            value=month_name(first_on),
            mend=f"The first is {month_name(first)}." if first else "Import facts first.",
        )
    return found[-1]


def _closed(books: ProgramBooks, close: Close) -> ProgramClose:
    rows = entries(period=close.period.code, entity_code=close.entity.code, program=books.code)
    return ProgramClose(
        program=books.code,
        currency=books.currency,
        statements=tuple(closed_statements(close, books)),
        ties=tuple(recorded_tie_outs(close, books)),
        entries=tuple(rows),
    )


def late(*, period: str, entity_code: str = "main", limit: int = 100) -> list[LateFact]:
    """The facts of earlier months that a period took in, oldest first.

    :raises EntityNotFound: no such entity.
    :raises PeriodError: no period, or one before the entity's first fact.
    """
    own, first_on = entity(entity_code), period_start(period)
    found = Close.objects.filter(entity=own, period__code=period).select_related("period", "entity")
    close = found.order_by("-version").first()
    spans = [
        span_of_close(close, books) if close else _derived(books, first_on).span
        for books in programs_of(own)
    ]
    rows = [row for span in spans for row in late_facts(span, limit=limit)]
    return sorted(rows, key=lambda row: row.occurred_at)[:limit]
