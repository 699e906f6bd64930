"""Points that move: always from an account to another, always a positive amount. Nothing raises."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, NamedTuple

from pointbook.engine.ledger.lots import Draw, Lot

Kind = Literal[
    "award",
    "burn",
    "hold",
    "capture",
    "release",
    "lapse",
    "refund",
    "expiry",
    "reinstatement",
    "claw_back",
    "overdraft",
    "repayment",
    "deduction",
    "transfer_out",
    "transfer_in",
]

# Each kind of transfer: the account it takes from and the account it gives to.
ROUTES: Final[dict[Kind, tuple[str, str]]] = {
    "award": ("issued", "wallet"),
    "burn": ("wallet", "redeemed"),
    "hold": ("wallet", "held"),
    "capture": ("held", "redeemed"),
    "release": ("held", "wallet"),
    "lapse": ("held", "expired"),
    "refund": ("redeemed", "wallet"),
    "expiry": ("wallet", "expired"),
    "reinstatement": ("expired", "wallet"),
    "claw_back": ("wallet", "clawed_back"),
    "overdraft": ("debt", "clawed_back"),
    "repayment": ("wallet", "debt"),
    "deduction": ("wallet", "deducted"),
    "transfer_out": ("wallet", "moved"),
    "transfer_in": ("moved", "wallet"),
}


class Transfer(NamedTuple):
    """One movement of `points` (smallest parts of `unit`).

    An award and a transfer_in make one lot, the others have draws; those of a refund, a release
    and a reinstatement say what came back into which lots; captures and lapses take what a hold
    has drawn. `settled` is the receivable (minor units) that a repayment of owed points pays off,
    `undoes` the key of the burn or capture that a refund undoes.
    """

    kind: Kind
    unit: str
    points: int
    at: datetime
    lot: Lot | None = None
    draws: tuple[Draw, ...] = ()
    settled: int = 0
    undoes: tuple[str, str] | None = None
