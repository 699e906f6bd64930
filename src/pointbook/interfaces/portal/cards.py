"""What a member's pages say: figures as words, ready for the templates. Nothing here raises.

Earned, spent, expired, owe and worth are the words of members; see docs/guides/portal.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import segno
from django.utils.safestring import SafeString, mark_safe

from pointbook.earning import steps
from pointbook.earning.queries import Balance, Progress, main_unit
from pointbook.engine.rules.blueprint import Blueprint, EarnRule, Unit
from pointbook.engine.rules.prose import phrases, wording
from pointbook.members.queries import MemberRow

MINUS: Final = "\u2212"
SIZES: Final = ((4, "plain"), (7, "long"), (99, "longest"))
GROUP: Final = 4  # digits of a card number that are read aloud together
NEAR: Final = 300  # days: a date further away is told with its year
MOST_TERMS: Final = 4


@dataclass(frozen=True, slots=True)
class Card:
    """The face of the card; `size` picks the figure's size by its length.

    `worth` is '' where a point is worth nothing, `also` what is held of other units.
    """

    name: str
    tier: str
    until: str
    figure: str
    size: str
    words: str
    worth: str
    also: str
    number: str
    known_as: str
    owes: str
    qr: SafeString


@dataclass(frozen=True, slots=True)
class Step:
    """The way to a reward; `ready` when it can be had now, else `missing` are the words for it."""

    code: str
    name: str
    missing: str
    ready: bool
    price: str
    now: str
    goal: str
    share: str
    value: str


@dataclass(frozen=True, slots=True)
class DatedLine:
    """Points that expire on a day, or can be used from then."""

    day: str
    points: str


def zone_of(blueprint: Blueprint) -> ZoneInfo:
    """The program's time zone."""
    return ZoneInfo(blueprint.time_zone)


def card_of(member: MemberRow, held: Sequence[Balance], standing: Progress, until: str) -> Card:
    """The face of a member's card; the first balance is the main one."""
    main, *others = held
    owes = phrases.points(main.owed, unit=main.unit) if main.owed else ""
    figure = _held(main)
    known = member.identifiers
    number = known.get("card") or known.get("member", "")
    words = phrases.points(main.owed or main.points, unit=main.unit).partition(" ")[2]
    return Card(
        name=member.name,
        tier=_tier(standing.tier_name),
        until=until,
        figure=figure,
        size=next(size for most, size in SIZES if len(figure) <= most),
        words=words,
        worth=phrases.money(main.worth, currency=main.currency) if main.unit.value else "",
        also=wording.listed([*_also(others)], joined="and"),
        number=f"Card {_grouped(number)}" if number else "",
        known_as=known.get("email") or known.get("phone", ""),
        owes=owes,
        qr=code_of(member.id.hex.upper()),
    )


def _tier(name: str) -> str:
    """VIB member; a tier that is called so already is enough."""
    if not name:
        return "Member"
    return name if "member" in name.casefold() else f"{name} member"


def _also(others: Sequence[Balance]) -> Iterator[str]:
    """What is held of other units that can be spent: 2 treats, worth $11.50."""
    for one in others:
        if one.unit.spendable and (one.points or one.owed):
            points = phrases.points(one.owed or one.points, unit=one.unit)
            yield f"{points} owed" if one.owed else points


def steps_of(standing: Progress, held: Sequence[Balance]) -> tuple[Step, ...]:
    """The dearest reward of each unit that can be had now, and the next one of the first unit."""
    ready: dict[str, Step] = {}
    waits: dict[str, Step] = {}
    for unit, step in _rewards(standing, held):
        if step.ready:
            ready[unit] = step
        else:
            waits.setdefault(unit, step)
    return (*ready.values(), *[*waits.values()][:1])


def _rewards(standing: Progress, held: Sequence[Balance]) -> Iterator[tuple[str, Step]]:
    balances = {one.unit.code: one for one in held}
    for step in standing.rewards:
        reward, one = step.reward, balances[step.reward.unit]
        yield (
            reward.unit,
            Step(
                code=reward.code,
                name=reward.name,
                missing=phrases.points(step.missing + one.owed, unit=one.unit),
                ready=not step.missing,
                price=phrases.points(reward.price, unit=one.unit),
                now=_held(one),
                goal=figure_of(reward.price, one.unit),
                share=share_of(one.points, reward.price),
                value=money_of(reward.value, one.currency) if reward.value else "",
            ),
        )


