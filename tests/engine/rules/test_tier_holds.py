"""Tiers that are not earned here: by hand, by status match, brought along; and other versions."""

import json

import pytest

from pointbook.engine.rules.blueprint import Window
from pointbook.engine.rules.tiers import Move, Standing, TierError
from pointbook.engine.rules.tiers.standings import Held
from tests.engine.rules.ladders import (
    BEAUTY,
    CALENDAR_YEAR,
    METALS,
    SINCE_REVIEW,
    YEAR,
    Life,
    at,
    earned,
    tiers,
    told,
)

LEVELS = {"level 0": 0, "level 1": 20, "level 2": 30}
MONTH = Window("rolling_days", 30)


def yearly(**terms):
    terms = {"window": CALENDAR_YEAR, "validity": ("end_of_year", 0), **terms}
    return Life(tiers(METALS, **terms))


@pytest.mark.parametrize(
    ("first", "by_hand", "then", "level"),
    [
        (20, "level 1", 40, "level 2"),
        (30, "level 1", 0, "level 1"),
        (20, "level 1", 21, "level 1"),
        (30, "level 0", 21, "level 1"),
    ],
)
def test_a_level_given_by_hand(first, by_hand, then, level):
    """Open Loyalty, CalculateCustomerLevelListenerTest: levels from 0, 20 and 30."""
    life = Life(tiers(LEVELS, window=CALENDAR_YEAR))
    life.buy("2025-05-01", first)
    life.place("floor", by_hand, "2025-06-01")
    before = life.tier
    moves = life.buy("2026-05-01", then)
    assert life.tier == level
    assert bool(moves) == (before != level)


def test_a_level_given_by_hand_is_neither_raised_to_itself_nor_lowered():
    life = Life(tiers(LEVELS, window=CALENDAR_YEAR))
    life.buy("2026-01-01", 1)
    given = life.place("floor", "level 1", "2026-02-01")
    assert given == Move(at("2026-02-01"), "level 0", "level 1", 0, 1, "tiers", "floor", None)
    assert life.buy("2026-03-01", 21) == []
    assert life.buy("2027-03-01", 1) == []
    (move,) = life.buy("2027-04-01", 40)
    assert (move.before, move.after) == ("level 1", "level 2")
    assert told(life.buy("2028-01-01", 1)) == [("2028-01-01", "level 2", "level 1", "review")]
    assert life.due() is None


def test_a_floor_ends_on_its_date_or_when_it_is_taken_away():
    life = Life(tiers(LEVELS, window=CALENDAR_YEAR))
    life.buy("2026-01-01", 1)
    life.place("floor", "level 2", "2026-02-01", "2026-07-01")
    assert (life.tier, life.until, life.due()) == ("level 2", "2026-07-01", "2026-07-01")
    assert told(life.wait("2026-12-01")) == [("2026-07-01", "level 2", "level 0", "floor")]
    assert (life.until, life.due()) == (None, None)
    life.place("floor", "level 1", "2026-12-02")
    taken = life.place("floor", None, "2026-12-03", "2027-01-01")
    assert (taken.before, taken.after, taken.until) == ("level 1", "level 0", None)
    assert life.place("floor", None, "2026-12-04") is None


def test_what_was_earned_goes_on_under_a_floor():
    life = yearly()
    life.buy("2026-03-01", 100)
    life.place("floor", "gold", "2026-04-01", "2027-06-01")
    assert life.until == "2027-06-01"
    assert life.buy("2027-02-01", 100) == life.wait("2027-05-31") == []
    assert told(life.wait("2030-01-01")) == [
        ("2027-06-01", "gold", "silver", "floor"),
        ("2028-01-01", "silver", "silver", "renewed"),
        ("2029-01-01", "silver", "bronze", "review"),
    ]


def test_of_two_ends_of_one_tier_the_later_counts():
    life = yearly()
    life.buy("2026-03-01", 500)
    given = life.place("floor", "gold", "2026-04-01", "2027-06-01")
    assert given == Move(at("2026-04-01"), "gold", "gold", 0, 0, "tiers", "floor", at("2027-06-01"))
    assert life.place("floor", "gold", "2026-04-02", "2026-06-01").until == at("2027-01-01")
    assert told(life.wait("2026-06-01")) == []
    forever = life.place("floor", "gold", "2026-06-02")
    assert (forever.until, life.wait("2028-01-01"), life.tier) == (None, [], "gold")
    assert told([life.place("floor", None, "2028-02-01")]) == [
        ("2028-02-01", "gold", "bronze", "floor")
    ]


