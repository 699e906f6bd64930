"""QuickBooks: journal entries as CSV for Online, as IIF for Desktop; one file for each currency.

Online: the columns of
https://quickbooks.intuit.com/learn-support/en-au/help-article/import-export-files/import-journal-entries-quickbooks-online/L4tQBwbs7_AU_en_AU
(accounts by name, a sub-account as Parent:Sub; account numbers are turned off for the import), and
the currency for companies that have several. Desktop: keywords, columns and dates of
http://support.quickbooks.intuit.com/support/Pages/InProductHelp/Core/QB2K8/ContentPackage/Core/IIF/iif_reference_transactions.html
(a debit is positive; the amounts of TRNS and its SPL add up to 0). Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pointbook.accounting.queries.exports.journal import (
    Entry,
    File,
    Journal,
    account_name,
    amount,
    either,
    plain,
)
from pointbook.accounting.queries.exports.tables import table, words

ONLINE: Final = (
    "Journal No.",
    "Journal Date",
    "Account Name",
    "Debits",
    "Credits",
    "Description",
    "Currency",
)
DESKTOP: Final = ("TRNSTYPE", "DATE", "ACCNT", "AMOUNT", "DOCNUM", "MEMO")


def quickbooks(journal: Journal) -> tuple[File, ...]:
    """CSV for QuickBooks Online; rows with one journal number are one entry."""
    return tuple(
        File(
            f"{part.stem}-quickbooks-{part.currency}.csv",
            table(ONLINE, (row for entry in part.entries for row in _rows(entry, part.tag))),
        )
        for part in journal.by_currency()
    )


def _rows(entry: Entry, tag: str) -> Iterator[tuple[str, ...]]:
    for line in entry.lines:
        yield (
            words(entry.code),
            f"{entry.posting_on:%m/%d/%Y}",
            words(account_name(line.named)),
            *either(line, entry.currency),
            words(f"{entry.description}{tag}"),
            entry.currency,
        )


def iif(journal: Journal) -> tuple[File, ...]:
    """IIF for QuickBooks Desktop, in its code page; the accounts must exist there."""
    return tuple(
        File(f"{part.stem}-{part.currency}.iif", _iif(part), encoding="cp1252")
        for part in journal.by_currency()
    )


def _iif(journal: Journal) -> str:
    heads = (("!TRNS", *DESKTOP), ("!SPL", *DESKTOP), ("!ENDTRNS",))
    rows = (*heads, *(row for entry in journal.entries for row in _block(entry, journal.tag)))
    return "".join("\t".join(row) + "\r\n" for row in rows)


def _block(entry: Entry, tag: str) -> Iterator[tuple[str, ...]]:
    # A number there has at most 11 characters; the whole one stands in the memo.
    number = f"{entry.journal}{entry.year}-{entry.number:04d}"
    for index, line in enumerate(entry.lines):
        yield (
            "SPL" if index else "TRNS",
            "GENERAL JOURNAL",
            f"{entry.posting_on:%m/%d/%Y}",
            _cell(account_name(line.named)),
            amount(line.minor, entry.currency),
            number,
            _cell(f"{entry.code} {entry.description}{tag}"),
        )
    yield ("ENDTRNS",)


def _cell(text: str) -> str:
    """One field: no tab or line end, and no quotation mark, which would join fields."""
    return plain(text).replace('"', "'")
