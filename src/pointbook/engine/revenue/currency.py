"""Balances in another currency than the entity's own, at the rate of the period's end.

Only what is settled in money is remeasured (IAS 21.16, 21.23, 21.28): refund liabilities, payables
and receivables. Contract liabilities and provisions that are settled in goods keep the rate at
which they arose. Nothing here raises.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from pointbook.engine.values.money import half_up

# Accounts that are settled in money. Employee benefits and provisions are settled in goods.
MONETARY_ACCOUNTS: Final = ("1150", "1180", "1190", "2190", "2200", "2400", "2410", "2600")


class Pair(NamedTuple):
    """Two currencies by the places of their minor units: of the balance, and the entity's own."""

    places: int
    own_places: int


def translated(balance: int, *, rate: Decimal, pair: Pair) -> int:
    """A balance in minor units of the entity's own currency, half up; `rate` is own per foreign."""
    worth = Fraction(rate) * balance * Fraction(10) ** (pair.own_places - pair.places)
    return half_up(numerator=worth.numerator, denominator=worth.denominator)


def loss(balance: int, *, before: Decimal, now: Decimal, pair: Pair) -> int:
    """What the change of a rate costs, minor units of the own currency; below 0 it is a gain.

    `balance` is what the account owes (credits positive), so a receivable is below 0.
    """
    return translated(balance, rate=now, pair=pair) - translated(balance, rate=before, pair=pair)
