"""What the application's role may do to each table. It owns none and may truncate none.

Rows may be read and added everywhere, and changed or deleted where no guard of `controls.guards`
stands on the table: the privileges are read from those triggers, so they are the second lock on
the same door and cannot differ from it.
"""

from __future__ import annotations

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from pointbook.interfaces.cli import home

_EVERYWHERE = (
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
)
# Each guarded table once, with the columns its guard lets move.
_GUARDED = """
SELECT relname, array_remove(array_agg(moves), NULL)
  FROM pg_trigger
  JOIN pg_class ON pg_class.oid = tgrelid
  JOIN pg_proc ON pg_proc.oid = tgfoid
  LEFT JOIN LATERAL unnest(string_to_array(
         encode(trim('\\x00'::bytea FROM tgargs), 'escape'), '\\000')) moves
         ON proname = 'pointbook_only_column'
 WHERE proname IN ('pointbook_append_only', 'pointbook_only_column')
 GROUP BY relname
"""


def grant(*, owner_dsn: str, role: str = home.APPLICATION_ROLE) -> None:
    """Give `role` its rights on every table there is, anew, in one transaction."""
    to = sql.Identifier(role)
    with psycopg.connect(owner_dsn) as connection:
        for statement in _EVERYWHERE:
            connection.execute(sql.SQL(statement).format(role=to))
        for name, columns in connection.execute(_GUARDED).fetchall():
            table = sql.Identifier(name)
            connection.execute(sql.SQL("REVOKE UPDATE, DELETE ON {} FROM {}").format(table, to))
            for column in columns:
                connection.execute(
                    sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(
                        sql.Identifier(column), table, to
                    )
                )


def grant_application() -> None:
    """`grant` to this home's application role, unless one role is both owner and application."""
    role = str(conninfo_to_dict(home.application_dsn()).get("user", ""))
    if role != conninfo_to_dict(home.owner_dsn()).get("user"):
        grant(owner_dsn=home.owner_dsn(), role=role)
