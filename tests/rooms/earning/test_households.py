"""Households: one wallet for all; companies: a share of what their people buy."""

import pytest

from tests.rooms.earning.clubs import founded, held, lots, refusal, rule, send, sent, told, usable
from tests.rooms.till import buy, day, give_back

pytestmark = pytest.mark.usefixtures("sound")
STARS = {"stars": {"name": "stars", "decimals": 0, "value": "0.10", "expires": {"never": True}}}
STAR = {**rule("star", "purchase", 1), "unit": "stars"}


def opened(*rules, **more):
    own = founded(*rules, **{"households": {"pool": ["points"]}, **more})
    sent(told("joined", "sign_up", member="head"))
    return own


def joins(member="ada", head="head", days=5, **more):
    return told(
        f"join-{member}-{head}", "join_household", member=member, head=head, days=days, **more
    )


def leaves(member="ada", days=50):
    return told(f"leave-{member}", "leave_household", member=member, days=days)


def test_what_is_held_moves_and_what_is_earned_later_goes_to_the_head():
    opened(STAR, units=STARS, points={"expires": {"after_days": 100}})
    sent(buy("1", 10_000), joins())
    assert (usable("ada", "head", days=9), usable("ada", unit="stars")) == ((0, 100), 1)
    (lot,) = lots("head")
    assert (lot[2], lot[3].date(), lot[1] > 0) == (day(0), day(100).date(), True)
    sent(buy("2", 5_000, days=6))
    assert (usable("ada", "head", days=9), usable("ada", unit="stars")) == ((0, 150), 2)


@pytest.mark.parametrize("cut", [True, False])
def test_members_burn_what_the_head_holds_until_they_leave(cut):
    opened()
    facts = [
        buy("1", 10_000),
        joins(),
        told("b1", "burn", points=60, days=6),
        buy("2", 2_000, days=7),
        leaves(),
        buy("3", 500, days=51),
        told("b2", "burn", points=5, days=52),
    ]
    for part in [[one] for one in facts] if cut else [facts]:
        sent(*part)
    assert usable("ada", "head") == (0, 60)
    assert refusal(told("b3", "burn", points=1, days=53))[0].startswith("the balance is 0")
    found = send(facts[2], facts[6])
    assert [one.status for one in found] == ["duplicate", "duplicate"]


def test_rewards_take_from_the_head_too():
    opened(
        rewards=[{"reward": "mug", "name": "Mug", "unit": "points", "price": 80, "value": "1.00"}]
    )
    sent(buy("1", 10_000), joins(), told("b", "burn", reward="mug", days=6))
    assert usable("ada", "head") == (0, 20)


@pytest.mark.parametrize("policy", ["clamp", "allow_negative", "carry_forward"])
def test_a_return_takes_back_from_the_household(policy):
    opened(returns={"claw_back": policy})
    sent(joins(), buy("1", 10_000, days=6), give_back("r1", "1", 3_000, days=7))
    assert (held("ada"), held("head")) == ((0, 0, 0), (70, 0, 0))
    sent(told("b", "burn", points=50, days=8), give_back("r2", "1", 7_000, days=9))
    owed = 0 if policy == "clamp" else 50
    assert (held("ada"), held("head")) == ((0, 0, 0), (0, 0, owed))
    sent(buy("2", 6_000, days=10))
    assert held("head") == (60 - owed, 0, 0)


def test_a_return_before_joining_is_the_members_own():
    opened()
    sent(buy("1", 10_000), give_back("r1", "1", 5_000, days=1), joins())
    sent(give_back("r2", "1", 5_000, days=6))
    assert usable("ada", "head") == (0, 0)


def test_who_left_does_not_leave_a_return_to_nobody():
    opened()
    sent(joins(), buy("1", 10_000, days=6), leaves(), give_back("r", "1", 10_000, days=60))
    assert usable("ada", "head") == (0, 0)


def test_a_void_reaches_the_household():
    opened(rule("gift", "visit", 40))
    sent(joins(), told("v", "visit", days=6), buy("1", 1_000, days=6))
    sent(told("x", "void", about="v", reason="mistake", days=7))
    assert usable("ada", "head") == (0, 10)


def test_points_burned_on_an_order_come_back_to_the_household():
    opened()
    sent(joins(), buy("1", 10_000, days=6))
    sent(told("b", "burn", about="o", points=40, days=7), buy("o", 2_000, days=7))
    assert usable("ada", "head") == (0, 80)
    sent(give_back("r", "o", 1_000, days=8))
    assert usable("ada", "head") == (0, 80 + 20 - 10)
    sent(told("c", "cancel", about="o", days=9))
    assert usable("ada", "head") == (0, 100)


def test_waiting_points_reach_the_household_when_they_are_set_free():
    opened(
        rule("later", "purchase", 50, pending={"until": "shipped"}),
        rule("soon", "purchase", 5, pending={"days": 10}),
    )
    sent(buy("0", 100), joins(), buy("1", 100, days=6))
    sent(told("s0", "shipped", about="0", days=30), told("s1", "shipped", about="1", days=30))
    assert (held("ada", days=40), held("head", days=40)) == ((0, 0, 0), (112, 0, 0))


def test_households_do_not_run_in_rings():
    opened()
    sent(told("a", "sign_up"), told("b", "sign_up", member="bob"))
    sent(joins("ada", "head"))
    assert refusal(joins("head", "ada"))[1] == "attributes.head"
    sent(joins("head", "bob"), buy("1", 1_000, days=9))
    assert usable("ada", "head", "bob") == (0, 0, 10)
    sent(told("burn", "burn", points=4, days=10))
    assert usable("ada", "head", "bob") == (0, 0, 6)
    assert refusal(joins("bob", "head", days=20))[1] == "attributes.head"


def test_a_head_who_becomes_the_member_keeps_the_points_no_more():
    opened()
    sent(joins(), buy("1", 1_000, days=6))
    sent(told("m", "merge", days=7, **{"from": "head"}), buy("2", 2_000, days=9))
    assert usable("ada") == 30
    sent(told("b", "sign_up", member="bob"), joins("bob", "head", days=20))
    assert refusal(joins("ada", "bob", days=21))[1] == "attributes.head"
    sent(buy("3", 100, member="bob", days=22))
    assert usable("ada", "bob") == (31, 0)


def test_households_need_a_pool_and_a_head():
    founded()
    sent(told("joined", "sign_up", member="head"))
    assert refusal(joins())[0].startswith("the program pools nothing")
    assert refusal(joins(head="nobody"))[0].startswith("there is no member 'nobody'")


def test_a_head_that_was_merged_in_the_same_batch_is_who_they_became():
    opened()
    merge = told("m1", "merge", member="ada", days=4, **{"from": "cy"})
    facts = [told("s1", "sign_up", member="cy"), buy("1", 10_000), joins("ben", "cy", days=6)]
    sent(facts[0])
    sent(merge, *facts[1:], told("s2", "sign_up", member="ben", days=7), buy("2", 500, days=8))
    assert [one.status for one in send(facts[2])] == ["duplicate"]
    sent(buy("3", 700, member="ben", days=9))
    assert usable("ada", "ben") == (112, 0)
