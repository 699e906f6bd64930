"""Homes of their own for the host's tests, and Pointbook run in them as a user would."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pointbook.interfaces.cli import home
from pointbook.interfaces.cli.postgres import Server

# As somebody who is not root, even where the tests run as root: files stay reachable.
ORDINARY = ("unshare", "--user", "--map-user=65534", "--map-group=65534")
# As root, even where the tests do not run as root.
ROOT = () if os.geteuid() == 0 else ("unshare", "--user", "--map-root-user")


@dataclass
class Host:
    """One home and the way to call `pointbook` in it."""

    path: Path
    prefix: tuple[str, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def home(self) -> home.Home:
        return home.Home(path=self.path)

    @property
    def server(self) -> Server:
        return Server(home=self.home)

    def environment(self) -> dict[str, str]:
        """With what could lead a client of the embedded PostgreSQL astray."""
        ours = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
        kept = {name: value for name, value in os.environ.items() if name not in ours}
        astray = {"PGPORT": "1", "PGOPTIONS": "-c search_path=evil", "PGHOST": "nowhere"}
        return {**kept, **(self.extra or astray), "POINTBOOK_HOME": str(self.path)}

    def command(self, *words: object) -> list[str]:
        return [*self.prefix, sys.executable, "-m", "pointbook", *map(str, words)]

    def call(self, *words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words),
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def ok(self, *words: object) -> str:
        done = self.call(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def python(self, code: str) -> str:
        """Run code inside `database()`."""
        body = "\n".join(f"    {line}" for line in code.splitlines())
        script = f"from pointbook.interfaces.cli.database import database\nwith database():\n{body}"
        done = subprocess.run(
            [*self.prefix, sys.executable, "-c", script],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self) -> tuple[subprocess.Popen[str], int]:
        """`pointbook run` on a free port; returns when it serves."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = subprocess.Popen(
            self.command("run", "--port", port),
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.running.append(process)
        lines = []
        assert process.stdout
        for line in process.stdout:
            lines.append(line)
            if "| open http" in line:
                return process, port
        pytest.fail("".join(lines))

    def family(self) -> list[int]:
        """Every process that has this home in its environment, but for the database's."""
        mark = f"POINTBOOK_HOME={self.path}\0".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
        return sorted(set(found) - set(self.server.processes()))

    def kill_everything(self) -> None:
        for pid in [*self.family(), *self.server.processes()]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        for process in self.running:
            process.communicate()
        self.running.clear()
        until(lambda: not self.server.processes())


def until(condition) -> None:
    """Wait for what must come; a test has no time limit."""
    while not condition():
        time.sleep(0.02)


@contextmanager
def hosted(*, prefix: tuple[str, ...] = (), folder: str = "home") -> Iterator[Host]:
    base = Path(tempfile.mkdtemp(prefix="pb-"))
    host = Host(path=base / folder, prefix=prefix)
    try:
        yield host
    finally:
        host.kill_everything()
        shutil.rmtree(base)


@pytest.fixture(scope="session")
def made() -> Iterator[Host]:
    """A home after `pointbook init`, to be copied and never changed."""
    with hosted() as host:
        host.ok("init")
        yield host


@pytest.fixture
def host(made) -> Iterator[Host]:
    """A home of this test's own, after `pointbook init`."""
    with hosted() as copy:
        shutil.copytree(made.path, copy.path, symlinks=True)
        yield copy


def password_in(output: str) -> str:
    return str(re.findall(r"with the password (\S+)", output)[0])
