"""Roll-forwards: contract liabilities gross and net, points, and what of the opening was earned.

Gross lines add up over periods; net ones are those of the whole range. Raises ReportUntied when a
table does not foot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from pointbook.accounting.queries.books import ProgramBooks
from pointbook.accounting.queries.reports.parts import (
    Aside,
    Part,
    Scope,
    parameters,
    parts,
    scope,
    sources,
)
from pointbook.accounting.queries.reports.tables import (
    Asked,
    Column,
    Foots,
    Kind,
    Opens,
    Row,
    Table,
    footed,
)
from pointbook.engine.revenue.cohorts import CohortKey
from pointbook.engine.revenue.policies import ACCOUNTS_OWED, TIED, Beside, Event
from pointbook.engine.revenue.rollforward import (
    MONEY_LINES,
    POINTS,
    POINTS_LINES,
    RollForward,
    foot,
    holding,
    money_line,
    roll_forward,
)
from pointbook.engine.values.money import exponent, to_major

CONTRACT: Final = ("2100", "2110", "2120", "2130", "2150")
LINES: Final = (*MONEY_LINES, "over_time", "other")
# The line of what is posted beside cohorts, by the side that raises a liability.
BESIDE_LINES: Final[Mapping[str, str]] = {
    Beside.PREPAID.value: "new",
    Beside.OVER_TIME.value: "over_time",
    Beside.EXCHANGE.value: "fx",
}
EARNED: Final = ("redeemed", "breakage", "reinstated", "estimate_change")
GROSS: Final = (
    "Gross: every line adds up over periods. Breakage is what the expiry step changed; breakage in"
    " redemptions is a memo (IFRS 15 B46)."
)
WHERE: Final = ("program", "unit", "account", "currency")


class Group(NamedTuple):
    """What has a roll-forward of its own; `unit` is '' for what is beside cohorts."""

    program: str
    unit: str
    account: str
    currency: str


def group_of(key: CohortKey) -> Group:
    """The group of a cohort."""
    return Group(key.program, key.unit, ACCOUNTS_OWED[key.policy], key.currency)


def groups(part: Part, accounts: Iterable[str]) -> list[Group]:
    """The groups of a period on these accounts, in order."""
    wanted = set(accounts)
    found = {group_of(key) for key in part.keys if key.policy in TIED}
    found |= {
        Group(part.books.code, "", one.account, one.currency)
        for one in (*part.carried, *part.aside)
    }
    return sorted(one for one in found if one.account in wanted)


def of_group(part: Part, group: Group) -> RollForward:
    """The roll-forward of a group in a period; the closing of cohorts is that of their totals."""
    if not group.unit:
        return _beside(part, group)
    money = roll_forward(
        opening=holding(one for one in part.before if group_of(one.key) == group),
        entries=[one for one in part.entries if group_of(one.key) == group],
        closing=holding(one for one in part.after if group_of(one.key) == group),
    ).money
    moved = {name: money.amount(name) for name in LINES}
    return foot(opening=money.opening, movements=moved, closing=money.closing)


def _beside(part: Part, group: Group) -> RollForward:
    moved = dict.fromkeys(LINES, 0)
    for one in _on(part.aside, group):
        moved[BESIDE_LINES.get(one.event, "other")] += one.credit - one.debit
    opening = sum(one.credit - one.debit for one in _on(part.carried, group))
    return foot(opening=opening, movements=moved)


def _on(asides: Iterable[Aside], group: Group) -> list[Aside]:
    return [one for one in asides if (one.account, one.currency) == (group.account, group.currency)]


def events_of(line: str) -> tuple[str, ...]:
    """The events behind a line of the liability."""
    own = [event.value for event in Event if money_line(event) == line]
    aside = [event for event, name in BESIDE_LINES.items() if name == line]
    return tuple({"acquired": [Event.NEW.value]}.get(line, own) + aside)


def money_columns(found: Scope, names: Sequence[str], *, memo: str = "") -> tuple[Column, ...]:
    """Opening, movements and closing in money, and a memo column beside them."""

    def column(name: str, foots: Foots, *, adds: int = 0, result: bool = False) -> Column:
        return Column(
            name, Kind.MONEY, found.currency, found.places, foots, adds=adds, result=result
        )

    return (
        column("opening", Foots.FIRST, adds=1),
        *(column(name, Foots.SUM, adds=1) for name in names),
        column("closing", Foots.LAST, result=True),
        *([column(memo, Foots.SUM)] if memo else []),
    )


def major(amount: int, currency: str) -> Decimal:
    """Minor units as an exact decimal in major units."""
    return to_major(amount, places=exponent(currency))


def grouped(
    found: Scope, accounts: Iterable[str], cells: Callable[[Part, Group], Row]
) -> tuple[Row, ...]:
    """A row for each group and period, group by group."""
    rows = [
        (place, group, number, cells(part, group))
        for number, part in enumerate(parts(found))
        for place, group in [(part.books.code, one) for one in groups(part, accounts)]
    ]
    return tuple(row for *_, row in sorted(rows, key=lambda one: one[:3]))


def _opens(part: Part, group: Group, names: Iterable[str]) -> tuple[Opens, ...]:
    return tuple(
        Opens(
            column=name,
            to="cohorts" if group.unit else "entries",
            account=group.account,
            program=group.program,
            period=part.period,
            version=part.version,
            unit=group.unit,
            events=events_of(name),
        )
        for name in names
        if part.close is not None
    )


def liability_gross(asked: Asked) -> Table:
    """Contract liabilities by unit and account, gross: IFRS 15.116-118, ASC 606-10-50-8 to 50-10.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    memo = "breakage_in_redemptions"

    def row(part: Part, group: Group) -> Row:
        roll = of_group(part, group)
        breakage = sum(e.breakage for e in part.entries if group_of(e.key) == group)
        figures = (roll.opening, *(roll.amount(name) for name in LINES), roll.closing, breakage)
        return Row(
            (part.period, part.status, *group, *(major(n, group.currency) for n in figures)),
            _opens(part, group, [name for name in LINES if roll.amount(name)]),
        )

    return footed(
        Table(
            name="liability-rollforward",
            title=f"Contract liability roll-forward of {found.whose}",
            columns=(
                Column("period"),
                Column("status"),
                *(Column(name) for name in WHERE),
                *money_columns(found, LINES, memo=memo),
            ),
            rows=grouped(found, CONTRACT, row),
            groups=WHERE,
            grand=("currency",),
            chained=True,
            parameters=parameters(found),
            sources=sources(found),
            notes=(GROSS,),
        )
    )


