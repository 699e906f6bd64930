"""The trial balance at any date as known at any date, and the journals behind it.

Both dates count: what was posted by the one and recorded by the other. Raises ReportUntied.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.db.models import Q, QuerySet, Sum

from pointbook.accounting.models import JournalLine
from pointbook.accounting.queries.reports.parts import (
    Scope,
    closes,
    parameters,
    scope,
    sources,
)
from pointbook.accounting.queries.reports.rolling import major
from pointbook.accounting.queries.reports.tables import (
    Asked,
    Check,
    Column,
    Foots,
    Kind,
    Opens,
    Row,
    Table,
    added,
    footed,
)
from pointbook.accounting.queries.statements import ACCOUNTS
from pointbook.engine.values.calendar import month_name, next_month


def known_lines(found: Scope) -> QuerySet[JournalLine]:
    """The lines of the scope's entity and programs that were recorded by then, of any date.

    A version knows what its close and those before it posted.
    """
    asked = found.asked
    rows = JournalLine.objects.filter(entry__entity=found.own)
    if asked.program is not None:
        rows = rows.filter(entry__program_id__in=[one.id for one in found.books])
    if asked.known_at is not None:
        rows = rows.filter(entry__recorded_at__lte=asked.known_at)
    for close in closes(found) if asked.version is not None else ():
        derived = Q(entry__close_id__lte=close.id)
        by_hand = Q(entry__close__isnull=True, entry__recorded_at__lte=close.closed_at)
        rows = rows.filter(derived | by_hand)
    return rows


def until(found: Scope) -> date:
    """The day before which entries count: the one after `as_of`, or after the last period."""
    asked = found.asked
    if asked.as_of is not None:
        return date.fromordinal(asked.as_of.toordinal() + 1)
    return next_month(found.months[-1])


def trial_balance(asked: Asked) -> Table:
    """Every account posted to by a day, as known at an instant; credit balances are negative.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    since, end = found.months[0], until(found)
    before = Q(entry__posting_on__lt=since)
    rows = known_lines(found).filter(entry__posting_on__lt=end)
    sums = (
        rows.values_list("entry__currency", "account")
        .annotate(
            opened_debit=Sum("debit", filter=before, default=0),
            opened_credit=Sum("credit", filter=before, default=0),
            debits=Sum("debit", filter=~before, default=0),
            credits=Sum("credit", filter=~before, default=0),
        )
        .order_by("entry__currency", "account")
    )

    def row(currency: str, account: str, *figures: int) -> Row:
        opened_debit, opened_credit, debit, credit = figures
        opening = opened_debit - opened_credit
        amounts = (opening, debit, credit, opening + debit - credit)
        return Row(
            (
                account,
                ACCOUNTS[account].name,
                ACCOUNTS[account].kind.value,
                currency,
                *(major(amount, currency) for amount in amounts),
            ),
            (Opens(column="closing", to="entries", account=account, program=asked.program or ""),),
        )

    made = tuple(row(*one) for one in sums)
    return footed(_ruled(found, made))


def _ruled(found: Scope, rows: tuple[Row, ...]) -> Table:
    def money(name: str, *, adds: int = 0, result: bool = False) -> Column:
        return Column(
            name, Kind.MONEY, found.currency, found.places, Foots.SUM, adds=adds, result=result
        )

    table = Table(
        name="trial-balance",
        title=f"Trial balance of {found.whose}; credit balances are negative",
        columns=(
            *(Column(name) for name in ("account", "name", "kind", "currency")),
            money("opening", adds=1),
            money("debit", adds=1),
            money("credit", adds=-1),
            money("closing", result=True),
        ),
        rows=rows,
        groups=("currency",),
        parameters=parameters(found),
        sources=sources(found),
        notes=(f"Posted from {month_name(found.months[0])}, before {until(found)}.",),
    )
    checks = []
    for total in footed(table).totals:
        opening, debit, credit, _ = (added([cell]) for cell in total.cells[-4:])
        checks += [
            Check("debits equal credits", debit, credit),
            Check("opening balances are 0 together", opening, 0),
        ]
    return replace(table, checks=tuple(checks))
