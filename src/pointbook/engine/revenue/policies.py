"""The chart of accounts and the posting matrix: which event debits and credits what.

Two tables and one function that reads them. Another policy is more rows, not more code. Account
codes are defaults; every entity may map them to its own accounts. Nothing here raises.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Policy(StrEnum):
    """What an award is in the books; follows its reason and stays on the lot to its end."""

    DEFERRED_REVENUE = "deferred_revenue"  # a material right: IFRS 15 B39-B41, ASC 606-10-55-41
    STORED_VALUE = "stored_value"  # gift cards, prepaid: IFRS 15 B44-B47, ASC 606-10-55-46..49
    EXCHANGED_VALUE = "exchanged_value"  # stored value that points were given for; nobody paid


class Event(StrEnum):
    """What changes a cohort in a period, in the order in which it is posted."""

    NEW = "new"
    CANCELLED_BURN = "cancelled_burn"
    REINSTATEMENT = "reinstatement"  # points that had expired can be used again
    CLAW_BACK = "claw_back"
    SHORTFALL_OWED = "shortfall_owed"  # points not recovered, the member owes them
    SHORTFALL_FORGONE = "shortfall_forgone"  # points not recovered, nobody owes them
    REPAYMENT = "repayment"  # a later award repays owed points
    BURN = "burn"
    EXPIRY = "expiry"
    ESTIMATE = "estimate"


class Kind(StrEnum):
    """The kind of an account: its side of the balance sheet or of the income statement."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"
    MEMO = "memo"  # in points, never in money


class Account(NamedTuple):
    """One account of the default chart."""

    code: str
    name: str
    kind: Kind


CHART: Final = (
    Account("1000", "Settlement and tender clearing", Kind.ASSET),
    Account("1150", "Partner receivable", Kind.ASSET),
    Account("1180", "Member claw-back receivable", Kind.ASSET),
    Account("1190", "Intercompany receivable", Kind.ASSET),
    Account("1400", "Inventory", Kind.ASSET),
    Account("2100", "Contract liability: points", Kind.LIABILITY),
    Account("2110", "Contract liability: gift cards", Kind.LIABILITY),
    Account("2120", "Contract liability: membership", Kind.LIABILITY),
    Account("2130", "Contract liability: tier", Kind.LIABILITY),
    Account("2150", "Contract liability: marketing services", Kind.LIABILITY),
    Account("2190", "Intercompany payable", Kind.LIABILITY),
    Account("2200", "Refund liability", Kind.LIABILITY),
    Account("2300", "Provision for points", Kind.LIABILITY),
    Account("2400", "Partner payable", Kind.LIABILITY),
    Account("2410", "Charity payable", Kind.LIABILITY),
    Account("2500", "Tax", Kind.LIABILITY),
    Account("2600", "Unclaimed property", Kind.LIABILITY),
    Account("2700", "Employee benefits", Kind.LIABILITY),
    Account("3000", "Equity: opening and transition", Kind.EQUITY),
    Account("4000", "Revenue: goods", Kind.INCOME),
    Account("4010", "Revenue: points redeemed", Kind.INCOME),
    Account("4015", "Revenue: change of estimate", Kind.INCOME),
    Account("4020", "Revenue: breakage", Kind.INCOME),
    Account("4030", "Revenue: agency fee", Kind.INCOME),
    Account("4040", "Revenue: membership", Kind.INCOME),
    Account("4050", "Revenue: marketing services", Kind.INCOME),
    Account("4090", "Contra-revenue", Kind.INCOME),
    Account("5000", "Cost of rewards", Kind.EXPENSE),
    Account("5100", "Loyalty cost", Kind.EXPENSE),
    Account("6100", "Marketing", Kind.EXPENSE),
    Account("6200", "Staff cost", Kind.EXPENSE),
    Account("7000", "Foreign exchange", Kind.EXPENSE),
    Account("9000", "Points issued", Kind.MEMO),
    Account("9001", "Points outstanding", Kind.MEMO),
)


class Amounts(NamedTuple):
    """What an event moved, in minor units; adds up over cohorts field by field.

    `change` is the change of the liability (a rise is positive). `share` is the frozen amount on
    the other side: allocated by new awards, the returned award's own share, the receivable repaid.
    """

    change: int
    share: int = 0


AMOUNTS: Final[Mapping[str, Callable[[Amounts], int]]] = {
    "raised": lambda amounts: amounts.change,
    "released": lambda amounts: -amounts.change,
    "share": lambda amounts: amounts.share,
}


class Posting(NamedTuple):
    """A row of the matrix: this amount is debited here and credited there; below 0, swapped."""

    debit: str
    credit: str
    amount: str


