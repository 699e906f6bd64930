"""`pointbook run`: database, web and worker as one thing with one log.

One process holds the home's run lock and starts the others, each in its own session, so that
Ctrl-C reaches only the one that knows the order of stopping. When one part ends unasked, all end:
half a Pointbook is worse than none. Raises `RunError`.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import IO

from pointbook.interfaces.cli import home
from pointbook.interfaces.cli.database import database, migrate
from pointbook.interfaces.cli.postgres import Server
from pointbook.interfaces.cli.statics import collect

_PATIENCE = 20  # seconds a part gets to finish its work before it is killed
_GLANCE = 0.25  # seconds between looks at the parts


class RunError(home.HomeError):
    """Pointbook cannot run here now."""

    status = 409


@dataclass(frozen=True, slots=True)
class Part:
    """One child process and the thread that copies its lines into the log."""

    name: str
    process: subprocess.Popen[str]
    reader: threading.Thread

    def stop(self) -> None:
        """Ask it to finish, and kill it when it does not."""
        self.process.terminate()
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            log("pointbook", f"{self.name} did not stop in {_PATIENCE} seconds: killed")
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.reader.join(_PATIENCE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen."""
    parser.add_argument("--bind", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
    parser.add_argument("--workers", type=int, default=1, help="web processes (1)")


def run(arguments: argparse.Namespace) -> int:
    """Run until Ctrl-C or SIGTERM (status 0), or until a part ends unasked (status 1)."""
    here = home.current()
    here.require()
    url = f"http://{arguments.bind}:{arguments.port}"
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # By hand, because a shell starts background jobs with SIGINT ignored.
        signal.signal(number, lambda *_: stop.set())
    with _only_one(here=here, url=url):
        _require_free(bind=arguments.bind, port=arguments.port)
        log("pointbook", f"version {version('pointbook')}, home {here.path}")
        with database():
            where = f", socket in {here.socket_folder()}" if home.embedded() else ""
            log("database", f"ready{where}")
            migrate()
            collect()
            _catch_up()
            return _serve(arguments=arguments, here=here, url=url, stop=stop)


def _catch_up() -> None:
    from pointbook.earning.tasks import catch_up

    catch_up()


def log(name: str, line: str) -> None:
    """One line of the common log."""
    with contextlib.suppress(BrokenPipeError):
        print(f"{name:9} | {line}", flush=True)


def _serve(
    *, arguments: argparse.Namespace, here: home.Home, url: str, stop: threading.Event
) -> int:
    parts: list[Part] = []
    status = 0
    try:
        for name, command in _commands(arguments).items():
            parts.append(_start(name=name, command=command, here=here))
        announced = False
        server = Server(home=here) if home.embedded() else None
        while not stop.wait(_GLANCE):
            if not announced and _listens(bind=arguments.bind, port=arguments.port):
                announced = True
                log("web", f"open {url}")
            ended = [part.name for part in parts if part.process.poll() is not None]
            if server and not server.processes():
                ended.append("database")
            if ended:
                log("pointbook", f"{' and '.join(ended)} ended unasked: stopping everything")
                status = 1
                break
    finally:
        log("pointbook", "stopping")
        for part in reversed(parts):
            part.stop()
    return status


def _commands(arguments: argparse.Namespace) -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    return {
        "web": [
            *(*python, "granian", "--interface", "wsgi", "--no-ws", "--log-level", "warning"),
            *("--host", arguments.bind, "--port", str(arguments.port)),
            *("--workers", str(arguments.workers), "--blocking-threads", "4"),
            "pointbook.config.wsgi:application",
        ],
        "worker": [*python, "django", "procrastinate", "worker"],
    }


def _start(*, name: str, command: list[str], here: home.Home) -> Part:
    # A part must not outlive a supervisor that was killed.
    leash = ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
    process = subprocess.Popen(
        [*leash, *command],
        env={
            **os.environ,
            "POINTBOOK_HOME": str(here.path),
            "POINTBOOK_SUPERVISED": "1",
            "PYTHONUNBUFFERED": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    assert process.stdout is not None
    reader = threading.Thread(target=_copy, args=(name, process.stdout), daemon=True)
    reader.start()
    return Part(name=name, process=process, reader=reader)


def _copy(name: str, lines: IO[str]) -> None:
    for line in lines:
        log(name, line.rstrip())


@contextlib.contextmanager
def _only_one(*, here: home.Home, url: str) -> Iterator[None]:
    """Hold the run lock; a second start reads from it where the first one serves."""
    with os.fdopen(os.open(here.run_lock, os.O_RDWR | os.O_CREAT, 0o600), "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunError(
                f"Pointbook is already running at {lock.read().strip()} (home {here.path}).",
                mend="Stop it with Ctrl-C where it was started.",
            ) from error
        lock.truncate()
        lock.write(f"{url} as process {os.getpid()}\n")
        lock.flush()
        yield


def _listens(*, bind: str, port: int) -> bool:
    try:
        socket.create_connection((bind, port), timeout=1).close()
    except OSError:
        return False
    return True


def _require_free(*, bind: str, port: int) -> None:
    """Ask before the web server starts: it would share a port that is in use, or panic."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error).rstrip(".")
            other = 8000 if isinstance(error, OverflowError) else port + 1
            raise RunError(
                f"Port {port} of {bind} cannot be used: {reason}.",
                mend=f"Choose another: pointbook run --port {other}",
            ) from error
