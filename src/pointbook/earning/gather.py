"""What must be known before a batch is judged: members, accounts, keys, lots, spend, tiers.

The stage takes every lock of the batch, kind by kind and in key order, so that two batches wait
for each other and never block each other. Raises nothing of its own: what is wrong with a fact is
answered with the fact.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pointbook.engine.ledger.lots import Lot, Wallet
from pointbook.engine.replay.member import Member, Sale
from pointbook.engine.replay.program import Program
from pointbook.engine.rules.tiers import Standing
from pointbook.engine.values.facts import Fact
from pointbook.ledger import queries as ledger
from pointbook.ledger.operations.accounts import Holders, lock_members, read_members
from pointbook.members import operations as members
from pointbook.members.queries import resolve, unclaimed
from pointbook.tiers.queries import tiers_of

DRAWING = frozenset({"burn", "return"})


@dataclass(slots=True)
class Gathered:
    """Everything known about a batch; `states` are the working copies of its members.

    `named` is whom a known fact of nobody's named.
    """

    owners: dict[str, uuid.UUID]
    holders: Holders
    known: dict[ledger.Key, ledger.Known]
    sold: dict[ledger.Key, ledger.Sold]
    bought: dict[ledger.Key, str | None]
    named: dict[ledger.Key, str] = field(default_factory=dict)
    states: dict[uuid.UUID, Member] = field(default_factory=dict)

    def owner(self, fact: Fact) -> uuid.UUID | None:
        """Whose fact it is: the member it names, or of the purchase it returns."""
        if fact.member is not None:
            return self.owners.get(fact.member)
        if fact.returns is not None and fact.returns in self.sold:
            return self.sold[fact.returns].member
        return self.owners.get(self.bought.get(fact.returns or ("", "")) or "")


def gather(*, program_id: int, program: Program, facts: Sequence[Fact], enrols: bool) -> Gathered:
    """Enrol newcomers, lock accounts, then read what judging the batch needs."""
    owners = _owners(program_id, facts, enrols=enrols)
    returns = [fact.returns for fact in facts if fact.returns is not None]
    sold = ledger.sold(program_id, returns) if returns else {}
    who = {*owners.values(), *(sale.member for sale in sold.values() if sale.member is not None)}
    units = list(program.versions[-1].units)
    holders = lock_members(program_id=program_id, members=list(who), units=units)
    if returns:
        # What was returned of a purchase is only sure once its member is locked.
        sold = ledger.sold(program_id, returns)
    known = ledger.known(program_id, [(fact.source, fact.id) for fact in facts])
    nobody = [key for key, one in known.items() if one.member is None]
    named = unclaimed(program_id, nobody) if nobody else {}
    found = Gathered(owners, holders, known, sold, _bought(facts), named)
    _load(program, facts, found)
    # From here on it holds what was judged already: a return before its purchase finds nothing.
    found.bought.clear()
    return found


def look(*, program_id: int, program: Program, facts: Sequence[Fact]) -> Gathered:
    """What judging would need to know, without enrolling or locking anybody."""
    owners = resolve(program_id, {fact.member for fact in facts if fact.member is not None})
    returns = [fact.returns for fact in facts if fact.returns is not None]
    sold = ledger.sold(program_id, returns) if returns else {}
    who = {*owners.values(), *(sale.member for sale in sold.values() if sale.member is not None)}
    found = Gathered(owners, read_members(list(who)), {}, sold, {})
    _load(program, facts, found)
    return found


def _bought(facts: Sequence[Fact]) -> dict[ledger.Key, str | None]:
    """The purchases of the batch itself, which a return in it may name, and whose they are."""
    return {(fact.source, fact.id): fact.member for fact in facts if fact.type == "purchase"}


def _owners(program_id: int, facts: Sequence[Fact], *, enrols: bool) -> dict[str, uuid.UUID]:
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


def _load(program: Program, facts: Sequence[Fact], found: Gathered) -> None:
    """Make the working copy of every member that the batch touches."""
    owners = {own for fact in facts if (own := found.owner(fact)) is not None}
    debts = {
        (member, unit): -holder.balance
        for (member, unit, kind), holder in found.holders.items()
        if kind == "debt" and holder.balance < 0
    }
    drawing = {own for fact in facts if fact.type in DRAWING and (own := found.owner(fact))}
    sales = {sale.id: key for key, sale in found.sold.items()}
    held = ledger.lots(list(drawing), list(sales)) if drawing else []
    owed = ledger.receivables([member for member, _ in debts]) if debts else {}
    standings = _standings(program, facts, owners)
    wallets = _wallets(program, held, debts, owed)
    for own in owners:
        state = Member(wallets=wallets.get(own, {}), standing=standings.get(own))
        found.states[own] = state
    by_fact: dict[int, list[Lot]] = {}
    for one in held:
        if one.fact_id in sales:
            by_fact.setdefault(one.fact_id, []).append(one.lot)
    for key, sale in found.sold.items():
        if sale.member in found.states:
            lots = sorted(by_fact.get(sale.id, []), key=lambda lot: lot.id)
            found.states[sale.member].sales[key] = Sale(sale.occurred_at, sale.kept, lots)


def _wallets(
    program: Program,
    held: Iterable[ledger.Held],
    debts: Mapping[tuple[uuid.UUID, str], int],
    owed: Mapping[tuple[uuid.UUID, str], int],
) -> dict[uuid.UUID, dict[str, Wallet]]:
    units = program.versions[-1].units
    lots: dict[tuple[uuid.UUID, str], list[Lot]] = {key: [] for key in debts}
    for one in held:
        of_wallet = lots.setdefault((one.member, one.lot.unit), [])
        if one.lot.remaining:
            of_wallet.append(one.lot)
    wallets: dict[uuid.UUID, dict[str, Wallet]] = {}
    for (member, unit), open_lots in lots.items():
        wallets.setdefault(member, {})[unit] = Wallet(
            spend_order=units[unit].spend_order,
            lots=open_lots,
            debt=debts.get((member, unit), 0),
            receivable=owed.get((member, unit), 0),
        )
    return wallets


def _standings(
    program: Program, facts: Sequence[Fact], owners: Iterable[uuid.UUID]
) -> dict[uuid.UUID, Standing]:
    buying = [fact for fact in facts if fact.type == "purchase"]
    ladders = [version.ladder for version in program.versions if version.ladder is not None]
    if not buying or not ladders:
        return {}
    who = list(owners)
    times = [fact.occurred_at for fact in buying]
    spent = ledger.spending(
        who,
        since=min(ladder.starts_after(min(times)) for ladder in ladders),
        last=max(times),
        cuts=lambda at: max(ladder.starts_after(at) for ladder in ladders),
    )
    tiers = tiers_of(who)
    return {
        own: Standing(
            tier=tiers.get(own, ""),
            history=spent[own][0] if own in spent else (),
            last_at=spent[own][1] if own in spent else None,
        )
        for own in who
    }
