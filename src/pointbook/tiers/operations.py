"""Record standings that changed. Raises nothing of its own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import connection

from pointbook.controls.copying import NULL, copy, escape
from pointbook.controls.operations import announce, next_seq
from pointbook.engine.rules.tiers import Move
from pointbook.tiers import events

COLUMNS = (
    "id program_id member_id fact_id seq ladder kind at before tier measure step until"
).split()


def record(*, program_id: int, moves: Sequence[tuple[uuid.UUID, int, Move]]) -> None:
    """Write moves of (member, fact id, move) with their facts, in the caller's transaction."""
    if not moves:
        return
    facts = sorted({fact for _, fact, _ in moves})
    with connection.cursor() as cursor:
        cursor.execute("select id, seq from ledger_fact where id = any(%s)", [facts])
        numbers = dict(cursor.fetchall())
    own = _reserve(len(moves))
    copy(
        "tiers_standing",
        COLUMNS,
        (
            _line(number, program_id, member, str(fact), numbers[fact], move)
            for number, (member, fact, move) in zip(own, moves, strict=True)
        ),
    )


def review(*, program_id: int, moves: Sequence[tuple[uuid.UUID, Move]]) -> None:
    """Write and announce moves of (member, move) that time alone brought; members are locked."""
    if not moves:
        return
    own = _reserve(len(moves))
    start = next_seq(program_id)
    copy(
        "tiers_standing",
        COLUMNS,
        (
            _line(number, program_id, member, NULL, seq, move)
            for seq, (number, (member, move)) in enumerate(zip(own, moves, strict=True), start)
        ),
    )
    announce(
        program_id=program_id,
        start=start,
        rows=[(events.CHANGED, number, None) for number in own],
    )


def _reserve(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval('tiers_standing_id_seq') from generate_series(1, %s)", [count]
        )
        return [number for (number,) in cursor.fetchall()]


def _line(number: int, program_id: int, member: uuid.UUID, fact: str, seq: int, move: Move) -> str:
    until = NULL if move.until is None else move.until.isoformat()
    return (
        f"{number}\t{program_id}\t{member}\t{fact}\t{seq}\t{escape(move.ladder)}\t{move.kind}\t"
        f"{move.at.isoformat()}\t{escape(move.before)}\t{escape(move.after)}\t{move.measure}\t"
        f"{move.step}\t{until}"
    )
