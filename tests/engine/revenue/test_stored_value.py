"""Stored value is owed at the face of what can still be used, whatever the estimate for points."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointbook.engine.revenue.cohorts import CohortState, Movement
from pointbook.engine.revenue.matrix import Line
from pointbook.engine.revenue.policies import AT_FACE, Event, Policy
from pointbook.engine.revenue.recognition import InForce, journal, liability, post_period, rate_of
from tests.engine.revenue.books import key, post, state

CARDS = {policy: replace(key(unit="gift"), policy=policy) for policy in AT_FACE}
SOLD = CARDS[Policy.STORED_VALUE]


@pytest.mark.parametrize("of", CARDS.values(), ids=CARDS)
def test_the_end_of_one_card_leaves_the_others_at_their_face(of):
    cards = state(of=of, issued=10_000, allocated=10_000, redeemed=5_000)
    assert liability(cards) == 5_000
    ended = post(cards, expired=1_000)
    # By the formula for points 10,000 - 10,000 x 5,000 / 9,000 = 4,444 would be left.
    assert liability(ended.after) == 4_000
    assert [(one.event, one.change, one.breakage) for one in ended.entries] == [
        (Event.EXPIRY, -1_000, 0)
    ]
    assert not ended.stale_estimate


def test_an_estimate_for_points_is_none_for_cards():
    cards = state(of=SOLD, issued=10_000, allocated=10_000, redeemed=6_000)
    posting = post(cards, rate="0.5", burned=1_000)
    assert [(one.event, one.change) for one in posting.entries] == [(Event.BURN, -1_000)]
    assert (posting.after.rate, posting.stale_estimate) == (1, False)


def test_what_is_posted_for_a_card_that_was_sold_and_for_one_for_points():
    moved = {"issued": 5_000, "allocated": 5_000, "burned": 2_000, "expired": 500}
    lines = {}
    for policy, of in CARDS.items():
        entries = post(CohortState(key=of, rate=Decimal(1)), **moved).entries
        lines[policy] = [one.lines for one in journal(entries)]
    assert lines[Policy.STORED_VALUE] == [
        (Line("1000", 5_000, 0), Line("2110", 0, 5_000)),
        (Line("2110", 2_000, 0), Line("4000", 0, 2_000)),
        (Line("2110", 500, 0), Line("4020", 0, 500)),
    ]
    assert lines[Policy.EXCHANGED_VALUE] == [
        (Line("2110", 0, 5_000), Line("4010", 5_000, 0)),
        (Line("2110", 2_000, 0), Line("4010", 0, 2_000)),
        (Line("2110", 500, 0), Line("4020", 0, 500)),
    ]


PARTS = st.integers(0, 10_000)


@given(
    st.lists(st.tuples(PARTS, PARTS, PARTS, PARTS, PARTS), max_size=6),
    st.sampled_from(list(CARDS.values())),
    st.sampled_from(["0", "0.3", "1"]),
)
def test_the_face_of_what_is_left_is_owed_after_every_period(periods, of, rate):
    now = CohortState(key=of, rate=Decimal(1))
    for sold, used, ended, back, taken in periods:
        left = now.outstanding + sold
        taken = min(taken, left)  # noqa: PLW2901 -- what there is of it
        used = min(used, left - taken)  # noqa: PLW2901
        ended = min(ended, left - taken - used)  # noqa: PLW2901
        movement = Movement(
            key=of,
            issued=sold,
            allocated=sold,
            clawed_back=taken,
            clawed_back_allocated=taken,
            returned_share=taken,
            burned=used,
            expired=ended,
            cancelled_burns=min(back, now.redeemed),
        )
        held = liability(now)
        posting = post_period(
            before=now, movement=movement, now=InForce(rate_of(of, Decimal(rate)))
        )
        now = posting.after
        assert liability(now) == now.outstanding
        assert liability(now) - held == sum(one.change for one in posting.entries)
        for entry in journal(posting.entries):
            assert sum(line.debit - line.credit for line in entry.lines) == 0
            assert {line.account for line in entry.lines} <= {
                "1000",
                "2110",
                "4000",
                "4010",
                "4020",
            }
