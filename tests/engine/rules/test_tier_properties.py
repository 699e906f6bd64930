"""What holds for every ladder and every life on it."""

import json
from datetime import timedelta
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.rules.blueprint import Window
from pointbook.engine.rules.tiers import Standing
from pointbook.engine.rules.tiers.measures import TICK, Histories
from tests.engine.rules.ladders import (
    CALENDAR_MONTH,
    CALENDAR_YEAR,
    LIFETIME,
    METALS,
    SINCE_REVIEW,
    Life,
    at,
    tiers,
)

START = at("2025-11-10 13:00")
DAY = timedelta(days=1)
KINDS = ["purchase", "for_ever", "end_of_year", "end_of_month", "days", "months"]
WINDOWS = [
    *(CALENDAR_MONTH, CALENDAR_YEAR, LIFETIME, SINCE_REVIEW),
    *(Window("rolling_days", 20), Window("membership_year")),
]
VALIDITIES = st.tuples(
    st.sampled_from([*KINDS, "membership_year"]), st.integers(1, 3), st.sampled_from([0, 0, 7])
)
TERMS = st.builds(
    tiers,
    st.just(METALS),
    window=st.sampled_from(WINDOWS),
    validity=VALIDITIES,
    upgrade=st.sampled_from(["at_once", "at_review"]),
    downgrade=st.sampled_from(["none", "one_step", "full"]),
    grace_days=st.sampled_from([0, 0, 9]),
    lifetime=st.sampled_from([(), ("silver",)]),
)


class Event(NamedTuple):
    """Something that happens `hours` after the one before."""

    hours: int
    what: str
    amount: int


EVENTS = st.lists(
    st.builds(
        Event,
        st.integers(0, 24 * 25),
        st.sampled_from([*["buy"] * 6, "late", "floor", "match", "free"]),
        st.integers(0, 600),
    ),
    max_size=12,
)


def born(terms):
    return Life(terms, joined="2025-10-31 09:00")


def happen(life, event, when):
    """One event at an instant; the moves it made."""
    if event.what == "buy":
        return life.buy(when, event.amount)
    moves = life.wait(when)
    if event.what == "late":
        return [*moves, *life.buy(when - timedelta(hours=event.amount), event.amount)]
    tier = ["bronze", "silver", "gold"][event.amount % 3]
    kind, until = event.what, when + event.amount * DAY
    if kind == "free":
        kind, tier, until = "floor", None, None
    given = life.place(kind, tier, when, until)
    return moves if given is None else [*moves, given]


def live(life, events, start=START, between=None):
    """Everything that happens, from `start` on; the moves, and when it ended."""
    moves, when = [], start
    for event in events:
        when += timedelta(hours=event.hours)
        if between is not None:
            moves += between(when)
        moves += happen(life, event, when)
    return moves, when


@settings(deadline=None)
@given(TERMS, EVENTS)
def test_a_long_wait_is_many_days(terms, events):
    one, other = born(terms), born(terms)
    last = [START]

    def day_by_day(when):
        moves = []
        while last[0] + DAY < when:
            last[0] += DAY
            moves += other.wait(last[0])
        return moves

    moves, when = live(one, events)
    assert live(other, events, between=day_by_day) == (moves, when)
    ends = when + 150 * DAY
    assert one.wait(ends) == [*day_by_day(ends), *other.wait(ends)]
    assert one.standing.dump() == other.standing.dump()


@settings(deadline=None)
@given(TERMS, EVENTS)
def test_time_changes_nothing_before_it_is_due(terms, events):
    life = born(terms)
    _, when = live(life, events)
    life.wait(when)
    for _ in range(5):
        due = life.ladder.due_at(life.standing)
        if due is None:
            assert life.wait(when + 3000 * DAY) == []
            break
        before = life.standing.dump()
        assert due > when
        assert life.wait(due - TICK) == []
        assert life.standing.dump() == before
        life.wait(due)
        assert life.standing.dump() != before
        when = due


@settings(deadline=None)
@given(TERMS, EVENTS)
def test_a_dump_holds_everything(terms, events):
    one, other = born(terms), born(terms)

    def through_json(_):
        other.standing = Standing.load(json.loads(json.dumps(other.standing.dump())))
        other.histories = Histories.load(json.loads(json.dumps(other.histories.dump())))
        return []

    assert live(one, events) == live(other, events, between=through_json)
    assert one.standing.dump() == other.standing.dump()


@settings(deadline=None)
@given(TERMS, EVENTS)
def test_a_tier_never_falls_before_its_validity_ends(terms, events):
    life = born(terms)
    moves, when = live(life, [event for event in events if event.what in ("buy", "late")])
    moves += life.wait(when + 500 * DAY)
    ends = None
    for move in moves:
        if move.step < 0 and terms.validity.kind != "purchase":
            assert ends is not None
            assert move.at >= ends
        assert (move.kind == "renewed") == (move.before == move.after)
        ends = move.until
    timeline = life.standing.timeline
    instants = [held.at for held in timeline]
    assert instants == sorted(instants)
    assert [held.tier for held in timeline[-1:]] == [life.tier] * bool(timeline)
    if "lasting" in life.standing.dump():
        assert life.tier != "bronze"


@settings(deadline=None)
@given(TERMS, EVENTS, EVENTS)
def test_trimming_changes_no_later_answer(terms, events, later):
    one, other = born(terms), born(terms)
    _, when = live(one, events)
    live(other, events)
    standing, ladder = other.standing, other.ladder
    other.histories.trim(
        terms.measures,
        at=ladder.looks_back_to(standing, at=when),
        zone=other.zone,
        joined_at=other.joined_at,
        reviewed=[standing.reviewed_at] if standing.reviewed_at else [],
    )
    standing.trim(when)
    still = [event._replace(what="buy") if event.what == "late" else event for event in later]
    for event in still:
        assert one.before(when) == other.before(when)
        when += timedelta(hours=event.hours)
        assert happen(one, event, when) == happen(other, event, when)
        # Late, but not older than what was trimmed.
        late = Event(0, "buy", 50)
        assert happen(one, late, when) == happen(other, late, when)
    assert one.wait(when + 900 * DAY) == other.wait(when + 900 * DAY)