# Where an event has two rows, one account (4010; 4020 for stored value) stands on both sides and
# keeps only the rest: what the frozen share differs from the change of the liability. Rows that
# meet on an account are netted. A card given for points satisfies nothing: its face leaves the
# revenue that the points' capture brought, and is revenue when the card is used.
MATRIX: Final[Mapping[tuple[Event, Policy], tuple[Posting, ...]]] = {
    (Event.NEW, Policy.DEFERRED_REVENUE): (
        Posting("4000", "4010", "share"),
        Posting("4010", "2100", "raised"),
    ),
    (Event.CANCELLED_BURN, Policy.DEFERRED_REVENUE): (Posting("4010", "2100", "raised"),),
    (Event.REINSTATEMENT, Policy.DEFERRED_REVENUE): (Posting("4020", "2100", "raised"),),
    (Event.CLAW_BACK, Policy.DEFERRED_REVENUE): (
        Posting("2100", "4010", "released"),
        Posting("4010", "4000", "share"),
    ),
    (Event.SHORTFALL_OWED, Policy.DEFERRED_REVENUE): (Posting("1180", "4000", "share"),),
    (Event.SHORTFALL_FORGONE, Policy.DEFERRED_REVENUE): (Posting("4090", "4000", "share"),),
    (Event.REPAYMENT, Policy.DEFERRED_REVENUE): (
        Posting("2100", "4010", "released"),
        Posting("4010", "1180", "share"),
    ),
    (Event.BURN, Policy.DEFERRED_REVENUE): (Posting("2100", "4010", "released"),),
    (Event.EXPIRY, Policy.DEFERRED_REVENUE): (Posting("2100", "4020", "released"),),
    (Event.ESTIMATE, Policy.DEFERRED_REVENUE): (Posting("2100", "4015", "released"),),
    (Event.NEW, Policy.STORED_VALUE): (
        Posting("1000", "4020", "share"),
        Posting("4020", "2110", "raised"),
    ),
    (Event.CANCELLED_BURN, Policy.STORED_VALUE): (Posting("4000", "2110", "raised"),),
    (Event.REINSTATEMENT, Policy.STORED_VALUE): (Posting("4020", "2110", "raised"),),
    (Event.CLAW_BACK, Policy.STORED_VALUE): (
        Posting("2110", "4020", "released"),
        Posting("4020", "1000", "share"),
    ),
    (Event.SHORTFALL_OWED, Policy.STORED_VALUE): (Posting("1180", "1000", "share"),),
    (Event.SHORTFALL_FORGONE, Policy.STORED_VALUE): (Posting("4090", "1000", "share"),),
    (Event.REPAYMENT, Policy.STORED_VALUE): (
        Posting("2110", "4020", "released"),
        Posting("4020", "1180", "share"),
    ),
    (Event.BURN, Policy.STORED_VALUE): (Posting("2110", "4000", "released"),),
    (Event.EXPIRY, Policy.STORED_VALUE): (Posting("2110", "4020", "released"),),
    (Event.ESTIMATE, Policy.STORED_VALUE): (Posting("2110", "4020", "released"),),
    (Event.NEW, Policy.EXCHANGED_VALUE): (Posting("4010", "2110", "raised"),),
    (Event.CANCELLED_BURN, Policy.EXCHANGED_VALUE): (Posting("4010", "2110", "raised"),),
    (Event.REINSTATEMENT, Policy.EXCHANGED_VALUE): (Posting("4020", "2110", "raised"),),
    (Event.CLAW_BACK, Policy.EXCHANGED_VALUE): (Posting("2110", "4010", "released"),),
    (Event.SHORTFALL_OWED, Policy.EXCHANGED_VALUE): (Posting("1180", "4010", "share"),),
    (Event.SHORTFALL_FORGONE, Policy.EXCHANGED_VALUE): (Posting("4090", "4010", "share"),),
    (Event.REPAYMENT, Policy.EXCHANGED_VALUE): (
        Posting("2110", "4010", "released"),
        Posting("4010", "1180", "share"),
    ),
    (Event.BURN, Policy.EXCHANGED_VALUE): (Posting("2110", "4010", "released"),),
    (Event.EXPIRY, Policy.EXCHANGED_VALUE): (Posting("2110", "4020", "released"),),
    (Event.ESTIMATE, Policy.EXCHANGED_VALUE): (Posting("2110", "4020", "released"),),
}

# The account on which what is owed under a policy stands.
ACCOUNTS_OWED: Final[Mapping[Policy, str]] = {
    Policy.DEFERRED_REVENUE: "2100",
    Policy.STORED_VALUE: "2110",
    Policy.EXCHANGED_VALUE: "2110",
}
# Owed at face: all of it is expected to be used, until there is an estimate of its own for it.
AT_FACE: Final = frozenset({Policy.STORED_VALUE, Policy.EXCHANGED_VALUE})
TOPPED_UP: Final = "top_up"
FOR_POINTS: Final = "reward."


def value_policy(rule: str, *, otherwise: str) -> str:
    """The policy of a new lot of stored value by the rule that made it.

    What a rule of the program gave with a sale is a material right, like points.
    """
    if rule == TOPPED_UP:
        return Policy.STORED_VALUE.value
    return Policy.EXCHANGED_VALUE.value if rule.startswith(FOR_POINTS) else otherwise


class Line(NamedTuple):
    """One line of a journal entry: minor units, never negative, one of the two is 0."""

    account: str
    debit: int
    credit: int


def journal_lines(*, event: Event, policy: Policy, amounts: Amounts) -> tuple[Line, ...]:
    """The lines of one journal entry by the matrix: balanced, in order of accounts, no zeros."""
    balances: Counter[str] = Counter()
    for debit, credit, name in MATRIX[event, policy]:
        amount = AMOUNTS[name](amounts)
        balances[debit] += amount
        balances[credit] -= amount
    return tuple(
        Line(account, max(balance, 0), max(-balance, 0))
        for account, balance in sorted(balances.items())
        if balance
    )
