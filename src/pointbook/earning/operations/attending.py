"""What follows of a redemption by a fact: a booking that nobody came to, a review that refused it.

The room `redemption` writes the step, then its fact is posted. Every part is done once, so that a
call that broke off between them is simply made again. Raises what both raise.
"""

from __future__ import annotations

from typing import Final

from pointbook.controls.actors import Actor
from pointbook.controls.clock import clock
from pointbook.earning.operations import redeeming
from pointbook.earning.operations.redeeming import Key
from pointbook.engine.replay.verdicts import made_id
from pointbook.programs.queries import program as find_program
from pointbook.redemption.operations import fulfilling, reviewing
from pointbook.redemption.queries.redemptions import Row

# The source of facts that the team causes: Pointbook's own would end a voucher by time.
TEAM: Final = "team"


def no_show(*, program: str, redemption: Key, actor: Actor, note: str = "") -> Row:
    """Nobody came to a booking; its points come back where the program says so.

    :raises StepRefused: no booking, not captured, not begun, or somebody came.
    """
    row = find_program(program)
    missed = fulfilling.no_show(program_id=row.id, key=redemption, actor=actor, note=note)
    if not missed.gives_back:
        return missed.row
    key = _own("no_show", redemption)
    return redeeming.cancel(program=program, redemption=redemption, key=key, actor=actor)


def refuse(*, program: str, redemption: Key, actor: Actor, note: str = "") -> Row:
    """A suspicious redemption is refused, and its points can be used again.

    :raises ReviewRefused: nothing to look at, cleared before, or the person's own.
    """
    row = find_program(program)
    refused = reviewing.refuse(program_id=row.id, key=redemption, actor=actor, note=note)
    over = refused.until is not None and refused.until <= clock(row.id)
    if refused.state != "reserved" or over:
        return refused  # time ends it, or this is a second call
    key = _own("refused", redemption)
    return redeeming.release(program=program, redemption=redemption, key=key, actor=actor)


def _own(what: str, redemption: Key) -> Key:
    return Key(TEAM, made_id(what, *redemption))
