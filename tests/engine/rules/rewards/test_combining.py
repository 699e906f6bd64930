"""Orders with several rewards, points and stored value, and as they are posted."""

from dataclasses import replace

from pointbook.engine.rules.catalogue import Paying, Times
from pointbook.engine.rules.predicates import Any
from pointbook.engine.rules.rewards.combining import Payment, as_order, settle
from pointbook.engine.values.facts import Coupon, Tender
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

GIFT = unit("gift", decimals=2, value="1", money=True)
TENTH = reward("tenth", "percent", percent=10)
MUG = reward("mug", "product", lines=sku("mug"), of="lines")
SHIP = reward("ship", "shipping")
TERMS = (Paying("points", step=10),)


def till(*rewards, fact, **more):
    blueprint = program(*rewards, units=(unit(), GIFT), paying=TERMS)
    return situation(blueprint, fact, **more)


def lines_of(fact):
    return [(one.sku, one.reward, one.quantity, one.amount, one.tax) for one in fact.lines]


def refusals(after):
    return [(one.asked, [lack.code for lack in one.missing]) for one in after.refused]


def test_everything_at_once():
    """$20.00 of goods with tax and $5.00 delivery: a mug, free delivery, 10%, points, gift card."""
    fact = order(line("mug", 1000, tax=200), line("a", 1000, tax=200), tax=400, delivery=500)
    here = till(TENTH, MUG, SHIP, fact=fact, usable={"points": 1700, "gift": 5000})
    after = settle(
        here,
        [claim("mug"), claim("ship"), claim("tenth")],
        points={"points": 200},
        stored={"gift": 5000},
    )
    assert [(one.reward, one.amount) for one in after.effects] == [
        ("mug", 1200),
        ("ship", 500),
        ("tenth", 120),
    ]
    assert after.payments == (
        Payment("points", "points", 200, 200),
        Payment("stored_value", "gift", 880, 880),
    )
    assert (after.before, after.total, after.tax, after.delivery, after.due) == (
        2900,
        1080,
        180,
        0,
        0,
    )
    # 1,500 of 1,700 points went to the rewards.
    assert [one.most for one in after.payable] == [200]
    posted = as_order(after, fact)
    assert posted.coupons == (Coupon("tenth", 100),)
    assert lines_of(posted) == [("mug", "mug", 1, 0, 0), ("a", "", 1, 1000, 180)]
    assert posted.tenders == (Tender("points", 200), Tender("stored_value", 880))
    assert (posted.total, posted.spend) == (1080, 0)


def test_a_claim_finds_less_than_the_one_before():
    own = reward(stock=1, limits=(), price=600)
    fact = order(line("a", 10_000))
    again = [claim(), claim()]
    assert refusals(settle(till(own, fact=fact, points=1000), again)) == [
        ("five-off", ["insufficient_balance"])
    ]
    after = settle(till(own, TENTH, fact=fact, left=1), [*again, claim("tenth")])
    assert refusals(after) == [("five-off", ["sold_out"])]


def test_limits_count_what_is_claimed_at_once():
    own = reward(limits=(Times(2),), price=1)
    after = settle(
        till(own, TENTH, fact=order(line("a", 10_000))), [claim("tenth")] + [claim()] * 3
    )
    assert refusals(after) == [("five-off", ["member_limit"])]


def test_a_product_after_a_percentage_leaves_the_coupon_to_the_rest():
    """What the 10% took off the mug goes with the mug, so that the rest earns as it was paid."""
    fact = order(line("mug", 1000, quantity=2)._replace(discount=100), line("a", 1000))
    after = settle(till(TENTH, MUG, fact=fact), [claim("tenth"), claim("mug")])
    posted = as_order(after, fact)
    assert lines_of(posted) == [
        ("mug", "", 1, 500, 0),
        ("mug", "mug", 1, 0, 0),
        ("a", "", 1, 1000, 0),
    ]
    assert [one.discount for one in posted.lines] == [50, 550, 0]
    assert (posted.coupons, posted.total) == ((Coupon("tenth", 150),), 1350)


def test_coupons_of_the_shop_stay_as_they_are():
    fact = order(line("mug", 2000, quantity=2), coupons=(("SHOP", 200),))
    after = settle(till(TENTH, MUG, fact=fact), [claim("tenth"), claim("mug")])
    posted = as_order(after, fact)
    assert lines_of(posted) == [("mug", "", 1, 1000, 0), ("mug", "mug", 1, 0, 0)]
    assert posted.coupons == (Coupon("SHOP", 200), Coupon("tenth", 90))
    assert posted.total == 810


