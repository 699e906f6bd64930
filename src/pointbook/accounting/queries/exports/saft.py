"""SAF-T: the general ledger of the OECD's Standard Audit File for Tax, version 2.00.

Structure and text lengths: https://www.oecd.org/ctp/administration/45167181.pdf (appendix B,
SAF-T_Schema_v_2.00.xsd); the same elements explained field by field at
https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_1211040925.html. One file for
each currency, which is its default one. What Pointbook does not know (country, address, tax
numbers) is left to who hands the file in: AuditFileCountry is ZZ, which ISO 3166 keeps for users.
Raises ExportRefused for a part of a period, and
for a currency of more than two decimals: SAFmonetaryType has two.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Final
from xml.etree import ElementTree as ET

from pointbook.accounting.queries.exports.journal import (
    Entry,
    ExportRefused,
    File,
    Journal,
    Line,
    amount,
    plain,
)
from pointbook.accounting.queries.names import Named
from pointbook.engine.revenue.accounts import Kind
from pointbook.engine.values.money import exponent

NAMESPACE: Final = "urn:OECD:StandardAuditFile-Taxation/2.00"
TYPES: Final = {
    Kind.ASSET: "Asset",
    Kind.LIABILITY: "Liability",
    Kind.EQUITY: "Equity",
    Kind.INCOME: "Sale",
    Kind.EXPENSE: "Expense",
}
# The longest text of the schema's types.
SHORT, MIDDLE, LONG = 18, 70, 256
DECIMALS: Final = 2


def saft(journal: Journal) -> tuple[File, ...]:
    """Header, accounts with opening and closing balances, and the entries with their totals.

    :raises ExportRefused: a part of a period, or a currency with more decimals than the schema's.
    """
    if journal.only_new:
        raise ExportRefused(
            "SAF-T is about whole periods", field="new", mend="Leave --new out, or use csv."
        )
    return tuple(_file(part) for part in journal.by_currency())


def _file(journal: Journal) -> File:
    currency = journal.currency
    if exponent(currency) > DECIMALS:
        raise ExportRefused(
            f"SAF-T has {DECIMALS} decimals, and {currency} has {exponent(currency)}",
            field="format",
            value="saft",
            mend="Use a format without this limit, for example json.",
        )
    root = ET.Element("AuditFile", {"xmlns": NAMESPACE})
    _header(ET.SubElement(root, "Header"), journal, currency)
    accounts = ET.SubElement(ET.SubElement(root, "MasterFiles"), "GeneralLedgerAccounts")
    # Two kinds of account may share one code there; it is listed once.
    listed = {named.code: named for named in journal.named}
    for _, named in sorted(listed.items()):
        _account(ET.SubElement(accounts, "Account"), named, journal, currency)
    _ledger(ET.SubElement(root, "GeneralLedgerEntries"), journal, currency)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    name = f"{journal.stem}-saft-{currency}.xml"
    return File(name, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')


def _header(parent: ET.Element, journal: Journal, currency: str) -> None:
    _add(parent, "AuditFileVersion", "2.00")
    _add(parent, "AuditFileCountry", "ZZ")
    _add(parent, "AuditFileDateCreated", f"{journal.made_on}")
    _add(parent, "SoftwareCompanyName", "Pointbook")
    _add(parent, "SoftwareID", "Pointbook")
    _add(parent, "SoftwareVersion", journal.software, SHORT)
    _add(ET.SubElement(parent, "Company"), "Name", journal.name)
    _add(parent, "DefaultCurrencyCode", currency)
    chosen = ET.SubElement(parent, "SelectionCriteria")
    _add(chosen, "SelectionStartDate", f"{journal.first_on}")
    _add(chosen, "SelectionEndDate", f"{journal.until_on - timedelta(days=1)}")
    _add(parent, "HeaderComment", " ".join((f"{journal.title}.", *journal.marks)))
    _add(parent, "TaxAccountingBasis", "Accounting")
    _add(parent, "TaxEntity", journal.entity, MIDDLE)


def _account(parent: ET.Element, named: Named, journal: Journal, currency: str) -> None:
    _add(parent, "AccountID", named.code, MIDDLE)
    _add(parent, "AccountDescription", named.name)
    _add(parent, "AccountType", TYPES[named.kind])
    for when, balances in (("Opening", journal.opening), ("Closing", journal.closing)):
        minor = sum(one.minor for one in balances if one.named.code == named.code)
        side = "Credit" if minor < 0 else "Debit"
        _add(parent, f"{when}{side}Balance", amount(abs(minor), currency))


def _ledger(parent: ET.Element, journal: Journal, currency: str) -> None:
    total = amount(sum(entry.total for entry in journal.entries), currency)
    _add(parent, "NumberOfEntries", f"{len(journal.entries)}")
    _add(parent, "TotalDebit", total)
    _add(parent, "TotalCredit", total)
    ordered = sorted(journal.entries, key=lambda entry: entry.journal)
    for code, entries in groupby(ordered, key=lambda entry: entry.journal):
        own = ET.SubElement(parent, "Journal")
        _add(own, "JournalID", code, SHORT)
        _add(own, "Description", f"Customer loyalty, journal {code}")
        _add(own, "Type", "GL")
        for entry in entries:
            _transaction(ET.SubElement(own, "Transaction"), entry)


def _transaction(parent: ET.Element, entry: Entry) -> None:
    _add(parent, "TransactionID", entry.code, MIDDLE)
    _add(parent, "Period", f"{entry.posting_on.month}")
    _add(parent, "PeriodYear", f"{entry.posting_on.year}")
    _add(parent, "TransactionDate", f"{entry.posting_on}")
    _add(parent, "TransactionType", entry.event, SHORT)
    _add(parent, "Description", entry.description)
    _add(parent, "SystemEntryDate", f"{entry.recorded_at:%Y-%m-%d}")
    _add(parent, "GLPostingDate", f"{entry.posting_on}")
    for number, line in enumerate(entry.lines, 1):
        _line(ET.SubElement(parent, "Line"), number, line, entry)


def _line(parent: ET.Element, number: int, line: Line, entry: Entry) -> None:
    _add(parent, "RecordID", f"{number}")
    _add(parent, "AccountID", line.named.code, MIDDLE)
    _add(parent, "Description", entry.description)
    side = ET.SubElement(parent, "DebitAmount" if line.debit else "CreditAmount")
    _add(side, "Amount", amount(line.debit or line.credit, entry.currency))


def _add(parent: ET.Element, name: str, text: str, longest: int = LONG) -> None:
    ET.SubElement(parent, name).text = plain(text)[:longest]
