"""What other loyalty programs show about rewards on orders: each scenario with its source."""

from dataclasses import replace
from decimal import Decimal

import pytest

from pointbook.engine.rules.catalogue import Days, Paying, Times
from pointbook.engine.rules.predicates import All, AnyLine, Test
from pointbook.engine.rules.rewards.combining import as_order, settle
from pointbook.engine.rules.rewards.effects import effect_of
from pointbook.engine.rules.rewards.missing import missing
from pointbook.engine.rules.rewards.offers import offers
from pointbook.engine.rules.rewards.paying import amount_for, payable, points_for, refused
from tests.engine.rules.rewards.shop import (
    claim,
    line,
    noon,
    order,
    program,
    reward,
    situation,
    sku,
    unit,
)

GIFT = unit("gift", decimals=2, value="1", money=True)


def codes(found):
    return [one.code for one in found]


def lacks(one, here, **more):
    return codes(missing(one, claim(one.code, **more), here))


@pytest.mark.parametrize("kind", ["cash_back", "percent", "shipping"])
def test_ol_33_quantity_is_ignored_where_one_is_all_there_can_be(kind):
    """DivanteLtd/open-loyalty-framework@89067b5, PointsBundle CampaignValidatorTest.php."""
    own = reward("one", kind, price=20)
    fact = order(line("a", 10_000), delivery=500)
    here = situation(program(own), fact, points=100)
    assert lacks(own, here, quantity=6) == []
    assert effect_of(own, claim("one", 6), here) == effect_of(own, claim("one"), here)
    # Of other kinds six cost six times as much.
    fixed = reward("one", price=20)
    assert lacks(fixed, situation(program(fixed), fact, points=100), quantity=6) == [
        "insufficient_balance"
    ]


@pytest.mark.parametrize(("used", "quantity"), [(10, 1), (8, 3)])
def test_ol_36_a_members_limit_is_told_apart_from_everybodys(used, quantity):
    """DivanteLtd/open-loyalty-framework@89067b5, PointsBundle CampaignValidatorTest.php."""
    own = reward(limits=(Times(10),), price=1)
    here = situation(program(own), order(line("a", 10_000)), used=used)
    assert lacks(own, here, quantity=quantity) == ["member_limit"]
    assert lacks(own, here, quantity=10 - used) == [] or used == 10
    shared = reward(totals=(Times(10),), price=1)
    here = situation(program(shared), order(line("a", 10_000)), left=10 - used)
    assert lacks(shared, here, quantity=quantity) == ["total_limit"]


@pytest.mark.parametrize(("points", "due"), [(50, 0), (20, 6000)])
def test_ol_41_a_point_pays_two_euros(points, due):
    """DivanteLtd/open-loyalty@672c131, reward_campaigns/creation/cashback.rst."""
    blueprint = program(units=(unit(value="2"),), paying=(Paying("points"),), currency="EUR")
    here = situation(blueprint, order(line("a", 10_000), currency="EUR"), points=50)
    assert settle(here, (), points={"points": points}).due == due


def test_od_07_a_wallet_pays_and_lowers_no_tax_and_no_discount():
    """odoo/odoo sale_loyalty/tests/test_loyalty.py::test_distribution_amount_payment_programs."""
    whole = reward("whole", "percent", percent=100, lines=sku("a"), of="lines")
    fact = order(line("a", 10_000, tax=1500), line("b", 10_000, tax=1500), tax=3000)
    here = situation(program(whole, units=(unit(), GIFT)), fact, points=11_500)
    paid = settle(here, (), stored={"gift": 11_500})
    assert (paid.due, paid.tax, paid.total) == (11_500, 3000, 23_000)
    both = settle(here, (claim("whole"),), stored={"gift": 11_500})
    assert (both.due, both.tax, both.total) == (0, 1500, 11_500)
    # What the rewards took, before tax.
    assert both.coupons[0].amount + both.tenders[0].amount == 21_500


