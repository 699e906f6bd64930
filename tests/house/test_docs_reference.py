"""The reference is complete: commands, settings, errors, events, invariants, fields."""

import argparse
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import pointbook
from pointbook.controls.keys import SCOPES
from pointbook.controls.permissions import ACTIONS
from pointbook.engine.replay.months import COLUMNS, MOVES
from pointbook.engine.rules.reading.shape import schema
from pointbook.engine.values import facts
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.cli import main, verify
from pointbook.interfaces.importers import fields, people
from tests.house.test_files import FILES, ROOT, text

REFERENCE = "docs/reference"
ROW = re.compile(r"^\| `([^`]+)`", re.MULTILINE)
ROOTS = "fact|points|program|books|member|tier|reward|redemption|slot|cause|sweepstake"
KIND = re.compile(rf"""["']((?:{ROOTS})\.[a-z_]+)["']""")
ROOMS = sorted(path.parent.name for path in (ROOT / "src/pointbook").glob("*/apps.py"))


def page(name):
    return text(f"{REFERENCE}/{name}.md")


def section(name, heading):
    """The text under a heading, up to the next heading."""
    found = re.search(
        rf"^#+ {re.escape(heading)}$(.*?)(?=^#|\Z)", page(name), re.MULTILINE | re.DOTALL
    )
    assert found, f"{name}.md has no heading {heading!r}"
    return found[1]


def first_cells(body):
    """What stands in the first column of a part's tables."""
    return set(ROW.findall(body))


def parsers():
    """Every command and subcommand: its words and its parser."""
    for command, (module, _) in main.COMMANDS.items():
        parser = argparse.ArgumentParser()
        importlib.import_module(module).add_arguments(parser)
        yield (command,), parser
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                yield from (((command, verb), own) for verb, own in action.choices.items())


PARSERS = {" ".join(words): parser for words, parser in parsers()}


@pytest.mark.parametrize("command", PARSERS)
def test_commands(command):
    body, parser = section("cli", f"pointbook {command}"), PARSERS[command]
    given = {option for action in parser._actions for option in action.option_strings}
    documented = first_cells(body)
    assert {word for word in documented if word.startswith("--")} == given - {"-h", "--help"}
    for action in parser._actions:
        for choice in action.choices or () if not action.option_strings else ():
            if not isinstance(action, argparse._SubParsersAction):
                assert f"`{choice}`" in body


def test_no_command_is_made_up():
    documented = re.findall(r"^#+ pointbook (.+)$", page("cli"), re.MULTILINE)
    assert sorted(documented) == sorted(PARSERS)


def test_settings():
    used = set()
    for name in FILES:
        if name.endswith(".py") and name.startswith(("src/", "demo/")):
            lines = [line for line in text(name).splitlines() if "environ" in line]
            used |= set(re.findall(r'"([A-Z][A-Z_]{3,})"', "\n".join(lines)))
            if "env={" in text(name):
                used |= set(re.findall(r'^\s+"(POINTBOOK_[A-Z_]+)":', text(name), re.MULTILINE))
    assert first_cells(page("settings")) == used


def errors():
    """Every expected error there is."""
    for module in pkgutil.walk_packages(pointbook.__path__, "pointbook."):
        if not re.search(r"\.migrations|__main__|config\.wsgi", module.name):
            importlib.import_module(module.name)
    found, left = set(), [PointbookError]
    while left:
        children = left.pop().__subclasses__()
        left += children
        found |= {child for child in children if child.__module__.startswith("pointbook.")}
    return found


def test_errors():
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (.+?) \| (.+) \|$", page("errors"), re.MULTILINE)
    told = {(name, int(status), says) for name, status, says, mend in rows if mend.strip()}
    assert told == {
        (error.__name__, error.status, " ".join((error.__doc__ or "").split("\n\n")[0].split()))
        for error in errors()
    }


def test_events():
    said = set()
    for name in FILES:
        if name.startswith("src/") and name.endswith(".py") and "/migrations/" not in name:
            said |= set(KIND.findall(text(name)))
    others = {*ACTIONS, *SCOPES, *(one.name for one in verify.invariants())}
    assert first_cells(page("events")) - {"fact.TYPE"} == said - others
    assert 'f"fact.{' in text("src/pointbook/ledger/operations/posting.py")


def test_invariants():
    rows = re.findall(r"^\| `([^`]+)` \| (.+?) \| (.+?) \|$", page("invariants"), re.MULTILINE)
    assert rows == [(one.name, one.says, one.blind_to) for one in verify.invariants()]


def test_fields_of_facts():
    parts = {
        "Fields": facts.FIELDS,
        "A line": facts.LINE_FIELDS,
        "Files": {*fields.FIELDS, "attributes.NAME"},
        "A tender, a coupon, what is returned": {
            *(f"tenders[].{name}" for name in facts.TENDER_FIELDS),
            *(f"coupons[].{name}" for name in facts.COUPON_FIELDS),
            *(f"returns.{name}" for name in facts.Returned._fields),
        },
    }
    for heading, expected in parts.items():
        assert first_cells(section("facts", heading)) == set(expected), heading
    assert all(f"`{kind}`" in page("facts") for kind in facts.TENDERS)
    assert f"today {facts.SCHEMA_VERSION}." in page("facts")


def test_fields_of_people():
    told = first_cells(text("docs/guides/import-people.md"))
    assert told == {*people.FIELDS, "measure.NAME", "owed.UNIT"}


def test_columns_of_the_month_table():
    assert ROW.findall(page("month-table")) == [*COLUMNS, *MOVES]


def test_keys_of_a_behaviour():
    document = schema("behaviour")
    keys = {*document["properties"], *document["$defs"]["habit"]["properties"]}
    assert first_cells(page("behaviour")) == keys


def test_keys_of_a_story():
    document = schema("story")
    assert keys_of(page("stories").split("## Time")[0]) == {*document["properties"]}
    for part in ("given", "happened", "left"):
        properties = document["$defs"][part]["properties"]
        assert keys_of(section("stories", part)) == {*properties}, part


def keys_of(body):
    """Every key in the first cells of a part's tables; some share a row."""
    rows = re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \|", body, re.MULTILINE)
    return {key for row in rows for key in re.findall(r"`([^`]+)`", row)}


@pytest.mark.parametrize("room", [*ROOMS, "engine", "analytics"])
def test_every_room_says_what_it_is_for(room):
    """Its job, its words and its invariants, on one screen."""
    body = Path(ROOT, "src/pointbook", room, "README.md").read_text(encoding="utf-8")
    assert len(body.splitlines()) <= 40
    assert body.startswith(f"# {room}: ")
    assert "## Words" in body
    assert "## Invariants" in body
