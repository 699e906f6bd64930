"""What a period posts: Example 52 with its accounts, the order of events, and the corners."""

from decimal import Decimal

import pytest

from pointbook.engine.revenue.cohorts import CohortError, Movement
from pointbook.engine.revenue.matrix import Line
from pointbook.engine.revenue.policies import Event
from pointbook.engine.revenue.recognition import InForce, expected, journal, liability, post_period
from tests.engine.revenue.books import key, post, state


def lines(posted):
    """Event -> its lines, as (account, debit, credit)."""
    return {entry.event: entry.lines for entry in journal(posted.entries)}


def test_example_52_from_sale_to_closed_books():
    # IFRS 15 IE267-IE270: a price of 100,000 of which 8,676 is deferred for 10,000 points.
    first = post(state(rate="0.95"), issued=10_000, allocated=8_676, burned=4_500)
    assert lines(first) == {
        Event.NEW: (Line("2100", 0, 8_676), Line("4000", 8_676, 0)),
        Event.BURN: (Line("2100", 4_110, 0), Line("4010", 0, 4_110)),
    }
    second = post(first.after, rate="0.97", burned=4_000)
    # Revenue of 3,493: 3,653 for points used, less 160 because more are now expected to be.
    assert lines(second) == {
        Event.BURN: (Line("2100", 3_653, 0), Line("4010", 0, 3_653)),
        Event.ESTIMATE: (Line("2100", 0, 160), Line("4015", 160, 0)),
    }
    assert liability(second.after) == 1_073
    assert expected(second.after) == 9_700


@pytest.mark.parametrize(
    ("rate", "totals", "hoped", "owed"),
    [
        ("0.8", {"issued": 100, "redeemed": 40}, 80, 50),
        ("0.1", {"issued": 100, "redeemed": 40}, 40, 0),  # E = R: nothing is left to recognise
        ("1", {"issued": 100, "redeemed": 40, "expired": 30}, 70, 43),  # held by what still can be
        ("0", {"issued": 100}, 0, 100),  # nothing expected, nothing used: all is still owed
        ("1", {"issued": 100, "redeemed": 60, "expired": 40}, 60, 0),
        ("0.5", {"issued": 100, "expired": 100}, 0, 0),
    ],
)
def test_the_liability(rate, totals, hoped, owed):
    cohort = state(rate=rate, allocated=100, **totals)
    assert (expected(cohort), liability(cohort)) == (hoped, owed)


def test_halves_of_a_cent_are_recognised():
    assert liability(state(issued=2, redeemed=1, allocated=1)) == 0


def test_expected_expiry_posts_nothing_and_the_rest_is_breakage():
    before = state(rate="0.8", issued=100, redeemed=40, allocated=100)
    expected_only = post(before, expired=20)
    assert lines(expected_only) == {}
    assert lines(post(expected_only.after, expired=40)) == {
        Event.EXPIRY: (Line("2100", 50, 0), Line("4020", 0, 50))
    }


def test_a_return_whose_points_came_out_of_dearer_lots():
    before = state(issued=100, redeemed=20, allocated=100)
    posted = post(before, clawed_back=10, clawed_back_allocated=15, returned_share=8)
    # The liability falls by 15 - what the burned points had of it; 8 goes back to revenue.
    assert lines(posted) == {
        Event.CLAW_BACK: (Line("2100", 14, 0), Line("4000", 0, 8), Line("4010", 0, 6))
    }


def test_points_that_cannot_be_recovered():
    before = state(issued=100, redeemed=100, allocated=100)
    assert lines(post(before, owed_share=7)) == {
        Event.SHORTFALL_OWED: (Line("1180", 7, 0), Line("4000", 0, 7))
    }
    assert lines(post(before, forgone_share=7)) == {
        Event.SHORTFALL_FORGONE: (Line("4000", 0, 7), Line("4090", 7, 0))
    }


def test_a_later_award_repays_owed_points():
    posted = post(state(), issued=100, allocated=100, repaid=10, repaid_allocated=10, settled=7)
    assert lines(posted) == {
        Event.NEW: (Line("2100", 0, 100), Line("4000", 100, 0)),
        Event.REPAYMENT: (Line("1180", 0, 7), Line("2100", 10, 0), Line("4010", 0, 3)),
    }


