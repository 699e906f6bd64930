"""Xero: manual journals as CSV, at most 300 lines a file.

The columns, dates (dd/mm/yyyy) and the limit of https://help.xero.com/nz/ManualJournalsImport: rows
with one narration and date are one journal; a debit is positive. Manual journals are in the
organisation's own currency, so each currency has its own files. The tax rate is called as in the
organisation's settings: `Tax Exempt` here, to be replaced where it has another name. Raises
ExportRefused for an entry that is longer than a file may be.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pointbook.accounting.queries.exports.journal import (
    Entry,
    ExportRefused,
    File,
    Journal,
    amount,
)
from pointbook.accounting.queries.exports.tables import table, words

HEADER: Final = ("*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount")
MOST: Final = 300
TAX: Final = "Tax Exempt"


def xero(journal: Journal) -> tuple[File, ...]:
    """Manual journals, split between entries and never inside one.

    :raises ExportRefused: an entry of more than 300 lines.
    """
    return tuple(
        File(
            f"{part.stem}-xero-{part.currency}-{number:02d}.csv",
            table(HEADER, (row for entry in entries for row in _rows(entry, part.tag))),
        )
        for part in journal.by_currency()
        for number, entries in enumerate(_packed(part.entries), 1)
    )


def _packed(entries: tuple[Entry, ...]) -> list[list[Entry]]:
    packs: list[list[Entry]] = [[]]
    room = MOST
    for entry in entries:
        if len(entry.lines) > MOST:
            raise ExportRefused(
                f"{entry.code} has {len(entry.lines)} lines, and Xero takes {MOST} in a file",
                field="format",
                value="xero",
                mend="Enter it in two journals there, or use another format.",
            )
        if len(entry.lines) > room:
            packs.append([])
            room = MOST
        packs[-1].append(entry)
        room -= len(entry.lines)
    return packs


def _rows(entry: Entry, tag: str) -> Iterator[tuple[str, ...]]:
    for line in entry.lines:
        yield (
            words(f"{entry.code} {entry.description}{tag}"),
            f"{entry.posting_on:%d/%m/%Y}",
            words(f"{entry.event}, {entry.program}"),
            words(line.named.code),
            TAX,
            amount(line.minor, entry.currency),
        )
