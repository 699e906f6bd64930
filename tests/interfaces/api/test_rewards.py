"""The catalogue: what points can buy, what is left, and for a member what they could have."""

from pointbook.controls.actors import SYSTEM
from pointbook.controls.keys import create
from pointbook.programs.queries import program
from tests.interfaces.api.conftest import Api
from tests.interfaces.api.shop import ADA, open_shop, problem, reserve


def test_the_catalogue_says_what_is_left(db):
    shop = open_shop()
    reserve(shop, reward="mug")
    reserve(shop, "r-2", reward="tasting", slot="april")
    body = shop.get("rewards").json()
    assert (body["at"], body["member"]) == ("2017-03-01T12:00:00Z", None)
    found = {one["reward"]: one for one in body["rewards"]}
    assert list(found)[:2] == ["mug", "five-off"]
    assert {code: one["left"] for code, one in found.items() if one["left"] is not None} == {
        "mug": 2,
        "ticket": 0,
    }
    assert found["tasting"]["slots"] == [
        {
            "slot": "april",
            "starts_at": "2017-04-10T18:00:00Z",
            "ends_at": "2017-04-10T20:00:00Z",
            "place": "Studio",
            "capacity": 1,
            "left": 0,
        }
    ]
    assert found["engraving"]["options"] == {"monogram": [], "colour": ["red", "blue"]}
    assert {one["offer"] for one in body["rewards"]} == {None}


def test_a_member_sees_offers(db):
    shop = open_shop(points="60.00")
    body = shop.get(f"rewards?member={ADA}").json()
    assert body["member"] == shop.get(f"members/{ADA}").json()["id"]
    offers = [one["offer"] for one in body["rewards"]]
    now = [one["affordable"] for one in offers]
    assert now == sorted(now, reverse=True)
    mug = next(one for one in offers if one["reward"] == "mug")
    assert (mug["short"], [one["code"] for one in mug["missing"]]) == (
        "40",
        ["insufficient_balance"],
    )
    assert mug["reason"].startswith("40 points to go")
    assert problem(shop.get("rewards?member=nobody"))[:2] == (404, "member-not-found")


def test_offers_to_members_need_a_scope_more(db):
    open_shop()
    own = program("shop").id
    reader = Api(create(program_id=own, name="app", scopes=["program.read"], actor=SYSTEM)[1])
    assert reader.get("rewards").status_code == 200
    assert problem(reader.get(f"rewards?member={ADA}"))[:2] == (403, "scope-missing")
