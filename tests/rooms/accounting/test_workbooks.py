"""The close pack as a workbook: read back, its formulas recomputed, its figures the database's."""

import io
import re
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from pointbook.accounting.queries.reports import Asked, Column, Kind, Row, Table
from pointbook.accounting.queries.reports.pack import ORDER, about, pack
from pointbook.accounting.queries.reports.workbooks import workbook
from tests.rooms.accounting.test_reports import told

ASKED = Asked(start="2017-02", end="2017-02")
__all__ = ("told",)


@pytest.fixture
def file(told):
    return workbook(pack(ASKED), about=about(ASKED))


def figure(sheet, cell):
    """What a cell comes to: a number, or its formula worked out."""
    value = sheet[cell].value
    if value is None:
        return Decimal(0)
    if not str(value).startswith("="):
        return Decimal(str(value))
    return sum((term(sheet, *one) for one in TERM.findall(value[1:])), Decimal(0))


TERM = re.compile(r"([+-]?)(SUM\([^)]*\)|[A-Z]+\d+)")


def term(sheet, sign, what):
    cells = [what]
    if what.startswith("SUM"):
        spans = [one.split(":") for one in what[4:-1].split(",")]
        cells = [cell.coordinate for first, last in spans for (cell,) in sheet[f"{first}:{last}"]]
    return (-1 if sign == "-" else 1) * sum((figure(sheet, one) for one in cells), Decimal(0))


def holds(sheet, formula):
    """Whether a check says TRUE: every ROUND(left - right) of it comes to 0."""
    parts = re.findall(r"ROUND\(([A-Z]+\d+)-(?:\((-?[\d.]+)\)|([A-Z]+\d+)),(\d)\)=0", formula)
    assert parts
    return all(
        round(figure(sheet, cell) - (figure(sheet, other) if other else Decimal(number)), int(to))
        == 0
        for cell, number, other, to in parts
    )


def test_a_pack_is_the_same_bytes_again(file):
    assert workbook(pack(ASKED), about=about(ASKED)) == file


def test_every_sheet_foots_to_what_the_books_say(file):
    book = load_workbook(io.BytesIO(file))
    shown = load_workbook(io.BytesIO(file), data_only=True)
    assert book.sheetnames == ["index", "parameters", *ORDER]
    checks = 0
    for table in pack(ASKED):
        sheet, values = book[table.name], shown[table.name]
        assert [cell.value for cell in sheet[3]][: len(table.columns)] == [
            one.head for one in table.columns
        ]
        assert sheet.freeze_panes == "B4"
        assert sheet.page_setup.orientation == "landscape"
        for number, row in enumerate((*table.rows, *table.totals), 4):
            for place, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True), 1):
                at = sheet.cell(number, place)
                if column.kind is Kind.MONEY and isinstance(cell, Decimal):
                    assert figure(sheet, at.coordinate) == cell
                    assert Decimal(str(values.cell(number, place).value or 0)) == cell
            told = sheet.cell(number, len(table.columns) + 1).value
            if told:
                checks += 1
                assert holds(sheet, told)
                assert values.cell(number, len(table.columns) + 1).value is True
    assert checks > 20


def test_the_index_tells_rows_and_digests(file):
    sheet = load_workbook(io.BytesIO(file))["index"]
    told = {row[0].value: (row[2].value, row[3].value) for row in sheet.iter_rows(min_row=4)}
    for table in pack(ASKED):
        assert told[table.name] == (len(table.rows), table.sha256)


def test_what_is_changed_by_hand_shows(file):
    sheet = load_workbook(io.BytesIO(file))["trial-balance"]
    place = next(cell for cell in sheet[4] if cell.value and str(cell.value).startswith("=AND"))
    sheet["F4"].value = 1_000_000
    assert not holds(sheet, place.value)


def test_text_never_becomes_a_formula():
    evil = ("=1+1", "@SUM(A1)", "+1", "-1", "http://example.com", "{=A1}")
    table = Table(
        name="evil",
        title="=cmd()",
        columns=(Column("text"), Column("why")),
        rows=tuple(Row((one, "plain")) for one in evil),
    )
    sheet = load_workbook(io.BytesIO(workbook([table])))["evil"]
    assert [sheet.cell(row, 1).value for row in range(4, 10)] == list(evil)
    assert {sheet.cell(row, 1).data_type for row in (1, *range(4, 10))} == {"s"}
