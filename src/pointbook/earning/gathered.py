"""What is known of a batch while it is judged: whose each fact is, and the members' working copies.

Nothing here raises.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from pointbook.earning.linking import Inviter, Links, as_id
from pointbook.engine.replay.handing import USING, drawn_from
from pointbook.engine.replay.heirs import follows
from pointbook.engine.replay.member import Invitation, Member
from pointbook.engine.replay.program import EVER, Program
from pointbook.engine.values.facts import Fact
from pointbook.engine.values.traits import Trait
from pointbook.ledger import queries as ledger
from pointbook.ledger.operations.accounts import Holders


@dataclass(slots=True)
class Gathered:
    """Everything known about a batch; `states` are the working copies of its members.

    `owners` are the members of references, `links` whom they reach, `whose` the posted facts that
    others refer to. `named` is whom a known fact of nobody's named, `inviters` who invited those
    who invite, `traits` what these are known by, `former` the members that became others.
    """

    owners: dict[str, uuid.UUID]
    links: Links
    holders: Holders
    known: dict[ledger.Key, ledger.Known] = field(default_factory=dict)
    posted: dict[ledger.Key, ledger.Recorded] = field(default_factory=dict)
    whose: dict[ledger.Key, uuid.UUID | None] = field(default_factory=dict)
    named: dict[ledger.Key, str] = field(default_factory=dict)
    states: dict[uuid.UUID, Member] = field(default_factory=dict)
    inviters: Mapping[uuid.UUID, Inviter] = field(default_factory=dict)
    traits: Mapping[uuid.UUID, frozenset[Trait]] = field(default_factory=dict)
    former: Mapping[uuid.UUID, list[uuid.UUID]] = field(default_factory=dict)

    def now(self, own: uuid.UUID | None) -> uuid.UUID | None:
        """Who a member is now: a merged one is the one they became."""
        while own in self.links.became:
            own = self.links.became[own]
        return own

    def owner(self, program: Program, fact: Fact) -> uuid.UUID | None:
        """Whose fact it is: the member it names, or of the fact it returns or is about.

        What comes back is judged for whose order it was, also when that one was merged.
        """
        named = None if fact.member is None else self.now(self.owners.get(fact.member))
        whose = None if fact.refers is None else self.whose.get(fact.refers)
        if whose is None:
            return named
        if follows(fact, program.version_at(fact.occurred_at)):
            return whose if fact.member is None or self.now(whose) == named else named
        return self.now(whose) if fact.member is None else named

    def payer(self, program: Program, fact: Fact) -> uuid.UUID | None:
        """Who is judged for the fact: the owner, or the head whose points are taken."""
        owner = self.owner(program, fact)
        if fact.type not in USING:
            return owner
        version = program.version_at(fact.occurred_at)
        while owner in self.states:
            head = drawn_from(version, self.states[owner], fact)
            if not head:
                break
            owner = self.now(uuid.UUID(head))
        return owner

    def receiver(self, program: Program, made: Fact) -> uuid.UUID | None:
        """For whom a made fact is judged; None when the batch does not know them."""
        own = as_id(made.member or "")
        if own is None:
            return None
        if made.type != "merged":
            self.owners.setdefault(str(own), own)
            own = self.owner(program, made)
        return own if own in self.states else None

    def other(self, reference: str) -> Member | None:
        """The working copy of another member by id; of those who only invited, no more than that.

        None when the batch does not know them.
        """
        own = as_id(reference)
        if own is None:
            return None
        state = self.states.get(own)
        if state is None and own in self.inviters:
            inviter = self.inviters[own]
            state = Member()
            state.merged_into = "" if inviter.into is None else str(inviter.into)
            if inviter.referrer is not None:
                state.invited = Invitation(str(inviter.referrer), EVER)
        return state
