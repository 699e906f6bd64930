"""What a redemption is in the books: its side, what it is worth, what it costs. Nothing raises."""

from __future__ import annotations

from typing import Final

from pointbook.engine.ledger.holds import Hold
from pointbook.engine.ledger.transfers import PLAIN, TENDER, Booked
from pointbook.engine.rules.catalogue import Reward

# Sides on which the amount that a reward gives is paid to somebody.
PAID_OUT: Final = frozenset({"cash", "charity"})
# Nothing is given that could cost anything.
COSTLESS: Final = "none"


def booked(hold: Hold, reward: Reward | None, points: int) -> Booked:
    """What a redemption is when so many of its points are used; `reward` None: points paid a bill.

    What is paid for it is its cost: the amount given as money or to a charity, else the reward's
    stated cost; None where none is stated. Points that were for nothing named are plain.
    """
    if reward is None:
        return Booked(TENDER, hold.amount) if hold.order is not None else PLAIN
    each = reward.gives.amount if reward.side in PAID_OUT else 0
    cost = (each or reward.cost) * hold.quantity
    known = bool(cost) or reward.side == COSTLESS
    whole = Booked(reward.side, reward.worth * hold.quantity, cost if known else None)
    return whole if points == hold.points else whole.between(0, points, of=hold.points)
