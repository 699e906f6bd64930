"""Compose the working paper of an estimate from the triangles of the books.

Pure reading: nothing is written here. Raises EstimateError for what cannot be estimated.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from django.db.models import Q

from pointbook.accounting.queries.books import (
    ProgramBooks,
    last_close,
    period_start,
    program_books,
)
from pointbook.accounting.queries.derivation import open_states, preview
from pointbook.accounting.queries.papers import (
    Ahead,
    Challenged,
    Developed,
    Judged,
    Paper,
    Row,
    Selected,
    Supposed,
    Tested,
    TestedCohort,
    UnitPaper,
)
from pointbook.accounting.queries.triangles import Known, known
from pointbook.engine.replay.program import Rate
from pointbook.engine.revenue.cohorts import CohortState
from pointbook.engine.revenue.estimating.back_testing import back_test
from pointbook.engine.revenue.estimating.estimates import Estimated, Terms
from pointbook.engine.revenue.estimating.methods import CHAIN_LADDER, estimate
from pointbook.engine.revenue.estimating.ranges import FLAT, HAZARD
from pointbook.engine.revenue.estimating.run_off import run_off
from pointbook.engine.revenue.estimating.sensitivity import sensitivity
from pointbook.engine.revenue.estimating.triangles import EstimateError, Triangle, data_hash
from pointbook.engine.revenue.policies import AT_FACE
from pointbook.engine.values.calendar import add_months, first_of_month, month_name
from pointbook.ledger.evidence import fact_count
from pointbook.programs.models import Entity, Program

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an estimate is asked to be: its method, the terms selected, from which period on.

    `until` is the last month of data (None: the one before the period), `units` those to estimate
    (none: every unit of points that can be spent).
    """

    program: Program
    method: str
    terms: Terms
    period: str
    until: str | None = None
    units: tuple[str, ...] = ()


def compose(asked: Asked) -> Paper:
    """The working paper of an estimate, by what is known now of the months up to the cut.

    :raises EstimateError: when the data or the terms do not allow it.
    :raises PeriodError: when a text is no period.
    """
    until_on = _until(asked)
    found = known(program=asked.program, until_on=until_on)
    made = {unit: _estimated(found, unit, asked) for unit in _units(found, asked)}
    units = tuple(_unit(found, unit, one, asked) for unit, one in made.items())
    first = units[0]
    paper = Paper(
        period=asked.period,
        method=asked.method,
        selected=Selected.of(asked.terms),
        rate=first.rate,
        low=first.low,
        high=first.high,
        until=month_name(until_on),
        seq=found.seq,
        rows=fact_count(asked.program.id),
        digest=hashlib.sha256("\n".join(one.digest for one in units).encode()).hexdigest(),
        units=units,
    )
    return replace(paper, sensitivity=tuple(_sensitivity(paper, asked, until_on)))


def _until(asked: Asked) -> date:
    """The last month of data, which must be over."""
    books = program_books(program_code=asked.program.code)
    over = add_months(first_of_month(books.now(), books.compiled.zone), -1)
    if asked.until is None:
        return min(add_months(period_start(asked.period), -1), over)
    until_on = period_start(asked.until)
    if until_on > over:
        raise EstimateError(
            f"{asked.until} is not over",
            field="to",
            value=asked.until,
            mend=f"Take data up to {month_name(over)}.",
        )
    return until_on


def _units(found: Known, asked: Asked) -> list[str]:
    """The units to estimate, the program's own first."""
    versions = program_books(program_code=asked.program.code).compiled.versions
    units = versions[-1].units
    wanted = asked.units or tuple(
        unit for unit, terms in units.items() if terms.spendable and not terms.money
    )
    there = [unit for unit in wanted if unit in found.units]
    missing = [unit for unit in asked.units if unit not in there]
    if missing or not there:
        raise EstimateError(
            f"there were no {' or '.join(missing or wanted)} up to {month_name(found.until_on)}",
            field="unit" if missing else "to",
            value=", ".join(missing or wanted),
            mend="Estimate when there are some: set a rate until then.",
        )
    return there


def _estimated(found: Known, unit: str, asked: Asked) -> Estimated:
    return estimate(triangle=found.triangle(unit), method=asked.method, terms=asked.terms)


