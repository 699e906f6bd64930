"""Closed periods handed over under an entity's own names: judged, marked and written down."""

import hashlib
import json
import subprocess
from datetime import date
from types import SimpleNamespace

import pytest

from pointbook.accounting.models import Close, Exported, JournalEntry, JournalLine, Period
from pointbook.accounting.operations.exporting import digest_of, export_journal
from pointbook.accounting.operations.naming import (
    NameRefused,
    approve_names,
    body_of,
    name_accounts,
)
from pointbook.accounting.queries.exports import xero
from pointbook.accounting.queries.exports.formats import EXPORTERS, LABELS, FormatUnknown
from pointbook.accounting.queries.exports.journal import ExportRefused, File
from pointbook.accounting.queries.exports.record import exports
from pointbook.accounting.queries.names import NameRow, account_names
from pointbook.controls.actors import Actor
from pointbook.controls.clock import now
from pointbook.controls.models import AuditRow
from pointbook.controls.permissions import PermissionRefused
from pointbook.engine.revenue.accounts import CHART
from pointbook.programs.models import Entity
from tests.rooms.accounting.conftest import ANA
from tests.rooms.accounting.test_exports_judged import JUDGES

ART = Actor("user", "art", "auditor")


@pytest.fixture
def closed(shop):
    shop.estimate("0.8", "2017-01")
    shop.happened(
        shop.buy("2017-01-10", 100_000, key="a"),
        shop.burn("2017-01-31", 40),
        shop.buy("2017-02-05", 77_777),
        shop.give_back("2017-02-06", "a", 33_333),
        shop.burn("2017-02-10", 77),
    )
    shop.close("2017-01")
    shop.estimate("0.7", "2017-02")
    shop.close("2017-02")
    return shop


def handed(kind="json", period="2017-02", actor=ANA, **more):
    return export_journal(period=period, format=kind, actor=actor, **more)


def body(**more):
    return json.loads(handed(**more).files[0].text)


