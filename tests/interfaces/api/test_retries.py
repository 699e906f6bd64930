"""Retries: the same key and body get the same answer, also at the same instant."""

import threading

import pytest
from django.db import connection, connections

from pointbook.interfaces.api import postings
from tests.interfaces.api.conftest import Api, buy, lines, open_program


def replayed(response):
    return response.headers.get("Idempotent-Replayed") == "true"


@pytest.mark.parametrize(
    ("path", "first", "other"),
    [
        ("facts", buy(), buy(total="1.00")),
        ("members", {"card": "1"}, {"card": "2"}),
        ("orders/evaluate", {"total": "1.00"}, {"total": "2.00"}),
    ],
)
def test_a_key_answers_the_same_again(api, path, first, other):
    answers = [api.post(path, first, idempotency_key="k") for _ in range(2)]
    assert [replayed(one) for one in answers] == [False, True]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].content == answers[1].content
    wrong = api.post(path, other, idempotency_key="k")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "idempotency-key-reused")
    assert wrong.json()["parameter"] == "Idempotency-Key"
    assert not replayed(api.post(path, other, idempotency_key="l"))


def test_a_batch_is_answered_again_as_the_first_time(api):
    facts = [buy(f"{n}") for n in range(3)] + [b"{"]
    first, again = (api.batch(facts, idempotency_key="k") for _ in range(2))
    assert first.content == again.content
    assert (replayed(first), replayed(again)) == (False, True)
    assert [one["status"] for one in lines(again)] == ["posted"] * 3 + ["refused"]
    assert [one["status"] for one in lines(api.batch(facts))] == ["duplicate"] * 3 + ["refused"]
    assert api.batch(facts[:1], idempotency_key="k").status_code == 409


def test_an_error_is_not_kept(api):
    burn = buy("2", type="burn", attributes={"points": 20})
    assert api.post("facts", burn, idempotency_key="k").status_code == 422
    api.post("facts", buy())
    answer = api.post("facts", burn, idempotency_key="k")
    assert (answer.status_code, replayed(answer)) == (201, False)


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_key_that_is_none(api, key):
    answer = api.post("facts", buy(), idempotency_key=key)
    assert (answer.status_code, answer.json()["parameter"]) == (422, "Idempotency-Key")


def at_once(count, call):
    """What `count` threads get that start together."""
    gate, answers = threading.Barrier(count), []

    def run():
        gate.wait()
        try:
            answers.append(call())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_two_at_once_one_is_posted(fresh_database):
    secret = open_program()
    for n in range(5):
        answers = at_once(4, lambda n=n: Api(secret).post("facts", buy(f"{n}", member=f"m{n}")))
        assert sorted(one.status_code for one in answers) == [200, 200, 200, 201]
        assert len({one.content for one in answers}) == 1
    with connection.cursor() as cursor:
        cursor.execute("select count(*), sum(balance) from ledger_account where kind = 'wallet'")
        assert cursor.fetchone() == (10, 5 * 45)


def test_of_two_with_one_key_one_runs(fresh_database):
    secret = open_program()
    answers = at_once(4, lambda: Api(secret).post("members", {"card": "1"}, idempotency_key="k"))
    assert [one.status_code for one in answers] == [201] * 4
    assert sorted(replayed(one) for one in answers) == [False, True, True, True]
    assert len({one.content for one in answers}) == 1


def test_two_batches_with_keys_do_not_block_each_other(fresh_database, monkeypatch):
    monkeypatch.setattr(postings, "BATCH", 5)
    secret = open_program()
    turns = iter("ab")

    def call():
        turn = next(turns)
        people = [f"m{n}" for n in range(40)]
        people = people if turn == "a" else people[::-1]
        facts = [buy(f"{turn}-{one}", member=one) for one in people * 3]
        facts = [{**fact, "id": f"{fact['id']}-{n}"} for n, fact in enumerate(facts)]
        return Api(secret).batch(facts, idempotency_key=turn)

    assert [one.status_code for one in at_once(2, call)] == [200, 200]


def test_of_two_burns_of_one_balance_one_wins(fresh_database):
    secret = open_program()
    Api(secret).post("facts", buy())
    burns = iter("abcd")
    answers = at_once(
        4,
        lambda: Api(secret).post("facts", buy(next(burns), type="burn", attributes={"points": 30})),
    )
    assert sorted(one.status_code for one in answers) == [201, 422, 422, 422]
