"""POINTBOOK_HOME: where one Pointbook keeps its database, secret, uploads and locks.

Standard library only, and nothing here starts or creates anything unless asked (`Home.create`).
Raises `HomeError`.

    secret      the key that signs sessions            media/     uploads
    postgres/   the embedded database                  static/    what the web server serves
    *.lock      who is using what; the kernel frees them when their holder dies
"""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from pointbook.engine.values.errors import PointbookError

OWNER_ROLE = "pointbook_owner"  # owns the tables; only migrations, backup and restore use it
APPLICATION_ROLE = "pointbook"  # reads and writes rows; owns nothing
DATABASE = "pointbook"
PORT = 5432  # never opened: it only names the socket file
SOCKET_PATH_LIMIT = (
    93  # bytes of folder before "/.s.PGSQL.5432", so that the whole stays within 107
)


class HomeError(PointbookError):
    """This Pointbook home cannot be used."""


@dataclass(frozen=True, slots=True)
class Home:
    """One home folder and the places inside it."""

    path: Path

    @property
    def secret_file(self) -> Path:
        return self.path / "secret"

    @property
    def media(self) -> Path:
        return self.path / "media"

    @property
    def static(self) -> Path:
        return self.path / "static"

    @property
    def run_lock(self) -> Path:
        """Held by `pointbook run`; its text says where it serves."""
        return self.path / "run.lock"

    @property
    def data_note(self) -> Path:
        """Names the data folder where it could not be inside the home."""
        return self.path / "postgres.data"

    @property
    def socket_note(self) -> Path:
        """Names the socket's folder where it could not be the data folder."""
        return self.path / "postgres.socket"

    def exists(self) -> bool:
        return self.secret_file.exists()

    def create(self) -> None:
        """Make the folder (0700), its secret (0600) and its folders; leaves alone what is there."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.path.chmod(0o700)
            self.media.mkdir(exist_ok=True)
            self.static.mkdir(exist_ok=True)
        except OSError as error:
            raise HomeError(
                f"{self.path} cannot be used as home: {error.strerror}.",
                mend="Set POINTBOOK_HOME to a folder you may write to.",
            ) from error
        if not self.secret_file.exists():
            write_private(path=self.secret_file, text=secrets.token_urlsafe(48))

    def remove_contents(self) -> None:
        """Make the home empty again."""
        for path in (self.data_note, self.socket_note):
            if path.exists():
                shutil.rmtree(path.read_text(encoding="utf-8"), ignore_errors=True)
        for path in self.path.iterdir() if self.path.exists() else ():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def require(self) -> None:
        """Raise `HomeError` unless `pointbook init` has made this home."""
        if not self.exists():
            raise HomeError(f"There is no Pointbook in {self.path}.", mend="Run: pointbook init")

    def secret(self) -> str:
        """The signing key; before `init` one that lasts as long as this process."""
        try:
            return self.secret_file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return secrets.token_urlsafe(48)

    def socket_folder(self) -> Path:
        """Where the embedded server's socket is, or would be."""
        try:
            return Path(self.socket_note.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return self.path / "postgres"


def current() -> Home:
    """The home that POINTBOOK_HOME names, else ~/.pointbook."""
    return Home(
        path=Path(os.environ.get("POINTBOOK_HOME") or "~/.pointbook").expanduser().absolute()
    )


def embedded() -> bool:
    """Whether this home runs its own database (no DATABASE_URL is set)."""
    return not os.environ.get("DATABASE_URL")


def application_dsn() -> str:
    """Connection string of the application's role."""
    return os.environ.get("DATABASE_URL") or _socket_dsn(role=APPLICATION_ROLE)


def owner_dsn() -> str:
    """Connection string of the role that owns the tables.

    With an external server that is DATABASE_OWNER_URL, or DATABASE_URL where one role does both.
    """
    if embedded():
        return _socket_dsn(role=OWNER_ROLE)
    return os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]


def write_private(*, path: Path, text: str) -> None:
    """Write a file only its owner can read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def _socket_dsn(*, role: str) -> str:
    folder = str(current().socket_folder()).replace("\\", r"\\").replace("'", r"\'")
    # `options` too, so that nothing of PG* in the environment seeps in.
    return f"host='{folder}' port={PORT} user={role} dbname={DATABASE} options=' '"
