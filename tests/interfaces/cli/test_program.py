"""`pointbook program`: check, explain, publish, show and diff a blueprint."""

import contextlib

import pytest

from pointbook.controls.models import User
from pointbook.interfaces.cli import documents, main, program
from pointbook.programs.starting import starters
from tests.rooms.till import BEAUTY

STARTERS = {one.name: one for one in starters()}
COMPARED = ("coffee-stars-2025", "coffee-stars")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "beauty.yaml"
    path.write_text(BEAUTY)
    return path


@pytest.fixture
def told(monkeypatch, capsys, tmp_path):
    """Run a verb in an empty folder, in a home whose database is the test's."""
    for module in (program, documents):
        monkeypatch.setattr(module, "database", contextlib.nullcontext)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POINTBOOK_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "secret").touch()

    def run(*words):
        status = main.main(["program", *map(str, words)])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_check_says_that_it_is_sound(told, file, tmp_path):
    assert told("check", file) == (0, "beauty is sound: 1 rule, 1 ladder, 1 unit.\n", "")
    file.write_text(STARTERS["cash-back"].document)
    assert told("check", file) == (0, "cash-back is sound: 1 rule, 1 unit.\n", "")
    file.write_text(STARTERS["airline-coalition"].document)
    assert told("check", file)[1] == "airline-coalition is sound: 6 rules, 2 ladders, 2 units.\n"


@pytest.mark.parametrize("verb", ["check", "explain"])
def test_every_mistake_is_said_with_line_place_and_mend(told, file, verb):
    file.write_text(BEAUTY.replace("currency: USD", "currency: XYZ").replace("floor", "down"))
    status, out, err = told(verb, file)
    assert (status, out) == (2, "")
    head, *mistakes = err.splitlines()
    assert head == "pointbook: the blueprint has 2 mistakes."
    assert [one.split(": ")[0].split(", ")[1] for one in mistakes] == [
        "program.currency",
        "earn[0].rounding",
    ]
    assert all(one.startswith("line ") for one in mistakes)
    assert mistakes[1].endswith("Write one of: floor, nearest, ceiling.")


@pytest.mark.parametrize("verb", ["check", "explain", "publish"])
@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read(told, name, verb):
    status, _, err = told(verb, name)
    assert (status, err.count("\n")) == (2, 1)
    assert err.endswith("Name a blueprint in YAML.\n")


@pytest.mark.parametrize("name", ["coffee-stars", "punch-card"])
def test_explain_reads_a_program_out(told, file, golden, name):
    file.write_text(STARTERS[name].document)
    status, out, err = told("explain", file)
    assert (status, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 100
    golden(f"explain-{name}.txt", out)


@pytest.mark.parametrize("starter", STARTERS.values(), ids=list(STARTERS))
def test_every_starter_is_explained_from_its_name_to_its_books(told, file, starter):
    file.write_text(starter.document)
    status, out, _ = told("explain", file)
    assert status == 0
    assert out.startswith(f"# {starter.blueprint.name}\n")
    assert "\n## Earning\n" in out
    assert "\n## Books\n" in out
    assert max(map(len, out.splitlines())) <= 100


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


@pytest.mark.django_db
def test_other_books_are_approved_by_a_person(told, file):
    User.objects.create_user("cleo", role="controller")
    told("publish", file)
    file.write_text(BEAUTY.replace("a material right", "a right"))
    later = ("publish", file, "--from", "2030-01-01")
    assert "needs a controller's approval" in told(*later)[2]
    assert "there is no user 'nobody'" in told(*later, "--approved-by", "nobody")[2]
    assert "version 2 published" in told(*later, "--approved-by", "cleo")[1]


@pytest.mark.django_db
def test_published_versions_stand_beside_files(told, file):
    told("publish", file)
    file.write_text(BEAUTY.replace("points: 1, per", "points: 2, per"))
    told("publish", file, "--from", "2030-01-01")
    assert "2 points for every dollar" in told("explain", "beauty")[1]
    assert "1 point for every whole dollar" in told("explain", "beauty@1")[1]
    assert "2 points for every dollar" in told("diff", "beauty@1", "beauty")[1]
    assert told("diff", "beauty@2", file)[1] == "Nothing changes.\n"
    assert "Use 1 to 2." in told("explain", "beauty@3")[2]
    assert "there is no program 'cafe'" in told("explain", "cafe")[2]
    # What is there as a file is the file.
    file.rename(file.parent / "beauty")
    assert told("diff", "beauty", "beauty@2")[1] == "Nothing changes.\n"


def test_a_code_without_a_home(told, tmp_path):
    (tmp_path / "home" / "secret").unlink()
    status, _, err = told("explain", "cafe")
    assert (status, err.count("\n")) == (2, 1)
    assert "cafe: no such file, and no Pointbook in" in err
    assert err.endswith("Name a blueprint in YAML, or run: pointbook init.\n")


def test_diff_tells_what_changes(told, file, tmp_path, golden):
    other = tmp_path / "other.yaml"
    other.write_text(BEAUTY.replace("points: 1, per", "points: 2, per"))
    assert told("diff", file, file)[1] == "Nothing changes.\n"
    assert told("diff", file, other)[1].splitlines()[0] == "## Earning"
    for path, name in zip((file, other), COMPARED, strict=True):
        path.write_text(STARTERS[name].document)
    out = told("diff", file, other)[1]
    assert max(map(len, out.splitlines())) <= 100
    golden("diff-coffee-stars.txt", out)
