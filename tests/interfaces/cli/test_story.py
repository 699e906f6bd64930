"""`pointbook story`: what it prints of stories that hold, that do not, and that cannot be read."""

import os
import subprocess
import sys

import pytest

from pointbook.analytics.storybooks import STARTERS, StoryFileMissing, read_file, story_files
from pointbook.interfaces.cli.main import main

STORY = """story: One point for a dollar
source: figures ours
program: beauty-tiers
happened: [{id: a1, at: 2026-03-01, member: anna, total: "45.99"}]
matched: {a1: {purchases: 45}}
left: [{member: anna, points: 45}]
"""


@pytest.fixture
def told(tmp_path, capsys):
    """Give a function that writes files and answers status, output and what went to stderr."""

    def told(*texts, options=("--engine-only",)):
        files = []
        for place, text in enumerate(texts):
            files.append(tmp_path / f"{place}.yaml")
            files[-1].write_text(text)
        status = main(["story", *options, *map(str, files)])
        out, err = capsys.readouterr()
        return status, out.replace(f"{tmp_path}/", ""), err.replace(f"{tmp_path}/", "")

    return told


def test_a_story_that_holds(told):
    assert told(STORY) == (0, "ok  0.yaml  One point for a dollar\n", "")


def test_a_story_that_does_not_hold(told):
    status, out, _ = told(STORY.replace("45}", "46}"), STORY)
    assert status == 1
    assert out.splitlines() == [
        "NO  0.yaml  One point for a dollar",
        "  0.yaml:5: engine: a1 gave purchases 45, expected 46",
        "  0.yaml:6: engine: anna has 45 points, expected 46",
        "ok  1.yaml  One point for a dollar",
    ]


def test_a_difference_without_a_line_is_told_at_the_story(told):
    burn = "{at: 2026-03-02, member: anna, type: burn, reward: ten-off}"
    status, out, _ = told(f"# first\n{STORY}".replace('"45.99"}', f'"45.99"}}, {burn}'))
    assert status == 1
    assert "  0.yaml:5: engine: f2 was refused: the balance is 45, " in out


def test_mistakes_are_told_and_the_others_are_played(told):
    status, out, err = told(STORY.replace("a1:", "b1:"), "", STORY)
    assert status == 2
    assert out == "ok  2.yaml  One point for a dollar\n"
    assert err.splitlines() == [
        "0.yaml:5: matched.b1: b1 never happened. Write a1.",
        "1.yaml: There is no story here. Begin with story: and what it shows.",
    ]


def test_a_folder_is_all_its_stories(tmp_path, capsys):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.yaml").write_text(STORY)
    (tmp_path / "a.yaml").write_text(STORY)
    assert [file.name for file in story_files([tmp_path])] == ["a.yaml", "b.yaml"]


def test_what_is_not_there(tmp_path, capsys):
    assert main(["story", str(tmp_path / "none.yaml")]) == 2
    assert "no such file. Name a story in YAML." in capsys.readouterr().err
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(StoryFileMissing, match="not UTF-8 text"):
        read_file(tmp_path / "bytes.yaml")


def test_a_program_beside_the_story(tmp_path, told):
    (tmp_path / "mine.yaml").write_text((STARTERS / "beauty-tiers.yaml").read_text())
    assert told(STORY.replace("beauty-tiers", "mine"))[0] == 0
    assert told(STORY.replace("beauty-tiers", "mine.yaml"))[0] == 0
    status, _, err = told(STORY.replace("beauty-tiers", "none"))
    assert status == 2
    assert err.startswith("0.yaml:3: program: There is no program none. Write one of: ")
    assert "beauty-tiers" in err
    assert "month-end-burners" not in err


def test_the_database_is_its_own_and_goes_away(tmp_path):
    """As a user calls it: with a home that must stay as it is, and a database that must not do."""
    for name, text in (("ok.yaml", STORY), ("no.yaml", STORY.replace("45}", "46}"))):
        (tmp_path / name).write_text(text)
    (tmp_path / "tmp").mkdir()
    astray = {"POINTBOOK_HOME": str(tmp_path / "home"), "DATABASE_URL": "postgresql://nobody@x/y"}
    environment = {**os.environ, **astray, "TMPDIR": str(tmp_path / "tmp")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-m", "pointbook", "story", "ok.yaml", "no.yaml"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "ok  ok.yaml  One point for a dollar",
        "NO  no.yaml  One point for a dollar",
        *(
            line
            for player in ("engine", "database")
            for line in (
                f"  no.yaml:5: {player}: a1 gave purchases 45, expected 46",
                f"  no.yaml:6: {player}: anna has 45 points, expected 46",
            )
        ),
    ]
    assert not (tmp_path / "home").exists()
    assert list((tmp_path / "tmp").iterdir()) == []
