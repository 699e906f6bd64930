"""Decide: every fact of a batch is recognised, admitted and judged, and so are the facts it makes.

What was judged changes the working copies of the batch's members. Nothing is written. Raises
MadeRefused when a fact that another makes cannot be: then nothing of the batch may be posted.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from pointbook.earning.budgets import Blocks
from pointbook.earning.claims import CLAIM, Claims
from pointbook.earning.gathered import Gathered
from pointbook.earning.linking import INVITED, as_id, naming
from pointbook.earning.operations.outcomes import FactConflict, MadeRefused, Outcome, Status
from pointbook.earning.saving import Saved
from pointbook.engine.replay.cases import refuse
from pointbook.engine.replay.handing import USING
from pointbook.engine.replay.judging import KINDS, judge
from pointbook.engine.replay.links import LINKS, linked_to
from pointbook.engine.replay.program import Program
from pointbook.engine.replay.redeeming import SETTLING, unknown
from pointbook.engine.replay.referring import LONGEST_CHAIN
from pointbook.engine.replay.verdicts import Made, Verdict
from pointbook.engine.replay.world import kept_for_nobody
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import Fact, FactError, content, digest
from pointbook.ledger.operations.posting import Judged
from pointbook.ledger.queries import Key
from pointbook.programs.models import Program as ProgramRow
from pointbook.redemption.operations.recording import BURNED_BY
from pointbook.redemption.operations.shelving import LockedShelves

# A till's clock may run ahead of ours by this much.
AHEAD: Final = timedelta(minutes=5)
# Facts that may make facts for their own member, who is then named by id like all others.
NAMING: Final = frozenset({"purchase", "claim", "return", "cancel", "payment_expired"})
# Facts of the engine's own types that are nothing without a member.
PERSONAL: Final = KINDS.keys() - {"purchase", "return", "cancel", "payment_expired"}


class _Seen(NamedTuple):
    """What stands under a key: the content's digest, whose it is, and whom it named if nobody's."""

    digest: bytes
    member: uuid.UUID | None
    named: str | None
    fact_id: int | None = None


@dataclass(slots=True)
class Batch:
    """A batch on its way: what was decided of each fact, in the order of posting.

    `linked` are the other members whom facts name. `judged` holds facts of the batch and those they
    made; `places` says where in it each is, `seen` what stands under their keys.
    """

    row: ProgramRow
    program: Program
    facts: Sequence[Fact]
    at: datetime
    budgets: Blocks
    claims: Claims
    linked: frozenset[uuid.UUID]
    entities: Mapping[str, int]
    keeps: bool
    shelves: LockedShelves
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    judged: list[Judged] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)
    seen: dict[Key, _Seen] = field(default_factory=dict)


def timely(fact: Fact, at: datetime) -> bool:
    """Whether a fact does not lie in the future of the program's clock."""
    return fact.occurred_at <= at + AHEAD


def decide(batch: Batch, found: Gathered) -> None:
    """Judge every fact that is new.

    :raises MadeRefused: when a fact that another makes cannot be.
    """
    for place, fact in enumerate(batch.facts):
        try:
            before = _known(batch, fact, found)
            if before is not None:
                batch.outcomes[place] = before
                continue
            _post(batch, found, place, fact)
        except MadeRefused:
            raise
        except PointbookError as error:
            status: Status = "conflict" if isinstance(error, FactConflict) else "refused"
            batch.outcomes[place] = Outcome(status, fact.source, fact.id, error=error)


