"""What a fact earns: rates, awards, roundings, bases, when rules match, their order and groups."""

from datetime import UTC, date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.rules.blueprint import Base
from pointbook.engine.rules.earning import Reason, compile_earning
from pointbook.engine.rules.predicates import All, Any, Named, Not, Test
from pointbook.engine.rules.who import Who
from pointbook.engine.values.facts import Coupon, Line, Tender, instant
from tests.engine.rules.rulebook import (
    NOBODY,
    Till,
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

GOLD = Who(tiers={"status": "gold", "crew": "mate"})
GREEN = Who(tiers={"status": "green", "crew": "captain"})


@pytest.mark.parametrize(
    ("rounding", "spend", "points"),
    [
        ("floor", 1999, 19),
        ("floor", 99, 0),
        ("nearest", 1949, 19),
        ("nearest", 1950, 20),  # halves up
        ("nearest", 50, 1),
        ("ceiling", 1901, 20),
        ("ceiling", 1900, 19),
        ("ceiling", 0, 0),
    ],
)
def test_one_point_a_dollar_is_rounded_once_a_basket(rounding, spend, points):
    assert total(terms(per(rounding=rounding)), buy(spend)) == points


@pytest.mark.parametrize(
    ("points", "amount", "decimals", "spend", "given"),
    [
        ("3", 200, 0, 999, 14),  # 3 for every $2.00 of $9.99: 14.985
        ("1.25", 100, 2, 999, 1248),  # 1.25 of a unit with two decimals for every $1.00: 12.48
        ("1", 1000, 0, 99999, 99),
        ("1.2", 100, 0, 1000, 12),  # a rate with more decimals than the unit
        ("0.005", 1, 0, 12345, 61),  # half a cent for every cent: 61.725
    ],
)
def test_rates(points, amount, decimals, spend, given):
    blueprint = terms(per("p", points, amount), units=(unit(decimals=decimals),))
    assert total(blueprint, buy(spend)) == given


def test_a_fixed_award_is_given_once_and_tells_the_spend():
    assert judge(terms(fixed("visit", 50)), buy(99999)) == [Reason("visit", "points", 99999, 50)]
    assert judge(terms(fixed("hello", 50, on="sign_up")), buy(0, kind="sign_up")) == [
        Reason("hello", "points", 0, 50)
    ]
    assert total(terms(fixed("half", "1.5"), units=(unit(decimals=1),)), buy(0)) == 15


def test_a_percentage_is_paid_in_the_unit_at_its_value():
    """3% of $50.00 is $1.50, which is 75 points of $0.02 each or 1.50 of a purse's dollars."""
    assert total(terms(percent("back", 3)), buy(5000)) == 75
    purse = unit(decimals=2, value="1")
    assert total(terms(percent("back", 3), units=(purse,)), buy(5000)) == 150
    assert total(terms(percent("back", "2.5")), buy(999)) == 12  # 12.4875
    assert total(terms(percent("back", 3), units=(unit(value="0"),)), buy(5000)) == 0


BASKET = (
    line("tea", 400, quantity=Decimal(3)),
    line("rice", 1200, quantity=Decimal("1.5")),
    line("cake", 900, "fresh"),
)


@pytest.mark.parametrize(
    ("rule", "base", "points"),
    [
        (counted("c", 2, "item"), 5, 10),  # 5.5 items
        (counted("c", 2, "item", rounding="ceiling"), 6, 12),
        (counted("c", 2, "item", rounding="nearest"), 6, 12),
        (counted("c", 2, "item", lines=Not(sku("rice"))), 4, 8),
        (counted("c", 3, "line"), 3, 9),
        (counted("c", 3, "line", lines=label("fresh")), 1, 3),
        (counted("c", 5, "item", 2), 5, 10),  # for every two whole items
        (counted("c", 5, "item", 2, rounding="ceiling"), 6, 15),
        (counted("c", 50, "attributes.nights"), 7, 350),
        (counted("c", 5000, "attributes.moved", 20000), 45000, 10000),
        (counted("c", 1, "attributes.half"), 2, 2),
        (counted("c", 1, "attributes.half", rounding="ceiling"), 3, 3),
        (counted("c", 1, "attributes.tiny", rounding="ceiling"), 0, 0),
        (counted("c", 1, "attributes.back"), 0, 0),
        (counted("c", 1, "attributes.endless"), 0, 0),
        (counted("c", 1, "attributes.words"), 0, 0),
        (counted("c", 1, "attributes.missing"), 0, 0),
    ],
)
def test_counted_awards(rule, base, points):
    known = {
        "nights": 7,
        "moved": "45000",
        "half": 2.5,
        "tiny": "1e-9999999",
        "back": -3,
        "endless": "1e9999999",
        "words": "many",
    }
    fact = buy(None, *BASKET, attributes=known)
    assert judge(terms(rule), fact) == [Reason("c", "points", base, points)]


def test_rates_by_tier():
    blueprint = terms(
        per("stars", "0", tiers={"green": Decimal(1), "gold": Decimal("1.2")}),
        fixed("bonus", 1, tiers={"gold": Decimal(25)}),
        per("crew", "0", tiers={"captain": Decimal(3)}, ladder="crew", rounding="nearest"),
    )
    assert judge(blueprint, buy(1000), GOLD) == [
        Reason("stars", "points", 1000, 12, tier="gold"),
        Reason("bonus", "points", 1000, 25, tier="gold"),
    ]
    assert judge(blueprint, buy(1000), GREEN) == [
        Reason("stars", "points", 1000, 10, tier="green"),
        Reason("bonus", "points", 1000, 1),  # a tier that is left out has the award's own points
        Reason("crew", "points", 1000, 30, tier="captain"),
    ]
    assert told(judge(blueprint, buy(1000))) == {"bonus": 1}


def test_a_program_without_tiers_has_no_rates_by_tier():
    blueprint = terms(fixed("bonus", 0, tiers={"gold": Decimal(25)}), ladders=())
    assert judge(blueprint, buy(1000), GOLD) == []


BILL = buy(
    5990,
    line("tea", 4400, discount=300, tax=800),
    line("cup", 1000, tax=150),
    tax=950,
    delivery=490,
    tenders=(Tender("card", 3990), Tender("stored_value", 1000), Tender("points", 1000)),
    coupons=(Coupon("off", 850),),
)


@pytest.mark.parametrize(
    ("parts", "base"),
    [
        ({}, 2550),  # $59.90 without $9.50 tax, $4.90 delivery and $20.00 held before
        ({"tax": True}, 3500),
        ({"delivery": True}, 3040),
        ({"stored_value": True}, 3550),
        ({"points": True}, 3550),
        ({"discounts": True}, 3700),  # with the coupon of $8.50 and $3.00 off the tea
        ({"tax": True, "delivery": True, "stored_value": True, "points": True}, 5990),
    ],
)
def test_what_of_a_bill_counts(parts, base):
    assert judge(terms(per(base=Base(**parts))), BILL)[0].base == base


@pytest.mark.parametrize(
    ("parts", "base"),
    [
        ({}, 1000),
        ({"tax": True}, 1150),  # the lines come to the total without tax, so they do not hold it
        ({"discounts": True}, 1000),
        ({"discounts": True, "tax": True}, 1150),
    ],
)
def test_what_of_a_chosen_line_counts(parts, base):
    assert judge(terms(per(base=Base(**parts), lines=sku("cup"))), BILL)[0].base == base
    tea = judge(terms(per(base=Base(discounts=True), lines=sku("tea"))), BILL)[0].base
    assert tea == 3700  # $47.00, but not more than the whole bill counts


def test_tax_is_not_added_to_lines_that_hold_it():
    bill = buy(1190, line("tea", 1190, tax=190), tax=190)
    assert judge(terms(per(base=Base(tax=True), lines=sku("tea"))), bill)[0].base == 1190


CARE = Test("category", "is", "care")
SHELF = (
    Line(sku="a", category="care", brand="own", labels=("new", "new"), amount=1250),
    Line(sku="b", category="food", brand="own", amount=4000),
    Line(sku="c", category="care", brand="big", labels=("new", "red"), amount=800),
)


@pytest.mark.parametrize(
    ("bill", "base"),
    [
        (buy(6050, *SHELF), 2050),  # the two lines
        (buy(1500, *SHELF), 1500),  # a coupon of $45.50: never more than the basket
        (buy(2500, *SHELF, tax=2600), 0),
        (buy(500, Line(category="care", amount=-300)), 0),  # a returned line is no negative base
    ],
)
def test_chosen_lines_make_the_base(bill, base):
    assert judge(terms(per(lines=CARE)), bill)[0].base == base


CHOSEN = [
    (CARE, 2050),
    (Test("category", "in", ("food", "care", "food")), 6050),
    (Test("brand", "is", "none"), 0),
    (label("new"), 2050),
    (Test("labels", "has", "red"), 800),
    (Not(CARE), 4000),
    (Not(Not(label("red"))), 800),
    (Named("caring", CARE), 2050),
    (All((Test("amount", "above", 1000), CARE)), 1250),
    (All((Test("brand", "in", ("own", "big")), Test("amount", "below", 1000))), 800),
    (Any((CARE, Test("amount", "above", 3000))), 6050),
    (All((label("new"), Test("amount", "above", 1000))), 1250),
]


@pytest.mark.parametrize("base", [Base(), Base(discounts=True)])
@pytest.mark.parametrize(("lines", "cost"), CHOSEN, ids=str)
def test_lines_are_chosen_alike_alone_and_among_other_rules(lines, cost, base):
    """Where several rules name categories, brands or labels, lines are looked up in tables."""
    bill = buy(None, *SHELF)
    alone = judge(terms(per("p", lines=lines, base=base)), bill)
    others = [per(f"o{n}", lines=one, base=base) for n, (one, _) in enumerate(CHOSEN)]
    among = judge(terms(per("p", lines=lines, base=base), *others), bill)
    assert alone[0].base == among[0].base == cost
    assert [reason.base for reason in among[1:]] == [known for _, known in CHOSEN]


@pytest.mark.parametrize(
    ("rounding", "points"),
    [("floor", 0 + 1 + 1), ("nearest", 1 + 1 + 2), ("ceiling", 1 + 2 + 2)],
)
def test_points_may_be_rounded_line_by_line(rounding, points):
    bill = buy(None, line("a", 50), line("b", 149), line("c", 199))
    blueprint = terms(per(rounding=rounding, rounding_of="line"))
    assert judge(blueprint, bill) == [Reason("purchases", "points", 398, points)]


def test_what_no_line_says_is_rounded_as_a_line_of_its_own():
    by_line = {"rounding": "ceiling", "rounding_of": "line", "base": Base(delivery=True)}
    assert total(terms(per(**by_line)), buy(340, line("a", 101), line("b", 101), delivery=138)) == 6
    assert total(terms(per(**by_line)), buy(101)) == 2
    alone = terms(per(**by_line, lines=sku("a")))
    assert judge(alone, buy(340, line("a", 101), line("b", 101), delivery=138)) == [
        Reason("purchases", "points", 101, 2)
    ]


def test_a_coupon_is_taken_off_the_smallest_lines():
    """$1.90 of $2.70: the line of $1.60 first, then $0.30 of the other."""
    bill = buy(190, line("a", 160), line("b", 110), coupons=(Coupon("off", 80),))
    assert judge(terms(per(rounding="ceiling", rounding_of="line")), bill) == [
        Reason("purchases", "points", 190, 3)
    ]


def test_a_condition_that_does_not_hold_gives_nothing():
    web = terms(per(when=Test("channel", "is", "web")))
    assert total(web, buy(1000, channel="web")) == 10
    assert judge(web, buy(1000, channel="shop")) == []
    first = terms(fixed("welcome", 100, when=Test("count.purchase", "is", 1)))
    assert total(first, buy(1000), Who(counts={"purchase": 1})) == 100
    assert judge(first, buy(1000), Who(counts={"purchase": 2})) == []


@pytest.mark.parametrize(
    ("when", "from_on", "until_on", "given"),
    [
        ("2025-03-09 04:59:59", date(2025, 3, 9), None, None),
        ("2025-03-09 05:00", date(2025, 3, 9), None, 10),
        ("2025-03-10 03:59:59", None, date(2025, 3, 9), 10),  # the last day is included
        ("2025-03-10 04:00", None, date(2025, 3, 9), None),
        ("2025-03-09 12:00", date(2025, 3, 9), date(2025, 3, 9), 10),
        ("2025-03-09 12:00", date(1, 1, 1), date(9999, 12, 31), 10),
        ("2025-03-09 12:00", date(9999, 12, 31), None, None),
        ("2025-03-09 12:00", None, date(1, 1, 1), None),
    ],
)
def test_a_campaign_is_in_force_on_days_of_the_programs_zone(when, from_on, until_on, given):
    """New York springs forward on 9 March 2025: that day has 23 hours."""
    zone = ZoneInfo("America/New_York")
    judges = compile_earning(terms(per(from_on=from_on, until_on=until_on)), zone=zone)
    reasons = judges["purchase"](buy(1000, when=when), NOBODY, Till(terms()))
    assert [reason.points for reason in reasons] == ([] if given is None else [given])


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ({"stores": ("S1", "S2")}, True),
        ({"stores": ("S3",)}, False),
        ({"channels": ("web",)}, True),
        ({"channels": ("shop",)}, False),
        ({"weekdays": (1,)}, True),  # 3 March 2026 is a Tuesday
        ({"weekdays": (0, 6)}, False),
        ({"hours": (15 * 60, 18 * 60)}, True),  # it is 15:00
        ({"hours": (15 * 60 + 1, 18 * 60)}, False),
        ({"hours": (12 * 60, 15 * 60)}, False),  # the end is not included
        ({"hours": (22 * 60, 15 * 60 + 1)}, True),  # over midnight
        ({"hours": (22 * 60, 15 * 60)}, False),
        ({"stores": ("S1",), "channels": ("web",), "weekdays": (1,), "hours": (0, 1440)}, True),
        ({"stores": ("S1",), "channels": ("web",), "weekdays": (2,), "hours": (0, 1440)}, False),
    ],
)
def test_stores_channels_weekdays_and_hours(asked, given):
    fact = buy(1000, when="2026-03-03 15:00", store="S1", channel="web")
    assert (total(terms(per(**asked)), fact) == 10) is given


