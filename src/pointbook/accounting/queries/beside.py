"""What a period posts beside the life of cohorts: sales, tenders, fees over time, exchange rates.

Pure reading: a close writes what is found here, a page shows it before. Nothing here raises.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import F, Sum

from pointbook.accounting.models import ExchangeRate, JournalLine
from pointbook.accounting.queries.books import ProgramBooks
from pointbook.accounting.queries.derivation import Derived
from pointbook.accounting.queries.schedules import Running, ends, running
from pointbook.accounting.queries.settings import BooksSetting, books_of
from pointbook.accounting.queries.statuses import Planned
from pointbook.engine.ledger.transfers import TENDER
from pointbook.engine.revenue.currency import MONETARY_ACCOUNTS, Pair, loss
from pointbook.engine.revenue.matrix import Amounts, Line, beside_lines
from pointbook.engine.revenue.policies import ROLES, Beside
from pointbook.engine.values.calendar import add_months, month_name
from pointbook.engine.values.money import exponent
from pointbook.ledger.beside import sold, tendered
from pointbook.ledger.movements import Span

_PAID: Final = {
    "membership": "Membership fees, {:,} paid",
    "marketing": "Marketing for partners, {:,} paid",
    "tier": "Status promised, {:,} times",
}
_BACK: Final = {
    "membership": "Membership fees given back, {:,} times",
    "marketing": "Marketing given back to partners, {:,} times",
    "tier": "Status taken back, {:,} times",
}
_EARNED: Final = {
    "membership": "Membership of the days that passed",
    "marketing": "Marketing of the days that passed",
    "tier": "Status of the days that passed",
}


@dataclass(frozen=True, slots=True)
class BesideEntry:
    """An entry of no cohort: what it is, its text and its lines."""

    event: Beside
    currency: str
    description: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Besides:
    """The entries of a period, and the schedules that it found."""

    entries: tuple[BesideEntry, ...]
    new: tuple[Planned, ...]


def beside(derived: Derived) -> Besides:
    """What a program's period posts beside its cohorts, in order."""
    books, span = derived.books, derived.span
    setting = books_of(books.entity)
    runs = running(books, span)
    entries = [
        *(_sales(books, span, setting) if setting.sales else ()),
        *(_tenders(derived) if setting.gross_tender else ()),
        *_prepaid(runs),
        *_over_time(runs, span),
        *_exchange(books, span, setting),
    ]
    return Besides(tuple(one for one in entries if one.lines), runs.new)


def _sales(books: ProgramBooks, span: Span, setting: BooksSetting) -> list[BesideEntry]:
    """The full sale; what points paid is left out of it, unless a tender takes it off again."""
    all_of_it = sold(span)
    net = all_of_it.net - (0 if setting.gross_tender else all_of_it.points)
    lines = beside_lines(Beside.SALE, "", Amounts(0, net, all_of_it.tax))
    says = f"Sales less returns, {all_of_it.facts:,} facts"
    return [BesideEntry(Beside.SALE, books.currency, says, lines)]


def _tenders(derived: Derived) -> list[BesideEntry]:
    """What points paid, off the sale that the shop booked gross.

    Provisions clear their expected cost of it themselves; the rest is less revenue.
    """
    paid = tendered(derived.span)
    cleared = sum(
        entry.cost
        for entry in derived.entries
        if entry.side == TENDER and not entry.other and ROLES[entry.key.policy].measure == "cost"
    )
    lines = beside_lines(Beside.TENDER, "", Amounts(0, paid.worth - cleared))
    says = f"Points that paid bills, {paid.rows:,} times"
    return [BesideEntry(Beside.TENDER, derived.books.currency, says, lines)]


def _prepaid(runs: Running) -> list[BesideEntry]:
    sums: dict[tuple[str, str, bool], list[int]] = defaultdict(list)
    for one in runs.new:
        sums[one.kind, one.currency, one.span.amount < 0].append(one.span.amount)
    return [
        BesideEntry(
            Beside.PREPAID,
            currency,
            (_BACK if back else _PAID)[kind].format(len(amounts)),
            beside_lines(Beside.PREPAID, kind, Amounts(0, sum(amounts))),
        )
        for (kind, currency, back), amounts in sorted(sums.items())
    ]


def _over_time(runs: Running, span: Span) -> list[BesideEntry]:
    kinds = sorted({(one.kind, one.currency) for one in (*runs.new, *runs.before)})
    return [
        BesideEntry(
            Beside.OVER_TIME,
            currency,
            _EARNED[kind],
            beside_lines(
                Beside.OVER_TIME,
                kind,
                Amounts(0, runs.earned(kind, first_on=span.first_on, until_on=ends(span))),
            ),
        )
        for kind, currency in kinds
    ]


def _exchange(books: ProgramBooks, span: Span, setting: BooksSetting) -> list[BesideEntry]:
    """Opening balances that are settled in money, at the change of the rate over the period."""
    own = setting.currency
    if not own or own == books.currency:
        return []
    before = _rate(books, month_name(add_months(span.first_on, -1)))
    now = _rate(books, month_name(span.first_on))
    if before is None or now is None or before == now:
        return []
    pair = Pair(exponent(books.currency), exponent(own))
    change = f"{books.currency} from {before.normalize():f} to {now.normalize():f} {own}"
    return [
        BesideEntry(
            Beside.EXCHANGE,
            own,
            f"Account {account}, {change}",
            beside_lines(
                Beside.EXCHANGE,
                account,
                Amounts(0, loss(balance, before=before, now=now, pair=pair)),
            ),
        )
        for account, balance in _balances(books, span)
    ]


def _rate(books: ProgramBooks, period: str) -> Decimal | None:
    """What the program's currency was worth at the end of a period; the last word counts."""
    found = ExchangeRate.objects.filter(
        entity_id=books.entity_id, currency=books.currency, period=period
    ).order_by("-id")
    row = found.first()
    return None if row is None else row.rate


def _balances(books: ProgramBooks, span: Span) -> list[tuple[str, int]]:
    """What the monetary accounts stood at when the period opened; credits positive."""
    found = JournalLine.objects.filter(
        entry__entity_id=books.entity_id,
        entry__program_id=books.id,
        entry__currency=books.currency,
        entry__posting_on__lt=span.first_on,
        account__in=MONETARY_ACCOUNTS,
    )
    sums = found.values("account").annotate(balance=Sum(F("credit") - F("debit")))
    return sorted((row["account"], row["balance"]) for row in sums if row["balance"])
