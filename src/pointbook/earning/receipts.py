"""What became of posted facts, read back from what was recorded.

The first answer to a fact and the answer to its repetition are made here from the same rows, so
they are the same. Nothing here raises.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pointbook.earning.decisions import reason_of
from pointbook.earning.models import Decision
from pointbook.engine.replay.verdicts import MAKER, made_id
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.explaining.explanation import explain
from pointbook.engine.rules.tiers import Move
from pointbook.ledger.queries import Key, known
from pointbook.ledger.receipts import Followed, Moved, followed_by, moved_by
from pointbook.programs.queries import compiled
from pointbook.tiers.queries import moves_by


@dataclass(frozen=True, slots=True)
class Receipt:
    """A posted fact: whose it is, the version and blueprint that judged it, why, and what moved.

    `why` are the reasons as sentences, `moves` the standings that changed, `made` the facts that it
    made for the same member or others. Points are smallest parts, money is in minor units.
    """

    source: str
    id: str
    member: uuid.UUID | None
    version: int
    blueprint: Blueprint
    reasons: tuple[Reason, ...]
    why: tuple[str, ...]
    moved: tuple[Moved, ...]
    moves: tuple[Move, ...]
    made: tuple[Followed, ...]


def receipts(*, program_id: int, keys: Sequence[Key]) -> dict[Key, Receipt]:
    """The receipt of every fact that was posted under one of these keys (source, id)."""
    posted = known(program_id, keys)
    ids = [one.id for one in posted.values()]
    members = {one.member for one in posted.values() if one.member is not None}
    moved, moves = moved_by(ids), moves_by(ids, members=members)
    followed = followed_by(ids, source=MAKER)
    versions = {version.number: version for version in compiled(program_id).versions}
    decisions = {one.fact_id: one for one in Decision.objects.filter(fact_id__in=ids)}
    found = {}
    for key, fact in posted.items():
        decision = decisions[fact.id]
        reasons = tuple(reason_of(reason) for reason in decision.reasons)
        blueprint = versions[decision.version].blueprint
        found[key] = Receipt(
            source=key[0],
            id=key[1],
            member=fact.member,
            version=decision.version,
            blueprint=blueprint,
            reasons=reasons,
            why=tuple(explain(reason, blueprint=blueprint) for reason in reasons),
            moved=tuple(moved.get(fact.id, ())),
            moves=tuple(moves.get(fact.id, ())),
            made=tuple(_made(key, followed.get(fact.id, ()))),
        )
    return found


def _made(key: Key, followed: Sequence[Followed]) -> Iterator[Followed]:
    """Of the facts that stand after one those that bear its name: it made them."""
    places = range(len(followed) + 1)
    for one in followed:
        if any(one.key == made_id(one.type, *key, place=place) for place in places):
            yield one
