"""The books of points again from the facts alone: every member folded in posted order.

The rebuild judges every fact with the engine, by the version that was in force and the rates that
were approved when it was posted, and compares balances, lots, standings, explanations and what is
kept of members with what stands in the database.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from django.db import connection

from pointbook.controls.invariants import Invariant, Violation, listing
from pointbook.earning.decisions import reason_of
from pointbook.earning.rebuilding import Decided, Folded, decisions_of, refold
from pointbook.engine.ledger.lots import FOREVER, Lot
from pointbook.engine.replay.program import Program
from pointbook.engine.rules.tiers import Move
from pointbook.ledger.queries import PostedLot, posted_lots, posted_owed
from pointbook.members.queries import member_ids
from pointbook.programs.queries import compiled, programs
from pointbook.tiers.queries import posted_moves

MOST: Final = 100
CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What stands in the database about some members."""

    lots: Mapping[uuid.UUID, Sequence[PostedLot]]
    moves: Mapping[uuid.UUID, Sequence[Move]]
    owed: Mapping[uuid.UUID, Mapping[str, int]]
    decisions: Mapping[int, Decided]
    kept: Mapping[uuid.UUID, Mapping[str, object]]


def rebuild() -> list[Violation]:
    """Fold every program's facts again and list what differs (at most MOST differences)."""
    found: list[Violation] = []
    for row in programs():
        program = compiled(row.id)
        everybody = member_ids(row.id)
        for start in range(0, len(everybody), CHUNK):
            found += _compare(row.id, program, everybody[start : start + CHUNK])
            if len(found) >= MOST:
                return found[:MOST]
    return found


def _compare(program_id: int, program: Program, members: Sequence[uuid.UUID]) -> list[Violation]:
    """Fold some members again: one query for each kind of row, whatever their number."""
    recorded = _Recorded(
        lots=posted_lots(members),
        moves=posted_moves(members),
        owed=posted_owed(members),
        decisions=decisions_of(members),
        kept=_kept(members),
    )
    found: list[Violation] = []
    for member, folded in refold(program_id=program_id, members=members).items():
        if not folded.decided and not folded.problems:
            continue
        found += [Violation(where, what) for where, what in folded.problems]
        found += _decisions(folded, recorded.decisions)
        found += _lots(folded.lots, recorded.lots.get(member, []))
        found += _standing(member, folded, program, recorded)
    return found


def _decisions(folded: Folded, recorded: Mapping[int, Decided]) -> list[Violation]:
    found = []
    for fact_id, verdict in folded.decided.items():
        decided = recorded.get(fact_id)
        known = None
        if decided is not None:
            known = (decided.version, [reason_of(one) for one in decided.reasons])
        right = (verdict.version, list(verdict.reasons))
        if known != right:
            told = f"was explained as {known}, the rules say {right}"
            found.append(Violation(f"fact {fact_id}", told))
    return found


def _lots(lots: Mapping[tuple[int, str], Lot], posted: Sequence[PostedLot]) -> list[Violation]:
    found = []
    recorded = {(one.fact_id, one.rule): one for one in posted}
    for key in lots.keys() | recorded.keys():
        expected, known = lots.get(key), recorded.get(key)
        if expected is None or known is None:
            what = "stands in only one of ledger and rebuild"
            found.append(Violation(f"lot of fact {key[0]}", what))
            continue
        shown = (
            known.points,
            known.remaining,
            known.allocated,
            known.starts_at or FOREVER,
            known.expires_at or FOREVER,
            known.policy,
            known.funder,
        )
        right = (
            expected.points,
            expected.remaining,
            expected.allocated,
            max(expected.starts_at, expected.earned_at),
            expected.expires_at,
            # What another member handed over has the award's, which only their facts tell.
            expected.policy or known.policy,
            expected.funder if expected.policy else known.funder,
        )
        if shown != right:
            what = f"is {_told(shown)}, the facts say {_told(right)}"
            found.append(Violation(f"lot {known.id}", what))
    return found


def _told(lot: tuple[int, int, int, datetime, datetime, str, str]) -> str:
    points, remaining, allocated, starts, ends, policy, funder = lot
    span = f"from {starts:%Y-%m-%d} until {ends:%Y-%m-%d}"
    booked = f"{policy} of {funder}" if funder else policy
    return f"{remaining} of {points} points, {allocated} allocated, {booked}, {span}"


def _standing(
    member: uuid.UUID, folded: Folded, program: Program, recorded: _Recorded
) -> list[Violation]:
    """Differences in moves, debts, and what is kept of a member."""
    found = []
    where = f"member {member}"
    known = recorded.moves.get(member, [])
    if known != folded.moves:
        shown, right = (
            [(one.at, one.before, one.after) for one in moves[-1:]]
            for moves in (known, folded.moves)
        )
        found.append(Violation(where, f"stood as {shown}, the facts say {right}"))
    owed = {unit: one.debt for unit, one in folded.state.wallets.items() if one.debt}
    if owed != recorded.owed.get(member, {}):
        what = f"owes {recorded.owed.get(member)}, the facts say {owed}"
        found.append(Violation(where, what))
    kept = recorded.kept.get(member)
    # A document of another shape is folded again before it is used.
    if kept is not None and kept.get("shape") == program.shape:
        right = orjson.loads(orjson.dumps(folded.state.dump(program)))
        if kept != right:
            names = sorted(
                name for name in kept.keys() | right.keys() if kept.get(name) != right.get(name)
            )
            what = f"is kept with other {', '.join(names)} than the facts say"
            found.append(Violation(where, what))
    return found


def _shown(move: Move) -> Move:
    """A move as it can be compared: rows from before there were ladders have no kind."""
    return move._replace(ladder="", kind="")


def _kept(members: Sequence[uuid.UUID]) -> dict[uuid.UUID, Mapping[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select member_id, body::text from earning_state where member_id = any(%s)",
            [list(members)],
        )
        return {member: orjson.loads(body) for member, body in cursor.fetchall()}


ALL: Final = (
    Invariant(
        "earning.rebuild",
        "Balances, lots, standings, explanations and what is kept of members are what the engine"
        " makes of the facts, folded in the order in which they were posted.",
        "Facts that were never sent.",
        rebuild,
    ),
    Invariant(
        "earning.budgets",
        "What was taken of a rule's budgets is what its awards came to.",
        "In which span of time an award was given.",
        listing(
            """select b.rule, b.used, coalesce(g.points, 0) from (
                select program_id, rule, sum(used) as used from earning_budgetblock
                group by 1, 2) b
            left join lateral (select sum(l.points) as points from ledger_lot l
                join ledger_account a on a.id = l.account_id
                where a.program_id = b.program_id and l.rule = b.rule) g on true
            where b.used > coalesce(g.points, 0)""",
            "rule",
            "{0} points were taken of its budgets, its awards come to {1}",
        ),
    ),
)
