"""The application's role owns nothing, may truncate nothing, and changes only what may change."""

import psycopg
import pytest
from django.db import connection

from pointbook.interfaces.cli import home

pytestmark = pytest.mark.django_db

# Table -> the only columns the application may change once a row is written.
APPEND_ONLY = {
    "controls_auditrow": set(),
    "controls_outbox": set(),
    "django_migrations": set(),
    "earning_decision": set(),
    "ledger_account": {"balance"},
    "ledger_draw": set(),
    "ledger_fact": set(),
    "ledger_lot": {"remaining", "starts_at", "expires_at"},
    "ledger_recovery": set(),
    "ledger_transfer": set(),
    "programs_blueprintversion": set(),
    "programs_estimate": set(),
    "tiers_standing": set(),
}


def rows(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def test_it_owns_nothing():
    assert rows("SELECT current_user::text") == [(home.APPLICATION_ROLE,)]
    owned = rows(
        "SELECT relname FROM pg_class WHERE relowner = current_user::regrole UNION ALL "
        "SELECT proname FROM pg_proc WHERE proowner = current_user::regrole UNION ALL "
        "SELECT nspname FROM pg_namespace WHERE nspowner = current_user::regrole UNION ALL "
        "SELECT datname FROM pg_database WHERE datdba = current_user::regrole"
    )
    assert owned == []
    assert rows("SELECT has_schema_privilege('public', 'CREATE')") == [(False,)]
    powers = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = %s"
    assert rows(powers, home.APPLICATION_ROLE) == [(False, False, False)]


def test_it_reads_and_adds_everywhere_and_truncates_nowhere():
    tables = rows(
        "SELECT tablename, has_table_privilege(quote_ident(tablename), 'SELECT'),"
        " has_table_privilege(quote_ident(tablename), 'TRUNCATE')"
        " FROM pg_tables WHERE schemaname = 'public'"
    )
    assert {row[1:] for row in tables} == {(True, False)}


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_is_written_stays_written(table):
    columns = {
        name
        for name, may in rows(
            "SELECT attname::text, has_column_privilege(attrelid, attname, 'UPDATE')"
            " FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            table,
        )
        if may
    }
    assert columns == APPEND_ONLY[table]
    assert rows("SELECT has_table_privilege(%s, 'DELETE')", table) == [(False,)]


def test_the_database_refuses_by_itself(fresh_database):
    with psycopg.connect(fresh_database.dsn, autocommit=True) as application:
        for statement in (
            "UPDATE ledger_fact SET total = 0",
            "DELETE FROM ledger_fact",
            "TRUNCATE ledger_fact",
            "DROP TABLE ledger_fact",
            "ALTER TABLE ledger_fact DISABLE TRIGGER ALL",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(statement)
