"""Django's form of a connection string, and the one way to be the tables' owner for a while."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from pointbook.interfaces.cli import home

_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def settings_of(*, dsn: str) -> dict[str, Any]:
    """The `DATABASES` entry for a libpq connection string or URL; host may be a folder."""
    parts = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    known = {django: parts.pop(libpq, "") for libpq, django in _NAMES.items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **known,
        # `options` is always given, so that PGOPTIONS in the environment cannot seep in.
        "OPTIONS": {"options": " ", **parts},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


@contextlib.contextmanager
def as_owner() -> Iterator[None]:
    """Inside, Django's connection is the tables' owner: for migrations, never for requests."""
    application = connection.settings_dict
    connection.close()
    connection.settings_dict = {**application, **settings_of(dsn=home.owner_dsn())}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = application
