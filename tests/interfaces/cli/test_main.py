"""What every command has in common: one line when it refuses, silence when the reader goes away."""

import contextlib
import io
import sys

import pytest

from pointbook.interfaces.cli import database, home, main, verify
from pointbook.interfaces.cli.paper import Paper


@pytest.mark.parametrize(
    "words",
    [[], ["clos"], ["program"], ["close"], ["report", "monthly"], ["run", "--port", "web"]],
    ids=" ".join,
)
def test_words_that_make_no_command_are_refused_in_one_line(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main.main(words)
    said = capsys.readouterr().err
    assert (ended.value.code, said.count("\n")) == (2, 1)
    assert said.startswith("pointbook: ")
    assert said.endswith(" --help\n")


class Gone(io.StringIO):
    """A pipe that nobody reads any more."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(text)


def test_a_reader_who_went_away_is_no_finding(monkeypatch, tmp_path):
    monkeypatch.setattr(verify, "database", contextlib.nullcontext)
    monkeypatch.setattr(verify, "Paper", lambda **_: Paper(file=Gone()))
    with (tmp_path / "out").open("w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert main.main(["verify", "--list"]) == 141


def test_an_address_that_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "nowhere")
    with (
        pytest.raises(database.DatabaseError, match="DATABASE_URL cannot be read"),
        database.server(here=home.Home(path=tmp_path)),
    ):
        pass
