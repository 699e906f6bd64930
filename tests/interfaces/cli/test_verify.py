"""`pointbook verify` finds one planted error of every kind, and says when everything holds."""

import contextlib

import pytest
from django.db import connection

from pointbook.interfaces.cli import main, verify
from pointbook.ledger.operations.expiring import expire
from tests.interfaces.cli.conftest import hosted
from tests.rooms.redemption.shop import CAFE, reserve, settle
from tests.rooms.till import burn, buy, day, give_back, posted, publish

# What is planted, by the invariant that must tell it: table, change, and what is told.
PLANTED = [
    (
        "sequence.gap-free",
        "controls_outbox",
        "delete from controls_outbox where seq = 3",
        "7 events, but the last number is 8",
    ),
    (
        "ledger.balances",
        "ledger_account",
        "update ledger_account set balance = 51 where balance = 50",
        "the balance is 51, its transfers come to 50",
    ),
    (
        "ledger.lots",
        "ledger_lot",
        "update ledger_lot set remaining = 49 where points = 50",
        "49 points remain, its draws leave 50",
    ),
    (
        "ledger.wallets",
        "ledger_lot",
        "update ledger_lot set remaining = 49 where points = 50",
        "the balance is 50, its lots hold 49",
    ),
    (
        "ledger.draws",
        "ledger_draw",
        "update ledger_draw set points = 9 where points = 10",
        "a burn of 10 points has lots or draws of 9",
    ),
    (
        "ledger.ends",
        "ledger_lot",
        "update ledger_lot set expires_at = expires_at - interval '1 day' where points = 70",
        "a expiry at 2016-12-12 00:00:00+00:00 of a lot that ends at 2016-12-11 00:00:00+00:00",
    ),
    (
        "ledger.shares",
        "ledger_draw",
        "update ledger_draw set allocated = 999 where allocated > 0",
        "157 was allocated, 999 has left",
    ),
    (
        "ledger.claw-backs",
        "ledger_recovery",
        "update ledger_recovery set points = 81",
        "80 points were given, 81 were asked back",
    ),
    (
        "ledger.refunds",
        "ledger_transfer",
        "update ledger_transfer set kind = 'reinstatement' where kind = 'expiry'",
        "a reinstatement of 70 points, but 0 were taken",
    ),
    (
        "ledger.moved",
        "ledger_transfer",
        "update ledger_transfer set kind = 'transfer_out' where kind = 'burn'",
        "10 points left and 0 arrived, 0 and 0 minor units with them",
    ),
    (
        "ledger.contents",
        "ledger_fact",
        "update ledger_fact set total = total + 1 where key = '1'",
        "till/1 is not what was posted",
    ),
    (
        "ledger.links",
        "ledger_fact",
        "update ledger_fact set entity_id = 0 where key = '1'",
        "ledger_fact.entity_id: 1 rows name no programs_entity",
    ),
    (
        "earning.rebuild",
        "earning_decision",
        "update earning_decision set version = 2 where fact_id = (select min(id) from ledger_fact)",
        "was explained as (2, ",
    ),
    (
        "earning.rebuild",
        "tiers_standing",
        "update tiers_standing set tier = 'Rouge' where id = (select min(id) from tiers_standing)",
        "'', 'Rouge')], the facts say [(",
    ),
    (
        "earning.rebuild",
        "ledger_lot",
        "update ledger_lot set allocated = 97 where points = 50",
        "97 allocated, ",
    ),
    (
        "earning.rebuild",
        "ledger_draw",
        "update ledger_draw set points = 69 where points = 70",
        "took 69, the facts left 70",
    ),
    (
        "earning.budgets",
        "earning_budgetblock",
        (
            "insert into earning_budgetblock (program_id, rule, span, size, used)"
            " select min(id), 'purchases', '0001-01-01', 9999999, 9999999 from programs_program"
        ),
        "9999999 points were taken of its budgets",
    ),
]

