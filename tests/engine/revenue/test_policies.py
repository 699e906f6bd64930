"""The chart, the roles and the matrix are complete and speak of the same accounts."""

from itertools import product
from typing import get_args

import pytest

from pointbook.engine.revenue.accounts import CHART
from pointbook.engine.revenue.matrix import (
    AMOUNTS,
    BESIDE,
    BY_SIDE,
    MATRIX,
    REDEMPTIONS,
    Amounts,
    Line,
    Redeemed,
    beside_lines,
    journal_lines,
    rows_of,
)
from pointbook.engine.revenue.policies import (
    ACCOUNTS_OWED,
    ROLES,
    TIED,
    Event,
    Measure,
    Policy,
    Roles,
)
from pointbook.engine.revenue.recognition import LIABILITIES
from pointbook.engine.rules.catalogue import Side

CODES = [account.code for account in CHART]
SIDES = ["", "tender", *get_args(Side)]


def test_every_event_has_its_row_however_a_liability_is_measured():
    measures = get_args(Measure)
    assert set(MATRIX) == set(product(Event, measures))
    assert set(LIABILITIES) == set(measures)
    assert set(ROLES) == set(ACCOUNTS_OWED) == set(Policy)
    assert set(REDEMPTIONS) == set(product(["share", "cost", "face"], SIDES))


def test_the_matrix_names_accounts_of_the_chart_roles_and_known_amounts():
    assert sorted(set(CODES)) == CODES
    named = {*CODES, *Roles._fields} - {"measure"}
    for postings in [*MATRIX.values(), *REDEMPTIONS.values(), *BESIDE.values()]:
        for posting in postings:
            assert {posting.debit, posting.credit} <= named
            assert posting.amount in AMOUNTS
    for roles in ROLES.values():
        assert set(roles[1:]) <= set(CODES)


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("event", Event)
def test_every_entry_balances_and_moves_the_liability_by_its_change(event, policy):
    some = [Amounts(70, 90), Amounts(-70, 40, 60), Amounts(-1, 1, 3), Amounts(0)]
    for side, other, amounts in product(SIDES, ["", "other"], some):
        redeemed = Redeemed(side, other, costs=True)
        lines = journal_lines(event=event, policy=policy, amounts=amounts, redeemed=redeemed)
        assert sum(line.debit - line.credit for line in lines) == 0
        owed_on = ACCOUNTS_OWED[policy]
        moved = sum(line.credit - line.debit for line in lines if line.account == owed_on)
        still = not rows_of(event=event, policy=policy, redeemed=redeemed)
        untouched = still or event in {Event.SHORTFALL_OWED, Event.SHORTFALL_FORGONE}
        if policy in TIED:
            assert moved == (0 if untouched else amounts.change)


@pytest.mark.parametrize(("policy", "side"), [*product(sorted(TIED), SIDES)])
@pytest.mark.parametrize("event", sorted(BY_SIDE))
def test_a_pair_of_two_entities_is_equal_and_opposite(policy, side, event):
    amounts = Amounts(-80, 0, 50)
    own = journal_lines(
        event=event, policy=policy, amounts=amounts, redeemed=Redeemed(side, "other")
    )
    theirs = journal_lines(
        event=event, policy=policy, amounts=amounts, redeemed=Redeemed(side, "main", here=True)
    )
    assert sum(line.debit - line.credit for line in theirs) == 0
    payable = sum(line.credit - line.debit for line in own if line.account == "2190")
    receivable = sum(line.debit - line.credit for line in theirs if line.account == "1190")
    assert payable == receivable > 0


@pytest.mark.parametrize(("event", "kind"), BESIDE)
def test_what_is_posted_beside_cohorts_balances(event, kind):
    lines = beside_lines(event, kind, Amounts(0, 90, 18))
    assert lines
    assert sum(line.debit - line.credit for line in lines) == 0


def test_the_other_way_swaps_the_sides():
    up = journal_lines(event=Event.ESTIMATE, policy=Policy.DEFERRED_REVENUE, amounts=Amounts(160))
    assert up == (Line("2100", 0, 160), Line("4015", 160, 0))
