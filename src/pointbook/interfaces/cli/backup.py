"""`pointbook backup FILE`: everything of this home in one tar file, readable by its owner only.

The archive holds `manifest.json`, `database.dump` (pg_dump's custom format: a consistent
snapshot, taken while Pointbook runs), `secret` and `media/`. Raises `BackupError`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from pointbook.interfaces.cli import home, places
from pointbook.interfaces.cli.database import server
from pointbook.interfaces.cli.postgres import environment

FORMAT = 1
MANIFEST, DUMP, SECRET, MEDIA = "manifest.json", "database.dump", "secret", "media"


class BackupError(home.HomeError):
    """The backup cannot be written or read."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file to write."""
    parser.add_argument("file", type=Path, help="the backup to write; must not exist yet")


def run(arguments: argparse.Namespace) -> int:
    """Write the backup, whole or not at all."""
    file: Path = arguments.file
    here = home.current()
    here.require()
    if file.exists():
        raise BackupError(f"{file} exists.", mend="Name a file that does not exist yet.")
    try:
        with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".backup-") as work:
            draft = _write(here=here, work=Path(work))
            draft.replace(file)
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {error.strerror}.") from error
    print(f"Backed up {here.path} to {file} ({file.stat().st_size:,} bytes).")
    return 0


def client(name: str) -> str:
    """A PostgreSQL client program: the wheel's, or the system's where the server wants TLS."""
    if conninfo_to_dict(home.owner_dsn()).get("sslmode") not in (
        "require",
        "verify-ca",
        "verify-full",
    ):
        return str(places.wheel() / "pginstall/bin" / name)
    system = shutil.which(name)
    if system is None:
        raise BackupError(
            f"{name} is not installed, and this server wants TLS.",
            mend="Install PostgreSQL's client programs, of the server's version or newer.",
        )
    return system


def call(command: list[str]) -> None:
    """Run a client program; its complaint becomes the error."""
    done = subprocess.run(command, env=environment(), capture_output=True, check=False)
    if done.returncode:
        complaint = done.stderr.decode(errors="replace").strip().splitlines()
        raise BackupError(
            f"{Path(command[0]).name} failed: {(complaint or ['no reason given'])[-1]}"
        )


def _write(*, here: home.Home, work: Path) -> Path:
    dump = work / DUMP
    with server(here=here):
        call([client("pg_dump"), "-Fc", "--no-privileges", f"--file={dump}", home.owner_dsn()])
    manifest = work / MANIFEST
    manifest.write_text(
        json.dumps(
            {
                "format": FORMAT,
                "pointbook": version("pointbook"),
                "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            }
        )
    )
    draft = work / "backup.tar"
    with (
        os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw,
        tarfile.open(fileobj=raw, mode="w") as archive,
    ):
        for path, name in (
            (manifest, MANIFEST),
            (here.secret_file, SECRET),
            (dump, DUMP),
            (here.media, MEDIA),
        ):
            archive.add(path, arcname=name)
    return draft
