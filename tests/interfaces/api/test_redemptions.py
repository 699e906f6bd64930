"""Redemptions through the API: reserved, captured, released, cancelled, read; vouchers, once."""

from datetime import UTC, datetime

import pytest

from pointbook.controls.actors import SYSTEM
from pointbook.controls.clock import set_test_clock
from pointbook.controls.keys import create
from pointbook.programs.queries import program
from tests.interfaces.api.conftest import Api, buy
from tests.interfaces.api.shop import ADA, BASKET, held, open_shop, problem, reserve
from tests.interfaces.api.test_retries import at_once, replayed

BEN = "ben@example.org"


@pytest.fixture
def shop(db):
    return open_shop()


def later(minutes):
    day = datetime(2017, 3, 1, 12, minutes, tzinfo=UTC)
    set_test_clock(program_id=program("shop").id, at=day)


def test_points_are_held_and_used(shop):
    answer = reserve(shop, reward="mug")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["state"], body["points"], body["captured"], body["until"]) == (
        "reserved",
        "100",
        "0",
        "2017-03-01T12:30:00Z",
    )
    assert held(shop) == 500
    used = shop.post("redemptions/shop/r-1/capture", {"id": "c-1"})
    assert (used.status_code, used.json()["state"], used.json()["captured"]) == (
        200,
        "captured",
        "100",
    )
    assert used.json()["fulfilment"] == "ordered"
    assert shop.get("redemptions/shop/r-1").json() == used.json()
    back = shop.post("redemptions/shop/r-1/cancel", {"reason": "broken"})
    assert (back.json()["state"], back.json()["back"], held(shop)) == ("cancelled", "100", 600)


def test_a_part_is_used_and_the_rest_goes_back(shop):
    answer = reserve(shop, reward=None, pay={"points": 300}, order={"total": "5.00"})
    assert answer.status_code == 422  # more than half of the order
    assert problem(answer)[1:] == ("fact-refused", "/pay/points")
    answer = reserve(shop, reward=None, pay={"unit": "points", "points": "300"})
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["kind"], body["reward"], body["amount"]) == ("points", None, "3.00")
    too_many = shop.post("redemptions/shop/r-1/capture", {"points": "301"})
    assert problem(too_many) == (422, "fact-refused", "/points")
    used = shop.post("redemptions/shop/r-1/capture", {"points": "120"}).json()
    assert (used["state"], used["captured"], held(shop)) == ("captured", "120", 480)


def test_what_is_released_can_be_used_at_once(shop):
    reserve(shop)
    body = shop.post("redemptions/shop/r-1/release", b"", content_type="application/json").json()
    assert (body["state"], held(shop)) == ("released", 600)
    assert [one["state"] for one in body["codes"]] == ["void"]
    for verb in ("capture", "release", "cancel"):
        answer = shop.post(f"redemptions/shop/r-1/{verb}", {})
        assert problem(answer)[:2] == (409, "redemption-settled")


def test_a_hold_ends_by_itself(shop):
    reserve(shop, reward="mug")
    later(29)
    assert held(shop) == 500
    later(30)
    answer = shop.post("redemptions/shop/r-1/capture", {})
    assert problem(answer)[:2] == (409, "redemption-settled")


