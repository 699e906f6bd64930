"""What the database itself refuses: unbalanced entries, closed periods, changed rows, gaps."""

import threading
from datetime import date

import pytest
from django.db import IntegrityError, connection, connections, transaction

from pointbook.accounting import invariants
from pointbook.accounting.models import (
    Close,
    CohortTotal,
    JournalEntry,
    JournalLine,
    Period,
    Seal,
)
from pointbook.accounting.operations.closing import draw_up
from tests.rooms.accounting.conftest import ANA


@pytest.fixture
def closed(shop):
    shop.estimate("0.9", "2017-01")
    shop.happened(shop.buy("2017-01-10", 100_000), shop.burn("2017-01-20", 40))
    shop.close("2017-01")
    # As a commit would: nothing is pending that would keep a table from being altered.
    connection.cursor().execute("set constraints all immediate; set constraints all deferred")
    return shop


def entry(lines, *, period="2017-01", posting_on=date(2017, 1, 31)):
    """An entry beside the application, as anybody with a connection could write it."""
    close = Close.objects.select_related("period").get()
    found, _ = Period.objects.get_or_create(
        entity=close.entity, code=period, defaults={"first_on": f"{period}-01"}
    )
    made = JournalEntry.objects.create(
        entity=close.entity,
        program=JournalEntry.objects.all()[0].program,
        period=found,
        close=close,
        journal="X",
        year=2017,
        number=1,
        event="new",
        policy="deferred_revenue",
        description="by hand",
        posting_on=posting_on,
        currency="USD",
        recorded_at=close.closed_at,
    )
    for number, (account, debit, credit) in enumerate(lines, 1):
        JournalLine.objects.create(
            entry=made, number=number, account=account, debit=debit, credit=credit
        )
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")


OPEN = {"period": "2017-02", "posting_on": date(2017, 2, 28)}


def test_a_balanced_entry_in_an_open_period_is_taken(closed):
    entry([("2100", 5, 0), ("4010", 0, 5)], **OPEN)


@pytest.mark.parametrize(
    "lines",
    [
        [("2100", 5, 0), ("4010", 0, 4)],
        [("2100", 5, 0)],
        [],
        [("2100", 5, 5), ("4010", 0, 0)],
        [("2100", -5, 0), ("4010", 0, -5)],
    ],
)
def test_an_entry_that_does_not_balance_is_refused(closed, lines):
    with pytest.raises(IntegrityError), transaction.atomic():
        entry(lines, **OPEN)


def test_nothing_is_posted_in_a_closed_period(closed):
    with pytest.raises(IntegrityError, match="2017-01 is closed"), transaction.atomic():
        entry([("2100", 5, 0), ("4010", 0, 5)])
    with pytest.raises(IntegrityError, match="is not in the period"), transaction.atomic():
        entry([("2100", 5, 0), ("4010", 0, 5)], period="2017-02")
    made = JournalEntry.objects.order_by("number")[0]
    with pytest.raises(IntegrityError, match="2017-01 is closed"), transaction.atomic():
        JournalLine.objects.create(entry=made, number=9, account="2100", debit=1, credit=0)


TABLES = (
    *("close", "watermark", "closestage", "tieout", "seal"),
    *("journalentry", "journalline", "cohortentry", "cohorttotal"),
)


@pytest.mark.parametrize("verb", ["update {0} set id = id", "delete from {0}", "truncate {0}"])
def test_what_was_closed_only_grows(closed, as_owner, verb):
    cascade = " cascade" if verb.startswith("truncate") else ""
    for table in TABLES:
        statement = verb.format(f"accounting_{table}") + cascade
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), as_owner():
            connection.cursor().execute(statement)


def test_verify_finds_nothing_in_honest_books(closed):
    assert [one.check() for one in invariants.ALL] == [[]] * len(invariants.ALL)


@pytest.mark.parametrize(
    ("table", "change", "finds"),
    [
        ("journalline", "debit = debit + 1 where debit > 0", "books.entries-balance"),
        ("journalentry", "number = number + 7", "books.numbers-gap-free"),
        ("cohorttotal", "liability = liability + 1", "books.cohorts-tie"),
        ("cohortentry", "breakage = breakage + 1", "books.chain"),
        ("cohorttotal", "redeemed = redeemed + 1", "books.derivable"),
    ],
)
def test_verify_finds_a_planted_error(closed, as_owner, table, change, finds):
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"alter table accounting_{table} disable trigger user")
        cursor.execute(f"update accounting_{table} set {change}")
    found = {one.name for one in invariants.ALL if one.check()}
    assert finds in found
    assert "books.chain" in found


def test_concurrent_closes_number_without_gaps(committed_shop):
    shop = committed_shop
    shop.happened(shop.buy("2017-01-10", 100_000), shop.burn("2017-01-20", 40))
    results, barrier = [], threading.Barrier(3)

    def run():
        try:
            barrier.wait()
            results.append(shop.close("2017-01").posted)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 0, 2]
    numbers = JournalEntry.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2]
    assert Seal.objects.count() == 1


def test_a_close_that_fails_leaves_nothing(committed_shop, monkeypatch):
    shop = committed_shop
    shop.happened(shop.buy("2017-01-10", 100_000))

    def fail(_):
        raise RuntimeError("lights out")

    stages = "pointbook.accounting.operations.stages.tie_outs"
    monkeypatch.setattr(stages, fail)
    with pytest.raises(RuntimeError):
        draw_up(entity_code="main", period="2017-01", actor=ANA)
    assert not JournalEntry.objects.exists()
    assert not CohortTotal.objects.exists()
    monkeypatch.undo()
    assert shop.close("2017-01").posted == 1


def test_seals_of_older_forms_are_checked_by_their_own(shop, monkeypatch, as_owner):
    shop.happened(shop.buy("2017-01-10", 100_000))
    monkeypatch.setattr("pointbook.accounting.operations.closing.FORM", 1)
    shop.close("2017-01")
    monkeypatch.undo()
    shop.close("2017-02")
    assert list(Seal.objects.order_by("number").values_list("form", flat=True)) == [1, 2]
    chain = next(one for one in invariants.ALL if one.name == "books.chain")
    assert chain.check() == []
    connection.cursor().execute("set constraints all immediate; set constraints all deferred")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("alter table accounting_closestage disable trigger user")
        cursor.execute("update accounting_closestage set summary = 'x' where name = 'Check'")
    # The older form did not cover what the stages found; the newer does.
    assert [one.where for one in chain.check()] == ["main 2017-02"]
