"""Amounts by source and instant, summed over windows; what is kept, merged and dumped."""

import json
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.rules.blueprint import Measure, Window
from pointbook.engine.rules.tiers.measures import (
    EPOCH,
    TICK,
    Histories,
    source_of,
    starts_after,
)
from tests.engine.rules.ladders import (
    CALENDAR_MONTH,
    CALENDAR_YEAR,
    LIFETIME,
    SINCE_REVIEW,
    at,
    earned,
    spend,
)

NEW_YORK = ZoneInfo("America/New_York")
WEEK = Window("rolling_days", 7)
MEMBERSHIP = Window("membership_year")
WINDOWS = [WEEK, CALENDAR_YEAR, CALENDAR_MONTH, MEMBERSHIP, LIFETIME, SINCE_REVIEW]


def histories(*amounts, source="spend"):
    made = Histories()
    for when, amount in amounts:
        made.add(source, at=at(when), amount=amount)
    return made


def total(made, window, when, *, zone=UTC, joined=None, reviewed=None):
    return made.total(
        spend(window),
        at=at(when),
        zone=zone,
        joined_at=joined and at(joined),
        reviewed_at=reviewed and at(reviewed),
    )


def test_measures_of_one_source_share_a_history():
    assert source_of(spend(WEEK)) == source_of(spend(LIFETIME)) == "spend"
    assert source_of(Measure("v", "visits", WEEK)) == "visits"
    assert source_of(earned(WEEK, "miles")) == "earned:miles"
    assert source_of(Measure("r", "count", WEEK, type="review")) == "count:review"


@pytest.mark.parametrize(
    ("window", "starts"),
    [
        (WEEK, "2026-05-01 12:00"),
        (CALENDAR_YEAR, "2026-01-01 05:00"),
        (CALENDAR_MONTH, "2026-05-01 04:00"),
        (MEMBERSHIP, "2025-06-10 04:00"),
    ],
)
def test_a_window_begins(window, starts):
    """New York's midnight is 5:00 UTC in winter and 4:00 in summer; joined on 10 June there."""
    joined = at("2024-06-11 02:00")
    start = starts_after(window, at=at("2026-05-08 12:00"), zone=NEW_YORK, joined_at=joined)
    assert start == at(starts) - (0 * TICK if window is WEEK else TICK)


def test_windows_without_a_start():
    when = at("2026-05-08")
    assert starts_after(LIFETIME, at=when, zone=UTC) is None
    assert starts_after(SINCE_REVIEW, at=when, zone=UTC) is None
    reviewed = at("2026-01-01")
    start = starts_after(SINCE_REVIEW, at=when, zone=UTC, reviewed_at=reviewed)
    assert start == reviewed - TICK


def test_a_rolling_window_is_open_at_its_start_and_includes_its_end():
    made = histories(
        ("2026-01-01 10:00", 1), ("2026-01-01 10:00:01", 10), ("2026-01-08 10:00", 100)
    )
    assert total(made, WEEK, "2026-01-08 10:00") == 110
    assert total(made, WEEK, "2026-01-08 09:59:59") == 11
    assert total(made, WEEK, "2026-01-15 09:59:59") == 100
    assert total(made, WEEK, "2026-01-15 10:00") == 0
    assert total(made, WEEK, "2025-12-31") == 0


def test_what_happens_at_midnight_belongs_to_the_day_that_begins():
    made = histories(("2025-12-31 23:59:59", 1), ("2026-01-01", 10))
    assert total(made, CALENDAR_YEAR, "2026-01-01") == 10
    assert total(made, SINCE_REVIEW, "2026-01-05", reviewed="2026-01-01") == 10
    assert total(made, SINCE_REVIEW, "2026-01-05") == 11
    assert total(made, SINCE_REVIEW, "2025-06-01", reviewed="2026-01-01") == 0


def test_a_year_of_membership_begins_on_the_day_of_joining():
    made = histories(("2026-03-09 23:59", 1), ("2026-03-10", 10), ("2027-03-09", 100))
    assert total(made, MEMBERSHIP, "2027-03-09 12:00", joined="2024-03-10 15:00") == 110
    assert total(made, MEMBERSHIP, "2027-03-10", joined="2024-03-10 15:00") == 0
    assert total(made, MEMBERSHIP, "2027-03-09 12:00") == 100  # joined nobody knows when


def test_sources_do_not_mix_and_nothing_is_zero():
    made = histories(("2026-01-01", 5), source="earned:miles")
    assert total(made, LIFETIME, "2026-01-02") == 0
    assert made.between("earned:miles", after=None, until=at("2026-01-02")) == 5
    visits = Measure("visits", "visits", LIFETIME)
    assert made.moments([spend(WEEK), visits], after=at("2025-01-01"), until=at("2027-01-01")) == []


def test_amounts_of_one_instant_add_up_and_a_return_lies_where_its_purchase_does():
    made = histories(("2026-01-01", 400), ("2026-01-05", 7), ("2026-01-01", -300))
    assert total(made, WEEK, "2026-01-05") == 107
    assert total(made, WEEK, "2026-01-08 00:00:01") == 7
    assert made.dump() == {
        "spend": {"at": [1767225600000000, 1767571200000000], "sums": [0, 100, 107]}
    }