@pytest.mark.parametrize(
    ("lines", "off"),
    [
        ((line("a", 12_000),), 900),  # the cap
        ((line("a", 12_000), line("back", -11_400)), 600),  # what is left to pay
        ((line("a", 6000), line("back", -600)), 600),  # below the cap
        ((line("b", 12_000),), 0),
    ],
)
def test_od_08_a_percentage_with_a_cap_is_never_more_than_is_left(lines, off):
    """odoo/odoo sale_loyalty/tests/test_loyalty.py.

    The test is test_discount_max_amount_on_specific_product.
    """
    own = reward("tenth", "percent", percent=10, most=900, lines=sku("a"), of="lines")
    here = situation(program(own), order(*lines))
    assert effect_of(own, claim("tenth"), here).amount == off
    assert lacks(own, here) == ([] if off else ["no_line"])


def test_od_09_a_percentage_again_and_again_is_of_the_remainder():
    """odoo/odoo sale_loyalty/tests/test_loyalty.py::test_multiple_discount_specific."""
    own = reward("tenth", "percent", percent=10, lines=sku("a"), of="lines")
    here = situation(program(own), order(line("a", 30_000, quantity=3)))
    dues = [settle(here, [claim("tenth")] * often).due for often in range(4)]
    assert dues == [30_000, 27_000, 24_300, 21_870]
    # The same where the first two were claimed before.
    again = replace(here, claimed=("tenth", "tenth"))
    assert effect_of(own, claim("tenth"), again).amount == 2430


def test_od_10_a_hundred_percent_leaves_nothing():
    """odoo/odoo sale_loyalty/tests/test_loyalty.py::test_100_percent_discount."""
    own = reward("whole", "percent", percent=100)
    prices = (560, 892, 4491, 21_726, 240_000)
    lines = [line(str(price), price, tax=round(price * 15 / 100)) for price in prices]
    fact = order(*lines, tax=sum(one.tax for one in lines))
    after = settle(situation(program(own), fact), [claim("whole")])
    assert (after.due, after.tax, after.total) == (0, 0, 0)
    untold = order(*(one._replace(tax=0) for one in lines), tax=fact.tax)
    after = settle(situation(program(own), untold), [claim("whole")])
    assert (after.due, after.tax, after.total) == (0, 0, 0)


def test_od_11_a_wallet_cannot_pay_for_its_own_top_up():
    """odoo/odoo sale_loyalty/tests/test_loyalty.py::test_ewallet_applied_ewallet_topup_in_order."""
    blueprint = program(units=(unit(), GIFT))
    fact = order(line("top-up", 5000, labels=("stored_value",)))
    after = settle(situation(blueprint, fact, points=1000), (), stored={"gift": 1000})
    assert (after.due, codes(after.refused[0].missing)) == (5000, ["nothing_left_to_pay"])
    # It pays what else is in the basket, and nothing of the fact of a top-up.
    fact = order(line("top-up", 5000, labels=("stored_value",)), line("a", 300))
    after = settle(situation(blueprint, fact, points=1000), (), stored={"gift": 1000})
    assert (after.due, after.payments[0].amount) == (5000, 300)
    fact = order(total=5000, type="top_up")
    assert settle(situation(blueprint, fact, points=1000), (), stored={"gift": 9}).due == 5000


def test_od_13_the_cheapest_is_the_cheapest_of_the_chosen_lines():
    """odoo/odoo 19 sale_loyalty/tests/test_loyalty.py::test_domain_on_cheapest_reward."""
    tagged = Test("labels", "has", "x")
    own = reward("tenth", "percent", percent=10, lines=tagged, of="cheapest")
    a, b = line("a", 11_500, labels=("x",)), line("b", 575)
    c = line("c", 5000, labels=("x",))
    here = situation(program(own), order(a, b))
    assert effect_of(own, claim("tenth"), here).amount == 1150
    here = situation(program(own), order(a, b, c))
    assert effect_of(own, claim("tenth"), here).amount == 500


