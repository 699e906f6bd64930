"""Exports from the command line: files, marks on stderr, and what the accounts are called."""

import contextlib
import csv
import io
import json

import pytest
from django.contrib.auth import get_user_model

from pointbook.accounting.models import Exported
from pointbook.interfaces.cli import export
from pointbook.interfaces.cli.main import main

JOURNALS = ("export", "journals", "--period", "2017-01", "--format")


@pytest.fixture
def command(shop, monkeypatch, capsys):
    """`pointbook WORDS` in this test's transaction: status, stdout, stderr."""
    monkeypatch.setattr(export, "database", contextlib.nullcontext)

    def call(*words):
        status = main([str(word) for word in words])
        said = capsys.readouterr()
        return status, said.out, said.err

    shop.happened(shop.buy("2017-01-10", 123_456))
    shop.estimate("0.8", "2017-01")
    shop.close("2017-01")
    return call


def test_files_go_where_they_are_told(command, tmp_path):
    status, out, err = command(*JOURNALS, "json")
    assert (status, json.loads(out)["entity"]["code"], err) == (0, "main", "")
    target = tmp_path / "january.hledger"
    status, out, err = command(*JOURNALS, "hledger", "--out", target)
    assert (status, out) == (0, f"1 entry of 2017-01 written to {target}.\n")
    assert err.startswith("Again: exported before as json by pointbook on ")
    assert err.strip() in target.read_text()
    status, out, _ = command(*JOURNALS, "xero", "--out", f"{tmp_path}/made/")
    assert status == 0
    (file,) = (tmp_path / "made").iterdir()
    assert file.name == "main-2017-01-v1-xero-USD-01.csv"
    assert file.read_bytes().count(b"\r\n") == 3
    assert file.stat().st_mode & 0o077 == 0
    assert Exported.objects.count() == 3


def test_a_place_that_is_none_is_no_export(command, tmp_path):
    status, _, err = command(*JOURNALS, "json", "--out", tmp_path / "no" / "where")
    assert (status, "There is no folder" in err) == (2, True)
    (tmp_path / "file").touch()
    status, _, err = command(*JOURNALS, "json", "--out", f"{tmp_path}/file/")
    assert (status, "cannot be made" in err) == (2, True)
    assert not Exported.objects.exists()


def test_somebody_exports_in_their_name(command):
    for name, role in (("art", "auditor"), ("tom", "agent")):
        get_user_model().objects.create_user(username=name, role=role)
    assert "tom (agent) may not do journal.export" in command(*JOURNALS, "csv", "--as", "tom")[2]
    assert command(*JOURNALS, "csv", "--as", "art")[0] == 0
    assert Exported.objects.get().exported_by == "art"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "account,code,name,split\n2100,2150,Points,\n2100,2151,,shop\n"),
        (
            "a.yaml",
            "[{account: 2100, code: 2150, name: Points}, {account: 2100, code: 2151, split: shop}]",
        ),
    ],
)
def test_names_are_read_and_shown(command, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    status, out, _ = command("export", "accounts", "--read", tmp_path / name)
    assert (status, out) == (0, "2 of 2 names of main are new.\n")
    _, out, _ = command("export", "accounts", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row for row in rows if row["account"] == "2100"] == [
        {"account": "2100", "code": "2150", "name": "Points", "split": ""},
        {"account": "2100", "code": "2151", "name": "Contract liability: points", "split": "shop"},
    ]
    assert len(rows) == 33, "all accounts with money on them, and a split"
    (tmp_path / "again.csv").write_text(out)
    _, out, _ = command("export", "accounts", "--read", tmp_path / "again.csv")
    assert out.startswith("32 of 33 names"), "what was the chart's is the entity's own now"
    _, out, _ = command("export", "accounts", "--read", tmp_path / "again.csv")
    assert out.startswith("0 of 33 names")


def test_a_mapping_is_short(command, tmp_path):
    (tmp_path / "a.yml").write_text("2100: '2150'\n4010: {code: 41000, name: Redeemed}\n")
    assert command("export", "accounts", "--read", tmp_path / "a.yml")[0] == 0


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", "account,code,colour\n2100,2150,red\n", "Row 2 has 'colour'"),
        ("a.csv", "account,name\n2100,Points\n", "Row 2 lacks account or code"),
        ("a.yaml", "- 2100\n", "Row 1 lacks account or code"),
        ("a.yaml", "a: [", "The file is no YAML"),
        ("a.csv", None, "cannot be read as text"),
    ],
)
def test_a_file_that_says_nothing(command, tmp_path, name, text, says):
    if text is not None:
        (tmp_path / name).write_text(text)
    status, _, err = command("export", "accounts", "--read", tmp_path / name)
    assert (status, says in err) == (2, True), err
