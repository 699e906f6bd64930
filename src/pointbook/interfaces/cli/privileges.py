"""What the application's role may do to each table. It owns none and may truncate none.

Rows may be read and added everywhere, and changed or deleted too unless the table is named here. Triggers refuse the
same changes to everybody; this is the second lock on the same door.
"""

from __future__ import annotations

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from pointbook.interfaces.cli import home

# Table -> the only columns that may change after a row is written.
APPEND_ONLY: dict[str, tuple[str, ...]] = {
    "accounting_close": (),
    "accounting_entry": (),
    "accounting_line": (),
    "controls_auditrow": (),
    "controls_outbox": (),
    "django_migrations": (),
    "earning_decision": (),
    "ledger_account": ("balance",),
    "ledger_draw": (),
    "ledger_fact": (),
    "ledger_lot": ("remaining",),
    "ledger_transfer": (),
    "programs_version": (),
}


def grant(*, owner_dsn: str, role: str = home.APPLICATION_ROLE) -> None:
    """Give `role` its rights on every table there is, anew, in one transaction."""
    to = sql.Identifier(role)
    with psycopg.connect(owner_dsn) as connection:
        for statement in (
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
        ):
            connection.execute(sql.SQL(statement).format(to))
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename = any(%s)",
            [list(APPEND_ONLY)],
        ).fetchall()
        for (name,) in tables:
            table = sql.Identifier(name)
            connection.execute(
                sql.SQL("REVOKE UPDATE, DELETE ON {} FROM {}").format(table, to)
            )
            if columns := APPEND_ONLY[name]:
                named = sql.SQL(", ").join(map(sql.Identifier, columns))
                connection.execute(
                    sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(named, table, to)
                )


def grant_application() -> None:
    """`grant` to this home's application role, unless one role is both owner and application."""
    role = str(conninfo_to_dict(home.application_dsn()).get("user", ""))
    if role != conninfo_to_dict(home.owner_dsn()).get("user"):
        grant(owner_dsn=home.owner_dsn(), role=role)
