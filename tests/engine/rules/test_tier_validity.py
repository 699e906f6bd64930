"""Tiers that are kept for a time: their ends, renewals, reviews, and how far down they go.

The midnight after the last day is the end: until 2028-01-01 is valid to 31 December 2027.
"""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from pointbook.engine.rules.blueprint import Rung, Tiers, Validity, Window
from pointbook.engine.rules.tiers import Move
from tests.engine.rules.ladders import (
    BEAUTY,
    CALENDAR_MONTH,
    CALENDAR_YEAR,
    LIFETIME,
    SINCE_REVIEW,
    YEAR,
    Life,
    at,
    earned,
    rungs,
    spend,
    tiers,
    told,
)

WARSAW = ZoneInfo("Europe/Warsaw")
MONTH = Window("rolling_days", 30)
NEXT_YEAR = ("end_of_year", 1)
# Levels of Open Loyalty: docs/userguide, "Level downgrade settings".
LEVELS = {"level 0": 0, "level 1": 10, "level 2": 30, "level 3": 100}


def sephora(**terms):
    """VIB at 350.00 and Rouge at 1,000.00 of a calendar year, kept to the end of the next.

    https://www.sephora.com/beauty/loyalty-program
    """
    terms = {"window": CALENDAR_YEAR, "validity": NEXT_YEAR, **terms}
    return Life(tiers(BEAUTY, **terms))


@pytest.mark.parametrize(
    ("minor", "tier", "until"),
    [(34999, "insider", None), (35000, "vib", "2028-01-01"), (100000, "rouge", "2028-01-01")],
)
def test_status_of_a_calendar_year_is_kept_to_the_end_of_the_next(minor, tier, until):
    life = sephora()
    life.buy("2026-03-10", minor)
    assert (life.tier, life.until, life.due()) == (tier, until, until)
    assert life.wait("2027-12-31 23:59:59") == []
    assert told(life.wait("2028-01-01")) == (
        [] if until is None else [("2028-01-01", tier, "insider", "review")]
    )
    assert (life.tier, life.until, life.due()) == ("insider", None, None)


def test_who_spends_enough_in_the_next_year_keeps_the_status_a_year_longer():
    life = sephora()
    life.buy("2026-11-30", 35000)
    assert life.buy("2026-12-31", 10000) == []  # the same year, the same end
    assert life.buy("2027-02-01", 34999) == []
    (renewed,) = life.buy("2027-06-01", 1)
    assert renewed == Move(
        *(at("2027-06-01"), "vib", "vib", 35000, 0, "tiers", "renewed", at("2029-01-01")),
    )
    assert told(life.wait("2030-01-01")) == [("2029-01-01", "vib", "insider", "review")]


def test_who_spent_less_than_before_falls_to_what_that_reaches():
    """A review gives what the year that ended was worth, and as long: to 31 December 2028."""
    life = sephora()
    life.buy("2026-05-01", 100000)
    life.buy("2027-05-01", 40000)
    (fall,) = life.wait("2028-01-01")
    assert (fall.before, fall.after, fall.step, fall.measure) == ("rouge", "vib", -1, 40000)
    assert life.until == "2029-01-01"
    assert told(life.wait("2029-01-01")) == [("2029-01-01", "vib", "insider", "review")]


def test_dates_are_midnights_of_the_program():
    life = Life(tiers(window=CALENDAR_YEAR, validity=NEXT_YEAR), zone=WARSAW)
    life.buy(at("2026-12-31 23:30"), 100)  # 2027 in Warsaw
    assert life.standing.until == at("2028-12-31 23:00")
    assert life.wait(at("2028-12-31 22:59:59")) == []
    assert len(life.wait(at("2028-12-31 23:00"))) == 1


