"""What cohorts hold at the end of a period: each of them, and together by funding partner.

Raises ReportUntied when cohorts and roll-forward disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from pointbook.accounting.queries.reports.openings import ranges
from pointbook.accounting.queries.reports.parts import Part, Scope, parameters, scope, sources
from pointbook.accounting.queries.reports.rolling import decimals, major
from pointbook.accounting.queries.reports.tables import (
    Asked,
    Cell,
    Check,
    Column,
    Foots,
    Kind,
    Row,
    Table,
    footed,
)
from pointbook.engine.revenue.cohorts import CohortState
from pointbook.engine.revenue.policies import ACCOUNTS_OWED, TIED
from pointbook.engine.revenue.recognition import expected, liability, measured
from pointbook.engine.revenue.rollforward import money_line
from pointbook.engine.values.money import half_up, to_major

COHORT = ("program", "unit", "currency", "issued", "policy", "funder", "account")
OWN = "own"


def cohorts(asked: Asked) -> Table:
    """Every cohort that was open in a period: its totals, its expectation and its liability.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    every = ranges(found)
    rows = [
        _cohort(part, state)
        for part in every
        for state in sorted(part.after, key=lambda one: one.key)
    ]
    return footed(
        Table(
            name="cohorts",
            title=f"Cohorts of {found.whose} at the end of {every[-1].period if every else ''}",
            columns=(
                *(Column(name) for name in COHORT[:3]),
                Column("issued_on", Kind.DATE),
                *(Column(name) for name in COHORT[4:]),
                Column("rate", Kind.RATE),
                *(
                    Column(name, Kind.POINTS, decimals=_most(found), foots=Foots.SUM)
                    for name in ("issued", "redeemed", "expired", "outstanding", "expected")
                ),
                *(
                    Column(name, Kind.MONEY, found.currency, found.places, Foots.SUM)
                    for name in ("allocated", "liability")
                ),
            ),
            rows=tuple(rows),
            groups=("program", "unit", "currency"),
            parameters=parameters(found),
            sources=sources(found),
            checks=tuple(_ties(part) for part in every),
        )
    )


def _cohort(part: Part, state: CohortState) -> Row:
    key, places = state.key, decimals(part.books, state.key.unit)
    hoped = expected(state)
    whole = half_up(numerator=hoped.numerator, denominator=hoped.denominator)
    points = (state.issued, state.redeemed, state.expired, state.outstanding, whole)
    cells: tuple[Cell, ...] = (
        *(key.program, key.unit, key.currency, key.issued_on),
        *(key.policy.value, key.funder, ACCOUNTS_OWED[key.policy], state.rate),
        *(to_major(one, places=places) for one in points),
        major(state.allocated, key.currency),
        major(liability(state), key.currency),
    )
    return Row(cells)


def _ties(part: Part) -> Check:
    """What cohorts hold is what they held and every change since."""
    before = sum(map(liability, part.before))
    changes = sum(
        entry.change
        for entry in part.entries
        if entry.key.policy in TIED and money_line(entry.event, entry.key.policy)
    )
    return Check(
        f"{part.books.code}: cohorts equal the roll-forward",
        sum(map(liability, part.after)),
        before + changes,
    )


def _most(found: Scope) -> int:
    return max(
        (
            unit.decimals
            for books in found.books
            for unit in books.compiled.versions[-1].units.values()
        ),
        default=0,
    )


def partners(asked: Asked) -> Table:
    """What is owed for points by who funds them; an agent's is all that was ever due to partners.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    rows = [row for part in ranges(found) for row in _funders(part)]
    money = ("allocated", "liability", "due_to_partner")
    return footed(
        Table(
            name="partners",
            title=f"Liability of {found.whose} by funding partner",
            columns=(
                *(Column(name) for name in ("program", "unit", "account", "funder", "currency")),
                Column("cohorts", Kind.COUNT, foots=Foots.SUM),
                *(
                    Column(name, Kind.POINTS, decimals=_most(found), foots=Foots.SUM)
                    for name in ("issued", "outstanding")
                ),
                *(
                    Column(name, Kind.MONEY, found.currency, found.places, Foots.SUM)
                    for name in money
                ),
            ),
            rows=tuple(rows),
            groups=("program", "unit", "currency"),
            parameters=parameters(found),
            sources=sources(found),
            notes=("Points that nobody else funds are the entity's own.",),
        )
    )


def _funders(part: Part) -> Iterable[Row]:
    groups: dict[tuple[str, str, str, str], list[CohortState]] = {}
    for state in part.after:
        key = state.key
        account = ACCOUNTS_OWED[key.policy]
        own = (key.unit, account, key.funder or OWN, key.currency)
        groups.setdefault(own, []).append(state)
    for (unit, account, funder, currency), states in sorted(groups.items()):
        places = decimals(part.books, unit)
        due = sum(measured(one) for one in states if one.key.policy not in TIED)
        amounts = (sum(one.allocated for one in states), sum(map(liability, states)), due)
        points = (sum(one.issued for one in states), sum(one.outstanding for one in states))
        figures: tuple[Decimal, ...] = (
            *(to_major(one, places=places) for one in points),
            *(major(one, currency) for one in amounts),
        )
        yield Row((part.books.code, unit, account, funder, currency, len(states), *figures))
