"""What was written stays written: refused for the application, and for the tables' owner."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from tests.rooms.till import broken, burn, buy, give_back, posted, publish, rows

pytestmark = pytest.mark.django_db
APPEND_ONLY = (
    *("controls_auditrow", "controls_outbox", "programs_blueprintversion", "programs_estimate"),
    *("ledger_fact", "ledger_transfer", "ledger_draw", "ledger_recovery"),
    *("earning_decision", "tiers_standing"),
)
REFUSED = r"append-only|may change"
VALUES = {"uuid": "gen_random_uuid()", "timestamp with time zone": "now()", "date": "now()"}
MOVING = {
    "ledger_account": ("balance",),
    "ledger_lot": ("remaining", "starts_at", "expires_at"),
}


@pytest.fixture(autouse=True)
def history(db):
    own = publish()
    posted(buy("1", 10_000), burn("b", 10), give_back("r", "1", 5_000))
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into programs_estimate (program_id, number, method, rate, from_period,
            cohorts, note, data_rows, data_seq, prepared_by, approved_by, recorded_at)
            values (%s, 1, 'flat', 0.9, '2017-02', '{}', '', 3, 4, 'a', 'b', now())""",
            [own],
        )
        cursor.execute("set constraints all immediate")


def column(table):
    return rows(
        "select attname::text from pg_attribute where attrelid = %s::regclass and attnum = 1", table
    )[0][0]


def refused(statement, error):
    with pytest.raises(error), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.parametrize("table", [*APPEND_ONLY, *MOVING])
def test_nothing_goes_and_nothing_changes(table, as_owner):
    first = column(table)
    assert rows(f"select count(*) > 0 from {table}") == [(True,)]
    for statement in (
        f"update {table} set {first} = {first} + 1000",
        f"delete from {table}",
        f"truncate {table} cascade",
    ):
        refused(statement, ProgrammingError)
        with pytest.raises(IntegrityError, match=REFUSED), transaction.atomic(), as_owner():
            connection.cursor().execute(statement)


@pytest.mark.parametrize(("table", "moves"), MOVING.items())
def test_only_what_moves_changes(table, moves, as_owner):
    names = rows(
        """select attname::text, format_type(atttypid, null) from pg_attribute
        where attrelid = %s::regclass and attnum > 0 and not attisdropped""",
        table,
    )
    for name in moves:
        connection.cursor().execute(f"update {table} set {name} = {name}")
    for name, kind in names:
        if name not in moves:
            other = f"case when {name} is null then {VALUES.get(kind, 7)} else null end"
            with pytest.raises(IntegrityError), transaction.atomic(), as_owner():
                connection.cursor().execute(f"update {table} set {name} = ({other})::{kind}")


@pytest.mark.parametrize(
    "change",
    [
        "update ledger_account set balance = -1 where kind = 'wallet'",
        "update ledger_account set balance = 1 where member_id is null",
        "update ledger_lot set remaining = points + 1",
        "update ledger_lot set remaining = -1",
    ],
)
def test_what_moves_stays_within_bounds(change):
    refused(change, IntegrityError)
    assert broken() == {}
