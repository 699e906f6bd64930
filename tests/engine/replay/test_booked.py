"""What awards and redemptions are in the books: policies on lots, sides and costs on transfers."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.ledger.transfers import Booked
from pointbook.engine.replay.judging import judge
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.program import Program, Rate, compile_version
from pointbook.engine.rules.reading.blueprints import read
from pointbook.engine.values.facts import Fact, FactError, Line, Returned, instant

CLUB = """
blueprint: 1
program: {code: club, name: Club, currency: USD, time_zone: UTC}
units:
  points: {name: points, value: "0.01", expires: {never: true}}
  miles: {name: miles, value: "0.01", expires: {never: true}}
  gift: {name: gift card, money: true, expires: {never: true}}
earn:
  - {rule: basket, name: Baskets, on: purchase, unit: points, award: {points: 1, per: "1.00"}}
  - {rule: miles, name: Miles, on: purchase, unit: miles, award: {points: 1, per: "2.00"}}
  - {rule: cinema, name: Cinema, on: purchase, unit: points, award: {points: 7},
     when: {field: store, is: cinema}}
  - {rule: pack, name: A pack, on: purchase, unit: points, award: {points: 5, per: "1.00"},
     lines: {field: sku, is: pack}}
  - {rule: review, name: Reviews, on: review, unit: points, award: {points: 10}}
  - {rule: hello, name: Hello, on: referred, unit: points, award: {points: 10}}
  - {rule: top_up, name: Card bonus, on: top_up, unit: gift, award: {points: 3}}
transfers: {units: [points]}
rewards:
  - {reward: mug, name: A mug, unit: points, price: 30, value: "5.00", gives: {product: {}}}
  - {reward: cinema, name: Cinema, unit: points, price: 30, value: "1.00",
     gives: {partner: cinema-co}, cost: "0.70"}
  - {reward: cash, name: Cash, unit: points, price: 30, value: "9.00",
     gives: {cash_back: "1.00", to: money}}
  - {reward: good, name: A tree, unit: points, price: 30, value: "9.00",
     gives: {charity: "2.00"}}
  - {reward: card, name: Card, unit: points, price: 30, value: "2.00",
     gives: {stored_value: "2.00", unit: gift}}
causes: [{cause: trees, name: Trees}]
corrections: {reasons: [goodwill, mistake]}
books:
  judgement: a test
"""
ROWS = """\
  awards:
    - {rule: pack, policy: bought, judgement: sold}
    - {rule: cinema, policy: funded, partner: cinema-co, price: "0.008", judgement: paid}
    - {unit: miles, policy: agent, partner: airline, price: "0.009", judgement: theirs}
    - {reason: mistake, policy: incremental_cost, judgement: ours}
