"""What claims of rewards of every kind take off an order, or give beside it."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pointbook.engine.rules.catalogue import Cause, Slot
from pointbook.engine.rules.predicates import Any
from pointbook.engine.rules.rewards.effects import Effect, LineEffect, effect_of
from tests.engine.rules.rewards.shop import claim, line, order, program, reward, situation, sku

TENTH = reward("tenth", "percent", percent=10)
CLASS = Slot(
    "class",
    datetime(2026, 3, 9, 18, tzinfo=UTC),
    datetime(2026, 3, 9, 20, tzinfo=UTC),
    12,
    "Studio",
)


def effect(own, fact, *others, quantity=1, claimed=(), causes=(), **more):
    here = situation(program(own, *others, causes=causes), fact, claimed=claimed)
    return effect_of(own, claim(own.code, quantity, **more), here)


def off(own, fact, *others, **more):
    return effect(own, fact, *others, **more).amount


def test_a_fixed_discount_is_divided_over_lines_by_what_they_cost():
    found = effect(reward(value=100), order(line("a", 200), line("b", 100), line("free", 0)))
    assert found == Effect(
        "discount",
        "five-off",
        100,
        (LineEffect(0, Decimal(1), 67), LineEffect(1, Decimal(1), 33)),
    )


def test_a_fixed_discount_times_its_quantity_is_not_more_than_its_lines():
    fact = order(line("a", 800), line("b", 5000))
    own = reward(lines=sku("a"), of="lines")
    assert off(own, fact) == 500
    assert off(own, fact, quantity=2) == 800
    assert off(own, fact, claimed=("five-off",)) == 300


def test_without_lines_and_without_an_order():
    assert effect(reward(), order(total=300)) == Effect("discount", "five-off", 300)
    assert effect(reward(), order()) == Effect("discount", "five-off", 500)
    assert off(TENTH, order()) == 0
    assert off(reward("ship", "shipping"), order()) == 0
    assert off(reward("pair", "buy_get", buy=1), order()) == 0


def test_the_delivery_is_a_matter_of_free_shipping_alone():
    fact = order(line("a", 300), delivery=490)
    assert off(reward(), fact) == 300
    assert off(TENTH, fact) == 30
    assert effect(reward("ship", "shipping"), fact) == Effect("shipping", "ship", 490)
    assert off(reward("ship", "shipping", cash=100), fact) == 390


@pytest.mark.parametrize(("amount", "tenth"), [(1005, 101), (1004, 100), (1006, 101), (4, 0)])
def test_a_percentage_is_rounded_half_up_on_the_total(amount, tenth):
    assert off(TENTH, order(line("a", amount - 2), line("b", 2))) == tenth


def test_a_percentage_of_everything_holds_what_no_line_tells_of():
    found = effect(TENTH, order(line("a", 1000), total=3000))
    assert (found.amount, found.lines) == (300, (LineEffect(0, Decimal(1), 100),))


def test_coupons_of_the_shop_come_off_first():
    fact = order(line("a", 1000), line("b", 1000), coupons=(("SHOP", 500),))
    assert off(TENTH, fact) == 150
    only_a = reward("tenth", "percent", percent=10, lines=sku("a"), of="lines")
    assert off(only_a, fact) == 75


def test_a_percentage_of_the_cheapest_is_of_one_unit():
    cheapest = reward("cheap", "percent", percent=50, of="cheapest")
    fact = order(line("a", 900, quantity=3), line("b", 400))
    assert effect(cheapest, fact).lines == (LineEffect(0, Decimal(1), 150),)
    # Less than one is one as it is.
    fact = order(line("a", 900), line("ham", 500, quantity="0.4"))
    assert effect(cheapest, fact).lines == (LineEffect(1, Decimal("0.4"), 250),)
    assert off(cheapest, order(line("none", 100, quantity=0))) == 50


def test_free_products_are_the_dearest_as_far_as_they_are_there():
    drink = Any((sku("tea"), sku("latte")))
    own = reward("drink", "product", lines=drink, of="lines", quantity=2)
    fact = order(line("tea", 600, quantity=3), line("latte", 500), line("cake", 900))
    assert effect(own, fact).lines == (
        LineEffect(0, Decimal(1), 200),
        LineEffect(1, Decimal(1), 500),
    )
    assert off(own, fact, quantity=9) == 1100
    assert off(own, fact, claimed=("drink",)) == 400
    assert off(replace(own, gives=replace(own.gives, most=600)), fact) == 600
    assert off(replace(own, gives=replace(own.gives, quantity=1)), fact) == 500
    assert off(own, order(line("cake", 900))) == 0
    # What is not a whole number of units is free as far as it goes.
    assert off(own, order(line("tea", 500, quantity="1.5"))) == 500
    # Nothing is free of what is given back in the same order.
    assert off(own, order(line("tea", 600), line("back", -500))) == 100


def test_a_product_that_is_handed_over_is_worth_what_it_is_worth():
    own = reward("mug", "product", value=1200)
    assert effect(own, order(line("a", 100)), quantity=2) == Effect("product", "mug", 2400)
    own = reward("mug", "product", value=1200, lines=sku("mug"), of="lines")
    assert effect(own, order()) == Effect("product", "mug", 1200)


def test_cash_beside_the_points_stays_to_be_paid():
    own = reward("mug", "product", lines=sku("mug"), of="lines", cash=400)
    assert off(own, order(line("mug", 1200), line("a", 100))) == 800
    assert off(own, order(line("mug", 300))) == 0


@pytest.mark.parametrize(
    ("units", "free"), [(1, 0), (2, 0), (3, 1), (4, 1), (5, 1), (6, 2), (9, 3)]
)
def test_buy_two_get_one_counts_units_once(units, free):
    own = reward("third", "buy_get", buy=2, buy_lines=sku("a"), lines=sku("a"), price=0)
    assert off(own, order(line("a", units * 100, quantity=units))) == free * 100


def test_a_claim_that_costs_points_is_for_one_set():
    own = reward("third", "buy_get", buy=2, buy_lines=sku("a"), lines=sku("a"))
    fact = order(line("a", 900, quantity=9))
    assert off(own, fact) == 100
    assert off(own, fact, quantity=2) == 200
    assert off(own, fact, claimed=("third",) * 2) == 100
    assert off(own, fact, claimed=("third",) * 3) == 0


def test_what_is_bought_for_a_gift_is_used_up_by_it():
    own = reward("table", "buy_get", buy=1, buy_lines=sku("chair"), lines=sku("table"))
    fact = order(line("chair", 500), line("table", 2000, quantity=2))
    assert off(own, fact) == 1000
    assert off(own, fact, claimed=("table",)) == 0


def test_the_cheapest_is_given_and_the_dearest_bought():
    either = Any((sku("a"), sku("b")))
    own = reward("second", "buy_get", buy=1, buy_lines=either, lines=either, percent=50)
    fact = order(line("a", 1000), line("b", 301))
    assert effect(own, fact).lines == (LineEffect(1, Decimal(1), 151),)
    # Without lines everything counts.
    anything = reward("second", "buy_get", buy=1)
    assert effect(anything, fact).lines == (LineEffect(1, Decimal(1), 301),)
    assert off(anything, order(line("a", 1000), line("b", 301), line("back", -1200))) == 101


def test_rewards_before_are_off_the_order_unless_the_basket_says_so():
    other = reward("other", value=600)
    fact = order(line("a", 1000))
    assert off(TENTH, fact, other, claimed=("other", "unknown")) == 40
    fact = order(line("a", 1000), coupons=(("other", 600),))
    assert off(TENTH, fact, other, claimed=("other",)) == 40
    fact = order(line("a", 400), line("b", 0)._replace(reward="other"))
    assert off(TENTH, fact, other, claimed=("other",)) == 40


@pytest.mark.parametrize(
    ("own", "quantity", "amount", "text"),
    [
        (reward("r", "cash_back", amount=700), 3, 700, ""),
        (reward("r", "stored_value", amount=2500), 2, 5000, ""),
        (reward("r", "charity", amount=1000), 2, 2000, "Trees for all"),
        (reward("r", "access", text="Early access", value=0), 1, 0, "Early access"),
        (reward("r", "partner", partner="cinema-co", value=900), 2, 1800, "cinema-co"),
        (reward("r", "sweepstake", value=0), 5, 0, ""),
        (reward("r", "quota", amount=1500, text="MB", value=0), 2, 0, "3,000 MB"),
        (reward("r", "quota", amount=1, text="GB", for_days=30), 1, 500, "1 GB for 30 days"),
        (reward("r", "service", options={"name": (), "colour": ("red",)}), 1, 500, "name: AB"),
        (reward("r", "experience", slots=(CLASS,)), 1, 500, "9 March 2026 at 18:00, Studio"),
    ],
)
def test_what_is_given_beside_an_order(own, quantity, amount, text):
    causes = (Cause("seas", "Seas"), Cause("trees", "Trees for all"))
    chosen = {"cause": "trees", "slot": "class", "options": {"name": "AB"}}
    for fact in (order(), order(line("a", 100))):
        found = effect(own, fact, quantity=quantity, causes=causes, **chosen)
        assert found == Effect(own.gives.kind, "r", amount, (), text)


def test_a_slot_without_a_place_and_none():
    own = reward("r", "experience", slots=(CLASS, replace(CLASS, code="bare", place="")))
    assert effect(own, order(), slot="bare").text == "9 March 2026 at 18:00"
    assert effect(own, order()).text == ""
