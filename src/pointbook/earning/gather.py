"""What must be known before a batch is judged: members, accounts, keys, lots, spend, tiers.

The stage takes every lock of the batch, kind by kind and in key order, so that two batches wait
for each other and never block each other. Raises nothing of its own: what is wrong with a fact is
answered with the fact.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pointbook.earning.states import links_of, states_of
from pointbook.engine.ledger.lots import Gone, Lot, Wallet
from pointbook.engine.replay.handing import drawn_from
from pointbook.engine.replay.links import LINKS, linked_to
from pointbook.engine.replay.member import Burned, Member, Record
from pointbook.engine.replay.program import Program
from pointbook.engine.replay.verdicts import MAKER, made_id
from pointbook.engine.values.facts import Fact, restore
from pointbook.ledger import queries as ledger
from pointbook.ledger.operations.accounts import Holders, lock_members, read_members
from pointbook.members import operations as members
from pointbook.members.queries import resolve, unclaimed

# Facts that may move any of a member's lots.
DRAWING = frozenset(
    {
        "burn",
        "return",
        "cancel",
        "payment_expired",
        "void",
        "adjustment",
        "reinstate",
        "transfer",
        "received",
        "merge",
        "merged",
        "join_household",
        "company_return",
    }
)
# Facts that end other facts' awards: what was burned for an order comes back with it.
UNDOING = frozenset({"return", "cancel", "payment_expired"})
# Facts made by an order that other facts take back when the order comes back.
ENDING = ("company_purchase", "referral", "referred")
ROUNDS = 4


@dataclass(slots=True)
class Gathered:
    """Everything known about a batch; `states` are the working copies of its members.

    `named` is whom a known fact of nobody's named, `posted` what facts of the batch refer to.
    """

    owners: dict[str, uuid.UUID]
    holders: Holders
    known: dict[ledger.Key, ledger.Known]
    posted: dict[ledger.Key, ledger.Recorded]
    batch: dict[ledger.Key, str | None]
    named: dict[ledger.Key, str] = field(default_factory=dict)
    states: dict[uuid.UUID, Member] = field(default_factory=dict)

    def owner(self, fact: Fact) -> uuid.UUID | None:
        """Whose fact it is: the member it names, or of the fact it returns or is about."""
        if fact.member is not None:
            return self.owners.get(fact.member)
        refers = fact.refers
        if refers is None:
            return None
        if refers in self.posted:
            return self.posted[refers].member
        return self.owners.get(self.batch.get(refers) or "")

    def payer(self, program: Program, fact: Fact) -> uuid.UUID | None:
        """Who is judged for the fact: the owner, or the head whose points a burn takes."""
        owner = self.owner(fact)
        if owner is None or fact.type != "burn" or owner not in self.states:
            return owner
        version = program.version_at(fact.occurred_at)
        head = drawn_from(version, self.states[owner], fact)
        return uuid.UUID(head) if head else owner

    def other(self, reference: str) -> Member | None:
        """The working copy of another member by id; None when the batch does not know them."""
        own = as_id(reference)
        return None if own is None else self.states.get(own)


def as_id(reference: str) -> uuid.UUID | None:
    """The member's id that a reference is; None when it is none."""
    try:
        return uuid.UUID(reference)
    except ValueError:
        return None


def named_by_id(
    program_id: int, facts: Sequence[Fact], owners: Mapping[str, uuid.UUID]
) -> list[Fact]:
    """The facts with the other members they name by id: a fact's content identifies nobody.

    `owners` are known already. Whom nobody knows stays as it was written; that is refused.
    """
    asked = {other for fact in facts if fact.type in LINKS and (other := linked_to(fact))}
    if not asked:
        return list(facts)
    found = {**resolve(program_id, asked), **{one: owners[one] for one in asked & owners.keys()}}
    named = []
    for fact in facts:
        other = linked_to(fact) if fact.type in LINKS else None
        if other is not None and other in found:
            told = {**fact.attributes, LINKS[fact.type]: str(found[other])}
            named.append(replace(fact, attributes=told))
        else:
            named.append(fact)
    return named


def gather(
    *, program_id: int, program: Program, facts: Sequence[Fact], owners: dict[str, uuid.UUID]
) -> Gathered:
    """Lock the accounts of a batch's members, then read what judging it needs."""
    keys = _named(program, facts)
    units = list(program.versions[-1].units)
    posted = ledger.recorded(program_id, keys) if keys else {}
    who, holders = _everybody(program, facts, owners, posted), Holders()
    for _ in range(ROUNDS):
        holders = lock_members(program_id=program_id, members=sorted(who), units=units)
        more = links_of(who) - who if program.linked else set()
        if not more:
            break
        who |= more
    if keys:
        # What came back of an order is only sure once its member is locked.
        posted = ledger.recorded(program_id, keys)
    known = ledger.known(program_id, [(fact.source, fact.id) for fact in facts])
    nobody = [key for key, one in known.items() if one.member is None]
    named = unclaimed(program_id, nobody) if nobody else {}
    found = Gathered(owners, holders, known, posted, _batch(facts), named)
    _load(program_id, program, facts, found, who)
    # From here on it holds what was judged already: a return before its purchase finds nothing.
    found.batch.clear()
    return found