def _post(batch: Batch, found: Gathered, place: int, fact: Fact) -> None:
    """Admit and judge a new fact, and note what it did.

    :raises PointbookError: what it is refused for; nothing has changed then.
    """
    owner = found.owner(batch.program, fact)
    payer = found.payer(batch.program, fact)
    _admit(batch, fact, owner)
    batch.shelves.asks = owner
    batch.claims.admit(fact, found.whose)
    told = _named_now(fact, found)
    if payer is None:
        batch.claims.posted(fact)
        verdict = Verdict(fact, batch.program.version_at(fact.occurred_at).number)
    else:
        if payer != owner:
            told = _burned_by(told, owner)
        _share_nothing(batch.program, fact, payer, found)
        verdict = _judge(batch, found, payer, Made(told))
    body = content(told)
    key = (fact.source, fact.id)
    batch.seen[key] = _Seen(digest(body), payer, fact.member)
    batch.places[place] = len(batch.judged)
    _decided(batch, found, payer, verdict, body=body)


def _named_now(fact: Fact, found: Gathered) -> Fact:
    """The fact with the other member whom it names as who they are by now, in this very batch."""
    if fact.type not in LINKS or fact.type == "merge":
        return fact
    other = as_id(linked_to(fact) or "")
    today = found.now(other)
    return fact if today is None or today == other else naming(fact, today)


def _burned_by(fact: Fact, owner: uuid.UUID | None) -> Fact:
    return replace(fact, attributes={**fact.attributes, BURNED_BY: str(owner)})


def _judge(batch: Batch, found: Gathered, owner: uuid.UUID, made: Made) -> Verdict:
    """Judge one fact for a member; other members are there for checks."""
    own = made.fact
    names = batch.program.linked or batch.program.re_evaluates
    if own.type in LINKS or (names and own.type in NAMING):
        own = replace(own, member=str(owner))
    state = found.states[owner]
    due_at = state.due_at(batch.program)
    saved = None if due_at is None or due_at > own.occurred_at else Saved(state)
    try:
        verdict = judge(
            batch.program,
            state,
            own,
            budgets=batch.budgets if batch.program.shared else None,
            origins=made.origins,
            others=found.other,
            shelves=batch.shelves,
        )
    except PointbookError:
        if saved is not None:
            saved.restore()
        raise
    if batch.program.re_evaluates and own.type == "purchase":
        state.later.append(own)
    return verdict


def _decided(
    batch: Batch,
    found: Gathered,
    owner: uuid.UUID | None,
    verdict: Verdict,
    *,
    body: bytes,
) -> None:
    """Note a verdict, then judge the facts that it made.

    :raises MadeRefused: when one of them cannot be; nothing of the batch is posted then.
    """
    fact = verdict.fact
    refers = fact.refers
    returned = found.posted[refers].id if refers is not None and refers in found.posted else None
    batch.judged.append(
        Judged(
            verdict=verdict,
            member=owner,
            entity_id=batch.entities.get(fact.store, batch.row.entity_id),
            content=body,
            digest=digest(body),
            returns_id=returned,
        )
    )
    found.whose[fact.source, fact.id] = owner
    if fact.type == CLAIM and fact.about is not None:
        found.whose[fact.about] = owner
    if fact.type == "merged" and owner is not None:
        found.links.became[owner] = uuid.UUID(found.states[owner].merged_into)
    for made in verdict.spawned:
        whose = found.receiver(batch.program, made.fact)
        if whose is None:
            raise MadeRefused(
                f"there is no member {made.fact.member!r}",
                field=f"attributes.{LINKS.get(fact.type, 'member')}",
                value=made.fact.member,
                mend="Enrol the member first.",
            )
        try:
            follows = _judge(batch, found, whose, made)
        except PointbookError as error:
            raise MadeRefused(
                error.message, field=error.field, value=error.value, mend=error.mend
            ) from error
        _decided(batch, found, whose, follows, body=content(made.fact))


def _known(batch: Batch, fact: Fact, found: Gathered) -> Outcome | None:
    """The duplicate's outcome, None for a new key.

    :raises FactConflict: when the key stands for something else.
    """
    key = (fact.source, fact.id)
    before = batch.seen.get(key)
    known = found.known.get(key)
    if known is not None:
        before = _Seen(known.digest, known.member, found.named.get(key), known.id)
    if before is None:
        return None
    owner = found.owner(batch.program, fact)
    if _same(before, fact, owner, found):
        whose = found.now(before.member)
        return Outcome("duplicate", fact.source, fact.id, before.fact_id, whose)
    raise FactConflict(
        f"fact {fact.source}/{fact.id} was posted before with other content",
        field="id",
        value=fact.id,
        mend="Send a correction under its own id; a posted fact never changes.",
    )


