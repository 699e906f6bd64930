"""The formulas of a sheet: closings, totals, and the cells that check them. Nothing here raises.

Rows and columns count from 0, as the sheet is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from xlsxwriter.utility import xl_rowcol_to_cell

from pointbook.accounting.queries.reports.tables import Foots, Row, Span, Table, as_text, spans

MOST: Final = 200  # arguments of one SUM; programs take no more than 255


def closing(table: Table, *, row: int) -> str:
    """What a row comes to: its parts, added or taken off."""
    parts = [
        ("+" if column.adds > 0 else "-") + xl_rowcol_to_cell(row, place)
        for place, column in enumerate(table.columns)
        if column.adds
    ]
    return "=" + "".join(parts).removeprefix("+")


def checked(table: Table) -> bool:
    """Whether the rows or totals of a sheet say that they foot."""
    return bool(table.rows) and bool(_results(table) or _sides(table))


def check(table: Table, row: Row, *, at: int, total: bool) -> str:
    """TRUE while a row comes to what the books say, and debits of a total to its credits.

    '' for a row that has nothing to come to.
    """
    places = max(column.decimals for column in table.columns)
    told = [
        f"ROUND({xl_rowcol_to_cell(at, place)}-({as_text(row.cells[place])}),{places})=0"
        for place in _results(table)
    ]
    if total and (sides := _sides(table)):
        debit, credit = (xl_rowcol_to_cell(at, place) for place in sides)
        told.append(f"ROUND({debit}-{credit},{places})=0")
    return f"=AND({','.join(told)})" if told else ""


def opening(table: Table, *, first: int) -> Iterator[tuple[int, int, str]]:
    """Where rows open with what the one before closed with: row, column and formula."""
    if not table.chained:
        return
    opens = next(place for place, one in enumerate(table.columns) if one.foots is Foots.FIRST)
    closes = next(place for place, one in enumerate(table.columns) if one.foots is Foots.LAST)
    for span in spans(table, table.groups):
        for before, row in pairwise(span.rows):
            yield first + row, opens, "=" + xl_rowcol_to_cell(first + before, closes)


def _results(table: Table) -> list[int]:
    return [place for place, column in enumerate(table.columns) if column.result]


def _sides(table: Table) -> tuple[int, ...]:
    names = [column.name for column in table.columns]
    if "debit" in names and "credit" in names:
        return names.index("debit"), names.index("credit")
    return ()


def totals(table: Table, *, number: int, first: int) -> Iterator[tuple[int, str]]:
    """The formulas of a total by column; `first` is the row where the table's rows begin."""
    own = spans(table, table.groups)
    if number < len(own):
        for place, column in enumerate(table.columns):
            if column.foots:
                yield place, "=" + _of_span(own[number], column.foots, first=first, place=place)
        return
    for place, column in enumerate(table.columns):
        if column.foots:
            yield place, _sum(_inner(table, number - len(own), first), place)


def _of_span(span: Span, foots: Foots, *, first: int, place: int) -> str:
    if foots is Foots.SUM:
        return _sum([first + row for row in span.rows], place).removeprefix("=")
    row = span.rows[0] if foots is Foots.FIRST else span.rows[-1]
    return str(xl_rowcol_to_cell(first + row, place))


def _inner(table: Table, number: int, first: int) -> list[int]:
    """The rows of the totals that a total across groups adds up."""
    own = spans(table, table.groups)
    wide = [
        [place for place, part in enumerate(own) if set(part.rows) <= set(span.rows)]
        for span in spans(table, table.grand)
    ]
    shown = [inner for inner in wide if len(inner) > 1][number]
    return [first + len(table.rows) + place for place in shown]


def _sum(rows: Sequence[int], place: int) -> str:
    """The sum of some cells of a column; neighbours are one range."""
    ranges: list[list[int]] = []
    for row in rows:
        if ranges and ranges[-1][1] == row - 1:
            ranges[-1][1] = row
        else:
            ranges.append([row, row])
    told = [
        f"{xl_rowcol_to_cell(one, place)}:{xl_rowcol_to_cell(last, place)}" for one, last in ranges
    ]
    parts = [told[start : start + MOST] for start in range(0, len(told), MOST)]
    return "=" + "+".join(f"SUM({','.join(part)})" for part in parts)
