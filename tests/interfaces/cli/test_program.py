"""`pointbook program`: check, publish, show and diff a blueprint."""

import contextlib

import pytest

from pointbook.interfaces.cli import main, program
from tests.rooms.till import BEAUTY


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "beauty.yaml"
    path.write_text(BEAUTY)
    return path


@pytest.fixture
def told(monkeypatch, capsys):
    monkeypatch.setattr(program, "database", contextlib.nullcontext)

    def run(*words):
        status = main.main(["program", *map(str, words)])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_check_reads_it_out_or_says_every_mistake(told, file):
    status, out, _ = told("check", file)
    assert status == 0
    assert "1 point" in out
    file.write_text(BEAUTY.replace("currency: USD", "currency: XYZ").replace("floor", "down"))
    status, out, err = told("check", file)
    assert (status, out) == (2, "")
    assert "program.currency" in err
    assert "earn[0].rounding" in err


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read(told, name):
    status, _, err = told("check", name)
    assert (status, err.count("\n")) == (2, 1)


@pytest.mark.django_db
def test_publish_and_show(told, file):
    assert told("publish", file)[1] == "beauty version 1 published, in force since ever.\n"
    assert (
        told("publish", file)[1] == "beauty version 1 was published before, in force since ever.\n"
    )
    assert told("show", "beauty")[1] == BEAUTY
    later = BEAUTY.replace("points: 1, per", "points: 2, per")
    file.write_text(later)
    assert "Add --from" in told("publish", file)[2]
    assert told("publish", file, "--from", "soon")[0] == 2
    line = told("publish", file, "--from", "2030-01-01")[1]
    assert line == "beauty version 2 published, in force from 2030-01-01 00:00 UTC.\n"
    assert told("show", "beauty")[1] == later
    assert told("show", "beauty", "--version", 1)[1] == BEAUTY
    assert "Use 1 to 2." in told("show", "beauty", "--version", 3)[2]
    assert "there is no program 'nobody'" in told("show", "nobody")[2]


def test_diff_tells_what_changes(told, file, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(BEAUTY.replace("points: 1, per", "points: 2, per"))
    assert told("diff", file, file)[1] == "Nothing changes.\n"
    assert "earn" in told("diff", file, other)[1]
