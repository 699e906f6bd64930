"""What of the opening contract liability was earned, and the roll-forward in its net presentation.

Both are of the whole range: what a month opens with is not what a quarter opens with, so their
lines do not add up over periods. Raises ReportUntied when a table does not foot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pointbook.accounting.queries.reports.parts import (
    Part,
    Scope,
    parameters,
    parts,
    scope,
    sources,
    together,
)
from pointbook.accounting.queries.reports.rolling import (
    CONTRACT,
    EARNED,
    WHERE,
    Group,
    group_of,
    groups,
    major,
    money_columns,
    of_group,
)
from pointbook.accounting.queries.reports.tables import Asked, Column, Row, Table, footed
from pointbook.engine.revenue.cohorts import CohortKey
from pointbook.engine.revenue.recognition import CohortEntry, liability
from pointbook.engine.revenue.rollforward import RollForward, foot, money_line

OF_OPENING: Final = (*EARNED, "over_time", "claw_back", "added_late", "fx", "other")
NET: Final = (
    "revenue_from_opening",
    "additions_not_redeemed",
    "claw_back_of_opening",
    "acquired",
    "fx",
    "other",
)
NETTED: Final = (
    "Net: what was added and used within the range shows in neither line, so the lines of two"
    " ranges do not add up to those of both."
)
FIRST_IN: Final = (
    "Where awards came late into a cohort of the opening, what left it is taken to be the opening's"
    " first."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What the opening of a group became: its roll-forward, and the revenue out of it."""

    roll: RollForward
    revenue: int

    @property
    def clawed_back(self) -> int:
        """What returns took out of it (0 or less)."""
        return self.roll.amount("claw_back")


def ranges(found: Scope) -> list[Part]:
    """Every program's periods as one."""
    every: dict[str, list[Part]] = {}
    for part in parts(found):
        every.setdefault(part.books.code, []).append(part)
    return [
        replace(
            own[-1],
            before=own[0].before,
            entries=tuple(entry for part in own for entry in part.entries),
            aside=together(one for part in own for one in part.aside),
            carried=own[0].carried,
        )
        for own in every.values()
    ]


def opened(part: Part, group: Group) -> Opened:
    """What became of the opening liability of a group in a range.

    The cohorts that were owed something at its start are followed: IFRS 15.116(b), ASC
    606-10-50-8(b).
    """
    if not group.unit:
        return _opened_beside(of_group(part, group))
    held = {one.key: liability(one) for one in part.before if group_of(one.key) == group}
    owed = {key: amount for key, amount in held.items() if amount}
    changes = _changes(owed, part.entries)
    moved = dict.fromkeys(OF_OPENING, 0)
    revenue = 0
    for key, lines in changes.items():
        earned = -sum(lines.get(name, 0) for name in EARNED)
        revenue += min(earned, owed[key]) if lines.get("added_late") else earned
        for name, amount in lines.items():
            moved[name] += amount
    return Opened(roll=foot(opening=sum(owed.values()), movements=moved), revenue=revenue)


def _changes(
    owed: dict[CohortKey, int], entries: Iterable[CohortEntry]
) -> dict[CohortKey, dict[str, int]]:
    """What moved the cohorts that were owed something, by line."""
    found: dict[CohortKey, dict[str, int]] = {key: {} for key in owed}
    for entry in entries:
        if entry.key not in owed or not entry.change:
            continue
        line = money_line(entry.event, entry.key.policy)
        line = "added_late" if line in ("new", "acquired") else line
        lines = found[entry.key]
        lines[line] = lines.get(line, 0) + entry.change
    return found


def _opened_beside(roll: RollForward) -> Opened:
    """What runs over time is earned first in, first out; what was added waits behind."""
    earned = min(-roll.amount("over_time"), roll.opening)
    moved = dict.fromkeys(OF_OPENING, 0)
    moved |= {"over_time": -earned, "fx": roll.amount("fx"), "other": roll.amount("other")}
    return Opened(roll=foot(opening=roll.opening, movements=moved), revenue=earned)


def revenue_from_opening(asked: Asked) -> Table:
    """Revenue of the range that was in the opening contract liability: IFRS 15.116(b).

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)

    def row(part: Part, group: Group) -> Sequence[int]:
        one = opened(part, group)
        lines = (one.roll.amount(name) for name in OF_OPENING)
        return (one.roll.opening, *lines, one.roll.closing, one.revenue)

    return _table(
        found,
        row,
        Table(
            name="revenue-from-opening",
            title=f"Revenue from the opening contract liability of {found.whose}",
            columns=money_columns(found, OF_OPENING, memo="revenue_from_opening"),
            rows=(),
            notes=("Closing is what is left of the opening (IFRS 15.116(b)).", FIRST_IN),
        ),
    )


def liability_net(asked: Asked) -> Table:
    """Contract liabilities, net: additions not redeemed in the range, revenue of the opening.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)

    def row(part: Part, group: Group) -> Sequence[int]:
        roll, one = of_group(part, group), opened(part, group)
        acquired, fx, other = (roll.amount(name) for name in NET[-3:])
        apart = acquired + fx + other
        moved = sum(step.amount for step in roll.steps) - apart
        additions = moved + one.revenue - one.clawed_back
        return (
            *(roll.opening, -one.revenue, additions, one.clawed_back),
            *(acquired, fx, other, roll.closing),
        )

    return _table(
        found,
        row,
        Table(
            name="liability-rollforward-net",
            title=f"Contract liability roll-forward of {found.whose}, net",
            columns=money_columns(found, NET),
            rows=(),
            notes=(
                NETTED,
                FIRST_IN,
            ),
        ),
    )


def _table(found: Scope, figures: Callable[[Part, Group], Sequence[int]], bare: Table) -> Table:
    """One row for each group of the range."""
    rows = [
        Row((found.span, *group, *(major(n, group.currency) for n in figures(part, group))))
        for part in ranges(found)
        for group in groups(part, CONTRACT)
    ]
    return footed(
        replace(
            bare,
            columns=(Column("periods"), *(Column(name) for name in WHERE), *bare.columns),
            rows=tuple(rows),
            groups=WHERE,
            grand=("currency",),
            parameters=parameters(found),
            sources=sources(found),
        )
    )
