"""A replay that is interrupted, or whose reader goes away, ends without a word too many."""

import os
import signal
import subprocess
import sys
import time

import pytest
from demo import prepare

from tests.analytics.test_oracle import STARTERS


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    folder = tmp_path_factory.mktemp("interrupted")
    facts = prepare.cdnow(folder / "cdnow.csv")
    blueprint = folder / "beauty.yaml"
    blueprint.write_text((STARTERS / "beauty-tiers.yaml").read_text(encoding="utf-8"))
    replay = [sys.executable, "-m", "pointbook", "replay", str(facts), "--out", str(folder)]
    options = ["--blueprint", str(blueprint), "--set", "source=cdnow", "--set", "type=purchase"]
    return [*replay, *options]


@pytest.mark.parametrize("stage", ["staged", "folding"])
def test_ctrl_c_leaves_no_traceback_and_no_files(words, tmp_path, stage):
    """Interrupted as soon as the staged file is there, or once its processes are at work."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=environment,
        text=True,
    )
    while not list(tmp_path.glob("pointbook-*/*")) and process.poll() is None:
        time.sleep(0.01)
    if stage == "folding":
        time.sleep(2)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate()
    assert "Traceback" not in told
    assert process.returncode in (0, 130)
    assert not list(tmp_path.glob("pointbook-*"))


def test_a_closed_pipe_leaves_no_traceback(words):
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    told = process.stderr.read()
    assert process.wait() == 141
    assert "Traceback" not in told
    process.stderr.close()
