"""The books of points again from the facts alone: every member folded in posted order.

The rebuild judges every fact with the engine, by the version that was in force and the rates that
were approved when it was posted, and compares balances, lots, standings and explanations with what
stands in the database.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from operator import attrgetter
from typing import Final

import orjson
from django.db import connection

from pointbook.controls.invariants import Invariant, Violation
from pointbook.engine.ledger.lots import FOREVER, Lot
from pointbook.engine.replay.member import Member, Verdict, judge
from pointbook.engine.replay.program import Program
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import restore
from pointbook.ledger.queries import (
    Posted,
    PostedExpiry,
    PostedLot,
    posted_expiries,
    posted_facts,
    posted_lots,
    posted_owed,
)
from pointbook.members.queries import member_ids
from pointbook.programs.queries import programs, rates_by_seq
from pointbook.tiers.queries import posted_moves

MOST: Final = 100
CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What stands in the database about some members."""

    lots: Mapping[uuid.UUID, Sequence[PostedLot]]
    expiries: Mapping[uuid.UUID, Sequence[PostedExpiry]]
    moves: Mapping[uuid.UUID, Sequence[tuple[datetime, str, str]]]
    owed: Mapping[uuid.UUID, Mapping[str, int]]
    decisions: Mapping[int, tuple[int, object]]


@dataclass(slots=True)
class _Rebuild:
    """One program's rebuild: the compiled programs by the seq from which they judged."""

    program_id: int
    stages: list[tuple[int, Program]]
    violations: list[Violation] = field(default_factory=list)

    def program_at(self, seq: int) -> Program:
        """The versions and rates with which the fact of this number was judged."""
        return next(program for since, program in reversed(self.stages) if since < seq)

    def report(self, where: str, what: str) -> None:
        """Note a difference."""
        self.violations.append(Violation(where, what))


def rebuild() -> list[Violation]:
    """Fold every program's facts again and list what differs (at most MOST differences)."""
    found: list[Violation] = []
    for program in programs():
        again = _Rebuild(program.id, rates_by_seq(program.id))
        everybody = member_ids(program.id)
        for start in range(0, len(everybody), CHUNK):
            _fold_chunk(again, everybody[start : start + CHUNK])
            if len(again.violations) >= MOST:
                break
        found += again.violations
    return found[:MOST]


def _fold_chunk(again: _Rebuild, members: Sequence[uuid.UUID]) -> None:
    """Fold some members: one query for each kind of row, whatever their number."""
    recorded = _Recorded(
        lots=posted_lots(members),
        expiries=posted_expiries(members),
        moves=posted_moves(members),
        owed=posted_owed(members),
        decisions=_decisions(members),
    )
    posted: dict[uuid.UUID, list[Posted]] = {}
    for row in posted_facts(members):
        posted.setdefault(row.member, []).append(row)
    for member, rows in posted.items():
        _fold(again, member, rows, recorded)


def _fold(again: _Rebuild, member: uuid.UUID, rows: Sequence[Posted], recorded: _Recorded) -> None:
    state = Member()
    lots: dict[tuple[int, str], Lot] = {}
    moves = []
    emptied = recorded.expiries.get(member, ())
    events: Iterable[Posted | PostedExpiry] = merge(rows, emptied, key=attrgetter("seq"))
    for row in events:
        if isinstance(row, PostedExpiry):
            _expire(again, lots, row)
            continue
        fact = restore(row.content, member=str(member))
        try:
            verdict = judge(again.program_at(row.seq), state, fact)
        except PointbookError as error:
            again.report(f"fact {row.id}", f"was posted, but would be refused: {error}")
            continue
        for transfer in verdict.transfers:
            if transfer.lot is not None:
                lots[row.id, transfer.lot.rule] = transfer.lot
        if verdict.move is not None:
            moves.append((verdict.move.at, verdict.move.before, verdict.move.after))
        _compare_decision(again, row.id, verdict, recorded.decisions.get(row.id))
    _compare_lots(again, lots, recorded.lots.get(member, []))
    _compare_moves(again, member, moves, recorded.moves.get(member, []))
    owed = {unit: wallet.debt for unit, wallet in state.wallets.items() if wallet.debt}
    if owed != recorded.owed.get(member, {}):
        again.report(f"member {member}", f"owes {recorded.owed.get(member)}, the facts say {owed}")


def _expire(again: _Rebuild, lots: Mapping[tuple[int, str], Lot], row: PostedExpiry) -> None:
    """Empty a lot at the number at which it was emptied: what came late found it empty."""
    lot = lots.get((row.lot_fact_id, row.rule))
    if lot is not None:
        if lot.remaining != row.points:
            where = f"expiry {row.seq} of fact {row.lot_fact_id}"
            again.report(where, f"took {row.points}, the facts left {lot.remaining}")
        lot.remaining = 0


def _compare_decision(
    again: _Rebuild, fact_id: int, verdict: Verdict, recorded: tuple[int, object] | None
) -> None:
    reasons = [reason._asdict() for reason in verdict.reasons]
    if recorded != (verdict.version, reasons):
        again.report(f"fact {fact_id}", f"was explained as {recorded}, the rules say {reasons}")


def _compare_lots(
    again: _Rebuild, lots: dict[tuple[int, str], Lot], posted: Sequence[PostedLot]
) -> None:
    recorded = {(one.fact_id, one.rule): one for one in posted}
    for key in lots.keys() | recorded.keys():
        expected, found = lots.get(key), recorded.get(key)
        if expected is None or found is None:
            again.report(f"lot of fact {key[0]}", "stands in only one of ledger and rebuild")
            continue
        shown = (found.points, found.remaining, found.allocated, found.expires_at or FOREVER)
        right = (expected.points, expected.remaining, expected.allocated, expected.expires_at)
        if shown != right:
            again.report(f"lot {found.id}", f"is {_told(shown)}, the facts say {_told(right)}")


def _told(lot: tuple[int, int, int, datetime]) -> str:
    points, remaining, allocated, ends = lot
    return f"{remaining} of {points} points, {allocated} allocated, until {ends:%Y-%m-%d}"


def _compare_moves(
    again: _Rebuild, member: uuid.UUID, moves: Sequence[object], recorded: Sequence[object]
) -> None:
    if list(recorded) != list(moves):
        again.report(f"member {member}", f"stood as {recorded[-1:]}, the facts say {moves[-1:]}")


def _decisions(members: Sequence[uuid.UUID]) -> dict[int, tuple[int, object]]:
    """The recorded version and reasons of these members' facts."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select d.fact_id, d.version, d.reasons::text from earning_decision d
            join ledger_fact f on f.id = d.fact_id where f.member_id = any(%s)""",
            [list(members)],
        )
        return {
            fact_id: (version, orjson.loads(reasons))
            for fact_id, version, reasons in cursor.fetchall()
        }


ALL: Final = (
    Invariant(
        "earning.rebuild",
        "Balances, lots, standings and explanations are what the engine makes of the facts, folded"
        " in the order in which they were posted.",
        "Facts that were never sent.",
        rebuild,
    ),
)
