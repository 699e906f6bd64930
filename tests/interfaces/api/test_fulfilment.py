"""One-time codes, steps of fulfilment, stock and codes through the API."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pointbook.controls.actors import SYSTEM
from pointbook.controls.clock import set_test_clock
from pointbook.controls.keys import create
from pointbook.programs.queries import program
from tests.interfaces.api.conftest import Api
from tests.interfaces.api.shop import held, open_shop, problem, reserve
from tests.interfaces.api.test_retries import replayed

R1 = "redemptions/shop/r-1"


@pytest.fixture
def shop(db):
    return open_shop()


def test_a_member_confirms_with_a_one_time_code(shop):
    assert reserve(shop, reward="spa").json()["confirm"] == "open"
    assert problem(shop.post(f"{R1}/capture", {}))[:2] == (422, "fact-refused")
    answer = shop.post(f"{R1}/code", b"")
    code = answer.json()["code"]
    assert (answer.status_code, len(code)) == (200, 6)
    wrong = "000000" if code != "000000" else "000001"
    assert problem(shop.post(f"{R1}/confirm", {"code": wrong})) == (422, "code-wrong", "/code")
    done = shop.post(f"{R1}/confirm", {"code": code})
    assert (done.status_code, done.json()["confirm"]) == (200, "done")
    assert shop.post(f"{R1}/confirm", {"code": code}).status_code == 200
    assert shop.post(f"{R1}/capture", {}).json()["state"] == "captured"
    assert problem(shop.post(f"{R1}/code", b""))[:2] == (409, "confirmation-refused")


def test_tries_are_counted_with_and_without_a_key(shop):
    reserve(shop, reward="spa")
    code = shop.post(f"{R1}/code", b"").json()["code"]
    wrong = "000000" if code != "000000" else "000001"
    for turn in range(4):
        answer = shop.post(f"{R1}/confirm", {"code": wrong}, idempotency_key=f"k{turn}")
        assert problem(answer)[:2] == (422, "code-wrong")
    again = shop.post(f"{R1}/confirm", {"code": wrong}, idempotency_key="k3")
    assert again.json()["detail"] == answer.json()["detail"]
    assert problem(shop.post(f"{R1}/confirm", {"code": wrong}))[:2] == (409, "code-ended")
    assert problem(shop.post(f"{R1}/confirm", {"code": code}))[:2] == (409, "code-ended")


def test_codes_are_sent_five_times_at_most(shop):
    reserve(shop, reward="spa")
    assert {shop.post(f"{R1}/code", b"").status_code for _ in range(5)} == {200}
    assert problem(shop.post(f"{R1}/code", b""))[:2] == (429, "too-many-codes")
    assert problem(shop.post(f"{R1}/confirm", {}))[:] == (422, "fact-refused", "/code")


def test_steps_go_forward(shop):
    reserve(shop, reward="mug")
    assert problem(shop.post(f"{R1}/progress", {}))[:2] == (409, "step-refused")
    shop.post(f"{R1}/capture", {})
    steps = [shop.post(f"{R1}/progress", {}, idempotency_key=key) for key in "aab"]
    assert [one.json()["fulfilment"] for one in steps] == ["packed", "packed", "sent"]
    assert [replayed(one) for one in steps] == [False, True, False]
    assert shop.post(f"{R1}/progress", {"step": "sent"}).json()["fulfilment"] == "sent"
    assert problem(shop.post(f"{R1}/progress", {"step": "packed"})) == (
        409,
        "step-refused",
        "/step",
    )
    assert problem(shop.post(f"{R1}/progress", {"step": "flown"}))[:2] == (409, "step-refused")
    assert problem(shop.post(f"{R1}/progress", {"how": "by air"}))[2] == "/how"


def test_who_did_not_come_is_told(shop):
    reserve(shop, reward="tasting", slot="april")
    shop.post(f"{R1}/capture", {})
    early = shop.post(f"{R1}/progress", {"step": "no_show"})
    assert problem(early) == (409, "step-refused", None)
    set_test_clock(program_id=program("shop").id, at=datetime(2017, 4, 10, 21, tzinfo=UTC))
    body = shop.post(f"{R1}/progress", {"step": "no_show", "note": "rain"}).json()
    assert (body["fulfilment"], held(shop)) == ("no_show", 590)


def test_a_stock_is_changed(shop):
    reserve(shop, reward="mug", quantity=2)
    answer = shop.post("rewards/mug/stock", {"change": 7}, idempotency_key="k")
    again = shop.post("rewards/mug/stock", {"change": 7}, idempotency_key="k")
    assert (
        answer.json()
        == again.json()
        == {
            "reward": "mug",
            "slot": "",
            "supply": 10,
            "taken": 2,
            "left": 8,
        }
    )
    assert shop.post("rewards/tasting/stock", {"change": 1, "slot": "april"}).json()["left"] == 2
    for path, body, told in (
        ("mug", {"change": -9}, (409, "supply-refused", "/change")),
        ("card", {"change": 1}, (409, "supply-refused", None)),
        ("nothing", {"change": 1}, (404, "reward-not-found", None)),
        ("mug", {"change": "1"}, (422, "fact-refused", "/change")),
        ("mug", {"change": True}, (422, "fact-refused", "/change")),
        ("mug", {"change": 1, "by": 2}, (422, "fact-refused", "/by")),
    ):
        assert problem(shop.post(f"rewards/{path}/stock", body)) == told


def test_codes_are_imported_and_given_out(shop):
    body: dict[str, Any] = {"codes": ["KX-1", "KX-2", "KX-1"]}
    assert shop.post("rewards/ticket/codes", body).json() == {"new": 2, "doubled": ["KX-1"]}
    assert shop.post("rewards/ticket/codes", body).json()["new"] == 0
    assert reserve(shop, reward="ticket").json()["codes"][0]["code"] == "KX-1"
    found = {one["reward"]: one for one in shop.get("rewards").json()["rewards"]}
    assert found["ticket"]["left"] == 1
    for path, body, told in (
        ("mug", {"codes": ["A"]}, (409, "supply-refused", None)),
        ("ticket", {"codes": ["A" * 65]}, (409, "supply-refused", "/codes")),
        ("nothing", {"codes": ["A"]}, (404, "reward-not-found", None)),
        ("ticket", {"codes": "A"}, (422, "fact-refused", "/codes")),
        ("ticket", {"codes": []}, (422, "fact-refused", "/codes")),
        ("ticket", {"codes": [1]}, (422, "fact-refused", "/codes")),
        ("ticket", {"codes": ["\x00"]}, (422, "fact-refused", "/codes/0")),
    ):
        assert problem(shop.post(f"rewards/{path}/codes", body)) == told


def test_supplies_and_codes_need_scopes_that_are_named(shop):
    own = program("shop").id
    till = Api(create(program_id=own, name="till", actor=SYSTEM)[1])
    reserve(till, reward="spa")
    assert problem(till.post(f"{R1}/code", b""))[:2] == (403, "scope-missing")
    assert problem(till.post("rewards/mug/stock", {"change": 1}))[:2] == (403, "scope-missing")
    assert problem(till.post("rewards/ticket/codes", {"codes": ["A"]}))[:2] == (
        403,
        "scope-missing",
    )
