"""Judge the standings that time alone changes: ends of validity, of floors and of matches.

A fact that comes first finds the review done when it is judged, so nothing waits for this job.
Raises nothing of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from pointbook.earning.gather import gather_members
from pointbook.earning.quiet import looked_at, quiet_moves
from pointbook.earning.states import due_members, keep
from pointbook.engine.replay.cases import pass_time
from pointbook.ledger.operations.posting import put_off
from pointbook.programs.operations.holding import hold_rules
from pointbook.programs.queries import compiled
from pointbook.tiers.operations import review

CHUNK: Final = 2_000


def review_standings(*, program_id: int, at: datetime) -> int:
    """Judge every standing that is due by `at`; answers how many members were looked at.

    Works in transactions of at most CHUNK members, so that a till never waits long.
    """
    seen = 0
    found = CHUNK
    while found == CHUNK:
        found = _chunk(program_id, at)
        seen += found
    return seen


def _chunk(program_id: int, at: datetime) -> int:
    with transaction.atomic():
        hold_rules(program_id)
        program = compiled(program_id)
        who = due_members(program_id=program_id, at=at, limit=CHUNK)
        if not who:
            return 0
        states = gather_members(program_id=program_id, program=program, who=who).states
        moves, shifts = [], []
        for member, state in sorted(states.items()):
            before = looked_at(state)
            pass_time(program, state, at)
            told = [*state.unposted, *quiet_moves(before, state, state.unposted)]
            moves += [(member, move) for move in told]
            shifts += state.shifted
        put_off(shifts)
        review(program_id=program_id, moves=moves)
        keep(program_id=program_id, program=program, states=states)
        return len(who)
