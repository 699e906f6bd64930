"""The chart and the matrix are complete and speak of the same accounts."""

from itertools import product

import pytest

from pointbook.engine.revenue.policies import (
    ACCOUNTS_OWED,
    AMOUNTS,
    CHART,
    MATRIX,
    Amounts,
    Event,
    Line,
    Policy,
    journal_lines,
)
from pointbook.engine.revenue.recognition import LIABILITIES


def test_every_event_has_its_accounts_under_every_policy():
    assert set(MATRIX) == set(product(Event, Policy))
    assert set(LIABILITIES) == set(ACCOUNTS_OWED) == set(Policy)


def test_the_matrix_names_accounts_of_the_chart_and_known_amounts():
    codes = [account.code for account in CHART]
    assert codes == sorted(set(codes))
    for postings in MATRIX.values():
        for posting in postings:
            assert {posting.debit, posting.credit} <= set(codes)
            assert posting.amount in AMOUNTS


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("amounts", [Amounts(70, 90), Amounts(-70, 40), Amounts(-1, 1), Amounts(0)])
def test_every_entry_balances_and_moves_the_liability_by_its_change(event, policy, amounts):
    lines = journal_lines(event=event, policy=policy, amounts=amounts)
    assert sum(line.debit - line.credit for line in lines) == 0
    owed_on = ACCOUNTS_OWED[policy]
    moved = sum(line.credit - line.debit for line in lines if line.account == owed_on)
    untouched = event in {Event.SHORTFALL_OWED, Event.SHORTFALL_FORGONE}
    assert moved == (0 if untouched else amounts.change)


def test_the_other_way_swaps_the_sides():
    up = journal_lines(event=Event.ESTIMATE, policy=Policy.DEFERRED_REVENUE, amounts=Amounts(160))
    assert up == (Line("2100", 0, 160), Line("4015", 160, 0))