def test_od_15_a_wallet_that_has_expired_pays_nothing():
    """odoo/odoo 19 sale_loyalty/tests/test_loyalty.py::test_expired_ewallet_is_not_claimable."""
    here = situation(program(units=(GIFT,)), order(line("a", 10_000)), points=0)
    after = settle(here, (), stored={"gift": 1000})
    assert (after.payments, codes(after.refused[0].missing)) == ((), ["insufficient_balance"])


def test_od_18_a_discount_is_of_the_goods_not_of_what_a_gift_card_left():
    """odoo/odoo sale_loyalty/tests/test_pay_with_gift_card.py.

    The test is test_paying_with_gift_card_and_discount.
    """
    own = reward("tenth", "percent", percent=10)
    blueprint = program(own, units=(unit(), GIFT))
    here = situation(blueprint, order(line("a", 10_000)), points=5000)
    assert settle(here, (), stored={"gift": 5000}).due == 5000
    assert settle(here, [claim("tenth")], stored={"gift": 5000}).due == 4000


@pytest.mark.parametrize(
    ("minimum", "with_tax", "reached"),
    [(100_600, False, False), (100_500, False, True), (100_600, True, True)],
)
@pytest.mark.parametrize("beside", [True, False])
def test_od_21_the_least_order_is_with_or_without_tax(minimum, with_tax, reached, beside):
    """odoo/odoo sale_loyalty/tests/test_program_rules.py.

    The test is test_program_rules_minimum_purchased_amount.
    """
    own = reward(minimum=minimum, minimum_with_tax=with_tax)
    lines = (line("a", 100_000, quantity=10, tax=15_000), line("b", 500, tax=75))
    if not beside:
        lines = tuple(one._replace(amount=one.amount + one.tax) for one in lines)
    here = situation(program(own), order(*lines, tax=15_075, beside=beside))
    assert lacks(own, here) == ([] if reached else ["minimum_order"])


@pytest.mark.parametrize(
    ("a", "b", "lacking"),
    [(2, 4, ["condition", "minimum_order"]), (2, 24, ["condition"]), (3, 24, [])],
)
def test_od_23_a_number_of_units_and_an_amount_are_needed_both(a, b, lacking):
    """odoo/odoo sale_loyalty/tests/test_program_rules.py.

    The test is test_program_rules_coupon_qty_and_amount_remove_not_eligible.
    """
    three = AnyLine(All((sku("a"), Test("quantity", "at_least", 3))))
    own = reward(minimum=32_000, when=three)
    fact = order(line("a", a * 10_000, quantity=a), line("b", b * 500, quantity=b))
    after = settle(situation(program(own), fact), [claim()])
    assert codes(after.refused[0].missing if after.refused else ()) == lacking


@pytest.mark.parametrize(("quantity", "won"), [(1, []), (3, ["five"]), (5, ["ten"])])
def test_od_24_of_automatic_discounts_of_an_order_the_best_holds(quantity, won):
    """odoo/odoo sale_loyalty/tests/test_program_rules.py::test_program_rules_promotion_use_best."""

    def from_units(code, percent, least):
        when = AnyLine(Test("quantity", "at_least", least))
        return reward(code, "percent", percent=percent, when=when, exclusive=True, price=0)

    blueprint = program(from_units("five", 5, 2), from_units("ten", 10, 4))
    fact = order(line("a", quantity * 10_000, quantity=quantity))
    after = settle(situation(blueprint, fact), (), automatic=[claim("five"), claim("ten")])
    assert ([one.reward for one in after.effects], after.refused) == (won, ())


@pytest.mark.parametrize(
    ("begins", "ends", "lacking"),
    [
        (None, "2011-11-01", ["ended"]),
        ("2011-11-03", None, ["not_yet"]),
        ("2011-10-31", "2011-11-04", []),
        ("2011-11-02", "2011-11-02", []),
        (None, "2011-11-04", []),
        ("2011-10-31", None, []),
    ],
)
def test_od_25_both_ends_of_a_window_are_included(begins, ends, lacking):
    """odoo/odoo sale_loyalty/tests/test_program_rules.py::test_program_rules_validity_dates."""
    first, last = (one and noon(one).date() for one in (begins, ends))
    own = reward(days=Days(first, last))
    fact = order(line("a", 10_000), at=noon("2011-11-02"))
    assert lacks(own, situation(program(own), fact)) == lacking