def points(asked: Asked) -> Table:
    """Points in lots by unit: opening, earned, used, expired, taken back, closing.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    rows = []
    for number, part in enumerate(parts(found)):
        kinds = {key.unit for key in part.keys}
        rows += [
            ((part.books.code, unit, number), _points_row(part, unit)) for unit in sorted(kinds)
        ]
    most = max((decimals(books, unit) for books in found.books for unit in units(books)), default=0)
    return footed(
        Table(
            name="points-rollforward",
            title=f"Points roll-forward of {found.whose}",
            columns=(
                *(Column(name) for name in ("period", "status", "program", "unit")),
                Column("opening", Kind.POINTS, decimals=most, foots=Foots.FIRST, adds=1),
                *(
                    Column(name, Kind.POINTS, decimals=most, foots=Foots.SUM, adds=1)
                    for name in POINTS_LINES
                ),
                Column("closing", Kind.POINTS, decimals=most, foots=Foots.LAST, result=True),
            ),
            rows=tuple(row for _, row in sorted(rows, key=lambda one: one[0])),
            groups=("program", "unit"),
            chained=True,
            parameters=parameters(found),
            sources=sources(found),
            notes=("Points in lots; what members owe is not taken off.",),
        )
    )


def _points_row(part: Part, unit: str) -> Row:
    moved = dict.fromkeys(POINTS_LINES, 0)
    for entry in part.entries:
        if entry.key.unit == unit and entry.event in POINTS:
            moved[POINTS[entry.event]] += entry.points
    roll = foot(
        opening=sum(one.outstanding for one in part.before if one.key.unit == unit),
        movements=moved,
        closing=sum(one.outstanding for one in part.after if one.key.unit == unit),
    )
    places = decimals(part.books, unit)
    figures = (roll.opening, *(roll.amount(name) for name in POINTS_LINES), roll.closing)
    opens = tuple(
        Opens(
            column=name,
            to="cohorts",
            program=part.books.code,
            period=part.period,
            version=part.version,
            unit=unit,
            events=tuple(event.value for event in Event if POINTS.get(event) == name),
        )
        for name in POINTS_LINES
        if part.close is not None and roll.amount(name)
    )
    cells = (part.period, part.status, part.books.code, unit)
    return Row((*cells, *(to_major(figure, places=places) for figure in figures)), opens)


def units(books: ProgramBooks) -> tuple[str, ...]:
    """The units of a program."""
    return tuple(books.compiled.versions[-1].units)


def decimals(books: ProgramBooks, unit: str) -> int:
    """How many decimals a point has; 0 for a unit that the program no longer names."""
    return books.decimals(unit) if unit in units(books) else 0
