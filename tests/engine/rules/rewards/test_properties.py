"""What holds of every order with rewards, whatever is in it."""

from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pointbook.engine.rules.catalogue import Paying
from pointbook.engine.rules.predicates import Any
from pointbook.engine.rules.rewards.bills import Part, bill_of
from pointbook.engine.rules.rewards.combining import as_order, settle
from pointbook.engine.rules.rewards.effects import effect_of
from pointbook.engine.rules.rewards.pairing import given_of
from pointbook.engine.rules.rewards.paying import amount_for, payable, points_for
from tests.engine.rules.rewards.shop import (
    claim,
    line,
    order,
    program,
    reward,
    situation,
    sku,
    unit,
)

AB = Any((sku("a"), sku("b")))
REWARDS = (
    reward("five"),
    reward("lined", value=700, lines=sku("a"), of="lines"),
    reward("tenth", "percent", percent="12.5"),
    reward("whole", "percent", percent=100, lines=AB, of="lines"),
    reward("capped", "percent", percent=50, most=300),
    reward("cheap", "percent", percent=75, of="cheapest"),
    reward("product", "product", lines=sku("b"), of="lines", quantity=2, most=900),
    reward("cash", "product", lines=sku("c"), of="lines", cash=150),
    reward("ship", "shipping"),
    reward("pair", "buy_get", buy=2, buy_lines=AB, lines=sku("a"), price=0),
    reward("half", "buy_get", buy=1, buy_lines=sku("c"), lines=AB, percent=50),
    reward("earning", "product", lines=sku("a"), of="lines", earns=True),
    reward("alone", exclusive=True),
    reward("charity", "charity", amount=1000),
)
MONEY = unit("gift", decimals=2, value="1", money=True)
BLUEPRINT = program(
    *REWARDS,
    units=(unit(value="0.007"), MONEY),
    paying=(Paying("points", minimum=30, step=10, leave=100),),
)
LINES = st.lists(
    st.builds(
        line,
        st.sampled_from("abc"),
        st.integers(-500, 5000),
        quantity=st.sampled_from(["0", "0.5", "1", "2", "3", "7.25"]),
        tax=st.integers(0, 200),
    ),
    max_size=6,
)
CLAIMS = st.lists(
    st.builds(claim, st.sampled_from([one.code for one in REWARDS]), st.integers(1, 3)),
    max_size=5,
)


@st.composite
def orders(draw, *, exact=False):
    lines = draw(LINES)
    if exact:
        lines = [one._replace(amount=abs(one.amount)) for one in lines]
    told = draw(st.booleans())
    tax = sum(one.tax for one in lines)
    if not told:
        lines = [one._replace(tax=0) for one in lines]
    beside = draw(st.booleans())
    most = 0 if exact else sum(max(0, one.amount) for one in lines)
    coupon = draw(st.integers(0, max(0, most)))
    delivery = draw(st.integers(0, 900))
    total = None if exact else draw(st.none() | st.integers(0, 9000))
    coupons = (("SHOP", coupon),) if coupon else ()
    return order(*lines, tax=tax, delivery=delivery, coupons=coupons, beside=beside, total=total)


@given(fact=orders(), own=st.sampled_from(REWARDS), quantity=st.integers(1, 3))
@settings(max_examples=200, deadline=None)
def test_an_effect_is_never_negative_and_never_more_than_is_left(fact, own, quantity):
    found = effect_of(own, claim(own.code, quantity), situation(BLUEPRINT, fact))
    bill = bill_of(fact)
    assert found.amount >= 0
    assert all(one.amount >= 0 and one.quantity >= 0 for one in found.lines)
    assert sum(one.amount for one in found.lines) <= max(found.amount, 0)
    if own.gives.kind == "shipping":
        assert found.amount <= bill.delivery
    elif own.code != "charity" and (fact.lines or fact.total or fact.delivery):
        assert found.amount <= bill.goods
    parts = {part.place: part for part in bill.parts}
    assert all(one.amount <= parts[one.place].left for one in found.lines)


@given(fact=orders(exact=True), own=st.sampled_from(REWARDS))
@settings(max_examples=200, deadline=None)
def test_lines_add_up_to_the_amount_where_they_tell_the_whole_order(fact, own):
    parts = bill_of(fact).parts
    found = effect_of(own, claim(own.code), situation(BLUEPRINT, fact))
    if fact.lines and own.gives.kind not in ("shipping", "charity"):
        beyond = sum(part.left for part in parts if part.place < 0)
        assert sum(one.amount for one in found.lines) >= found.amount - beyond