def test_weekdays_and_hours_are_the_zones():
    fact = buy(1000, when="2026-03-03 23:30")  # 8:30 of Wednesday in Tokyo
    blueprint = terms(per(weekdays=(2,), hours=(8 * 60, 9 * 60)))
    judges = compile_earning(blueprint, zone=ZoneInfo("Asia/Tokyo"))
    assert judges["purchase"](fact, NOBODY, Till(blueprint))


def test_every_rule_that_matches_gives_its_points_in_the_order_of_the_document():
    blueprint = terms(
        per("base"),
        fixed("bonus", "0.5", unit="stars"),
        fixed("hello", 100, on="sign_up"),
        units=(unit("points"), unit("stars", decimals=1)),
    )
    assert judge(blueprint, buy(777)) == [
        Reason("base", "points", 777, 7),
        Reason("bonus", "stars", 777, 5),
    ]
    assert judge(blueprint, buy(0, kind="sign_up")) == [Reason("hello", "points", 0, 100)]
    assert set(compile_earning(blueprint, zone=UTC)) == {"purchase", "sign_up"}


def test_priority_comes_before_the_order_of_the_document():
    blueprint = terms(fixed("a", 1), fixed("b", 2, priority=5), fixed("c", 3))
    assert list(told(judge(blueprint, buy(0)))) == ["b", "a", "c"]


