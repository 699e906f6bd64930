"""A database of the first release, with points in it, gets the new columns without losing any."""

import psycopg
import pytest
from django.core.management import call_command

from tests.plugins.database import pointed_at
from tests.rooms.till import buy, give_back, posted, publish, rows

BEFORE = (("tiers", "0002"), ("ledger", "0005"))


@pytest.fixture
def first_release(fresh_database):
    """A history, and the tables as they were; answers how to go on to today's."""
    publish()
    posted(buy("1", 10_000), buy("2", 50_000, days=1), give_back("r", "1", 1_000, days=2))
    before = history()

    def migrate(*words):
        with pointed_at(fresh_database.owner_dsn):
            call_command("migrate", *words, verbosity=0, interactive=False)

    for room, number in BEFORE:
        migrate(room, number)
    with psycopg.connect(fresh_database.owner_dsn) as owner:
        owner.execute("alter table ledger_account disable trigger user")
        owner.execute("delete from ledger_account where kind in ('deducted', 'moved')")
        owner.execute("alter table ledger_account enable trigger user")
    return before, migrate


def history():
    return {
        "lots": rows("select id, starts_at, expires_at, remaining from ledger_lot order by id"),
        "recoveries": rows("select fact_id, lot_id, points, carried from ledger_recovery"),
        "standings": rows(
            "select fact_id, seq, ladder, kind, tier, until from tiers_standing order by id"
        ),
        "accounts": rows("select unit, kind, balance from ledger_account order by 1, 2, 3"),
    }


def test_what_was_there_is_there_still(first_release):
    before, migrate = first_release
    assert rows(
        "select count(*) from information_schema.columns where column_name = 'starts_at'"
        " and table_name = 'ledger_lot'"
    ) == [(0,)]
    migrate()
    assert history() == before
    assert all(starts is not None for _, starts, *_ in before["lots"])