@pytest.mark.parametrize(
    ("validity", "reached", "until"),
    [
        # Voucherify's figures: 30 days from 20 July are over at 00:00 on 20 August. The days after
        # the one on which the tier was reached are counted.
        # https://support.voucherify.io/article/587-tier-qualification
        (("days", 30), "2026-07-20 15:00", "2026-08-20"),
        (("days", 30), "2026-07-20 00:00", "2026-08-20"),
        # To the end of the month, of the next month, and 7 days more: 31 March, 30 April, 7 April.
        (("end_of_month", 0), "2026-03-10", "2026-04-01"),
        (("end_of_month", 1), "2026-03-10", "2026-05-01"),
        (("end_of_month", 0, 7), "2026-03-10", "2026-04-08"),
        (("end_of_month", 1), "2026-12-31", "2027-02-01"),
        # 12 months from 1 January 2024 are lost on 2 January 2025.
        # https://support.purebaby.com.au/article/n4ne5drvxr-does-my-tier-status-expire
        (("months", 12), "2024-01-01", "2025-01-02"),
        (("months", 1), "2026-01-31", "2026-03-01"),
        (("end_of_year", 0), "2026-03-10", "2027-01-01"),
        (("membership_year", 0), "2026-03-10", "2027-02-15"),
        (("membership_year", 1), "2026-02-14", "2027-02-15"),
        (("for_ever",), "2026-03-10", None),
        (("purchase",), "2026-03-10", None),
    ],
)
def test_the_end_of_a_tier(validity, reached, until):
    life = Life(tiers(validity=validity), joined="2020-02-15")
    life.buy(reached, 100)
    assert (life.tier, life.until) == ("silver", until)


def test_years_of_membership_are_calendar_years_for_who_joined_nobody_knows_when():
    life = Life(tiers(validity=("membership_year", 0)))
    life.buy("2026-03-10", 100)
    assert life.until == "2027-01-01"


@pytest.mark.parametrize(
    ("validity", "ends"),
    [
        (("days", 30), ["2026-04-01", "2026-05-01", "2026-05-31"]),
        (("months", 1), ["2026-04-02", "2026-05-02", "2026-06-02"]),
        (("end_of_month", 0), ["2026-04-01", "2026-05-01", "2026-06-01"]),
        (("end_of_month", 1), ["2026-05-01", "2026-06-01", "2026-07-01"]),
        (("end_of_month", 0, 7), ["2026-04-08", "2026-05-08", "2026-06-08"]),
        (("end_of_year", 0), ["2027-01-01", "2028-01-01", "2029-01-01"]),
        (("end_of_year", 1), ["2028-01-01", "2029-01-01", "2030-01-01"]),
        (("membership_year", 0), ["2027-02-15", "2028-02-15", "2029-02-15"]),
    ],
)
def test_a_review_renews_for_as_long_again(validity, ends):
    """Whatever was ever spent meets the needs for ever."""
    life = Life(tiers(window=LIFETIME, validity=validity), joined="2020-02-15")
    life.buy("2026-03-01", 100)
    for n, end in enumerate(ends):
        assert (life.tier, life.until) == ("silver", end)
        assert told(life.wait(end)) == [(end, "silver", "silver", "renewed")], n


# Talon.One: one_down is a tier lower, balance_based what the points are worth; talon_one.js,
# docs/Tier.md. none is Open Loyalty's mode "None": a level does not decrease.
@pytest.mark.parametrize(
    ("downgrade", "then", "until", "at_last"),
    [
        ("one_step", "silver", "2026-07-02", "bronze"),
        ("full", "bronze", None, "bronze"),
        ("none", "gold", None, "gold"),
    ],
)
def test_how_far_down(downgrade, then, until, at_last):
    terms = tiers(measure=earned(MONTH), validity=("months", 1), downgrade=downgrade)
    life = Life(terms)
    life.count("2026-05-01", earned=500)
    assert (life.tier, life.until) == ("gold", "2026-06-02")
    life.wait("2026-06-02")
    assert (life.tier, life.until) == (then, until)
    life.wait("2030-01-01")
    assert (life.tier, life.until, life.due()) == (at_last, None, None)