def test_stop_ends_the_list_after_a_match():
    big = Test("total", "at_least", 5000)
    blueprint = terms(fixed("a", 1), fixed("big", 100, when=big, stop=True), fixed("c", 3))
    assert told(judge(blueprint, buy(5000))) == {"a": 1, "big": 100}
    assert told(judge(blueprint, buy(4999))) == {"a": 1, "c": 3}


def test_the_first_match_of_a_group_gives():
    web = Test("channel", "is", "web")
    blueprint = terms(
        fixed("web", 5, when=web, group="promos"),
        fixed("any", 9, group="promos", stop=True),
        fixed("more", 2, group="other"),
        groups={"promos": "first_match", "other": "all"},
    )
    # What did not give does not stop the others either.
    assert told(judge(blueprint, buy(0, channel="web"))) == {"web": 5, "more": 2}
    assert told(judge(blueprint, buy(0))) == {"any": 9}


def test_the_best_of_a_group_gives():
    blueprint = terms(
        fixed("flat", 20, group="promos"),
        per("share", group="promos"),
        fixed("late", 20, group="promos"),
        fixed("beside", 1),
        groups={"promos": "best_of"},
    )
    assert told(judge(blueprint, buy(1000))) == {"flat": 20, "beside": 1}
    assert told(judge(blueprint, buy(2000))) == {"flat": 20, "beside": 1}  # as much, but later
    assert told(judge(blueprint, buy(2100))) == {"share": 21, "beside": 1}


