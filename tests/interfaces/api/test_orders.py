"""Orders: what they earn and what can be redeemed on them, confirmed as they were shown."""

import pytest

from pointbook.controls.actors import SYSTEM
from pointbook.controls.keys import create
from pointbook.programs.queries import program
from tests.interfaces.api.conftest import Api
from tests.interfaces.api.shop import ADA, BASKET, held, open_shop, problem, reserve
from tests.interfaces.api.test_retries import at_once


@pytest.fixture
def shop(db):
    return open_shop()


def evaluate(api, **more):
    answer = api.post("orders/evaluate", {**BASKET, **more})
    assert answer.status_code == 200, answer.content
    return answer.json()


def confirm(api, own="o-1", **more):
    return api.post("orders", {**BASKET, "source": "shop", "id": own, **more})


def effects(body, *names):
    return [tuple(one[name] for name in names) for one in body["effects"]]


def test_each_wish_is_an_effect_with_its_reason(shop):
    body = evaluate(
        shop,
        redeem=[{"reward": "coffee"}, {"reward": "delivered"}, {"reward": "mug"}],
        pay={"points": {"points": "100"}},
    )
    assert effects(body, "type", "pointer", "points", "amount", "reason") == [
        (
            "earn",
            "",
            "35",
            None,
            "Purchases: 1 point for every $1.00 of $35.00 is 35 points, rounded down.",
        ),
        ("free_item", "/redeem/0", "30", "4.00", "A free coffee: $4.00 off for 30 points."),
        ("free_shipping", "/redeem/1", "20", "5.00", "Free delivery: $5.00 off for 20 points."),
        ("give", "/redeem/2", "100", "8.00", "A mug: worth $8.00 for 100 points."),
        ("pay_with_points", "/pay/points/points", "100", "1.00", "100 points pay $1.00."),
    ]
    assert body["effects"][1]["lines"] == [{"line": 0, "quantity": "1", "amount": "4.00"}]
    assert body["discounts"] == [
        {"reward": "coffee", "amount": "4.00"},
        {"reward": "delivered", "amount": "5.00"},
    ]
    assert [body[name] for name in ("before", "total", "tax", "due")] == [
        "45.00",
        "36.00",
        "0.00",
        "35.00",
    ]
    assert body["payable"] == [
        {
            "unit": "points",
            "least": "10",
            "most": "450",
            "step": "10",
            "amount": "4.50",
            "missing": [],
        }
    ]
    assert held(shop) == 600


def test_what_is_refused_says_what_is_missing_and_where(shop):
    body = evaluate(
        shop,
        redeem=[
            {"reward": "coffee"},
            {"reward": "tenth"},
            {"reward": "engraving", "options": {"monogram": "A", "colour": "green"}},
            {"reward": "nothing"},
        ],
        vouchers=["abc"],
        pay={"points": {"points": "5", "miles": "1"}, "stored_value": {"gift": "5.00"}},
    )
    refused = [one for one in body["effects"] if one["type"] == "refused"]
    assert [
        (one["pointer"], [(lack["code"], lack["field"]) for lack in one["missing"]])
        for one in refused
    ] == [
        ("/vouchers/0", [("voucher", "vouchers")]),
        ("/redeem/1", [("exclusive", "reward")]),
        ("/redeem/2", [("options", "options.colour")]),
        ("/redeem/3", [("reward", "reward")]),
        ("/pay/points/points", [("too_few", "points")]),
        ("/pay/points/miles", [("unit", "unit")]),
        ("/pay/stored_value/gift", [("insufficient_balance", "stored_value")]),
    ]
    assert refused[1]["reason"] == "A tenth off: it cannot be combined with other rewards."
    assert all(lack["mend"] for one in refused for lack in one["missing"])


def test_offers_are_ranked_and_say_what_is_missing(shop):
    offers = {one["reward"]: one for one in evaluate(shop)["offers"]}
    assert list(offers)[-1] == "ticket"
    assert offers["tenth"]["amount"] == "4.00"
    assert (offers["mug"]["affordable"], offers["mug"]["reason"]) == (True, "You can have it now.")
    assert [one["code"] for one in offers["ticket"]["missing"]] == ["sold_out"]


def test_nobody_sees_prices_and_can_have_nothing(shop):
    body = evaluate(
        shop,
        member=None,
        redeem=[{"reward": "mug"}],
        vouchers=["abc"],
        pay={"points": {"points": "10"}, "stored_value": {"gift": "1"}},
    )
    assert (body["member"], body["due"]) == (None, "45.00")
    refused = [one for one in body["effects"] if one["type"] == "refused"]
    assert [one["pointer"] for one in refused] == [
        "/vouchers/0",
        "/redeem/0",
        "/pay/points/points",
        "/pay/stored_value/gift",
    ]
    assert {lack["code"] for one in refused for lack in one["missing"]} == {"member"}
    assert {one["missing"][0]["code"] for one in body["offers"]} == {"member"}
    assert [one["price"] for one in body["offers"] if one["reward"] == "mug"] == ["100"]
    answer = confirm(shop, member=None, redeem=[{"reward": "mug"}])
    assert problem(answer) == (422, "fact-refused", "/member")
    assert confirm(shop, "o-2", member=None).status_code == 201