def test_od_26_one_use_for_everybody_is_one():
    """odoo/odoo sale_loyalty/tests/test_program_rules.py::test_program_rules_number_of_uses."""
    own = reward(totals=(Times(1),))
    here = situation(program(own), order(line("a", 10_000)), left=1)
    assert lacks(own, here) == []
    assert lacks(own, replace(here, left=lambda _reward, _slot: 0)) == ["total_limit"]


def test_od_28_only_what_is_in_the_basket_is_free():
    """odoo/odoo sale_loyalty/tests/test_program_numbers.py.

    The test is test_program_numbers_check_eligibility.
    """
    own = reward("table", "buy_get", buy=1, buy_lines=sku("drawer"), lines=sku("table"), price=0)
    fact = order(line("drawer", 30_000, quantity=3), line("table", 20_000))
    effect = effect_of(own, claim("table"), situation(program(own), fact))
    assert (effect.amount, effect.lines[0].quantity) == (20_000, Decimal(1))


@pytest.mark.parametrize(("items", "due"), [(1, 0), (17, 17_600)])
def test_od_30_a_fixed_amount_leaves_nothing_negative(items, due):
    """odoo/odoo sale_loyalty/tests/test_program_numbers.py::test_program_fixed_price."""
    own = reward(value=24_900)
    fact = order(line("a", items * 2500, quantity=items))
    assert settle(situation(program(own), fact), [claim()]).due == due
    # The programme is archived: nothing is left of it.
    after = settle(situation(program(), fact), [claim()])
    assert (after.due, codes(after.refused[0].missing)) == (items * 2500, ["reward"])


@pytest.mark.parametrize(
    ("chairs", "due", "refusals"),
    [(10, 6500, ["second"]), (15, 4750, []), (5, 8250, ["first", "second"])],
)
def test_od_31_a_minimum_is_compared_with_what_discounts_before_left(chairs, due, refusals):
    """odoo/odoo sale_loyalty/tests/test_program_numbers.py.

    The test is test_coupon_and_program_discount_fixed_amount.
    """
    offered = [reward(code, value=10_000, minimum=10_000) for code in ("first", "second")]
    fact = order(line("chair", chairs * 1650, quantity=chairs))
    here = situation(program(*offered), fact)
    after = settle(here, [claim("first"), claim("second")])
    assert (after.due, [one.asked for one in after.refused]) == (due, refusals)
    claimed = replace(here, claimed=("first",))
    assert ("minimum_order" in lacks(offered[1], claimed)) == ("second" in refusals)


def test_od_33_a_second_exclusive_discount_is_refused():
    """odoo/odoo sale_loyalty/tests/test_program_numbers.py::test_program_numbers_extras."""
    auto, code = (reward(one, "percent", percent=10, exclusive=True) for one in ("auto", "code"))
    here = situation(program(auto, code), order(line("a", 32_000)))
    after = settle(here, [claim("code")], automatic=[claim("auto")])
    assert (after.due, codes(after.refused[0].missing)) == (28_800, ["exclusive"])


@pytest.mark.parametrize(("chairs", "off"), [(2, 20_000), (1, 10_000)])
def test_od_35_a_discount_follows_what_is_in_the_basket(chairs, off):
    """odoo/odoo sale_loyalty/tests/test_program_numbers.py.

    The test is test_program_free_prods_with_min_qty_and_reward_qty_and_rule.
    """
    own = reward(
        "chairs", "buy_get", buy=1, buy_lines=sku("cabinet"), lines=sku("chair"), quantity=2
    )
    fact = order(line("cabinet", 50_000), line("chair", chairs * 10_000, quantity=chairs))
    after = settle(situation(program(own), fact), [claim("chairs")])
    assert (after.due, after.effects[0].amount) == (50_000, off)


