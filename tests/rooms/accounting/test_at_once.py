"""A close while the tills go on: nobody waits for it, and what comes between is not in its ties."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from pointbook.accounting.operations.locking import lock_books
from pointbook.ledger.movements import movements
from pointbook.programs.models import Program


def elsewhere(job):
    """The answer of a job that runs on a connection of its own."""

    def run():
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '2s'")
        try:
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def test_a_till_never_waits_for_a_close(committed_shop):
    sale = committed_shop.buy("2017-01-20", 10_000)
    with transaction.atomic():
        lock_books([Program.objects.get().entity_id])
        elsewhere(lambda: committed_shop.happened(sale))


@pytest.mark.parametrize("busy", [1, 9])
def test_what_is_posted_while_a_close_reads_does_not_untie_it(committed_shop, monkeypatch, busy):
    committed_shop.happened(committed_shop.buy("2017-01-10", 100_000))
    sales = iter(range(busy))
    waiting: list[threading.Thread] = []

    def interrupted(span):
        found = movements(span)
        if next(sales, None) is not None:
            sale = committed_shop.buy("2017-02-20", 10_000, member=f"n{len(waiting)}")
            post = threading.Thread(target=elsewhere, args=[lambda: committed_shop.happened(sale)])
            waiting.append(post)
            post.start()
            post.join(1)
        return found

    monkeypatch.setattr("pointbook.ledger.evidence.movements", interrupted)
    assert committed_shop.close("2017-01").sealed
    for post in waiting:
        post.join()
    monkeypatch.undo()
    assert committed_shop.close("2017-02").sealed
