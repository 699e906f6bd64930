"""What redemptions announce in a program's sequence, beside the facts that make them."""

from __future__ import annotations

from typing import Final

SUPPLIED: Final = "reward.supplied"  # there are more or fewer of a reward; the shelf's id
PROGRESSED: Final = "redemption.progressed"  # a step of fulfilment; the redemption's fact
REVIEWED: Final = "redemption.reviewed"  # somebody looked at a suspicious one; the same
CONFIRMED: Final = "redemption.confirmed"  # confirmed by its one-time code; the same
OFFERED: Final = "slot.offered"  # a place became free for who waits; the waiting's id
PAID_OUT: Final = "cause.paid_out"  # what was given to a cause was paid; the payout's id
DRAWN: Final = "sweepstake.drawn"  # the winners are drawn; the draw's id