def test_units_of_a_group_are_compared_by_their_worth():
    """30 points of $0.02 are worth less than 1 mile of $1.00; without a worth points decide."""
    rules = fixed("points", 30, group="g"), fixed("miles", 1, unit="miles", group="g")
    for value, best in (("1", "miles"), ("0.02", "points")):
        units = (unit(), unit("miles", value=value))
        blueprint = terms(*rules, units=units, groups={"g": "best_of"})
        assert list(told(judge(blueprint, buy(0)))) == [best]
    units = (unit(value="0"), unit("miles", value="0"))
    blueprint = terms(*rules, units=units, groups={"g": "best_of"})
    assert list(told(judge(blueprint, buy(0)))) == ["points"]


def test_a_multiplier_may_be_the_best_of_a_group():
    blueprint = terms(
        per("base"),
        times("double", 2, group="promos"),
        fixed("flat", 20, group="promos"),
        times("half", "0.5", group="promos"),
        groups={"promos": "best_of"},
    )
    assert told(judge(blueprint, buy(2500))) == {"base": 25, "double": 25}
    assert told(judge(blueprint, buy(1500))) == {"base": 15, "flat": 20}
    assert told(judge(blueprint, buy(2000))) == {"base": 20, "double": 20}


def test_groups_with_multipliers_see_what_other_groups_left():
    blueprint = terms(
        times("triple", 3, "a", group="boost"),
        times("double", 2, "b", group="boost"),
        per("a", group="rate"),
        per("b", "2", group="rate"),
        groups={"boost": "best_of", "rate": "best_of"},
    )
    assert told(judge(blueprint, buy(1000))) == {"double": 20, "b": 20}


