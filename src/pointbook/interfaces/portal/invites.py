"""Inviting a friend: the code, what both get, and the fact that a friend came by it.

An invitation that the terms do not allow is not an error of the friend's: they are in, and that is
told nowhere. Raises nothing.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from pointbook.controls.actors import Actor
from pointbook.earning.operations import ingest
from pointbook.engine.rules.blueprint import Blueprint, EarnRule
from pointbook.engine.rules.prose import phrases, wording
from pointbook.engine.rules.prose.chapters import referrals
from pointbook.engine.rules.prose.rules import earning, shared
from pointbook.engine.values.facts import Fact

log = logging.getLogger(__name__)
PORTAL: Final = Actor("system", "portal", "integration")
SOURCE: Final = "portal"


def accept(*, program: str, member: uuid.UUID, referrer: uuid.UUID, at: datetime) -> None:
    """Post that somebody new came by a member's invitation."""
    fact = Fact(
        source=SOURCE,
        id=f"invited:{member}",
        type="invited",
        occurred_at=at,
        member=str(member),
        attributes={"referrer": str(referrer)},
    )
    (outcome,) = ingest(program=program, facts=[fact], actor=PORTAL, at=at)
    if outcome.error is not None:
        log.info("the invitation of %s does not count: %s", member, outcome.error)


def gifts(blueprint: Blueprint, *, to_friend: bool = False) -> tuple[tuple[str, str], ...]:
    """What an invitation brings, for whom: ("For you", "500 points"); `to_friend` tells the friend.

    Where it depends on something, all that it may be: 500 points or 1,000 points.
    """
    kinds = ("referred", "referral") if to_friend else ("referral", "referred")
    found = []
    for whom, kind in zip(("For you", "For your friend"), kinds, strict=True):
        rules = [rule for rule in blueprint.earn if rule.on == kind]
        sure = all(rule.when is None for rule in rules)
        told = [_gift(rule, blueprint) for rule in rules]
        if told:
            found.append((whom, wording.listed(told, joined="and" if sure else "or")))
    return tuple(found)


def _gift(rule: EarnRule, blueprint: Blueprint) -> str:
    """What a rule gives: 500 points; the rate where it is no fixed number."""
    unit, award = blueprint.units[rule.unit], rule.award
    if award.kind == "fixed" and not award.by_tier:
        return wording.amount(award.points, unit=unit)
    return phrases.award(rule, unit=unit, currency=blueprint.currency, blueprint=blueprint)


def terms(blueprint: Blueprint) -> Iterator[str]:
    """When an invitation counts and up to where, in the sentences of the program."""
    yield from referrals(blueprint)
    rules = [rule for rule in blueprint.earn if rule.on in ("referral", "referred")]
    for rule in rules:
        if rule.when is not None or rule.limits:
            yield earning(rule, blueprint=blueprint)
    codes = {rule.code for rule in rules}
    for limit in blueprint.limits:
        if codes & {*limit.rules}:
            yield shared(limit, blueprint=blueprint)