def test_who_was_given_a_tier_before_the_first_fact_begins_on_the_first_rung():
    life = Life(tiers(LEVELS))
    assert told([life.place("floor", "level 2", "2026-02-01", "2026-03-01")]) == [
        ("2026-02-01", "", "level 2", "floor")
    ]
    assert told(life.wait("2026-04-01")) == [("2026-03-01", "level 2", "level 0", "floor")]
    assert life.buy("2026-05-01", 1) == []


def test_a_matched_status_is_given_back_at_its_end():
    life = yearly()
    life.buy("2026-01-15", 1)
    given = life.place("match", "gold", "2026-02-01", "2026-07-01")
    assert (given.kind, given.step, given.until) == ("match", 2, at("2026-07-01"))
    # By then 500 were spent: gold is earned, until the year ends.
    (move,) = life.buy("2026-03-01", 499)
    assert (move.kind, move.after, move.until) == ("renewed", "gold", at("2027-01-01"))
    assert life.wait("2026-07-01") == []
    other = yearly()
    other.place("match", "gold", "2026-02-01", "2026-07-01")
    other.buy("2026-03-01", 100)
    (move,) = other.wait("2026-07-01")
    assert (move.kind, move.after, move.until) == ("match", "silver", at("2027-01-01"))


def test_the_end_of_a_match_is_a_review_where_only_reviews_raise():
    life = yearly(upgrade="at_review")
    life.place("match", "gold", "2026-02-01", "2026-07-01")
    life.buy("2026-03-01", 100)
    assert told(life.wait("2026-07-01")) == [("2026-07-01", "gold", "silver", "match")]
    assert (life.until, life.standing.reviewed_at) == ("2027-01-01", at("2026-07-01"))


def test_who_meets_the_needs_of_a_matched_status_at_its_end_keeps_it_from_then():
    life = Life(tiers(METALS, window=MONTH, validity=("days", 30)))
    life.place("match", "silver", "2026-02-01", "2026-03-01")
    life.buy("2026-02-20", 100)
    assert life.until == "2026-03-23"
    assert told(life.wait("2026-03-01")) == [("2026-03-01", "silver", "silver", "match")]
    assert life.until == "2026-03-31"
    lower = Life(tiers(METALS, window=MONTH, validity=("days", 30)))
    lower.place("match", "gold", "2026-02-01", "2026-03-01")
    lower.buy("2026-02-20", 100)
    lower.wait("2026-03-01")
    assert (lower.tier, lower.until) == ("silver", "2026-03-23")  # no review of silver yet


def test_a_match_where_purchases_judge_ends_with_what_they_said():
    life = Life(tiers(METALS))
    life.place("match", "gold", "2026-02-01", "2026-07-01")
    assert life.buy("2026-03-01", 100) == []
    assert life.buy("2026-04-01", 50) == []
    assert told(life.wait("2026-07-01")) == [("2026-07-01", "gold", "silver", "match")]


def test_a_match_that_shows_nothing_resets_nothing():
    """Who counts since the last review goes on counting when a match ends without an upgrade."""
    life = Life(
        tiers(METALS, measure=earned(SINCE_REVIEW), validity=("months", 12)), joined="2026-01-01"
    )
    life.count("2026-01-15", earned=60)
    life.place("match", "gold", "2026-02-01", "2026-03-01")
    life.wait("2026-03-01")
    assert life.tier == "bronze"
    life.count("2026-04-01", earned=40)
    assert life.tier == "silver"


def test_an_opening_standing_goes_on_as_it_was_elsewhere():
    life = Life(tiers(BEAUTY, window=CALENDAR_YEAR, validity=("end_of_year", 1)))
    opened = life.place("opening", "vib", "2026-06-01", "2027-01-01", since=at("2025-03-01"))
    assert opened == Move(at("2026-06-01"), "", "vib", 0, 0, "tiers", "opening", at("2027-01-01"))
    assert life.standing.began_at == at("2025-03-01")
    # What was bought before, and is told late, earned at the tier held then.
    assert [life.before(day) for day in ("2025-02-01", "2025-03-02")] == ["insider", "vib"]
    assert life.buy("2026-07-01", 100) == []
    assert told(life.wait("2027-01-01")) == [("2027-01-01", "vib", "insider", "review")]


