"""Standings that purchases judge: to the second, up and down, with returns and late purchases."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.rules.blueprint import Measure, Rung, Tiers, Window
from pointbook.engine.rules.tiers import Ladder, Move, Standing
from pointbook.engine.rules.tiers.measures import Histories, starts_after
from tests.engine.rules.ladders import (
    BEAUTY,
    CALENDAR_MONTH,
    CALENDAR_YEAR,
    LIFETIME,
    YEAR,
    Life,
    at,
    earned,
    spend,
    tiers,
    told,
)

SECOND = timedelta(seconds=1)


def shopper(window=YEAR, **more):
    return Life(tiers(BEAUTY, window=window), **more)


def only(moves):
    """The one move that was made."""
    (move,) = moves
    return move


@pytest.mark.parametrize(
    ("measure", "tier"),
    [
        *((-5, "insider"), (0, "insider"), (34999, "insider"), (35000, "vib"), (99999, "vib")),
        *((100000, "rouge"), (10**9, "rouge")),
    ],
)
def test_a_rung_is_reached_at_its_threshold(measure, tier):
    life = shopper()
    life.buy("2026-01-01", measure)
    assert life.tier == tier


def test_a_year_of_a_member():
    life = shopper()
    first = only(life.buy("2025-01-01 10:00", 10000))
    when = at("2025-01-01 10:00")
    assert first == Move(when, "", "insider", 10000, 0, "tiers", "reached")  # no move up
    assert life.buy("2025-02-01", 24999) == []
    assert only(life.buy("2025-02-02", 1)).step == 1
    assert only(life.buy("2025-03-01", 65000)).after == "rouge"
    # One year to the second after the first purchase it no longer counts: $900.01 are left.
    assert only(life.buy("2026-01-01 10:00", 1)) == Move(
        at("2026-01-01 10:00"), "rouge", "vib", 90001, -1, "tiers", "review"
    )
    # Long away: down two rungs in one move.
    assert life.buy("2027-12-01", 70000) == []
    assert only(life.buy("2028-01-01", 40000)).after == "rouge"
    down = only(life.buy("2029-06-01", 100))
    assert (down.before, down.after, down.step, down.measure) == ("rouge", "insider", -2, 100)
    up = only(life.buy("2029-06-02", 100000))
    assert (up.before, up.after, up.step) == ("insider", "rouge", 2)


@pytest.mark.parametrize(("later", "measure"), [(-SECOND, 200), (0 * SECOND, 100), (SECOND, 100)])
def test_a_rolling_window_is_365_times_24_hours_and_open_at_its_start(later, measure):
    life, first = shopper(), at("2024-01-15 08:30:00")  # over a leap day
    life.buy(first, 100)
    last = first + timedelta(days=365) + later
    life.buy(last, 100)
    assert life.total(last) == measure


@pytest.mark.parametrize(
    ("window", "before", "after"),
    [
        (CALENDAR_YEAR, "2025-01-01 04:59:59", "2025-01-01 05:00:00"),
        (CALENDAR_MONTH, "2025-04-01 03:59:59", "2025-04-01 04:00:00"),
        (CALENDAR_MONTH, "2025-12-01 04:59:59", "2025-12-01 05:00:00"),
    ],
)
def test_calendar_windows_begin_at_midnight_of_the_zone(window, before, after):
    """New York's midnight is 5:00 UTC in winter and 4:00 in summer."""
    life = shopper(window, zone=ZoneInfo("America/New_York"))
    life.buy(at(before), 40000)
    assert life.tier == "vib"
    down = only(life.buy(at(after), 100))
    assert (down.after, down.measure) == ("insider", 100)
    up = only(life.buy(at(after) + 27 * timedelta(days=1), 34900))
    assert (up.after, up.measure) == ("vib", 35000)


def test_a_year_of_membership_begins_with_the_joining():
    life = shopper(Window("membership_year"), joined="2024-03-10")
    life.buy("2026-03-09 23:59", 40000)
    assert life.tier == "vib"
    assert only(life.buy("2026-03-10", 100)).measure == 100


def test_a_return_takes_its_amount_off_at_the_time_of_its_purchase():
    life = shopper()
    life.buy("2025-01-01", 40000)
    life.bring_back("2025-01-01", 30000)
    assert life.tier == "vib"  # until the next purchase
    assert only(life.buy("2025-02-01", 100)).measure == 10100
    assert life.buy("2026-01-01 00:00:01", 50) == []
    assert life.total("2026-01-01 00:00:01") == 150  # both left the window together


def test_a_return_of_a_purchase_that_left_the_window_changes_nothing():
    life = shopper()
    life.buy("2025-01-01", 40000)
    life.buy("2026-06-01", 10000)
    life.bring_back("2025-01-01", 40000)
    assert life.total("2026-06-01") == 10000


def test_a_late_purchase_counts_where_it_happened_and_the_standing_is_the_latest():
    life = shopper()
    life.buy("2025-01-01", 100)
    life.buy("2026-03-01", 34000)
    assert only(life.buy("2025-04-01", 1000)) == Move(
        at("2026-03-01"), "insider", "vib", 35000, 1, "tiers", "reached"
    )
    assert life.buy("2025-02-01", 5000) == []  # before the window of 2026-03-01
    assert life.total("2026-03-01") == 35000


def test_a_longer_window_of_a_new_version_brings_spend_back():
    life = shopper(CALENDAR_MONTH)
    life.buy("2025-01-10", 20000)
    life.buy("2025-02-10", 20000)
    assert (life.tier, life.total("2025-02-10")) == ("insider", 20000)
    life.under(tiers(BEAUTY))
    assert only(life.buy("2025-03-10", 0)).after == "vib"
    assert life.total("2025-03-10") == 40000


