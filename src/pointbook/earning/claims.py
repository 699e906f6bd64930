"""Claims: a purchase that nobody owned becomes a member's, as if it had been theirs at the till.

Raises FactRefused when there is no such purchase, when it has its points already, and when
something of it came back while it was nobody's.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pointbook.engine.replay.cases import FactRefused, refuse
from pointbook.engine.replay.world import RETURNING, claim_of
from pointbook.engine.values.facts import Fact, restore
from pointbook.ledger.queries import Key, Receipt, receipts_of

CLAIM: Final = "claim"


@dataclass(slots=True)
class Claims:
    """The purchases that a batch claims: those that were posted, and those of the batch itself."""

    receipts: Mapping[Key, Receipt] = field(default_factory=dict)
    coming: Mapping[Key, Fact] = field(default_factory=dict)
    returned: set[Key] = field(default_factory=set)

    def told(self, fact: Fact) -> Fact:
        """A claim with what its purchase said; every other fact as it is."""
        if fact.type != CLAIM or fact.about is None:
            return fact
        receipt = self.receipts.get(fact.about)
        if receipt is not None:
            return claim_of(fact, restore(receipt.content, member=None))
        purchase = self.coming.get(fact.about)
        return fact if purchase is None else claim_of(fact, purchase)

    def admit(self, fact: Fact, whose: Mapping[Key, uuid.UUID | None]) -> None:
        """Let a claim pass; `whose` are the posted facts, those of the batch so far too.

        :raises FactRefused: no such purchase, it is somebody's, or it came back.
        """
        key = fact.about
        if fact.type != CLAIM or key is None:
            return
        receipt = self.receipts.get(key)
        if receipt is None and not (key in self.coming and key in whose):
            mend = "Send the source and id of a purchase that nobody has."
            raise _refused(key, "there is no such purchase", mend)
        known = receipt is not None and (receipt.member is not None or receipt.claim is not None)
        if known or whose.get(key) is not None:
            raise _refused(key, "the purchase already has its points", "Nothing is left to do.")
        if key in self.returned or (receipt is not None and receipt.returned):
            mend = "Give points by hand for what was kept of it."
            raise _refused(key, "the purchase came back, or a part of it", mend)

    def posted(self, fact: Fact) -> None:
        """Note a fact of nobody: what comes back of a purchase is not claimed any more."""
        if fact.type in RETURNING and fact.refers is not None:
            self.returned.add(fact.refers)


def claims_of(program_id: int, facts: Sequence[Fact]) -> Claims:
    """The purchases that the claims of a batch name, in one statement."""
    asked = {fact.about for fact in facts if fact.type == CLAIM and fact.about is not None}
    if not asked:
        return Claims()
    coming: dict[Key, Fact] = {}
    for fact in facts:
        if fact.type == "purchase" and (fact.source, fact.id) in asked:
            coming.setdefault((fact.source, fact.id), fact)
    return Claims(receipts_of(program_id, sorted(asked)), coming)


def _refused(key: Key, message: str, mend: str) -> FactRefused:
    return refuse(message, field="about", value="/".join(key), mend=mend)
