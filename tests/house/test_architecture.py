"""ARCHITECTURE.md is a true map: one line for every file of the code, and for no other."""

import re

from tests.house.test_files import FILES, text

MAPPED = re.compile(
    r"^(src|demo|bench|tests/plugins)/.*\.py$|^(Makefile|pyproject\.toml|\.ci/run)$"
)
UNMAPPED = re.compile(r"/migrations/|__init__\.py$|/apps\.py$")
LINE = re.compile(r"^- `([^`]+)` — \S.*$", re.MULTILINE)


def test_one_line_for_every_file():
    expected = sorted(name for name in FILES if MAPPED.search(name) and not UNMAPPED.search(name))
    assert sorted(LINE.findall(text("ARCHITECTURE.md"))) == expected