def _unit(found: Known, unit: str, made: Estimated, asked: Asked) -> UnitPaper:
    triangle = found.triangle(unit)
    notes = list(made.notes)
    tested = _tried(lambda: _tested(triangle, asked), "Not back-tested", notes)
    challenger = _tried(lambda: _challenger(triangle, asked), "Not challenged", notes)
    return UnitPaper(
        unit=unit,
        life=triangle.life,
        digest=data_hash(triangle).hex(),
        rate=made.rate,
        low=made.low,
        high=made.high,
        needs_prior=made.needs_prior,
        notes=tuple(notes),
        cohorts=tuple(
            Judged(
                month=month_name(one.issued_on),
                issued=one.issued,
                redeemed=one.redeemed,
                age=one.age,
                ultimate=one.ultimate,
                rate=one.rate,
                low=one.low,
                high=one.high,
                credibility=one.credibility,
                prior=one.prior,
                by=one.by,
            )
            for one in made.cohorts
        ),
        factors=tuple(
            Developed(age=one.age, factor=one.factor, seen=one.seen) for one in made.factors
        ),
        triangle=tuple(
            Row(
                month=month_name(one.issued_on),
                issued=one.issued or 0,
                redeemed=one.redeemed,
                expired=one.expired,
            )
            for one in triangle.cohorts
        ),
        tested=tested,
        challenger=challenger,
        run_off=tuple(
            Ahead(month=month_name(one.month_on), expected=one.expected, low=one.low, high=one.high)
            for one in run_off(made).months
        ),
    )


def _tried(run: Callable[[], T], what: str, notes: list[str]) -> T | None:
    """What could be worked out; else a note of why not."""
    try:
        return run()
    except EstimateError as error:
        notes.append(f"{what}: {error.message}.")
        return None


def _tested(triangle: Triangle, asked: Asked) -> Tested:
    found = back_test(triangle=triangle, method=asked.method, terms=asked.terms)
    return Tested(
        expected=found.expected,
        actual=found.actual,
        ratio=found.ratio,
        cohorts=tuple(
            TestedCohort(
                month=month_name(one.issued_on),
                age=one.age,
                expected=one.expected,
                actual=one.actual,
                ratio=one.ratio,
            )
            for one in found.cohorts
        ),
    )


def _challenger(triangle: Triangle, asked: Asked) -> Challenged:
    """Survival of points against every other method, the chain ladder against survival."""
    method = CHAIN_LADDER if asked.method == HAZARD else HAZARD
    terms = asked.terms
    if asked.method == FLAT and terms.prior is None:
        # Whoever states a rate for all points states it for those that nobody knows yet.
        terms = replace(terms, prior=terms.rate)
    found = estimate(triangle=triangle, method=method, terms=terms)
    return Challenged(
        method=method,
        rate=found.rate,
        low=found.low,
        high=found.high,
        cohorts=tuple(one.rate for one in found.cohorts),
    )


def _sensitivity(paper: Paper, asked: Asked, until_on: date) -> Iterator[Supposed]:
    """What would be owed at the end of the data under the paper's rates, and with others."""
    rates = Rate(
        paper.period,
        paper.rate,
        {
            unit: {month: Decimal(rate) for month, rate in months.items()}
            for unit, months in paper.cohort_rates().items()
        },
    )
    by_currency: dict[str, list[CohortState]] = defaultdict(list)
    for state in states_at(asked.program, until_on):
        key = state.key
        if key.policy not in AT_FACE or key.unit in rates.cohorts:
            own = rates.of(key.unit, month_name(key.issued_on))
            by_currency[key.currency].append(replace(state, rate=own))
        else:
            by_currency[key.currency].append(state)
    for currency, states in sorted(by_currency.items()):
        yield from supposed(currency, states)


def supposed(currency: str, states: Sequence[CohortState]) -> Iterator[Supposed]:
    """What would be owed for cohorts of one currency under each supposition."""
    for name, liability, change in sensitivity(states):
        yield Supposed(currency=currency, name=name, liability=liability, change=change)


def states_at(program: Program, until_on: date) -> list[CohortState]:
    """The open cohorts of a program at the end of a month, in the books of all its entities."""
    entities = Entity.objects.filter(Q(program=program) | Q(store__program=program)).distinct()
    return [
        state
        for own in entities.order_by("code")
        for state in _states(
            program_books(program_code=program.code, entity_code=own.code), own, until_on
        )
    ]


def _states(books: ProgramBooks, own: Entity, until_on: date) -> list[CohortState]:
    close = last_close(own, before=add_months(until_on, 1))
    if close is not None and close.period.first_on == until_on:
        return list(open_states(close, books).values())
    found = preview(books=books, until=until_on)
    return [state for state in found[-1].after.values() if state.outstanding] if found else []
