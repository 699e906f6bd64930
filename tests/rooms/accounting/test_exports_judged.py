"""Journals for plain text accounting, judged by the real tools with no tolerance at all."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pointbook.accounting.queries.exports.formats import exporter
from pointbook.accounting.queries.exports.journal import ExportRefused, Line
from pointbook.accounting.queries.names import Named
from pointbook.engine.revenue.accounts import Kind
from tests.rooms.accounting.journals import ENTRIES, again, entry, journal

HERE = str(Path(sys.executable).parent)
JUDGES = {
    "beancount": (shutil.which("bean-check", path=HERE) or "bean-check",),
    "hledger": ("hledger", "check", "--strict", "-f"),
    "ledger": ("ledger", "--pedantic", "--strict", "bal", "-f"),
}
FIGURE = re.compile(r"(?<=[ \t])(?<!~ )-?\d+(\.\d+)?(?= (USD|JPY|KWD|~))")


def judged(kind, text, folder):
    path = folder / f"journal.{kind}"
    path.write_text(text, encoding="utf-8")
    return subprocess.run([*JUDGES[kind], path], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", JUDGES)
@pytest.mark.parametrize(
    "made",
    [
        journal(),
        again(),
        journal(opening=()),
        journal(entries=()),
        again(entries=ENTRIES[2:], opening=(), closing=(), only_new=True),
        journal(entries=(entry(1, "Dinars", ("4000", 1_234), ("2100", -1_234), currency="KWD"),)),
    ],
    ids=["usual", "again", "first", "quiet", "new", "three-decimals"],
)
def test_the_tool_accepts_it(kind, made, tmp_path):
    (file,) = exporter(kind)(made)
    done = judged(kind, file.text, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("kind", JUDGES)
def test_the_tool_finds_every_changed_cent(kind, tmp_path):
    (file,) = exporter(kind)(journal(entries=(ENTRIES[1], ENTRIES[5])))
    body = re.sub(
        r"^(commodity|    format).*$", lambda m: "#" * len(m[0]), file.text, flags=re.MULTILINE
    )
    figures = list(FIGURE.finditer(body))
    assert len(figures) > 14
    for figure in figures:
        places = len(figure[0].partition(".")[2])
        cent = f"{float(figure[0]) + 10**-places:.{places}f}"
        wrong = file.text[: figure.start()] + cent + file.text[figure.end() :]
        assert judged(kind, wrong, tmp_path).returncode != 0, figure


@pytest.mark.parametrize("kind", JUDGES)
def test_marks_stand_above(kind):
    (file,) = exporter(kind)(again())
    assert file.name == f"main-2026-01-v2.{kind}"
    assert file.text.splitlines()[:3] == [
        '; Müller & "Sons" <GmbH> (main), 2026-01, version 2 of its close.',
        "; Reopened: a later version will follow.",
        "; Again: exported before as xero by carla on 2026-02-03, 5 entries.",
    ]


@pytest.mark.parametrize("kind", JUDGES)
def test_two_accounts_of_one_name_are_refused(kind):
    lines = tuple(
        Line("2100", Named(Kind.LIABILITY, code, "Points", own=True), max(n, 0), max(-n, 0))
        for code, n in (("1.2", 1), ("1-2", -1))
    )
    with pytest.raises(ExportRefused, match=r"1-2 and 1\.2 would both be Liabilities:1-2-Points"):
        exporter(kind)(journal(entries=(replace(ENTRIES[1], lines=lines),), opening=()))