def test_one_step_down_is_never_below_what_is_reached():
    life = Life(tiers(window=MONTH, validity=("days", 40), downgrade="one_step"))
    life.buy("2026-05-01", 500)
    life.buy("2026-06-01", 100)
    life.wait("2026-06-11")
    assert (life.tier, life.until) == ("silver", "2026-07-21")
    life.buy("2026-07-20", 500)
    assert (life.tier, life.until) == ("gold", "2026-08-30")


def test_a_tier_kept_for_ever_is_not_renewed_but_a_higher_one_has_a_date():
    life = Life(tiers(window=MONTH, validity=("days", 30), downgrade="none"))
    life.buy("2026-05-01", 100)
    (kept,) = life.wait("2027-01-01")
    assert (kept.kind, kept.until, kept.at) == ("renewed", None, at("2026-06-01"))
    assert life.buy("2027-02-01", 100) == []
    life.buy("2027-02-02", 400)
    assert (life.tier, life.until) == ("gold", "2027-03-05")


def test_points_that_are_spent_or_taken_back_lower_nothing_before_the_end():
    """Burned points stay earned; what is clawed back counts at the next review."""
    life = Life(tiers(measure=earned(YEAR), validity=("end_of_year", 0)))
    life.count("2026-03-01", earned=500)
    assert life.count("2026-04-01", earned=0) == []
    assert life.count("2026-05-01", earned=-450) == []
    assert life.tier == "gold"
    assert told(life.wait("2027-01-01")) == [("2027-01-01", "gold", "bronze", "review")]


def test_days_of_grace_put_the_review_off():
    life = sephora(grace_days=30)
    life.buy("2026-05-01", 35000)
    assert (life.until, life.due()) == ("2028-01-01", "2028-01-31")
    assert life.wait("2028-01-30") == []
    assert life.tier == "vib"
    assert told(life.wait("2028-01-31")) == [("2028-01-31", "vib", "insider", "review")]


def test_who_meets_the_needs_within_the_days_of_grace_keeps_the_tier():
    life = sephora(grace_days=30)
    life.buy("2026-05-01", 35000)
    assert told(life.buy("2028-01-20", 35000)) == [("2028-01-20", "vib", "vib", "renewed")]
    assert life.until == "2030-01-01"


@pytest.mark.parametrize(
    ("bought", "tier", "until"),
    [
        ("2026-03-05", "silver", "2026-05-01"),  # by the end of the grace it left the window
        ("2026-04-05", "silver", "2026-05-11"),  # within the grace: renewed from then on
        ("2026-02-28", "bronze", None),
    ],
)
def test_a_review_after_days_of_grace_takes_the_better_of_both_windows(bought, tier, until):
    terms = tiers(window=MONTH, validity=("days", 30), grace_days=10, upgrade="at_review")
    life = Life(terms, joined="2026-01-31")
    life.buy("2026-02-01", 100)
    life.wait("2026-03-02")
    assert (life.tier, life.until, life.due()) == ("silver", "2026-04-01", "2026-04-11")
    life.buy(bought, 100)
    life.wait("2026-04-11")
    assert (life.tier, life.until) == (tier, until)


def test_upgrades_at_review_wait_for_the_end_of_the_period():
    """Earned in 2026, kept in 2027: who began is reviewed when the calendar year ends."""
    terms = tiers(window=CALENDAR_YEAR, validity=("end_of_year", 0), upgrade="at_review")
    life = Life(terms)
    assert told(life.buy("2026-03-01", 500)) == [("2026-03-01", "", "bronze", "reached")]
    assert (life.until, life.due()) == (None, "2027-01-01")
    (rise,) = life.wait("2027-06-01")
    assert rise == Move(
        *(at("2027-01-01"), "bronze", "gold", 500, 2, "tiers", "review", at("2028-01-01")),
    )
    life.buy("2027-07-01", 100)
    assert life.until == "2028-01-01"  # only reviews renew
    assert told(life.wait("2029-01-01")) == [
        ("2028-01-01", "gold", "silver", "review"),
        ("2029-01-01", "silver", "bronze", "review"),
    ]
    assert life.due() == "2030-01-01"


