"""Claims: a purchase that nobody owned becomes a member's, as if it had been theirs at the till.

Raises FactRefused when there is no such purchase, or it has its points already.
"""

from __future__ import annotations

from pointbook.engine.replay.cases import FactRefused, refuse
from pointbook.engine.replay.world import claim_of
from pointbook.engine.values.facts import Fact, restore
from pointbook.ledger.queries import receipt_of


def claimed(program_id: int, fact: Fact) -> Fact:
    """A claim with what the purchase said that it claims; one without `about` stays as it is.

    :raises FactRefused: no such purchase, or it is somebody's.
    """
    if fact.about is None:
        return fact
    found = receipt_of(program_id, fact.about)
    if found is None:
        raise _refused(fact, "there is no such purchase", "Name one that was sent.")
    if found.member is not None or found.claim not in (None, (fact.source, fact.id)):
        raise _refused(fact, "the purchase already has its points", "Nothing is left to do.")
    return claim_of(fact, restore(found.content, member=None))


def _refused(fact: Fact, message: str, mend: str) -> FactRefused:
    value = "" if fact.about is None else f"{fact.about.source}/{fact.about.id}"
    return refuse(message, field="about", value=value, mend=mend)
