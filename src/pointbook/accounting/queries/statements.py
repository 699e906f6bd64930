"""Statements: roll-forwards in points and money, tie-outs, trial balance, the liability now.

Closed periods are read from their closes; open ones are derived as they would post now and say so.
Raises PeriodError for a range without periods, and RollForwardError when a table does not tie.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from django.db import connection

from pointbook.accounting.models import Close, CohortEntry, Period, TieOut
from pointbook.accounting.queries.books import (
    PeriodError,
    ProgramBooks,
    entity,
    first_open,
    first_period,
    last_close,
    period_start,
    program_books,
    watermarks,
)
from pointbook.accounting.queries.carrying import (
    IN_BALANCES,
    IN_LOTS,
    TO_ACCOUNT,
    carried_balances,
    held_at_end,
)
from pointbook.accounting.queries.derivation import (
    Derived,
    entry_of,
    open_states,
    preview,
    states_of,
    used_up,
)
from pointbook.engine.revenue.accounts import CHART, Kind
from pointbook.engine.revenue.cohorts import CohortState
from pointbook.engine.revenue.policies import ACCOUNTS_OWED, TIED
from pointbook.engine.revenue.recognition import CohortEntry as Entry
from pointbook.engine.revenue.recognition import expected, liability
from pointbook.engine.revenue.rollforward import (
    Holding,
    LiabilityRollForward,
    holding,
    roll_forward,
)
from pointbook.engine.values.calendar import first_of_month, month_name, next_month
from pointbook.ledger.evidence import NO_END, sales
from pointbook.ledger.movements import EVER, movements

ACCOUNTS: Final = {account.code: account for account in CHART}


@dataclass(frozen=True, slots=True)
class Statement:
    """The roll-forward of one unit over a period; `status` says whether it is closed."""

    period: str
    status: str
    unit: str
    currency: str
    roll: LiabilityRollForward


@dataclass(frozen=True, slots=True)
class Tie:
    """Two figures that must be equal: points of `unit`, or minor units of `currency`."""

    name: str
    unit: str
    currency: str
    this_side: int
    that_side: int

    @property
    def off(self) -> int:
        """The difference; 0 when it ties."""
        return self.this_side - self.that_side


@dataclass(frozen=True, slots=True)
class Balance:
    """One account of a trial balance, minor units; debits are positive balances."""

    account: str
    name: str
    kind: Kind
    opening: int
    debit: int
    credit: int
    closing: int


@dataclass(frozen=True, slots=True)
class Liability:
    """What is owed now for one unit: points in lots, minor units, and what is expected of them.

    `closed_until` is the code of the last closed period; what came since follows the formula.
    """

    unit: str
    currency: str
    points: int
    money: int
    expected_points: int
    cohorts: int
    closed_until: str | None


def months_between(*, books: ProgramBooks, start: str | None, end: str | None) -> list[date]:
    """The periods asked for: by default from the first to the last closed one, or else to now.

    :raises PeriodError: a code that is none, a range that is empty or before the first period.
    """
    own = entity(books.entity)
    first, close = first_period(own), last_close(own)
    if first is None:
        raise PeriodError("there are no facts yet", field="period", mend="Import some first.")
    now = first_of_month(books.now(), books.compiled.zone)
    until = period_start(end) if end else (close.period.first_on if close else max(first, now))
    since = period_start(start) if start else first
    if not first <= since <= until:
        raise PeriodError(
            f"the periods from {month_name(since)} to {month_name(until)} are no range"
            f" after {month_name(first)}",
            field="from",
            value=start,
            mend=f"Ask from {month_name(first)} or later, and not after --to.",
        )
    if until > (latest := max([now, *([close.period.first_on] if close else [])])):
        raise PeriodError(
            f"{month_name(until)} has not begun",
            field="to",
            value=end,
            mend=f"Ask for {month_name(latest)} or earlier.",
        )
    found = [since]
    while found[-1] < until:
        found.append(next_month(found[-1]))
    return found


def statements(
    *,
    program: str,
    start: str | None = None,
    end: str | None = None,
    entity_code: str | None = None,
) -> list[Statement]:
    """The roll-forward of every unit and period of a range, oldest first; each ties to 0.00.

    :raises PeriodError: for a range without periods.
    :raises RollForwardError: when one does not tie.
    """
    books = program_books(program_code=program, entity_code=entity_code)
    months = months_between(books=books, start=start, end=end)
    own = entity(books.entity)
    closed_until = first_open(own)
    found = []
    for month in months:
        if closed_until is not None and month < closed_until:
            found += closed_statements(_close_of(own.id, month), books)
    for derived in preview(books=books, until=months[-1]):
        if derived.span.first_on in months:
            found += live_statements(derived)
    return found


def closed_statements(close: Close, books: ProgramBooks) -> list[Statement]:
    """The roll-forwards of a close, from its entries and the totals before and after it."""
    period = close.period
    before = open_states(last_close(close.entity, before=period.first_on), books)
    after = states_of(close, books)
    rows = CohortEntry.objects.filter(close=close, program_id=books.id).order_by("id")
    entries = [entry_of(books, row) for row in rows]
    return _statements(period.code, period.status, before.values(), entries, after.values())


def live_statements(derived: Derived) -> list[Statement]:
    """The roll-forwards of a period as it would post now."""
    return _statements(
        month_name(derived.span.first_on),
        Period.Status.OPEN.value,
        derived.before.values(),
        derived.entries,
        derived.after.values(),
    )


def _statements(
    period: str,
    status: str,
    before: Iterable[CohortState],
    entries: Iterable[Entry],
    after: Iterable[CohortState],
) -> list[Statement]:
    before, entries, after = list(before), list(entries), list(after)
    keys = [*(one.key for one in (*before, *after)), *(entry.key for entry in entries)]
    kinds = sorted({(key.unit, key.currency) for key in keys})
    return [
        Statement(
            period=period,
            status=status,
            unit=unit,
            currency=currency,
            roll=roll_forward(
                opening=_holding(before, unit, currency),
                entries=[e for e in entries if (e.key.unit, e.key.currency) == (unit, currency)],
                closing=_holding(after, unit, currency),
            ),
        )
        for unit, currency in kinds
    ]


def _holding(states: Iterable[CohortState], unit: str, currency: str) -> Holding:
    own = (state for state in states if (state.key.unit, state.key.currency) == (unit, currency))
    return holding(own)


def together(rolls: Sequence[LiabilityRollForward]) -> LiabilityRollForward:
    """Roll-forwards of consecutive periods as one; gross lines add up.

    :raises RollForwardError: when one does not open where the one before closed.
    """
    money, points = rolls[0].money, rolls[0].points
    for roll in rolls[1:]:
        money, points = money.then(roll.money), points.then(roll.points)
    return LiabilityRollForward(
        money=money,
        points=points,
        breakage_in_redemptions=sum(roll.breakage_in_redemptions for roll in rolls),
    )


def tie_outs(derived: Derived) -> list[Tie]:
    """The tie-outs of a period as it would post now: books on one side, evidence on the other."""
    books = derived.books
    currency = books.currency
    rolls = live_statements(derived)
    found = []
    for held in held_at_end(derived):
        own = sum(one.roll.points.closing for one in rolls if one.unit == held.unit)
        closing = own - held.owed
        found += [
            Tie(IN_LOTS, held.unit, "", closing, held.lots - held.owed),
            Tie(IN_BALANCES, held.unit, "", closing, held.balances),
        ]
    sold = sales(derived.span)
    lines = [line for entry in derived.journal for line in entry.lines]
    carried = _carried(derived)
    posted = Counter(carried)
    for line in lines:
        posted[line.account] += line.credit - line.debit
    owed = owed_by_account(derived.after.values())
    return [
        *found,
        *(
            Tie(f"{TO_ACCOUNT}{account}", "", currency, owed[account], posted[account])
            for account in sorted({"2100", *owed, *carried})
        ),
        Tie("Sales as received to facts", "", currency, sold.received, sold.posted),
        Tie(
            "Debits to credits",
            "",
            currency,
            sum(line.debit for line in lines),
            sum(line.credit for line in lines),
        ),
    ]


def owed_by_account(states: Iterable[CohortState]) -> Counter[str]:
    """What cohorts are owed together, by the account on which it stands."""
    owed: Counter[str] = Counter()
    for state in states:
        if state.key.policy in TIED:
            owed[ACCOUNTS_OWED[state.key.policy]] += liability(state)
    return owed


def _carried(derived: Derived) -> Counter[str]:
    """What the accounts of contract liabilities stood at when the period opened.

    As the close before wrote it down; by the cohorts where periods before have no close yet.
    """
    carried = carried_balances(derived)
    return owed_by_account(derived.before.values()) if carried is None else carried


def recorded_tie_outs(close: Close, books: ProgramBooks) -> list[Tie]:
    """The tie-outs that a close wrote down."""
    rows = TieOut.objects.filter(close=close, program_id=books.id).order_by("number")
    return [Tie(row.name, row.unit, row.currency, row.this_side, row.that_side) for row in rows]


_SUMS: Final = """
select l.account,
    coalesce(sum(l.debit - l.credit) filter (where e.posting_on < %(since)s), 0),
    coalesce(sum(l.debit) filter (where e.posting_on >= %(since)s), 0),
    coalesce(sum(l.credit) filter (where e.posting_on >= %(since)s), 0)
