"""Provisions and refund liabilities: what was added, used, and not needed after all.

The layout is that of IAS 37.84; amounts are not discounted. Raises ReportUntied when a table does
not foot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pointbook.accounting.queries.reports.parts import Part, Scope, parameters, scope, sources
from pointbook.accounting.queries.reports.rolling import (
    WHERE,
    Group,
    group_of,
    grouped,
    major,
    money_columns,
    of_group,
)
from pointbook.accounting.queries.reports.tables import Asked, Column, Opens, Row, Table, footed
from pointbook.engine.revenue.policies import TIED, Event
from pointbook.engine.revenue.recognition import CohortEntry
from pointbook.engine.revenue.rollforward import foot

PROVISIONS: Final = ("2300", "2700")
REFUNDS: Final = ("2200",)
PROVISION_LINES: Final = ("additional", "used", "unused_reversed", "fx", "other")
REFUND_LINES: Final = (
    *("new", "given_back", "not_needed", "estimate_change", "claw_back", "fx", "other"),
)
USED: Final = frozenset({Event.BURN, Event.CANCELLED_BURN})
# The line of a refund liability on which an event stands.
REFUND_OF: Final[Mapping[Event, str]] = {
    Event.NEW: "new",
    Event.BURN: "given_back",
    Event.CANCELLED_BURN: "given_back",
    Event.EXPIRY: "not_needed",
    Event.REINSTATEMENT: "not_needed",
    Event.ESTIMATE: "estimate_change",
    Event.COST: "estimate_change",
    Event.CLAW_BACK: "claw_back",
    Event.REPAYMENT: "claw_back",
}


def provision_line(entry: CohortEntry) -> str:
    """Used is what was spent; of the rest a rise is additional and a fall unused (IAS 37.84)."""
    if entry.event in USED:
        return "used"
    return "additional" if entry.change > 0 else "unused_reversed"


def refund_line(entry: CohortEntry) -> str:
    """By what happened; a shortfall moves none."""
    return REFUND_OF.get(entry.event, "other")


def provisions(asked: Asked) -> Table:
    """Provisions for points at cost, and what is owed to staff: IAS 37.84, ASC 450-20-50.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    return _table(
        found,
        name="provisions",
        title=f"Provisions of {found.whose}",
        accounts=PROVISIONS,
        lines=PROVISION_LINES,
        line=provision_line,
    )


def refund_liability(asked: Asked) -> Table:
    """Refund liabilities for cash-back: IFRS 15.55, ASC 606-10-32-10.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    return _table(
        found,
        name="refund-liability",
        title=f"Refund liability of {found.whose}",
        accounts=REFUNDS,
        lines=REFUND_LINES,
        line=refund_line,
    )


def _table(
    found: Scope,
    *,
    name: str,
    title: str,
    accounts: Sequence[str],
    lines: Sequence[str],
    line: Callable[[CohortEntry], str],
) -> Table:
    def row(part: Part, group: Group) -> Row:
        roll = of_group(part, group)
        moved = dict.fromkeys(lines, 0)
        events: dict[str, set[str]] = {}
        for entry in part.entries:
            if group_of(entry.key) == group and entry.key.policy in TIED and entry.change:
                moved[line(entry)] += entry.change
                events.setdefault(line(entry), set()).add(entry.event.value)
        if not group.unit:
            moved["fx"] = roll.amount("fx")
            moved["other"] = sum(step.amount for step in roll.steps) - roll.amount("fx")
        own = foot(opening=roll.opening, movements=moved, closing=roll.closing)
        figures = (own.opening, *(own.amount(one) for one in lines), own.closing)
        opens = tuple(
            Opens(
                column=one,
                to="cohorts",
                account=group.account,
                program=group.program,
                period=part.period,
                version=part.version,
                unit=group.unit,
                events=tuple(sorted(events[one])),
            )
            for one in lines
            if part.close is not None and one in events
        )
        said: tuple[str, ...] = (part.period, part.status, *group)
        return Row((*said, *(major(n, group.currency) for n in figures)), opens)

    return footed(
        Table(
            name=name,
            title=title,
            columns=(
                Column("period"),
                Column("status"),
                *(Column(one) for one in WHERE),
                *money_columns(found, lines),
            ),
            rows=grouped(found, accounts, row),
            groups=WHERE,
            grand=("currency",),
            chained=True,
            parameters=parameters(found),
            sources=sources(found),
            notes=("Not discounted: points have no date on which they are settled.",),
        )
    )
