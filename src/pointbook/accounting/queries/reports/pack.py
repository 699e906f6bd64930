"""The close pack: every report of a period, in the order in which somebody who signs reads them.

Raises PeriodError and what the reports raise.
"""

from __future__ import annotations

from typing import Final

from pointbook.accounting.queries.reports import REPORTS
from pointbook.accounting.queries.reports.parts import parameters, scope, sources
from pointbook.accounting.queries.reports.tables import Asked, Column, Row, Table

ORDER: Final = (
    "tie-outs",
    "trial-balance",
    "journals",
    "liability-rollforward",
    "liability-rollforward-net",
    "revenue-from-opening",
    "remaining-obligation",
    "current-non-current",
    "provisions",
    "refund-liability",
    "points-rollforward",
    "partners",
    "cohorts",
    "estimates",
    "triangle",
    "back-test",
    "sensitivity",
    "schedules",
    "intercompany",
    "tax",
    "late-facts",
    "approvals",
)


def pack(asked: Asked) -> tuple[Table, ...]:
    """The tables of the close pack, each made of the same question.

    :raises PeriodError: for a range without periods.
    """
    return tuple(REPORTS[name](asked) for name in ORDER)


def about(asked: Asked) -> Table:
    """What a pack was made of.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    said = [(one.name, one.value) for one in parameters(found)]
    said += [("seal", one) for one in sources(found)]
    return Table(
        name="parameters",
        title=f"Close pack of {found.own.code}, {found.span}",
        columns=(Column("parameter"), Column("value")),
        rows=tuple(Row(one) for one in said),
    )