def look(*, program_id: int, program: Program, facts: Sequence[Fact]) -> Gathered:
    """What judging would need to know, without enrolling or locking anybody."""
    owners = resolve(program_id, {fact.member for fact in facts if fact.member is not None})
    keys = _named(program, facts)
    posted = ledger.recorded(program_id, keys) if keys else {}
    who = _everybody(program, facts, owners, posted)
    found = Gathered(owners, read_members(sorted(who)), {}, posted, {})
    _load(program_id, program, facts, found, who)
    return found


def gather_members(*, program_id: int, program: Program, who: Iterable[uuid.UUID]) -> Gathered:
    """Lock these members and read all of them, for jobs that no fact asks for."""
    owners = {str(own): own for own in who}
    units = list(program.versions[-1].units)
    holders = lock_members(program_id=program_id, members=sorted(owners.values()), units=units)
    found = Gathered(owners, holders, {}, {}, {})
    _load(program_id, program, (), found, set(owners.values()), drawing=set(owners.values()))
    return found


def _named(program: Program, facts: Sequence[Fact]) -> list[ledger.Key]:
    """The facts that these refer to, and what those made that comes back with them."""
    keys: list[ledger.Key] = [refers for fact in facts if (refers := fact.refers) is not None]
    if program.linked:
        undone = [fact.refers for fact in facts if fact.type in UNDOING and fact.refers]
        keys += [(MAKER, made_id(kind, *key)) for key in undone for kind in ENDING]
    return keys


def _everybody(
    program: Program,
    facts: Sequence[Fact],
    owners: Mapping[str, uuid.UUID],
    posted: Mapping[ledger.Key, ledger.Recorded],
) -> set[uuid.UUID]:
    """Whom the batch touches: who is named, whose facts come back, and whom they are linked to."""
    who = {*owners.values(), *(one.member for one in posted.values() if one.member is not None)}
    for fact in facts:
        if fact.type in LINKS and (own := as_id(linked_to(fact) or "")) is not None:
            who.add(own)
    if program.linked:
        for _ in range(ROUNDS):
            more = links_of(who) - who
            if not more:
                break
            who |= more
    return who


def _batch(facts: Sequence[Fact]) -> dict[ledger.Key, str | None]:
    """The facts of the batch itself, which another in it may refer to, and whose they are."""
    return {(fact.source, fact.id): fact.member for fact in facts if fact.member is not None}


def owners_of(program_id: int, facts: Sequence[Fact], *, enrols: bool) -> dict[str, uuid.UUID]:
    """The members whom facts name; newcomers are enrolled, unless `enrols` is False."""
    arrivals: dict[str, datetime] = {}
    for fact in facts:
        if fact.member is not None:
            first = arrivals.get(fact.member)
            if first is None or fact.occurred_at < first:
                arrivals[fact.member] = fact.occurred_at
    if not arrivals:
        return {}
    if enrols:
        return members.enrol(program_id=program_id, arrivals=arrivals)
    return resolve(program_id, arrivals)


def _load(
    program_id: int,
    program: Program,
    facts: Sequence[Fact],
    found: Gathered,
    who: set[uuid.UUID],
    *,
    drawing: set[uuid.UUID] | None = None,
) -> None:
    """Make the working copy of every member that the batch touches."""
    if drawing is None:
        drawing = set(who) if program.walletbound else _drawing(program, facts, found, who)
    debts = {
        (member, unit): -holder.balance
        for (member, unit, kind), holder in found.holders.items()
        if kind == "debt" and holder.balance < 0
    }
    later = _later(program_id, facts, found) if program.re_evaluates else []
    named = {one.awards_id: key for key, one in found.posted.items()}
    if program.re_evaluates and named:
        named |= {own: named[first] for own, first in ledger.re_evaluated(list(named)).items()}
    held = ledger.lots(sorted(drawing), list(named)) if drawing or named else []
    owed = ledger.receivables([member for member, _ in debts]) if debts else {}
    lots = {one.lot.id: one.lot for one in held}
    gone = _gone(program, facts, drawing, lots)
    wallets = _wallets(program, held, debts, owed, gone)
    found.states = states_of(
        program_id=program_id, program=program, members=sorted(who), wallets=wallets
    )
    given: dict[ledger.Key, list[Lot]] = {}
    for had in held:
        if had.fact_id in named and had.awarded:
            given.setdefault(named[had.fact_id], []).append(had.lot)
    burned = _burned(program_id, facts, found, lots)
    for key, one in found.posted.items():
        if one.member in found.states:
            record = Record(
                one.occurred_at,
                one.kept,
                sorted(given.get(key, []), key=lambda lot: lot.id),
                one.type,
                one.whole,
                one.total,
                list(burned.get(key, ())),
            )
            found.states[one.member].records[key] = record
    for row in later:
        found.states[row.member].later.append(restore(row.content, member=str(row.member)))


