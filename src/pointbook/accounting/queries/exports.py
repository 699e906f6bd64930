"""Journals as text for other systems: a table from the format's name to its writer.

Raises FormatUnknown, and ExportRefused for a period without a close.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from django.db.models import Sum

from pointbook.accounting.models import Close, JournalLine
from pointbook.accounting.queries.books import entity, period_start
from pointbook.accounting.queries.journals import EntryRow, entries
from pointbook.accounting.queries.statements import ACCOUNTS
from pointbook.engine.revenue.accounts import Kind
from pointbook.engine.values.calendar import next_month
from pointbook.engine.values.errors import ConflictError, NotFoundError
from pointbook.engine.values.money import exponent, to_major
from pointbook.programs.models import Entity


class FormatUnknown(NotFoundError):
    """There is no such export format."""


class ExportRefused(ConflictError):
    """The period has no journal yet."""


def export(*, period: str, format: str, entity_code: str = "main") -> str:  # noqa: A002
    """The journal of a period as text.

    :raises FormatUnknown: naming the formats there are.
    :raises ExportRefused: when the period is not closed.
    :raises EntityNotFound: no such entity.
    :raises PeriodError: when the text is no period.
    """
    writer = EXPORTERS.get(format)
    if writer is None:
        raise FormatUnknown(
            f"there is no format {format!r}",
            field="format",
            value=format,
            mend=f"Use one of: {', '.join(EXPORTERS)}.",
        )
    own, first_on = entity(entity_code), period_start(period)
    if not Close.objects.filter(entity=own, period__code=period).exists():
        raise ExportRefused(
            f"{period} is not closed",
            field="period",
            value=period,
            mend=f"Close it first: pointbook close {period}.",
        )
    return writer(own, first_on, entries(period=period, entity_code=entity_code))


# Beancount's five roots; contra and memo accounts stay where the chart has them.
ROOTS: Final[Mapping[Kind, str]] = {
    Kind.ASSET: "Assets",
    Kind.LIABILITY: "Liabilities",
    Kind.EQUITY: "Equity",
    Kind.INCOME: "Income",
    Kind.EXPENSE: "Expenses",
}


def beancount(own: Entity, first_on: date, rows: list[EntryRow]) -> str:
    """Beancount (v3): opened accounts, opening balances, entries and balance assertions.

    Opening balances stand in one entry against equity, so that a period's file is whole by itself
    and the assertions hold the cumulative balances of the books.
    """
    opening = _balances(own, first_on)
    closing = _balances(own, next_month(first_on))
    return "\n".join(
        [
            'option "tolerance_multiplier" "0"',
            f'option "title" "{_quoted(own.name)}, {first_on:%Y-%m}"',
            *(f'option "operating_currency" "{code}"' for code in _currencies(closing, rows)),
            "",
            *_opened(first_on, opening, rows),
            "",
            *_brought_forward(first_on, opening),
            *(line for row in rows for line in _entry(row)),
            *_asserted(next_month(first_on), closing),
            "",
        ]
    )


Balances = Mapping[tuple[str, str], int]


def _balances(own: Entity, before: date) -> Balances:
    """Balances of all accounts before a day, by (account, currency); debits are positive."""
    lines = JournalLine.objects.filter(entry__entity=own, entry__posting_on__lt=before)
    sums = lines.values_list("account", "entry__currency").annotate(Sum("debit"), Sum("credit"))
    return {
        (account, currency): int(debit - credit)
        for account, currency, debit, credit in sums.order_by("account", "entry__currency")
    }


def _currencies(closing: Balances, rows: list[EntryRow]) -> list[str]:
    return sorted({currency for _, currency in closing} | {row.currency for row in rows})


def _opened(first_on: date, opening: Balances, rows: list[EntryRow]) -> Iterator[str]:
    used = {account for account, _ in opening} | {
        line.account for row in rows for line in row.lines
    }
    day = first_on - timedelta(days=1)
    for account in sorted(used):
        yield f"{day} open {_account(account)}"
        yield f'  name: "{_quoted(ACCOUNTS[account].name)}"'
    if opening:
        yield f"{day} open {BROUGHT_FORWARD}"


BROUGHT_FORWARD: Final = "Equity:BroughtForward"


def _brought_forward(first_on: date, opening: Balances) -> Iterator[str]:
    if not opening:
        return
    yield f'{first_on - timedelta(days=1)} * "Balances brought forward"'
    for (account, currency), balance in opening.items():
        if balance:
            yield _posting(_account(account), balance, currency)
    for currency in sorted({currency for _, currency in opening}):
        total = sum(balance for (_, one), balance in opening.items() if one == currency)
        yield _posting(BROUGHT_FORWARD, -total, currency)
    yield ""


def _entry(row: EntryRow) -> Iterator[str]:
    yield f'{row.posting_on} * "{_quoted(row.description)}"'
    yield f'  number: "{row.code}"'
    yield f'  event: "{row.event}"'
    yield f'  program: "{_quoted(row.program)}"'
    for line in row.lines:
        yield _posting(_account(line.account), line.debit - line.credit, row.currency)
    yield ""


def _asserted(day: date, closing: Balances) -> Iterator[str]:
    """A balance assertion holds at the beginning of its day."""
    for (account, currency), balance in closing.items():
        amount = to_major(balance, places=exponent(currency))
        yield f"{day} balance {_account(account)}  {amount} ~ 0 {currency}"


def _posting(account: str, minor: int, currency: str) -> str:
    return f"  {account:<40} {to_major(minor, places=exponent(currency)):>18} {currency}"


def _account(code: str) -> str:
    account = ACCOUNTS[code]
    words = "".join(word.capitalize() for word in account.name.replace(":", "").split())
    return f"{ROOTS[account.kind]}:{code}-{words}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


EXPORTERS: Final[dict[str, Callable[[Entity, date, list[EntryRow]], str]]] = {
    "beancount": beancount
}
