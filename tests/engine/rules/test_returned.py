"""How much of a rule's base a return takes: with lines, dampers and multipliers."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.rules.blueprint import Base
from pointbook.engine.rules.earning import base_of, measured
from pointbook.engine.rules.predicates import Not, Test
from tests.engine.rules.rulebook import (
    buy,
    counted,
    fixed,
    judge,
    line,
    per,
    percent,
    sku,
    terms,
    times,
)

BACK = buy(
    None,
    line("tea", 1000, quantity=Decimal(2)),
    line("card", 5000),
    kind="return",
)


def taken(code, *rules, fact=BACK, of=""):
    """What a return takes of the base of the rule with this code."""
    blueprint = terms(*rules)
    rule = next(one for one in rules if one.code == code)
    return base_of(rule, blueprint=blueprint, of=of)(fact)


@pytest.mark.parametrize(
    ("rule", "base"),
    [
        (per("p"), 6000),
        (per("p", lines=sku("tea")), 1000),
        (percent("p", 3, lines=Not(sku("tea"))), 5000),
        (fixed("p", 50), 6000),  # so that it comes back in the part of the spend that does
        (counted("p", 2, "item"), 3),
        (counted("p", 2, "item", lines=sku("tea")), 2),
        (counted("p", 2, "line"), 2),
        (counted("p", 2, "attributes.nights"), None),
    ],
)
def test_the_base_in_a_return(rule, base):
    assert taken("p", rule) == base


def test_what_a_damper_always_touches_counts_less():
    none = times("none", 0, lines=sku("card"))
    half = times("half", "0.5")
    assert taken("p", per("p"), none) == 1000
    assert taken("p", per("p"), none, half) == 500
    assert taken("p", percent("p", 1), half) == 3000
    assert taken("c", counted("c", 2, "item"), times("half", "0.5", "c")) == 3


@pytest.mark.parametrize(
    "asks",
    [
        {"when": Test("store", "is", "S1")},
        {"from_on": date(2026, 1, 1)},
        {"until_on": date(2026, 1, 1)},
        {"weekdays": (1,)},
        {"hours": (0, 60)},
        {"stores": ("S1",)},
        {"channels": ("web",)},
        {"tiers": {"gold": Decimal(0)}},
        {"on": "review"},
    ],
)
def test_what_a_damper_asks_besides_lines_cannot_be_told_of_a_return(asks):
    assert taken("p", per("p"), times("none", 0, "p", lines=sku("card"), **asks)) == 6000


def test_a_multiplier_takes_what_its_lines_make_in_the_rule_it_multiplied():
    tea = times("m", 2, lines=sku("tea"))
    assert taken("m", per("p"), tea) == 1000
    assert taken("m", per("p"), times("m", 2)) == 6000
    assert taken("m", per("p"), times("m", 2), times("none", 0, lines=sku("card"))) == 1000
    assert taken("m", per("p", lines=sku("card")), tea) == 0
    two = per("p", lines=sku("card")), per("q", base=Base(tax=True)), tea
    assert taken("m", *two) == 1000
    assert taken("m", *two, of="p") == 0
    assert taken("m", *two, of="q") == 1000
    assert taken("m", tea) == 1000  # it has no rule to multiply


def test_a_multiplier_of_other_awards_takes_what_they_counted():
    assert taken("m", counted("c", 2, "item"), times("m", 2, "c", lines=sku("tea"))) == 2
    assert taken("m", counted("c", 2, "item"), times("m", 2, "c")) == 3
    assert taken("m", fixed("f", 50), times("m", 2, "f", lines=sku("tea"))) == 6000
    assert taken("m", counted("c", 2, "attributes.n"), times("m", 2, "c")) is None


def test_a_multiplier_of_several_rules_takes_what_they_give():
    """A cent of tea brings 2 parts of a point, a cent of everything 3; times 2, all of it."""
    tea, every = per("t", 2, lines=sku("tea")), per("e", 3)
    assert taken("m", tea, every, times("m", 2)) == 2 * 1000 + 3 * 6000
    assert taken("m", tea, every, times("m", 2, lines=sku("tea"))) == 2 * 1000 + 3 * 1000
    assert taken("m", tea, per("e", 0), times("m", 2)) == 1000
    nothing = per("t", 0, lines=sku("tea")), per("e", 0)
    assert taken("m", *nothing, times("m", 2)) == 0
    # Tiers, and what is counted, bring nobody knows how much: all the same.
    gold = per("e", 3, tiers={"gold": Decimal(5)})
    assert taken("m", tea, gold, times("m", 2)) == 1000 + 6000
    items = counted("c", 2, "item")
    assert taken("m", tea, items, times("m", 2, "t", "c", lines=sku("tea"))) == 1000 + 2
    days = counted("d", 2, "attributes.days")
    assert taken("m", tea, days, times("m", 2, "t", "d")) is None


@pytest.mark.parametrize(
    ("code", "rules"),
    [
        ("p", (per("p", lines=sku("tea")),)),
        ("p", (counted("p", 2, "item"),)),
        ("p", (per("p"), times("none", 0, lines=sku("card")))),
        ("m", (per("p"), times("m", 2, lines=sku("tea")))),
        ("m", (per("p"), per("q", lines=sku("tea")), times("m", 2))),
    ],
)
def test_a_return_without_lines_does_not_say_what_lines_decide(code, rules):
    """Nobody knows what came back for these 60.00."""
    assert taken(code, *rules, fact=buy(6000, kind="return")) is None


def test_what_lines_do_not_decide_is_said_without_them():
    assert taken("p", per("p"), fact=buy(6000, kind="return")) == 6000
    assert taken("m", per("p"), times("m", 2), fact=buy(6000, kind="return")) == 6000


@pytest.mark.parametrize(
    ("code", "rules", "expected"),
    [
        ("p", (per("p"),), False),
        ("p", (per("p"), times("m", 2)), False),
        ("m", (per("p"), times("m", 2)), False),
        ("p", (per("p"), times("half", "0.5")), True),
        ("m", (per("p"), times("m", 2), times("half", "0.5")), True),
        ("p", (per("p"), times("m", 2, tiers={"gold": Decimal("0.5")})), True),
        ("p", (per("p"), times("half", "0.5", on="review")), False),
        ("m", (per("p"), per("q"), times("m", 2)), True),
    ],
)
def test_which_bases_are_measured_as_returns_measure_them(code, rules, expected):
    rule = next(one for one in rules if one.code == code)
    assert measured(rule, blueprint=terms(*rules)) is expected


LINES = st.lists(
    st.builds(line, st.sampled_from(["a", "b", "c"]), st.integers(0, 999)), min_size=1, max_size=5
)
RULES = st.sampled_from(
    [
        (per("p"),),
        (per("p", lines=sku("a")),),
        (per("p", lines=sku("a")), times("half", "0.5", lines=sku("b"))),
        (per("p"), times("none", 0, lines=sku("a")), times("m", 2, lines=Not(sku("b")))),
        (counted("p", 1, "item", lines=sku("a")),),
        (fixed("p", 10),),
    ]
)


@settings(deadline=None)
@given(LINES, LINES, RULES)
def test_a_return_of_everything_takes_the_whole_base(first, second, rules):
    """And two returns of the parts take as much as one, but for half a cent each."""
    blueprint = terms(*rules)
    reasons = judge(blueprint, buy(None, *first, *second))
    for reason in reasons:
        rule = next(one for one in rules if one.code == reason.rule)
        base = base_of(rule, blueprint=blueprint, of=reason.of)
        assert base(buy(None, *first, *second, kind="return")) == reason.base
        parts = [base(buy(None, *some, kind="return")) or 0 for some in (first, second)]
        assert abs(sum(parts) - reason.base) <= 1
