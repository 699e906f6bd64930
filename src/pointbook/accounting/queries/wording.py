"""What the entries of a close say: one text for every event, policy and way of redeeming.

The same inputs give the same text. Nothing here raises.
"""

from __future__ import annotations

from typing import Final

from pointbook.accounting.queries.derivation import Derived
from pointbook.engine.revenue.policies import AT_FACE, Event, Policy
from pointbook.engine.revenue.recognition import JournalEntry

_SAYS: Final = {
    Event.CANCELLED_BURN: "Burns cancelled",
    Event.REINSTATEMENT: "Expired points reinstated",
    Event.CLAW_BACK: "Points clawed back",
    Event.SHORTFALL_OWED: "Points not recovered, owed by members",
    Event.SHORTFALL_FORGONE: "Points not recovered, forgone",
    Event.REPAYMENT: "Owed points repaid by later awards",
    Event.BURN: "Points redeemed",
    Event.EXPIRY: "Points expired or deducted beyond expectation",
    Event.COST: "Another cost of points",
}
# What differs from the words for points; cards are never estimated unless somebody does.
_OF_VALUE: Final = {
    Event.CANCELLED_BURN: "Uses of stored value cancelled",
    Event.REINSTATEMENT: "Expired stored value reinstated",
    Event.CLAW_BACK: "Stored value taken back",
    Event.SHORTFALL_OWED: "Stored value not recovered, owed by members",
    Event.SHORTFALL_FORGONE: "Stored value not recovered, forgone",
    Event.REPAYMENT: "Owed stored value repaid",
    Event.BURN: "Stored value used",
    Event.EXPIRY: "Stored value expired or deducted",
    Event.COST: "Another worth of stored value",
}
_NEW: Final = {
    Policy.DEFERRED_REVENUE: "New points, {:,} awards",
    Policy.BOUGHT: "Points bought, {:,} times",
    Policy.FUNDED: "New points paid for by partners, {:,} awards",
    Policy.BROUGHT: "Points brought along, {:,} awards",
    Policy.INCREMENTAL_COST: "New points at expected cost, {:,} awards",
    Policy.CASH_BACK: "New cash back, {:,} awards",
    Policy.CASH_GOODWILL: "New cash back that makes good a sale, {:,} awards",
    Policy.AGENT: "New points of partners, {:,} awards",
    Policy.AGENT_GOODWILL: "New points of partners for no sale, {:,} awards",
    Policy.NO_SALE: "New points for no sale, {:,} awards",
    Policy.GOODWILL: "New points that make good a sale, {:,} awards",
    Policy.EMPLOYEE: "New points of staff, {:,} awards",
    Policy.STORED_VALUE: "Stored value sold, {:,} times",
    Policy.EXCHANGED_VALUE: "Stored value given for points, {:,} times",
}
# What the points are, where it is not a material right.
_WHICH: Final = {
    Policy.DEFERRED_REVENUE: "",
    Policy.BOUGHT: "bought",
    Policy.FUNDED: "paid for by partners",
    Policy.BROUGHT: "brought along",
    Policy.INCREMENTAL_COST: "at expected cost",
    Policy.CASH_BACK: "cash back",
    Policy.CASH_GOODWILL: "cash back that makes good a sale",
    Policy.AGENT: "points of partners",
    Policy.AGENT_GOODWILL: "points of partners for no sale",
    Policy.NO_SALE: "given for no sale",
    Policy.GOODWILL: "given to make good a sale",
    Policy.EMPLOYEE: "points of staff",
    Policy.STORED_VALUE: "",
    Policy.EXCHANGED_VALUE: "given for points",
}
_FOR: Final = {
    "": "",
    "own_goods": "for own goods and discounts",
    "none": "for stored value and access",
    "tender": "to pay bills",
    "principal": "for goods of partners",
    "agent": "for goods of partners, as their agent",
    "charity": "for charity",
    "cash": "for money",
}


def describe(derived: Derived, posted: JournalEntry) -> str:
    """The text of an entry."""
    policy = posted.policy
    if posted.event is Event.NEW:
        return _NEW[policy].format(derived.moved.count(Event.NEW, policy))
    which = _WHICH[policy]
    if posted.event is Event.ESTIMATE:
        change = f"Change of estimate, {derived.rate_before:.1%} to {derived.rate:.1%}"
        return f"{change} ({which})" if which else change
    says = (_OF_VALUE if policy in AT_FACE else _SAYS)[posted.event]
    words = [says, _FOR[posted.side], f"({which})" if which else ""]
    if posted.other:
        words.append(f"given by {posted.other}" if posted.here else f"at {posted.other}")
    return " ".join(word for word in words if word)
