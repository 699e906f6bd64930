"""Record standings that changed. Raises nothing of its own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from pointbook.controls.copying import copy, escape
from pointbook.engine.rules.tiers import Move

COLUMNS = ("program_id", "member_id", "fact_id", "at", "before", "tier", "measure", "step")


def record(*, program_id: int, moves: Sequence[tuple[uuid.UUID, int, Move]]) -> None:
    """Write moves of (member, fact id, move) in the caller's transaction."""
    copy(
        "tiers_standing",
        COLUMNS,
        (
            f"{program_id}\t{member}\t{fact}\t{move.at.isoformat()}\t{escape(move.before)}\t"
            f"{escape(move.after)}\t{move.measure}\t{move.step}"
            for member, fact, move in moves
        ),
    )
