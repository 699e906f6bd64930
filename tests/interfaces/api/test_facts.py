"""Facts through the API: posted once, told the same twice, refused with a mend."""

import pytest
from django.db import connection

from tests.interfaces.api.conftest import buy, lines


def test_a_purchase_is_posted_and_explained(api):
    answer = api.post("facts", buy())
    assert answer.status_code == 201
    body = answer.json()
    assert body.pop("member")
    assert body == {
        "source": "till",
        "id": "1",
        "program_version": 1,
        "moved": [
            {
                "kind": "award",
                "unit": "points",
                "points": "45",
                "starts_at": "2017-03-01T09:00:00Z",
                "expires_at": "2017-08-28T00:00:00Z",
            }
        ],
        "reasons": [
            {
                "rule": "purchases",
                "unit": "points",
                "counts": "money",
                "base": "45.99",
                "points": "45",
                "asked": "45",
                "limit": None,
                "tier": None,
                "of": None,
                "why": "Purchases: 1 point for every $1.00 of $45.99 is 45 points, rounded down.",
            }
        ],
        "moves": [
            {
                "ladder": "tiers",
                "kind": "reached",
                "before": None,
                "after": "Insider",
                "until": None,
            }
        ],
        "made": [],
    }


def test_a_repetition_has_the_same_answer(api):
    for fact in (
        buy(),
        buy("2", type="burn", attributes={"points": 20}),
        buy("3", "20.00", type="return", returns={"source": "till", "id": "1"}),
        buy("4", type="review"),
    ):
        first, again = api.post("facts", fact), api.post("facts", fact)
        assert (first.status_code, again.status_code) == (201, 200), first.content
        assert first.content == again.content


def test_what_moved_carries_its_sign_and_its_unit(api):
    api.post("facts", buy())
    burn = api.post("facts", buy("2", type="burn", attributes={"reward": "one-off"}))
    assert burn.json()["code"] == "balance-too-low"
    burn = api.post("facts", buy("2", type="burn", attributes={"points": 20})).json()
    assert [(one["kind"], one["points"]) for one in burn["moved"]] == [("burn", "-20")]
    review = api.post("facts", buy("3", type="review")).json()
    assert [(one["unit"], one["points"]) for one in review["moved"]] == [("stars", "0.5")]


def test_same_key_other_content_is_a_conflict(api):
    api.post("facts", buy())
    answer = api.post("facts", buy(total="46.00"))
    assert answer.status_code == 409
    assert answer.json()["code"] == "fact-conflict"
    assert answer.json()["pointer"] == "/id"


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"total": "12.345"}, "fact-refused", "/total"),
        ({"lines": [{"amount": "1"}, {"amount": "x"}]}, "fact-refused", "/lines/1/amount"),
        ({"currency": "EUR"}, "fact-refused", "/currency"),
        ({"occurred_at": "2030-01-01T00:00:00Z"}, "fact-refused", "/occurred_at"),
        ({"colour": "red"}, "fact-refused", "/colour"),
        ({"member": "a\x00b"}, "fact-refused", "/member"),
        ({"type": "burn", "attributes": {"points": 1}}, "balance-too-low", None),
        ({"type": "burn", "attributes": {"reward": "x"}}, "fact-refused", "/attributes/reward"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(api, change, code, pointer):
    answer = api.post("facts", buy(**change))
    assert answer.status_code == 422, answer.content
    body = answer.json()
    assert (body["code"], body.get("pointer")) == (code, pointer)
    assert body["mend"]
    assert answer["Content-Type"] == "application/problem+json"


def test_nothing_is_written_for_a_refused_fact(api):
    api.post("facts", buy(type="burn", attributes={"points": 1}))
    assert api.post("facts", buy()).status_code == 201


def test_a_batch_answers_every_line(api):
    facts = [buy("1"), b"", b"{", buy("2", total="x"), buy("1"), buy("1", total="1"), b"[]"]
    answer = api.batch(facts)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/x-ndjson")
    told = lines(answer)
    assert [(one["line"], one["status"]) for one in told] == [
        (1, "posted"),
        (3, "refused"),
        (4, "refused"),
        (5, "duplicate"),
        (6, "conflict"),
        (7, "refused"),
    ]
    assert [one["problem"] and one["problem"]["code"] for one in told] == [
        None,
        "malformed-json",
        "fact-refused",
        None,
        "fact-conflict",
        "malformed-json",
    ]
    assert told[0]["fact"] == told[3]["fact"] == api.post("facts", buy("1")).json()


def test_a_batch_is_posted_a_thousand_at_a_time(api, django_assert_max_num_queries):
    with django_assert_max_num_queries(120):
        told = lines(api.batch([buy(f"{n}", member=f"m{n % 30}") for n in range(2_500)]))
    assert [one["line"] for one in told] == list(range(1, 2_501))
    assert {one["status"] for one in told} == {"posted"}


def test_an_empty_batch_is_answered_with_nothing(api):
    assert api.batch([b"", b""]).content == b""


def test_what_is_no_batch_is_refused_whole(api):
    wrong = api.post("facts/batch", buy())
    assert (wrong.status_code, wrong.json()["code"]) == (415, "media-type-unknown")
    many = api.batch([b"{}"] * 10_001)
    assert (many.status_code, many.json()["code"]) == (413, "body-too-large")
    large = api.batch([b" " * (16 * 2**20 + 1)])
    assert (large.status_code, large.json()["code"]) == (413, "body-too-large")


def test_a_large_document_is_refused(api):
    answer = api.post("facts", buy(attributes={"text": "x" * 3_000_000}))
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_one_write_leaves_one_audit_row(api):
    api.post("facts", buy(), idempotency_key="k")
    with connection.cursor() as cursor:
        cursor.execute("select actor, action from controls_auditrow where actor_kind = 'key'")
        rows = cursor.fetchall()
    assert len(rows) == 1
    assert rows[0][0].startswith("till pb_")


def deep(levels):
    return {"a": deep(levels - 1)} if levels else 1


@pytest.mark.parametrize(
    "change",
    [
        {"lines": [{"amount": "1", "quantity": "1e99999999"}]},
        {"type": "burn", "attributes": {"points": "1e99999999"}},
        {"type": "burn", "attributes": {"points": "1e17"}},
        {"type": "burn", "attributes": {"points": 10**18}},
        {"total": "1e99999999"},
        {"total": "9" * 18},
        {"occurred_at": "0001-01-01T00:00:00Z"},
        {"occurred_at": "9999-12-31T23:59:59-12:00"},
        {"occurred_at": 5},
        {"attributes": deep(253)},
        {"attributes": {"text": "a\x00b"}},
        {"returns": {"source": "a\x00b", "id": {}}},
        {"member": "a\x00b"},
        {"member": "x" * 300},
        {"member": ["a"]},
        {"lines": [{"labels": ["a\x00b"], "sku": "a\x00b"}]},
        {"coupons": [{"code": "a\x00b", "amount": "9" * 17}]},
        {"tenders": [{"kind": "stored_value", "amount": "-" + "9" * 16}]},
    ],
    ids=range(18),
)
def test_hostile_values_break_nothing(api, change):
    for path in ("facts", "orders/evaluate"):
        answer = api.post(path, buy(**change))
        assert answer.status_code in (200, 201, 422), answer.content
    assert {one["status"] for one in lines(api.batch([buy("2"), buy("3", **change)]))} <= {
        "posted",
        "refused",
    }
    assert api.post("facts", buy("2")).status_code == 200
