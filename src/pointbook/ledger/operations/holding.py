"""Write down what became of holds: new ones, and those that were settled. Raises nothing itself."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import orjson
from django.db import connection

from pointbook.engine.ledger.holds import Hold
from pointbook.engine.ledger.lots import FOREVER
from pointbook.ledger.queries import Key, fact_ids


def keep_holds(
    program_id: int,
    *,
    opened: Mapping[Key, tuple[int, int | None, uuid.UUID]],
    moved: Mapping[Key, Hold],
    holds: Mapping[Key, Hold],
    posted: Mapping[Key, int],
) -> None:
    """Insert the `opened` (fact id, transfer id, member) and update the `moved`, in two statements.

    `posted` are the facts of the batch by key; facts before it are looked up.
    """
    if opened:
        _insert(program_id, opened, holds, posted)
    if moved:
        _update(program_id, moved, posted)


def _insert(
    program_id: int,
    opened: Mapping[Key, tuple[int, int | None, uuid.UUID]],
    holds: Mapping[Key, Hold],
    posted: Mapping[Key, int],
) -> None:
    rows = []
    for key, (fact_id, transfer_id, member) in opened.items():
        hold = holds[key]
        source, own = hold.order or ("", "")
        rows.append(
            {
                "fact_id": fact_id,
                "member_id": member,
                "transfer_id": transfer_id,
                "unit": hold.unit,
                "reward": hold.reward,
                "quantity": hold.quantity,
                "slot": hold.slot,
                "points": hold.points,
                "amount": hold.amount,
                "until": None if hold.until == FOREVER else hold.until,
                "lapses": hold.lapses,
                "review": hold.review,
                "order_source": source,
                "order_key": own,
                "state": hold.state,
                "capture_id": None if hold.capture is None else posted[hold.capture],
                "captured": hold.captured,
                "back": hold.back,
            }
        )
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into ledger_hold (program_id, fact_id, member_id, transfer_id, unit, reward,
                quantity, slot, points, amount, until, lapses, review, order_source, order_key,
                state, capture_id, captured, back)
            select %s, * from json_to_recordset(%s::json) as new(fact_id bigint, member_id uuid,
                transfer_id bigint, unit text, reward text, quantity integer, slot text,
                points bigint, amount bigint, until timestamptz, lapses boolean, review boolean,
                order_source text, order_key text, state text, capture_id bigint,
                captured bigint, back bigint)""",
            [program_id, orjson.dumps(rows).decode()],
        )


def _update(program_id: int, moved: Mapping[Key, Hold], posted: Mapping[Key, int]) -> None:
    named = {*moved, *(hold.capture for hold in moved.values() if hold.capture is not None)}
    missing = sorted(key for key in named if key not in posted)
    ids = {**posted, **(fact_ids(program_id, missing) if missing else {})}
    rows = [
        {
            "fact_id": ids[key],
            "state": hold.state,
            "capture_id": None if hold.capture is None else ids[hold.capture],
            "captured": hold.captured,
            "back": hold.back,
            "source": "" if hold.order is None else hold.order[0],
            "key": "" if hold.order is None else hold.order[1],
        }
        for key, hold in moved.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """update ledger_hold h set state = new.state, capture_id = new.capture_id,
                captured = new.captured, back = new.back,
                order_source = new.source, order_key = new.key
            from json_to_recordset(%s::json) as new(fact_id bigint, state text, capture_id bigint,
                captured bigint, back bigint, source text, key text)
            where h.fact_id = new.fact_id""",
            [orjson.dumps(rows).decode()],
        )