from accounting_journalline l join accounting_journalentry e on e.id = l.entry_id
where e.entity_id = %(entity)s and e.program_id = %(program)s and e.posting_on < %(until)s
group by l.account order by l.account
"""


def _sums(books: ProgramBooks, since: date, until: date) -> list[tuple[str, int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _SUMS,
            {"entity": books.entity_id, "program": books.id, "since": since, "until": until},
        )
        return [(row[0], *(int(sum_) for sum_ in row[1:])) for row in cursor.fetchall()]


def trial_balance(
    *,
    program: str,
    start: str | None = None,
    end: str | None = None,
    entity_code: str | None = None,
) -> list[Balance]:
    """Every account that was ever posted to, up to the end of a range of periods.

    :raises PeriodError: for a range without periods.
    """
    books = program_books(program_code=program, entity_code=entity_code)
    months = months_between(books=books, start=start, end=end)
    return [
        Balance(
            account=account,
            name=ACCOUNTS[account].name,
            kind=ACCOUNTS[account].kind,
            opening=opening,
            debit=debit,
            credit=credit,
            closing=opening + debit - credit,
        )
        for account, opening, debit, credit in _sums(books, months[0], next_month(months[-1]))
    ]


def liability_now(*, program: str, entity_code: str | None = None) -> list[Liability]:
    """What is owed at this moment, by unit: the last close and all that moved since.

    The liability is a function of a cohort's totals, so the months between need no posting.
    """
    books = program_books(program_code=program, entity_code=entity_code)
    own = entity(books.entity)
    close, month = last_close(own), first_open(own)
    if month is None:
        return _by_unit(books, [], None)
    mark = watermarks(close).get(books.id)
    span = books.span(month, after=mark.seq if mark else 0, until_on=EVER, up_to=NO_END)
    totals = dict(open_states(close, books))
    moved = movements(span).by_cohort
    again = [movement.key for movement in moved if movement.key not in totals]
    totals |= used_up(books, again, before_on=month)
    for movement in moved:
        key = movement.key
        state = totals.get(key) or CohortState(key=key, rate=Decimal(1))
        totals[key] = replace(
            state,
            issued=state.issued + movement.issued - movement.clawed_back - movement.repaid,
            redeemed=state.redeemed + movement.burned - movement.cancelled_burns,
            expired=state.expired + movement.expired - movement.reinstated,
            allocated=state.allocated
            + movement.allocated
            - movement.clawed_back_allocated
            - movement.repaid_allocated,
        )
    this_month = first_of_month(books.now(), books.compiled.zone)
    measured = [(state, books.in_force(this_month, key)) for key, state in totals.items()]
    return _by_unit(
        books,
        [replace(state, rate=now.rate, each=now.each) for state, now in measured],
        close.period.code if close else None,
    )


def _by_unit(
    books: ProgramBooks, states: Sequence[CohortState], closed_until: str | None
) -> list[Liability]:
    found: dict[tuple[str, str], list[CohortState]] = {
        (unit, books.currency): [] for unit in books.compiled.versions[-1].units
    }
    for state in states:
        found.setdefault((state.key.unit, state.key.currency), []).append(state)
    return [
        Liability(
            unit=unit,
            currency=currency,
            points=held.points,
            money=held.money,
            expected_points=int(sum(expected(one) - one.redeemed for one in own)),
            cohorts=sum(one.outstanding > 0 for one in own),
            closed_until=closed_until,
        )
        for (unit, currency), own in sorted(found.items())
        for held in [holding(own)]
    ]


def _close_of(entity_id: int, month: date) -> Close:
    found = Close.objects.filter(entity_id=entity_id, period__first_on=month)
    return found.select_related("period", "entity").order_by("-version")[0]
