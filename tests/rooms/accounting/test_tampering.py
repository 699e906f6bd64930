"""A superuser who changes one cent, one point or one word past the guards: verify finds it."""

import pytest
from django.db import connection

from pointbook.accounting import invariants as books
from pointbook.accounting.operations.proposing import propose_and_approve
from pointbook.controls import invariants as controls
from pointbook.ledger import invariants as ledger
from tests.rooms.accounting.conftest import ANA

SEQUENCE = "sequence.gap-free"
# Table, change, and one of the invariants that find it.
CHANGES = [
    ("accounting_close", "closed_by = 'eve'", "books.chain"),
    ("accounting_close", "closed_at = closed_at - interval '1 minute'", "books.chain"),
    ("accounting_watermark", "seq = seq - 1", "books.chain"),
    ("accounting_watermark", "rate = rate - 0.01", "books.chain"),
    ("accounting_closestage", "summary = summary || '!' where number = 1", "books.chain"),
    ("accounting_tieout", "this_side = this_side + 1", "books.chain"),
    ("accounting_tieout", "that_side = that_side + 1, this_side = this_side + 1", "books.chain"),
    ("accounting_journalentry", "description = description || '!'", "books.chain"),
    ("accounting_journalentry", "posting_on = posting_on - 1", "books.chain"),
    ("accounting_journalline", "debit = debit + 1 where debit > 0", "books.lines"),
    ("accounting_journalline", "account = '4020' where account = '4010'", "books.lines"),
    ("accounting_cohortentry", "change = change + 1", "books.derivable"),
    ("accounting_cohortentry", "breakage = breakage + 1", "books.derivable"),
    ("accounting_cohorttotal", "redeemed = redeemed + 1", "books.cohorts-rebuilt"),
    ("accounting_cohorttotal", "liability = liability + 1", "books.cohorts-tie"),
    ("accounting_schedule", "amount = amount + 1", "books.schedules-tie"),
    ("accounting_schedule", "until_on = until_on + 1", "books.schedules-tie"),
    ("accounting_decision", "reason = 'because'", "books.chain"),
    ("accounting_proposal", "body = body || '{\"full\": false}'", "books.chain"),
    ("accounting_setting", "costs = not costs", "books.chain"),
    ("accounting_seal", "digest = sha256(digest)", "books.chain"),
    ("accounting_seal", "sealed_by = 'eve' where number = 1", "books.chain"),
    ("ledger_fact", "total = total + 1 where type = 'purchase'", "ledger.contents"),
    ("ledger_fact", "tax = tax + 1 where type = 'purchase'", "ledger.contents"),
    ("ledger_fact", "store = 'elsewhere'", "ledger.contents"),
    ("ledger_fact", "content = replace(content, '100000', '100001')", "ledger.contents"),
    ("ledger_transfer", "points = points + 1 where kind = 'award'", "ledger.draws"),
    ("ledger_transfer", "points = points + 1 where kind = 'burn'", "ledger.balances"),
    ("ledger_transfer", "side = 'own' where kind = 'burn'", "books.derivable"),
    (
        "ledger_transfer",
        "occurred_at = occurred_at + interval '31 days' where kind = 'burn'",
        "books.derivable",
    ),
    ("ledger_lot", "points = points + 1", "ledger.lots"),
    ("ledger_lot", "remaining = remaining - 1 where remaining > 0", "ledger.wallets"),
    ("ledger_lot", "allocated = allocated + 1", "books.cohorts-rebuilt"),
    ("ledger_lot", "policy = 'incremental_cost'", "books.derivable"),
    ("ledger_draw", "points = points + 1", "ledger.draws"),
    ("ledger_account", "balance = balance + 1 where kind = 'wallet'", "ledger.balances"),
    (
        "controls_outbox",
        "seq = seq + 100 where seq = (select max(seq) from controls_outbox)",
        SEQUENCE,
    ),
]


def found() -> set[str]:
    rooms = (controls, ledger, books)
    return {one.name for room in rooms for one in room.ALL if one.check()}


@pytest.fixture
def closed(shop):
    """Two sealed months, with a setting that was proposed and decided before."""
    shop.estimate("0.9", "2017-01")
    propose_and_approve(
        kind="settings", entity_code="main", body={"full": True, "owner_run": True}, actor=ANA
    )
    shop.happened(shop.buy("2017-01-10", 100_000), shop.burn("2017-01-20", 40))
    shop.happened(shop._fact("membership", "2017-01-15", "m1", None, currency="USD", total=10_000))
    shop.close("2017-01", reason="a test")
    shop.happened(shop.buy("2017-02-10", 100_000), shop.burn("2017-02-20", 30))
    shop.close("2017-02", reason="a test")
    connection.cursor().execute("set constraints all immediate; set constraints all deferred")
    return shop


def test_honest_books_hold(closed):
    assert found() == set()


@pytest.mark.parametrize(("table", "change", "finds"), CHANGES)
def test_a_change_past_the_guards_is_found(closed, as_owner, table, change, finds):
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(f"update {table} set {change}")
        assert cursor.rowcount > 0
    assert finds in found()
