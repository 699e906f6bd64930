"""What a member's pages say: figures as words, ready for the templates. Nothing here raises.

Earned, spent, expired, owe and worth are the words of members; see docs/guides/portal.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import segno
from django.utils.safestring import SafeString, mark_safe

from pointbook.earning.queries import Balance, Entry, Progress
from pointbook.engine.rules import phrases
from pointbook.engine.rules.blueprint import Blueprint, Unit
from pointbook.members.queries import MemberRow

MINUS = "\u2212"
SIZES = ((4, "plain"), (7, "long"), (99, "longest"))
GROUP = 4  # digits of a card number that are read aloud together
NEAR = 300  # days: a date further away is told with its year


@dataclass(frozen=True, slots=True)
class Card:
    """The face of the card; `size` picks the figure's size by its length."""

    name: str
    tier: str
    figure: str
    size: str
    words: str
    worth: str
    number: str
    known_as: str
    owes: str
    qr: SafeString


@dataclass(frozen=True, slots=True)
class Step:
    """The way to a reward; `ready` when it can be had now, else `missing` are the words for it."""

    name: str
    missing: str
    ready: bool
    price: str
    now: str
    goal: str
    share: str
    value: str


@dataclass(frozen=True, slots=True)
class Rungs:
    """The way to the next tier."""

    headline: str
    share: str
    note: str


@dataclass(frozen=True, slots=True)
class EndingLine:
    """Points that expire on a day."""

    day: str
    points: str


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


def zone_of(blueprint: Blueprint) -> ZoneInfo:
    """The program's time zone."""
    return ZoneInfo(blueprint.time_zone)


def card_of(member: MemberRow, held: Balance, standing: Progress) -> Card:
    """The face of a member's card."""
    owes = phrases.points(held.owed, unit=held.unit) if held.owed else ""
    figure = _held(held)
    known = member.identifiers
    number = known.get("card") or known.get("member", "")
    words = phrases.points(held.owed or held.points, unit=held.unit).partition(" ")[2]
    return Card(
        name=member.name,
        tier=f"{standing.tier_name} member" if standing.tier_name else "Member",
        figure=figure,
        size=next(size for most, size in SIZES if len(figure) <= most),
        words=words,
        worth=phrases.money(held.worth, currency=held.currency),
        number=f"Card {_grouped(number)}" if number else "",
        known_as=known.get("email") or known.get("phone", ""),
        owes=owes,
        qr=_qr(member),
    )


def steps_of(standing: Progress, held: Balance) -> tuple[Step, ...]:
    """The dearest reward that can be had now, and the next one after it."""
    ready = [step for step in rewards_of(standing, held) if step.ready]
    waits = [step for step in rewards_of(standing, held) if not step.ready]
    return (*ready[-1:], *waits[:1])


def rewards_of(standing: Progress, held: Balance) -> tuple[Step, ...]:
    """Every reward, the cheapest first."""
    return tuple(
        Step(
            name=step.reward.name,
            missing=phrases.points(step.missing + held.owed, unit=held.unit),
            ready=not step.missing,
            price=phrases.points(step.reward.price, unit=held.unit),
            now=_held(held),
            goal=_figure(step.reward.price, held.unit),
            share=_share(held.points, step.reward.price),
            value=_money(step.reward.value, held.currency) if step.reward.value else "",
        )
        for step in standing.rewards
    )


def ladder_of(standing: Progress, blueprint: Blueprint) -> Rungs | None:
    """The way to the next tier; None where there are no tiers."""
    if blueprint.tiers is None:
        return None
    tiers, currency = blueprint.tiers, blueprint.currency
    span = (
        f"in the last {phrases.days(tiers.window.days)}"
        if tiers.window.kind == "rolling_days"
        else f"this {tiers.window.kind.removeprefix('calendar_')}"
    )
    spent = phrases.money(standing.measure, currency=currency)
    if not standing.next_tier:
        return Rungs(
            f"You are {standing.tier_name}, the highest tier.", "", f"You spent {spent} {span}."
        )
    missing = phrases.money(standing.missing, currency=currency)
    way = f"{missing} more and" if standing.missing else "With your next purchase"
    headline = f"{way} you are {standing.next_tier}"
    goal = _money(standing.next_threshold, currency)
    share = _share(standing.measure, standing.next_threshold)
    return Rungs(headline, share, f"{spent} of {goal} {span}")


def endings_of(held: Balance) -> tuple[EndingLine, ...]:
    """Which points expire when, the soonest first."""
    today = held.at.date()
    return tuple(
        EndingLine(_day(one.on, today), phrases.points(one.points, unit=held.unit))
        for one in held.calendar
    )


