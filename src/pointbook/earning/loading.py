"""The working copies of a batch's members: what is kept of them, their lots, and the orders asked.

Lots are read only for members from whose lots a fact of the batch may take. Nothing here raises.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from pointbook.earning.gathered import Gathered
from pointbook.earning.linking import as_id
from pointbook.earning.states import states_of
from pointbook.engine.ledger.lots import Gone, Lot, Wallet
from pointbook.engine.replay.handing import USING
from pointbook.engine.replay.heirs import follows
from pointbook.engine.replay.links import LINKS, linked_to
from pointbook.engine.replay.member import Record
from pointbook.engine.replay.program import Program
from pointbook.engine.replay.redeeming import SETTLING
from pointbook.engine.replay.verdicts import MAKER, made_id
from pointbook.engine.replay.world import RETURNING
from pointbook.engine.rules.blueprint import Unit
from pointbook.engine.values.facts import Fact, restore
from pointbook.ledger import queries as ledger

# Facts that may move any of a member's lots, beside those about orders and awards.
DRAWING: Final = frozenset(
    {"burn", "reserve", "adjustment", "reinstate", "transfer", "merge", "join_household"}
)
BOUGHT: Final = frozenset({"purchase", "claim"})


def units_of(program: Program) -> dict[str, Unit]:
    """Every unit that the program ever had, as its latest version with it says."""
    return {code: unit for version in program.versions for code, unit in version.units.items()}


def load(
    *,
    program_id: int,
    program: Program,
    facts: Sequence[Fact],
    found: Gathered,
    everything: bool = False,
) -> None:
    """Make the working copy of every member that the batch touches, with lots and records.

    `everything` reads the lots of all of them.
    """
    who = found.links.everybody
    # Facts of the batch may refer to others of it, as far as these come first.
    found.whose = _coming(facts, found)
    drawing = who if everything or program.walletbound else _drawing(program, facts, found)
    debts = {
        (member, unit): -holder.balance
        for (member, unit, kind), holder in found.holders.items()
        if kind == "debt" and holder.balance < 0
    }
    later = _later(program_id, program, facts, found) if program.re_evaluates else []
    awards = _Awards(program, found)
    asked = list(awards.orders)
    held = ledger.lots(sorted(drawing), asked) if drawing or asked else []
    owed = ledger.receivables([member for member, _ in debts]) if debts else {}
    lots = {one.lot.id: one.lot for one in held}
    gone = _gone(program, facts, drawing, lots)
    wallets = _wallets(program, held, debts, owed, gone)
    found.states = states_of(
        program_id=program_id, program=program, members=sorted(who), wallets=wallets
    )
    given: dict[ledger.Key, list[Lot]] = {}
    for had in held:
        key = awards.order_of(had)
        if key is not None:
            given.setdefault(key, []).append(had.lot)
    _record(found, given)
    burned = _burned(program_id, facts, found, lots)
    # Rewards that are for an order alone ask for what was redeemed on it before.
    alone = any(own.reward.exclusive for one in program.versions for own in one.rewards.values())
    _holds(program_id, facts, found, captures=burned, lots=lots, alone=alone)
    for row in later:
        found.states[row.member].later.append(restore(row.content, member=str(row.member)))
    found.whose = {key: one.member for key, one in found.posted.items()}


def _coming(facts: Sequence[Fact], found: Gathered) -> dict[ledger.Key, uuid.UUID | None]:
    """Whose the facts are that others may refer to: those of the batch, and those posted."""
    whose: dict[ledger.Key, uuid.UUID | None] = {}
    for fact in facts:
        key = fact.about if fact.type == "claim" and fact.about else (fact.source, fact.id)
        if fact.member is not None:
            whose[key] = found.now(found.owners.get(fact.member))
    posted = {key: one.member for key, one in found.posted.items() if one.member is not None}
    return {**whose, **posted}


def _drawing(program: Program, facts: Sequence[Fact], found: Gathered) -> set[uuid.UUID]:
    """The members whose lots a fact of the batch may move."""
    drawing: set[uuid.UUID | None] = set()
    for fact in facts:
        about = follows(fact, program.version_at(fact.occurred_at))
        if about or fact.type in DRAWING:
            drawing.add(found.owner(program, fact))
        if fact.type in DRAWING and fact.type in LINKS:
            drawing.add(as_id(linked_to(fact) or ""))
    # What an order made for others comes back from their lots.
    drawing |= {one.member for (source, _), one in found.posted.items() if source == MAKER}
    # Whoever keeps nothing hands on what there is, also of units that are shared since today.
    drawing |= found.links.heirs.keys()
    return found.links.with_heirs(own for own in drawing if own is not None) & (
        found.links.everybody
    )


def _later(
    program_id: int, program: Program, facts: Sequence[Fact], found: Gathered
) -> list[ledger.Bought]:
    """The purchases that came after late ones of the batch; they count as posted to refer to."""
    since: dict[uuid.UUID, datetime] = {}
    for fact in facts:
        own = found.owner(program, fact)
        if own is not None and fact.type in BOUGHT:
            since[own] = min(fact.occurred_at, since.get(own, fact.occurred_at))
    rows = ledger.purchases_after(since) if since else []
    keys = [(row.source, row.key) for row in rows]
    if keys:
        found.posted |= ledger.recorded(program_id, keys)
    return rows


class _Awards:
    """The facts whose lots are the awards of the orders that the batch asks for."""

    def __init__(self, program: Program, found: Gathered) -> None:
        self.orders = {one.awards_id: key for key, one in found.posted.items()}
        # A rule that was judged again has given nothing else.
        self.since: dict[tuple[ledger.Key, str], int] = {}
        if program.re_evaluates and self.orders:
            for again in ledger.re_evaluated(list(self.orders)):
                key = self.orders[again.purchase_id]
                self.orders[again.id] = key
                for rule in again.rules:
                    self.since[key, rule] = max(again.id, self.since.get((key, rule), 0))

    def order_of(self, held: ledger.Held) -> ledger.Key | None:
        """The order that a lot was given for; None when it is no award of one that stands."""
        key = self.orders.get(held.fact_id) if held.awarded else None
        if key is None or held.fact_id < self.since.get((key, held.lot.rule), 0):
            return None
        return key


def _record(found: Gathered, given: Mapping[ledger.Key, Sequence[Lot]]) -> None:
    """The orders and awards that were posted before, as later facts refer to them."""
    for key, one in found.posted.items():
        lots = sorted(given.get(key, ()), key=lambda lot: lot.id)
        if one.member not in found.states or not (lots or one.type.endswith("purchase")):
            continue
        found.states[one.member].records[key] = Record(
            one.occurred_at,
            one.kept,
            lots,
            one.type,
            one.whole,
            one.total,
            head=_made_for(found, "received", key),
            company=_made_for(found, "company_purchase", key),
        )


def _made_for(found: Gathered, kind: str, key: ledger.Key) -> str:
    """For whom an order made a fact of a kind; '' when it made none."""
    made = found.posted.get((MAKER, made_id(kind, *key)))
    return "" if made is None or made.member is None else str(made.member)


def _burned(
    program_id: int, facts: Sequence[Fact], found: Gathered, lots: dict[int, Lot]
) -> list[ledger.Key]:
    """The burns for orders that come back, of their owners and of those who keep their points.

    Answers the facts that burned.
    """
    asked: list[ledger.Order] = []
    for key in {one.refers for one in facts if one.type in RETURNING and one.refers is not None}:
        owner = found.whose.get(key)
        if owner is not None:
            head = as_id(_made_for(found, "received", key))
            who = found.links.with_heirs([owner] if head is None else [owner, head])
            asked += [ledger.Order(key, member) for member in sorted(who)]
    if not asked:
        return []
    keys: list[ledger.Key] = []
    for (order, member), burned in ledger.burned(program_id, asked, lots=lots).items():
        state = found.states.get(member)
        if state is None:
            continue
        keys += [one.key for one in burned]
        if order in state.records:
            state.records[order].burned = burned
        else:
            state.waiting[order] = burned
    return keys


def _holds(
    program_id: int,
    facts: Sequence[Fact],
    found: Gathered,
    *,
    captures: Sequence[ledger.Key],
    lots: dict[int, Lot],
    alone: bool,
) -> None:
    """The redemptions that facts settle, whose orders come back, or that facts come beside."""
    named = [fact for fact in facts if fact.about is not None]
    keys = [fact.about for fact in named if fact.type in SETTLING]
    orders = [fact.about for fact in named if fact.type in USING] if alone else []
    if not keys and not captures and not orders:
        return
    for member, hold in ledger.holds(
        program_id,
        members=sorted(found.states) if orders else [],
        keys=[key for key in keys if key is not None],
        captures=captures,
        orders=[key for key in orders if key is not None],
        lots=lots,
    ):
        if member in found.states:
            found.states[member].holds[hold.key] = hold


def _gone(
    program: Program, facts: Sequence[Fact], drawing: set[uuid.UUID], lots: dict[int, Lot]
) -> dict[tuple[uuid.UUID, str], list[Gone]]:
    """What expired of these members' points and may be reinstated by facts of the batch."""
    asked = [fact for fact in facts if fact.type == "reinstate"]
    if not asked:
        return {}
    days = max(unit.reinstate_days for unit in units_of(program).values())
    since = min(fact.occurred_at for fact in asked) - timedelta(days=days + 1)
    return ledger.gone(sorted(drawing), since=since, lots=lots)


def _wallets(
    program: Program,
    held: Iterable[ledger.Held],
    debts: Mapping[tuple[uuid.UUID, str], int],
    owed: Mapping[tuple[uuid.UUID, str], int],
    gone: Mapping[tuple[uuid.UUID, str], list[Gone]],
) -> dict[uuid.UUID, dict[str, Wallet]]:
    units = units_of(program)
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
