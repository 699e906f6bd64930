"""Reviews that change no tier and no date: written all the same, so that a rebuild repeats them.

A standing that was reviewed is judged otherwise by a late fact than one that was not. Nothing here
raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from pointbook.engine.replay.member import Member
from pointbook.engine.rules.tiers import Move, Standing

QUIET: Final = "review"


def looked_at(member: Member) -> dict[str, datetime | None]:
    """When the member's standings were last judged, by ladder."""
    return {code: standing.last_at for code, standing in member.standings.items()}


def quiet_moves(
    before: Mapping[str, datetime | None], member: Member, told: Iterable[Move]
) -> list[Move]:
    """A move of no step for every ladder judged since whose last move does not say so."""
    said = {(move.ladder, move.at) for move in told}
    return [
        quiet_move(code, standing)
        for code, standing in member.standings.items()
        if standing.last_at != before.get(code) and (code, standing.last_at) not in said
    ]


def quiet_move(ladder: str, standing: Standing) -> Move:
    """The move of no step with which a standing was last judged."""
    at, tier = standing.last_at, standing.tier
    assert at is not None, "it was judged"
    return Move(at, tier, tier, 0, 0, ladder, QUIET, standing.until)
