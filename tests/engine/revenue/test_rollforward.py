"""Roll-forwards of cohort entries: gross lines, the memo, and what does not tie."""

import pytest

from pointbook.engine.revenue.rollforward import (
    Holding,
    RollForwardError,
    Step,
    foot,
    holding,
    roll_forward,
)
from tests.engine.revenue.books import key, post, state


def test_a_life_in_points_and_money():
    before = state(rate="0.8", issued=100, redeemed=40, allocated=100)
    posted = post(
        before,
        rate="0.9",
        issued=20,
        allocated=20,
        cancelled_burns=5,
        clawed_back=10,
        clawed_back_allocated=10,
        returned_share=10,
        forgone_share=3,
        repaid=10,
        repaid_allocated=10,
        settled=10,
        burned=25,
        expired=25,
        reinstated=5,
    )
    table = roll_forward(
        opening=holding([before]), entries=posted.entries, closing=holding([posted.after])
    )
    assert table.points.steps == (
        Step("earned", 20),
        Step("redeemed", -20),
        Step("expired", -20),
        Step("reinstated", 0),
        Step("clawed_back", -10),
        Step("repaid", -10),
    )
    assert (table.points.opening, table.points.closing) == (60, 20)
    assert {step.name: step.amount for step in table.money.steps} == {
        "new": 20,
        "redeemed": -25,
        "breakage": 0,
        "reinstated": 0,
        "estimate_change": 0,
        "claw_back": -20,
        "acquired": 0,
        "fx": 0,
    }
    assert (table.money.opening, table.money.closing) == (50, 25)
    assert table.breakage_in_redemptions == 5
    assert table.money.amount("none such") == 0


def test_a_table_that_does_not_tie_says_by_how_much():
    with pytest.raises(RollForwardError, match="12, but the balance is 13: 1 off"):
        foot(opening=10, movements={"new": 2}, closing=13)
    with pytest.raises(RollForwardError):
        foot(opening=0, movements={}).then(foot(opening=1, movements={}))


def test_unlike_things_are_not_added():
    posted = [post(state(of=key(unit=unit)), issued=1, allocated=1) for unit in ("points", "miles")]
    with pytest.raises(RollForwardError, match="cannot be added"):
        roll_forward(
            opening=Holding(0, 0), entries=[entry for one in posted for entry in one.entries]
        )
