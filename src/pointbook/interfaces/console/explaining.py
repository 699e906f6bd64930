"""A line of a member's history in words, and the arithmetic behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils.formats import date_format

from pointbook.earning.queries import Balance, Entry
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.interfaces.console import formats
from pointbook.interfaces.console.desk import Desk
from pointbook.interfaces.console.pages.members import Detail, Explanation, Step
from pointbook.interfaces.console.pages.members import Entry as Shown
from pointbook.ledger.queries import FactRow
from pointbook.members.queries import MemberRow

TAKEN: Final = {"claw_back": "Taken back for a return", "overdraft": "Owed for a return"}
TOTALS: Final = {
    "burn": "spent",
    "expiry": "expired",
    "claw_back": "taken back",
    "overdraft": "owed",
}


def title_of(line: Entry, *, blueprint: Blueprint) -> str:
    """What a line is called: Purchase at store 367."""
    fact = line.fact
    if line.kind == "expiry" or fact is None:
        return "Expired"
    if line.kind in TAKEN:
        return TAKEN[line.kind]
    if line.kind == "burn":
        bought = next((one.name for one in blueprint.rewards if one.code == fact.reward), "")
        return f"Spent on “{bought}”" if bought else "Spent"
    name = fact.type.replace("_", " ").capitalize()
    return f"{name} at store {fact.store}" if fact.store else name


def reason_of(line: Entry) -> str:
    """The quiet line under the title."""
    return " ".join(line.why).rstrip(".")


def explanation_of(
    line: Entry,
    *,
    shown: Shown,
    member: MemberRow,
    held: Balance,
    blueprint: Blueprint,
    desk: Desk,
) -> Explanation:
    """The panel of one line: steps that end in its points, and where they stand now."""
    points = formats.points(abs(line.points), decimals=held.unit.decimals)
    word = held.unit.singular if abs(line.points) == 10**held.unit.decimals else held.unit.name
    total = TOTALS.get(line.kind, "given")
    return Explanation(
        entry=shown,
        member=member.shown_as,
        member_href=reverse("console:member", args=[member.id]),
        unit=desk.unit,
        currency=held.currency,
        title=f"Why {points} {word}",
        steps=(
            *_money_steps(line, held.currency),
            *(Step(sentence) for sentence in line.why),
            Step(f"{held.unit.name.capitalize()} {total}", abs(line.points), "points", total=True),
        ),
        details=tuple(_details(line, held, blueprint, desk)),
    )


def _money_steps(line: Entry, currency: str) -> Iterator[Step]:
    """From what the basket came to down to what counts."""
    fact = line.fact
    if fact is None or fact.type not in ("purchase", "return"):
        return
    body = fact.body
    items = _list(body, "lines")
    coupons = sum(int(str(one.get("amount", 0))) for one in _list(body, "coupons"))
    what = formats.counted(len(items), "item", "items") if items else "Basket"
    yield Step(what, fact.total + coupons, "money")
    if coupons:
        yield Step("Coupons, taken off first", -coupons, "money")
    rest = fact.spend - fact.total
    if rest:
        yield Step("Tax, delivery and stored value do not count", rest, "money")
    yield Step(f"Counts for points, {currency}", fact.spend, "money", total=True)


def _details(line: Entry, held: Balance, blueprint: Blueprint, desk: Desk) -> Iterator[Detail]:
    fact = line.fact
    if fact is not None and line.points > 0:
        yield from _lot(fact, line.points, held, desk)
        number = str(line.version)
        rules = f"{blueprint.name}, version {number}"
        yield Detail("Rules", rules, reverse("console:version", args=[number]))
    if fact is not None:
        at = date_format(fact.occurred_at.astimezone(desk.zone), "j M Y, H:i")
        yield Detail("Receipt" if fact.type in ("purchase", "return") else "Fact", fact.key)
        yield Detail("From", fact.source, after=f", {at}")
        if fact.simulated:
            yield Detail("Simulated", "No member did this: a behaviour document did.")
    month = desk.day(line.at).replace(day=1)
    yield Detail(
        "In the books",
        date_format(month, "F Y"),
        reverse("console:period", args=[f"{month:%Y-%m}"]),
    )


def _lot(fact: FactRow, points: int, held: Balance, desk: Desk) -> Iterator[Detail]:
    lots = [lot for lot in held.lots if lot.fact_id == fact.id]
    write = [formats.points(n, decimals=held.unit.decimals) for n in (_left(lots), points)]
    ends = max((lot.expires_at for lot in lots if lot.expires_at), default=None)
    if lots:
        last = "" if ends is None else desk.day(ends) - timedelta(days=1)
        until = f", until {date_format(last, 'j M Y')}" if last else ", for ever"
        yield Detail("Usable", f"at once{until}")
    yield Detail("Left of this lot", " of ".join(write))


def _left(lots: Sequence[object]) -> int:
    return sum(int(getattr(lot, "remaining", 0)) for lot in lots)


def _list(body: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    found = body.get(name)
    return list(found) if isinstance(found, list) else []
