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

# What points are that paid a part of a bill; rewards have sides of their own.
TENDER: Final = "tender"
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


class Booked(NamedTuple):
    """What a redemption is in the books: its side, what it is worth and what it costs us.

    The `side` is that of its reward, TENDER where points paid a part of a bill, and '' where
    nothing is known of what they were for. Minor units; a `cost` of None is not known.
    """

    side: str = ""
    worth: int = 0
    cost: int | None = None

    def between(self, low: int, high: int, *, of: int) -> Booked:
        """The part behind the points from `low` to `high` `of` all of them.

        Rounded on the running total, so that all parts come to all of it.
        """
        whole = self.cost

        def part(amount: int) -> int:
            return (2 * amount * high + of) // (2 * of) - (2 * amount * low + of) // (2 * of)

        return Booked(self.side, part(self.worth), None if whole is None else part(whole))


PLAIN: Final = Booked()


class Transfer(NamedTuple):
    """One movement of `points` (smallest parts of `unit`).

    An award and a transfer_in make one lot, the others have draws; those of a refund, a release
    and a reinstatement say what came back into which lots; captures and lapses take what a hold
    has drawn. `settled` is the receivable (minor units) that a repayment of owed points pays off,
    `undoes` the key of the burn or capture that a refund undoes. Burns, captures and refunds say
    what they are in the books, see Booked.
    """

    kind: Kind
    unit: str
    points: int
    at: datetime
    lot: Lot | None = None
    draws: tuple[Draw, ...] = ()
    settled: int = 0
    undoes: tuple[str, str] | None = None
    side: str = ""
    worth: int = 0
    cost: int | None = None
