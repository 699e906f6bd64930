"""`pointbook new`: from nothing to a running program, and again, and every way it is refused."""

import contextlib
import subprocess

import pytest

from pointbook.engine.rules.reading import read
from pointbook.interfaces.cli import main, new
from pointbook.programs.starting import StarterUnfit, starter, starters
from tests.interfaces.cli.conftest import hosted, password_in


def call(host, *words, folder):
    """`pointbook new` in a folder."""
    return subprocess.run(
        host.command("new", *words),
        env=host.environment(),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_one_command_makes_everything(tmp_path):
    words = ("--starter", "coffee-stars", "--code", "my-cafe", "--name", "My café: stars")
    with hosted() as host:
        done = call(host, *words, folder=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert password_in(done.stdout)
        assert "my-cafe version 1 is published, in force since ever.\n" in done.stdout
        text = (tmp_path / "my-cafe.yaml").read_text()
        assert host.ok("program", "show", "my-cafe") == text
        again = call(host, *words, folder=tmp_path)
        assert again.stdout.splitlines()[:2] == [
            "Kept my-cafe.yaml.",
            "my-cafe was published before.",
        ]
        _, port = host.start()
        assert port


@pytest.fixture
def told(monkeypatch, capsys, tmp_path):
    """`pointbook new` in an empty folder, in a home whose database is the test's."""
    monkeypatch.setattr(new, "database", contextlib.nullcontext)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POINTBOOK_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "secret").touch()

    def run(*words):
        status = main.main(["new", *words])
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.mark.django_db
def test_a_home_with_programs_gets_one_more_and_keeps_what_it_has(told, tmp_path):
    status, out, err = told("--starter", "punch-card", "--out", "card.yaml")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "Wrote card.yaml.",
        "punch-card version 1 is published, in force since ever.",
        "Read it: pointbook program explain card.yaml",
        "Start it: pointbook run",
    ]
    words = ("--starter", "cash-back", "--code", "punch-card", "--out", "other.yaml")
    status, out, err = told(*words)
    assert (status, out) == (2, "")
    assert err == "pointbook: there is another program punch-card here. Choose another --code.\n"
    assert not (tmp_path / "other.yaml").exists()


@pytest.mark.parametrize("name", ["other.yaml", ".", "none/x.yaml", "bytes.yaml"])
def test_a_file_that_is_taken_or_cannot_be(told, tmp_path, name):
    (tmp_path / "other.yaml").write_text("mine: 1")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff")
    status, out, err = told("--starter", "cash-back", "--out", name)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert f"pointbook: {name}" in err
    assert "Name another --out" in err
    assert (tmp_path / "other.yaml").read_text() == "mine: 1"


def test_without_a_name_the_starters_are_listed(told):
    status, out, _ = told()
    assert status == 0
    for one in starters():
        assert any(
            line.split("  ")[0] == one.name and line.endswith(one.line) for line in out.splitlines()
        )
    status, wrong, err = told("--starter", "cofee-star")
    assert status == 2
    assert wrong == out.split("\n\n", maxsplit=1)[0] + "\n"
    assert err == "pointbook: there is no starter 'cofee-star'. Did you mean coffee-stars?\n"
    assert told("--starter", "zzz")[2].endswith("pointbook new lists them all.\n")


@pytest.mark.parametrize("one", starters(), ids=lambda one: one.name)
def test_any_starter_takes_a_code_and_a_name_and_nothing_else_changes(one):
    name = 'Ünlimited: "points" # and more'
    told = {"code": "own", "name": name, "currency": "CHF", "time_zone": "America/New_York"}
    text = one.adapted(**told)
    blueprint = read(text)
    assert {key: getattr(blueprint, key) for key in told} == told
    changed = [
        line
        for line, now in zip(one.document.splitlines(), text.splitlines(), strict=True)
        if line != now
    ]
    assert {line.split(":")[0].strip() for line in changed} <= told.keys()
    assert len(changed) >= len(told) - 1
    assert one.adapted() == one.document
    assert one.line.endswith(".")
    assert "\n" not in one.line


@pytest.mark.parametrize(
    ("told", "mend"),
    [
        ({"code": "My Card"}, "Write lower-case letters"),
        ({"currency": "euro"}, "Write its ISO 4217 code"),
        ({"currency": "JPY"}, "decimals"),
        ({"time_zone": "Bern"}, "Write an IANA name"),
    ],
)
def test_a_head_that_cannot_be(told, mend):
    with pytest.raises(StarterUnfit, match=mend):
        starter("punch-card").adapted(**told)
