"""Golden files: what a test produced, kept beside it in `golden/`.

`golden("name.json", text)` compares; `make golden` (`--golden-update`) writes instead, and after
a whole run removes the files no test asked for.
"""

from pathlib import Path

import pytest

USED = pytest.StashKey[set[Path]]()
TESTS = Path(__file__).parents[1]


def pytest_addoption(parser):
    parser.addoption("--golden-update", action="store_true", help="write golden files anew")


def pytest_configure(config):
    config.stash[USED] = set()


@pytest.fixture
def golden(request):
    """Compare a text with the file of that name in `golden/` beside the test."""

    def check(name: str, text: str) -> None:
        path = request.path.parent / "golden" / name
        request.config.stash[USED].add(path)
        if request.config.getoption("--golden-update"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} does not exist: run make golden and look at what it writes"
        assert text == path.read_text(encoding="utf-8"), f"{path} differs: if meant, make golden"

    return check


def pytest_sessionfinish(session, exitstatus):
    config = session.config
    whole = config.args_source is not pytest.Config.ArgsSource.ARGS and not (
        config.getoption("keyword") or config.getoption("markexpr")
    )
    if config.getoption("--golden-update") and whole and exitstatus == pytest.ExitCode.OK:
        for path in TESTS.glob("**/golden/*"):
            if path not in config.stash[USED]:
                path.unlink()