"""
RATES = [Rate("2020-01", Decimal("0.8"))]
DAY = "2026-01-01 10:00"


def program(rows=ROWS):
    return Program([compile_version(read(CLUB + rows))], rates=RATES)


def fact(key, kind, *, about=None, store="", total=0, lines=(), when=DAY, **attributes):
    named = None if about is None else Returned("till", about)
    return Fact(
        "till",
        key,
        kind,
        instant(when),
        "ann",
        currency="USD",
        total=total,
        store=store,
        lines=lines,
        about=named,
        attributes=attributes,
    )


def lots(one, member=None, *, rows=ROWS):
    """The lots of a fact by rule: policy, funder, allocated."""
    verdict = judge(program(rows), member or Member(), one)
    made = [transfer.lot for transfer in verdict.transfers if transfer.kind == "award"]
    return {lot.rule: (lot.policy, lot.funder, lot.allocated) for lot in made}


def test_a_sale_gives_points_that_are_deferred_and_others_that_are_not():
    plain = lots(fact("a", "purchase", total=10_000))
    # 10,000 x (100 + 50 points) x 0.8 cents / (10,000 + 120) = 119 for both by their prices.
    assert plain == {
        "basket": ("deferred_revenue", "", 79),
        "miles": ("agent", "airline", 40),
    }
    funded = lots(fact("a", "purchase", total=10_000, store="cinema"))
    assert funded["cinema"] == ("funded", "cinema-co", 6)  # 7 points at 0.8 cents are 5.6
    assert funded["basket"] == plain["basket"]


def test_points_that_were_bought_take_the_price_of_what_bought_them():
    pack, rest = (Line(sku=sku, amount=amount) for sku, amount in (("pack", 1_000), ("x", 9_000)))
    both = lots(fact("a", "purchase", total=10_000, lines=(pack, rest)))
    assert both["pack"] == ("bought", "", 1_000)
    # What is left of the price is shared: 9,000 x 120 / 9,120 is 118.
    assert both["basket"][2] + both["miles"][2] == 118
    assert lots(fact("a", "purchase", total=1_000, lines=(pack,)))["pack"][2] == 1_000


def test_no_sale_gives_an_expense():
    assert lots(fact("a", "review")) == {"review": ("no_sale", "", 0)}
    assert lots(fact("a", "referred")) == {"hello": ("no_sale", "", 0)}


@pytest.mark.parametrize(
    ("reason", "policy"), [("goodwill", "goodwill"), ("mistake", "incremental_cost")]
)
def test_an_adjustment_is_what_its_reason_says(reason, policy):
    given_by_hand = fact("a", "adjustment", points=5, reason=reason, unit="points")
    assert lots(given_by_hand) == {"adjustment": (policy, "", 0)}


def test_an_opening_says_what_the_books_carried():
    told = [{"unit": "points", "points": 100, "deferred": "0.75"}, {"unit": "gift", "points": 20}]
    found = lots(fact("a", "opening", lots=told))
    # A gift card is owed at its face unless it is told otherwise.
    assert found == {"opening:1": ("brought", "", 75), "opening:2": ("brought", "", 2_000)}
    with pytest.raises(FactError, match="less than nothing"):
        lots(fact("a", "opening", lots=[{"unit": "points", "points": 1, "deferred": "-1"}]))
    with pytest.raises(FactError, match="much"):
        lots(fact("a", "opening", lots=[{"unit": "points", "points": 1, "deferred": "much"}]))


def test_stored_value_is_what_made_it_whatever_its_rule_is_called():
    card = {"unit": "gift", "amount": 20}
    verdict = judge(program(), Member(), fact("a", "top_up", **card))
    made = [one.lot for one in verdict.transfers if one.kind == "award"]
    assert [(lot.rule, lot.policy, lot.allocated) for lot in made] == [
        ("top_up", "stored_value", 2_000),
        ("top_up", "no_sale", 0),
    ]


def test_a_gift_keeps_what_the_award_is():
    bought = fact("a", "purchase", total=10_000)
    ann = Member()
    judge(program(), ann, bought)
    told = judge(program(), ann, fact("b", "transfer", to="bob", points=40, unit="points"))
    (made,) = told.spawned
    received = judge(program(), Member(), made.fact, origins=made.origins)
    (lot,) = (one.lot for one in received.transfers if one.kind == "transfer_in")
    assert (lot.policy, lot.funder) == ("deferred_revenue", "")


def rich():
    member = Member()
    judge(program(), member, fact("p", "purchase", total=100_000))
    return member


def sides(verdict):
    return [
        (one.kind, one.side, one.worth, one.cost)
        for one in verdict.transfers
        if one.kind not in ("award", "hold")
    ]


@pytest.mark.parametrize(
    ("reward", "booked"),
    [
        ("mug", ("own_goods", 1_000, None)),
        ("cinema", ("agent", 200, 140)),
        ("cash", ("cash", 100, 100)),
        ("good", ("charity", 400, 400)),
        ("card", ("none", 400, 0)),
    ],
)
def test_a_redemption_says_what_it_is_and_its_cancellation_undoes_it(reward, booked):
    member, club = rich(), program()
    more = {"cause": "trees"} if reward == "good" else {}
    quantity = 1 if reward == "cash" else 2  # money back is one, however many are asked for
    asked = fact("b", "burn", reward=reward, quantity=quantity, **more)
    assert sides(judge(club, member, asked)) == [("burn", *booked)]
    if reward != "card":  # stored value may have been used
        back = judge(club, member, fact("c", "cancel_redemption", about="b"))
        assert sides(back) == [("refund", *booked)]


def test_a_part_of_a_hold_that_is_captured_costs_that_part():
    member, club = rich(), program()
    judge(club, member, fact("b", "reserve", reward="cinema", quantity=2))
    used = judge(club, member, fact("c", "capture", about="b", points=20))
    assert sides(used) == [("capture", "agent", 67, 47), ("release", "", 0, None)]
    back = judge(club, member, fact("d", "cancel_redemption", about="b"))
    assert sides(back) == [("refund", "agent", 67, 47)]


def test_points_that_pay_a_bill_are_a_tender_and_come_back_in_parts():
    member, club = rich(), program()
    paid = fact("b", "burn", about="o", points=101, unit="points")
    assert sides(judge(club, member, paid)) == [("burn", "tender", 101, None)]
    judge(club, member, fact("o", "purchase", total=3_000))
    came = []
    for place, part in enumerate((1_000, 1_000, 1_000)):
        back = replace(fact(f"r{place}", "return", total=part), returns=Returned("till", "o"))
        came += [one for one in sides(judge(club, member, back)) if one[0] == "refund"]
    assert [one[:2] for one in came] == [("refund", "tender")] * 3
    assert sum(one[2] for one in came) == 101
    alone = judge(club, member, fact("x", "burn", points=10, unit="points"))
    assert sides(alone) == [("burn", "", 0, None)]


@settings(max_examples=60, deadline=None)
@given(
    cost=st.integers(0, 10**6),
    worth=st.integers(0, 10**6),
    points=st.lists(st.integers(0, 400), min_size=1, max_size=8).filter(sum),
)
def test_all_parts_of_a_redemption_come_to_all_of_it(cost, worth, points):
    whole, so_far, parts = Booked("agent", worth, cost), 0, []
    for count in points:
        parts.append(whole.between(so_far, so_far + count, of=sum(points)))
        so_far += count
    assert (sum(one.worth for one in parts), sum(one.cost for one in parts)) == (worth, cost)
    assert min(one.cost for one in parts) >= 0


@settings(max_examples=80, deadline=None)
@given(spend=st.integers(0, 200_000), packs=st.integers(0, 200_000), cinema=st.booleans())
def test_what_a_sale_gives_away_of_its_price_is_never_more_than_it(spend, packs, cinema):
    lines = tuple(Line(sku=sku, amount=n) for sku, n in (("pack", packs), ("x", spend)) if n)
    own = fact("a", "purchase", total=spend + packs, lines=lines, store="cinema" if cinema else "")
    found = lots(own)
    of_price = sum(part for policy, _, part in found.values() if policy != "funded")
    assert of_price <= spend + packs
    if "pack" in found:
        assert found["pack"][2] == packs
    assert ("cinema" in found) == cinema
    assert all(part >= 0 for _, _, part in found.values())
