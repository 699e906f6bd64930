"""Purchases of nobody: kept, claimed once, and their claimer's from then on."""

import pytest

from tests.rooms.earning.clubs import (
    counting,
    founded,
    kinds,
    refusal,
    rule,
    send,
    sent,
    told,
    usable,
    whose,
)
from tests.rooms.till import buy, day, give_back, rows

pytestmark = pytest.mark.usefixtures("sound")


def claims(key="c", about="1", **more):
    return told(key, "claim", about=about, days=more.pop("days", 9), **more)


def test_a_claimed_purchase_is_judged_at_its_own_time():
    founded(rule("early", "purchase", 7, until="2017-01-03"))
    sent(buy("1", 10_000, member=None), claims())
    assert usable("ada") == 107
    assert rows("select occurred_at, total from ledger_fact where type = 'claim'") == [
        (day(0), 10_000)
    ]


@pytest.mark.parametrize("cut", [True, False])
def test_a_return_finds_the_claimer(cut):
    founded()
    facts = [
        buy("1", 10_000, member=None),
        claims(),
        give_back("r", "1", 2_500, member=None, days=10),
        give_back("s", "1", 2_500, days=11),
        told("x", "cancel", member=None, about="1", days=12),
    ]
    for part in [[one] for one in facts] if cut else [facts]:
        sent(*part)
        if len(part) == 1:
            assert usable("ada") == {"c": 100, "r": 75, "s": 50}.get(part[0].id, 0)
    assert usable("ada") == 0


def test_who_may_not_claim_what():
    founded()
    sent(
        buy("1", 10_000, member=None), buy("2", 100, member="bob"), told("v", "visit", member=None)
    )
    assert refusal(claims(about="none")) == (
        "there is no such purchase. Send the source and id of a purchase that nobody has.",
        "about",
    )
    assert refusal(claims(about="v"))[0].startswith("there is no such purchase")
    assert refusal(claims(about="2"))[0].startswith("the purchase already has its points")
    assert refusal(claims(about=None))[1] == "about"
    sent(claims())
    assert refusal(claims("d", member="bob"))[0].startswith("the purchase already has its points")
    assert refusal(claims("e"))[0].startswith("the purchase already has its points")
    assert usable("ada", "bob") == (100, 1)


def test_a_claim_told_twice_is_one():
    founded()
    sent(buy("1", 10_000, member=None))
    assert [one.status for one in send(claims(), claims())] == ["posted", "duplicate"]
    assert send(claims())[0].status == "duplicate"
    assert usable("ada") == 100


def test_two_claims_in_one_batch():
    founded()
    sent(buy("1", 10_000, member=None))
    found = send(claims(), claims("d", member="bob"))
    assert [one.status for one in found] == ["posted", "refused"]
    assert "already has its points" in str(found[1].error)


def test_what_came_back_before_is_not_claimed():
    founded()
    sent(buy("1", 10_000, member=None), give_back("r", "1", 10_000, member=None, days=1))
    assert refusal(claims())[0].startswith("the purchase came back")


def test_a_stranger_who_becomes_a_member_claims():
    founded(unknown="keep")
    sent(buy("1", 10_000, member="zoe"))
    assert (kinds(), whose("zoe")) == ({"purchase": 1}, None)
    assert refusal(claims(member="zoe"))[0].startswith("there is no member 'zoe'")


def test_points_burned_for_it_come_back_with_it():
    founded()
    sent(buy("0", 10_000), buy("1", 5_000, member=None))
    sent(told("b", "burn", about="1", points=60, days=8), claims())
    sent(told("x", "cancel", about="1", days=12))
    assert usable("ada") == 100


def test_friends_and_companies_know_claimed_purchases():
    founded(
        rule("brought", "referral", 50),
        rule("share", "company_purchase", {"points": 1, "per": "2.00"}),
        referrals={"trigger": "first_purchase"},
        companies=True,
    )
    sent(told("s", "sign_up", member="bob"), told("t", "sign_up", member="acme"))
    sent(told("i", "invited", referrer="bob"), told("j", "join_company", company="acme"))
    sent(buy("1", 10_000, member=None), claims())
    assert usable("ada", "bob", "acme") == (100, 50, 50)
    sent(give_back("r", "1", 10_000, member=None, days=10))
    assert usable("ada", "bob", "acme") == (0, 0, 0)


def test_many_claims_cost_no_more_statements():
    founded()
    counts = []
    for n in (1, 40):
        keys = [f"{n}-{k}" for k in range(n)]
        sent(*(buy(key, 100, member=None) for key in keys))
        with counting() as queries:
            sent(*(claims(f"c{key}", about=key, member=f"m{k % 3}") for k, key in enumerate(keys)))
        counts.append(len(queries))
    assert counts[0] >= counts[1]