@given(fact=orders(), claims=CLAIMS, points=st.integers(0, 900), stored=st.integers(0, 3000))
@settings(max_examples=300, deadline=None)
def test_nothing_is_lost_and_more_claims_never_cost_more(fact, claims, points, stored):
    here = situation(BLUEPRINT, fact, points=2500)
    assume(here.ordered)
    after = settle(here, claims, points={"points": points}, stored={"gift": stored})
    on_bill = sum(one.effect.amount for one in after.granted if one.effect.kind != "charity")
    assert after.due >= 0
    assert after.due + on_bill + sum(one.amount for one in after.tenders) == after.before
    assert len(after.granted) + len(after.refused) >= len(claims)
    unpaid = [settle(here, claims[:count]).due for count in range(len(claims) + 1)]
    assert unpaid == sorted(unpaid, reverse=True)
    posted = as_order(after, fact)
    assert posted.total == after.total == after.before - on_bill
    assert 0 <= after.delivery <= max(0, fact.delivery)
    assert sum(one.quantity for one in posted.lines) == sum(one.quantity for one in fact.lines)


@given(fact=orders(exact=True), claims=CLAIMS)
@settings(max_examples=200, deadline=None)
def test_a_posted_order_adds_up(fact, claims):
    after = settle(situation(BLUEPRINT, fact, points=10**6), claims)
    posted = as_order(after, fact)
    told = sum(one.amount for one in posted.lines) - sum(one.amount for one in posted.coupons)
    beside = bill_of(fact).beside
    assert abs(posted.total - told - posted.delivery - (posted.tax if beside else 0)) <= len(claims)
    assert all(one.amount >= 0 and one.tax >= 0 for one in posted.lines)


SOLD = st.lists(st.tuples(st.sampled_from(["buy", "get", "both"]), st.integers(0, 4)), max_size=4)


@given(sold=SOLD, buy=st.integers(1, 3), get=st.integers(1, 3), sets=st.none() | st.integers(1, 2))
@settings(max_examples=300, deadline=None)
def test_as_many_are_given_as_can_be(sold, buy, get, sets):
    """Compared with trying every number of sets."""
    parts = [
        (kind, Part(place, 100 + place, 0, Fraction(units)))
        for place, (kind, units) in enumerate(sold)
    ]
    counts = {kind: sum(units for one, units in sold if one == kind) for kind in ("buy", "get")}
    both = sum(units for one, units in sold if one == "both")
    most = (counts["buy"] + both) // buy if sets is None else sets
    best = max(
        (
            min(count * get, counts["get"] + both - max(0, count * buy - counts["buy"]))
            for count in range(most + 1)
            if count * buy <= counts["buy"] + both
        ),
        default=0,
    )
    found = given_of(
        [part for kind, part in parts if kind != "get"],
        [part for kind, part in parts if kind != "buy"],
        buy=buy,
        get=get,
        sets=sets,
    )
    assert sum(found.given.values()) == best
    for kind, part in parts:
        given, bought = found.given.get(part.place, 0), found.bought.get(part.place, 0)
        assert given + bought <= part.units
        assert not (kind == "buy" and given)
        assert not (kind == "get" and bought)
    assert not best or sum(found.bought.values()) * get >= best * buy


@given(
    cents=st.integers(0, 10**6),
    value=st.sampled_from(["0.01", "0.007", "2", "0.00009009009", "1.35", "0.33"]),
    step=st.sampled_from([1, 10, 100]),
    held=st.integers(0, 10**6),
)
@settings(max_examples=200, deadline=None)
def test_points_pay_what_they_are_worth(cents, value, step, held):
    terms = Paying("points", minimum=50, step=step)
    blueprint = program(units=(unit(value=value),), paying=(terms,))
    points = points_for(terms, cents, blueprint=blueprint)
    assert amount_for(terms, points, blueprint=blueprint) >= cents
    assert not points or amount_for(terms, points - 1, blueprint=blueprint) < cents
    can = payable(terms, situation(blueprint, order(line("a", cents)), points=held))
    assert can.amount <= cents
    assert can.most <= held
    assert not can.most % step
    assert bool(can.missing) == (can.most == 0)
    assert amount_for(terms, can.most, blueprint=blueprint) == can.amount