def test_what_is_paid_beside_points_stays_on_the_line():
    cash = replace(MUG, cash=240)
    fact = order(line("mug", 1000, tax=200), tax=200)
    posted = as_order(settle(till(cash, fact=fact), [claim("mug")]), fact)
    assert lines_of(posted) == [("mug", "mug", 1, 200, 40)]
    assert (posted.total, posted.tax, posted.coupons) == (240, 40, ())


def test_a_reward_that_earns_is_a_coupon():
    fact = order(line("mug", 1000), line("a", 500))
    posted = as_order(settle(till(replace(MUG, earns=True), fact=fact), [claim("mug")]), fact)
    assert lines_of(posted) == [("mug", "", 1, 1000, 0), ("a", "", 1, 500, 0)]
    assert (posted.coupons, posted.total) == ((Coupon("mug", 1000),), 500)


def test_half_of_a_second_one():
    either = Any((sku("a"), sku("b")))
    own = reward("half", "buy_get", buy=1, buy_lines=either, lines=either, percent=50)
    fact = order(line("a", 1000), line("b", 400), tax=0)
    posted = as_order(settle(till(own, fact=fact), [claim("half")]), fact)
    assert lines_of(posted) == [("a", "", 1, 1000, 0), ("b", "half", 1, 200, 0)]
    assert posted.total == 1200


def test_an_order_without_lines_and_one_that_holds_more():
    fact = order(total=3000)
    after = settle(till(TENTH, fact=fact), [claim("tenth")])
    assert (after.due, after.coupons, after.lines) == (2700, (Coupon("tenth", 300),), ())
    fact = order(line("a", 1000), total=3000, tax=500, beside=False)
    after = settle(till(TENTH, fact=fact), [claim("tenth")])
    assert (after.due, after.tax, after.coupons) == (2700, 450, (Coupon("tenth", 250),))
    nothing = settle(till(fact=fact), ())
    assert (nothing.due, nothing.lines, nothing.granted) == (3000, fact.lines, ())


def test_rewards_claimed_before_come_first_and_are_paid():
    fact = order(line("mug", 1000), line("a", 1000))
    here = till(TENTH, MUG, fact=fact, points=500, claimed=("mug",))
    after = settle(here, [claim("tenth")])
    assert [one.reward for one in after.effects] == ["mug", "tenth"]
    assert (after.due, after.refused) == (900, ())


def test_automatic_rewards_hold_together_or_the_best_alone():
    small, big = reward("small", value=100), reward("big", value=300)
    alone = reward("alone", value=350, exclusive=True)
    dear = reward("dear", value=9000, price=10**9)
    every = [claim(one) for one in ("small", "big", "alone", "dear", "unknown")]
    fact = order(line("a", 10_000))
    after = settle(till(small, big, alone, dear, fact=fact), (), automatic=every)
    assert ([one.reward for one in after.effects], after.refused) == (["small", "big"], ())
    after = settle(till(small, alone, fact=fact), (), automatic=every)
    assert [one.reward for one in after.effects] == ["alone"]


def test_payments_of_before_are_paid():
    fact = replace(order(line("a", 1000)), tenders=(Tender("points", 300), Tender("card", 700)))
    after = settle(till(fact=fact), (), points={"points": 500})
    assert (after.due, after.payable[0].most) == (200, 700)


def test_units_that_cannot_pay_and_too_much():
    fact = order(line("a", 1000))
    after = settle(
        till(fact=fact, points=5000),
        (),
        points={"gift": 10, "points": 55},
        stored={"points": 10, "gift": 6000},
    )
    assert refusals(after) == [
        ("gift", ["unit"]),
        ("points", ["step"]),
        ("points", ["unit"]),
        ("gift", ["insufficient_balance"]),
    ]
    assert after.due == 1000
    assert refusals(settle(till(fact=fact), (), stored={"gift": 0})) == [
        ("gift", ["insufficient_balance"])
    ]
    bare = situation(program(), fact)
    assert settle(bare, (), stored={"gift": 5}).refused[0].missing[0].mend == "Use one of: none."


def test_several_gift_cards_pay_one_after_another():
    fact = order(line("a", 1000))
    blueprint = program(units=(unit(), GIFT, replace(GIFT, code="wallet")))
    here = situation(blueprint, fact, usable={"gift": 700, "wallet": 700})
    after = settle(here, (), stored={"gift": 700, "wallet": 700})
    assert [(one.unit, one.points) for one in after.payments] == [("gift", 700), ("wallet", 300)]
    assert after.due == 0
    again = settle(here, (), stored={"gift": 700, "wallet": 300})
    assert again.due == 0
