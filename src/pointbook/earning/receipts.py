"""What became of posted facts, read back from what was recorded.

The first answer to a fact and the answer to its repetition are made here from the same rows, so
they are the same. Nothing here raises.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from pointbook.earning.decisions import reason_of
from pointbook.earning.models import Decision
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.explanation import explain
from pointbook.ledger.queries import Key, known
from pointbook.ledger.receipts import Moved, moved_by
from pointbook.programs.queries import compiled
from pointbook.tiers.models import Standing


@dataclass(frozen=True, slots=True)
class Receipt:
    """A posted fact: whose it is, the version and blueprint that judged it, why, and what moved.

    `why` are the reasons as sentences, `tier` is the one before and the one after. Points are
    smallest parts, money is in minor units.
    """

    source: str
    id: str
    member: uuid.UUID | None
    version: int
    blueprint: Blueprint
    reasons: tuple[Reason, ...]
    why: tuple[str, ...]
    moved: tuple[Moved, ...]
    tier: tuple[str, str] | None


def receipts(*, program_id: int, keys: Sequence[Key]) -> dict[Key, Receipt]:
    """The receipt of every fact that was posted under one of these keys (source, id)."""
    posted = known(program_id, keys)
    ids = [one.id for one in posted.values()]
    members = {one.member for one in posted.values() if one.member is not None}
    moved = moved_by(ids)
    moves = {
        one.fact_id: (one.before, one.tier)
        for one in Standing.objects.filter(member_id__in=members, fact_id__in=ids)
    }
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
            tier=moves.get(fact.id),
        )
    return found
