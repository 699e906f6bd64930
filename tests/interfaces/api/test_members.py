"""Members, balances, histories, orders and the program through the API."""

import pytest

from pointbook.controls.clock import set_test_clock
from pointbook.programs.queries import program
from tests.interfaces.api.conftest import NOON, buy

STANDINGS = [
    {
        "ladder": "tiers",
        "name": "tiers",
        "tier": "Insider",
        "tier_name": "Insider",
        "until": None,
        "measures": [{"measure": "spend", "kind": "money", "unit": None, "value": "0.00"}],
        "next": {
            "tier": "VIB",
            "name": "VIB",
            "needs": "any",
            "measures": [
                {
                    "measure": "spend",
                    "kind": "money",
                    "unit": None,
                    "value": "0.00",
                    "least": "350.00",
                    "missing": "350.00",
                }
            ],
        },
        "benefits": [],
    }
]
TRACE = [
    {
        "rule": "purchases",
        "name": "Purchases",
        "matched": True,
        "unit": "points",
        "points": "20",
        "why": "Purchases: 1 point for every $1.00 of $20.50 is 20 points, rounded down.",
    },
    {
        "rule": "stars",
        "name": "Stars",
        "matched": False,
        "unit": "stars",
        "points": "0.0",
        "why": "It listens to review, this is a purchase.",
    },
]


@pytest.mark.parametrize(
    "person",
    [{"email": "Bob@Example.org"}, {"phone": "+49 30 123456"}, {"card": "777"}, {"member": "B-1"}],
)
def test_one_field_enrols_once(api, person):
    new, again = api.post("members", person), api.post("members", person)
    assert (new.status_code, again.status_code) == (201, 200)
    assert new.json() == again.json()
    reference = next(iter(new.json()["identifiers"].values()))
    assert api.get(f"members/{reference}").json() == new.json()
    assert api.get(f"members/{new.json()['id']}").json() == new.json()


def test_what_is_new_about_a_member_is_added(api):
    api.post("members", {"email": "ada@example.org"})
    more = {"email": "ada@example.org", "card": "1", "name": "Ada", "birthday": "1815-12-10"}
    assert api.post("members", {**more, "consent": True}).json() | {
        "id": "",
        "enrolled_at": "",
    } == {
        "id": "",
        "name": "Ada",
        "identifiers": {"email": "ada@example.org", "card": "1"},
        "enrolled_at": "",
        "birthday": "1815-12-10",
        "consent": True,
        "balances": [
            {
                "unit": unit,
                "name": unit,
                "spendable": True,
                "points": none,
                "pending": none,
                "owed": none,
                "worth": "0.00",
            }
            for unit, none in (("points", "0"), ("stars", "0.0"))
        ],
        "standings": STANDINGS,
        "household": None,
        "company": None,
    }


def test_who_cannot_be_enrolled_is_told_why(api):
    nobody = api.post("members", {"name": "Ada"})
    assert (nobody.status_code, nobody.json()["code"]) == (422, "person-refused")
    wrong = api.post("members", {"email": "ada"})
    assert wrong.json()["pointer"] == "/email"
    for card in "12":
        api.post("members", {"card": card, "email": f"{card}@example.org"})
    taken = api.post("members", {"card": "1", "email": "2@example.org"})
    assert (taken.status_code, taken.json()["code"]) == (409, "identifier-taken")


def test_a_stranger_is_not_found(api):
    for path in ("members/x", "members/x/balance", "members/x/entries"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "member-not-found")


def test_a_balance_has_a_calendar(api):
    api.post("facts", buy("1", "30.00"))
    api.post("facts", buy("2", "20.50", occurred_at="2017-02-01T09:00:00Z"))
    api.post("facts", buy("3", type="burn", attributes={"points": 5}))
    body = api.get("members/ada@example.org/balance").json()
    assert body == {
        "at": "2017-03-01T12:00:00Z",
        "unit": "points",
        "points": "45",
        "pending": "0",
        "owed": "0",
        "worth": "0.90",
        "currency": "USD",
        "calendar": [{"on": "2017-07-31", "points": "15"}, {"on": "2017-08-28", "points": "30"}],
        "lots": [
            {
                "rule": "purchases",
                "earned_at": "2017-02-01T09:00:00Z",
                "starts_at": "2017-02-01T09:00:00Z",
                "expires_at": "2017-07-31T00:00:00Z",
                "points": "20",
                "remaining": "15",
            },
            {
                "rule": "purchases",
                "earned_at": "2017-03-01T09:00:00Z",
                "starts_at": "2017-03-01T09:00:00Z",
                "expires_at": "2017-08-28T00:00:00Z",
                "points": "30",
                "remaining": "30",
            },
        ],
        "coming": [],
        "waiting": [],
    }
    set_test_clock(program_id=program("beauty").id, at=NOON.replace(month=8, day=1))
    assert api.get("members/ada@example.org/balance").json()["points"] == "30"


