"""Databases for tests.

One embedded PostgreSQL per run, started by the first test that wants it and shared by all
workers, or the server of DATABASE_URL (a superuser's). Tests act as the application's role, which
owns nothing, so a missing or too wide privilege shows. Fixtures:

    db, django_db marker   a transaction that is rolled back (pytest-django's)
    fresh_database         a database of its own, for real commits, races and other processes
    as_owner               `with as_owner():` the tables' owner, to plant errors

Nothing flushes tables: the triggers refuse it. So no transactional_db, live_server or
TransactionTestCase.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pointbook.interfaces.cli import home, privileges
from pointbook.interfaces.cli.connection import settings_of
from pointbook.interfaces.cli.postgres import Server

EXTERNAL = os.environ.get("DATABASE_URL")
IN_A_HURRY = (
    # Who looks at empty tables once makes every later plan a guess of no rows: slow by luck.
    "autovacuum=off",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
)


@dataclass(frozen=True)
class TestServer:
    """A superuser's way to the server of this run."""

    __test__ = False
    admin: str
    prefix: str

    def dsn(self, *, database: str, role: str = home.APPLICATION_ROLE) -> str:
        return make_conninfo(self.admin, dbname=database, options=f"-c role={role}")

    def execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.admin, autocommit=True) as admin:
            admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def clone(self, *, template: str, name: str) -> None:
        self.drop(name)
        self.execute(
            "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY OWNER {}",
            name,
            template,
            home.OWNER_ROLE,
        )

    def drop(self, name: str) -> None:
        self.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


@dataclass(frozen=True)
class FreshDatabase:
    """A database of one test; `dsn` is the application's, `owner_dsn` the owner's."""

    name: str
    dsn: str
    owner_dsn: str


@pytest.fixture(scope="session")
def postgres(request) -> Iterator[TestServer]:
    """The server of this run, with both roles."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    worker = os.environ.get("PYTEST_XDIST_WORKER", "only")
    with contextlib.ExitStack() as stack:
        if EXTERNAL:
            admin = EXTERNAL
            _make_roles(admin)
        else:
            path = Path(tempfile.gettempdir()) / f"pointbook-tests-{run}"
            path.mkdir(mode=0o700, exist_ok=True)
            server = Server(home=home.Home(path=path), initdb=("--no-sync",), settings=IN_A_HURRY)
            stack.callback(_remove_if_last, server)
            stack.enter_context(server.running())
            admin = server.dsn()
        yield TestServer(admin=admin, prefix=f"test_{run[:8]}_{worker}")


@pytest.fixture(scope="session")
def template_database(postgres, django_db_blocker) -> Iterator[str]:
    """A database with all tables and nothing in them; nothing stays connected to it."""
    name = f"{postgres.prefix}_template"
    postgres.drop(name)
    postgres.execute("CREATE DATABASE {} OWNER {}", name, home.OWNER_ROLE)
    owner = postgres.dsn(database=name, role=home.OWNER_ROLE)
    with django_db_blocker.unblock(), pointed_at(owner):
        call_command("migrate", verbosity=0, interactive=False)
    privileges.grant(owner_dsn=owner)
    yield name
    postgres.drop(name)


@pytest.fixture(scope="session")
def django_db_setup(postgres, template_database, django_db_blocker) -> Iterator[None]:
    """What pytest-django's `db` stands on: this worker's clone, as the application's role."""
    name = postgres.prefix
    postgres.clone(template=template_database, name=name)
    with django_db_blocker.unblock(), pointed_at(postgres.dsn(database=name)):
        yield
    postgres.drop(name)


@pytest.fixture
def fresh_database(postgres, template_database, django_db_blocker) -> Iterator[FreshDatabase]:
    """A database of this test's own, and Django's connections (of every thread) pointed at it."""
    name = f"{postgres.prefix}_fresh"
    postgres.clone(template=template_database, name=name)
    fresh = FreshDatabase(
        name=name,
        dsn=postgres.dsn(database=name),
        owner_dsn=postgres.dsn(database=name, role=home.OWNER_ROLE),
    )
    with django_db_blocker.unblock(), pointed_at(fresh.dsn):
        yield fresh
    postgres.drop(name)


@pytest.fixture
def as_owner():
    """Give a context manager in which the tables' owner acts."""

    @contextlib.contextmanager
    def acting() -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {home.OWNER_ROLE}")
            yield
            cursor.execute(f"SET ROLE {home.APPLICATION_ROLE}")

    return acting


@contextlib.contextmanager
def pointed_at(dsn: str) -> Iterator[None]:
    """Change the settings in place: connections of other threads are made from the same dict."""
    settings = connection.settings_dict
    before = dict(settings)
    connections.close_all()
    settings.update(settings_of(dsn=dsn))
    try:
        yield
    finally:
        connections.close_all()
        settings.update(before)


def _make_roles(admin: str) -> None:
    with psycopg.connect(admin, autocommit=True) as connected:
        for role in (home.OWNER_ROLE, home.APPLICATION_ROLE):
            with contextlib.suppress(psycopg.errors.DuplicateObject):
                connected.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))


def _remove_if_last(server: Server) -> None:
    if not server.processes():
        shutil.rmtree(server.home.path, ignore_errors=True)
