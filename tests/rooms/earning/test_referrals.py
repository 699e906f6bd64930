"""Referrals: both sides, once, up to limits, undone when the friend's purchase comes back."""

from itertools import pairwise

import pytest

from tests.rooms.earning.clubs import founded, held, refusal, rule, send, sent, told, usable
from tests.rooms.till import buy, day, give_back

pytestmark = pytest.mark.usefixtures("sound")
BOTH = rule("brought", "referral", 50), rule("welcome", "referred", 20)


def opened(trigger, *rules, **more):
    return founded(*(rules or BOTH), referrals={"trigger": trigger, **more})


def invited(friend="bob", by="ada", **more):
    return told(f"invited-{friend}-{by}", "invited", member=friend, referrer=by, **more)


def joined(*names):
    sent(*(told(f"joined-{name}", "sign_up", member=name) for name in names))


def test_a_sign_up_counts_at_once():
    opened("sign_up")
    joined("ada")
    sent(invited(), buy("1", 10_000, member="bob", days=1))
    assert usable("ada", "bob") == (50, 20 + 100)


def test_only_the_first_purchase_that_is_large_enough_counts():
    opened("first_purchase", minimum="20.00")
    joined("ada")
    sent(invited())
    sent(buy("1", 1_999, member="bob", days=1))
    assert usable("ada", "bob") == (0, 19)
    sent(buy("2", 2_000, member="bob", days=2), buy("3", 9_000, member="bob", days=3))
    assert usable("ada", "bob") == (50, 20 + 19 + 20 + 90)


def test_every_purchase_counts_within_its_time():
    opened("every_purchase", within_days=30)
    joined("ada")
    sent(invited())
    sent(*(buy(f"{n}", 100, member="bob", days=days) for n, days in enumerate((1, 29, 30, 31))))
    assert usable("ada", "bob") == (100, 2 * 20 + 4)


def test_a_share_of_what_the_friend_spends():
    part = rule("part", "referral", {"points": 1, "each": "attributes.spend", "per": 10})
    opened("every_purchase", part)
    joined("ada")
    sent(invited(), buy("1", 12_345, member="bob", days=1), buy("2", 999, member="bob", days=2))
    assert usable("ada") == 12


def test_a_cap_holds_for_who_invites():
    capped = rule("brought", "referral", 50, limits=[{"points": 120, "each": "year"}])
    opened("sign_up", capped)
    joined("ada")
    for name in ("bob", "cy", "di"):
        sent(invited(name))
    assert usable("ada") == 120
    sent(invited("ed", days=365))
    assert usable("ada") == 170


def test_pending_points_of_a_referral_are_taken_back_before_they_can_be_used():
    waits = rule("brought", "referral", 50, pending={"days": 14})
    opened("first_purchase", waits, BOTH[1])
    joined("ada")
    sent(invited(), buy("1", 10_000, member="bob", days=1))
    assert (held("ada", days=2), held("ada", days=20)) == ((0, 50, 0), (50, 0, 0))
    sent(give_back("r", "1", 10_000, member="bob", days=3))
    assert (held("ada", days=2), held("bob", days=2)) == ((0, 0, 0), (0, 0, 0))


@pytest.mark.parametrize("kind", ["return", "cancel", "payment_expired"])
@pytest.mark.parametrize("by", ["bob", None])
def test_what_comes_back_takes_both_sides_along(kind, by):
    opened("first_purchase", minimum="20.00")
    joined("ada")
    sent(invited(), buy("1", 10_000, member="bob", days=1))
    if kind == "return":
        sent(give_back("r1", "1", 8_000, member=by, days=2))
        assert usable("ada", "bob") == (50, 40), "20.00 of it still stand"
        sent(give_back("r2", "1", 1, member=by, days=3))
    else:
        sent(told("r2", kind, member=by, about="1", days=3))
    assert usable("ada", "bob") == (0, 20 if kind == "return" else 0)
    sent(give_back("r3", "1", 10_000, member=by, days=4))
    sent(buy("2", 2_000, member="bob", days=5))
    assert usable("ada", "bob") == (50, 20 + 20), "the next purchase is the first"


def test_what_was_reversed_gives_its_room_back():
    once = rule("brought", "referral", 50, limits=[{"times": 1, "each": "ever"}])
    opened("first_purchase", once)
    joined("ada")
    sent(invited(), invited("cy"), buy("1", 5_000, member="bob", days=1))
    sent(buy("2", 5_000, member="cy", days=1))
    assert usable("ada") == 50
    sent(give_back("r2", "2", 5_000, member="cy", days=2))
    assert usable("ada") == 50, "the second gave nothing"
    sent(give_back("r1", "1", 5_000, member="bob", days=3), buy("3", 100, member="cy", days=4))
    assert usable("ada") == 50


@pytest.mark.parametrize("cut", [True, False])
def test_everything_in_one_batch_is_the_same(cut):
    opened("first_purchase")
    facts = [
        told("joined", "sign_up"),
        invited(),
        buy("1", 10_000, member="bob", days=1),
        give_back("r", "1", 10_000, member=None, days=2),
        buy("2", 2_000, member="bob", days=3),
    ]
    for part in [[one] for one in facts] if cut else [facts]:
        sent(*part)
    assert usable("ada", "bob") == (50, 40)


def test_who_may_not_be_invited():
    opened("first_purchase")
    joined("ada", "bob")
    assert refusal(invited("ada", "ada"))[0].startswith("nobody can invite themselves")
    sent(invited("bob", "ada"))
    assert refusal(invited("ada", "bob"))[0].startswith("the two invited each other")
    assert refusal(invited("bob", "cy"))[0].startswith("there is no member 'cy'")
    joined("cy")
    assert refusal(invited("bob", "cy"))[0].startswith("the member was invited before")
    sent(buy("1", 100, member="cy"))
    assert refusal(invited("cy", "ada"))[0].startswith("the member has bought before")
    assert refusal(told("x", "invited", member="di"))[1] == "attributes.referrer"
    assert refusal(invited("di", "0b9c0ac4-30a4-4d59-8e4d-6ac1d1d38c3f"))[0].startswith(
        "there is no member"
    ), "an id that nobody has"


@pytest.mark.parametrize("cut", [True, False])
def test_a_ring_of_many_is_refused(cut):
    opened("first_purchase")
    names = [f"m{n:02}" for n in range(16)]
    joined(*names)
    chain = [invited(friend, by, seconds=n) for n, (by, friend) in enumerate(pairwise(names))]
    for part in [[one] for one in chain] if cut else [chain]:
        sent(*part)
    said, field = refusal(invited(names[0], names[-1], seconds=99))
    assert (said.startswith("the two invited each other"), field) == (True, "attributes.referrer")


def test_an_invitation_told_twice_is_one():
    opened("sign_up")
    joined("ada")
    sent(invited())
    assert [one.status for one in send(invited(), invited())] == ["duplicate", "duplicate"]
    assert usable("ada", "bob") == (50, 20)


def test_an_old_purchase_is_judged_by_the_day_it_happened():
    opened("first_purchase", within_days=10)
    joined("ada")
    sent(invited(days=5))
    sent(buy("late", 100, member="bob", days=30))
    assert usable("ada") == 0
    sent(buy("in-time", 100, member="bob", days=6))
    assert usable("ada") == 50
    assert day(6) < day(30)
