"""A member's standings before a fact that may be refused: a refused fact leaves no trace.

Judging lets time pass first. What time changed for a fact that came to nothing would otherwise
stand in the working copy, unposted, and be taken for what an older fact of the batch did. Nothing
here raises.
"""

from __future__ import annotations

from copy import deepcopy

from pointbook.engine.replay.member import Member


class Saved:
    """What time may change of a member: standings, and the ends of lots."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._standings = deepcopy(member.standings)
        self._ends = [
            (wallet, lot, lot.expires_at)
            for wallet in member.wallets.values()
            for lot in wallet.lots
        ]

    def restore(self) -> None:
        """Put back what was saved."""
        member = self._member
        member.standings = self._standings
        member.unposted.clear()
        member.shifted.clear()
        for wallet, lot, ends in self._ends:
            if lot.expires_at != ends:
                wallet.release(lot, starts_at=lot.starts_at, expires_at=ends)
