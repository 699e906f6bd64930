"""Points from one member to another: their dates, their share of the price, and their limits."""

import uuid

import pytest

from tests.rooms.earning.clubs import founded, held, lots, refusal, send, sent, told, usable, whose
from tests.rooms.till import OWES, buy, day, give_back, rows

pytestmark = pytest.mark.usefixtures("sound")
ENDS = {"expires": {"after_days": 100}}


def opened(points=ENDS, **more):
    own = founded(points=points, transfers={"units": ["points"], **more})
    sent(told("joined", "sign_up", member="bob"), buy("1", 10_000), buy("2", 10_000, days=10))
    return own


def gift(key="g", points=150, *, to="bob", days=20, **more):
    return told(key, "transfer", to=to, points=points, days=days, **more)


def test_lots_keep_their_ends_and_their_share_of_the_price():
    opened()
    whole = sum(lot[1] for lot in lots("ada"))
    sent(gift())
    assert usable("ada", "bob", days=30) == (50, 150)
    assert [(lot[0], lot[2], lot[3].date()) for lot in lots("bob")] == [
        (100, day(0), day(100).date()),
        (50, day(10), day(110).date()),
    ]
    left = rows("select sum(allocated) from ledger_draw")[0][0]
    assert sum(lot[1] for lot in lots("bob")) == left
    assert 0 < left < whole


def test_ends_may_begin_anew():
    opened(expiry="reset")
    sent(gift())
    assert {lot[3].date() for lot in lots("bob")} == {day(120).date()}
    assert {lot[3].date() for lot in lots("ada")} == {day(110).date()}


def test_a_gift_may_go_on():
    opened()
    sent(told("joined-cy", "sign_up", member="cy"), gift())
    sent(gift("on", 120, member="bob", to="cy", days=21))
    assert usable("ada", "bob", "cy", days=30) == (50, 30, 120)


def test_the_sender_has_limits():
    opened(limits=[{"points": 100, "each": "year"}, {"points": 80, "each": "fact"}])
    sent(gift("a", 90))
    assert usable("ada", "bob", days=30) == (120, 80)
    sent(gift("b", 90))
    assert usable("ada", "bob", days=30) == (100, 100)
    assert refusal(gift("c", 1)) == (
        (
            "the limit of transfers[0] leaves 0 points. Hand over fewer points, or wait for the"
            " next span of the limit."
        ),
        "attributes.points",
    )


def test_who_may_not_hand_over_what():
    opened()
    assert refusal(gift(to="ada"))[1] == "attributes.to"
    assert refusal(gift(to=""))[1] == "attributes.to"
    assert refusal(gift(to="nobody"))[0].startswith("there is no member 'nobody'")
    assert refusal(gift(to=str(uuid.uuid4())))[1] == "attributes.to"
    assert refusal(gift(points=201))[0].startswith("the balance is 200")
    assert refusal(gift(points="1.5"))[1] == "attributes.points"
    assert usable("ada", "bob", days=30) == (200, 0)


def test_members_of_other_programs_are_strangers(db):
    from tests.rooms import till

    till.publish()
    till.posted(till.buy("1", 100, member="eve"))
    ((eve,),) = rows("select id from members_member")
    opened()
    assert refusal(gift(to=str(eve)))[0].startswith("there is no member")
    assert refusal(gift(member=str(eve), to="ada", points=1))[0].startswith("the balance is 0")
    assert usable("ada", "bob", days=30) == (200, 0)


@pytest.mark.parametrize("cut", [True, False])
def test_a_receiver_may_come_with_the_same_batch(cut):
    founded(transfers={"units": ["points"]})
    facts = [buy("1", 10_000), told("s", "sign_up", member="zoe"), gift(to="zoe", points=60)]
    for part in [[one] for one in facts] if cut else [facts]:
        sent(*part)
    assert usable("ada", "zoe") == (40, 60)


def test_a_returned_purchase_takes_what_its_buyer_has_left():
    opened()
    sent(gift(points=180), give_back("r", "1", 10_000, days=25))
    assert usable("ada", "bob", days=30) == (0, 180)


def test_owed_points_are_paid_by_a_gift():
    founded(transfers={"units": ["points"]}, returns={"claw_back": "allow_negative"})
    sent(buy("1", 10_000, member="bob"), told("b", "burn", member="bob", points=70, seconds=1))
    sent(give_back("r", "1", 10_000, member="bob"), buy("2", 10_000))
    assert held("bob") == (0, 0, 70)
    sent(gift("g1", 50))
    assert (held("bob"), usable("ada")) == ((0, 0, 20), 50)
    sent(gift("g2", 50))
    assert (held("bob"), usable("ada")) == ((30, 0, 0), 0)
    assert OWES


def test_a_gift_told_twice_is_one():
    opened()
    (first,) = sent(gift())
    (again,) = send(gift(to=str(whose("bob"))))
    assert (again.status, again.fact_id) == ("duplicate", first.fact_id)
    assert send(gift(to="ada", points=150))[0].status == "conflict"
    assert usable("ada", "bob", days=30) == (50, 150)