def _same(before: _Seen, fact: Fact, owner: uuid.UUID | None, found: Gathered) -> bool:
    """Whether a fact is the one that was posted, whoever its members have become since."""
    if before.member is None:
        # Who was nobody when it came may be a member by now.
        return before.named == fact.member and before.digest == digest(content(fact))
    if fact.type in USING and owner is not None:
        # What the head of a household paid says who burned it, whoever keeps the points now.
        for own in (owner, *found.former.get(owner, ())):
            if before.digest == digest(content(_burned_by(fact, own))):
                return True
    if owner not in (before.member, found.now(before.member)):
        return False
    if before.digest in (digest(content(fact)), digest(content(_named_now(fact, found)))):
        return True
    other = as_id(linked_to(fact) or "") if fact.type in LINKS else None
    former = () if other is None else found.former.get(other, ())
    return any(before.digest == digest(content(naming(fact, own))) for own in former)


def _admit(batch: Batch, fact: Fact, owner: uuid.UUID | None) -> None:
    """Refuse what lies in the future and whom nobody knows."""
    if not timely(fact, batch.at):
        raise FactError(
            f"occurred_at {fact.occurred_at.isoformat()} lies after the program's clock",
            field="occurred_at",
            value=fact.occurred_at.isoformat(),
            mend=f"The clock stands at {batch.at.isoformat()}; correct the time or the clock.",
        )
    if fact.type in USING and BURNED_BY in fact.attributes:
        raise FactError(
            f"{BURNED_BY} is Pointbook's own to say",
            field=f"attributes.{BURNED_BY}",
            value=fact.attributes[BURNED_BY],
            mend="Leave it out; say whose points they are by member, and who gets it by for.",
        )
    other = linked_to(fact) if fact.type in LINKS else None
    if other is not None and as_id(other) not in batch.linked:
        raise FactError(
            f"there is no member {other!r}",
            field=f"attributes.{LINKS[fact.type]}",
            value=other,
            mend="Enrol the member first.",
        )
    if owner is not None or (fact.member is None and fact.type not in PERSONAL):
        return
    if fact.type in SETTLING:
        raise unknown(fact)
    if fact.member is None:
        raise FactError("the fact names no member", field="member", mend="Send the member.")
    if not (batch.keeps and kept_for_nobody(fact)):
        raise FactError(
            f"there is no member {fact.member!r}",
            field="member",
            value=fact.member,
            mend="Enrol the member first.",
        )


def _share_nothing(program: Program, fact: Fact, friend: uuid.UUID, found: Gathered) -> None:
    """Refuse an invitation of somebody who is known by what a member up the chain is known by.

    :raises FactRefused: naming the check, and nobody's identifier.
    """
    terms = program.version_at(fact.occurred_at).blueprint.referrals
    if fact.type != INVITED or terms is None:
        return
    own = {one for one in found.traits.get(friend, ()) if one.check in terms.checks}
    referrer = found.now(as_id(linked_to(fact) or ""))
    for _ in range(LONGEST_CHAIN):
        if referrer is None or referrer == friend or not own:
            return
        shared = sorted(one.check for one in own & found.traits.get(referrer, frozenset()))
        if shared:
            raise refuse(
                f"the friend and who invited have the same {shared[0]}",
                field="attributes.referrer",
                value=linked_to(fact),
                mend="Two members are asked for; if they are one person, merge them.",
            )
        other = found.other(str(referrer))
        invited = None if other is None else other.invited
        referrer = None if invited is None else found.now(as_id(invited.referrer))