def test_the_order_is_what_confirming_it_posts(shop):
    wish = {"redeem": [{"reward": "coffee"}], "pay": {"points": {"points": "100"}}}
    body = evaluate(shop, source="shop", id="o-1", **wish)
    order = body["order"]
    assert [(line.get("reward"), line["amount"]) for line in order["lines"]] == [
        (None, "4.00"),
        ("coffee", "0.00"),
        (None, "32.00"),
    ]
    assert order["tenders"] == [{"kind": "points", "amount": "1.00"}]
    posted = confirm(shop, **wish).json()
    assert (posted["total"], posted["due"]) == (order["total"], body["due"]) == ("41.00", "40.00")


def test_an_order_is_evaluated_confirmed_and_cancelled(shop):
    wish = {
        "redeem": [{"reward": "coffee"}, {"reward": "mug"}],
        "pay": {"points": {"points": "100"}},
    }
    shown = evaluate(shop, **wish)
    earned = {one["unit"]: one["points"] for one in shown["earned"]}
    expected = {"due": shown["due"], "earned": earned}
    first = confirm(shop, expected=expected, **wish)
    assert first.status_code == 201, first.content
    body = first.json()
    assert body["order"] == {"source": "shop", "id": "o-1"}
    assert body["earned"] == shown["earned"] == [{"unit": "points", "points": "35"}]
    assert [(one["reward"], one["state"], one["order"]["id"]) for one in body["redemptions"]] == [
        ("coffee", "captured", "o-1"),
        ("mug", "captured", "o-1"),
    ]
    assert held(shop) == 600 - 30 - 100 - 100 + 35
    again = confirm(shop, expected=expected, **wish)
    assert (again.status_code, again.content) == (200, first.content)
    cancel = {
        "source": "shop",
        "id": "x-1",
        "type": "cancel",
        "occurred_at": "2017-03-01T12:00:00Z",
        "about": {"source": "shop", "id": "o-1"},
    }
    assert shop.post("facts", cancel).status_code == 201
    assert held(shop) == 600
    assert shop.get("redemptions/shop/o-1:1").json()["state"] == "cancelled"


def test_a_voucher_is_used_with_the_order(shop):
    code = reserve(shop).json()["codes"][0]["code"]
    body = evaluate(shop, vouchers=[code.lower(), code])
    assert effects(body, "type", "pointer", "points", "amount")[1:] == [
        ("discount", "/vouchers/0", "0", "5.00")
    ]
    assert body["effects"][1]["reason"] == f"Five off: $5.00 off by the voucher {code}."
    assert body["vouchers"] == [
        {
            "code": code,
            "reward": "five-off",
            "until": "2017-05-30T00:00:00Z",
            "applies": True,
            "missing": [],
        }
    ]
    assert confirm(shop, vouchers=[code]).status_code == 201
    assert shop.get(f"vouchers/{code}").json()["status"] == "used"
    assert confirm(shop, vouchers=[code]).status_code == 200
    answer = confirm(shop, "o-2", vouchers=[code])
    assert problem(answer)[:2] == (409, "order-changed")


def test_the_codes_of_one_redemption_are_used_together(shop):
    codes = [one["code"] for one in reserve(shop, quantity=2).json()["codes"]]
    for some in (codes, codes[:1], codes[1:]):
        body = evaluate(shop, vouchers=some)
        assert (body["due"], effects(body, "type", "amount")[1]) == ("35.00", ("discount", "10.00"))
    body = evaluate(shop, vouchers=codes, redeem=[{"reward": "coffee"}])
    assert effects(body, "type", "reward")[1:] == [
        ("discount", "five-off"),
        ("refused", "five-off"),
        ("free_item", "coffee"),
    ]
    answer = confirm(shop, vouchers=codes, redeem=[{"reward": "coffee"}])
    assert (answer.status_code, answer.json()["due"]) == (201, body["due"])
    assert {one["state"] for one in shop.get("redemptions/shop/r-1").json()["codes"]} == {"used"}


def test_what_changed_is_told_whole_and_nothing_is_posted(shop):
    answer = confirm(
        shop,
        redeem=[{"reward": "mug"}, {"reward": "ticket"}],
        expected={"due": "40.00", "earned": {"points": 99}},
    )
    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "order-changed")
    assert [(one["pointer"], one["value"], one["detail"]) for one in body["errors"]] == [
        ("/redeem/1/quantity", 1, "A ticket: none is left"),
        ("/expected/due", "40.00", "40.00 was due, 45.00 is"),
        ("/expected/earned/points", "99", "99 points were earned, 40 are"),
    ]
    assert all(one["mend"] for one in body["errors"])
    assert held(shop) == 600
    assert shop.get(f"members/{ADA}/redemptions").json()["redemptions"] == []


