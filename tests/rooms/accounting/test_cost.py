"""A close reads what is open and what moved, never the history."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pointbook.accounting import invariants
from pointbook.accounting.models import CohortTotal
from pointbook.accounting.operations.reopening import reopen
from pointbook.engine.values.calendar import month_name
from tests.rooms.accounting.conftest import ANA, Shop
from tests.rooms.accounting.test_random_lives import GIFT, MONTHS, MORE, a_month


def test_statements_and_rows_do_not_grow_with_history(db):
    shop = Shop(expires="{after_months: 2}").open()
    shop.estimate("0.9", "2017-01")
    months = [f"2017-{month:02d}" for month in range(1, 13)]
    for month in months:
        shop.happened(shop.buy(f"{month}-05", 50_000), shop.burn(f"{month}-20", 20))
    counts, rows = [], []
    for month in months:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            shop.close(month)
        counts.append(len(seen))
        rows.append(CohortTotal.objects.filter(close__period__code=month).count())
    # From the fourth month on something expires, which is one more transaction.
    assert len(set(counts[4:])) == 1
    assert counts[-1] <= counts[0] + 8
    assert rows[3:] == [3] * 9


def test_no_close_counts_all_that_is_held_and_all_of_it_ties(db, monkeypatch):
    """The first close of a long history as little as the next; verify counts it all."""
    shop = Shop(expires="{after_months: 2}", claw_back="allow_negative").open()

    def everything(span):
        raise AssertionError("a close counted every lot and balance")

    monkeypatch.setattr("pointbook.accounting.queries.carrying.holdings", everything)
    for month in ("2017-01", "2017-02", "2017-03", "2017-04"):
        # Owed points are paid back by the next award.
        shop.happened(
            shop.buy(f"{month}-05", 50_000, member=month, key=month),
            shop.burn(f"{month}-20", 45, member=month),
            shop.give_back(f"{month}-21", month, 20_000, member=month),
            shop.buy(f"{month}-25", 10_000, member=month),
        )
        if month == "2017-03":
            late = {"member": "late"}
            shop.happened(
                shop.buy("2017-01-25", 30_000, **late), shop.burn("2017-02-02", 5, **late)
            )
        shop.close(month, reason="a test")
    monkeypatch.undo()
    for own in invariants.ALL:
        assert own.check() == [], own.name


def test_a_period_that_is_closed_anew_carries_what_the_one_before_left(db):
    shop = Shop().open()
    for month in ("2017-01", "2017-02"):
        shop.happened(shop.buy(f"{month}-05", 50_000), shop.burn(f"{month}-20", 20))
        shop.close(month, reason="a test")
    shop.happened(shop.buy("2017-02-07", 30_000), shop.burn("2017-01-28", 4))
    reopen(entity_code="main", period="2017-02", reason="a late file", actor=ANA)
    shop.close("2017-02", reason="a test")
    shop.happened(shop.buy("2017-03-07", 30_000))
    shop.close("2017-03", reason="a test")
    for own in invariants.ALL:
        assert own.check() == [], own.name


@pytest.mark.parametrize("seed", range(100, 106))
def test_what_is_carried_is_what_a_full_rebuild_finds(db, seed):
    rng = random.Random(seed)
    shop = Shop(
        expires=f"{{after_days: {rng.choice([20, 45, 400])}}}",
        claw_back=rng.choice(["clamp", "allow_negative", "carry_forward"]),
        unit=", reinstate: {within_days: 20, for_days: 30}",
        units=GIFT,
        more=MORE.replace("NEGATIVE", rng.choice(["refuse", "clamp", "allow"])).replace(
            "RETURNED", "30"
        ),
    ).open()
    shop.happened(shop.buy("2017-01-01", 50_000, member="ada"))
    shop.happened(shop.buy("2017-01-01", 20_000, member="bob"))
    for number, month in enumerate(MONTHS[:4], 1):
        a_month(shop, rng, number)
        shop.close(month_name(month), reason="a test")
    assert {one.name for one in invariants.ALL if one.check()} == set()