@pytest.mark.parametrize("period", ["2017-01", "2017-02"])
def test_the_real_tools_accept_a_close(closed, tmp_path, period):
    for kind, judge in JUDGES.items():
        (file,) = handed(kind, period).files
        path = tmp_path / file.name
        path.write_bytes(file.data)
        done = subprocess.run([*judge, path], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"J-{period}-" in file.text


def test_every_format_holds_a_close(closed):
    count = JournalEntry.objects.filter(period__code="2017-02").count()
    assert list(LABELS) == list(EXPORTERS)
    for kind in EXPORTERS:
        done = handed(kind)
        assert done.entries == count >= 3
        assert all(file.text for file in done.files)


def test_opening_is_the_closing_of_the_month_before(closed):
    first, second = (body(period=period) for period in ("2017-01", "2017-02"))
    assert first["opening"] == []
    assert second["opening"] == first["closing"]
    assert sum(float(one["balance"]) for one in second["closing"]) == pytest.approx(0)


def test_what_cannot_be_exported(closed):
    with pytest.raises(ExportRefused, match="2017-03 is not closed"):
        handed(period="2017-03")
    with pytest.raises(FormatUnknown, match="Use one of: beancount, hledger, ledger, saft"):
        handed("lotus")
    with pytest.raises(PermissionRefused, match=r"tom \(agent\) may not do journal.export"):
        handed(actor=Actor("user", "tom", "agent"))
    assert not Exported.objects.exists()


def test_who_has_room_for_one_file_is_told_of_more(closed, monkeypatch):
    monkeypatch.setattr(xero, "MOST", 3)
    with pytest.raises(ExportRefused, match=r"2017-02 is \d files as xero. Name a folder"):
        handed("xero", one_file=True)
    assert not Exported.objects.exists()


def test_an_export_is_written_down(closed):
    done = handed("xero", actor=ART)
    row = Exported.objects.get()
    assert (row.entity.code, row.period.code, row.version) == ("main", "2017-02", 1)
    assert (row.format, row.entries, row.again) == ("xero", done.entries, False)
    assert row.exported_by == "art"
    assert bytes(row.digest) == hashlib.sha256(done.files[0].data).digest()
    audit = AuditRow.objects.get(action="journal.export")
    assert (audit.actor, audit.subject) == ("art", "main 2017-02 xero")
    assert audit.detail["digest"] == done.digest


def test_the_second_export_says_again(closed):
    first, second = handed("csv"), handed("beancount", actor=ART)
    assert (first.again, second.again) == (False, True)
    (mark,) = second.marks
    assert mark.startswith("Again: exported before as csv by ana on ")
    assert mark in second.files[0].text
    assert not handed("csv", "2017-01").again, "another period"
    latest, _, earliest = exports()
    assert (latest.period, latest.format, latest.again) == ("2017-01", "csv", False)
    assert (earliest.by, earliest.digest) == ("ana", first.digest)
    assert [row.again for row in exports(period="2017-02")] == [True, False]


def test_periods_that_may_still_change_are_marked(closed):
    for status, mark in (("soft_closed", "Soft-closed: "), ("reopened", "Reopened: ")):
        Period.objects.filter(code="2017-02").update(status=status)
        assert body()["marks"][0].startswith(mark)


def test_the_digest_of_several_files_is_that_of_their_list():
    files = (File("a", "1"), File("b", "2"))
    lines = "".join(f"{hashlib.sha256(one.data).hexdigest()}  {one.name}\n" for one in files)
    assert digest_of(files) == hashlib.sha256(lines.encode()).hexdigest()


def posted(period, number, *, event, reverses=None, other=""):
    """An entry that no close derived."""
    first = JournalEntry.objects.filter(period__code=period).first()
    made = JournalEntry.objects.create(
        entity=first.entity,
        program=first.program,
        period=first.period,
        close=first.close,
        reverses=reverses,
        journal="M",
        year=2017,
        number=number,
        event=event,
        other=other,
        description=f"{event} by hand",
        posting_on=date(2017, 2, 28),
        currency="USD",
        recorded_at=now(),
    )
    JournalLine.objects.create(entry=made, number=1, account="1190", debit=500, credit=0)
    JournalLine.objects.create(entry=made, number=2, account="4010", debit=0, credit=500)
    return made


def test_entries_by_hand_reversals_and_pairs_are_in_it_once(closed):
    Period.objects.filter(code="2017-02").update(status="reopened")
    one = posted("2017-02", 1, event="manual", other="elsewhere")
    posted("2017-02", 2, event="reversal", reverses=one)
    found = [row for row in body()["entries"] if row["number"].startswith("M-")]
    assert [(row["number"], row["other"], row["reverses"]) for row in found] == [
        ("M-2017-02-0001", "elsewhere", ""),
        ("M-2017-02-0002", "", "M-2017-02-0001"),
    ]
    numbers = [row["number"] for row in body()["entries"]]
    assert (
        len(set(numbers))
        == len(numbers)
        == JournalEntry.objects.filter(period__code="2017-02").count()
    )


def test_a_later_version_tells_of_the_one_before_and_what_is_new(closed):
    handed("xero", actor=ART)
    first = handed("xero", only_new=True, period="2017-01")
    assert not first.marks, "there was no export: all of it is new"
    with pytest.raises(ExportRefused, match="nothing was posted in 2017-02 since its export as x"):
        handed("xero", only_new=True)
    Period.objects.filter(code="2017-02").update(status="reopened")
    close = JournalEntry.objects.filter(period__code="2017-02").first().close
    Close.objects.create(
        entity=close.entity, period=close.period, version=2, closed_by="ana", closed_at=now()
    )
    posted("2017-02", 1, event="manual")
    whole = handed()
    assert (whole.version, whole.again) == (2, False)
    assert whole.marks[1].startswith("Version 1 was exported as xero by art on ")
    assert whole.marks[1].endswith(": its 3 entries are in this one too.")
    new = handed("xero", only_new=True)
    assert (new.entries, new.again, new.files[0].name) == (
        1,
        False,
        "main-2017-02-v2-new-xero-USD-01.csv",
    )
    assert new.marks[1].startswith("Only what was posted since the export as xero by art on ")


def named(*rows, actor=ANA):
    return name_accounts(rows=[NameRow(*row) for row in rows], actor=actor)


def test_exports_use_the_entity_s_own_names(closed):
    assert account_names()["2100"].code == "2100"
    done = named(("2100", "2150", "Deferred points"), ("4010", "41000"))
    assert (done.outcome, done.result) == ("approved", 2)
    lines = {line["account"]: line for one in body()["entries"] for line in one["lines"]}
    assert (lines["2100"]["code"], lines["2100"]["name"]) == ("2150", "Deferred points")
    assert (lines["4010"]["code"], lines["4010"]["name"]) == ("41000", "Revenue: points redeemed")
    assert (lines["4000"]["code"], lines["4000"]["name"]) == ("4000", "Revenue: goods")
    assert "Liabilities:2150-DeferredPoints" in handed("hledger").files[0].text


def test_the_last_name_counts_and_one_without_a_code_takes_it_back(closed):
    assert named(("2100", "2150", "Points")).result == 1
    assert named(("2100", "2150", "Points")).result == 0
    assert named(("2100", "2155", "Points")).result == 1
    assert account_names()["2100"].code == "2155"
    assert named(("2100", "")).result == 1
    assert account_names()["2100"].code == "2100"
    assert named(("2100", "")).result == 0
    assert set(account_names()) == {account.code for account in CHART}


def test_lines_of_one_program_go_to_their_own_account(closed):
    named(("2100", "2150", "Points"), ("2100", "2151", "Points of the shop", "shop"))
    lines = {line["account"]: line for one in body()["entries"] for line in one["lines"]}
    assert lines["2100"]["code"] == "2151"
    assert {one["code"] for one in body()["closing"]} & {"2150", "2151"} == {"2151"}


def test_accounts_of_one_name_are_added(closed):
    named(("4010", "4100", "Loyalty revenue"), ("4015", "4100", "Loyalty revenue"))
    closing = [one for one in body()["closing"] if one["code"] == "4100"]
    assert len(closing) == 1


def test_one_code_for_two_accounts_is_refused(closed):
    named(("4010", "4000", "Sales"))
    with pytest.raises(
        ExportRefused, match="the code 4000 stands for 'Revenue: goods' and for 'Sales'"
    ):
        handed()


UNFIT = (
    (("2199", "1"), "2199 is no account"),
    (("9000", "1"), "9000 is no account"),
    (("2100", "1", "x", "bakery"), "there is no such program"),
    (("2100", "=1"), "a spreadsheet would compute it"),
    (("2100", "1", "@x"), "a spreadsheet would compute it"),
    (("2100", "1\t2"), "cannot be called"),
    (("2100", "1" * 61), "cannot be called"),
    (("2100", "::"), "cannot have the code"),
)


def test_names_that_no_system_can_hold(closed):
    for row, says in UNFIT:
        with pytest.raises(NameRefused, match=says):
            named(row)
    with pytest.raises(NameRefused, match="named twice"):
        named(("2100", "1"), ("2100", "2"))
    assert not account_names().rows


def test_an_approval_writes_the_names_of_its_proposal(closed):
    rows = [NameRow("2100", "2150", "Points"), NameRow("2100", "2151", "", "shop")]
    made = SimpleNamespace(entity=Entity.objects.get(code="main"), body=body_of(rows))
    assert approve_names(made, "carla") == 2
    assert account_names().of("2100", program="shop").code == "2151"