def test_another_order_under_the_same_key_is_a_conflict(shop):
    assert confirm(shop).status_code == 201
    shop.post("members", {"email": "ben@example.org"})
    for other in (
        {"redeem": [{"reward": "mug"}]},
        {"tax": "1.00"},
        {"member": "ben@example.org"},
        {"member": None},
        {"tenders": [{"kind": "card", "amount": "45.00"}]},
    ):
        assert problem(confirm(shop, **other)) == (409, "fact-conflict", "/id")
    own = shop.get(f"members/{ADA}").json()["id"]
    assert confirm(shop, member=own, occurred_at="2017-03-01T12:00:01Z").status_code == 200
    body = {**BASKET, "source": "shop", "id": "o-3"}
    answers = [shop.post("orders", body, idempotency_key="k") for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert [one.headers.get("Idempotent-Replayed") for one in answers] == [None, "true"]
    other = shop.post("orders", {**body, "id": "o-4"}, idempotency_key="k")
    assert problem(other)[:2] == (409, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"redeem": "mug"}, "/redeem"),
        ({"redeem": [{"quantity": 1}]}, "/redeem/0/reward"),
        ({"redeem": [{"reward": "mug", "quantity": 0}]}, "/redeem/0/quantity"),
        ({"redeem": [{"reward": "mug", "slot": 1}]}, "/redeem/0/slot"),
        ({"redeem": [{"reward": "mug", "options": [1]}]}, "/redeem/0/options"),
        ({"redeem": [{"reward": "mug", "colour": "red"}]}, "/redeem/0/colour"),
        ({"redeem": [{"reward": "mug"}] * 51}, "/redeem"),
        ({"vouchers": "abc"}, "/vouchers"),
        ({"vouchers": ["a\x00"]}, "/vouchers/0"),
        ({"vouchers": ["a"] * 51}, "/vouchers"),
        ({"pay": [1]}, "/pay"),
        ({"pay": {"cash": "1"}}, "/pay/cash"),
        ({"pay": {"points": "300"}}, "/pay/points"),
        ({"pay": {"points": {"points": "x"}}}, "/pay/points/points"),
        ({"pay": {"stored_value": {"gift": "1.234"}}}, "/pay/stored_value/gift"),
        ({"type": "review", "redeem": [{"reward": "mug"}]}, "/type"),
    ],
)
def test_a_wish_that_cannot_be_read_says_where(shop, more, place):
    for path in ("orders/evaluate", "orders"):
        body = {**BASKET, "source": "shop", "id": "o-1", **more}
        assert problem(shop.post(path, body)) == (422, "fact-refused", place)


@pytest.mark.parametrize(
    ("expected", "place"),
    [
        ("x", "/expected"),
        ({"total": "1"}, "/expected/total"),
        ({"due": "x"}, "/expected/due"),
        ({"earned": "1"}, "/expected/earned"),
        ({"earned": {"miles": 1}}, "/expected/earned/miles"),
        ({"earned": {"points": "x"}}, "/expected/earned/points"),
    ],
)
def test_an_expectation_that_cannot_be_read_says_where(shop, expected, place):
    assert problem(confirm(shop, expected=expected)) == (422, "fact-refused", place)


def test_of_one_order_sent_several_times_at_once_one_is_posted(fresh_database):
    shop = open_shop()
    times = iter(range(8))

    def call(more):
        def run():
            wish = {"redeem": [{"reward": "mug"}], "pay": {"points": {"points": "100"}}}
            return confirm(shop, more["id"], **wish, **more["when"](next(times)))

        return run

    for own, when in (
        ("o-1", lambda _: {}),
        ("o-2", lambda turn: {"occurred_at": f"2017-03-01T12:00:0{turn}Z"}),
    ):
        answers = at_once(4, call({"id": own, "when": when}))
        assert sorted(one.status_code for one in answers) == [200, 200, 200, 201], own
        assert len({one.content for one in answers}) == 1
    assert held(shop) == 600 - 2 * (100 + 100) + 2 * 39


def test_only_orders_are_confirmed_and_with_a_key_of_their_own(shop):
    assert problem(confirm(shop, type="return")) == (422, "fact-refused", "/returns")
    assert problem(confirm(shop, type="review")) == (422, "fact-refused", "/type")
    assert problem(shop.post("orders", BASKET)) == (422, "fact-refused", "/source")


def test_what_is_no_purchase_is_evaluated_as_it_is(shop):
    body = shop.post("orders/evaluate", {"type": "review", "member": ADA}).json()
    assert (body["order"]["type"], body["earned"], body["due"]) == ("review", [], "0.00")


def test_confirming_needs_its_scope(shop):
    own = program("shop").id
    reader = Api(create(program_id=own, name="app", scopes=["orders.evaluate"], actor=SYSTEM)[1])
    assert reader.post("orders/evaluate", BASKET).status_code == 200
    assert problem(confirm(reader))[:2] == (403, "scope-missing")
