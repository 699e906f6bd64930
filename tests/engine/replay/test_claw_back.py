"""Returns: what is asked back of an award, where it is found, and what is owed or lost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointbook.engine.replay.verdicts import Recovery
from pointbook.engine.rules.predicates import Test
from pointbook.engine.values.facts import Line
from tests.engine.sketches import (
    YEARLY,
    at,
    balance,
    blueprint,
    bring_back,
    burn,
    buy,
    live,
    moves,
    program,
    rule,
    unit,
    versions,
)

FULL = [("2025-01", "1")]


def asked(recovery: Recovery):
    return recovery.points, recovery.recovered, recovery.owed, recovery.shortfall


def test_a_return_takes_the_own_lot_first_and_then_the_spend_order():
    """Of lots of 100, 50 and 30 points 120 were burned; then the basket of the 50 comes back."""
    state, verdicts = live(
        program(rates=FULL),
        buy("old", "2025-01-01", 10000),
        buy("own", "2025-01-02", 5000),
        buy("new", "2025-01-03", 3000),
        burn("b", "2025-01-04", 120),  # all of old, 20 of own
        bring_back("r", "2025-01-05", "own", 5000),
    )
    (transfer,) = verdicts[-1].transfers
    assert (transfer.kind, transfer.points) == ("claw_back", 50)
    # 50 points of $0.02 beside $50.00 took 98 cents of the price; 30 points beside $30.00 took 59.
    drawn = [(draw.lot.fact, draw.points, draw.allocated) for draw in transfer.draws]
    assert drawn == [("own", 30, 59), ("new", 20, 39)]
    (recovery,) = verdicts[-1].recoveries
    assert (asked(recovery), recovery.share, recovery.unrecovered) == ((50, 50, 0, 0), 98, 0)
    assert balance(state, "2025-01-06") == 10


def test_partial_returns_add_up_to_the_whole():
    """A third, a third, a third of 100 points: 33, 34 and 33, and every cent that was deferred."""
    terms = program(rates=FULL)
    state, verdicts = live(
        terms,
        buy("p", "2025-01-01", 10000),
        bring_back("r1", "2025-01-02", "p", 3333),
        bring_back("r2", "2025-01-03", "p", 3333),
        bring_back("r3", "2025-01-04", "p", 3334),
        bring_back("r4", "2025-01-05", "p", 5000),  # somebody returns it twice
    )
    assert [moves(one) for one in verdicts[1:]] == [
        [("claw_back", 33)],
        [("claw_back", 34)],
        [("claw_back", 33)],
        [],
    ]
    lot = verdicts[0].transfers[0].lot
    assert lot.allocated == 196  # 100.00 x 2.00 / 102.00
    leaving = [draw.allocated for one in verdicts for t in one.transfers for draw in t.draws]
    assert sum(leaving) == 196
    assert sum(one.recoveries[0].share for one in verdicts[1:4]) == 196
    assert verdicts[4].recoveries == []
    assert balance(state, "2025-01-06") == 0


def test_more_than_the_award_is_never_asked_back():
    _, verdicts = live(
        program(), buy("p", "2025-01-01", 1000), bring_back("r", "2025-01-02", "p", 99999)
    )
    assert moves(verdicts[1]) == [("claw_back", 10)]


def test_a_return_that_names_no_known_purchase_does_nothing():
    state, (verdict,) = live(program(), bring_back("r", "2025-01-02", "p", 1000))
    assert (verdict.transfers, verdict.recoveries, state.wallets) == ([], [], {})


def test_a_return_of_some_lines_asks_back_what_those_lines_earned():
    care = rule("care", points=2, lines=Test("category", "is", "care"))
    terms = program(earn=(rule("all"), care))
    soap, bread = Line(category="care", amount=2000), Line(category="food", amount=3000)
    state, verdicts = live(
        terms,
        buy("p", "2025-01-01", 5000, lines=(soap, bread)),  # 50 and 40 points
        bring_back("r1", "2025-01-02", "p", 3000, lines=(bread,)),
        bring_back("r2", "2025-01-03", "p", 2000, lines=(soap,)),
    )
    assert moves(verdicts[0]) == [("award", 50), ("award", 40)]
    assert moves(verdicts[1]) == [("claw_back", 30)]
    assert moves(verdicts[2]) == [("claw_back", 20), ("claw_back", 40)]
    assert balance(state, "2025-01-04") == 0


def test_a_fixed_award_of_a_free_basket_goes_with_any_return():
    terms = program(earn=(rule("visit", points=25, per=0),))
    _, verdicts = live(terms, buy("p", "2025-01-01", 0), bring_back("r", "2025-01-02", "p", 0))
    assert moves(verdicts[1]) == [("claw_back", 25)]


def test_used_points_are_lost_to_the_program_under_clamp():
    state, verdicts = live(
        program(rates=FULL),
        buy("p", "2025-01-01", 10000),
        burn("b", "2025-01-02", 80),
        bring_back("r", "2025-01-03", "p", 10000),
        buy("q", "2025-01-04", 1000),
    )
    assert moves(verdicts[2]) == [("claw_back", 20)]
    (recovery,) = verdicts[2].recoveries
    assert asked(recovery) == (100, 20, 0, 80)
    assert (recovery.share, recovery.unrecovered) == (196, 157)
    assert moves(verdicts[3]) == [("award", 10)]
    assert (state.wallets["points"].debt, balance(state, "2025-01-05")) == (0, 10)


def test_used_points_are_owed_under_allow_negative_and_repaid_first():
    """80 of 100 points were used; two awards repay them and settle the receivable to 0."""
    state, verdicts = live(
        program(rates=FULL, claw_back="allow_negative"),
        buy("p", "2025-01-01", 10000),
        burn("b", "2025-01-02", 80),
        bring_back("r", "2025-01-03", "p", 10000),
    )
    wallet = state.wallets["points"]
    assert moves(verdicts[2]) == [("claw_back", 20), ("overdraft", 80)]
    assert asked(verdicts[2].recoveries[0]) == (100, 20, 80, 0)
    assert (wallet.debt, wallet.receivable) == (80, 157)

    _, (first, second, third) = live(
        program(rates=FULL, claw_back="allow_negative"),
        buy("q", "2025-01-04", 3000),
        buy("s", "2025-01-05", 20000),
        buy("t", "2025-01-06", 500),
        member=state,
    )
    assert moves(first) == [("award", 30), ("repayment", 30)]
    assert (first.transfers[1].settled, first.transfers[1].draws[0].lot.fact) == (59, "q")
    assert moves(second) == [("award", 200), ("repayment", 50)]
    assert second.transfers[1].settled == 157 - 59
    assert (wallet.debt, wallet.receivable) == (0, 0)
    assert moves(third) == [("award", 5)]
    assert balance(state, "2025-01-07") == 150 + 5


def test_points_that_expired_are_not_found_any_more():
    terms = program(units=(unit(expires=("days", 30)),))
    state, verdicts = live(
        terms,
        buy("p", "2025-01-01", 10000),
        buy("q", "2025-01-20", 4000),
        bring_back("r", "2025-02-01", "p", 10000),
    )
    assert asked(verdicts[2].recoveries[0]) == (100, 40, 0, 60)
    assert balance(state, "2025-02-01") == 0


def test_a_return_is_governed_by_the_version_of_its_purchase():
    """Two points a dollar and debts allowed, then one point and a clamp: the sale's terms count."""
    double = blueprint(earn=(rule("summer", points=2),), claw_back="allow_negative")
    terms = versions(("", double), ("2025-02-01", blueprint()))
    state, verdicts = live(
        terms,
        buy("p", "2025-01-31", 10000),
        burn("b", "2025-02-01", 200),
        bring_back("r", "2025-02-02", "p", 5000),
    )
    assert [one.version for one in verdicts] == [1, 2, 2]
    assert moves(verdicts[2]) == [("overdraft", 100)]
    assert state.wallets["points"].debt == 100


