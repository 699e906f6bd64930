"""When what is owed is expected to be settled: in bands of time, and current or not.

Along the run-off of the working paper of the estimate in force, or by a pattern that the notes
state; both come from rows that never change. Bands sum to the liability. Raises ReportUntied.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from pointbook.accounting.models import Proposal, Schedule, Watermark
from pointbook.accounting.queries.papers import UnitPaper, read_paper
from pointbook.accounting.queries.reports.openings import ranges
from pointbook.accounting.queries.reports.parts import Part, Scope, parameters, scope, sources
from pointbook.accounting.queries.reports.provisions import PROVISIONS, REFUNDS
from pointbook.accounting.queries.reports.rolling import (
    CONTRACT,
    WHERE,
    Group,
    group_of,
    groups,
    major,
    of_group,
)
from pointbook.accounting.queries.reports.tables import (
    Asked,
    Cell,
    Column,
    Foots,
    Kind,
    Row,
    Table,
    footed,
)
from pointbook.engine.revenue.cohorts import CohortState
from pointbook.engine.revenue.estimating.lives import life
from pointbook.engine.revenue.estimating.run_off import Bands, bands
from pointbook.engine.revenue.policies import RUNS_ON
from pointbook.engine.revenue.recognition import liability
from pointbook.engine.values.calendar import add_months
from pointbook.programs.models import Estimate

ENDLESS: Final = 36  # months over which points that never expire are taken to be used
BY_PAPER: Final = "run-off"
BY_TERM: Final = "evenly"
BY_DAYS: Final = "by day"
STATED: Final = (
    "Run-off: along the expected redemptions of the working paper in force. Evenly: over the months"
    f" until points expire, or {ENDLESS} months from issue where they never do. By day: what runs"
    " over time."
)


def remaining_obligation(asked: Asked) -> Table:
    """Contract liabilities in bands of time: IFRS 15.120(b)(i), ASC 606-10-50-13.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    names = ("within_one_year", "one_to_two_years", "beyond_two_years")
    rows = [_row(part, group, owed, owed) for part, group, owed in _banded(found, CONTRACT)]
    return _table(
        found,
        name="remaining-obligation",
        title=f"Remaining obligation of {found.whose}, by when it is expected to be met",
        names=names,
        rows=rows,
    )


def current(asked: Asked) -> Table:
    """Liabilities as current and non-current: IAS 1.69, ASC 210-10-45-9.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    accounts = (*CONTRACT, *REFUNDS, *PROVISIONS)
    rows = [
        _row(part, group, owed, (owed.current, owed.non_current))
        for part, group, owed in _banded(found, accounts)
    ]
    return _table(
        found,
        name="current-non-current",
        title=f"Current and non-current liabilities of {found.whose}",
        names=("current", "non_current"),
        rows=rows,
    )


def _row(part: Part, group: Group, owed: Bands, figures: Iterable[int]) -> Row:
    cells: list[Cell] = [part.period, *group, _pattern_of(part, group)]
    return Row((*cells, *(major(n, group.currency) for n in (*figures, sum(owed)))))


def _table(
    found: Scope, *, name: str, title: str, names: tuple[str, ...], rows: list[Row]
) -> Table:
    def money(one: str, *, adds: int = 0, result: bool = False) -> Column:
        return Column(
            one, Kind.MONEY, found.currency, found.places, Foots.SUM, adds=adds, result=result
        )

    return footed(
        Table(
            name=name,
            title=title,
            columns=(
                Column("period"),
                *(Column(one) for one in WHERE),
                Column("pattern"),
                *(money(one, adds=1) for one in names),
                money("total", result=True),
            ),
            rows=tuple(rows),
            groups=("currency",),
            parameters=parameters(found),
            sources=sources(found),
            notes=(STATED,),
        )
    )


def _banded(found: Scope, accounts: Iterable[str]) -> list[tuple[Part, Group, Bands]]:
    """The liability of every group at the end of the range, in bands."""
    return [
        (part, group, _bands(part, group))
        for part in ranges(found)
        for group in groups(part, accounts)
    ]


def _pattern_of(part: Part, group: Group) -> str:
    if not group.unit:
        return BY_DAYS
    return BY_PAPER if paper_of(part, group.unit) is not None else BY_TERM


def _bands(part: Part, group: Group) -> Bands:
    if not group.unit:
        owed = of_group(part, group).closing
        return _signed(owed, _days(part, group))
    states = [one for one in part.after if group_of(one.key) == group]
    paper = paper_of(part, group.unit)
    if paper is not None:
        ahead = [one.expected for one in paper.run_off if one.month > part.period]
        return _signed(sum(map(liability, states)), ahead)
    each = [_signed(liability(one), _evenly(part, one)) for one in states]
    return Bands(*(sum(column) for column in zip(*each, strict=True))) if each else Bands(0, 0, 0)


def _signed(owed: int, ahead: list[int]) -> Bands:
    """The bands of a balance; one below 0 is current (it cannot be owed later)."""
    if owed < 0:
        return Bands(owed, 0, 0)
    return bands(liability=owed, expected_by_month=ahead)


def _evenly(part: Part, state: CohortState) -> list[int]:
    """A weight for each month from the one after the reporting date in which points last."""
    versions = part.books.compiled.versions
    ages = life((one.blueprint for one in versions), state.key.unit)
    last = add_months(state.key.issued_on, (ages or ENDLESS) - 1)
    months = (last.year - part.first_on.year) * 12 + last.month - part.first_on.month
    return [1] * max(months, 1)


def paper_of(part: Part, unit: str) -> UnitPaper | None:
    """What the working paper of the estimate in force says of a unit; None where none does."""
    number = estimate_number(part)
    if number is None:
        return None
    row = Estimate.objects.filter(program_id=part.books.id, number=number).first()
    if row is None or row.paper is None:
        return None
    body = Proposal.objects.filter(
        program_id=part.books.id, kind="estimate", number=row.paper
    ).first()
    if body is None:
        return None
    return next((one for one in read_paper(body.body).units if one.unit == unit), None)


def estimate_number(part: Part) -> int | None:
    """The number of the estimate in force in a period; of a close, the one it used."""
    if part.close is None:
        found = part.books.compiled.estimate_in(part.period)
        return found.number if found else None
    mark = Watermark.objects.filter(close=part.close, program_id=part.books.id).first()
    return mark.estimate if mark else None


def _days(part: Part, group: Group) -> list[int]:
    """What is left of what runs over time, by month from the one after the reporting date.

    Weights in thousandths of minor units, so that short months weigh less than long ones.
    """
    rows = Schedule.objects.filter(
        entity_id=part.books.entity_id,
        program_id=part.books.id,
        currency=group.currency,
        until_on__gt=part.ended_on,
    )
    if part.close is not None:
        rows = rows.filter(close_id__lte=part.close.id)
    own = [row for row in rows if RUNS_ON.get(row.kind) == group.account]
    if not own:
        return []
    months = []
    month = part.ended_on
    last = max(row.until_on for row in own)
    while month < last:
        after = add_months(month, 1)
        months.append(sum(_share(row, month, after) for row in own))
        month = after
    return [max(one, 0) for one in months]


def _share(row: Schedule, first: date, after: date) -> int:
    days = (min(row.until_on, after) - max(row.from_on, first)).days
    whole = (row.until_on - row.from_on).days
    return max(days, 0) * row.amount * 1000 // whole if whole else 0
