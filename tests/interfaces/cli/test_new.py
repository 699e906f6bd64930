"""`pointbook new`: from nothing to a running program, and again, and every way it is refused."""

import subprocess

import pytest

from pointbook.engine.rules.reading import read
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


def test_a_home_with_programs_gets_one_more_and_keeps_what_it_has(host, tmp_path):
    done = call(host, "--starter", "punch-card", "--out", "card.yaml", folder=tmp_path)
    assert done.stdout.splitlines() == [
        "Wrote card.yaml.",
        "punch-card version 1 is published, in force since ever.",
        "Read it: pointbook program explain card.yaml",
        "Start it: pointbook run",
    ]
    words = ("--starter", "cash-back", "--code", "punch-card")
    taken = call(host, *words, "--out", "card.yaml", folder=tmp_path)
    assert (taken.returncode, taken.stdout, taken.stderr.count("\n")) == (2, "", 1)
    assert "card.yaml is there and says something else. Name another --out" in taken.stderr
    taken = call(host, *words, "--out", "other.yaml", folder=tmp_path)
    assert "there is another program punch-card here. Choose another --code." in taken.stderr
    assert not (tmp_path / "other.yaml").exists()
    (tmp_path / "bytes.yaml").write_bytes(b"\xff")
    for name in (".", "none/x.yaml", "bytes.yaml"):
        refused = call(host, *words, "--out", name, folder=tmp_path)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert refused.stderr.endswith(". Name another --out.\n")


def test_without_a_name_the_starters_are_listed(host, tmp_path):
    done = call(host, folder=tmp_path)
    assert done.returncode == 0
    for one in starters():
        assert any(
            line.split("  ")[0] == one.name and line.endswith(one.line)
            for line in done.stdout.splitlines()
        )
    wrong = call(host, "--starter", "cofee-star", folder=tmp_path)
    assert wrong.returncode == 2
    assert wrong.stdout == done.stdout.split("\n\n")[0] + "\n"
    assert wrong.stderr == (
        "pointbook: there is no starter 'cofee-star'. Did you mean coffee-stars?\n"
    )
    wrong = call(host, "--starter", "zzz", folder=tmp_path)
    assert wrong.stderr.endswith("pointbook new lists them all.\n")


@pytest.mark.parametrize("one", starters(), ids=lambda one: one.name)
def test_any_starter_takes_a_code_and_a_name_and_nothing_else_changes(one):
    name = 'Ünlimited: "points" # and more'
    text = one.adapted(code="own", name=name)
    blueprint = read(text)
    assert (blueprint.code, blueprint.name) == ("own", name)
    changed = [
        pair
        for pair in zip(one.document.splitlines(), text.splitlines(), strict=True)
        if len(set(pair)) > 1
    ]
    assert len(changed) == 2
    assert one.adapted() == one.document
    assert one.line.endswith(".")
    assert "\n" not in one.line


def test_a_code_that_is_none():
    with pytest.raises(StarterUnfit, match="Write lower-case letters"):
        starter("punch-card").adapted(code="My Card")