def line_of(entry: Entry, held: Balance, blueprint: Blueprint, zone: ZoneInfo) -> Line:
    """One entry of the history in words."""
    at = entry.at.astimezone(zone)
    title, note = _told(entry, held, blueprint)
    facts = [("When", f"{phrases.day(at.date())}, {at:%H:%M}")]
    if entry.fact is not None:
        facts += _receipt(entry)
    after = phrases.points(abs(entry.balance), unit=held.unit)
    facts.append(("You had then", f"{MINUS}{after}" if entry.balance < 0 else after))
    sign = {True: "+", False: MINUS}[entry.points > 0] if entry.points else ""
    return Line(
        day=f"{at.day} {phrases.MONTHS[at.month - 1][:3]}",
        year=str(at.year) if (held.at - entry.at).days > NEAR else "",
        title=title,
        note=note,
        points=sign + _figure(abs(entry.points), held.unit),
        why=entry.why,
        facts=tuple(facts),
    )


def terms_of(blueprint: Blueprint) -> tuple[str, ...]:
    """What joining brings, in a few sentences: the rules without conditions, the first reward."""
    terms = [
        f"{phrases.award(rule, unit=blueprint.units[rule.unit], currency=blueprint.currency)}."
        for rule in blueprint.earn
        if not any((rule.when, rule.lines, rule.from_on, rule.until_on))
    ]
    rewards = sorted(blueprint.rewards, key=lambda reward: reward.price)
    terms += [
        f"{phrases.points(one.price, unit=blueprint.units[one.unit])} are {one.name}."
        for one in rewards[:1]
    ]
    unit = next(iter(blueprint.units.values()))
    terms.append(f"{unit.name.capitalize()} can be used {phrases.term(unit.expiry)}.")
    return tuple(terms)


def _told(entry: Entry, held: Balance, blueprint: Blueprint) -> tuple[str, str]:
    """What an entry is called, and the quiet line under it."""
    fact = entry.fact
    if entry.kind == "expiry" or fact is None:
        return f"{held.unit.name.capitalize()} expired", ""
    place = f"store {fact.store}" if fact.store else fact.channel
    if entry.kind == "burn":
        bought = next((one for one in blueprint.rewards if one.code == fact.reward), None)
        if bought is None:
            return f"{held.unit.name.capitalize()} spent", place
        saved = f"you saved {_money(bought.value, held.currency)}" if bought.value else place
        return bought.name, saved
    if entry.kind in ("claw_back", "overdraft"):
        return "Return", place
    title = fact.type.replace("_", " ").replace("-", " ").capitalize()
    lines = fact.body.get("lines")
    count = len(lines) if isinstance(lines, Sequence) else 0
    items = f"{count} item{'' if count == 1 else 's'}" if count else ""
    return title, ", ".join(part for part in (items, place) if part)


def _receipt(entry: Entry) -> list[tuple[str, str]]:
    fact = entry.fact
    assert fact is not None
    told = [("Receipt", fact.key)] if fact.type in ("purchase", "return") else []
    if fact.total:
        told.append(("Total", phrases.money(fact.total, currency=fact.currency)))
    return told


def _qr(member: MemberRow) -> SafeString:
    """The member's id as a QR code; capital hex makes a coarser, quicker read code."""
    drawn = segno.make_qr(member.id.hex.upper(), error="m")
    svg = drawn.svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)
    return mark_safe(svg)  # noqa: S308 - drawn by us


def _held(held: Balance) -> str:
    """What a member has, or owes with a minus."""
    return (MINUS if held.owed else "") + _figure(held.owed or held.points, held.unit)


def _figure(parts: int, unit: Unit) -> str:
    return phrases.number(Decimal(parts).scaleb(-unit.decimals))


def _money(minor: int, currency: str) -> str:
    """An amount without needless zeros: $10."""
    return phrases.money(minor, currency=currency).removesuffix(".00")


def _share(part: int, whole: int) -> str:
    return f"{min(100, 100 * part / whole):.1f}%" if whole else "100%"


def _day(day: date, today: date) -> str:
    told = f"{day.day} {phrases.MONTHS[day.month - 1]}"
    return f"{told} {day.year}" if (day - today).days > NEAR else told


def _grouped(number: str) -> str:
    """A long number in groups of four, as it is read aloud."""
    if len(number) < 2 * GROUP or not number.isdigit():
        return number
    return " ".join(number[i : i + GROUP] for i in range(0, len(number), GROUP))


def known_by(member: MemberRow, zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
    """What a member is known by, and since when."""
    since = phrases.day(member.enrolled_at.astimezone(zone).date()) or ""
    found = [(KINDS[kind], value) for kind, value in member.identifiers.items()]
    return (*found, ("Member since", since))


KINDS = {"member": "Member number", "email": "E-mail", "phone": "Phone", "card": "Card"}