# The same for redemptions: a mug is reserved, a voucher was used.
REDEEMED = [
    (
        "ledger.holds",
        "ledger_hold",
        "update ledger_hold set captured = 49 where captured = 50",
        "the hold says 49, the transfers say 50",
    ),
    (
        "redemption.shelves",
        "redemption_shelf",
        "update redemption_shelf set taken = 2 where taken = 1",
        "2 are taken, its redemptions come to 1",
    ),
    (
        "redemption.codes",
        "redemption_code",
        "update redemption_code set state = 'given' where state = 'used'",
        "it is given, its redemption or shelf says captured",
    ),
    (
        "redemption.codes",
        "redemption_shelf",
        "update redemption_shelf set span = 'codes' where reward = 'mug' and span = ''",
        "code mug: it is 3 in supply, its redemption or shelf says 0 imported",
    ),
    (
        "redemption.holds",
        "redemption_redemption",
        "update redemption_redemption set quantity = 2 where reward = 'mug'",
        "a redemption unlike its hold",
    ),
    (
        "redemption.holds",
        "ledger_hold",
        "update ledger_hold set reward = '' where reward = 'mug'",
        "a redemption without hold",
    ),
]


@pytest.fixture
def verified(shown):
    """A history of every kind, and the command run on it: its status and what it printed."""
    own = publish()
    posted(
        buy("1", 10_000),
        burn("b", 10),
        buy("2", 5_000, member="bob"),
        buy("3", 7_000, member="cy", days=-200),
        buy("4", 8_000, member="dan"),
        give_back("r", "4", 8_000, member="dan"),
    )
    assert expire(program_id=own, at=day(0)) == (1, 70)
    _settled()
    return shown


@pytest.fixture
def redeemed(shown):
    """A history of redemptions, and the command run on it."""
    publish(CAFE)
    posted(buy("1", 30_000), reserve("r1", "mug"), reserve("r2", "voucher"))
    posted(settle("c2", "capture", "r2"))
    _settled()
    return shown


def _settled():
    """As a commit would: nothing is pending that would keep a table from being altered."""
    connection.cursor().execute("set constraints all immediate")


@pytest.fixture
def shown(db, monkeypatch, capsys):
    monkeypatch.setattr(verify, "database", contextlib.nullcontext)

    def run(*words):
        status = main.main(["verify", *words])
        return status, capsys.readouterr().out

    return run


def test_everything_holds(verified):
    status, out = verified()
    assert (status, out.splitlines()[-1]) == (0, "Everything holds.")


@pytest.mark.parametrize(("name", "table", "change", "told"), PLANTED)
def test_a_planted_error_is_told(verified, as_owner, name, table, change, told):
    _planted(verified, as_owner, name=name, table=table, change=change, told=told)


@pytest.mark.parametrize(("name", "table", "change", "told"), REDEEMED)
def test_a_planted_error_of_redemptions_is_told(redeemed, as_owner, name, table, change, told):
    assert redeemed()[0] == 0
    _planted(redeemed, as_owner, name=name, table=table, change=change, told=told)


def _planted(verified, as_owner, *, name, table, change, told):
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(change)
        assert cursor.rowcount == 1
        cursor.execute(f"alter table {table} enable trigger user")
    status, out = verified()
    lines = out.splitlines()
    place = next(n for n, line in enumerate(lines) if name in line)
    assert (status, lines[place].split()[:2]) == (1, ["1", "broken"])
    assert told in lines[place + 1]
    assert lines[-1].endswith("violations.")


def test_every_invariant_of_the_points_was_planted():
    points = {one.name for one in verify.invariants() if not one.name.startswith("books.")}
    assert points == {name for name, *_ in [*PLANTED, *REDEEMED]}


def test_it_says_what_it_cannot_see(verified, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    status, out = verified("--list")
    assert status == 0
    assert all(one.name in out for one in verify.invariants())
    assert "Facts that were never sent." in out


def test_a_restored_copy_verifies(host):
    host.python(
        "from tests.rooms.till import *\npublish(); posted(buy('1', 10_000), burn('b', 10))"
    )
    file = host.path.parent / "backup.tar"
    host.ok("backup", file)
    with hosted() as copy:
        copy.ok("restore", file)
        assert copy.ok("verify").splitlines()[-1] == "Everything holds."