def test_a_cancelled_burn_swaps_the_sides():
    before = state(issued=100, redeemed=50, allocated=100)
    assert lines(post(before, cancelled_burns=20)) == {
        Event.CANCELLED_BURN: (Line("2100", 0, 20), Line("4010", 20, 0))
    }


def test_a_burn_cancelled_in_its_own_period_only_reduces_it():
    posted = post(state(issued=100, redeemed=10, allocated=100), burned=50, cancelled_burns=30)
    assert [(entry.event, entry.points) for entry in posted.entries] == [
        (Event.CANCELLED_BURN, 10),
        (Event.BURN, -30),
    ]
    assert posted.after.redeemed == 30


def test_points_that_come_back_after_they_expired_are_owed_again():
    before = state(rate="0.8", issued=100, redeemed=40, expired=60, allocated=100)
    assert liability(before) == 0
    posted = post(before, reinstated=60)
    assert lines(posted) == {
        Event.REINSTATEMENT: (Line("2100", 0, 50), Line("4020", 50, 0)),
    }
    assert (posted.after.expired, posted.after.outstanding) == (0, 60)


def test_points_reinstated_in_the_period_in_which_they_expired_only_reduce_it():
    before = state(issued=100, expired=10, allocated=100)
    posted = post(before, expired=50, reinstated=30)
    assert [(entry.event, entry.points) for entry in posted.entries] == [
        (Event.REINSTATEMENT, 10),
        (Event.EXPIRY, -30),
    ]
    assert posted.after.expired == 30


def test_a_late_award_into_a_cohort_that_was_used():
    # The frozen share leaves goods in full; what earlier burns make of it goes to points redeemed.
    before = state(rate="0.5", issued=100, redeemed=50, allocated=100)
    assert liability(before) == 0
    assert lines(post(before, issued=10, allocated=20)) == {
        Event.NEW: (Line("2100", 0, 11), Line("4000", 20, 0), Line("4010", 0, 9))
    }


def test_a_cohort_without_points_starts_at_the_rate_in_force():
    posted = post(state(rate="1"), rate="0.5", issued=100, allocated=100, burned=25)
    assert [entry.event for entry in posted.entries] == [Event.NEW, Event.BURN]
    assert liability(posted.after) == 50


@pytest.mark.parametrize(("burned", "stale"), [(49, False), (50, True), (60, True), (100, False)])
def test_a_stale_estimate_is_said(burned, stale):
    posted = post(state(rate="0.5"), issued=100, allocated=100, burned=burned)
    assert posted.stale_estimate is stale


def test_breakage_inside_redemptions_is_what_was_released_beyond_the_points_own_price():
    posted = post(state(rate="0.9"), issued=1_000, allocated=1_000, burned=540)
    assert (posted.entries[-1].change, posted.entries[-1].breakage) == (-600, 60)
    undone = post(posted.after, cancelled_burns=540)
    assert (undone.entries[0].change, undone.entries[0].breakage) == (600, -60)


@pytest.mark.parametrize(
    "moved",
    [
        {"burned": 101},
        {"expired": 101},
        {"clawed_back": 101},
        {"clawed_back": 1, "clawed_back_allocated": 101},
        {"cancelled_burns": 1},
        {"reinstated": 1},
        {"burned": -1},
    ],
)
def test_no_more_can_be_taken_than_there_is(moved):
    with pytest.raises(CohortError):
        post(state(issued=100, allocated=100), **moved)


def test_a_movement_belongs_to_its_cohort():
    stranger = Movement(key=key(unit="miles"))
    with pytest.raises(CohortError, match="the movement is of"):
        post_period(before=state(), movement=stranger, now=InForce(Decimal(1)))


def test_one_journal_entry_for_each_entity_and_currency():
    posted = [
        post(state(of=key(entity=entity, currency=currency)), issued=10, allocated=4)
        for entity in ("north", "main")
        for currency in ("USD", "EUR")
    ]
    made = journal(entry for one in posted for entry in one.entries)
    assert [(entry.entity, entry.currency) for entry in made] == [
        ("main", "EUR"), ("main", "USD"), ("north", "EUR"), ("north", "USD")
    ]  # fmt: skip


def test_what_moves_no_account_makes_no_entry():
    posted = post(state(), issued=10, allocated=0)
    assert posted.entries[0].points == 10
    assert journal(posted.entries) == ()
