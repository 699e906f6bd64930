"""Which rewards matter to a member: plain numbers, a total order, and a reason for each."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.rules.ranking import Candidate, Score, Tastes, rank
from tests.engine.rules.rulebook import unit

TASTES = Tastes({"coffee": 4000, "tea": 500, "cake": 4000}, {"charity": 1})
UNITS = {"points": unit(), "stars": unit("stars", decimals=1)}


def ranked(*candidates, tastes=TASTES):
    return [one.candidate.code for one in rank(candidates, tastes)]


def reason(tastes=TASTES, **candidate):
    told: dict[str, Any] = {"unit": "points", "price": 500, **candidate}
    (found,) = rank([Candidate("a", **told)], tastes)
    return found.reason


@pytest.mark.parametrize(
    ("candidate", "told"),
    [
        ({}, "You can have it now."),
        ({"labels": ("coffee",)}, "You can have it now, and you often buy coffee."),
        ({"labels": ("tea", "wine")}, "You can have it now, and you buy tea."),
        ({"labels": ("coffee", "cake")}, "You can have it now, and you often buy cake."),
        ({"short": 120, "chosen": 2}, "120 points to go; you chose it twice."),
        ({"short": 1, "chosen": 1, "labels": ("tea",)}, "1 point to go; you chose it once."),
        ({"available": False}, "It cannot be had now."),
        ({"available": False, "short": 1200}, "1,200 points to go."),
        (
            {"kind": "charity", "others": 9},
            "You can have it now, and you chose one like it before.",
        ),
        ({"others": 9}, "You can have it now, and members took it 9 times."),
    ],
)
def test_each_place_has_its_reason(candidate, told):
    assert reason(**candidate) == told


def test_points_are_told_in_the_words_of_their_unit():
    candidates = [Candidate("a", "stars", 50, short=10), Candidate("b", "points", 50, short=20)]
    found = rank(candidates, TASTES, units=UNITS)
    assert [one.reason for one in found] == ["1 star to go.", "20 points to go."]


def test_the_parts_of_a_score_are_those_of_the_docstring():
    full = Candidate("a", "points", 500, 0, True, ("coffee", "cake", "tea"), "charity", 4, 1023)
    tastes = Tastes({"coffee": 6000, "cake": 6000}, {"charity": 4})
    more = full._replace(chosen=99, others=10**9)
    for one in rank([full, more], tastes):
        assert one.score == Score(1000, 600, 200, 500, 100)
    none = Candidate("a", "points", 500, short=500)
    assert rank([none], Tastes())[0].score == Score(0, 0, 0, 0, 0)
    assert rank([none._replace(short=900)], Tastes())[0].score.affordability == 0
    assert rank([none._replace(price=0)], Tastes())[0].score.affordability == 1000
    assert rank([none._replace(short=-5)], Tastes())[0].score.affordability == 1000
    part = Candidate("a", "points", 300, 100, True, ("coffee", "coffee"), "charity", 1, 3)
    assert rank([part], TASTES)[0].score == Score(666, 150, 50, 200, 20)


def test_what_can_be_had_now_comes_first():
    loved = Candidate("loved", "points", 500, short=1, labels=("coffee",), chosen=4)
    gone = loved._replace(code="gone", short=0, available=False)
    plain = Candidate("plain", "points", 900)
    assert ranked(loved, gone, plain) == ["plain", "gone", "loved"]


def test_equal_scores_go_by_price_then_by_code():
    candidates = [
        Candidate(code, "points", price) for code, price in (("c", 2), ("a", 2), ("b", 1))
    ]
    assert ranked(*candidates) == ["b", "a", "c"]


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        code=st.sampled_from([f"r{n}" for n in range(12)]),
        unit=st.sampled_from(["points", "stars", "miles"]),
        price=st.integers(0, 1000),
        short=st.integers(0, 1000),
        available=st.booleans(),
        labels=st.lists(st.sampled_from(["coffee", "tea", "cake", "wine"]), max_size=3).map(tuple),
        kind=st.sampled_from(["discount", "charity"]),
        chosen=st.integers(0, 6),
        others=st.integers(0, 2000),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda one: one.code,
)


@settings(max_examples=100)
@given(CANDIDATES, st.randoms(use_true_random=False))
def test_the_order_of_candidates_changes_nothing(candidates, dice):
    found = rank(candidates, TASTES, units=UNITS)
    mixed = list(candidates)
    dice.shuffle(mixed)
    assert rank(mixed, TASTES, units=UNITS) == found
    assert sorted(one.candidate for one in found) == sorted(candidates)
    assert [one.now for one in found] == sorted((one.now for one in found), reverse=True)
    for before, after in pairwise(found):
        assert before.now > after.now or sum(before.score) >= sum(after.score)
    assert all(one.reason.endswith(".") and ".." not in one.reason for one in found)


@settings(max_examples=100)
@given(CANDIDATES, st.integers(0, 1000), st.integers(0, 5))
def test_more_affordable_and_more_loved_never_ranks_lower(candidates, less, more):
    first, *others = candidates
    changed = (
        first,
        first._replace(short=max(0, first.short - less)),
        first._replace(price=max(0, first.price - less), short=max(0, first.short - less)),
        first._replace(chosen=first.chosen + more),
        first._replace(others=first.others + more),
        first._replace(labels=(*first.labels, "coffee")),
        first._replace(available=True),
    )
    usual, *better = [ranked(one, *others).index(first.code) for one in changed]
    assert all(place <= usual for place in better)
