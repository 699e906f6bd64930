"""`pointbook restore FILE`: fill an empty home from a backup.

All or nothing: the home must be empty (with DATABASE_URL, that database too), and is emptied
again when something fails. Raises `BackupError`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from pointbook.interfaces.cli import home
from pointbook.interfaces.cli.backup import (
    DUMP,
    FORMAT,
    MANIFEST,
    MEDIA,
    SECRET,
    BackupError,
    call,
    client,
)
from pointbook.interfaces.cli.database import database, migrate

_HEADER_LINES = 40  # of pg_restore's script, before any data


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file to read."""
    parser.add_argument("file", type=Path, help="a file that `pointbook backup` wrote")


def run(arguments: argparse.Namespace) -> int:
    """Restore, then bring the tables up to this version."""
    file: Path = arguments.file
    here = home.current()
    if here.path.exists() and any(here.path.iterdir()):
        raise BackupError(
            f"{here.path} is not empty.",
            mend="Set POINTBOOK_HOME to a folder that is not there yet.",
        )
    with tempfile.TemporaryDirectory(prefix="pointbook-restore-") as work:
        unpacked = _unpack(file=file, folder=Path(work))
        with _emptied_on_failure(here=here):
            here.create()
            shutil.copy(unpacked / SECRET, here.secret_file)
            shutil.copytree(unpacked / MEDIA, here.media, dirs_exist_ok=True)
            with database():
                _require_empty_database()
                _load(dump=unpacked / DUMP)
                migrate()
    print(f"Restored {file} into {here.path}.")
    return 0


def _unpack(*, file: Path, folder: Path) -> Path:
    try:
        with tarfile.open(file, "r:") as archive:
            archive.extractall(folder, filter="data")
        manifest = json.loads((folder / MANIFEST).read_text())
    except FileNotFoundError as error:
        raise BackupError(f"{error.filename} does not exist.") from error
    except (OSError, tarfile.TarError, ValueError) as error:
        raise BackupError(f"{file} is not a Pointbook backup: {error}.") from error
    if manifest.get("format") != FORMAT:
        raise BackupError(
            f"{file} has format {manifest.get('format')}, and this Pointbook reads {FORMAT}.",
            mend="Restore it with a newer Pointbook.",
        )
    return folder


@contextlib.contextmanager
def _emptied_on_failure(*, here: home.Home) -> Iterator[None]:
    try:
        yield
    except BaseException:
        here.remove_contents()
        raise


def _require_empty_database() -> None:
    with psycopg.connect(home.owner_dsn()) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone()
    if row != (0,):
        raise BackupError("The database has tables.", mend="Point DATABASE_URL at an empty one.")


def _load(*, dump: Path) -> None:
    """Load in one transaction, without the setting that an older server does not know."""
    script = dump.with_suffix(".sql")
    call([client("pg_restore"), "--no-owner", "--no-privileges", f"--file={script}", str(dump)])
    with script.open("rb") as source, script.with_suffix(".fit").open("wb") as fit:
        for number, line in enumerate(source):
            if number > _HEADER_LINES or not line.startswith(b"SET transaction_timeout"):
                fit.write(line)
    psql = client("psql")
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    call([psql, *options, f"--file={fit.name}", home.owner_dsn()])