@pytest.mark.parametrize(
    ("window", "validity", "due"),
    [
        (CALENDAR_MONTH, ("end_of_year", 0), ["2026-04-01", "2026-05-01"]),
        (Window("membership_year"), ("end_of_year", 0), ["2027-02-15", "2028-02-15"]),
        # Days count from the joining, in steps.
        (MONTH, ("end_of_year", 0), ["2026-03-17", "2026-04-16"]),
        # These windows have no end of their own: reviewed as tiers are.
        (LIFETIME, ("end_of_month", 1), ["2026-04-01", "2026-05-01"]),
        (SINCE_REVIEW, ("months", 3), ["2026-05-16", "2026-08-16"]),
        (LIFETIME, ("for_ever",), ["2027-01-01", "2028-01-01"]),
    ],
)
def test_who_has_no_date_is_reviewed_at_the_end_of_each_period(window, validity, due):
    life = Life(
        tiers(window=window, validity=validity, upgrade="at_review"), joined="2026-02-15 11:00"
    )
    life.buy("2026-03-10", 0)
    assert life.due() == due[0]
    assert life.wait(due[0]) == []
    assert life.due() == due[1]


def test_the_first_review_counts_from_the_first_fact_when_nobody_knows_the_joining():
    life = Life(tiers(window=MONTH, validity=("days", 60), upgrade="at_review"))
    life.buy("2026-03-10 12:00", 100)
    assert life.due() == "2026-04-09"
    assert told(life.wait("2026-04-09")) == [("2026-04-09", "bronze", "silver", "review")]
    assert life.until == "2026-06-08"


def test_a_tier_for_ever_is_raised_by_reviews_and_never_lowered():
    life = Life(tiers(window=CALENDAR_YEAR, validity=("for_ever",), upgrade="at_review"))
    life.buy("2026-03-10", 100)
    life.wait("2027-01-01")
    assert (life.tier, life.until, life.due()) == ("silver", None, "2028-01-01")
    assert life.wait("2028-01-01") == []
    life.buy("2028-03-10", 500)
    life.wait("2029-01-01")
    assert (life.tier, life.due()) == ("gold", None)  # nothing is above


@pytest.mark.parametrize(("points", "level"), [(5, "level 0"), (10, "level 1"), (30, "level 2")])
def test_levels_by_points_since_the_last_review(points, level):
    """Open Loyalty: 10 and 20 points make level 2; a year later the points of that year count."""
    measure = earned(SINCE_REVIEW)
    life = Life(tiers(LEVELS, measure=measure, validity=("days", 365)), joined="2025-01-01")
    life.count("2025-02-01", earned=10)
    life.count("2025-03-01", earned=20)
    assert (life.tier, life.until) == ("level 2", "2026-03-02")
    life.wait("2026-03-02")
    assert (life.tier, life.until, life.total("2026-03-02")) == ("level 2", "2027-03-02", 0)
    life.count("2026-06-01", earned=5)
    assert life.total("2026-06-01") == 5  # points since the last recalculation
    life.count("2026-07-01", earned=points - 5)
    life.wait("2027-07-02")  # 30 points renewed level 2 on 1 July
    assert (life.tier, life.total("2027-07-02")) == (level, 0)
    life.wait("2029-01-01")
    assert life.tier == "level 0"


def test_measures_since_review_begin_anew_for_who_has_no_date_too():
    life = Life(
        tiers(LEVELS, measure=earned(SINCE_REVIEW), validity=("days", 365)), joined="2025-01-01"
    )
    life.count("2025-02-01", earned=5)
    assert life.due() == "2026-01-01"
    life.wait("2026-01-01")
    life.count("2026-02-01", earned=5)
    assert (life.tier, life.total("2026-02-01")) == ("level 0", 5)
    kept = Life(tiers(LEVELS, measure=earned(SINCE_REVIEW), validity=("for_ever",)))
    kept.count("2025-02-01", earned=5)
    assert kept.due() is None


