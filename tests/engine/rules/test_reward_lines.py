"""A line that was a reward earns nothing, unless the base of a rule says that rewards are in."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.rules.blueprint import Base
from pointbook.engine.rules.earning import base_of
from pointbook.engine.rules.earning.reward_lines import sights_of, without_rewards
from pointbook.engine.rules.explaining.tracing import trace
from pointbook.engine.rules.predicates import AnyLine, Not
from pointbook.engine.values.facts import Coupon, content, normalise, restore
from tests.engine.rules.rulebook import (
    NOBODY,
    Till,
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
    told,
)

IN = Base(rewards=True)
# Two teas for 20.00 were bought; a tea for 5.00 beside points and a cup for nothing were rewards.
BASKET = buy(
    None,
    line("tea", 2000, quantity=Decimal(2)),
    line("tea", 500, reward="tea"),
    line("cup", 0, reward="cup", discount=900),
)


@pytest.mark.parametrize(
    ("rule", "out", "with_rewards"),
    [
        (per("p"), (2000, 20), (2500, 25)),
        (per("p", lines=sku("tea")), (2000, 20), (2500, 25)),
        (per("p", lines=Not(sku("cup"))), (2000, 20), (2500, 25)),
        (per("p", rounding_of="line"), (2000, 20), (2500, 25)),
        (percent("p", 10), (2000, 100), (2500, 125)),
        # OD-48: points for each line or unit, and the basket has a line that is a reward.
        (counted("p", 3, "item"), (2, 6), (4, 12)),
        (counted("p", 3, "line"), (1, 3), (3, 9)),
        (counted("p", 3, "item", lines=sku("tea")), (2, 6), (3, 9)),
        (fixed("p", 7), (2000, 7), (2500, 7)),
    ],
)
def test_rewards_are_out_unless_they_are_in(rule, out, with_rewards):
    for base, expected in ((Base(), out), (IN, with_rewards)):
        own = replace(rule, base=base)
        for others in ((), (fixed("other", 1),), (times("same", 1, "p"),)):
            first = judge(terms(own, *others), BASKET)[0]
            assert (first.base, first.points) == expected
        assert base_of(own, blueprint=terms(own))(BASKET) == expected[0]


def test_a_basket_without_rewards_is_seen_as_it_is():
    fact = buy(None, line("tea", 2000))
    assert without_rewards(fact) is fact
    assert without_rewards(buy(700)).total == 700
    bare, whole = sights_of(fact)
    assert bare is whole
    assert bare.fact is fact


def test_rules_of_one_program_may_see_different_baskets():
    program = terms(per("out"), per("in", base=IN), times("double", 2, "out", "in"))
    assert told(judge(program, BASKET)) == {"out": 20, "in": 25, "double": 45}
    chosen = times("double", 2, "out", "in", lines=sku("tea"))
    assert told(judge(terms(per("out"), per("in", base=IN), chosen), BASKET)) == {
        "out": 20,
        "in": 25,
        "double": 45,
    }
    best = {"group": "one", "priority": 1}
    program = terms(per("out", **best), per("in", base=IN, **best), groups={"one": "best_of"})
    assert told(judge(program, BASKET)) == {"in": 25}


def test_what_a_multiplier_takes_of_a_return_is_of_the_basket_that_its_rule_sees():
    rules = (per("out"), per("in", base=IN), times("double", 2))
    blueprint = terms(*rules)
    assert base_of(rules[2], blueprint=blueprint, of="out")(BASKET) == 2000
    assert base_of(rules[2], blueprint=blueprint, of="in")(BASKET) == 2500
    assert base_of(rules[2], blueprint=blueprint)(BASKET) == 4500
    alone = times("double", 2)
    assert base_of(alone, blueprint=terms(alone))(BASKET) == 2000


def test_a_return_of_nothing_but_a_reward_takes_nothing():
    rule = per("p", lines=sku("tea"))
    back = buy(None, line("tea", 500, reward="tea"), kind="return")
    assert base_of(rule, blueprint=terms(rule))(back) == 0


def test_what_a_reward_took_off_does_not_earn_and_does_not_count():
    """A line that is a discount lessens what is paid; it is no item."""
    fact = buy(None, line("tea", 2000), line("off", -500, reward="five-off"))
    rules = (per("p"), counted("c", 1, "item"), per("chosen", lines=sku("tea")))
    assert told(judge(terms(*rules), fact)) == {"p": 15, "c": 1, "chosen": 15}
    assert without_rewards(fact).coupons == (Coupon("five-off", 500),)
    before = per("p", base=Base(discounts=True))
    assert told(judge(terms(before), fact)) == {"p": 20}


@pytest.mark.parametrize(
    ("total", "tax", "base", "with_tax"),
    [
        (2500, 400, 1680, 2000),  # the lines hold their tax: 20.00 with 3.20, 5.00 with 0.80
        (2900, 400, 2000, 2320),  # the tax comes beside them
        (2500, 0, 2000, 2000),  # the basket does not tell its tax
    ],
)
def test_the_tax_of_a_reward_goes_with_it(total, tax, base, with_tax):
    fact = buy(total, line("tea", 2000, tax=320), line("cup", 500, tax=80, reward="cup"), tax=tax)
    plain, taxed = per("plain"), per("taxed", base=Base(tax=True))
    assert [reason.base for reason in judge(terms(plain, taxed), fact)] == [base, with_tax]


def test_conditions_do_not_see_rewards_either():
    rule = fixed("cup", 5, when=AnyLine(sku("cup")))
    assert judge(terms(rule), BASKET) == []
    assert told(judge(terms(replace(rule, base=IN)), BASKET)) == {"cup": 5}
    both = terms(rule, replace(rule, code="all", base=IN))
    missed, gave = trace(both, BASKET, NOBODY, room=Till(both), zone=UTC)
    assert not missed.matched
    assert "cup" in missed.why
    assert gave.points == 5


def test_a_line_says_which_reward_it_is():
    raw = {
        "source": "till",
        "id": "1",
        "type": "purchase",
        "occurred_at": "2026-03-03T12:00Z",
        "lines": [{"sku": "tea", "reward": " free-tea "}, {"amount": "5.00"}],
    }
    fact = normalise(raw, currency="USD")
    assert [one.reward for one in fact.lines] == ["free-tea", ""]
    assert restore(content(fact), member=None) == fact
    assert content(fact).count(b"reward") == 1


AMOUNTS = st.integers(-3000, 3000)
LINES = st.lists(
    st.builds(
        line,
        st.sampled_from(["tea", "cup"]),
        AMOUNTS,
        tax=st.integers(0, 300),
        reward=st.sampled_from(["", "", "free"]),
    ),
    max_size=4,
)


@settings(max_examples=60)
@given(LINES, st.integers(0, 500), st.integers(0, 500))
def test_a_reward_never_makes_a_base_larger(lines, tax, delivery):
    total = sum(one.amount for one in lines) + delivery
    fact = buy(total, *lines, tax=tax, delivery=delivery)
    bare = without_rewards(fact)
    assert bare.spend <= fact.spend
    assert 0 <= bare.tax <= fact.tax
    assert without_rewards(bare) is bare