def test_a_reservation_is_made_once_per_key(shop):
    first, again = reserve(shop), reserve(shop)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.content, held(shop)) == (again.content, 550)
    assert problem(reserve(shop, reward="mug")) == (409, "fact-conflict", "/id")
    body = {"source": "shop", "id": "r-2", "member": ADA, "reward": "mug"}
    answers = [shop.post("redemptions", body, idempotency_key="k") for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert [replayed(one) for one in answers] == [False, True]
    other = shop.post("redemptions", {**body, "id": "r-3"}, idempotency_key="k")
    assert problem(other)[:2] == (409, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("path", "first", "other"),
    [
        ("redemptions/shop/r-1/capture", {"id": "c-1"}, {"id": "c-2"}),
        ("redemptions/shop/r-1/release", {"id": "c-1"}, {"id": "c-2"}),
        ("vouchers/CODE/redeem", {}, {"id": "c-2"}),
    ],
)
def test_a_key_settles_once(shop, path, first, other):
    code = reserve(shop).json()["codes"][0]["code"]
    path = path.replace("CODE", code)
    answers = [shop.post(path, first, idempotency_key="k") for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert [replayed(one) for one in answers] == [False, True]
    wrong = shop.post(path, other, idempotency_key="k")
    assert problem(wrong)[:2] == (409, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"reward": "nothing"}, (422, "fact-refused", "/reward")),
        ({"reward": "ticket"}, (422, "fact-refused", "/quantity")),
        ({"reward": "mug", "quantity": 3}, (422, "fact-refused", "/quantity")),
        ({"reward": "mug", "quantity": "1"}, (422, "fact-refused", "/quantity")),
        ({"reward": "tenth"}, (422, "fact-refused", "/reward")),
        ({"reward": "engraving"}, (422, "fact-refused", "/options/monogram")),
        ({"reward": "tasting"}, (422, "fact-refused", "/slot")),
        ({"reward": "mug", "for": BEN}, (422, "fact-refused", "/for")),
        ({"reward": None}, (422, "fact-refused", "/reward")),
        ({"member": None}, (422, "fact-refused", "/member")),
        ({"colour": "red"}, (422, "fact-refused", "/colour")),
        ({"source": "pointbook"}, (422, "fact-refused", "/source")),
        ({"pay": 1}, (422, "fact-refused", "/pay")),
        ({"pay": {"points": "x"}}, (422, "fact-refused", "/pay/points")),
        ({"pay": {"unit": "miles", "points": "1"}}, (422, "fact-refused", "/pay/unit")),
        ({"order": 1}, (422, "fact-refused", "/order")),
        ({"order": {"total": "x"}}, (422, "fact-refused", "/order/total")),
        ({"order": {"total": "1", "shop": "1"}}, (422, "fact-refused", "/order/shop")),
        ({"reward": "card", "quantity": 4}, (422, "balance-too-low", None)),
    ],
)
def test_what_cannot_be_had_says_why_and_where(shop, more, told):
    answer = reserve(shop, **more)
    assert problem(answer) == told
    assert answer.json()["mend"]
    assert held(shop) == 600


def test_a_reward_of_an_order_knows_its_order(shop):
    order = {**BASKET, "source": "shop", "id": "o-1"}
    body = reserve(shop, reward="tenth", order=order).json()
    assert (body["amount"], body["order"]) == ("4.00", {"source": "shop", "id": "o-1"})
    assert reserve(shop, "r-2", reward="tenth", order=BASKET).json()["order"] is None


def test_a_reward_is_a_gift_to_another_member(shop):
    shop.post("facts", buy("b", "1.00", member=BEN))
    body = reserve(shop, reward="spa", **{"for": BEN}).json()
    assert body["receiver"] == shop.get(f"members/{BEN}").json()["id"]
    for who in (ADA, BEN):
        page = shop.get(f"members/{who}/redemptions").json()
        assert [one["id"] for one in page["redemptions"]] == ["r-1"]


def test_a_voucher_of_another_member_is_none(shop):
    code = reserve(shop).json()["codes"][0]["code"]
    body = {**BASKET, "member": BEN, "vouchers": [code]}
    shown = shop.post("orders/evaluate", body).json()
    assert [one["missing"][0]["code"] for one in shown["effects"][1:]] == ["voucher"]
    assert shown["vouchers"] == []
    answer = shop.post("orders", {**body, "source": "shop", "id": "o-1"})
    assert problem(answer)[:2] == (409, "order-changed")
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/vouchers/0"]


def test_redemptions_are_listed_in_pages(shop):
    for place in range(5):
        reserve(shop, f"r-{place}", reward="engraving", options={"monogram": "A", "colour": "red"})
    shop.post("redemptions/shop/r-3/release", {})
    shop.post("facts", buy("b", "100.00", member=BEN))
    reserve(shop, "b-1", member=BEN)
    cursor: str | None
    found, cursor = [], ""
    while cursor is not None:
        page = shop.get(f"members/{ADA}/redemptions?limit=2&cursor={cursor}").json()
        found += [one["id"] for one in page["redemptions"]]
        cursor = page["next"]
    assert found == ["r-4", "r-3", "r-2", "r-1", "r-0"]
    found, cursor = [], ""
    while cursor is not None:
        page = shop.get(f"redemptions?limit=2&state=reserved&cursor={cursor}").json()
        found += [one["id"] for one in page["redemptions"]]
        cursor = page["next"]
    assert found == ["b-1", "r-4", "r-2", "r-1", "r-0"]
    one = shop.get("redemptions?reward=five-off").json()["redemptions"]
    assert [own["id"] for own in one] == ["b-1"]
    assert shop.get("redemptions?review=open").json() == {"redemptions": [], "next": None}


