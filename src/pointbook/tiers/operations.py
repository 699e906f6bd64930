"""Record standings that changed. Raises nothing of its own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import connection

from pointbook.controls.copying import NULL, copy, escape
from pointbook.controls.operations import announce, next_seq
from pointbook.engine.rules.tiers import Move
from pointbook.tiers import events

COLUMNS = "program_id member_id fact_id seq ladder kind at before tier measure step until".split()


def record(*, program_id: int, moves: Sequence[tuple[uuid.UUID, int, Move]]) -> None:
    """Write moves of (member, fact id, move) with their facts, in the caller's transaction."""
    if not moves:
        return
    facts = sorted({fact for _, fact, _ in moves})
    with connection.cursor() as cursor:
        cursor.execute("select id, seq from ledger_fact where id = any(%s)", [facts])
        numbers = dict(cursor.fetchall())
    copy(
        "tiers_standing",
        COLUMNS,
        (
            _line(program_id, member, move, fact=str(fact), seq=numbers[fact])
            for member, fact, move in moves
        ),
    )


def review(*, program_id: int, moves: Sequence[tuple[uuid.UUID, Move]]) -> None:
    """Write and announce moves of (member, move) that time alone brought; members are locked."""
    if not moves:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval('tiers_standing_id_seq') from generate_series(1, %s)", [len(moves)]
        )
        own = [number for (number,) in cursor.fetchall()]
    start = next_seq(program_id)
    copy(
        "tiers_standing",
        ("id", *COLUMNS),
        (
            f"{number}\t{_line(program_id, member, move, fact=NULL, seq=seq)}"
            for seq, (number, (member, move)) in enumerate(zip(own, moves, strict=True), start)
        ),
    )
    announce(
        program_id=program_id,
        start=start,
        rows=[(events.CHANGED, number, None) for number in own],
    )


def _line(program_id: int, member: uuid.UUID, move: Move, *, fact: str, seq: int) -> str:
    until = NULL if move.until is None else move.until.isoformat()
    return (
        f"{program_id}\t{member}\t{fact}\t{seq}\t{escape(move.ladder)}\t{move.kind}\t"
        f"{move.at.isoformat()}\t{escape(move.before)}\t{escape(move.after)}\t{move.measure}\t"
        f"{move.step}\t{until}"
    )
