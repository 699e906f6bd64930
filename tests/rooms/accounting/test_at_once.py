"""A close while the tills go on: nobody waits for it, and what comes between is not in its ties."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection, connections, transaction

from pointbook.accounting.operations.locking import lock_books
from pointbook.ledger.increments import increments
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


def test_what_is_posted_while_a_close_reads_does_not_untie_it(committed_shop, monkeypatch):
    committed_shop.happened(committed_shop.buy("2017-01-10", 100_000))
    waiting = []

    def interrupted(span):
        sale = committed_shop.buy("2017-02-20", 10_000, member=f"n{len(waiting)}")
        elsewhere(lambda: committed_shop.happened(sale))
        waiting.append(sale)
        return increments(span)

    monkeypatch.setattr("pointbook.accounting.queries.carrying.increments", interrupted)
    assert committed_shop.close("2017-01").sealed
    assert len(waiting) == 1
    monkeypatch.undo()
    assert committed_shop.close("2017-02").sealed
