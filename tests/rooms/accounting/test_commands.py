"""The books from the command line: figures on stdout, one line and status 2 for a mistake."""

import contextlib
import csv
import io
import json

import pytest
from django.contrib.auth import get_user_model
from openpyxl import load_workbook

from pointbook.interfaces.cli import close, estimate, export, report
from pointbook.interfaces.cli.main import main


@pytest.fixture
def command(shop, monkeypatch, capsys):
    """`pointbook WORDS` in this test's transaction: status, stdout, stderr."""
    for module in (close, estimate, export, report):
        monkeypatch.setattr(module, "database", contextlib.nullcontext)

    def call(*words):
        status = main([str(word) for word in words])
        said = capsys.readouterr()
        return status, said.out, said.err

    shop.happened(shop.buy("2017-01-10", 123_456), shop.burn("2017-02-10", 23))
    return call


def test_from_estimate_to_export(command):
    assert command("estimate", "set", "0.8", "--program", "shop", "--from", "2017-01")[0] == 0
    status, out, _ = command("close", "2017-01")
    assert (status, out.splitlines()[-1]) == (0, "2017-01 of main is closed; 1 entry posted.")
    assert out.splitlines()[2] == "3 Check         12 checks pass"
    status, out, _ = command("close", "2017-01")
    assert (status, out) == (0, "2017-01 of main is closed already; nothing was posted.\n")
    status, out, _ = command("export", "journals", "--period", "2017-01", "--format", "beancount")
    assert status == 0
    assert 'option "tolerance_multiplier" "0"' in out


def test_a_user_closes_in_their_name(command):
    get_user_model().objects.create_user(username="carla", role="controller")
    get_user_model().objects.create_user(username="tom", role="agent")
    assert "tom (agent) may not do period.close" in command("close", "2017-01", "--as", "tom")[2]
    assert command("close", "2017-01", "--as", "carla")[0] == 0


def test_reports_in_three_formats(command):
    for month in ("2017-01", "2017-02"):
        command("close", month)
    _, out, _ = command("report", "points-rollforward", "--program", "shop", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["period"], row["earned"], row["redeemed"], row["closing"]) for row in rows] == [
        ("2017-01", "123", "0", "123"),
        ("2017-02", "0", "-23", "100"),
    ]
    _, out, _ = command("report", "liability-rollforward", "--program", "shop", "--format", "json")
    first, second = json.loads(out)["rows"]
    assert first["closing"] == second["opening"]
    _, out, _ = command("report", "trial-balance", "--program", "shop")
    # 1,234.56 x 123 / (1,234.56 + 123) = 111.86 deferred, 23 / 123 of it earned: 20.92.
    (total,) = [line.split() for line in out.splitlines() if line.startswith("Total")]
    assert total == ["Total", "USD", "0.00", "132.78", "132.78", "0.00"]
    for name in ("months", "tiers"):
        assert command("report", name, "--program", "shop", "--to", "2017-02")[0] == 0


def test_reports_as_files(command, tmp_path):
    command("close", "2017-01")
    pack, sheet = tmp_path / "pack.xlsx", tmp_path / "cohorts.csv"
    status, out, _ = command("report", "pack", "--period", "2017-01", "--out", pack)
    assert (status, out) == (0, f"pack written to {pack}.\n")
    assert load_workbook(pack).sheetnames[:2] == ["index", "parameters"]
    asked = ("report", "cohorts", "--period", "2017-01", "--version", 1)
    assert command(*asked, "--format", "csv", "--out", sheet)[0] == 0
    assert sheet.read_text() == command(*asked, "--format", "csv")[1]
    assert command(*asked, "--format", "xlsx", "--out", tmp_path / "one.xlsx")[0] == 0
    late = ("--as-of", "2017-01-31", "--known-at", "2016-12-31T00:00")
    _, out, _ = command("report", "trial-balance", "--program", "shop", *late, "--format", "json")
    assert json.loads(out)["rows"] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("report months --program nix", "there is no program 'nix'"),
        ("report tiers --program shop --from 2017-1", "'2017-1' is not a period"),
        ("report trial-balance --program shop --from 2017-02 --to 2017-01", "are no range"),
        ("report points-rollforward --program shop --to 2030-02", "2030-02 has not begun"),
        ("report months", "this report is of one program"),
        ("report cohorts --version 2 --period 2017-01", "no close with version 2"),
        ("report pack --period 2017-01", "a workbook is a file"),
        ("report pack --period 2017-01 --format csv --out x", "the pack is a workbook"),
        ("report tax --period 2017-01 --out x", "a table is for the screen"),
        ("report tax --period 2017-01 --format csv --out /no/such/place", "cannot be written"),
        ("close 2017-13", "'2017-13' is not a period"),
        ("close 2030-01", "it is not over"),
        ("close 2017-01 --entity x", "there is no entity 'x'"),
        ("close 2017-01 --as nobody", "there is no user 'nobody'"),
        ("estimate set many --program shop --from 2017-01", "'many' is not a number"),
        ("estimate set 1.5 --program shop --from 2017-01", "1.5 is no redemption rate"),
        ("export journals --period 2017-01 --format beancount", "2017-01 is not closed"),
        ("export journals --period 2017-01 --format lotus", "there is no format 'lotus'"),
    ],
)
def test_a_mistake_is_one_line_with_its_mend(command, words, says):
    status, out, err = command(*words.split())
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert says in err