@pytest.mark.parametrize("first_tiers", [None, YEARLY])
def test_spend_of_a_version_without_tiers_counts_once_there_are_some(first_tiers):
    terms = versions(("", blueprint(tiers=first_tiers)), ("2025-02-01", blueprint(tiers=YEARLY)))
    _, verdicts = live(
        terms,
        buy("p", "2025-01-10", 30000),
        buy("q", "2025-02-10", 5000),
        bring_back("r", "2025-02-11", "p", 30000),
        bring_back("s", "2025-02-12", "p", 30000),  # no more than was bought
        buy("t", "2025-02-13", 100),
    )
    assert (verdicts[1].move.after, verdicts[1].move.measure) == ("vib", 35000)
    assert (verdicts[4].move.after, verdicts[4].move.measure) == ("insider", 5100)
    assert verdicts[4].move.at == at("2025-02-13")


def test_late_facts_are_judged_at_their_own_time():
    """A purchase and its return reach us after points of a later one have expired and been used."""
    terms = program(units=(unit(expires=("days", 30)),), tiers=YEARLY)
    state, verdicts = live(
        terms,
        buy("p", "2025-03-01", 10000),
        buy("late", "2025-01-15", 4000),
        burn("b", "2025-03-02", 60),
        burn("c", "2025-02-01", 40),  # a till that was off line: then the late points were alive
        bring_back("r", "2025-03-03", "late", 4000),
    )
    assert [draw.lot.fact for draw in verdicts[2].transfers[0].draws] == ["p"]
    assert [draw.lot.fact for draw in verdicts[3].transfers[0].draws] == ["late"]
    assert [draw.lot.fact for draw in verdicts[4].transfers[0].draws] == ["p"]
    assert balance(state, "2025-03-04") == 0
    spend = YEARLY.measures[0]
    assert state.measure(spend, at=at("2025-03-04"), program=terms) == 10000


@given(
    st.integers(1, 200_00),
    st.lists(st.integers(0, 80_00), max_size=8),
    st.integers(0, 200),
    st.sampled_from(["floor", "nearest", "ceiling"]),
    st.booleans(),
)
def test_returns_never_take_more_than_was_given_whatever_the_parts(
    price, parts, used, rounding, negative
):
    terms = program(
        rates=[("2025-01", "0.83")],
        earn=(rule(rounding=rounding),),
        claw_back="allow_negative" if negative else "clamp",
    )
    state, (sale,) = live(terms, buy("p", "2025-01-01", price))
    earned = sum(transfer.points for transfer in sale.transfers)
    if 0 < used <= earned:
        live(terms, burn("b", "2025-01-02", used), member=state)
    _, backs = live(
        terms,
        *(bring_back(f"r{n}", "2025-01-03", "p", part) for n, part in enumerate(parts)),
        member=state,
    )
    recoveries = [recovery for one in backs for recovery in one.recoveries]
    due = sum(recovery.points for recovery in recoveries)
    returned = min(price, sum(parts))
    assert abs(due - Decimal(earned) * returned / price) <= Decimal("0.5")
    assert all(0 <= recovery.unrecovered <= recovery.share for recovery in recoveries)
    if returned == price and earned:
        assert due == earned
        lot = sale.transfers[0].lot
        assert sum(recovery.share for recovery in recoveries) == lot.allocated
    if not negative:
        assert not state.wallets or state.wallets["points"].debt == 0