def cent_lines():
    skus = st.sampled_from(["a", "b", "c"])
    return st.lists(st.builds(line, skus, st.integers(0, 999)), max_size=6)


@given(st.integers(0, 10**9), st.integers(1, 10**6), st.integers(1, 10**6))
def test_roundings_stand_around_the_exact_number(spend, points, amount):
    exact = Decimal(spend) * points / amount
    floor, nearest, ceiling = (
        total(terms(per("p", points, amount, rounding=way)), buy(spend))
        for way in ("floor", "nearest", "ceiling")
    )
    assert floor <= exact <= ceiling
    assert ceiling - floor in (0, 1)
    assert abs(nearest - exact) <= Decimal("0.5")


@settings(deadline=None)
@given(cent_lines(), st.sampled_from(["floor", "nearest", "ceiling"]))
def test_a_rule_is_the_sum_of_its_two_parts_where_each_line_is_rounded(lines, rounding):
    ways = {"rounding": rounding, "rounding_of": "line"}
    bill = buy(None, *lines)
    whole = total(terms(per("p", "1.7", **ways)), bill)
    parts = terms(
        per("a", "1.7", **ways, lines=sku("a")), per("rest", "1.7", **ways, lines=Not(sku("a")))
    )
    assert total(parts, bill) == whole


@settings(deadline=None)
@given(cent_lines(), st.integers(0, 800), st.permutations(range(6)), st.data())
def test_the_order_of_lines_does_not_matter(lines, off, order, data):
    mixed = [lines[n] for n in order if n < len(lines)]
    spend = max(0, sum(one.amount for one in lines) - off)
    by_line = data.draw(st.sampled_from(["order", "line"]))
    blueprint = terms(
        per("p", "1.3", rounding="ceiling", rounding_of=by_line),
        per("q", lines=sku("a"), rounding_of=by_line),
        counted("c", 3, "item", 2, lines=Not(sku("b"))),
        times("half", "0.5", lines=sku("b")),
        times("double", 2, "p", "c", lines=sku("c")),
    )
    assert judge(blueprint, buy(spend, *lines)) == judge(blueprint, buy(spend, *mixed))


def test_facts_of_all_times_can_be_judged():
    for when in ("1900-01-01", "2199-12-31 23:59:59"):
        fact = buy(1000, when=when)
        assert fact.occurred_at == instant(when)
        assert total(terms(per(from_on=date(1, 1, 1), until_on=date(2200, 12, 31))), fact) == 10