def test_lifetime_tiers_are_never_lost():
    terms = tiers(window=MONTH, validity=("days", 30), lifetime=("silver",), downgrade="full")
    life = Life(terms)
    life.buy("2026-05-01", 500)
    assert (life.tier, life.until) == ("gold", "2026-06-01")  # gold is not for a lifetime
    assert told(life.wait("2030-01-01")) == [("2026-06-01", "gold", "silver", "review")]
    assert (life.until, life.due()) == (None, None)
    assert told(life.buy("2030-01-02", 500)) == [("2030-01-02", "silver", "gold", "reached")]


def test_lifetime_tiers_that_purchases_judge():
    life = Life(tiers(window=MONTH, lifetime=("silver",)))
    life.buy("2026-05-01", 500)
    life.buy("2027-05-01", 1)
    assert (life.tier, life.until) == ("silver", None)


def test_what_comes_late_counts_at_its_own_time():
    """300.00 in December, 10.00 in January, and 100.00 of December that are told in January."""
    life = sephora()
    life.buy("2026-12-01", 30000)
    life.buy("2027-01-05", 1000)
    (move,) = life.buy("2026-12-20", 10000)
    assert (move.after, move.until) == ("vib", at("2028-01-01"))
    assert move.at == at("2027-01-05")


def test_what_comes_late_counts_with_what_came_after_it():
    """Within 30 days of the late one the needs were met; what would be over by now is not given."""
    terms = tiers(window=MONTH, validity=("days", 60))
    for last, ends in (("2026-05-05", [at("2026-05-20")]), ("2026-06-05", [])):
        life = Life(terms)
        for day in ("2026-03-01", "2026-03-20", last):
            life.buy(day, 40)
        assert life.tier == "bronze"
        assert [move.until for move in life.buy("2026-03-15", 20)] == ends


def test_a_review_that_was_held_is_mended_by_what_comes_late():
    life = sephora()
    life.buy("2026-05-01", 35000)
    assert life.wait("2028-01-01")
    assert told(life.buy("2027-12-20", 35000)) == [("2028-01-01", "insider", "vib", "reached")]
    assert life.until == "2029-01-01"


def test_reviews_look_back_on_all_measures():
    validity = Validity("end_of_year", 1)
    ladder = (
        Rung("basic", "Basic"),
        Rung("gold", "Gold", {"points": 1000, "spend": 50000}, every=True),
    )
    measures = (earned(CALENDAR_YEAR), spend(CALENDAR_YEAR))
    life = Life(Tiers("tiers", "Tiers", measures, ladder, validity=validity))
    life.count("2026-05-01", earned=1000, spend=50000)
    life.count("2027-05-01", earned=1000, spend=49999)
    assert told(life.wait("2028-01-01")) == [("2028-01-01", "gold", "basic", "review")]


def test_a_fact_runs_what_was_due_before_it():
    life = sephora()
    life.buy("2026-05-01", 35000)
    assert told(life.buy("2028-01-01", 100000)) == [
        ("2028-01-01", "vib", "insider", "review"),
        ("2028-01-01", "insider", "rouge", "reached"),
    ]


def test_a_tier_ends_at_midnight_sharp():
    life = sephora()
    life.buy("2026-05-01", 35000)
    assert life.before("2026-05-01") == "insider"  # a purchase counts just after itself
    life.wait("2028-02-01")
    assert life.before("2027-12-31 23:59:59") == "vib"
    assert life.before("2028-01-01") == "insider"


def test_rungs_are_read_from_one_measure():
    ladder = rungs({"low": 0, "high": 100})
    life = Life(Tiers("tiers", "Tiers", (spend(YEAR),), ladder), zone=UTC)
    life.buy("2026-01-01", 100)
    assert (life.ladder.codes, life.tier) == (("low", "high"), "high")