def endings_of(held: Sequence[Balance]) -> tuple[DatedLine, ...]:
    """Which points expire when, the soonest first; what cannot be spent does not matter here."""
    found = [
        (ending.on, phrases.points(ending.points, unit=one.unit))
        for one in held
        for ending in one.calendar
        if one.unit.spendable
    ]
    today = held[0].at.date()
    return tuple(DatedLine(day_of_year(on, today), points) for on, points in sorted(found))


def coming_of(held: Sequence[Balance]) -> tuple[DatedLine, ...]:
    """Which points can be used from when that cannot be used yet."""
    today = held[0].at.date()
    return tuple(
        DatedLine(
            steps.waits(line) if line.on is None else f"from {day_of_year(line.on, today)}",
            phrases.points(line.points, unit=one.unit),
        )
        for one in held
        for line in one.coming
    )


def pending_of(held: Sequence[Balance]) -> str:
    """All that cannot be used yet: 1,200 miles and 2 vouchers; empty for nothing."""
    told = [phrases.points(one.pending, unit=one.unit) for one in held if one.pending]
    return wording.listed(told, joined="and")


def terms_of(blueprint: Blueprint) -> tuple[str, ...]:
    """What joining brings, in a few sentences: the plainest rules, the first reward, the term."""
    unit = main_unit(blueprint)
    terms = [f"You earn {_award(rule, blueprint)}." for rule in blueprint.earn if _plain(rule)][
        :MOST_TERMS
    ]
    rewards = sorted(
        (one for one in blueprint.rewards if one.unit == unit.code), key=lambda one: one.price
    )
    terms += [
        f"{wording.opened(phrases.points(one.price, unit=unit))} are {one.name}."
        for one in rewards[:1]
    ]
    return (*terms, f"{wording.opened(unit.name)} {phrases.lasting(unit.expiry, unit=unit)}.")


def _plain(rule: EarnRule) -> bool:
    """Whether a rule can be told in a breath: it asks nothing, and multiplies nothing."""
    asks = (rule.when, rule.lines, rule.from_on, rule.until_on, rule.weekdays, rule.hours)
    places = (rule.stores, rule.channels)
    return rule.award.kind != "multiply" and not any(asks) and not any(places)


def _award(rule: EarnRule, blueprint: Blueprint) -> str:
    unit = blueprint.units[rule.unit]
    return phrases.award(rule, unit=unit, currency=blueprint.currency, blueprint=blueprint)


def code_of(text: str) -> SafeString:
    """A text as a QR code in SVG; capital letters and digits make a coarser, quicker read code."""
    drawn = segno.make_qr(text, error="m")
    svg = drawn.svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)
    return mark_safe(svg)  # noqa: S308 - drawn by us


def _held(held: Balance) -> str:
    """What a member has, or owes with a minus."""
    return (MINUS if held.owed else "") + figure_of(held.owed or held.points, held.unit)


def figure_of(parts: int, unit: Unit) -> str:
    """Points as a number alone: 1,240 or 4.5."""
    return phrases.number(Decimal(parts).scaleb(-unit.decimals))


def money_of(minor: int, currency: str) -> str:
    """An amount without needless zeros: $10."""
    return phrases.money(minor, currency=currency).removesuffix(".00")


def share_of(part: int, whole: int) -> str:
    """How full a bar is: 83.6%."""
    return f"{max(0, min(100, 100 * part / whole)):.1f}%" if whole else "100%"


def day_of_year(day: date, today: date) -> str:
    """10 January; with its year when it is far away."""
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
    found = [(KINDS.get(kind, kind), value) for kind, value in member.identifiers.items()]
    return (*found, ("Member since", since))


KINDS: Final[Mapping[str, str]] = {
    "member": "Member number",
    "email": "E-mail",
    "phone": "Phone",
    "card": "Card",
    "referral": "Invitation code",
}