def test_a_balance_of_another_unit(api):
    api.post("facts", buy(type="review"))
    body = api.get("members/ada@example.org/balance?unit=stars").json()
    assert (body["unit"], body["points"], body["worth"], body["calendar"]) == (
        "stars",
        "0.5",
        "0.50",
        [],
    )
    wrong = api.get("members/ada@example.org/balance?unit=miles")
    assert (wrong.status_code, wrong.json()["parameter"]) == (422, "unit")


def test_every_entry_says_why(api):
    api.post("facts", buy("1", "100.00"))
    api.post("facts", buy("2", type="burn", attributes={"reward": "one-off"}))
    page = api.get("members/ada@example.org/entries").json()
    assert page["next"] is None
    assert [(one["kind"], one["points"], one["balance"]) for one in page["entries"]] == [
        ("burn", "-50", "50"),
        ("award", "100", "100"),
    ]
    assert [one["why"][0] for one in page["entries"]] == [
        "50 points spent on One off.",
        "Purchases: 1 point for every $1.00 of $100.00 is 100 points, rounded down.",
    ]
    assert page["entries"][1]["fact"] == {
        "source": "till",
        "id": "1",
        "type": "purchase",
        "total": "100.00",
        "simulated": False,
    }


def test_pages_cover_a_history_once(api):
    times = [f"2017-02-{day:02d}T09:00:00.{day:06d}Z" for day in range(1, 8)]
    api.batch([buy(f"{n}", occurred_at=at) for n, at in enumerate(times)])
    whole = api.get("members/ada@example.org/entries").json()["entries"]
    found: list[object] = []
    cursor: str | None = ""
    while cursor is not None:
        page = api.get(f"members/ada@example.org/entries?limit=3&cursor={cursor}").json()
        found += page["entries"]
        cursor = page["next"]
    assert found == whole
    assert len(whole) == 7


@pytest.mark.parametrize("query", ["cursor=x", "cursor=MjAxNw", "limit=0", "limit=x", "unit=%00"])
def test_a_wrong_parameter_is_named(api, query):
    api.post("facts", buy())
    answer = api.get(f"members/ada@example.org/entries?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-parameter")
    assert answer.json()["parameter"] == query.partition("=")[0]


EARNED = ("program_version", "earned", "reasons", "trace", "moves", "rewards")


def test_an_order_is_evaluated_and_not_posted(api):
    api.post("facts", buy("1", "340.00"))
    body = api.post("orders/evaluate", {"member": "ada@example.org", "total": "20.50"}).json()
    assert body.pop("member")
    assert {name: body[name] for name in EARNED} == {
        "program_version": 1,
        "earned": [{"unit": "points", "points": "20"}],
        "reasons": [
            {
                "rule": "purchases",
                "unit": "points",
                "counts": "money",
                "base": "20.50",
                "points": "20",
                "asked": "20",
                "limit": None,
                "tier": None,
                "of": None,
                "why": "Purchases: 1 point for every $1.00 of $20.50 is 20 points, rounded down.",
            }
        ],
        "trace": TRACE,
        "moves": [
            {
                "ladder": "tiers",
                "kind": "reached",
                "before": "Insider",
                "after": "VIB",
                "until": None,
            }
        ],
        "rewards": [
            {
                "reward": "one-off",
                "name": "One off",
                "unit": "points",
                "price": "50",
                "value": "1.00",
                "affordable": True,
                "missing": "0",
            },
            {
                "reward": "ten-off",
                "name": "Ten off",
                "unit": "points",
                "price": "500",
                "value": "10.00",
                "affordable": False,
                "missing": "140",
            },
        ],
    }
    assert api.get("members/ada@example.org/balance").json()["points"] == "340"


def test_an_order_of_a_stranger_enrols_nobody(api):
    body = api.post("orders/evaluate", {"member": "new@example.org", "total": "20.50"}).json()
    assert (body["member"], body["earned"]) == (None, [{"unit": "points", "points": "20"}])
    assert api.get("members/new@example.org").status_code == 404


def test_the_program_in_force(api):
    body = api.get("program").json()
    assert (body["code"], body["version"], body["from_at"]) == ("beauty", 1, None)
    assert body["units"][1] == {
        "unit": "stars",
        "name": "stars",
        "decimals": 1,
        "value": "1.00",
        "spendable": True,
    }
    assert body["ladders"][0]["tiers"][1] == {
        "tier": "VIB",
        "name": "VIB",
        "needs": "any",
        "measures": [{"measure": "spend", "kind": "money", "unit": None, "least": "350.00"}],
        "benefits": [],
    }
    assert {part["title"] for part in body["terms"]} >= {"Earning", "Tiers"}
    assert body["document"].strip().startswith("blueprint: 1")
