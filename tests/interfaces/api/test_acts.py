"""What people decide through the API: corrections, voids, merges, claims, and invitations."""

import pytest

from pointbook.controls.actors import SYSTEM
from pointbook.controls.clock import set_test_clock
from pointbook.controls.keys import create
from pointbook.earning.operations import publish
from pointbook.programs.queries import program
from tests.interfaces.api.conftest import BEAUTY, NOON, Api, buy

CLUB = (
    BEAUTY.replace("code: beauty", "code: club").replace(
        "unknown_members: enrol", "unknown_members: keep"
    )
    + """
referrals: {trigger: sign_up}
corrections: {reasons: [goodwill, mistake], most: {points: 500}, negative: refuse}
"""
)
ADA, BEN = "ada@example.org", "ben@example.org"


@pytest.fixture
def club(db):
    """A program with corrections and referrals, and two members."""
    publish(document=CLUB, actor=SYSTEM)
    own = program("club").id
    set_test_clock(program_id=own, at=NOON)
    api = Api(create(program_id=own, name="till", actor=SYSTEM)[1])
    for email in (ADA, BEN):
        api.post("members", {"email": email})
    return api


def held(api, member=ADA):
    return api.get(f"members/{member}/balance").json()["points"]


def problem(answer):
    body = answer.json()
    return answer.status_code, body["code"], body.get("pointer")


def test_points_are_given_and_taken_by_hand(club):
    given = club.post(
        f"members/{ADA}/adjustments",
        {"points": "50", "reason": "goodwill", "expires_on": "2017-03-31", "id": "g-1"},
    )
    assert given.status_code == 201, given.content
    body = given.json()
    assert (body["source"], body["id"]) == ("api", "g-1")
    assert [(one["kind"], one["points"], one["expires_at"]) for one in body["moved"]] == [
        ("award", "50", "2017-04-01T00:00:00Z")
    ]
    taken = club.post(f"members/{ADA}/adjustments", {"points": -20, "reason": "mistake"})
    assert [one["points"] for one in taken.json()["moved"]] == ["-20"]
    assert held(club) == "30"
    why = [one["why"][0] for one in club.get(f"members/{ADA}/entries").json()["entries"]]
    assert why == ["20 points taken off by hand: mistake.", "50 points given by hand: goodwill."]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"points": "5"}, (422, "fact-refused", "/reason")),
        ({"points": "5", "reason": "whim"}, (422, "fact-refused", "/reason")),
        ({"points": "x", "reason": "goodwill"}, (422, "fact-refused", "/points")),
        ({"reason": "goodwill"}, (422, "fact-refused", "/points")),
        ({"points": "5", "reason": "goodwill", "unit": "miles"}, (422, "fact-refused", "/unit")),
        ({"points": "5", "reason": "goodwill", "colour": "red"}, (422, "fact-refused", "/colour")),
        ({"points": "501", "reason": "goodwill"}, (403, "needs-another", "/points")),
        ({"points": "-501", "reason": "goodwill"}, (403, "needs-another", "/points")),
        ({"points": "-5", "reason": "goodwill"}, (422, "balance-too-low", None)),
    ],
)
def test_a_correction_that_cannot_be_says_where(club, body, told):
    assert problem(club.post(f"members/{ADA}/adjustments", body)) == told


def test_a_unit_without_a_limit_has_none(club):
    body = {"points": "900", "unit": "stars", "reason": "goodwill"}
    assert club.post(f"members/{ADA}/adjustments", body).status_code == 201


def test_a_retry_gives_once(club):
    body = {"points": "50", "reason": "goodwill"}
    first = club.post(f"members/{ADA}/adjustments", body, Idempotency_Key="k")
    again = club.post(f"members/{ADA}/adjustments", body, Idempotency_Key="k")
    assert first.content == again.content
    assert again["Idempotent-Replayed"] == "true"
    assert held(club) == "50"
    # The same key for another member is another request.
    assert club.post(f"members/{BEN}/adjustments", body, Idempotency_Key="k").status_code == 201
    assert held(club, BEN) == "50"


def test_a_fact_is_taken_back(club):
    club.post("facts", buy("1"))
    void = club.post("facts/till/1/void", {"reason": "rung up twice"})
    assert void.status_code == 201, void.content
    assert [(one["kind"], one["points"]) for one in void.json()["moved"]] == [("claw_back", "-45")]
    assert held(club) == "0"
    assert problem(club.post("facts/till/1/void", {}))[:2] == (422, "fact-refused")
    assert problem(club.post("facts/till/2/void", {})) == (404, "fact-not-found", None)


def test_a_purchase_of_nobody_is_claimed(club):
    club.post("facts", {**buy("1"), "member": None})
    body = {"purchase": {"source": "till", "id": "1"}}
    claim = club.post(f"members/{ADA}/claims", body)
    assert claim.status_code == 201, claim.content
    assert held(club) == "45"
    assert problem(club.post(f"members/{BEN}/claims", body)) == (422, "fact-refused", "/purchase")
    assert problem(club.post(f"members/{BEN}/claims", {}))[:2] == (422, "fact-refused")


def test_two_members_become_one(club):
    club.post("facts", buy("1", member=BEN))
    merge = club.post(f"members/{ADA}/merge", {"from": BEN})
    assert merge.status_code == 201, merge.content
    assert {one["type"] for one in merge.json()["made"]} >= {"merged"}
    assert held(club) == "45"
    assert club.get(f"members/{BEN}").json()["id"] == club.get(f"members/{ADA}").json()["id"]
    assert problem(club.post(f"members/{ADA}/merge", {"from": "x"}))[:2] == (
        404,
        "member-not-found",
    )


def test_a_member_invites(club, api):
    first = club.get(f"members/{ADA}/referral").json()
    assert first == club.get(f"members/{ADA}/referral").json()
    assert first["link"] == f"http://testserver/card/club/by/{first['code']}/"
    assert first["qr_svg"].startswith("<svg")
    assert club.get(f"members/{BEN}/referral").json()["code"] != first["code"]
    api.post("members", {"email": ADA})
    assert problem(api.get(f"members/{ADA}/referral"))[:2] == (404, "not-found")


def test_nobody_is_found_under_a_name_that_nobody_has(club):
    for path in ("adjustments", "merge", "claims"):
        answer = club.post(f"members/nobody/{path}", {})
        assert problem(answer)[:2] == (404, "member-not-found")
    assert problem(club.get("members/nobody/referral"))[:2] == (404, "member-not-found")


def test_what_a_fact_made_is_told_with_it_again(club):
    fact = buy("i", type="invited", member=BEN, attributes={"referrer": ADA})
    del fact["total"]
    first, again = club.post("facts", fact), club.post("facts", fact)
    assert [one["type"] for one in first.json()["made"]] == ["referral", "referred"]
    assert first.content == again.content
