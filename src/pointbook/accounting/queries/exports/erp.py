"""Journal entries for NetSuite, Odoo and ERPNext as CSV.

NetSuite, one file of all currencies: the columns of
https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_1534489651.html, sizes of
https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_1534492737.html (10 digits and
2 decimals; an account by its number). Odoo, `account.move` with its lines in columns `line_ids/`,
where only an entry's first row has the entry's own fields:
https://www.odoo.com/documentation/19.0/applications/essentials/export_import_data.html. ERPNext,
Data Import of Journal Entry, columns called `Field (Accounting Entries)`:
https://docs.frappe.io/framework-git/data-import/data-import. Raises ExportRefused for amounts that
NetSuite cannot hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pointbook.accounting.queries.exports.journal import (
    Entry,
    ExportRefused,
    File,
    Journal,
    Line,
    account_name,
    amount,
    either,
)
from pointbook.accounting.queries.exports.tables import table, words
from pointbook.engine.values.money import exponent

NETSUITE: Final = (
    "External ID",
    "Date",
    "Currency",
    "Memo",
    *(f"Journal Entry -Line: {name}" for name in ("Account", "Debit", "Credit", "Memo")),
)
ODOO: Final = ("id", "ref", "date", "journal_id", "line_ids/account_id", "line_ids/name")
ODOO_HOME: Final = (*ODOO, "line_ids/debit", "line_ids/credit")
ODOO_FOREIGN: Final = (*ODOO, "line_ids/currency_id", "line_ids/amount_currency")
ERPNEXT: Final = (
    "Entry Type",
    "Company",
    "Posting Date",
    "Reference Number",
    "Reference Date",
    "User Remark",
    "Multi Currency",
    *(f"{name} (Accounting Entries)" for name in ("Account", "Debit", "Credit", "User Remark")),
)
DIGITS, DECIMALS = 10, 2
MISCELLANEOUS: Final = "MISC"  # Odoo's journal of this code: Miscellaneous Operations
UNFIT: Final = re.compile(r"[^A-Za-z0-9_]")


def netsuite(journal: Journal) -> tuple[File, ...]:
    """One row a line; rows with one external id are one entry, which is never imported twice.

    :raises ExportRefused: amounts with more decimals or digits than NetSuite takes.
    """
    for entry in journal.entries:
        largest = max((line.debit or line.credit for line in entry.lines), default=0)
        places = exponent(entry.currency)
        if places > DECIMALS or largest >= 10 ** (DIGITS + places):
            raise ExportRefused(
                f"NetSuite takes {DIGITS} digits and {DECIMALS} decimals;"
                f" {entry.code} has {amount(largest, entry.currency)} {entry.currency}",
                field="format",
                value="netsuite",
                mend="Use a format without this limit, for example csv.",
            )
    rows = (row for entry in journal.entries for row in _netsuite(entry, journal))
    return (File(f"{journal.stem}-netsuite.csv", table(NETSUITE, rows)),)


def _netsuite(entry: Entry, journal: Journal) -> Iterator[tuple[str, ...]]:
    for line in entry.lines:
        yield (
            _external(entry, journal),
            f"{entry.posting_on:%m/%d/%Y}",
            entry.currency,
            words(f"{entry.description}{journal.tag}"),
            words(line.named.code),
            *either(line, entry.currency),
            words(f"{entry.event}, {entry.program}"),
        )


def odoo(journal: Journal) -> tuple[File, ...]:
    """One file for each currency; another than the books' is left for Odoo to translate."""
    return tuple(
        File(
            f"{part.stem}-odoo-{part.currency}.csv",
            table(
                ODOO_HOME if part.currency == part.home else ODOO_FOREIGN,
                (row for entry in part.entries for row in _odoo(entry, part)),
            ),
        )
        for part in journal.by_currency()
    )


def _odoo(entry: Entry, journal: Journal) -> Iterator[tuple[str, ...]]:
    own = (
        _external(entry, journal),
        words(f"{entry.code}{journal.tag}"),
        f"{entry.posting_on}",
        MISCELLANEOUS,
    )
    for index, line in enumerate(entry.lines):
        yield (
            *(own if not index else ("",) * len(own)),
            words(line.named.code),
            words(entry.description),
            *_odoo_figures(line, entry.currency, journal.home),
        )


def _odoo_figures(line: Line, currency: str, home: str) -> tuple[str, str]:
    return either(line, currency) if currency == home else (currency, amount(line.minor, currency))


def erpnext(journal: Journal) -> tuple[File, ...]:
    """One file for each currency; the accounts are called as there: `2150 - Points - ABC`."""
    return tuple(
        File(
            f"{part.stem}-erpnext-{part.currency}.csv",
            table(ERPNEXT, (row for entry in part.entries for row in _erpnext(entry, part))),
        )
        for part in journal.by_currency()
    )


def _erpnext(entry: Entry, journal: Journal) -> Iterator[tuple[str, ...]]:
    own = (
        "Journal Entry",
        words(journal.name),
        f"{entry.posting_on}",
        words(entry.code),
        f"{entry.posting_on}",
        words(f"{entry.description}{journal.tag}"),
        "0" if entry.currency == journal.home else "1",
    )
    for index, line in enumerate(entry.lines):
        yield (
            *(own if not index else ("",) * len(own)),
            words(account_name(line.named)),
            *either(line, entry.currency),
            words(f"{entry.event}, {entry.program}"),
        )


def _external(entry: Entry, journal: Journal) -> str:
    """The entry's identity there: the same in every export, so that none is booked twice."""
    return UNFIT.sub("_", f"pointbook_{journal.entity}_{entry.code}")
