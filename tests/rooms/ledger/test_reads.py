"""What judging reads: records with what came back of them, burns for orders, what is gone."""

import pytest
from django.db import IntegrityError, transaction

from pointbook.engine.ledger.lots import Lot
from pointbook.engine.values.facts import Returned
from pointbook.ledger.operations.expiring import expire
from pointbook.ledger.queries import Order, burned, gone, lots, receipts_of, recorded
from pointbook.members.queries import resolve
from tests.rooms.till import burn, buy, day, fact, give_back, post, posted, publish, rows

pytestmark = pytest.mark.django_db
BACK = ("spend_order: oldest}", "spend_order: oldest, reinstate: {within_days: 9, for_days: 9}}")


def told(key, kind, of, **more):
    return fact(key, kind, about=Returned("till", of), **more)


def loaded(own):
    """The lots of everybody, as a batch has them."""
    people = [member for (member,) in rows("select id from members_member")]
    return {one.lot.id: one.lot for one in lots(people, [])}


def record(own, key):
    found = recorded(own, [("till", key)])[("till", key)]
    return found.type, found.kept, found.whole, found.total


@pytest.mark.parametrize(
    ("came_back", "kept", "left"),
    [
        ([], 9_000, 10_000),
        ([give_back("r1", "a", 4_000), give_back("r2", "a", 1_000)], 4_000, 5_000),
        ([give_back("r1", "a", 4_000), give_back("r2", "a", 9_000)], 0, 0),
        ([give_back("r1", "a", 1_000), told("c", "cancel", "a")], 0, 0),
        ([told("c", "payment_expired", "a")], 0, 0),
        # What others say about it takes nothing away.
        ([told("b", "burn", "a", seconds=1, attributes={"points": 5})], 9_000, 10_000),
        ([told("v", "void", "a", attributes={"reason": "x"})], 9_000, 10_000),
    ],
)
def test_a_record_says_what_is_left_of_a_purchase(came_back, kept, left):
    own = publish()
    posted(buy("a", 10_000, tax=1_000), *came_back)
    assert record(own, "a") == ("purchase", kept, 10_000, left)


def test_what_is_no_purchase_has_nothing_to_come_back():
    own = publish()
    posted(buy("a", 10_000), burn("b", 5))
    assert record(own, "b") == ("burn", 0, 0, 0)
    assert recorded(own, [("till", "none"), ("other", "a")]) == {}


def test_a_claimed_purchase_is_its_claimers():
    own = publish()
    posted(buy("a", 10_000, member=None), buy("x", 100, member=None))
    (receipt,) = receipts_of(own, [("till", "a"), ("till", "none")]).values()
    assert (receipt.member, receipt.claim, receipt.returned) == (None, None, False)
    posted(told("c", "claim", "a"))
    ada = resolve(own, {"ada"}).get("ada")
    found = recorded(own, [("till", "a")])[("till", "a")]
    assert (found.member, found.kept, found.occurred_at) == (ada, 10_000, day(0))
    assert found.awards_id != found.id
    (held,) = lots([], [found.awards_id])
    assert (held.lot.points, held.awarded) == (100, True)
    receipt = receipts_of(own, [("till", "a")])[("till", "a")]
    assert (receipt.member, receipt.claim, receipt.returned) == (None, ("till", "c"), False)
    # Whoever comes second is refused by the database itself, should two come at once.
    with pytest.raises(IntegrityError), transaction.atomic():
        rows(
            """insert into ledger_fact (id, program_id, seq, entity_id, store, source, key, type,
            occurred_at, recorded_at, member_id, channel, currency, total, tax, delivery, spend,
            returns_id, simulated, content, digest)
            select 999999, program_id, 999999, entity_id, store, source, 'c2', type, occurred_at,
            recorded_at, member_id, channel, currency, total, tax, delivery, spend, returns_id,
            simulated, content, digest from ledger_fact where type = 'claim' returning id"""
        )


def test_two_burns_for_one_order_come_back_apart():
    own = publish()
    posted(
        buy("p", 10_000),
        # The first comes before its order.
        told("b1", "burn", "o", seconds=1, attributes={"points": 30}),
        buy("o", 1_000, seconds=2),
        told("b2", "burn", "o", seconds=3, attributes={"points": 3}),
    )
    posted(give_back("r1", "o", 100, seconds=4), give_back("r2", "o", 400, seconds=5))
    held = loaded(own)
    ada = resolve(own, {"ada"})["ada"]
    orders = [Order(("till", key), ada) for key in ("o", "p")]
    (found,) = burned(own, orders, lots=held).values()
    assert [(one.key[1], [draw.points for draw in one.draws], one.given_back) for one in found] == [
        ("b1", [30], 15),
        ("b2", [3], 2),
    ]
    # A lot is one object, however it was reached.
    assert {draw.lot.id: draw.lot for one in found for draw in one.draws}.items() <= held.items()
    posted(told("c", "cancel", "o", seconds=6))
    again = burned(own, orders, lots=loaded(own))[orders[0]]
    assert [one.given_back for one in again] == [30, 3]


def test_a_burn_for_an_order_that_is_yet_to_come():
    own = publish()
    posted(buy("p", 10_000), told("b", "burn", "o", seconds=1, attributes={"points": 30}))
    ada, held = resolve(own, {"ada"})["ada"], loaded(own)
    order = Order(("till", "o"), ada)
    (found,) = burned(own, [order], lots=held)[order]
    assert (found.key, found.given_back) == (("till", "b"), 0)


def test_what_is_gone_and_did_not_come_back():
    own = publish(back=BACK)
    posted(buy("a", 10_000, days=-200), buy("b", 5_000, days=-198))
    assert expire(program_id=own, at=day(-10)).points == 150
    ada = resolve(own, {"ada"})["ada"]
    held: dict[int, Lot] = {}
    ((key, found),) = gone([ada], since=day(-30), lots=held).items()
    assert (key, [one.points for one in found]) == ((ada, "points"), [100, 50])
    assert [one.lot for one in found] == list(held.values())
    assert gone([ada], since=day(-19), lots={})[key][0].points == 50
    assert gone([ada], since=day(-10), lots={}) == {}
    # The first is too old to come back.
    posted(fact("i", "reinstate", days=-10))
    ((_, left),) = gone([ada], since=day(-300), lots={}).items()
    assert [one.points for one in left] == [100]
    # What came back expires once more.
    assert expire(program_id=own, at=day(5)).points == 50
    ((_, again),) = gone([ada], since=day(-300), lots={}).items()
    assert [one.points for one in again] == [100, 50]


def test_a_refund_needs_its_burn(monkeypatch):
    publish()
    posted(buy("p", 10_000), buy("o", 1_000))
    (refused,) = post(told("b", "burn", "o", seconds=1, attributes={"points": 300}))
    assert refused.status == "refused"
    posted(told("c", "cancel", "o", seconds=2))
    assert rows("select count(*) from ledger_transfer where kind = 'refund'") == [(0,)]
