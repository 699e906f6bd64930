"""The default chart of accounts; every entity maps it to its own. Nothing here raises."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


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
