"""Standings by spend in a window: to the second, up and down, with returns and late purchases."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.rules.blueprint import Tiers
from pointbook.engine.rules.tiers import Ladder, Move, Spend, Standing
from tests.engine.sketches import LADDER, YEARLY, at

YEAR = Ladder(YEARLY, zone=UTC)
SECOND = timedelta(seconds=1)


def bought(standing, when, amount, ladder=YEAR):
    """A purchase; the move it makes, if any."""
    moment = at(when) if isinstance(when, str) else when
    standing.add(Spend(moment, amount))
    return standing.review(moment, ladder)


@pytest.mark.parametrize(
    ("measure", "tier"),
    [
        *((-5, "insider"), (0, "insider"), (34999, "insider"), (35000, "vib"), (99999, "vib")),
        *((100000, "rouge"), (10**9, "rouge")),
    ],
)
def test_a_rung_is_reached_at_its_threshold(measure, tier):
    assert YEAR.reached(measure) == tier


def test_a_year_of_a_member():
    standing = Standing()
    first = bought(standing, "2025-01-01 10:00", 10000)
    assert first == Move(at("2025-01-01 10:00"), "", "insider", 10000, 0)  # no move up
    assert bought(standing, "2025-02-01", 24999) is None
    assert bought(standing, "2025-02-02", 1).step == 1
    assert bought(standing, "2025-03-01", 65000).after == "rouge"
    # One year to the second after the first purchase it no longer counts: $900.01 are left.
    assert bought(standing, "2026-01-01 10:00", 1) == Move(
        at("2026-01-01 10:00"), "rouge", "vib", 90001, -1
    )
    # Long away: down two rungs in one move.
    assert bought(standing, "2027-12-01", 70000) is None
    assert bought(standing, "2028-01-01", 40000).after == "rouge"
    down = bought(standing, "2029-06-01", 100)
    assert (down.before, down.after, down.step, down.measure) == ("rouge", "insider", -2, 100)
    up = bought(standing, "2029-06-02", 100000)
    assert (up.before, up.after, up.step) == ("insider", "rouge", 2)


@pytest.mark.parametrize(("later", "measure"), [(-SECOND, 200), (0 * SECOND, 100), (SECOND, 100)])
def test_a_rolling_window_is_365_times_24_hours_and_open_at_its_start(later, measure):
    standing, first = Standing(), at("2024-01-15 08:30:00")  # over a leap day
    bought(standing, first, 100)
    bought(standing, first + timedelta(days=365) + later, 100)
    assert standing.measure == measure


@pytest.mark.parametrize(
    ("window", "before", "after"),
    [
        ("calendar_year", "2025-01-01 04:59:59", "2025-01-01 05:00:00"),
        ("calendar_month", "2025-04-01 03:59:59", "2025-04-01 04:00:00"),
        ("calendar_month", "2025-12-01 04:59:59", "2025-12-01 05:00:00"),
    ],
)
def test_calendar_windows_begin_at_midnight_of_the_zone(window, before, after):
    """New York's midnight is 5:00 UTC in winter and 4:00 in summer."""
    ladder = Ladder(Tiers(window, 0, LADDER), zone=ZoneInfo("America/New_York"))
    standing = Standing()
    bought(standing, before, 40000, ladder)
    assert standing.tier == "vib"
    down = bought(standing, after, 100, ladder)
    assert (down.after, down.measure) == ("insider", 100)
    bought(standing, at(after) + 27 * timedelta(days=1), 34900, ladder)
    assert (standing.tier, standing.measure) == ("vib", 35000)


def test_a_return_takes_its_amount_off_at_the_time_of_its_purchase():
    standing = Standing()
    bought(standing, "2025-01-01", 40000)
    standing.add(Spend(at("2025-01-01"), -30000))
    assert standing.tier == "vib"  # until the next purchase
    assert bought(standing, "2025-02-01", 100).measure == 10100
    assert bought(standing, "2026-01-01 00:00:01", 50) is None
    assert standing.measure == 150  # both left the window together


def test_a_return_of_a_purchase_that_left_the_window_changes_nothing():
    standing = Standing()
    bought(standing, "2025-01-01", 40000)
    bought(standing, "2026-06-01", 10000)
    standing.add(Spend(at("2025-01-01"), -40000))
    assert standing.measure == 10000


def test_a_late_purchase_counts_where_it_happened_and_the_standing_is_the_latest():
    standing = Standing()
    bought(standing, "2025-01-01", 100)
    bought(standing, "2026-03-01", 34000)
    move = bought(standing, "2025-04-01", 1000)
    assert move == Move(at("2026-03-01"), "insider", "vib", 35000, 1)
    assert bought(standing, "2025-02-01", 5000) is None  # before the window of 2026-03-01
    assert standing.measure == 35000


def test_a_longer_window_of_a_new_version_brings_spend_back():
    month = Ladder(Tiers("calendar_month", 0, LADDER), zone=UTC)
    standing = Standing()
    bought(standing, "2025-01-10", 20000, month)
    bought(standing, "2025-02-10", 20000, month)
    assert (standing.tier, standing.measure) == ("insider", 20000)
    assert bought(standing, "2025-03-10", 0).after == "vib"
    assert standing.measure == 40000


def test_a_tier_that_is_no_longer_on_the_ladder_makes_no_step():
    standing = Standing(tier="gold")
    assert bought(standing, "2025-01-01", 40000) == Move(at("2025-01-01"), "gold", "vib", 40000, 0)


def test_a_standing_is_taken_up_where_it_was_left():
    history = [Spend(at("2025-02-01"), 20000), Spend(at("2025-01-01"), 14000)]
    standing = Standing(tier="insider", history=history, last_at=at("2025-02-01"))
    assert bought(standing, "2025-03-01", 1000).after == "vib"


SPENDS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 60000)), max_size=25)


@settings(deadline=None)
@given(SPENDS, st.sampled_from([("rolling_days", 7), ("calendar_month", 0), ("calendar_year", 0)]))
def test_the_measure_is_the_spend_in_the_window_whatever_the_order(spends, window):
    kind, days = window
    ladder = Ladder(Tiers(kind, days, LADDER), zone=UTC)
    start, standing, seen = at("2024-12-20"), Standing(), []
    for day, amount in spends:
        when = start + timedelta(days=day)
        seen.append(Spend(when, amount))
        bought(standing, when, amount, ladder)
        latest = max(spend.at for spend in seen)
        after = ladder.starts_after(latest)
        expected = sum(spend.amount for spend in seen if spend.at > after)
        assert standing.measure == expected
        assert standing.tier == ladder.reached(expected)
