"""Which policy an award has: by its reason, as the program's books say. Nothing here raises.

The first row of the books that fits counts. Where none does, points that a sale gave are the
program's policy, and points for no sale are an expense (IAS 37, ASC 450); what makes good a sale
(reason goodwill) is less revenue. The answer is fixed on the lot.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from pointbook.engine.revenue.policies import Policy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pointbook.engine.rules.books import AwardRow, Books

# Reasons of awards that are no earn rule.
ADJUSTMENT: Final = "adjustment"
GOODWILL: Final = "goodwill"
OPENING: Final = "opening"
# Types of facts whose rules give for a reason that has a name.
REASONS: Final[Mapping[str, str]] = {
    "referral": "referral",
    "referred": "referral",
    "challenge": "challenge",
}
SALE: Final = "purchase"
# What shares the price of a sale by relative stand-alone selling prices.
SHARING: Final = frozenset({Policy.DEFERRED_REVENUE, Policy.AGENT})
# What has an amount of its own: the whole price, or what the partner pays.
PRICED_ALONE: Final = frozenset({Policy.BOUGHT, Policy.FUNDED})
# A partner's points, or points that a partner pays for.
PARTNERED: Final = frozenset({Policy.AGENT, Policy.AGENT_GOODWILL, Policy.FUNDED})
# Without a sale there is no price of which points could take a share.
_FOR_NO_SALE: Final = {
    Policy.AGENT: Policy.AGENT_GOODWILL,
    Policy.DEFERRED_REVENUE: Policy.NO_SALE,
}
# Of which programs points that make good a sale are their own policy.
_GOODWILL: Final = {
    Policy.CASH_BACK: Policy.CASH_GOODWILL,
    Policy.AGENT: Policy.AGENT_GOODWILL,
    Policy.INCREMENTAL_COST: Policy.INCREMENTAL_COST,
    Policy.EMPLOYEE: Policy.EMPLOYEE,
}
_NO_SALE: Final = {Policy.AGENT: Policy.AGENT_GOODWILL, Policy.EMPLOYEE: Policy.EMPLOYEE}


class Treatment(NamedTuple):
    """What an award is: its policy, the partner behind it ('' for none), the price of a point.

    `price` is in major units for a whole point, None where the policy asks for none.
    """

    policy: Policy
    funder: str
    price: Decimal | None
    judgement: str


def treatment(
    books: Books, *, rule: str, unit: str, sale: bool, reasons: Collection[str] = ()
) -> Treatment:
    """What an award of a unit is, given by a rule ('' for none) or for these reasons.

    `sale` says whether a sale gave it.
    """
    for row in books.awards:
        if _fits(row, rule, unit, reasons):
            policy = Policy(row.policy)
            if not sale:
                policy = _FOR_NO_SALE.get(policy, policy)
            return Treatment(policy, row.partner, row.price, row.judgement)
    own = Policy(books.policy)
    if sale:
        return Treatment(own, books.partner, books.price, books.judgement)
    if OPENING in reasons:
        policy = Policy.BROUGHT
    elif GOODWILL in reasons:
        policy = _GOODWILL.get(own, Policy.GOODWILL)
    else:
        policy = _NO_SALE.get(own, Policy.NO_SALE)
    if policy in PARTNERED:
        return Treatment(policy, books.partner, books.price, books.judgement)
    return Treatment(policy, "", None, "")


def reasons_of(kind: str) -> tuple[str, ...]:
    """The named reasons for which rules give that listen to facts of a type."""
    return (REASONS[kind],) if kind in REASONS else ()


def price_of(books: Books, *, policy: Policy, funder: str, unit: str) -> Decimal | None:
    """What a whole point of a unit costs or brings in a cohort of this policy and partner.

    Major units; None where the books name no such price. A partner has one price for a unit.
    """
    fitting = {policy} | {before for before, after in _FOR_NO_SALE.items() if after is policy}
    fitting &= PARTNERED
    for row in books.awards:
        if row.policy in fitting and row.partner == funder and row.unit in ("", unit):
            return row.price
    return books.price if books.policy in fitting and books.partner == funder else None


def _fits(row: AwardRow, rule: str, unit: str, reasons: Collection[str]) -> bool:
    return (
        row.unit in ("", unit)
        and (not row.rule or row.rule == rule)
        and (not row.reason or row.reason in reasons)
    )
