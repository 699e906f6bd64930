"""What stands beside cohorts: pairs of two entities, what runs over time, and a memo for tax.

Raises PeriodError and ReportUntied.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from django.db.models import QuerySet, Sum

from pointbook.accounting.models import JournalLine, Schedule
from pointbook.accounting.queries.reports.balances import known_lines, until
from pointbook.accounting.queries.reports.openings import ranges
from pointbook.accounting.queries.reports.parts import (
    Part,
    Scope,
    closes,
    parameters,
    scope,
    sources,
)
from pointbook.accounting.queries.reports.rolling import major
from pointbook.accounting.queries.reports.tables import (
    Asked,
    Column,
    Foots,
    Kind,
    Row,
    Table,
    footed,
)
from pointbook.engine.revenue.over_time import Span
from pointbook.engine.revenue.policies import TIED, Event
from pointbook.engine.revenue.tax import tax_in

RECEIVABLE: Final = "1190"
PAYABLE: Final = "2190"
AS_A_MEMO: Final = (
    "A memo, not a return: awards know no country, so each row is what all of them come to under"
    " that country's rule. A tax adviser says which rule holds."
)
USES: Final = frozenset({Event.BURN, Event.CANCELLED_BURN})


def intercompany(asked: Asked) -> Table:
    """Balances with each other entity, here and in its books: what one is owed the other owes.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    ours = known_lines(found).filter(entry__posting_on__lt=until(found))
    theirs = JournalLine.objects.filter(
        entry__other=found.own.code, entry__posting_on__lt=until(found)
    )
    if asked.known_at is not None:
        theirs = theirs.filter(entry__recorded_at__lte=asked.known_at)
    if asked.program is not None:
        theirs = theirs.filter(entry__program__code=asked.program)
    here = _pairs(ours.exclude(entry__other=""), "entry__other")
    there = _pairs(theirs, "entry__entity__code")
    rows = []
    for other, currency in sorted({key[:2] for key in (*here, *there)}):
        for name, own, mirror in (
            ("receivable", RECEIVABLE, PAYABLE),
            ("payable", PAYABLE, RECEIVABLE),
        ):
            sign = 1 if own == RECEIVABLE else -1
            mine = sign * here.get((other, currency, own), 0)
            its = -sign * there.get((other, currency, mirror), 0)
            figures = (major(n, currency) for n in (mine, its, mine - its))
            rows.append(Row((other, name, own, currency, *figures)))
    return footed(_intercompany(found, rows))


def _pairs(found: QuerySet[JournalLine], whose: str) -> dict[tuple[str, str, str], int]:
    """Debits less credits of pairs, by entity, currency and account."""
    rows = found.filter(account__in=(RECEIVABLE, PAYABLE)).order_by()
    sums = rows.values_list(whose, "entry__currency", "account").annotate(
        debits=Sum("debit"), credits=Sum("credit")
    )
    return {
        (code, currency, account): debit - credit for code, currency, account, debit, credit in sums
    }


def _intercompany(found: Scope, rows: list[Row]) -> Table:
    def money(name: str, *, adds: int = 0, result: bool = False) -> Column:
        return Column(name, Kind.MONEY, decimals=found.places, adds=adds, result=result)

    return Table(
        name="intercompany",
        title=f"Intercompany balances of {found.own.code}",
        columns=(
            *(Column(name) for name in ("other", "side", "account", "currency")),
            money("ours", adds=1),
            money("theirs", adds=-1),
            money("off", result=True),
        ),
        rows=tuple(rows),
        parameters=parameters(found),
        sources=sources(found),
        notes=("Off is 0 once both entities have closed the period.",),
    )


def schedules(asked: Asked) -> Table:
    """What runs over time: each amount, what was earned by the end of the range, what is left.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    rows = Schedule.objects.filter(
        entity=found.own, program_id__in=[one.id for one in found.books]
    ).select_related("program", "close__period")
    known = closes(found)
    by = until(found)
    rows = rows.filter(close__period__first_on__lt=by)
    if known and (asked.version is not None or asked.known_at is not None):
        rows = rows.filter(close_id__lte=max(close.id for close in known))
    columns = ("program", "kind", "partner", "fact", "found_in", "currency")
    dates = ("from_on", "until_on")
    return footed(
        Table(
            name="schedules",
            title=f"What runs over time, {found.whose}, by {by}",
            columns=(
                *(Column(name) for name in columns),
                *(Column(name, Kind.DATE) for name in dates),
                Column("left", Kind.MONEY, found.currency, found.places, Foots.SUM, adds=1),
                Column("earned", Kind.MONEY, found.currency, found.places, Foots.SUM, adds=1),
                Column("amount", Kind.MONEY, found.currency, found.places, Foots.SUM, result=True),
            ),
            rows=tuple(_schedule(row, by) for row in rows.order_by("from_on", "id")),
            groups=("program", "kind", "currency"),
            grand=("currency",),
            parameters=parameters(found),
            sources=sources(found),
        )
    )


def _schedule(row: Schedule, by: date) -> Row:
    span = Span(amount=row.amount, from_on=row.from_on, until_on=row.until_on)
    figures = (span.left(by), span.earned(by), row.amount)
    return Row(
        (
            *(row.program.code, row.kind, row.partner, str(row.fact), row.close.period.code),
            *(row.currency, row.from_on, row.until_on),
            *(major(one, row.currency) for one in figures),
        )
    )


def tax(asked: Asked) -> Table:
    """A memo: the tax in what points were given for and used for, by each country's rule.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    rows = [row for part in ranges(found) for row in _taxed(part)]
    money = ("given", "tax_when_given", "used", "tax_when_used")
    return footed(
        Table(
            name="tax",
            title=f"Tax memo of {found.whose}",
            columns=(
                *(Column(name) for name in ("periods", "program", "country", "rule")),
                Column("tax_rate", Kind.RATE),
                Column("currency"),
                *(Column(name, Kind.MONEY, found.currency, found.places) for name in money),
            ),
            rows=tuple(Row((found.span, *row.cells)) for row in rows),
            parameters=parameters(found),
            sources=sources(found),
            notes=(AS_A_MEMO,),
        )
    )


def _taxed(part: Part) -> Iterator[Row]:
    own = [entry for entry in part.entries if entry.key.policy in TIED]
    given = sum(entry.share for entry in own if entry.event is Event.NEW)
    used = -sum(entry.change for entry in own if entry.event in USES)
    currency = part.books.currency
    for country, rule in sorted(part.books.compiled.versions[-1].blueprint.books.tax.items()):
        at_sale = 0 if rule.award == "voucher" else tax_in(given, rate=rule.rate)
        at_use = 0 if rule.award == "discount" else tax_in(used, rate=rule.rate)
        figures = (given, at_sale, used, at_use)
        amounts = (major(one, currency) for one in figures)
        said = (part.books.code, country or "everywhere", rule.award, rule.rate, currency)
        yield Row((*said, *amounts))
