"""A member's history in the words of a card. Nothing here raises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pointbook.earning.queries import Balance, Entry
from pointbook.earning.telling import title
from pointbook.engine.rules.blueprint import Blueprint, Unit
from pointbook.engine.rules.catalogue import ON_ORDERS
from pointbook.engine.rules.prose import phrases, wording
from pointbook.interfaces.portal.cards import MINUS, NEAR, figure_of, money_of
from pointbook.interfaces.portal.invites import SOURCE

SALES = frozenset({"purchase", "return", "claim"})
# The keys of captures that the portal posts together with what they capture.
USED = "used:"
QUIET = frozenset({"profile", "segment"})
# What takes something off a bill; all else is worth something.
SAVES = ON_ORDERS | {"product"}
# What uses points, and how that is called.
SPENDS = {"burn": "spent", "hold": "reserved", "capture": "redeemed"}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the history, and what it unfolds to."""

    day: str
    year: str
    title: str
    note: str
    points: str
    why: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Dated:
    """An entry and the balance of the unit that it is of."""

    entry: Entry
    held: Balance


def together(found: Sequence[Sequence[Dated]]) -> list[Dated]:
    """The entries of several units as one history, the latest first.

    What moved nothing stands in the history of every unit; it is told with the first, if at all.
    """
    lines = [
        one
        for place, of_unit in enumerate(found)
        for one in news(of_unit)
        if one.entry.points or one.entry.settled or not (place or _quiet(one.entry))
    ]
    return sorted(lines, key=lambda one: (one.entry.at, one.entry.seq), reverse=True)


def news(found: Sequence[Dated]) -> list[Dated]:
    """The entries without those that say again what the portal did in the same breath."""
    return [one for one in found if not _again(one.entry)]


def _again(entry: Entry) -> bool:
    """Whether it only says that what was redeemed here was used at once."""
    fact = entry.fact
    if fact is None or entry.kind != "capture":
        return False
    return fact.source == SOURCE and fact.key.startswith(USED)


def _quiet(entry: Entry) -> bool:
    """Whether it is no news to the member: what the shop's systems say of them."""
    return entry.fact is not None and entry.fact.type in QUIET


def line_of(one: Dated, *, blueprint: Blueprint, zone: ZoneInfo, main: Unit) -> Line:
    """One entry in words; one of another unit than the main one says of which."""
    entry, held = one.entry, one.held
    at = entry.at.astimezone(zone)
    called, note = _told(entry, held, blueprint)
    if held.unit.code != main.code and held.unit.name.casefold() not in called.casefold():
        note = f"{held.unit.name}, {note}" if note else held.unit.name
    facts = [("When", f"{phrases.day(at.date())}, {at:%H:%M}")]
    if entry.fact is not None:
        facts += _receipt(entry)
    after = phrases.points(abs(entry.balance), unit=held.unit)
    facts.append(("You had then", f"{MINUS}{after}" if entry.balance < 0 else after))
    sign = {True: "+", False: MINUS}[entry.points > 0] if entry.points else ""
    return Line(
        day=f"{at.day} {phrases.MONTHS[at.month - 1][:3]}",
        year=str(at.year) if (held.at - entry.at).days > NEAR else "",
        title=called,
        note=note,
        points=sign + figure_of(abs(entry.points), held.unit),
        why=entry.why,
        facts=tuple(facts),
    )


def _told(entry: Entry, held: Balance, blueprint: Blueprint) -> tuple[str, str]:
    """What an entry is called, and the quiet line under it."""
    fact, name = entry.fact, wording.opened(held.unit.name)
    if entry.kind == "expiry" or fact is None:
        return f"{name} expired", ""
    place = f"store {fact.store}" if fact.store else fact.channel
    if entry.kind in SPENDS:
        bought = next((one for one in blueprint.rewards if one.code == entry.reward), None)
        if bought is None:
            return f"{name} {SPENDS[entry.kind]}", place
        if entry.kind == "hold":
            return bought.name, "" if fact.source == SOURCE else "reserved"
        verb = "you saved" if bought.gives.kind in SAVES else "worth"
        saved = f"{verb} {money_of(bought.value, held.currency)}" if bought.value else place
        return bought.name, saved
    called = title(entry.kind, fact)
    if fact.type not in SALES:
        return called, place
    lines = fact.body.get("lines")
    count = len(lines) if isinstance(lines, Sequence) and fact.type != "return" else 0
    items = f"{count} item{'' if count == 1 else 's'}" if count else ""
    return called, ", ".join(part for part in (items, place) if part)


def _receipt(entry: Entry) -> list[tuple[str, str]]:
    fact = entry.fact
    assert fact is not None, "lines without a fact have no receipt"
    told = [("Receipt", fact.key)] if fact.type in SALES else []
    if fact.total:
        told.append(("Total", phrases.money(fact.total, currency=fact.currency)))
    return told