def test_od_38_a_coupon_is_of_the_price_the_shop_asks():
    """odoo/odoo sale_loyalty/tests/test_program_with_code_operations.py.

    The test is test_coupon_code_with_pricelist.
    """
    own = reward("tenth", "percent", percent=10)
    shown = line("a", 9000)._replace(list_price=10_000, discount=1000)
    assert settle(situation(program(own), order(shown)), [claim("tenth")]).due == 8100


def test_a_free_line_is_marked_so_that_it_earns_nothing():
    """odoo/odoo pos_loyalty/tests/test_frontend.py::test_dont_grant_points_reward_order_lines.

    That such a line earns nothing is a story (OD-48).
    """
    own = reward("coffee", "product", lines=sku("coffee"))
    fact = order(line("coffee", 900, quantity=3), line("cake", 500))
    here = situation(program(own), fact)
    posted = as_order(settle(here, [claim("coffee")]), fact)
    assert [(one.sku, one.reward, one.quantity, one.amount) for one in posted.lines] == [
        ("coffee", "", Decimal(2), 600),
        ("coffee", "coffee", Decimal(1), 0),
        ("cake", "", Decimal(1), 500),
    ]
    assert (posted.type, posted.total, posted.spend) == ("purchase", 1100, 1100)


@pytest.mark.parametrize(
    ("points", "lacking"),
    [(41, ["insufficient_balance"]), (40, ["too_many"]), (30, [])],
)
def test_er_13_points_pay_no_more_than_there_are_and_than_the_document(points, lacking):
    """frappe/erpnext accounts/doctype/loyalty_program, validate_loyalty_points."""
    blueprint = program(units=(unit(value="1"), unit("other")), paying=(Paying("points"),))
    here = situation(blueprint, order(line("a", 3000)), points=40)
    can = payable(blueprint.paying[0], here)
    assert codes(refused(can, points, situation=here)) == lacking
    # Points of another programme pay nothing here.
    after = settle(here, (), points={"other": 10})
    assert (after.due, codes(after.refused[0].missing)) == (3000, ["unit"])


def test_sy_04_points_that_are_worth_nothing_pay_nothing():
    """Setono/sylius-loyalty-plugin@0b40b07 tests/Unit/Redemption/RedemptionCalculatorTest.php."""
    blueprint = program(units=(unit(value="0"),), paying=(Paying("points"),))
    here = situation(blueprint, order(line("a", 3000)))
    can = payable(blueprint.paying[0], here)
    assert (can.most, can.amount, codes(can.missing)) == (0, 0, ["unit"])
    assert points_for(blueprint.paying[0], 3000, blueprint=blueprint) == 0
    assert settle(here, (), points={"points": 1000}).due == 3000


def test_vo_11_a_hundred_and_eleven_points_pay_a_cent():
    """voucherifyio/voucherify-openapi@65c33a7 documentation/build/create-point-wallets.mdx."""
    blueprint = program(units=(unit(value="0.00009009009"),), paying=(Paying("points"),))
    terms = blueprint.paying[0]
    assert points_for(terms, 100, blueprint=blueprint) == 11_100
    assert amount_for(terms, 11_100, blueprint=blueprint) == 100
    here = situation(blueprint, order(line("a", 100)), points=20_000)
    can = payable(terms, here)
    assert (can.least, can.most, can.amount) == (111, 11_100, 100)


def test_vo_13_a_reward_that_is_too_dear_is_offered_with_the_reason():
    """voucherifyio/voucherify-openapi@65c33a7 documentation/build/create-loyalty-rewards.mdx."""
    own = reward(price=250)
    (offer,) = offers(situation(program(own), order(line("a", 1000)), points=50))
    assert (codes(offer.missing), offer.short) == (["insufficient_balance"], 200)
