"""The documentation is whole: no dead links, every page in the navigation, and the site builds."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.test_files import FILES, ROOT, text

PAGES = [name for name in FILES if name.endswith(".md") and not name.startswith("src/")]
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
ANCHOR = re.compile(r"[^\w\- ]")


def prose(name):
    """A page without its code."""
    return FENCE.sub("", text(name))


def anchors(name):
    """The anchors of a page's headings, as the site and the repository's host make them."""
    heads = re.findall(r"^#+ (.+)$", prose(name), re.MULTILINE)
    return {ANCHOR.sub("", head.lower()).strip().replace(" ", "-") for head in heads}


def pages(nav):
    """The pages of a navigation, from the top down."""
    for entry in nav:
        target = next(iter(entry.values())) if isinstance(entry, dict) else entry
        yield from [target] if isinstance(target, str) else pages(target)


@pytest.mark.parametrize("name", PAGES)
def test_no_link_is_dead(name):
    for link in LINK.findall(CODE_SPAN.sub("", prose(name))):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.resolve().relative_to(ROOT).as_posix()), link


def test_every_page_is_in_the_navigation():
    nav = tomllib.loads(text("zensical.toml"))["project"]["nav"]
    expected = sorted(n.removeprefix("docs/") for n in PAGES if n.startswith("docs/"))
    assert sorted(pages(nav)) == expected


def test_decisions_are_numbered_and_listed():
    names = sorted(Path(n).name for n in PAGES if re.match(r"docs/decisions/\d", n))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    listed = re.findall(r"\]\((\d{4}-[^)]+)\)", text("docs/decisions/index.md"))
    assert listed == names


def test_the_site_builds_without_a_warning(tmp_path):
    """`make docs`, in another folder: the tool wants its pages below its configuration."""
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    built = subprocess.run(
        [Path(sys.executable).parent / "zensical", "build", "--strict"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    assert (tmp_path / "site" / "index.html").exists()