def test_moments_tell_when_something_was_counted():
    made = histories(("2026-01-01", 1), ("2026-01-03", 1), ("2026-01-02", 1))
    made.add("visits", at=at("2026-01-04"), amount=1)
    both = [spend(WEEK), spend(LIFETIME), Measure("visits", "visits", WEEK)]
    moments = made.moments(both, after=at("2026-01-01"), until=at("2026-01-04"))
    assert moments == [at("2026-01-02"), at("2026-01-03"), at("2026-01-04")]


def test_two_members_become_one():
    one, other = histories(("2026-01-01", 1), ("2026-01-03", 2)), histories(("2026-01-02", 10))
    other.add("visits", at=at("2026-01-02"), amount=1)
    other.trim([spend(LIFETIME)], at=at("2026-01-03"), zone=UTC, joined_at=None)
    other.add("spend", at=at("2026-01-04"), amount=100)
    one.merge(other)
    assert total(one, LIFETIME, "2026-01-02") == 11
    assert total(one, LIFETIME, "2026-01-04") == 113
    assert one.between("visits", after=None, until=at("2026-01-02")) == 1


def test_what_no_window_tells_apart_is_merged():
    made = histories(("2024-05-01", 1), ("2025-05-01", 10), ("2026-05-01", 100))
    made.add("visits", at=at("2026-05-01"), amount=1)
    kinds = [spend(CALENDAR_YEAR), spend(LIFETIME)]
    made.trim(kinds, at=at("2026-06-01"), zone=UTC, joined_at=None)
    dumped = made.dump()
    assert dumped["spend"]["sums"] == [11, 111]
    assert dumped["visits"] == {"at": [], "sums": [1]}
    taken_up = Histories.load(json.loads(json.dumps(dumped)))
    assert taken_up.dump() == dumped
    assert total(taken_up, CALENDAR_YEAR, "2026-06-01") == 100
    assert total(taken_up, LIFETIME, "2026-06-01") == 111


def test_trimming_keeps_what_came_after_the_oldest_of_the_last_reviews():
    made = histories(("2026-01-05", 1), ("2026-02-05", 10), ("2026-03-05", 100))
    reviews = [at("2026-03-01"), at("2026-02-01")]
    since = [spend(SINCE_REVIEW)]
    made.trim(since, at=at("2026-04-01"), zone=UTC, joined_at=None, reviewed=reviews)
    assert made.dump()["spend"]["sums"] == [1, 11, 111]
    made.trim(since, at=at("2026-04-01"), zone=UTC, joined_at=None)
    assert made.dump()["spend"]["sums"] == [111]


START = at("2025-12-20")
DAYS = st.integers(0, 60)
AMOUNTS = st.lists(st.tuples(DAYS, st.integers(-500, 500)), max_size=30)
ASKED = st.lists(st.tuples(DAYS, st.sampled_from(WINDOWS)), min_size=1, max_size=12)
JOINED = START + timedelta(days=3, hours=7)
REVIEWED = START + timedelta(days=5)


def day(n):
    return START + timedelta(days=n)


def filled(amounts):
    made = Histories()
    for n, amount in amounts:
        made.add("spend", at=day(n), amount=amount)
    return made


def asked(made, when, window):
    return total(made, window, when, joined=JOINED, reviewed=REVIEWED)


@settings(deadline=None)
@given(AMOUNTS, st.randoms(use_true_random=False), ASKED)
def test_the_order_of_adding_and_asking_is_irrelevant(amounts, dice, questions):
    shuffled = [*amounts]
    dice.shuffle(shuffled)
    one, other = filled(amounts), filled(shuffled)
    for n, window in questions:
        after = starts_after(window, at=day(n), zone=UTC, joined_at=JOINED, reviewed_at=REVIEWED)
        plainly = sum(
            amount
            for d, amount in amounts
            if day(d) <= day(n) and (after is None or day(d) > after)
        )
        assert asked(one, day(n), window) == asked(other, day(n), window) == plainly


@settings(deadline=None)
@given(AMOUNTS, DAYS, AMOUNTS, ASKED)
def test_a_dump_holds_everything_and_trimming_changes_no_later_answer(
    amounts, today, late, questions
):
    one, other = filled(amounts), filled(amounts)
    other.trim(
        [spend(window) for window in WINDOWS],
        at=day(today),
        zone=UTC,
        joined_at=JOINED,
        reviewed=[REVIEWED],
    )
    other = Histories.load(json.loads(json.dumps(other.dump())))
    for n, amount in late:
        for made in (one, other):
            made.add("spend", at=day(today + n), amount=amount)
    for n, window in questions:
        when = day(today + n)
        assert asked(other, when, window) == asked(one, when, window)
        assert asked(other, when - TICK, window) == asked(one, when - TICK, window)


def test_histories_are_packed_into_short_texts_and_taken_up_again():
    made = Histories()
    made.add("spend", at=EPOCH + timedelta(seconds=5), amount=700)
    made.add("spend", at=EPOCH + timedelta(seconds=8, microseconds=1), amount=-200)
    made.add("visits", at=EPOCH - timedelta(seconds=1), amount=1)

    assert made.pack() == {"spend": "5000000,3000001/0,700,-200", "visits": "-1000000/0,1"}
    assert Histories.unpack(made.pack()).dump() == made.dump()


def test_what_was_merged_is_packed_without_instants():
    made = Histories()
    made.add("spend", at=EPOCH, amount=700)
    made.trim((), at=EPOCH + timedelta(days=1), zone=UTC, joined_at=None)

    assert made.pack() == {"spend": "/700"}
    assert Histories.unpack(made.pack()).dump() == made.dump()