def _burned(
    program_id: int, facts: Sequence[Fact], found: Gathered, lots: dict[int, Lot]
) -> Mapping[ledger.Key, Sequence[Burned]]:
    """The burns for orders that come back; those for orders of the batch wait for them."""
    undone = {fact.refers for fact in facts if fact.type in UNDOING}
    orders = [key for key in found.posted if key in undone]
    coming = {
        (fact.source, fact.id): own
        for fact in facts
        if (fact.source, fact.id) in undone and (own := found.owner(fact)) is not None
    }
    if not orders and not coming:
        return {}
    burned = ledger.burned(program_id, orders, lots=lots, coming=coming)
    for key, own in coming.items():
        if key in burned and key not in found.posted:
            found.states[own].waiting[key] = burned[key]
    return burned


def _later(program_id: int, facts: Sequence[Fact], found: Gathered) -> list[ledger.Bought]:
    """The purchases that came after late ones of the batch; they count as posted to refer to."""
    since: dict[uuid.UUID, datetime] = {}
    for fact in facts:
        own = found.owner(fact)
        if own is not None and fact.type in ("purchase", "claim"):
            since[own] = min(fact.occurred_at, since.get(own, fact.occurred_at))
    rows = ledger.purchases_after(since) if since else []
    keys = [(row.source, row.key) for row in rows]
    if keys:
        found.posted |= ledger.recorded(program_id, keys)
    return rows


def _drawing(
    program: Program, facts: Sequence[Fact], found: Gathered, who: set[uuid.UUID]
) -> set[uuid.UUID]:
    """The members whose lots a fact of the batch may move."""
    drawing = set()
    for fact in facts:
        own = found.owner(fact)
        releases = fact.type in program.version_at(fact.occurred_at).releasing
        if own is not None and (fact.type in DRAWING or releases):
            drawing.add(own)
            if fact.type in LINKS and (other := as_id(linked_to(fact) or "")) is not None:
                drawing.add(other)
    # What an order made for others comes back from their lots.
    ended = (one.member for (source, _), one in found.posted.items() if source == MAKER)
    drawing |= {own for own in ended if own is not None}
    if drawing and program.linked:
        drawing |= links_of(drawing) & who
    return drawing


def _gone(
    program: Program, facts: Sequence[Fact], drawing: set[uuid.UUID], lots: dict[int, Lot]
) -> dict[tuple[uuid.UUID, str], list[Gone]]:
    """What expired of these members' points and may be reinstated by facts of the batch."""
    asked = [fact for fact in facts if fact.type == "reinstate"]
    if not asked:
        return {}
    days = max(unit.reinstate_days for unit in program.versions[-1].units.values())
    since = min(fact.occurred_at for fact in asked) - timedelta(days=days + 1)
    return ledger.gone(sorted(drawing), since=since, lots=lots)


def _wallets(
    program: Program,
    held: Iterable[ledger.Held],
    debts: Mapping[tuple[uuid.UUID, str], int],
    owed: Mapping[tuple[uuid.UUID, str], int],
    gone: Mapping[tuple[uuid.UUID, str], list[Gone]],
) -> dict[uuid.UUID, dict[str, Wallet]]:
    units = program.versions[-1].units
    lots: dict[tuple[uuid.UUID, str], list[Lot]] = {key: [] for key in (*debts, *gone)}
    for one in held:
        of_wallet = lots.setdefault((one.member, one.lot.unit), [])
        if one.lot.remaining:
            of_wallet.append(one.lot)
    wallets: dict[uuid.UUID, dict[str, Wallet]] = {}
    for (member, unit), open_lots in lots.items():
        terms = units[unit]
        wallets.setdefault(member, {})[unit] = Wallet(
            spend_order=terms.spend_order,
            lots=open_lots,
            debt=debts.get((member, unit), 0),
            receivable=owed.get((member, unit), 0),
            remembers=timedelta(days=terms.reinstate_days) if terms.reinstate_days else None,
            gone=gone.get((member, unit)),
        )
    return wallets
