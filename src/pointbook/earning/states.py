"""What is kept of members between batches: one small document each, a cache of their facts.

The engine tells it (`Member.dump`) and takes it up again; the invariant `earning.rebuild` folds the
facts and compares. A document of another shape (a new version counts something else) is folded
again from the facts when its member is next met. Raises nothing of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson
from django.db import connection

from pointbook.earning.rebuilding import refold
from pointbook.engine.ledger.lots import Wallet
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.program import Program

Wallets = Mapping[uuid.UUID, dict[str, Wallet]]


def states_of(
    *, program_id: int, program: Program, members: Sequence[uuid.UUID], wallets: Wallets
) -> dict[uuid.UUID, Member]:
    """The working copies of these members, with their wallets; every member gets one."""
    found: dict[uuid.UUID, Member] = {}
    stale: list[uuid.UUID] = []
    for member, joined_at, body, has_facts in _rows(members):
        if (body is None and has_facts) or (
            body is not None and body.get("shape") != program.shape
        ):
            stale.append(member)
            continue
        state = Member.load(body or {}, wallets=wallets.get(member, {}))
        state.joined_at = state.joined_at or joined_at
        found[member] = state
    if stale:
        for member, folded in refold(program_id=program_id, members=stale).items():
            # Wallets and records come from the ledger; only what is kept is taken over.
            state = Member.load(folded.state.dump(program), wallets=wallets.get(member, {}))
            found[member] = state
    return found


def _rows(
    members: Sequence[uuid.UUID],
) -> list[tuple[uuid.UUID, datetime, dict[str, object] | None, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """select m.id, m.enrolled_at, s.body::text,
                s.member_id is null and exists (select from ledger_fact f where f.member_id = m.id)
            from members_member m left join earning_state s on s.member_id = m.id
            where m.id = any(%s)""",
            [list(members)],
        )
        return [
            (member, joined, None if body is None else orjson.loads(body), has_facts)
            for member, joined, body, has_facts in cursor.fetchall()
        ]


def keep(*, program_id: int, program: Program, states: Mapping[uuid.UUID, Member]) -> None:
    """Write what is kept of these members in the caller's transaction, in one statement."""
    if not states:
        return
    rows = [
        {
            "member_id": member,
            "body": state.dump(program),
            "linked": bool(state.invited or state.head or state.company or state.merged_into),
            "due_at": state.due_at(program),
        }
        for member, state in sorted(states.items())
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into earning_state (member_id, program_id, body, linked, due_at)
            select member_id, %s, body, linked, due_at
            from json_to_recordset(%s::json)
                as new(member_id uuid, body jsonb, linked boolean, due_at timestamptz)
            on conflict (member_id) do update set
                body = excluded.body, linked = excluded.linked, due_at = excluded.due_at""",
            # One document is written four times faster than arrays of documents.
            [program_id, orjson.dumps(rows).decode()],
        )


def due_members(*, program_id: int, at: datetime, limit: int) -> list[uuid.UUID]:
    """Members whose standing time alone changes by `at`, those first whose turn was first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select member_id from earning_state where program_id = %s and due_at <= %s
            order by due_at, member_id limit %s""",
            [program_id, at, limit],
        )
        return [member for (member,) in cursor.fetchall()]


def look_at_all(*, program_id: int, at: datetime) -> None:
    """Let the daily job look at every member who stands somewhere, at `at` or when it is due."""
    with connection.cursor() as cursor:
        cursor.execute(
            """update earning_state set due_at = least(due_at, %s)
            where program_id = %s and body ? 'standings'""",
            [at, program_id],
        )