def test_a_tier_that_is_no_longer_on_the_ladder_makes_no_step():
    life = shopper()
    life.standing = Standing(tier="gold")
    assert only(life.buy("2025-01-01", 40000)) == Move(
        at("2025-01-01"), "gold", "vib", 40000, 0, "tiers", "reached"
    )


def test_a_standing_is_taken_up_where_it_was_left():
    life = shopper()
    life.histories.add("spend", at=at("2025-02-01"), amount=20000)
    life.histories.add("spend", at=at("2025-01-01"), amount=14000)
    life.standing = Standing(tier="insider", last_at=at("2025-02-01"))
    assert only(life.buy("2025-03-01", 1000)).after == "vib"


def test_time_alone_changes_nothing_that_purchases_judge():
    life = shopper()
    life.buy("2025-01-01", 40000)
    assert (life.due(), life.wait("2035-01-01"), life.tier) == (None, [], "vib")
    assert life.standing.joined_at is None


@pytest.mark.parametrize(
    ("before", "now", "tier"),
    [
        *((0, 6000, "bronze"), (0, 15000, "silver"), (0, 25000, "gold"), (4000, 500, "bronze")),
        *((8000, 3000, "silver"), (18000, 3000, "gold"), (22000, 5000, "gold")),
    ],
)
def test_all_that_was_ever_spent(before, now, tier):
    """Figures of ERPNext: test_tier_selection in frappe/erpnext, test_loyalty_program.py."""
    life = Life(tiers({"bronze": 0, "silver": 10000, "gold": 20000}, window=LIFETIME))
    life.buy("2020-01-01", before)
    life.buy("2026-01-01", now)
    assert life.tier == tier


# Any or all of 1,000 points, 500.00 spent and 10 transactions.
MIXED = (
    earned(YEAR),
    spend(CALENDAR_YEAR),
    Measure("baskets", "visits", LIFETIME),
)
NEEDS = {"points": 1000, "spend": 50000, "baskets": 10}


@pytest.mark.parametrize(
    ("points", "minor", "baskets", "any_of", "all_of"),
    [
        (999, 49999, 9, "basic", "basic"),
        (1000, 0, 0, "gold", "basic"),
        (0, 50000, 0, "gold", "basic"),
        (0, 0, 10, "gold", "basic"),
        (1000, 50000, 9, "gold", "basic"),
        (1000, 50000, 10, "gold", "gold"),
    ],
)
def test_needs_over_several_measures(points, minor, baskets, any_of, all_of):
    for every, tier in ((False, any_of), (True, all_of)):
        ladder = (Rung("basic", "Basic"), Rung("gold", "Gold", NEEDS, every=every))
        life = Life(Tiers("tiers", "Tiers", MIXED, ladder))
        (move,) = life.count("2026-05-01", earned=points, spend=minor, visits=baskets)
        assert (move.after, move.measure) == (tier, points)


def test_a_rung_without_needs_is_given_by_hand_only():
    ladder = (Rung("basic", "Basic"), Rung("gold", "Gold", {"spend": 100}), Rung("board", "Board"))
    for measures in ((spend(YEAR),), (spend(YEAR), earned(YEAR))):
        life = Life(Tiers("tiers", "Tiers", measures, ladder))
        life.buy("2026-05-01", 10**9)
        assert life.tier == "gold"


def test_rungs_out_of_order_are_read_from_the_top():
    life = Life(tiers({"one": 0, "two": 500, "three": 100}))
    life.buy("2026-05-01", 100)
    assert life.tier == "three"


def test_ladders_stand_side_by_side_on_one_history():
    histories, status, club = Histories(), Standing(), Standing()
    ladders = [(Ladder(tiers(BEAUTY), zone=UTC), status)]
    ladders.append((Ladder(tiers({"out": 0, "in": 100}, window=LIFETIME), zone=UTC), club))
    for when in ("2025-01-01", "2026-06-01"):
        histories.add("spend", at=at(when), amount=20000)
        for ladder, standing in ladders:
            ladder.at_fact(standing, histories, at=at(when))
    assert (status.tier, club.tier) == ("insider", "in")
    assert ladders[0][0].sources == {"spend"}


def test_the_tier_held_just_before():
    life = shopper()
    assert life.before("2025-06-01") == "insider"  # nobody has no tier
    life.buy("2025-01-01", 40000)
    life.buy("2025-03-01", 60000)
    assert [life.before(f"2025-0{month}-01") for month in (1, 2, 3, 4)] == [
        *("insider", "vib", "vib", "rouge")
    ]
    assert life.before("2024-12-31") == "insider"
    assert told(life.buy("2025-04-01", 0)) == []


SPENDS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 60000)), max_size=25)


@settings(deadline=None)
@given(SPENDS, st.sampled_from([Window("rolling_days", 7), CALENDAR_MONTH, CALENDAR_YEAR]))
def test_the_measure_is_the_spend_in_the_window_whatever_the_order(spends, window):
    life, start, seen = shopper(window), at("2024-12-20"), []
    for day, amount in spends:
        when = start + timedelta(days=day)
        seen.append((when, amount))
        life.buy(when, amount)
        latest = max(seen)[0]
        after = starts_after(window, at=latest, zone=UTC)
        expected = sum(amount for when, amount in seen if when > after)
        assert life.total(latest) == expected
        assert life.tier == max(
            (tier for tier, least in BEAUTY.items() if expected >= least), key=BEAUTY.__getitem__
        )
