"""When a lot ends: the term that holds for it, by the version that gave it. Nothing here raises.

Points that a rule gave with a term of its own keep that term with whoever holds them; what began
anew with a gift has the unit's.
"""

from __future__ import annotations

from datetime import datetime

from pointbook.engine.ledger.expiry import Term
from pointbook.engine.ledger.lots import FOREVER, Lot
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.program import Program, Version


def end_under(term: Term, member: Member, lot: Lot) -> datetime:
    """The end of a lot under a term; FOREVER when it has none."""
    since = lot.earned_at
    if term.expiry.sliding:
        since = max(since, member.active.get(lot.unit, since))
    if term.expiry.since == "release":
        if lot.starts_at == FOREVER:
            return FOREVER
        since = max(since, lot.starts_at)
    return term(since, joined_at=member.joined_at) or FOREVER


def own_term(version: Version, member: Member, lot: Lot) -> Term | None:
    """The term of the rule that gave the points; None where the unit's holds."""
    own = version.terms_by_rule.get(lot.root[1])
    if own is None or lot.of is None or own.expiry.sliding:
        return own
    return own if lot.expires_at == end_under(own, member, lot) else None


def end_in_tier(lot: Lot, *, program: Program, member: Member, ladder: str, tier: str) -> datetime:
    """The end of a lot now that the member holds a tier of a ladder."""
    version = program.version_at(lot.earned_at)
    unit = version.units.get(lot.unit)
    if unit is None or not unit.expiry_by_tier or unit.ladder != ladder:
        return lot.expires_at
    if own_term(version, member, lot) is not None:
        return lot.expires_at
    term = version.terms_by_tier.get((unit.code, tier)) or version.terms[unit.code]
    return end_under(term, member, lot)
