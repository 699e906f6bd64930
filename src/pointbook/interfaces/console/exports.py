"""Exports: a closed month's journal for another system, what was handed over, account names."""

from __future__ import annotations

import io
import zipfile
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from pointbook.accounting.operations.exporting import export_journal
from pointbook.accounting.operations.naming import body_of, check_names
from pointbook.accounting.operations.proposing import propose_and_approve
from pointbook.accounting.queries.books import periods
from pointbook.accounting.queries.exports.formats import EXPORTERS
from pointbook.accounting.queries.exports.journal import File
from pointbook.accounting.queries.exports.record import exports as handed
from pointbook.accounting.queries.names import ACCOUNTS, NameRow, account_names
from pointbook.accounting.queries.reports import Asked
from pointbook.accounting.queries.reports.pack import about
from pointbook.accounting.queries.reports.pack import pack as close_pack
from pointbook.accounting.queries.reports.workbooks import workbook
from pointbook.accounting.queries.settings import books_of
from pointbook.engine.revenue.accounts import Kind
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.console.desk import Desk, page
from pointbook.interfaces.console.pages import exports as pages
from pointbook.interfaces.console.pages.fields import Choice
from pointbook.interfaces.console.rail import rail

# What people call a format, and for what it is.
TOLD: Final = {
    "beancount": ("Beancount", "Plain text with assertions of every balance"),
    "hledger": ("hledger", "Plain text for hledger, strict"),
    "ledger": ("Ledger", "Plain text for Ledger"),
    "saft": ("SAF-T", "XML for tax offices, with accounts and totals"),
    "quickbooks": ("QuickBooks Online", "Journal entries as CSV"),
    "iif": ("QuickBooks Desktop", "IIF, general journal"),
    "xero": ("Xero", "Manual journal as CSV, at most 300 lines a file"),
    "netsuite": ("NetSuite", "Journal entries as CSV"),
    "odoo": ("Odoo", "Journal entries as CSV"),
    "erpnext": ("ERPNext", "Journal entries as CSV"),
    "csv": ("CSV", "One row for each line, for a spreadsheet"),
    "json": ("JSON", "Entries with their lines, for a program"),
}
SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # what a ZIP knows; the same files give the same archive


@page("books", "console/exports.html")
def exports(desk: Desk) -> pages.Exports:
    """The formats for a month that is closed: the one that is asked for, or the last one."""
    entity = desk.program.entity
    closed = [one for one in periods(entity_code=entity) if one.version]
    asked = desk.request.GET.get("period", "")
    chosen = next((one for one in closed if one.code == asked), closed[0] if closed else None)
    period = chosen.code if chosen else ""
    rows = handed(entity_code=entity)
    last = next((one for one in rows if chosen and one.period == period), None)
    names = {row.account: row for row in account_names(entity).rows if not row.split}
    before = ""
    if last is not None:
        told = TOLD.get(last.format, (last.format,))[0]
        on = date_format(desk.day(last.at), "j F Y")
        before = f"{period} was handed over as {told} on {on} by {last.by}."
    return pages.Exports(
        rail=rail(desk, here="Exports"),
        entity=entity,
        program=desk.program.name,
        period=period,
        periods=tuple(
            Choice(one.code, date_format(one.first_on, "F Y"), chosen=one.code == period)
            for one in closed
        ),
        formats=tuple(pages.Format(code, *TOLD.get(code, (code, ""))) for code in EXPORTERS),
        handed=tuple(
            pages.Handed(
                period=one.period,
                version=one.version,
                format=TOLD.get(one.format, (one.format,))[0],
                entries=one.entries,
                by=one.by,
                at=one.at,
                digest=one.digest,
                again=one.again,
            )
            for one in rows
        ),
        accounts=tuple(
            pages.Account(one.code, one.name, names[one.code].code, names[one.code].name)
            if one.code in names
            else pages.Account(one.code, one.name, "", "")
            for one in ACCOUNTS.values()
            if one.kind is not Kind.MEMO
        ),
        may_export=desk.may("journal.export"),
        may_name=desk.may("books.propose"),
        needs_approval=books_of(entity).second_person,
        before=before,
    )


@require_POST
@page("books", "console/exports.html")
def export(desk: Desk, *, code: str) -> HttpResponse:
    """The files of a month's journal; several in one archive. That it was handed over is kept."""
    format_ = desk.request.POST.get("format", "")
    try:
        made = export_journal(
            period=code, format=format_, entity_code=desk.program.entity, actor=desk.actor
        )
    except PointbookError as refusal:
        messages.error(desk.request, str(refusal))
        return redirect(f"{reverse('console:exports')}?period={code}")
    stem = f"{desk.program.entity}-{code}-{format_}"
    name, data = (made.files[0].name, made.files[0].data) if len(made.files) == 1 else ("", b"")
    if not name:
        name, data = f"{stem}.zip", archive(made.files)
    return download(data, name=name)


def archive(files: tuple[File, ...]) -> bytes:
    """The files in one ZIP, the same for the same files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in files:
            packed.writestr(zipfile.ZipInfo(file.name, EARLIEST), file.data)
    return made.getvalue()


def download(
    data: bytes | str, *, name: str, kind: str = "application/octet-stream"
) -> HttpResponse:
    """A file for the browser to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=kind, headers=headers)


@page("books", "console/exports.html")
def pack(desk: Desk, *, code: str) -> HttpResponse:
    """The close pack of a period: every report in one workbook."""
    asked = Asked(entity=desk.program.entity, program=desk.program.code, start=code, end=code)
    data = workbook(close_pack(asked), about=about(asked))
    return download(data, name=f"{desk.program.entity}-{code}-close-pack.xlsx", kind=SHEET)


@require_POST
@page("books", "console/exports.html")
def names(desk: Desk) -> HttpResponse:
    """Name accounts as the entity's own system does: at once, or once somebody approves."""
    entity, asked = desk.program.entity, desk.request.POST
    known = {row.account: row for row in account_names(entity).rows if not row.split}
    rows = []
    for account in ACCOUNTS:
        if f"code-{account}" not in asked:
            continue
        code, name = (asked.get(f"{part}-{account}", "").strip() for part in ("code", "name"))
        before = known.get(account)
        # A name alone keeps the chart's code.
        row = NameRow(account, code or (account if name else ""), name)
        if row != (before or NameRow(account, "", "")):
            rows.append(row)
    try:
        if not rows:
            messages.success(desk.request, "Nothing was changed.")
            return redirect(f"{reverse('console:exports')}#accounts")
        check_names(rows)
        made = propose_and_approve(
            kind="accounts", entity_code=entity, body=body_of(rows), actor=desk.actor
        )
    except PointbookError as refusal:
        messages.error(desk.request, str(refusal))
    else:
        done = "The names are proposed." if made.waits else "The names are in force."
        messages.success(desk.request, done)
    return redirect(f"{reverse('console:exports')}#accounts")
