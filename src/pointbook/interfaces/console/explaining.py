"""A line of a member's history in words, and the arithmetic behind it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils.formats import date_format

from pointbook.earning import steps
from pointbook.earning.queries import Balance, Coming, Entry
from pointbook.earning.telling import bought, title
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.earning.awards import MONEY
from pointbook.engine.rules.explaining.explanation import explain
from pointbook.engine.rules.prose import wording
from pointbook.interfaces.console import formats
from pointbook.interfaces.console.desk import Desk, unit_of
from pointbook.interfaces.console.pages.members import Detail, Explanation, Step
from pointbook.interfaces.console.pages.members import Entry as Shown
from pointbook.ledger.queries import FactRow, OpenLot
from pointbook.members.queries import MemberRow
from pointbook.members.queries import rows as member_rows
from pointbook.programs.queries import compiled

TAKEN: Final = {"claw_back": "Taken back for a return", "overdraft": "Owed for a return"}
RETURNS: Final = frozenset({"return", "company_return"})
SALES: Final = frozenset({"purchase", "return", "claim", "company_purchase", "company_return"})
# Lines whose points come from what a basket came to.
COUNTS: Final = SALES | {"award", "claw_back", "overdraft"}
# What uses points, and how its title goes on to the reward.
SPENDS: Final = {
    "burn": ("Spent", "on"),
    "hold": ("Reserved", "for"),
    "capture": ("Redeemed", "for"),
}
TOTALS: Final = {
    "burn": "spent",
    "hold": "reserved",
    "capture": "redeemed",
    "release": "given back",
    "lapse": "expired",
    "expiry": "expired",
    "claw_back": "taken back",
    "overdraft": "owed",
    "refund": "given back",
    "reinstatement": "brought back",
    "deduction": "taken off",
    "transfer_out": "handed over",
    "transfer_in": "received",
}
# Attributes of facts that name another member, and how.
OTHERS: Final = {
    "to": "To",
    "from": "From the card of",
    "into": "Became",
    "referrer": "Invited by",
    "head": "Household of",
    "company": "Company",
}


def title_of(line: Entry, *, blueprint: Blueprint) -> str:
    """What a line is called: Purchase at store 367."""
    fact = line.fact
    if fact is None or line.kind == "expiry":
        return "Expired"
    if line.kind in TAKEN and fact.type in RETURNS:
        return TAKEN[line.kind]
    if line.kind in SPENDS:
        verb, links = SPENDS[line.kind]
        name = bought(line.reward, blueprint=blueprint)
        return f"{verb} {links} “{name}”" if name else verb
    name = title(line.kind, fact)
    return f"{name} at store {fact.store}" if fact.store else name


def reason_of(line: Entry) -> str:
    """The quiet line under the title."""
    return " ".join(line.why).rstrip(".")


def waits_for(one: Coming) -> str:
    """From when points can be used that cannot be used yet: once the purchase is shipped."""
    if one.on is not None:
        return "can be used from this day on"
    return f"can be used {steps.waits(one, to_staff=True)}"


def explanation_of(
    line: Entry, *, shown: Shown, member: MemberRow, held: Balance, desk: Desk
) -> Explanation:
    """The panel of one line: steps that end in its points, and where they stand now."""
    moved = abs(line.points) or line.settled
    points = formats.points(moved, decimals=held.unit.decimals)
    word = held.unit.singular if moved == 10**held.unit.decimals else held.unit.name
    given = TOTALS.get(line.kind, "given")
    versions = {one.number: one.blueprint for one in compiled(desk.program.id).versions}
    blueprint = versions.get(line.version or 0, desk.blueprint)
    total = f"{wording.opened(held.unit.name)} {given}"
    return Explanation(
        entry=shown,
        member=member.shown_as,
        member_href=reverse("console:member", args=[member.id]),
        unit=unit_of(held.unit),
        currency=held.currency,
        title=f"Why {points} {word}",
        steps=(
            *_steps(line, blueprint),
            Step(total, moved, "points", total=True),
        ),
        details=tuple(_details(line, held, blueprint, desk)),
    )


def _steps(line: Entry, blueprint: Blueprint) -> Iterator[Step]:
    """From what the basket came to down to what each rule gave for it."""
    reasons = line.reasons
    yield from _money_steps(line, blueprint)
    if len(reasons) > 1:
        for reason in reasons:
            yield Step(explain(reason, blueprint=blueprint), reason.points, "points")
    else:
        yield from (Step(sentence) for sentence in line.why)


def _money_steps(line: Entry, blueprint: Blueprint) -> Iterator[Step]:
    """From what the basket came to down to what counts, for the first rule that counts money."""
    fact = line.fact
    if fact is None or fact.type not in SALES or line.kind not in COUNTS:
        return
    base = _base(line.reasons, blueprint)
    counts = fact.spend if base is None else base
    body = fact.body
    items = _list(body, "lines")
    coupons = sum(int(str(one.get("amount", 0))) for one in _list(body, "coupons"))
    what = formats.counted(len(items), "item", "items") if items else "Basket"
    yield Step(what, fact.total + coupons, "money")
    if coupons:
        yield Step("Coupons, taken off first", -coupons, "money")
    if counts > fact.total:
        yield Step("Discounts are not taken off", counts - fact.total, "money")
    elif counts < fact.total:
        apart = "Tax, delivery and stored value do not count"
        rest = apart if counts == fact.spend else "Does not count for this rule"
        yield Step(rest, counts - fact.total, "money")
    yield Step(f"Counts for points, {blueprint.currency}", counts, "money", total=True)


def _base(reasons: Sequence[Reason], blueprint: Blueprint) -> int | None:
    """What the first rule counted that counts money; None where none does."""
    kinds = {rule.code: rule.award.kind for rule in blueprint.earn}
    return next((one.base for one in reasons if kinds.get(one.rule) in MONEY), None)


def _details(line: Entry, held: Balance, blueprint: Blueprint, desk: Desk) -> Iterator[Detail]:
    fact = line.fact
    if fact is not None and line.points > 0:
        yield from _lot(fact, line.points, held, desk)
    if fact is not None and line.version is not None:
        number = str(line.version)
        rules = f"{blueprint.name}, version {number}"
        yield Detail("Rules", rules, reverse("console:version", args=[number]))
    if fact is not None:
        at = date_format(fact.occurred_at.astimezone(desk.zone), "j M Y, H:i")
        yield Detail("Receipt" if fact.type in SALES else "Fact", fact.key)
        yield Detail("From", fact.source, after=f", {at}")
        yield from _about(fact)
        if fact.simulated:
            yield Detail("Simulated", "No member did this: a behaviour document did.")
    month = desk.day(line.at).replace(day=1)
    yield Detail(
        "In the books",
        date_format(month, "F Y"),
        reverse("console:period", args=[f"{month:%Y-%m}"]),
    )


def _about(fact: FactRow) -> Iterator[Detail]:
    """The fact and the other member that a fact names."""
    about = fact.body.get("about") or fact.body.get("returns")
    if isinstance(about, Mapping):
        yield Detail("About", str(about.get("id", "")))
    told = fact.body.get("attributes")
    named = told if isinstance(told, Mapping) else {}
    for name, term in OTHERS.items():
        own = None
        with suppress(ValueError):
            own = uuid.UUID(str(named.get(name)))
        for other in member_rows([own] if own else []):
            yield Detail(term, other.shown_as, reverse("console:member", args=[other.id]))


def _lot(fact: FactRow, points: int, held: Balance, desk: Desk) -> Iterator[Detail]:
    lots = [lot for lot in (*held.lots, *held.waiting) if lot.fact_id == fact.id]
    write = [formats.points(n, decimals=held.unit.decimals) for n in (_left(lots), points)]
    ends = max((lot.expires_at for lot in lots if lot.expires_at), default=None)
    if lots:
        last = "" if ends is None else desk.day(ends) - timedelta(days=1)
        until = f", until {date_format(last, 'j M Y')}" if last else ", for ever"
        yield Detail("Usable", f"{_begins(lots, held, desk)}{until}")
    yield Detail("Left of this lot", " of ".join(write))


def _begins(lots: Sequence[OpenLot], held: Balance, desk: Desk) -> str:
    """From when the last of these lots can be used: at once, from 3 Dec 2026, later."""
    waiting = {lot.id for lot in held.waiting}
    late = [lot for lot in lots if lot.id in waiting]
    if not late:
        return "at once"
    starts = [lot.starts_at for lot in late if lot.starts_at is not None]
    if len(starts) < len(late):
        return "once it is released"
    return f"from {date_format(desk.day(max(starts)), 'j M Y')}"


def _left(lots: Sequence[OpenLot]) -> int:
    return sum(lot.remaining for lot in lots)


def _list(body: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    found = body.get(name)
    return list(found) if isinstance(found, list) else []
