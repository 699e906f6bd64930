"""Every kind's files: as agreed (golden), whole, balanced, and safe to open in a spreadsheet."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from pointbook.accounting.queries.exports.formats import EXPORTERS, exporter
from pointbook.accounting.queries.exports.journal import ExportRefused
from pointbook.accounting.queries.exports.saft import NAMESPACE
from tests.rooms.accounting.journals import ENTRIES, NASTY, again, entry, journal

ROWS = ("quickbooks", "xero", "netsuite", "odoo", "erpnext", "csv")
# Where the figures and the entry's number of a row stand: debit and credit, or one signed amount.
FIGURES = {
    "quickbooks": ("Journal No.", "Debits", "Credits"),
    "xero": ("*Narration", "*Amount"),
    "netsuite": ("External ID", "Journal Entry -Line: Debit", "Journal Entry -Line: Credit"),
    "odoo": ("id", "line_ids/debit", "line_ids/credit"),
    "erpnext": (
        "Reference Number",
        "Debit (Accounting Entries)",
        "Credit (Accounting Entries)",
    ),
    "csv": ("entry", "debit", "credit"),
}
DINARS = entry(1, "Dinars", ("4000", 1_234), ("2100", -1_234), currency="KWD")
XML = f"{{{NAMESPACE}}}"


def read(file):
    return list(csv.DictReader(io.StringIO(file.text, newline="")))


@pytest.mark.parametrize("kind", EXPORTERS)
def test_files_are_as_agreed(kind, golden):
    for made in (journal(), again(entries=ENTRIES[:2], opening=())):
        for file in exporter(kind)(made):
            golden(file.name, file.text.replace("\r\n", "\n"))


@pytest.mark.parametrize("kind", EXPORTERS)
def test_names_are_different_and_the_same_input_gives_the_same_files(kind):
    files = exporter(kind)(journal())
    assert len({file.name for file in files}) == len(files)
    assert all(file.name.startswith("main-2026-01-v1") for file in files)
    assert exporter(kind)(journal()) == files


def sums(file, number, *figures):
    """What each entry of a file adds up to, and how many rows it has."""
    found, rows, last = Counter(), Counter(), ""
    for row in read(file):
        last = row[number] or last
        signed = [Decimal(row.get(name) or 0) for name in figures]
        found[last] += signed[0] - sum(signed[1:])
        rows[last] += 1
        assert min(signed) >= 0 or len(signed) == 1
    return found, rows


@pytest.mark.parametrize("kind", ROWS)
def test_every_entry_balances_and_none_is_missing(kind):
    rows = Counter()
    for file in exporter(kind)(journal()):
        figures = FIGURES[kind]
        if kind == "odoo" and "JPY" in file.name:
            figures = ("id", "line_ids/amount_currency")
        found, own = sums(file, *figures)
        assert set(found.values()) == {0}
        rows += own
    assert sorted(rows.values()) == sorted(len(one.lines) for one in ENTRIES)


@pytest.mark.parametrize("kind", ROWS)
def test_rows_end_as_rfc_4180_has_it_and_nothing_is_a_formula(kind):
    for file in exporter(kind)(journal()):
        assert file.text.count("\r\n") == file.text.count("\n")
        for row in csv.reader(io.StringIO(file.text, newline="")):
            for cell in row:
                assert not cell.startswith(("=", "+", "@", "\t", "\r"))
                assert not cell.startswith("-") or Decimal(cell) < 0
                assert cell.isprintable()


def test_text_survives_except_for_line_ends():
    rows = read(exporter("csv")(journal())[0])
    told = {row["description"] for row in rows}
    assert "'" + " ".join(NASTY.split()) in told
    body = json.loads(exporter("json")(journal())[0].text)
    assert body["entries"][2]["description"] == NASTY


def test_json_and_csv_hold_every_line():
    made = again()
    body = json.loads(exporter("json")(made)[0].text)
    rows = read(exporter("csv")(made)[0])
    lines = [(one["number"], line) for one in body["entries"] for line in one["lines"]]
    assert len(rows) == len(lines) == sum(len(one.lines) for one in ENTRIES)
    for row, (number, line) in zip(rows, lines, strict=True):
        assert (row["entry"], row["account"], row["code"]) == (
            number,
            line["account"],
            line["code"],
        )
        assert Decimal(row["debit"] or 0) == Decimal(line["debit"])
    assert (body["again"], body["period"]["version"], rows[0]["again"]) == (True, 2, "yes")
    assert body["entries"][3]["reverses"] == "J-2026-01-0003"
    assert {row["other"] for row in rows} == {"", "shop-ca"}
    assert rows[-1]["debit"] == "", "a credit"
    assert rows[-2]["debit"] == "98765", "yen have no decimals"
    (dinars,) = exporter("csv")(journal(entries=(DINARS,)))
    assert read(dinars)[0]["debit"] == "1.234"


def test_saft_totals_and_balances():
    yen, dollars = (ET.fromstring(file.text) for file in exporter("saft")(journal()))
    for root, currency in ((dollars, "USD"), (yen, "JPY")):
        own = [one for one in ENTRIES if one.currency == currency]
        ledger = root.find(f"{XML}GeneralLedgerEntries")
        lines = ledger.findall(f".//{XML}Line")
        debit = sum(Decimal(one.text) for one in ledger.findall(f".//{XML}DebitAmount/{XML}Amount"))
        credit = sum(
            Decimal(one.text) for one in ledger.findall(f".//{XML}CreditAmount/{XML}Amount")
        )
        told = [ledger.find(f"{XML}{n}").text for n in ("TotalDebit", "TotalCredit")]
        assert [Decimal(one) for one in told] == [debit, credit]
        assert debit == credit
        assert ledger.find(f"{XML}NumberOfEntries").text == str(len(own))
        assert len(ledger.findall(f".//{XML}Transaction")) == len(own)
        assert len(lines) == sum(len(one.lines) for one in own)
        known = [one.text for one in root.findall(f".//{XML}Account/{XML}AccountID")]
        assert len(set(known)) == len(known)
        assert {one.find(f"{XML}AccountID").text for one in lines} <= set(known)
        assert root.find(f"{XML}Header/{XML}DefaultCurrencyCode").text == currency
        for when in ("Opening", "Closing"):
            sides = [
                sum(Decimal(one.text) for one in root.findall(f".//{XML}{when}{side}Balance"))
                for side in ("Debit", "Credit")
            ]
            assert sides[0] == sides[1]
    assert dollars.find(f".//{XML}Company/{XML}Name").text == 'Müller & "Sons" <GmbH>'
    longest = max(len(one.text or "") for one in dollars.iter())
    assert longest <= 256


def test_saft_lists_a_code_once():
    """Receivables and payables of another entity on one account."""
    made = journal(entries=(entry(1, "x", ("1190", 5), ("2190", -5)),), opening=())
    lines = tuple(
        replace(line, named=replace(line.named, code="1300", name="Group", own=True))
        for line in made.entries[0].lines
    )
    (file,) = exporter("saft")(replace(made, entries=(replace(made.entries[0], lines=lines),)))
    assert file.text.count("<AccountID>1300</AccountID>") == 2 + 1


def test_saft_is_about_whole_periods():
    with pytest.raises(ExportRefused, match="SAF-T is about whole periods"):
        exporter("saft")(again(only_new=True, opening=(), closing=()))


def test_iif_blocks():
    yen, dollars = exporter("iif")(journal())
    assert yen.name == "main-2026-01-v1-JPY.iif"
    assert dollars.data.decode("cp1252") == dollars.text
    rows = [line.split("\t") for line in dollars.text.split("\r\n")[:-1]]
    assert [row[0] for row in rows[:3]] == ["!TRNS", "!SPL", "!ENDTRNS"]
    assert rows[0][1:] == rows[1][1:]
    blocks, block = [], []
    for row in rows[3:]:
        if row == ["ENDTRNS"]:
            blocks.append(block)
            block = []
        else:
            assert len(row) == len(rows[0])
            block.append(dict(zip(rows[0], row, strict=True)))
    assert not block
    assert len(blocks) == len(ENTRIES) - 1
    for one in blocks:
        assert [row["!TRNS"] for row in one] == ["TRNS", *["SPL"] * (len(one) - 1)]
        assert sum(Decimal(row["AMOUNT"]) for row in one) == 0
        assert len({row["DOCNUM"] for row in one}) == 1
        assert len(one[0]["DOCNUM"]) <= 11
    assert '"' not in dollars.text
    (cafe,) = (row for row in yen.text.splitlines() if row.startswith("SPL"))
    assert "Points of the café" in cafe


def test_xero_splits_between_entries():
    many = [("2100", 1)] * 148 + [("4010", -148)]
    entries = tuple(entry(n, "Points redeemed", *many) for n in range(1, 6))
    files = exporter("xero")(journal(entries=entries, opening=()))
    assert [len(read(file)) for file in files] == [298, 298, 149]
    assert [file.name[-6:] for file in files] == ["01.csv", "02.csv", "03.csv"]
    narrations = [{row["*Narration"] for row in read(file)} for file in files]
    assert sum(len(one) for one in narrations) == len(set().union(*narrations)) == 5
    exact = tuple(entry(n, "x", ("2100", 2), ("4010", -1), ("4030", -1)) for n in range(1, 102))
    sizes = [len(read(one)) for one in exporter("xero")(journal(entries=exact, opening=()))]
    assert sizes == [300, 3]
    long = entry(1, "x", *[("2100", 1)] * 300, ("4010", -300))
    with pytest.raises(ExportRefused, match="has 301 lines, and Xero takes 300 in a file"):
        exporter("xero")(journal(entries=(long,)))


@pytest.mark.parametrize("kind", ["saft", "netsuite"])
def test_three_decimals_where_there_are_two(kind):
    with pytest.raises(ExportRefused, match="decimals"):
        exporter(kind)(journal(entries=(DINARS,), opening=()))


def test_netsuite_takes_ten_digits():
    fits, not_ = 10**12 - 1, 10**12
    assert exporter("netsuite")(journal(entries=(entry(1, "x", ("2100", fits), ("4010", -fits)),)))
    with pytest.raises(ExportRefused, match=r"J-2026-01-0001 has 10000000000\.00 USD"):
        exporter("netsuite")(journal(entries=(entry(1, "x", ("2100", not_), ("4010", -not_)),)))


@pytest.mark.parametrize("kind", ["quickbooks", "xero", "netsuite", "odoo", "erpnext", "iif"])
def test_what_is_exported_again_says_so_in_its_descriptions(kind):
    for file in exporter(kind)(again()):
        assert "[reopened, version 2, again]" in file.text
    for file in exporter(kind)(journal()):
        assert "again" not in file.text
    for file in exporter(kind)(journal(status="soft_closed")):
        assert "[soft-closed]" in file.text


@pytest.mark.parametrize("kind", EXPORTERS)
def test_a_month_without_entries(kind):
    files = exporter(kind)(journal(entries=(), opening=(), closing=()))
    assert len(files) == 1
