"""Many connections at once: what must be decided once is, and the sequence has no gap."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connections

from pointbook.accounting.operations.estimating import set_estimate
from pointbook.controls.actors import SYSTEM
from pointbook.controls.models import Outbox
from pointbook.controls.operations import change
from pointbook.earning.operations import ingesting
from pointbook.ledger.models import Fact
from pointbook.ledger.operations.expiring import expire
from pointbook.members.models import Identifier, Member
from tests.rooms.till import (
    balance,
    broken,
    burn,
    buy,
    day,
    give_back,
    post,
    posted,
    publish,
    rows,
)

HANDS = 8


@pytest.fixture
def beauty(fresh_database):
    return publish()


def at_once(*jobs):
    """Run all jobs in threads that begin together; their answers in order."""
    barrier = threading.Barrier(len(jobs))

    def run(job):
        try:
            barrier.wait()
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def gap_free(own):
    numbers = list(
        Outbox.objects.filter(program_id=own).order_by("seq").values_list("seq", flat=True)
    )
    return numbers == list(range(1, len(numbers) + 1))


def test_of_many_burns_as_many_win_as_are_covered(beauty):
    posted(buy("1", 10_000))
    burns = [lambda n=n: post(burn(f"b{n}", 30)) for n in range(HANDS)]
    statuses = [one.status for (one,) in at_once(*burns)]
    assert (statuses.count("posted"), statuses.count("refused")) == (3, HANDS - 3)
    assert balance() == 10
    assert gap_free(beauty)
    assert broken() == {}


@pytest.mark.parametrize("member", ["ada", None])
def test_one_key_sent_by_many_is_posted_once(beauty, member):
    answers = at_once(*[lambda: post(buy("1", 10_000, member=member))] * HANDS)
    assert sorted(one.status for (one,) in answers) == ["duplicate"] * (HANDS - 1) + ["posted"]
    assert {one.fact_id for (one,) in answers} == {Fact.objects.get().id}
    assert gap_free(beauty)
    assert broken() == {}


def test_newcomers_met_by_many_are_enrolled_once(beauty):
    def arrive(hand):
        people = range(30) if hand % 2 else reversed(range(30))
        return posted(*[buy(f"{hand}-{n}", 100, member=f"m{n}", days=hand) for n in people])

    at_once(*[lambda hand=hand: arrive(hand) for hand in range(HANDS)])
    assert (Member.objects.count(), Identifier.objects.count()) == (30, 30)
    assert balance() == 30 * HANDS
    assert gap_free(beauty)
    assert broken() == {}


def test_overlapping_batches_in_any_order_never_block_each_other(beauty):
    def work(hand):
        people = list(range(0, 60, 1 + hand % 3))
        people = people if hand % 2 else people[::-1]
        for turn in range(3):
            key = f"{hand}-{turn}"
            sales = [buy(f"{key}-{n}", 1_000, member=f"m{n}", days=turn) for n in people]
            burns = [burn(f"b{key}-{n}", 4, member=f"m{n}", days=turn) for n in people]
            backs = [give_back(f"r{s.id}", s.id, 300, member=s.member, days=turn) for s in sales]
            posted(*sales, *burns, *backs)

    def wither():
        for days in range(170, 186, 4):
            expire(program_id=beauty, at=day(days))

    at_once(*[lambda hand=hand: work(hand) for hand in range(4)], wither)
    assert gap_free(beauty)
    assert broken() == {}


def test_expiry_and_expiry_at_once(beauty):
    posted(*[buy(f"{n}", 1_000, member=f"m{n}") for n in range(50)])
    done = at_once(*[lambda: expire(program_id=beauty, at=day(181))] * 4)
    assert sum(one.points for one in done) == 500
    assert gap_free(beauty)
    assert broken() == {}


def test_an_estimate_waits_for_facts_in_flight(beauty, monkeypatch):
    posted(buy("1", 10_000))
    judging, go_on = threading.Event(), threading.Event()
    decide = ingesting.decide  # type: ignore[attr-defined]

    def slowly(*args, **more):
        judging.set()
        go_on.wait()
        decide(*args, **more)

    monkeypatch.setattr(ingesting, "decide", slowly)

    def estimate():
        judging.wait()
        return set_estimate(
            program="beauty", rate=Decimal("0.5"), from_period="2017-01", actor=SYSTEM
        )

    def watch():
        waits = "select count(*) from pg_locks where not granted and locktype = 'advisory'"
        while rows(waits) == [(0,)]:
            pass
        go_on.set()

    at_once(lambda: post(buy("2", 10_000)), estimate, watch)
    assert broken() == {}
    monkeypatch.undo()
    posted(buy("3", 10_000))
    assert rows("select allocated from ledger_lot order by id") == [(196,), (196,), (99,)]
    assert broken() == {}


def test_one_idempotency_key_runs_once(beauty):
    ran = []

    def run():
        ran.append(1)
        return {"n": len(ran)}

    def once():
        return change(actor=SYSTEM, action="members.enrol", key="k", body={"a": 1}, run=run)

    assert at_once(*[once] * HANDS) == [{"n": 1}] * HANDS
    assert len(ran) == 1