def test_an_opening_standing_without_a_date_is_valid_from_now():
    life = yearly()
    life.place("opening", "gold", "2026-06-01", since=at("2020-01-01"))
    assert (life.until, life.due()) == ("2027-01-01", "2027-01-01")
    judged = Life(tiers(METALS))
    judged.place("opening", "gold", "2026-06-01", "2027-01-01")
    assert (judged.until, judged.due()) == (None, None)
    assert told(judged.buy("2026-07-01", 100)) == [("2026-07-01", "gold", "silver", "review")]


def test_a_lifetime_tier_that_was_brought_along_is_never_lost():
    life = yearly(lifetime=("gold",))
    life.place("opening", "gold", "2026-06-01", "2027-01-01")
    assert (life.until, life.wait("2040-01-01"), life.tier) == (None, [], "gold")


def test_hands_come_after_what_was_judged():
    life = Life(tiers(METALS))
    life.buy("2026-05-01", 1)
    assert life.place("floor", "silver", "2026-04-01").at == at("2026-05-01")


@pytest.mark.parametrize("kind", ["floor", "match", "opening"])
def test_a_tier_that_the_ladder_does_not_have(kind):
    life = Life(tiers(METALS))
    with pytest.raises(TierError) as refused:
        life.place(kind, "tin", "2026-05-01", "2026-06-01")
    assert refused.value.field == "attributes.tier"
    assert "bronze, silver, gold" in refused.value.mend
    assert life.standing.dump() == {}


MOVED = {"tin": "iron", "iron": "silver", "gone": "away", "silver": "gold", "a": "b", "b": "a"}


def test_members_of_a_tier_that_is_gone_move_where_the_ladder_says():
    life = Life(tiers({"bronze": 0, "tin": 100}))
    life.buy("2026-01-01", 100)
    life.under(tiers(METALS, moved=MOVED), from_at="2026-02-01")
    assert (life.due(), life.before("2026-01-15")) == ("2026-02-01", "silver")
    assert life.wait("2026-01-31") == []
    assert told(life.wait("2026-03-01")) == [("2026-02-01", "tin", "silver", "moved")]
    assert (life.due(), life.before("2026-02-01")) == (None, "silver")


def test_a_purchase_finds_a_member_of_a_tier_that_is_gone():
    life = Life(tiers({"bronze": 0, "tin": 100}))
    life.buy("2026-01-01", 100)
    life.under(tiers(METALS, moved=MOVED))
    moves = life.buy("2026-03-01", 400)
    assert told(moves) == [
        ("2026-01-01", "tin", "silver", "moved"),
        ("2026-03-01", "silver", "gold", "reached"),
    ]
    assert [move.step for move in moves] == [0, 1]


def test_who_is_on_a_tier_that_leads_nowhere_stays_until_something_is_reached():
    for gone in ("gone", "a", "brass"):
        life = Life(tiers({"bronze": 0, gone: 100}))
        life.buy("2026-01-01", 100)
        life.under(tiers(METALS, window=CALENDAR_YEAR, validity=("end_of_year", 0), moved=MOVED))
        assert (life.due(), life.wait("2026-02-01"), life.tier) == (None, [], gone)
        assert told(life.buy("2027-02-01", 100)) == [("2027-02-01", gone, "silver", "reached")]


def test_who_is_on_a_tier_that_leads_nowhere_is_judged_though_reviews_raise():
    life = Life(tiers({"bronze": 0, "brass": 100}))
    life.buy("2026-01-01", 100)
    life.under(tiers(METALS, validity=("end_of_year", 0), upgrade="at_review"))
    assert told(life.buy("2026-02-01", 0)) == [("2026-02-01", "brass", "silver", "reached")]
    assert life.until == "2027-01-01"


