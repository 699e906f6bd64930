"""Points that leave for another member, with their dates and their part of the price."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointbook.engine.ledger.lots import FOREVER, BalanceError, Draw, Lot, Wallet
from tests.engine.ledger.sketches import held, lot, taken
from tests.engine.sketches import at


def handed(draws, *, fact):
    """The lots of the receiver: one for each draw, with the ends of the giver's."""
    return [
        Lot(
            *(fact, f"received:{n}", draw.lot.unit, draw.lot.earned_at, draw.lot.expires_at),
            *(draw.points, draw.points),
            allocated=draw.allocated,
            starts_at=draw.lot.starts_at,
            origin=draw.lot,
        )
        for n, draw in enumerate(draws, start=1)
    ]


def test_points_arrive_as_lots_of_the_lots_they_came_from():
    """Open Loyalty, TransferPointsTest: of 20 and 200 points 100 are handed over as 20 and 80."""
    giver = Wallet(spend_order="oldest")
    giver.add(lot("first", "2025-01-01", 20, until="2025-04-01"))
    giver.add(lot("second", "2025-01-02", 200, until="2025-05-01"))
    when = at("2025-02-01")
    draws = giver.part(100, at=when)
    assert taken(draws) == [("first", 20), ("second", 80)]
    receiver = Wallet(spend_order="oldest", lots=handed(draws, fact="gift"))
    assert (giver.available(when), receiver.available(when)) == (120, 100)
    # The ends are kept: handing points over does not make them live longer.
    assert [one.expires_at for one in receiver.lots] == [at("2025-04-01"), at("2025-05-01")]
    assert taken(receiver.expire(at("2025-04-01"))) == [("gift", 20)]
    assert receiver.available(at("2025-04-01")) == 80


def test_more_than_can_be_used_is_not_handed_over():
    wallet = Wallet(
        spend_order="oldest",
        lots=[
            lot("pending", "2025-01-01", 50, start=FOREVER),
            lot("free", "2025-01-02", 10, allocated=4),
        ],
    )
    with pytest.raises(BalanceError, match="Ask for 10 or fewer"):
        wallet.part(11, at=at("2025-02-01"))
    assert held(wallet) == [("pending", 50), ("free", 10)]


def test_everything_leaves_with_who_merges_even_what_is_pending():
    wallet = Wallet(
        spend_order="oldest",
        lots=[
            lot("ended", "2025-01-01", 5, until="2025-02-01", allocated=5),
            lot("pending", "2025-01-02", 50, start=FOREVER, allocated=25),
            lot("free", "2025-01-03", 10, allocated=4),
        ],
    )
    draws = wallet.part_all(at=at("2025-02-01"))
    assert [(draw.lot.fact, draw.points, draw.allocated) for draw in draws] == [
        ("pending", 50, 25),
        ("free", 10, 4),
    ]
    assert held(wallet) == [("ended", 5)]
    assert wallet.part_all(at=at("2025-02-01")) == []


def test_one_lot_leaves_for_the_household():
    own = lot("own", "2025-01-02", 50, start=FOREVER, allocated=25)
    wallet = Wallet(spend_order="oldest", lots=[lot("other", "2025-01-01", 5), own])
    draw = wallet.part_lot(own)
    assert (draw.lot, draw.points, draw.allocated) == (own, 50, 25)
    assert held(wallet) == [("other", 5)]


@settings(deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(1, 500),
    st.lists(
        st.tuples(st.sampled_from(["part", "back", "draw", "undo"]), st.integers(1, 200)),
        max_size=12,
    ),
)
def test_shares_never_exceed_the_allocated_price_and_are_whole_in_the_end(
    allocated, points, actions
):
    """Burned points may come back in between; what leaves with a share leaves for good."""
    own = lot("own", "2025-01-01", points, allocated=allocated)
    wallet = Wallet(spend_order="oldest", lots=[own])
    when = at("2025-02-01")
    gone: list[Draw] = []
    burned: list[list[Draw]] = []
    for action, count in actions:
        number = min(count, own.remaining)
        if action == "undo" and burned:
            wallet.put_back(burned.pop(), at=when)
        elif action == "part":
            gone += wallet.part(number, at=when)
        elif action == "back":
            gone += wallet.take_back(number, at=when, first=own)
        elif action == "draw":
            burned.append(wallet.draw(number, at=when))
        assert 0 <= sum(draw.allocated for draw in gone) <= allocated
    for draws in burned:
        wallet.put_back(draws, at=when)
    gone += wallet.part_all(at=when)
    assert all(draw.allocated >= 0 for draw in gone)
    assert sum(draw.points for draw in gone) == points
    assert sum(draw.allocated for draw in gone) == allocated