@pytest.mark.parametrize("query", ["cursor=x", "cursor=eA", "limit=0", "state=x", "review=x"])
def test_a_wrong_parameter_is_named(shop, query):
    answer = shop.get(f"redemptions?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-parameter")
    assert answer.json()["parameter"] == query.partition("=")[0]


def test_a_voucher_is_used_once(shop):
    code = reserve(shop).json()["codes"][0]["code"]
    shown = shop.get(f"vouchers/{code.lower()}").json()
    assert (shown["code"], shown["status"], shown["name"], shown["amount"]) == (
        code,
        "open",
        "Five off",
        "5.00",
    )
    used = shop.post(f"vouchers/{code}/redeem", {"id": "t-1"})
    assert (used.status_code, used.json()["status"]) == (200, "used")
    assert used.json()["used_at"] == "2017-03-01T12:00:00Z"
    assert shop.post(f"vouchers/{code}/redeem", {"id": "t-1"}).status_code == 200
    answer = shop.post(f"vouchers/{code}/redeem", {"id": "t-2"})
    assert problem(answer)[:2] == (409, "redemption-settled")
    shop.post("redemptions/shop/r-1/cancel", {})
    assert shop.get(f"vouchers/{code}").json()["status"] == "void"


def test_a_voucher_ends(shop):
    code = reserve(shop).json()["codes"][0]["code"]
    set_test_clock(program_id=program("shop").id, at=datetime(2017, 5, 30, tzinfo=UTC))
    assert shop.get(f"vouchers/{code}").json()["status"] in ("ended", "void")
    answer = shop.post(f"vouchers/{code}/redeem", {})
    assert problem(answer)[:2] == (409, "redemption-settled")


def test_a_voucher_is_drawn(shop):
    code = reserve(shop).json()["codes"][0]["code"]
    answer = shop.get(f"vouchers/{code}/qr")
    assert answer["Content-Type"] == "image/svg+xml"
    assert b"<svg" in answer.content
    assert answer["X-Request-Id"]


def test_what_nobody_reserved_is_not_found(shop):
    for answer in (
        shop.get("redemptions/shop/r-9"),
        shop.post("redemptions/shop/r-9/capture", {}),
        shop.post("redemptions/shop/r-9/release", {}),
        shop.post("redemptions/shop/r-9/cancel", {}),
        shop.get("vouchers/abc"),
        shop.get("vouchers/abc/qr"),
        shop.post("vouchers/abc/redeem", {}),
    ):
        assert problem(answer)[:2] == (404, "redemption-not-found")
    assert problem(shop.get("members/nobody/redemptions"))[:2] == (404, "member-not-found")


def test_reading_and_redeeming_have_scopes_of_their_own(shop):
    own = program("shop").id
    reserve(shop)
    reader = Api(create(program_id=own, name="app", scopes=["redemptions.read"], actor=SYSTEM)[1])
    writer = Api(create(program_id=own, name="till", scopes=["redemptions.write"], actor=SYSTEM)[1])
    assert reader.get("redemptions/shop/r-1").status_code == 200
    assert problem(reader.post("redemptions/shop/r-1/capture", {}))[:2] == (403, "scope-missing")
    assert problem(writer.get("redemptions"))[:2] == (403, "scope-missing")
    assert writer.post("redemptions/shop/r-1/capture", {}).status_code == 200


def test_of_two_captures_of_one_code_one_wins(fresh_database):
    shop = open_shop()
    for turn in range(3):
        code = reserve(shop, f"r-{turn}").json()["codes"][0]["code"]
        keys = iter("abcd")

        def use(code=code, turn=turn, keys=keys):
            return shop.post(f"vouchers/{code}/redeem", {"id": f"{next(keys)}{turn}"})

        answers = at_once(4, use)
        assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]
        assert {one.json().get("code") for one in answers} == {code, "redemption-settled"}
    assert held(shop) == 450


def test_of_two_orders_at_once_one_has_the_last_mug(fresh_database):
    shop = open_shop()
    reserve(shop, reward="mug", quantity=2)
    shop.post("facts", buy("b", "200.00", member=BEN))
    shop.post("facts", buy("c", "200.00", member="cem@example.org"))
    people = iter([BEN, "cem@example.org"])

    def confirm():
        body = {**BASKET, "source": "shop", "member": next(people), "redeem": [{"reward": "mug"}]}
        return shop.post("orders", {**body, "id": body["member"]})

    answers = at_once(2, confirm)
    assert sorted(one.status_code for one in answers) == [201, 409]
    assert {one.json().get("code") for one in answers} == {None, "order-changed"}
