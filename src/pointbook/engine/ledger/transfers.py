"""Points that move: always from an account to another, always a positive amount. Nothing raises."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, NamedTuple

from pointbook.engine.ledger.lots import Draw, Lot

Kind = Literal["award", "burn", "expiry", "claw_back", "overdraft", "repayment"]

# Each kind of transfer: the account it takes from and the account it gives to.
ROUTES: Final[dict[Kind, tuple[str, str]]] = {
    "award": ("issued", "wallet"),
    "burn": ("wallet", "redeemed"),
    "expiry": ("wallet", "expired"),
    "claw_back": ("wallet", "clawed_back"),
    "overdraft": ("debt", "clawed_back"),
    "repayment": ("wallet", "debt"),
}


class Transfer(NamedTuple):
    """One movement of `points` (smallest parts of `unit`); an award has a lot, the others draws.

    `settled` is the receivable (minor units) that a repayment of owed points pays off.
    """

    kind: Kind
    unit: str
    points: int
    at: datetime
    lot: Lot | None = None
    draws: tuple[Draw, ...] = ()
    settled: int = 0
