"""A close reads what is open and what moved, never the history."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from pointbook.accounting.models import CohortTotal
from tests.rooms.accounting.conftest import Shop


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
