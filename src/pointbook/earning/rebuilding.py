"""Members folded again from the posted facts alone, in the order in which they were posted.

Every fact is judged by the version that was in force and the rates that were approved when it was
posted; what depended on others (budgets, stock) is taken from the recorded decision. The invariant
`earning.rebuild` compares the outcome with the tables. Raises nothing: what a fact would be refused
for is a problem of its member.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from operator import attrgetter

import orjson
from django.db import connection

from pointbook.earning.quiet import QUIET, quiet_move
from pointbook.engine.ledger.holds import Hold, Key
from pointbook.engine.ledger.lots import Lot
from pointbook.engine.replay.cases import Shelves, pass_time
from pointbook.engine.replay.judging import judge
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.program import Program
from pointbook.engine.replay.verdicts import Verdict
from pointbook.engine.rules.catalogue import Reward
from pointbook.engine.rules.tiers import Move
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import Fact, restore
from pointbook.ledger.queries import (
    Posted,
    PostedExpiry,
    posted_expiries,
    posted_facts,
    taken_by,
)
from pointbook.members.queries import joined
from pointbook.programs.queries import rates_by_seq
from pointbook.tiers.queries import PostedReview, posted_reviews


@dataclass(frozen=True, slots=True)
class Decided:
    """What was recorded of one fact: the version that judged it, and its reasons as JSON."""

    version: int
    reasons: Sequence[Mapping[str, object]]


@dataclass(slots=True)
class Folded:
    """One member folded again: the state, its lots by (fact id, rule), moves, and what is wrong."""

    state: Member
    lots: dict[tuple[int, str], Lot] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    decided: dict[int, Verdict] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)


class _Recorded:
    """Budgets as they were granted: a rule was given what its recorded reason says."""

    def __init__(self, decided: Decided | None) -> None:
        self._given = (
            {}
            if decided is None
            else {str(reason["rule"]): int(str(reason["points"])) for reason in decided.reasons}
        )

    def take(self, rule: str, span: str, most: int, asked: int, /) -> int:  # noqa: ARG002
        """What was granted when the fact was judged."""
        return min(asked, self._given.get(rule, 0))


class _Taken:
    """Shelves as they were: there was as much left as was taken."""

    def __init__(self, quantity: int) -> None:
        self._quantity = quantity

    def left(self, reward: Reward, slot: str, at: datetime, /) -> int | None:  # noqa: ARG002
        """What was taken when the fact was judged."""
        return self._quantity

    def take(self, hold: Hold, reward: Reward, /) -> None:
        """It was taken."""

    def put_back(self, hold: Hold, reward: Reward, /) -> None:
        """It was put back."""

    def waits_for(self, key: Key, /) -> str:  # noqa: ARG002
        """What was posted did not wait."""
        return ""


def refold(*, program_id: int, members: Sequence[uuid.UUID]) -> dict[uuid.UUID, Folded]:
    """Fold these members again: one query for each kind of row, whatever their number."""
    stages = rates_by_seq(program_id)
    expiries = posted_expiries(members)
    reviews = posted_reviews(members)
    decisions = decisions_of(members)
    since = joined(members)
    taken = taken_by(members)
    posted: dict[uuid.UUID, list[Posted]] = {}
    for fact in posted_facts(members):
        posted.setdefault(fact.member, []).append(fact)
    found = {}
    for member in members:
        folded = found[member] = Folded(Member(joined_at=since.get(member)))
        events: Iterable[Posted | PostedExpiry | PostedReview] = merge(
            posted.get(member, ()),
            expiries.get(member, ()),
            reviews.get(member, ()),
            key=attrgetter("seq"),
        )
        for row in events:
            program = next(one for seq, one in reversed(stages) if seq < row.seq)
            if isinstance(row, PostedExpiry):
                _expire(folded, row)
            elif isinstance(row, PostedReview):
                _review(folded, row, program)
            else:
                shelves = _Taken(taken[row.id]) if row.id in taken else None
                _judge(folded, row, program, decisions.get(row.id), shelves=shelves)
    return found


def _judge(
    folded: Folded,
    row: Posted,
    program: Program,
    decided: Decided | None,
    *,
    shelves: Shelves | None,
) -> None:
    fact: Fact = restore(row.content, member=str(row.member))
    try:
        verdict = judge(program, folded.state, fact, budgets=_Recorded(decided), shelves=shelves)
    except PointbookError as error:
        folded.problems.append((f"fact {row.id}", f"was posted, but would be refused: {error}"))
        return
    for transfer in verdict.transfers:
        if transfer.lot is not None:
            folded.lots[row.id, transfer.lot.rule] = transfer.lot
    folded.moves += verdict.moves
    folded.decided[row.id] = verdict


def _expire(folded: Folded, row: PostedExpiry) -> None:
    """Empty a lot at the number at which it was emptied: what came late found it empty."""
    lot = folded.lots.get((row.lot_fact_id, row.rule))
    if lot is None:
        return
    if lot.remaining != row.points:
        where = f"expiry {row.seq} of fact {row.lot_fact_id}"
        folded.problems.append((where, f"took {row.points}, the facts left {lot.remaining}"))
    wallet = folded.state.wallets.get(lot.unit)
    if wallet is not None:
        wallet.expire_lot(lot)


def _review(folded: Folded, row: PostedReview, program: Program) -> None:
    """Let time pass where a daily job did: what came late was judged after it."""
    pass_time(program, folded.state, row.at)
    folded.moves += folded.state.unposted
    standing = folded.state.standings.get(row.ladder)
    if row.kind == QUIET and not row.step and standing is not None and standing.last_at is not None:
        folded.moves.append(quiet_move(row.ladder, standing))
    folded.state.unposted.clear()
    folded.state.shifted.clear()


def decisions_of(members: Sequence[uuid.UUID]) -> dict[int, Decided]:
    """The recorded version and reasons of these members' facts."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select d.fact_id, d.version, d.reasons::text from earning_decision d
            join ledger_fact f on f.id = d.fact_id where f.member_id = any(%s)""",
            [list(members)],
        )
        return {
            fact_id: Decided(version, orjson.loads(reasons))
            for fact_id, version, reasons in cursor.fetchall()
        }
