"""What an award is in the books, and the events of its life. Nothing here raises.

A policy follows the award's reason and is fixed on the lot (see `treatments`). `ROLES` names the
accounts that each policy uses; `matrix` says which of them an event debits and credits.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Policy(StrEnum):
    """What an award is in the books; follows its reason and stays on the lot to its end."""

    DEFERRED_REVENUE = "deferred_revenue"  # (a) a material right: IFRS 15 B39-B41, 606-10-55-41
    BOUGHT = "bought"  # (a) points that a member bought: the whole price
    FUNDED = "funded"  # (a) points that a partner pays for
    BROUGHT = "brought"  # (a) opening balances and acquired ones
    INCREMENTAL_COST = "incremental_cost"  # (b) no material right: expected cost, IAS 37
    CASH_BACK = "cash_back"  # (c) money back: IFRS 15.51, 55, 59
    CASH_GOODWILL = "cash_goodwill"  # (c) money that makes good a sale
    AGENT = "agent"  # (d) a partner's points: IFRS 15 B34-B38, 606-10-55-36..40
    AGENT_GOODWILL = "agent_goodwill"  # (d) a partner's points for no sale
    NO_SALE = "no_sale"  # (e) sign-up, review, birthday: IAS 37, ASC 450
    GOODWILL = "goodwill"  # (e) points that make good a sale
    EMPLOYEE = "employee"  # points of staff: IAS 19, ASC 710
    STORED_VALUE = "stored_value"  # gift cards, prepaid: IFRS 15 B44-B47, 606-10-55-46..49
    EXCHANGED_VALUE = "exchanged_value"  # stored value that points were given for; nobody paid


# How the liability of a cohort is measured: a frozen share of a price, expected cost (or money),
# what is due to a partner at once, or its face.
Measure = Literal["share", "cost", "due", "face"]


class Roles(NamedTuple):
    """The accounts of a policy, by what they are for.

    `owed` carries the liability; `given` stands against a new award; `used` takes what redemption
    releases, `broken` what expires (or is due above a sale's share), `changed` a change of
    estimate. Where an entry has two rows,
    `rest` keeps what the frozen share differs from the change of the liability.
    """

    measure: Measure
    owed: str
    given: str
    rest: str
    used: str
    broken: str
    changed: str


ROLES: Final[Mapping[Policy, Roles]] = {
    #                              measure  owed   given   rest    used    broken  changed
    Policy.DEFERRED_REVENUE: Roles("share", "2100", "4000", "4010", "4010", "4020", "4015"),
    Policy.BOUGHT:           Roles("share", "2100", "1000", "4010", "4010", "4020", "4015"),
    Policy.FUNDED:           Roles("share", "2100", "1150", "4010", "4010", "4020", "4015"),
    Policy.BROUGHT:          Roles("share", "2100", "3000", "4010", "4010", "4020", "4015"),
    Policy.INCREMENTAL_COST: Roles("cost", "2300", "5100", "5100", "5100", "5100", "5100"),
    Policy.CASH_BACK:        Roles("cost", "2200", "4000", "4000", "4000", "4000", "4000"),
    Policy.CASH_GOODWILL:    Roles("cost", "2200", "4090", "4090", "4090", "4090", "4090"),
    Policy.AGENT:            Roles("due", "2400", "4000", "4030", "4030", "5100", "4030"),
    Policy.AGENT_GOODWILL:   Roles("due", "2400", "6100", "6100", "6100", "6100", "6100"),
    Policy.NO_SALE:          Roles("cost", "2300", "6100", "6100", "6100", "6100", "6100"),
    Policy.GOODWILL:         Roles("cost", "2300", "4090", "4090", "4090", "4090", "4090"),
    Policy.EMPLOYEE:         Roles("cost", "2700", "6200", "6200", "6200", "6200", "6200"),
    Policy.STORED_VALUE:     Roles("face", "2110", "1000", "4020", "4000", "4020", "4020"),
    Policy.EXCHANGED_VALUE:  Roles("face", "2110", "4010", "4010", "4010", "4020", "4020"),
}  # fmt: skip
ACCOUNTS_OWED: Final = {policy: roles.owed for policy, roles in ROLES.items()}
# What is owed to a partner is paid by invoices, so its account holds no cohorts.
TIED: Final = frozenset(
    policy for policy, roles in ROLES.items() if roles.owed not in {"2400", "2410"}
)
# Owed at face: all of it is expected to be used, unless an estimate says what will not be.
AT_FACE: Final = frozenset(policy for policy, roles in ROLES.items() if roles.measure == "face")
# Settled in cash, so remeasured when the currency moves (IAS 21.8, 21.23).
MONETARY: Final = frozenset({Policy.CASH_BACK, Policy.CASH_GOODWILL, Policy.AGENT})
# Where what runs over time stands until its days are over, by its kind.
RUNS_ON: Final = {"membership": "2120", "tier": "2130", "marketing": "2150"}
# What stands before the code of a reward that gave stored value, as the reason of its lot.
FOR_POINTS: Final = "reward."


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
    COST = "cost"  # another cost or value of a point


class Beside(StrEnum):
    """What the books post beside the life of cohorts."""

    SALE = "sale"  # the full sale, where Pointbook books it
    TENDER = "tender"  # points that paid a bill which the shop booked gross
    PREPAID = "prepaid"  # membership, marketing, tier: paid or deferred for a span of time
    OVER_TIME = "over_time"  # the part of it that was earned by the days
    EXCHANGE = "exchange"  # monetary balances in another currency, at the new rate
    MANUAL = "manual"
    REVERSAL = "reversal"
