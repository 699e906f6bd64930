"""The database every command works on: started where it is ours, shared if it runs.

Raises `HomeError` where there is no Pointbook, and `DatabaseError` where an external server does
not answer.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import django
import psycopg
from django.core.management import call_command
from django.db import connections

from pointbook.interfaces.cli import home, privileges
from pointbook.interfaces.cli.connection import as_owner
from pointbook.interfaces.cli.postgres import Server


class DatabaseError(home.HomeError):
    """The database named by DATABASE_URL does not answer."""

    status = 503


@contextlib.contextmanager
def database() -> Iterator[None]:
    """Inside, the database answers and Django is ready; rooms may be imported from here on."""
    here = home.current()
    here.require()
    with server(here=here):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pointbook.config.settings")
        django.setup()
        try:
            yield
        finally:
            connections.close_all()


@contextlib.contextmanager
def server(*, here: home.Home) -> Iterator[None]:
    """Inside, a server answers: the embedded one, or the one DATABASE_URL names."""
    if home.embedded():
        with Server(home=here).running():
            yield
    else:
        for dsn in (home.owner_dsn(), home.application_dsn()):
            try:
                psycopg.connect(dsn).close()
            except psycopg.ProgrammingError as error:
                raise DatabaseError(
                    f"DATABASE_URL cannot be read: {str(error).strip()}.",
                    mend="Write it like postgresql://user:password@host:5432/name.",
                ) from error
            except psycopg.OperationalError as error:
                raise DatabaseError(
                    f"The database does not answer: {str(error).splitlines()[-1].strip()}",
                    mend="Check DATABASE_URL.",
                ) from error
        yield


def migrate() -> None:
    """Bring the tables up to date as their owner, then give the application's role its rights."""
    with as_owner():
        call_command("migrate", verbosity=0, interactive=False)
    privileges.grant_application()