def test_floors_and_matches_move_too():
    life = Life(tiers({"bronze": 0, "tin": 100, "old gold": 500}))
    life.place("floor", "tin", "2026-01-01", "2027-01-01")
    life.place("match", "old gold", "2026-01-01", "2026-06-01")
    life.under(tiers(METALS, moved={"tin": "silver", "old gold": "gold"}), from_at="2026-02-01")
    assert told(life.wait("2027-01-01")) == [
        ("2026-02-01", "old gold", "gold", "moved"),
        ("2026-06-01", "gold", "silver", "match"),
        ("2027-01-01", "silver", "bronze", "floor"),
    ]


def test_a_version_that_brings_dates_gives_one_to_every_tier_that_is_held():
    life = Life(tiers(METALS))
    life.buy("2025-05-01", 100)
    dated = tiers(METALS, window=CALENDAR_YEAR, validity=("months", 12))
    life.under(dated, from_at="2026-01-01")
    assert life.due() == "2026-01-01"
    (move,) = life.wait("2026-01-05")
    assert (move.kind, move.at, move.until) == ("renewed", at("2026-01-01"), at("2027-01-02"))
    assert told(life.wait("2028-01-01")) == [("2027-01-02", "silver", "bronze", "review")]


def test_a_version_without_dates_drops_them_at_the_next_purchase():
    life = yearly()
    life.buy("2026-05-01", 100)
    life.under(tiers(METALS))
    assert (life.due(), life.wait("2028-01-01")) == (None, [])
    assert told(life.buy("2028-01-02", 100)) == [("2028-01-02", "silver", "silver", "renewed")]
    assert life.until is None


def test_a_version_in_which_tiers_are_for_ever_keeps_a_date_until_its_needs_are_met_again():
    life = yearly()
    life.buy("2026-05-01", 100)
    life.under(tiers(METALS, window=CALENDAR_YEAR, validity=("for_ever",)))
    assert life.due() == "2027-01-01"
    assert [move.until for move in life.buy("2026-06-01", 1)] == [None]
    assert (life.due(), life.wait("2030-01-01")) == (None, [])


def test_how_far_windows_still_look_back():
    life = yearly(grace_days=30)
    life.buy("2026-05-01", 100)
    look = life.ladder.looks_back_to
    assert look(life.standing, at=at("2026-07-01")) == at("2026-07-01")
    assert look(life.standing, at=at("2027-01-15")) == at("2027-01-01")
    assert look(Standing(), at=at("2026-07-01")) == at("2026-07-01")


def test_a_standing_is_dumped_and_taken_up():
    life = yearly()
    assert Standing.load(life.standing.dump()).dump() == {}
    life.buy("2026-05-01", 100)
    life.place("floor", "gold", "2026-06-01", "2026-07-01")
    life.place("match", "gold", "2026-06-01", "2026-08-01")
    dumped = json.loads(json.dumps(life.standing.dump()))
    assert dumped["own"] == "silver"
    assert dumped["own_until"] == "2027-01-01T00:00:00+00:00"
    assert dumped["timeline"] == [
        ["2026-05-01T00:00:00+00:00", "silver"],
        ["2026-06-01T00:00:00+00:00", "gold"],
    ]
    taken_up = Standing.load(dumped)
    assert taken_up.dump() == dumped
    assert taken_up.plain is False
    life.standing = taken_up
    assert told(life.wait("2026-08-01")) == [("2026-08-01", "gold", "silver", "match")]


def test_a_plain_standing_keeps_little():
    life = Life(tiers(METALS), joined="2020-01-01")
    life.buy("2026-05-01", 1)
    when = "2026-05-01T00:00:00+00:00"
    assert life.standing.dump() == {
        "tier": "bronze",
        "own": "bronze",
        "since": when,
        "began_at": when,
        "last_at": when,
        "timeline": [[when, "bronze"]],
    }


def test_the_past_that_nobody_asks_for_is_forgotten():
    life = Life(tiers(METALS, window=CALENDAR_YEAR))
    for year, amount in ((2023, 100), (2024, 1), (2025, 500)):
        life.buy(f"{year}-05-01", amount)
    life.standing.trim(at("2024-05-02"))
    assert life.standing.timeline == [
        Held(at("2024-05-01"), "bronze"),
        Held(at("2025-05-01"), "gold"),
    ]
    life.standing.trim(at("2024-05-01"))
    assert [life.before("2024-05-02"), life.before("2026-01-01")] == ["bronze", "gold"]


def test_windows_of_a_year_are_the_default_of_these_sketches():
    assert tiers().window == YEAR
