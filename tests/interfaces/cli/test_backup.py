"""Backup and restore: the copy has the same rows, secret and uploads; or nothing is left."""

import json
import shutil
import tarfile

import psycopg
import pytest

from pointbook.interfaces.cli import home
from tests.interfaces.cli.conftest import hosted

DIGEST = """
from django.db import connection
cursor = connection.cursor()
cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
for table in sorted(row[0] for row in cursor.fetchall()):
    rows = "md5(string_agg(t::text, ',' ORDER BY t::text))"
    cursor.execute(f"SELECT count(*), {rows} FROM {table} t")
    print(table, *cursor.fetchone())
"""


def test_a_restored_copy_has_everything(host):
    (host.home.media / "picture.txt").write_text("kept")
    file = host.path.parent / "backup.tar"
    assert "Backed up" in host.ok("backup", file)
    assert file.stat().st_mode & 0o777 == 0o600
    before = host.python(DIGEST)
    with hosted() as copy:
        copy.ok("restore", file)
        assert copy.python(DIGEST) == before
        assert copy.home.secret_file.read_text() == host.home.secret_file.read_text()
        assert copy.home.secret_file.stat().st_mode & 0o777 == 0o600
        assert (copy.home.media / "picture.txt").read_text() == "kept"
        assert "password" not in copy.ok("init"), "the operator came along"


def test_backup_while_pointbook_runs(host):
    process, _port = host.start()
    host.ok("backup", host.path.parent / "backup.tar")
    process.terminate()
    assert process.wait() == 0


def test_backup_does_not_overwrite(host):
    file = host.path.parent / "backup.tar"
    file.write_text("mine")
    done = host.call("backup", file)
    assert (done.returncode, file.read_text()) == (2, "mine")
    assert done.stderr == f"pointbook: {file} exists. Name a file that does not exist yet.\n"


def test_restore_only_into_an_empty_home(host):
    file = host.path.parent / "backup.tar"
    host.ok("backup", file)
    done = host.call("restore", file)
    assert done.returncode == 2
    assert done.stderr.startswith(f"pointbook: {host.path} is not empty.")


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda file: file.write_bytes(b"nonsense" * 100), "is not a Pointbook backup"),
        (lambda file: file.unlink(), "does not exist"),
        (lambda file: _rewritten(file, manifest={"format": 99}), "has format 99"),
        (lambda file: _rewritten(file, dump=b"PGDMP nonsense"), "pg_restore failed"),
    ],
    ids=["nonsense", "missing", "newer", "damaged"],
)
def test_a_bad_backup_leaves_nothing_behind(host, spoil, complaint):
    file = host.path.parent / "backup.tar"
    host.ok("backup", file)
    spoil(file)
    with hosted() as copy:
        done = copy.call("restore", file)
        assert done.returncode == 2
        assert complaint in done.stderr
        assert done.stderr.count("\n") == 1
        assert not copy.path.exists() or not list(copy.path.iterdir())
        assert copy.server.processes() == []


def test_with_a_server_of_the_operators_own(host):
    """Another home's server stands for it: two roles, one database for each Pointbook."""
    with hosted() as elsewhere, hosted() as first, hosted() as second:
        elsewhere.home.create()
        with elsewhere.server.running():
            for pointbook, name in ((first, "one"), (second, "two")):
                with psycopg.connect(elsewhere.server.dsn(), autocommit=True) as admin:
                    admin.execute(f"CREATE DATABASE {name} OWNER {home.OWNER_ROLE}")
                pointbook.extra = {
                    "DATABASE_URL": _url(elsewhere, role=home.APPLICATION_ROLE, name=name),
                    "DATABASE_OWNER_URL": _url(elsewhere, role=home.OWNER_ROLE, name=name),
                }
            first.ok("init")
            file = first.path.parent / "backup.tar"
            first.ok("backup", file)
            second.ok("restore", file)
            assert second.python(DIGEST) == first.python(DIGEST)
            shutil.rmtree(second.path)
            done = second.call("restore", file)
            assert done.returncode == 2
            assert "The database has tables." in done.stderr
        done = first.call("init")
        assert done.returncode == 2
        assert done.stderr.startswith("pointbook: The database does not answer:")
        assert done.stderr.count("\n") == 1


def _url(host, *, role, name):
    return f"postgresql://{role}@/{name}?host={host.home.socket_folder()}&port=5432"


def _rewritten(file, *, manifest=None, dump=None):
    folder = file.with_suffix(".d")
    with tarfile.open(file) as archive:
        archive.extractall(folder, filter="data")
    if manifest:
        (folder / "manifest.json").write_text(json.dumps(manifest))
    if dump:
        (folder / "database.dump").write_bytes(dump)
    with tarfile.open(file, "w") as archive:
        for path in folder.iterdir():
            archive.add(path, arcname=path.name)
