"""Multipliers: dampers and boosters, on lines and on all, one after another; peers' figures."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.rules.blueprint import Base
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.predicates import AnyLine, Not, Test
from pointbook.engine.rules.who import Who
from pointbook.engine.values.facts import Coupon, Tender
from tests.engine.rules.rulebook import (
    buy,
    counted,
    fixed,
    judge,
    label,
    line,
    per,
    percent,
    sku,
    terms,
    times,
    told,
    total,
    unit,
)

# The basket and the figures are those of the Open Loyalty framework (3.x, Divante), class
# OloyEarningRuleEvaluatorTest, backend/src/OpenLoyalty/Component/EarningRule/Tests/Unit/Domain:
# https://github.com/DivanteLtd/open-loyalty. Its delivery is a line without a label.
OPEN_LOYALTY = buy(None, line("123", 1200, "red"), line("000", 10000, "blue"), line("0001", 4000))
FOUR, TEN = per("four", 4), per("ten", 10)
AT_LEAST_100 = Test("total", "at_least", 10000)
AT_LEAST_300 = Test("total", "at_least", 30000)
A_MILLION = Test("total", "at_least", 10**8)
PEERS = {
    "4 a unit": ((FOUR,), 608),
    "without SKU 000": ((per("p", 4, lines=Not(sku("000"))),), 208),
    "without red": ((per("p", 4, lines=Not(label("red"))),), 560),
    "only red": ((per("p", 4, lines=label("red")),), 48),
    "a product": ((fixed("f", 200, when=AnyLine(sku("000"))),), 200),
    "a product and 4": ((fixed("f", 100, when=AnyLine(sku("123"))), FOUR), 708),
    "4 and 10": ((FOUR, TEN), 2128),
    "3 times a product": ((FOUR, times("m", 3, lines=sku("123"))), 704),
    "3 times a label": ((FOUR, times("m", 3, lines=label("red"))), 704),
    "red x3, blue x6": (
        (FOUR, times("r", 3, lines=label("red")), times("b", 6, lines=label("blue"))),
        2704,
    ),
    "red x0, blue x2, xxl x2": (
        (
            FOUR,
            times("r", 0, lines=label("red")),
            times("b", 2, lines=label("blue")),
            times("x", 2, lines=label("xxl")),
        ),
        960,
    ),
    "red x0, blue x0": (
        (FOUR, times("r", 0, lines=label("red")), times("b", 0, lines=label("blue"))),
        160,
    ),
    "blue x2, orange x3": (
        (FOUR, times("b", 2, lines=label("blue")), times("o", 3, lines=label("orange"))),
        1008,
    ),
    "from 100": ((per("p", 4, when=AT_LEAST_100),), 608),
    "from 300": ((per("p", 4, when=AT_LEAST_300),), 0),
    "all together": (
        (
            FOUR,
            TEN,
            times("r", 3, lines=label("red")),
            times("b", 5, lines=label("blue")),
            fixed("f", 200, when=AnyLine(sku("000"))),
        ),
        8264,
    ),
    "twice everything": (
        (FOUR, times("m", 2, lines=Test("sku", "in", ("123", "000", "0001")))),
        1216,
    ),
    "the last rule": (
        (per("a"), per("b", stop=True, priority=-1), per("c", 10, priority=-2)),
        304,
    ),
    "a last rule that does not match": (
        (per("a"), per("b", stop=True, when=A_MILLION), per("c", 2)),
        456,
    ),
}


@pytest.mark.parametrize(("rules", "points"), PEERS.values(), ids=PEERS)
def test_figures_of_open_loyalty(rules, points):
    assert total(terms(*rules), OPEN_LOYALTY) == points


def test_factors_above_one_give_awards_of_their_own():
    """15.4 points, then 1.5 times on all and 3 times the tea: 15, 23 (23.1), 29 (29.1)."""
    blueprint = terms(per(), times("week", "1.5"), times("tea", 3, lines=sku("tea")))
    fact = buy(None, line("tea", 200), line("rice", 1340))
    assert judge(blueprint, fact) == [
        Reason("purchases", "points", 1540, 15),
        Reason("week", "points", 1540, 8, of="purchases"),
        Reason("tea", "points", 200, 6, of="purchases"),
    ]


def test_factors_up_to_one_make_the_base_smaller_and_give_nothing():
    blueprint = terms(times("half", "0.5"), per(), times("none", 0, lines=sku("card")))
    fact = buy(None, line("tea", 1001), line("card", 5000))
    assert judge(blueprint, fact) == [Reason("purchases", "points", 501, 5)]  # of $5.005
    assert judge(terms(per(), times("one", 1)), fact) == [Reason("purchases", "points", 6001, 60)]


def test_reasons_stand_in_the_order_of_the_rules():
    blueprint = terms(per(), times("first", 2, priority=1), times("last", 2))
    assert list(told(judge(blueprint, buy(500)))) == ["first", "purchases", "last"]
    assert told(judge(blueprint, buy(500))) == {"first": 5, "purchases": 5, "last": 10}


def test_the_running_total_is_rounded_as_the_rule_rounds():
    for rounding, points in (("floor", [0, 0, 2]), ("nearest", [0, 1, 1]), ("ceiling", [1, 0, 2])):
        blueprint = terms(per(rounding=rounding), times("a", 2), times("b", 4))
        given_points = [reason.points for reason in judge(blueprint, buy(30))]
        assert given_points == points


def test_lines_are_rounded_one_by_one_under_a_multiplier_too():
    blueprint = terms(per(rounding="ceiling", rounding_of="line"), times("m", 2, lines=sku("a")))
    fact = buy(None, line("a", 120), line("b", 120))
    assert told(judge(blueprint, fact)) == {"purchases": 4, "m": 1}  # 2 + 2, then 3 + 2


def test_a_multiplier_reaches_rules_of_its_unit_with_a_base():
    blueprint = terms(
        per("a"),
        percent("b", 1),
        per("miles", unit="miles"),
        fixed("f", 10),
        counted("c", 1, "line"),
        per("other", on="review"),
        times("m", 2),
        units=(unit(), unit("miles")),
    )
    reasons = judge(blueprint, buy(None, line("tea", 10000)))
    assert [reason.of for reason in reasons if reason.rule == "m"] == ["a", "b"]
    assert told(reasons) == {"a": 100, "b": 50, "miles": 100, "f": 10, "c": 1, "m": 150}


def test_rules_that_are_named_are_multiplied_whatever_they_give():
    blueprint = terms(
        times("m", 3, "f", "c", "n", "gone"),
        fixed("f", 10),
        counted("c", 2, "item"),
        counted("n", 5, "attributes.nights"),
        per("a"),
    )
    fact = buy(None, line("tea", 300, quantity=Decimal(2)), attributes={"nights": 3})
    assert judge(blueprint, fact) == [
        Reason("m", "points", 300, 20, of="f"),
        Reason("m", "points", 2, 8, of="c"),
        Reason("m", "points", 3, 30, of="n"),
        Reason("f", "points", 300, 10),
        Reason("c", "points", 2, 4),
        Reason("n", "points", 3, 15),
        Reason("a", "points", 300, 3),
    ]
    nothing = told(judge(blueprint, buy(0)))
    assert nothing == {"m": 20, "f": 10, "c": 0, "n": 0, "a": 0}


def test_lines_choose_what_is_multiplied_of_counted_and_fixed_awards():
    tea = sku("tea")
    blueprint = terms(
        fixed("f", 10),
        counted("c", 2, "item"),
        times("m", 3, "f", "c", lines=tea),
        times("half", "0.5", "f", "c", lines=Not(tea)),
    )
    mixed = buy(None, line("tea", 300, quantity=Decimal(2)), line("rice", 700))
    # Half of the fixed 10, three times; of 2 teas and 1 rice 4 + 1 points, three times the tea's 4.
    assert told(judge(blueprint, mixed)) == {"f": 5, "c": 5, "m": 10 + 8}
    only_tea = buy(None, line("tea", 300, quantity=Decimal(2)))
    assert told(judge(blueprint, only_tea)) == {"f": 10, "c": 4, "m": 20 + 8}
    only_rice = buy(700, line("rice", 700))
    assert told(judge(blueprint, only_rice)) == {"f": 5, "c": 1}


def test_a_factor_by_tier():
    blueprint = terms(per(), times("m", 1, tiers={"gold": Decimal(2), "green": Decimal("0.5")}))
    gold, green = (Who(tiers={"status": tier}) for tier in ("gold", "green"))
    assert judge(blueprint, buy(1000), gold) == [
        Reason("purchases", "points", 1000, 10),
        Reason("m", "points", 1000, 10, tier="gold", of="purchases"),
    ]
    assert judge(blueprint, buy(1000), green) == [Reason("purchases", "points", 500, 5)]
    assert judge(blueprint, buy(1000)) == [Reason("purchases", "points", 1000, 10)]
    by_tier = per("purchases", "0", tiers={"gold": Decimal(3)})
    assert judge(terms(by_tier, times("m", 2)), buy(1000), gold) == [
        Reason("purchases", "points", 1000, 30, tier="gold"),
        Reason("m", "points", 1000, 30, of="purchases"),
    ]


def test_a_multiplier_matches_and_stops_like_every_rule():
    web = Test("channel", "is", "web")
    blueprint = terms(per("a"), times("m", 2, when=web, stop=True), per("b"))
    assert told(judge(blueprint, buy(1000, channel="web"))) == {"a": 10, "m": 10}
    assert told(judge(blueprint, buy(1000))) == {"a": 10, "b": 10}


def test_only_the_lines_of_both_rules_are_multiplied():
    blueprint = terms(per(lines=Not(sku("tea"))), times("m", 2, lines=label("fresh")))
    fact = buy(None, line("tea", 300, "fresh"), line("cake", 500, "fresh"), line("rice", 900))
    assert judge(blueprint, fact) == [
        Reason("purchases", "points", 1400, 14),
        Reason("m", "points", 500, 5, of="purchases"),
    ]


def test_what_no_line_says_is_touched_by_multipliers_without_lines_alone():
    delivery = Base(delivery=True)
    fact = buy(1500, line("tea", 1000), delivery=500)
    blueprint = terms(per(base=delivery), times("tea", 2, lines=sku("tea")))
    assert told(judge(blueprint, fact)) == {"purchases": 15, "tea": 10}
    assert told(judge(terms(per(base=delivery), times("all", 2)), fact)) == {
        "purchases": 15,
        "all": 15,
    }
    half = terms(per(base=delivery), times("tea", "0.5", lines=sku("tea")))
    assert told(judge(half, fact)) == {"purchases": 10}


def test_coupons_and_gift_cards_are_taken_off_what_counts_least():
    """$100 of tea and $50 of cards, $50 paid before: the cards that count nothing paid for it."""
    fact = buy(
        15000,
        line("tea", 10000),
        line("card", 5000),
        tenders=(Tender("stored_value", 5000),),
    )
    none = times("none", 0, lines=sku("card"))
    assert told(judge(terms(per(), none), fact)) == {"purchases": 100}
    assert told(judge(terms(per(lines=Not(sku("card")))), fact)) == {"purchases": 100}
    most = buy(6000, *fact.lines, coupons=(Coupon("off", 9000),))
    assert told(judge(terms(per(), none), most)) == {"purchases": 60}
    half = times("half", "0.5", lines=sku("tea"))
    assert told(judge(terms(per(), half), most)) == {"purchases": 55}  # cards 50, half of 10
    triple = times("triple", 3, lines=sku("tea"))
    assert judge(terms(per(), triple), most) == [
        Reason("purchases", "points", 6000, 60),
        Reason("triple", "points", 6000, 120, of="purchases"),
    ]


def test_returned_lines_are_not_multiplied():
    fact = buy(7000, line("tea", 10000), line("deposit", -3000))
    blueprint = terms(per(), times("m", 2, lines=sku("deposit")))
    assert told(judge(blueprint, fact)) == {"purchases": 70}


FACTORS = st.sampled_from(["0", "0.5", "1", "1.2", "2", "3"])
SKUS = st.sampled_from(["a", "b", "c"])
QUANTITIES = st.sampled_from([Decimal(1), Decimal(2), Decimal("0.5")])
LINES = st.lists(
    st.builds(line, SKUS, st.integers(-200, 999), quantity=QUANTITIES),
    max_size=5,
)


@st.composite
def multipliers(draw):
    """Up to four multipliers with some of the lines, some of the rules."""
    found = []
    for n in range(draw(st.integers(1, 4))):
        lines = draw(st.none() | st.builds(sku, SKUS))
        of = draw(st.sampled_from([(), ("p",), ("p", "f", "c")]))
        found.append(times(f"m{n}", draw(FACTORS), *of, lines=lines))
    return found


WAYS = st.fixed_dictionaries(
    {
        "rounding": st.sampled_from(["floor", "nearest", "ceiling"]),
        "rounding_of": st.sampled_from(["order", "line"]),
    }
)


@settings(deadline=None)
@given(LINES, st.integers(0, 2000), multipliers(), WAYS)
def test_reasons_add_up_whatever_the_order_of_factors(lines, spend, factors, ways):
    """No reason is negative, and the same factors in another order give the same in all.

    Where lines are rounded one by one, what is taken off them may make a difference of a point.
    """
    rules = per("p", "1.3", **ways), fixed("f", 10), counted("c", 3, "item")
    fact = buy(spend, *lines)
    reasons = judge(terms(*rules, *factors), fact)
    assert all(reason.points >= 0 and reason.base >= 0 for reason in reasons)
    plain = told(judge(terms(*rules), fact))
    if all(one.award.points >= 1 for one in factors):
        assert all(told(reasons)[code] == points for code, points in plain.items())
    costs = [one.amount for one in lines]
    if ways["rounding_of"] == "line" and (min(costs, default=0) < 0 or sum(costs) > spend):
        return
    turned = judge(terms(*reversed(factors), *rules), fact)
    assert sum(one.points for one in reasons) == sum(one.points for one in turned)
    if all(one.award.points <= 1 for one in factors):
        assert all(told(reasons)[code] <= points for code, points in plain.items())


def test_a_multiplier_never_takes_points_away():
    """$0.04 off: first off the two cheap lines, then off the dear one, which is rounded anew."""
    ways = {"rounding": "nearest", "rounding_of": "line"}
    fact = buy(500, line("a", 1), line("b", 502), line("a", 1))
    blueprint = terms(per("p", "1.3", **ways), times("m", 3, lines=sku("a")))
    assert told(judge(blueprint, fact)) == {"p": 7, "m": 0}


@settings(deadline=None)
@given(LINES, st.integers(0, 2000), WAYS, st.integers(2, 4))
def test_a_factor_on_all_lines_is_a_rate_as_many_times_as_high(lines, spend, ways, factor):
    fact = buy(spend, *lines)
    multiplied = total(terms(per("p", **ways), times("m", factor)), fact)
    assert multiplied == total(terms(per("p", factor, **ways)), fact)
