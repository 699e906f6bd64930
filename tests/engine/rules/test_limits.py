"""Limits: own and shared, points and times, whole or in part, budgets and full balances."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.rules.blueprint import Budget, Limit
from pointbook.engine.rules.earning import Reason
from tests.engine.rules.rulebook import Till, buy, fixed, per, terms, times, told, unit

YEAR = Limit("purchases[0]", "year", points=100)


def days(till, *spends, month=3):
    """The points of purchases on the days of a month, one a day."""
    facts = [buy(spend, when=f"2026-{month:02}-{day:02}") for day, spend in enumerate(spends, 1)]
    return [told(till.judge(fact)) for fact in facts]


def test_an_award_is_cut_to_what_a_limit_leaves():
    till = Till(terms(per(limits=(YEAR,))))
    assert till.judge(buy(6000)) == [Reason("purchases", "points", 6000, 60)]
    assert till.judge(buy(6000)) == [
        Reason("purchases", "points", 6000, 40, asked=60, limit="purchases[0]")
    ]
    assert till.judge(buy(6000)) == [
        Reason("purchases", "points", 6000, 0, asked=60, limit="purchases[0]")
    ]
    assert till.judge(buy(6000, when="2027-01-01")) == [Reason("purchases", "points", 6000, 60)]


def test_an_award_that_would_pass_a_limit_may_be_given_whole_or_not_at_all():
    till = Till(terms(per(limits=(Limit("l", "month", points=100, whole=True),))))
    assert days(till, 6000, 5000, 4000, 100) == [
        {"purchases": 60},
        {"purchases": 0},
        {"purchases": 40},
        {"purchases": 0},
    ]


def test_times_are_counted():
    till = Till(terms(per(limits=(Limit("l", "month", times=2),))))
    spends = 50, 1000, 1000, 1000  # what gives nothing is no time
    assert [one["purchases"] for one in days(till, *spends)] == [0, 10, 10, 0]
    assert [one["purchases"] for one in days(till, *spends, month=4)] == [0, 10, 10, 0]


@pytest.mark.parametrize(
    ("each", "points"),
    [
        ("fact", [15, 15, 15]),
        ("day", [15, 15, 15]),
        ("week", [15, 5, 0]),
        ("month", [15, 5, 0]),
        ("year", [15, 5, 0]),
        ("membership_year", [15, 5, 0]),
        ("ever", [15, 5, 0]),
    ],
)
def test_every_span_of_time_has_a_limit_of_its_own(each, points):
    most = 15 if each in ("fact", "day") else 20
    till = Till(terms(per(limits=(Limit("l", each, points=most),))))
    facts = [buy(2000 if each == "fact" else 1500, when=f"2026-03-0{day}") for day in (2, 3, 4)]
    assert [told(till.judge(fact))["purchases"] for fact in facts] == points


def test_rules_of_one_fact_share_a_limit():
    shared = Limit("cap", "year", points=100, rules=("a", "b", "c"))
    till = Till(terms(fixed("a", 60), fixed("b", 60), fixed("c", 60), limits=(shared,)))
    assert told(till.judge(buy(0))) == {"a": 60, "b": 40, "c": 0}
    assert told(till.judge(buy(0))) == {"a": 0, "b": 0, "c": 0}
    once = Limit("cap", "fact", times=1, rules=("b", "c"))
    blueprint = terms(fixed("a", 60), fixed("b", 60), fixed("c", 60), limits=(once,))
    assert told(Till(blueprint).judge(buy(0))) == {"a": 60, "b": 60, "c": 0}


def test_the_tightest_of_several_limits_cuts_in_any_order():
    limits = (
        Limit("wide", "year", points=90),
        Limit("tight", "day", points=40),
        Limit("whole", "fact", points=70, whole=True),
    )
    for some in (limits, limits[::-1]):
        till = Till(terms(per(limits=some)))
        assert till.judge(buy(6000))[0] == Reason(
            "purchases", "points", 6000, 40, asked=60, limit="tight"
        )
        assert till.judge(buy(8000, when="2026-03-05"))[0] == Reason(
            "purchases", "points", 8000, 0, asked=80, limit="whole"
        )


def test_a_multiplier_has_limits_of_its_own_and_counts_once_a_fact():
    twice = Limit("m[0]", "year", points=25, times=2)
    till = Till(terms(per("a"), per("b"), times("m", 2, limits=(twice,))))
    first, second, third = (till.judge(buy(1000)) for _ in range(3))
    assert told(first) == {"a": 10, "b": 10, "m": 20}
    assert second[2:] == [
        Reason("m", "points", 1000, 5, asked=10, limit="m[0]", of="a"),
        Reason("m", "points", 1000, 0, asked=10, limit="m[0]", of="b"),
    ]
    assert told(third) == {"a": 10, "b": 10, "m": 0}


def test_a_budget_is_the_programs():
    blueprint = terms(fixed("a", 60, budget=Budget(100)), fixed("b", 60))
    till = Till(blueprint, budgets={"a": 100})
    assert told(till.judge(buy(0))) == {"a": 60, "b": 60}
    assert till.judge(buy(0))[0] == Reason("a", "points", 0, 40, asked=60, limit="budget")
    assert told(till.judge(buy(0))) == {"a": 0, "b": 60}
    each = terms(fixed("a", 60, budget=Budget(50, "fact")))
    assert told(Till(each).judge(buy(0))) == {"a": 50}


def test_a_budget_is_asked_once_and_only_for_what_limits_leave():
    rules = per("a"), per("b"), times("m", 3, budget=Budget(30))
    till = Till(terms(*rules), budgets={"m": 30})
    assert told(till.judge(buy(1000))) == {"a": 10, "b": 10, "m": 30}
    assert told(till.judge(buy(1000))) == {"a": 10, "b": 10, "m": 0}
    few = fixed("a", 60, limits=(Limit("l", "day", points=5),), budget=Budget(100))
    till = Till(terms(few), budgets={"a": 100})
    assert till.judge(buy(0)) == [Reason("a", "points", 0, 5, asked=60, limit="l")]
    assert till.judge(buy(0)) == [Reason("a", "points", 0, 0, asked=60, limit="l")]
    assert till.budgets == {"a": 95}
    till = Till(terms(few), budgets={"a": 3})
    assert till.judge(buy(0)) == [Reason("a", "points", 0, 3, asked=60, limit="budget")]


def test_a_balance_has_a_highest():
    units = unit(most=100), unit("miles")
    blueprint = terms(per("a"), per("b", unit="miles"), times("m", 2), units=units)
    till = Till(blueprint, held={"points": 70})
    assert till.judge(buy(2000)) == [
        Reason("a", "points", 2000, 20),
        Reason("b", "miles", 2000, 20),
        Reason("m", "points", 2000, 10, asked=20, limit="most", of="a"),
    ]
    assert told(till.judge(buy(2000))) == {"a": 0, "b": 20, "m": 0}
    over = Till(blueprint, held={"points": 170})
    assert told(over.judge(buy(2000))) == {"a": 0, "b": 20, "m": 0}
    several = terms(per("a"), per("b"), times("m", 3), units=(unit(most=50),))
    assert told(Till(several).judge(buy(1000))) == {"a": 10, "b": 10, "m": 30}


def test_the_best_of_a_group_is_found_within_limits():
    blueprint = terms(
        fixed("big", 50, group="g", limits=(Limit("big[0]", "year", times=1),)),
        fixed("small", 20, group="g"),
        groups={"g": "best_of"},
    )
    till = Till(blueprint)
    assert [told(till.judge(buy(0))) for _ in range(2)] == [{"big": 50}, {"small": 20}]


LIMITS = st.builds(
    Limit,
    st.sampled_from(["x", "y"]),
    st.sampled_from(["fact", "day", "month", "ever"]),
    st.none() | st.integers(0, 120),
    st.none() | st.integers(0, 3),
    st.booleans(),
)
SPENDS = st.lists(st.integers(0, 9000), min_size=1, max_size=6)


@settings(deadline=None)
@given(st.lists(LIMITS, max_size=3), LIMITS, st.none() | st.integers(0, 300), SPENDS)
def test_limits_never_give_more_and_are_kept(own, shared, most, spends):
    own = tuple(replace(one, code=f"a[{n}]") for n, one in enumerate(own))
    shared = replace(shared, code="shared", rules=("a", "m"))
    rules = per("a", limits=own), per("b"), times("m", 2)
    free = Till(terms(*rules))
    bound = Till(terms(*rules, limits=(shared,), units=(unit(most=most),)))
    for day, spend in enumerate(spends, 1):
        fact = buy(spend, when=f"2026-03-{day:02}")
        cut = bound.judge(fact)
        for plain, less in zip(free.judge(fact), cut, strict=True):
            assert 0 <= less.points <= plain.points or plain.asked
            assert (less.asked == 0) is (less.limit == "")
            assert less.asked == 0 or less.points < less.asked
        given_points = [told([one]) for one in cut]
        for limit in (*own, shared):
            _kept(limit, bound, given_points)
    assert most is None or bound.balances["points"] <= most


def _kept(limit, till, given_points):
    """The limit holds, as the till has counted."""
    points, count = till.used(limit.code, limit.each)
    if limit.each == "fact":
        rules = ("a",) if limit.code.startswith("a[") else ("a", "m")
        given_points = [one for one in given_points if set(one) <= set(rules)]
        points = sum(sum(one.values()) for one in given_points)
        count = len({rule for one in given_points for rule, more in one.items() if more})
    assert limit.points is None or points <= limit.points
    assert limit.times is None or count <= limit.times
