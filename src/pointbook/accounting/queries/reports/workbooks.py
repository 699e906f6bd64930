"""Reports as one workbook: an index, what it was made of, and a sheet each with formulas that foot.

The bytes depend on the tables alone. Text is written as text and never becomes a formula. Raises
nothing of its own.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from pointbook.accounting.queries.reports.formulas import check, checked, closing, opening, totals
from pointbook.accounting.queries.reports.tables import (
    FIGURES,
    Cell,
    Column,
    Kind,
    Row,
    Table,
    as_text,
)

CREATED: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook's own dates know no zone
HEAD: Final = 2  # the row of the column names, from 0: the title and a blank row stand above
LONGEST: Final = 31  # characters of a sheet's name
WIDEST: Final = 60
FOOTS: Final = "foots"


class Book:
    """A workbook in the making: its sheets, and one format for each way to show a figure."""

    def __init__(self) -> None:
        self._file = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": True,
        }
        self._book = xlsxwriter.Workbook(self._file, options)
        self._book.set_properties({"title": "Close pack", "created": CREATED})
        self._formats: dict[tuple[str, bool], Format] = {}

    def sheet(self, name: str) -> Worksheet:
        """A new sheet, printed landscape on pages of one width."""
        sheet: Worksheet = self._book.add_worksheet(name[:LONGEST])
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&RPage &P of &N")
        return sheet

    def format(self, pattern: str = "", *, bold: bool = False) -> Format:
        """The format of a pattern; '' is text."""
        key = (pattern, bold)
        if key not in self._formats:
            told = {"bold": bold, **({"num_format": pattern} if pattern else {"num_format": "@"})}
            self._formats[key] = self._book.add_format(told)
        return self._formats[key]

    def bytes(self) -> bytes:
        """The file."""
        self._book.close()
        return self._file.getvalue()


def workbook(tables: Sequence[Table], *, about: Table | None = None) -> bytes:
    """An XLSX file of reports; `about` is the sheet of parameters.

    With several tables, or `about`, an index with row counts and digests comes first.
    """
    book = Book()
    every = (*([about] if about else []), *tables)
    if len(every) > 1:
        _index(book, every)
    for table in every:
        _table(book, table)
    return book.bytes()


def _index(book: Book, tables: Sequence[Table]) -> None:
    sheet = book.sheet("index")
    sheet.write_string(0, 0, "Index", book.format(bold=True))
    heads = ("sheet", "title", "rows", "sha256", FOOTS)
    for place, head in enumerate(heads):
        sheet.write_string(HEAD, place, head, book.format(bold=True))
    for number, table in enumerate(tables, HEAD + 1):
        name = table.name[:LONGEST]
        sheet.write_url(number, 0, f"internal:'{name}'!A1", string=name)
        sheet.write_string(number, 1, table.title, book.format())
        sheet.write_number(number, 2, len(table.rows), book.format("#,##0"))
        sheet.write_string(number, 3, table.sha256, book.format())
        if checked(table):
            place = xl_col_to_name(len(table.columns))
            last = _end(table)
            told = f"=AND('{name}'!{place}{HEAD + 2}:{place}{last})"
            sheet.write_formula(number, 4, told, book.format("General"), value=True)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, WIDEST)
    sheet.set_column(3, 3, 68)
    sheet.freeze_panes(HEAD + 1, 1)


def _end(table: Table) -> int:
    """The last row of a sheet with figures, counted from 1."""
    return HEAD + 1 + len(table.rows) + len(table.totals)


def _table(book: Book, table: Table) -> None:
    sheet = book.sheet(table.name)
    sheet.write_string(0, 0, table.title, book.format(bold=True))
    for place, column in enumerate(table.columns):
        sheet.write_string(HEAD, place, column.head, book.format(bold=True))
    first = HEAD + 1
    for number, row in enumerate(table.rows):
        _row(book, sheet, table, row, first + number)
        for place in _results(table):
            told = closing(table, row=first + number)
            _formula(book, sheet, (first + number, place), told, table.columns[place], row)
        _check(book, sheet, table, row, at=first + number)
    for at, place, told in opening(table, first=first):
        _formula(book, sheet, (at, place), told, table.columns[place], table.rows[at - first])
    for number, total in enumerate(table.totals):
        _total(book, sheet, table, total, number)
    if checked(table):
        sheet.write_string(HEAD, len(table.columns), FOOTS, book.format(bold=True))
    under = _end(table) + 1
    for number, note in enumerate(_below(table)):
        sheet.write_string(under + number, 0, note, book.format())
    _looks(sheet, table)


def _results(table: Table) -> list[int]:
    return [place for place, column in enumerate(table.columns) if column.result]


def _below(table: Table) -> Iterable[str]:
    yield from table.notes
    yield from (f"{one.name}: {one.value}" for one in table.parameters if one.value)
    yield f"{len(table.rows)} rows, sha256 {table.sha256}"


def _total(book: Book, sheet: Worksheet, table: Table, total: Row, number: int) -> None:
    at = HEAD + 1 + len(table.rows) + number
    named = Row(("Total" if not total.cells[0] else total.cells[0], *total.cells[1:]))
    _row(book, sheet, table, named, at, bold=True)
    for place, told in totals(table, number=number, first=HEAD + 1):
        _formula(book, sheet, (at, place), told, table.columns[place], total, bold=True)
    _check(book, sheet, table, total, at=at, total=True)


def _check(
    book: Book, sheet: Worksheet, table: Table, row: Row, *, at: int, total: bool = False
) -> None:
    """A cell beside the row that says TRUE while it comes to what the books say."""
    told = check(table, row, at=at, total=total)
    if told:
        sheet.write_formula(at, len(table.columns), told, book.format("General"), value=True)


def _formula(
    book: Book,
    sheet: Worksheet,
    at: tuple[int, int],
    told: str,
    column: Column,
    row: Row,
    *,
    bold: bool = False,
) -> None:
    value = row.cells[at[1]]
    shown = book.format(_pattern(column, value), bold=bold)
    sheet.write_formula(*at, told, shown, value=as_text(value))


def _row(
    book: Book, sheet: Worksheet, table: Table, row: Row, at: int, *, bold: bool = False
) -> None:
    for place, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True)):
        shown = book.format(_pattern(column, cell), bold=bold)
        if cell is None or cell == "":
            continue
        if isinstance(cell, int | Decimal):
            sheet.write_number(at, place, cell, shown)
        elif isinstance(cell, date):
            sheet.write_datetime(at, place, datetime(cell.year, cell.month, cell.day), shown)  # noqa: DTZ001
        else:
            sheet.write_string(at, place, cell, shown)


def _pattern(column: Column, cell: Cell) -> str:
    """How a figure is shown: as many decimals as its currency or unit has."""
    if column.kind is Kind.DATE:
        return "yyyy-mm-dd"
    if column.kind not in FIGURES:
        return ""
    if column.kind is Kind.RATE:
        return "0.0000####"
    exponent = cell.as_tuple().exponent if isinstance(cell, Decimal) else 0
    places = -exponent if isinstance(exponent, int) else 0
    shown = "#,##0" + ("." + "0" * places if places > 0 else "")
    return f"{shown};-{shown}"


def _looks(sheet: Worksheet, table: Table) -> None:
    sheet.freeze_panes(HEAD + 1, 1)
    sheet.repeat_rows(HEAD)
    for place, column in enumerate(table.columns):
        longest = max((len(as_text(row.cells[place])) for row in table.rows), default=0)
        sheet.set_column(place, place, min(max(longest * 1.2 + 2, len(column.head) + 2), WIDEST))
