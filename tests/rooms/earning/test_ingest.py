"""Facts through the database: posted once, explained, and the same as the fold."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pointbook.controls.actors import SYSTEM
from pointbook.earning.decisions import told
from pointbook.earning.operations import ingest, publish
from pointbook.engine.values.facts import Fact, Returned
from pointbook.ledger.models import Account, Lot
from pointbook.ledger.operations.expiring import expire
from pointbook.tiers.models import Standing
from tests.rooms.till import BEAUTY, START

pytestmark = pytest.mark.django_db


@pytest.fixture
def beauty():
    return publish(document=BEAUTY, actor=SYSTEM).program


def buy(key, total, *, member="ada", days=0, **more):
    at = START + timedelta(days=days)
    return Fact("till", key, "purchase", at, member, currency="USD", total=total, **more)


def burn(key, points, *, member="ada", days=0):
    at = START + timedelta(days=days, seconds=1)
    return Fact("app", key, "burn", at, member, attributes={"points": points})


def give_back(key, of, total, *, days=0, member="ada"):
    at = START + timedelta(days=days, seconds=2)
    return Fact(
        "till", key, "return", at, member, currency="USD", total=total, returns=Returned("till", of)
    )


def balance(kind="wallet"):
    return sum(Account.objects.filter(kind=kind).values_list("balance", flat=True))


def test_a_purchase_earns_once_and_says_why(beauty):
    first, again = (
        ingest(program=beauty, facts=[buy("1", 4599)], actor=SYSTEM)[0] for _ in range(2)
    )
    assert (first.status, again.status) == ("posted", "duplicate")
    assert again.fact_id == first.fact_id
    assert first.verdict is not None
    assert told(first.verdict.reasons[0]) == {
        "rule": "purchases",
        "unit": "points",
        "base": 4599,
        "points": 45,
    }
    assert balance() == 45
    assert Standing.objects.get().tier == "Insider"


def test_same_key_other_content_is_a_conflict(beauty):
    ingest(program=beauty, facts=[buy("1", 4599)], actor=SYSTEM)
    outcome = ingest(program=beauty, facts=[buy("1", 4600)], actor=SYSTEM)[0]
    assert outcome.status == "conflict"
    assert balance() == 45


def test_a_batch_posts_the_good_and_answers_the_bad(beauty):
    facts = [buy("1", 10_000), burn("b1", 30), burn("b2", 100), buy("2", 500, member="bob")]
    outcomes = ingest(program=beauty, facts=facts, actor=SYSTEM)
    assert [one.status for one in outcomes] == ["posted", "posted", "refused", "posted"]
    assert "the balance is 70" in str(outcomes[2].error)
    assert balance() == 75
    assert sum(Lot.objects.values_list("remaining", flat=True)) == 75


def test_a_return_claws_back_once_pro_rata(beauty):
    ingest(program=beauty, facts=[buy("1", 10_000), buy("2", 5_000, days=1)], actor=SYSTEM)
    outcomes = ingest(
        program=beauty,
        facts=[give_back("r1", "1", 2_500, days=2), give_back("r2", "1", 10_000, days=3)],
        actor=SYSTEM,
    )
    assert [one.verdict and one.verdict.recoveries[0].points for one in outcomes] == [25, 75]
    assert balance() == 50


def test_expired_points_are_unusable_before_the_task_ran(beauty):
    ingest(program=beauty, facts=[buy("1", 10_000)], actor=SYSTEM)
    late = ingest(program=beauty, facts=[burn("b", 1, days=180)], actor=SYSTEM)[0]
    assert late.status == "refused"
    program_id = Account.objects.all()[0].program_id
    done = expire(program_id=program_id, at=START + timedelta(days=180))
    assert (done.lots, done.points, balance()) == (1, 100, 0)
    assert expire(program_id=program_id, at=START + timedelta(days=180)).lots == 0


def test_statements_do_not_grow_with_the_batch(beauty):
    def facts(n, first):
        return [buy(f"{first + i}", 1_000 + i, member=f"m{i % 7}", days=i) for i in range(n)]

    ingest(program=beauty, facts=facts(7, 0), actor=SYSTEM)
    counts = []
    for n in (5, 150):
        with CaptureQueriesContext(connection) as queries:
            ingest(program=beauty, facts=facts(n, 1000 * n), actor=SYSTEM)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_what_is_priced_is_frozen_on_the_lot(beauty):
    ingest(program=beauty, facts=[buy("1", 10_000)], actor=SYSTEM)
    lot = Lot.objects.get()
    # 100 points x 0.02 = 2.00 of 102.00: 196 of 10,000 minor units, half up.
    assert lot.allocated == round(Decimal(10_000) * 200 / 10_200)
