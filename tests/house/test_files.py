"""House habits: what a file may be called, how long it may be, and how it begins."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LISTED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split("\n")
FILES = [name for name in LISTED if name and (ROOT / name).is_file()]
CODE = [name for name in FILES if name.endswith(".py")]
ROOMS_AND_ENGINE = [
    name for name in CODE if re.match(r"src/pointbook/(?!interfaces/|config/)", name)
]
OURS = [name for name in CODE if name.startswith("src/") and "/migrations/" not in name]
FORBIDDEN = {"utils", "util", "misc", "helpers", "helper", "common"}
# Where this was written is nobody's business; spelt so that this file does not name it either.
WORKPLACE = re.compile(r"/work" r"/(main|shared|\.library)|/tmp" r"/(design|scratch|bash_jobs)")
VENDORED = re.compile(r"/vendor/|\.min\.(js|css)$|requirements.*\.lock$|/migrations/")


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_names_say_what_is_inside(name):
    assert not {Path(part).stem for part in Path(name).parts} & FORBIDDEN


@pytest.mark.parametrize("name", CODE)
def test_files_and_functions_are_short(name):
    body = text(name)
    assert len(body.splitlines()) <= 500
    for node in ast.walk(ast.parse(body)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "/migrations/" not in name:
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= 60, f"{node.name} has {length} lines"


@pytest.mark.parametrize("name", OURS)
def test_modules_open_with_what_they_are_for(name):
    module = ast.parse(text(name))
    assert ast.get_docstring(module), "say what the module is for"


@pytest.mark.parametrize("name", ROOMS_AND_ENGINE)
def test_public_functions_take_keywords(name):
    """Beyond a few plain subjects, arguments of public functions are named by the caller."""
    for node in ast.parse(text(name)).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            positional = len(node.args.args) + len(node.args.posonlyargs)
            assert positional <= 3, f"{node.name}: keyword-only beyond the subject"


@pytest.mark.parametrize("name", [name for name in FILES if not VENDORED.search(name)])
def test_nothing_names_the_workplace(name):
    try:
        found = WORKPLACE.search(text(name))
    except UnicodeDecodeError:
        return
    assert found is None


def test_the_makefile_stays_short():
    assert len(text("Makefile").splitlines()) < 60
