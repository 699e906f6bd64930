"""A program under every policy, lived for some months and closed: nothing is owed in the end."""

import pytest

from pointbook.engine.revenue.policies import ACCOUNTS_OWED, TIED, Policy
from pointbook.ledger.models import Lot
from tests.rooms.accounting.conftest import Shop
from tests.rooms.accounting.periods import balances, closed, events
from tests.rooms.till import broken

MORE = """
rewards:
  - {reward: trip, name: A trip, price: 10, value: "10.00", side: principal, cost: "6.00"}
"""
WHY = 'judgement: "As it is."'
PARTNER = 'partner: air, price: "0.50"'
MAIN = {
    Policy.DEFERRED_REVENUE: "",
    Policy.INCREMENTAL_COST: "",
    Policy.CASH_BACK: "",
    Policy.AGENT: f", {PARTNER}",
    Policy.EMPLOYEE: "",
}
ROWS = {
    Policy.BOUGHT: "",
    Policy.FUNDED: f", {PARTNER}",
    Policy.NO_SALE: "",
    Policy.GOODWILL: "",
    Policy.CASH_GOODWILL: "",
    Policy.AGENT_GOODWILL: f", {PARTNER}",
}


def books(policy):
    """What the document says, so that what a sale gives has the policy."""
    if policy in MAIN:
        return f"policy: {policy}, {WHY}{MAIN[policy]}"
    row = f"{{rule: buy, policy: {policy}, {WHY}{ROWS[policy]}}}"
    return f"policy: deferred_revenue, {WHY}, awards: [{row}]"


@pytest.mark.parametrize("policy", [*MAIN, *ROWS])
def test_a_program_of_every_policy_ends_at_nothing(db, policy):
    shop = Shop(expires="{after_days: 70}", more=MORE, books=books(policy)).open()
    shop.estimate("0.8", "2017-01")
    shop.happened(
        shop.buy("2017-01-05", 100_000),
        shop.buy("2017-01-06", 50_000, key="back", member="m2"),
        shop.burn("2017-01-20", 30),
    )
    assert set(Lot.objects.values_list("policy", flat=True)) == {policy.value}
    closed(shop, "2017-01")
    shop.happened(
        shop.tell("burn", "2017-02-03", reward="trip"),
        shop.burn("2017-02-04", 20, member="m2"),
        shop.give_back("2017-02-05", "back", 25_000, member="m2"),
    )
    shop.estimate("0.9", "2017-02")
    closed(shop, "2017-02")
    if policy not in {Policy.AGENT, Policy.AGENT_GOODWILL}:
        assert "2400" in {account for account, _, _ in events("2017-02")["burn"]}
    closed(shop, "2017-03", "2017-04")
    left = balances()
    assert sum(left.values()) == 0
    owed = ACCOUNTS_OWED[policy]
    if policy in TIED:
        assert left[owed] == 0
        assert left["2400"] == 600  # the partner's trip, until its invoice is paid
    else:
        assert left[owed] == (150 - 25) * 50  # 0.50 for every point that stayed
    assert broken() == {}
