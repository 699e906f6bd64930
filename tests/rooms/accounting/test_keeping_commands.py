"""Books, reopen, journal and approve from the command line."""

import contextlib

import pytest
from django.contrib.auth import get_user_model

from pointbook.interfaces.cli import approve, books, close, journal, reopen
from pointbook.interfaces.cli.main import main


@pytest.fixture
def command(shop, monkeypatch, capsys):
    """`pointbook WORDS` in this test's transaction: status, stdout, stderr."""
    for module in (approve, books, close, journal, reopen):
        monkeypatch.setattr(module, "database", contextlib.nullcontext)
    for name in ("ana", "ben"):
        get_user_model().objects.create_user(username=name, role="controller")

    def call(*words):
        status = main([str(word) for word in words])
        said = capsys.readouterr()
        return status, said.out, said.err

    shop.happened(shop.buy("2017-01-10", 123_456), shop.burn("2017-01-12", 23))
    shop.estimate("0.9", "2017-01")
    return call


FULL = ("books", "set", "--full", "--owner-run", "no", "--as", "ana")
LINES = ("--line", "6100 debit 12.34", "--line", "1000 credit 12.34")


def test_a_month_of_two_persons(command):
    assert command("books", "show")[1].startswith("Simple books of main, kept by their owner.")
    assert "kept by two persons" in command(*FULL)[1]
    assert "0 of" not in command("close", "2017-01", "--check")[1]
    assert "and pointbook is none" in command("close", "2017-01")[2]
    status, out, _ = command("close", "2017-01", "--as", "ana")
    assert status == 0
    assert "is drawn up by ana; 2 entries posted. To seal it" in out
    assert (
        "so ana may not seal it. Ask one of: ben." in command("close", "2017-01", "--as", "ana")[2]
    )
    assert "is closed; 0 entries posted" in command("close", "2017-01", "--as", "ben")[1]
    status, out, _ = command("reopen", "2017-01", "--reason", "a till", "--as", "ana")
    assert "Somebody else approves it: pointbook approve 3." in out
    assert "reopen" in command("approve")[1]
    assert "Ask one of: ben." in command("approve", "3", "--as", "ana")[2]
    assert command("approve", "3", "--as", "ben")[1] == (
        "Proposal 3 of main (reopen) is approved by ben.\n"
    )
    assert "version 2; 2 entries posted" in command("close", "2017-01", "--as", "ana")[1]
    assert "is closed, version 2" in command("close", "2017-01", "--as", "ben")[1]


def test_soft_then_closed(command):
    assert "is drawn up by pointbook" in command("close", "2017-01", "--soft")[1]
    assert "is drawn up already" in command("close", "2017-01", "--soft")[1]
    assert "7 Seal" in command("close", "2017-01")[1]
    assert "is open again" in command("reopen", "2017-01", "--reason", "a till")[1]


def test_an_entry_line_by_line(command):
    said = command("journal", "new", "--period", "2017-01", "--memo", "The flood", *LINES)
    assert "Nothing is posted yet: pointbook journal approve 2." in said[1]
    status, out, _ = command("close", "2017-01", "--check")
    assert status == 1
    assert "Blocks  proposal 2 (journal for 2017-01) by pointbook waits" in out
    assert "The flood" in command("journal", "show")[1]
    assert "It is posted as M-2017-01-0001." in command("journal", "approve", "2")[1]
    assert "No entry waits." in command("journal", "show")[1]
    command("journal", "reverse", "M-2017-01-0001", "--reason", "a slip")
    assert "is refused by pointbook, who prepared it" in command("journal", "refuse", "3")[1]


YAML = """
memo: The flood
posting_on: 2017-01-15
lines:
  - {account: 6100, debit: 0.10}
  - {account: 1000, credit: 0.10}
"""
CSV = """memo,period,account,debit,credit
The flood,2017-01,6100,0.10,
,,1000,,0.10
"""


@pytest.mark.parametrize(("name", "text"), [("entry.yaml", YAML), ("entry.csv", CSV)])
def test_an_entry_of_a_file(command, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert command("journal", "new", tmp_path / name)[0] == 0
    assert "0.10" in command("journal", "show", "2")[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("journal", "new", "--memo", "x", "--line", "6100 12"), 'Write "6100 debit 12.34"'),
        (("journal", "new", "nowhere.yaml"), "cannot be read"),
        (("journal", "reverse", "M-1", "--on", "soon"), "Write YYYY-MM-DD"),
        (("journal", "reverse", "M-1"), "there is no journal entry 'M-1'"),
        (("approve", "9"), "has no proposal 9"),
        (("reopen", "2017-01", "--reason", "x"), "is not closed"),
        (("books", "set", "--owner-run", "no"), "simple books are kept by their owner"),
        (("books", "set"), "are kept like this already"),
        (("books", "show", "--entity", "x"), "there is no entity 'x'"),
    ],
)
def test_a_mistake_is_one_line_with_its_mend(command, words, says):
    status, out, err = command(*words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert says in err
