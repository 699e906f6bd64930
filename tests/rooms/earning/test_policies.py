"""What awards and redemptions are in the books, as the tables have it; the rebuild agrees."""

import pytest

from pointbook.earning import invariants
from pointbook.ledger.queries.rebuilding import posted_lots
from tests.rooms.earning.clubs import founded, rule, sent, told
from tests.rooms.till import buy, give_back, rows

pytestmark = pytest.mark.usefixtures("sound")
MILES = {"name": "miles", "value": "0.01", "expires": {"never": True}}
GIFT = {"name": "gift card", "money": True, "expires": {"never": True}}
BOOKS = {
    "judgement": "a test",
    "awards": [
        {"rule": "pack", "policy": "bought", "judgement": "sold"},
        {
            "rule": "cinema",
            "policy": "funded",
            "partner": "cinema-co",
            "price": "0.008",
            "judgement": "they pay",
        },
        {
            "unit": "miles",
            "policy": "agent",
            "partner": "airline",
            "price": "0.009",
            "judgement": "theirs",
        },
    ],
}
REWARDS = [
    {"reward": "mug", "name": "A mug", "unit": "points", "price": 30, "value": "5.00"},
    {
        "reward": "seat",
        "name": "A seat",
        "unit": "points",
        "price": 30,
        "value": "1.00",
        "cost": "0.70",
        "gives": {"partner": "cinema-co"},
    },
    {
        "reward": "card",
        "name": "A card",
        "unit": "points",
        "price": 10,
        "value": "2.00",
        "gives": {"stored_value": "2.00", "unit": "gift"},
    },
]


def opened(**more):
    return founded(
        rule("pack", "purchase", 5, when={"field": "store", "is": "S8"}),
        rule("cinema", "purchase", 7, when={"field": "store", "is": "S9"}),
        rule("miles", "purchase", 5, unit="miles"),
        rule("review", "review", 10),
        rule("top_up", "top_up", 3, unit="gift"),
        units={"miles": MILES, "gift": GIFT},
        rewards=REWARDS,
        transfers={"units": ["points"]},
        books=BOOKS,
        **more,
    )


LOTS = """select l.rule, l.policy, l.funder, l.allocated from ledger_lot l
join ledger_transfer t on t.id = l.transfer_id where t.kind = 'award' order by l.id"""
MOVES = """select kind, side, worth, cost from ledger_transfer
where kind in ('burn', 'capture', 'refund') order by id"""


def test_every_reason_has_its_policy():
    opened()
    sent(
        buy("1", 10_000, store="S9"),
        told("v", "review"),
        told("a", "adjustment", points=5, reason="goodwill", unit="points"),
        told("b", "adjustment", points=5, reason="other", unit="points"),
        told("t", "top_up", amount="20", unit="gift"),
        told("o", "opening", lots=[{"unit": "points", "points": 50, "deferred": "0.40"}]),
        told("c", "burn", reward="card", seconds=1),
        buy("2", 900, store="S8", seconds=2),
    )
    found = rows(LOTS)
    assert [one[:3] for one in found] == [
        ("purchases", "deferred_revenue", ""),
        ("cinema", "funded", "cinema-co"),
        ("miles", "agent", "airline"),
        ("review", "no_sale", ""),
        ("adjustment", "goodwill", ""),
        ("adjustment", "no_sale", ""),
        ("top_up", "stored_value", ""),
        ("top_up", "no_sale", ""),
        ("opening:1", "brought", ""),
        ("reward.card", "exchanged_value", ""),
        ("purchases", "deferred_revenue", ""),
        ("pack", "bought", ""),
        ("miles", "agent", "airline"),
    ]
    allocated = [one[3] for one in found]
    assert allocated[1] == 6  # 7 points at 0.8 cents
    assert allocated[3:] == [0, 0, 0, 2_000, 0, 40, 200, 0, 900, 0]


def test_what_moves_to_others_keeps_it():
    opened()
    sent(buy("1", 10_000), told("e", "opening", member="bob"))
    sent(told("g", "transfer", to="bob", points=40, unit="points", seconds=1))
    assert rows("select policy, funder from ledger_lot where rule like 'received%%'") == [
        ("deferred_revenue", "")
    ]


@pytest.mark.parametrize("batches", [True, False])
def test_redemptions_say_their_side_and_what_came_back_of_them(batches):
    opened()
    facts = [
        buy("1", 30_000),
        told("m", "burn", reward="mug", seconds=1),
        told("r", "reserve", reward="seat", quantity=2, seconds=2),
        told("u", "capture", about="r", points=40, seconds=3),
        told("z", "cancel_redemption", about="r", seconds=4),
        told("p", "burn", points=101, unit="points", about="2", seconds=5),
        buy("2", 3_000, seconds=6),
        give_back("x", "2", 1_000, seconds=7),
        give_back("y", "2", 2_000, seconds=8),
        told("b", "burn", points=9, unit="points", seconds=9),
    ]
    for part in [facts] if batches else [[one] for one in facts]:
        sent(*part)
    assert rows(MOVES) == [
        ("burn", "own_goods", 500, None),
        ("capture", "agent", 133, 93),  # 40 of 60 points
        ("refund", "agent", 133, 93),
        ("burn", "tender", 101, None),
        ("refund", "tender", 34, None),
        ("refund", "tender", 67, None),
        ("burn", "", 0, None),
    ]


def test_another_policy_in_the_tables_is_found(monkeypatch):
    opened()
    sent(buy("1", 10_000))

    def otherwise(members):
        return {
            member: [one._replace(policy="goodwill") for one in lots]
            for member, lots in posted_lots(members).items()
        }

    with monkeypatch.context() as patched:
        patched.setattr(invariants, "posted_lots", otherwise)
        found = [one.what for one in invariants.rebuild()]
    assert len(found) == 2
    assert all("goodwill" in what for what in found)
