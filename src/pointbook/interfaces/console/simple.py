"""Simple books: one page for what is owed, what came in and what to book, month by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, cast

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode

from pointbook.accounting.queries import closes
from pointbook.accounting.queries.books import PeriodRow, periods
from pointbook.accounting.queries.checklist import checklist
from pointbook.accounting.queries.journals import EntryRow
from pointbook.accounting.queries.names import AccountNames, account_names
from pointbook.accounting.queries.settings import books_of
from pointbook.accounting.queries.statements import Liability, Statement, liability_now, statements
from pointbook.earning.queries import main_unit
from pointbook.engine.values.calendar import month_start
from pointbook.interfaces.console import formats
from pointbook.interfaces.console.books import OPEN, in_turn, turn
from pointbook.interfaces.console.desk import Desk, page
from pointbook.interfaces.console.pages import simple as pages
from pointbook.interfaces.console.pages.books import JournalLine
from pointbook.interfaces.console.pages.rail import State

SHOWN: Final = 12
FILES: Final = (("csv", "CSV"), ("quickbooks", "QuickBooks"), ("xero", "Xero"), ("odoo", "Odoo"))


@page("books", "console/simple.html")
def books(desk: Desk) -> object:
    """The month that is asked for, or the one that waits; full books begin at their period."""
    entity = desk.program.entity
    known = periods(entity_code=entity)
    if not known:
        return redirect("console:no-books")
    setting = books_of(entity)
    if setting.full:
        return turn(known)
    code = _chosen(desk, known)
    view = closes.close_view(period=code, entity_code=entity)
    part = next((one for one in view.programs if one.program == desk.program.code), None)
    may = view.over and view.status != "closed" and in_turn(known, code)
    found = checklist(period=code, entity_code=entity) if may else None
    unit = main_unit(desk.blueprint).code
    owed = liability_now(program=desk.program.code)
    now = next((one for one in owed if one.unit == unit), None)
    own = [one for one in part.statements if one.unit == unit] if part else []
    return pages.Simple(
        entity=entity,
        program=desk.program.name,
        currency=desk.program.currency,
        unit=desk.unit,
        owed=now.points if now else 0,
        in_books=sum(one.money for one in owed if one.currency == desk.program.currency),
        said=_said(now),
        first_on=view.first_on,
        last_on=view.posting_on,
        code=code,
        state=cast("State", view.status),
        over=view.over,
        figures=tuple(_figures(own, desk)),
        lines=_lines(part.entries if part else (), account_names(entity), desk.program.code),
        files=() if view.status in OPEN else tuple(pages.Handover(*one) for one in FILES),
        months=tuple(_months(desk, known, code, unit)),
        can_close=may and desk.may("period.close"),
        may_export=desk.may("journal.export"),
        may_switch=desk.actor.role == "owner",
        stops=found.blockers if found else (),
        asks=found.warnings if found else (),
    )


def _chosen(desk: Desk, known: Sequence[PeriodRow]) -> str:
    """The month in the address; else the first that is over and open, else the last closed one."""
    asked = desk.request.GET.get("month", "")
    if any(one.code == asked for one in known):
        return asked
    today = desk.today.replace(day=1)
    waits = [one for one in known if one.status != "closed" and one.first_on < today]
    closed = [one for one in known if one.status == "closed"]
    return (waits[-1] if waits else closed[0] if closed else known[0]).code


def _said(owed: Liability | None) -> str:
    if owed is None or owed.closed_until is None:
        return "though no month is closed yet"
    until = date_format(month_start(owed.closed_until), "F Y")
    return f"with what came since {until} was closed"


def _figures(own: Sequence[Statement], desk: Desk) -> Iterable[pages.Figure]:
    """Earned, spent, expired and owed at the end; what was taken back is told beside."""
    decimals = desk.unit.decimals

    def amount(name: str) -> int:
        return sum(one.roll.points.amount(name) for one in own)

    def told(parts: int, what: str) -> str:
        return f"{formats.points(parts, decimals=decimals)} {what}" if parts else ""

    earned, spent = amount("earned"), -amount("redeemed")
    back = -amount("clawed_back")
    opening = sum(one.roll.points.opening for one in own)
    closing = sum(one.roll.points.closing for one in own)
    share = f"{formats.share(spent, earned)} of what was earned" if earned > 0 else ""
    yield pages.Figure("Earned", earned, told(back, "taken back for returns"))
    yield pages.Figure("Spent", spent, share)
    yield pages.Figure("Expired", -amount("expired"), told(amount("reinstated"), "given back"))
    at_start = formats.points(opening, decimals=decimals)
    yield pages.Figure("You owe at the end", closing, f"{at_start} at the start")


def _lines(
    entries: Iterable[EntryRow], names: AccountNames, program: str
) -> tuple[JournalLine, ...]:
    """One line for each account, under the entity's own names: debits first."""
    sums: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        for line in entry.lines:
            named = names.of(line.account, program=program)
            sums[named.code, named.name] += line.debit - line.credit
    found = [
        JournalLine(code, name, max(net, 0), max(-net, 0))
        for (code, name), net in sorted(sums.items())
        if net
    ]
    return tuple(sorted(found, key=lambda line: line.credit > 0))


def _months(
    desk: Desk, known: Sequence[PeriodRow], chosen: str, unit: str
) -> Iterable[pages.Month]:
    """The last months with what was owed at the end of each that has figures."""
    shown = known[:SHOWN]
    rows: dict[str, list[Statement]] = {}
    last = max((one.code for one in shown if one.first_on <= desk.today), default="")
    for one in statements(program=desk.program.code, start=shown[-1].code, end=last):
        rows.setdefault(one.period, []).append(one)
    for row in shown:
        own = rows.get(row.code, [])
        points = [one.roll.points.closing for one in own if one.unit == unit]
        yield pages.Month(
            row.first_on,
            cast("State", row.status),
            sum(points) if points else None,
            sum(one.roll.money.closing for one in own) if own else None,
            f"{reverse('console:books')}?{urlencode({'month': row.code})}",
            reverse("console:period", args=[row.code]),
            current=row.code == chosen,
        )
