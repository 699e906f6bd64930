"""Movements of returns, their sums, and totals that cannot be."""

from datetime import date

import pytest

from pointbook.engine.revenue.cohorts import CohortError, Drawn, Movement, claw_back, merge
from tests.engine.revenue.books import key, state

JAN, FEB = key(), key(issued_on=date(2025, 2, 1))


def test_a_return_that_finds_its_points_in_two_months_and_misses_some():
    draws = [Drawn(JAN, 30, 20), Drawn(FEB, 30, 45)]
    clamped = claw_back(award=JAN, share=50, points=100, draws=draws, owed=False)
    assert clamped == (
        Movement(key=JAN, clawed_back=30, clawed_back_allocated=20, returned_share=15),
        Movement(key=FEB, clawed_back=30, clawed_back_allocated=45, returned_share=15),
        Movement(key=JAN, forgone_share=20),
    )
    owing = claw_back(award=JAN, share=50, points=100, draws=draws, owed=True)
    assert owing[-1] == Movement(key=JAN, owed_share=20)


def test_a_return_that_finds_all_its_points():
    draws = [Drawn(JAN, 100, 50)]
    (only,) = claw_back(award=JAN, share=50, points=100, draws=draws, owed=True)
    assert only.returned_share == 50


def test_more_than_was_asked_cannot_be_drawn():
    with pytest.raises(CohortError, match="1 points more"):
        claw_back(award=JAN, share=5, points=9, draws=[Drawn(JAN, 10, 5)], owed=True)


def test_movements_add_up_by_cohort():
    first, second = Movement(key=FEB, issued=3, burned=1), Movement(key=FEB, issued=4, settled=2)
    january = Movement(key=JAN, expired=5)
    assert merge([first, january, second]) == (
        january,
        Movement(key=FEB, issued=7, burned=1, settled=2),
    )


@pytest.mark.parametrize(
    "totals", [{"redeemed": 1}, {"expired": 1}, {"allocated": -1}, {"issued": -1}]
)
def test_totals_that_contradict_each_other_are_refused(totals):
    with pytest.raises(CohortError, match="contradict"):
        state(**totals)


@pytest.mark.parametrize("rate", ["1.01", "-0.01"])
def test_a_rate_is_between_nothing_and_all(rate):
    with pytest.raises(CohortError):
        state(rate=rate)
