"""What came out when a story was played, and whether that is what it said. Nothing here raises.

The engine and the database answer the same Transcript, so that they can be compared with each
other and each of them with the story. Points are smallest parts of their unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from pointbook.engine.ledger.holds import State
from pointbook.engine.replay.scenes import (
    Enjoyed,
    Evaluating,
    Expected,
    Held,
    Lots,
    LotSketch,
    Matched,
    Redeemed,
    Refused,
    Stocked,
    Stood,
    StoodUntil,
    Story,
)
from pointbook.engine.rules.blueprint import Unit
from pointbook.engine.values.money import exponent, to_major

NOTHING = "nothing"
AVAILABLE = "available"


@dataclass(frozen=True, slots=True)
class Given:
    """Points of a unit that a rule gave."""

    rule: str
    unit: str
    points: int


@dataclass(frozen=True, slots=True)
class Came:
    """What became of a fact: what rules gave for it, or the words with which it was refused."""

    given: tuple[Given, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """A member's points of one unit."""

    usable: int = 0
    pending: int = 0
    owed: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member stands on a ladder; `until` is the first day after it, None for never."""

    tier: str
    until: date | None = None


@dataclass(frozen=True, slots=True, order=True)
class OpenLot:
    """Points that are left of a lot; `expires` is the first day without them, date.max for never.

    `pending` ones cannot be used yet.
    """

    unit: str
    expires: date
    earned: date
    points: int
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Redemption:
    """What became of a redemption: of its points so many were captured, and came back of those.

    `reward` is empty where points pay a part of an order; `amount` is minor units.
    """

    reward: str
    unit: str
    state: State
    quantity: int = 1
    slot: str = ""
    points: int = 0
    captured: int = 0
    back: int = 0
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Holding:
    """All that a member is left with at an instant: figures by unit, places by ladder.

    `lots` are sorted; `benefits` are the times that each can be had yet; `redemptions` are all that
    the member ever had, by the id of the fact that reserved them.
    """

    figures: Mapping[str, Figures] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    lots: tuple[OpenLot, ...] = ()
    benefits: Mapping[str, int] = field(default_factory=dict)
    redemptions: Mapping[str, Redemption] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an order was evaluated to, in minor units and smallest parts.

    `due` is left to pay. `granted` is what each reward takes off or gives, `paid` what points and
    stored value pay, by unit; `refused` the codes of what is missing for what was asked. `payable`
    is what may be paid in points of each unit, `offers` what is missing for each reward.
    """

    due: int
    granted: Mapping[str, int]
    paid: Mapping[str, int]
    refused: Mapping[str, tuple[str, ...]]
    payable: Mapping[str, int]
    offers: Mapping[str, tuple[str, ...]]


class Shelved(NamedTuple):
    """A reward, or one of its slots, at an instant."""

    reward: str
    slot: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Transcript:
    """What became of every fact by its id, and what each member held at each checkpoint.

    `stock` is how many were left of each reward and slot that the story asks for, None: any number;
    `evaluated` is what came of its evaluations, in their order.
    """

    facts: Mapping[str, Came]
    holdings: Mapping[tuple[str, datetime], Holding]
    stock: Mapping[Shelved, int | None] = field(default_factory=dict)
    evaluated: tuple[Evaluation, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not as it should be, as a sentence; `line` of the story where it says otherwise."""

    message: str
    line: int | None = None

    def __str__(self) -> str:
        """The line, where there is one, and the sentence."""
        return self.message if self.line is None else f"line {self.line}: {self.message}"


def check(story: Story, transcript: Transcript) -> list[Difference]:
    """Where what came is not what the story said, in the order of its lines."""
    words = _Words(story)
    found = list(_checked_facts(story, transcript, words))
    for checkpoint in story.checkpoints:
        holding = transcript.holdings[checkpoint.member, checkpoint.at]
        for expected in checkpoint.expected:
            message = _missed(expected, holding, words)
            if message:
                found.append(Difference(f"{checkpoint.member} {message}", expected.line))
    for asked, evaluation in zip(story.evaluated, transcript.evaluated, strict=True):
        found += [Difference(told, asked.line) for told in _unlike(asked, evaluation)]
    for one in story.stock:
        left = transcript.stock[Shelved(one.reward, one.slot, one.at)]
        if left != one.left:
            message = f"{_left(left, one)}, expected {_left(one.left, one)}"
            found.append(Difference(f"there are {message}", one.line))
    return sorted(found, key=lambda one: one.line or 0)


def compare(story: Story, engine: Transcript, database: Transcript) -> list[Difference]:
    """What the engine and the database do not agree on."""
    words = _Words(story)
    found = []
    for fact in {**engine.facts, **database.facts}:
        one, other = engine.facts.get(fact), database.facts.get(fact)
        if one != other:
            found.append(_apart(fact, words.came(one), words.came(other)))
    for (member, at), one_holding in engine.holdings.items():
        other_holding = database.holdings[member, at]
        if one_holding != other_holding:
            who = f"{member} at {at.astimezone(story.zone):%Y-%m-%d %H:%M}"
            pairs = zip(words.holding(one_holding), words.holding(other_holding), strict=True)
            found += [_apart(who, a, b) for a, b in pairs if a != b]
    for asked, one_order, other_order in zip(
        story.evaluated, engine.evaluated, database.evaluated, strict=True
    ):
        for part in fields(Evaluation):
            one_part, other_part = (getattr(own, part.name) for own in (one_order, other_order))
            if one_part != other_part:
                what = f"{asked.order.id}: {part.name}"
                found.append(_apart(what, str(one_part), str(other_part)))
    for one_shelf, one_left in engine.stock.items():
        other_left = database.stock[one_shelf]
        if one_left != other_left:
            who = f"{one_shelf.reward} {one_shelf.slot}".strip()
            found.append(_apart(who, str(one_left), str(other_left)))
    return found


def _unlike(asked: Evaluating, found: Evaluation) -> Iterator[str]:
    """What an evaluation says otherwise, each as what it says and what was expected."""
    if asked.due not in (None, found.due):
        yield f"{found.due} minor units are left to pay, expected {asked.due}"
    if asked.granted not in (None, found.granted):
        yield f"{found.granted} minor units are granted, expected {asked.granted}"
    refused = {own: " ".join(codes) for own, codes in found.refused.items()}
    if asked.refused not in (None, refused):
        yield f"{refused} are refused, expected {asked.refused}"
    for unit, most in asked.payable.items():
        if found.payable.get(unit) != most:
            yield f"{found.payable.get(unit)} parts of {unit} may pay, expected {most}"
    for reward, lacks in asked.offers.items():
        told = " ".join(found.offers.get(reward, ())) or AVAILABLE
        if told != lacks:
            yield f"{reward} is {told}, expected {lacks}"


def _left(left: int | None, asked: Stocked) -> str:
    what = f"{asked.reward} {asked.slot}".strip()
    return f"any number of {what}" if left is None else f"{left} of {what}"


def _apart(subject: str, one: str, other: str) -> Difference:
    return Difference(f"{subject}: the engine has {one}, the database {other}")


def _checked_facts(story: Story, transcript: Transcript, words: _Words) -> Iterator[Difference]:
    told = {one.fact for one in story.matched}
    for expected in story.matched:
        came = transcript.facts.get(expected.fact)
        if came is None:
            yield Difference(f"{expected.fact} did not happen", expected.line)
        elif isinstance(expected, Refused):
            if not came.refused:
                message = f"{expected.fact} was not refused, expected {expected.words!r}"
                yield Difference(message, expected.line)
            elif expected.words not in came.refused:
                message = f"{expected.fact} was refused with {came.refused!r}"
                yield Difference(f"{message}, expected {expected.words!r}", expected.line)
        elif came.refused:
            yield Difference(f"{expected.fact} was refused: {came.refused}", expected.line)
        else:
            yield from _checked_rules(expected, came, words)
    lines = {one.fact.id: one.line for one in story.happenings if one.fact is not None}
    lines |= {one.opening.id: one.line for one in story.people if one.opening is not None}
    for fact, came in transcript.facts.items():
        if came.refused and fact not in told:
            yield Difference(f"{fact} was refused: {came.refused}", lines.get(fact))


def _checked_rules(expected: Matched, came: Came, words: _Words) -> Iterator[Difference]:
    gave: dict[str, Decimal] = {}
    for one in came.given:
        gave[one.rule] = gave.get(one.rule, Decimal(0)) + words.whole(one.points, one.unit)
    for rule in {**expected.rules, **gave}:
        wanted, got = expected.rules.get(rule, Decimal(0)), gave.get(rule, Decimal(0))
        if wanted != got:
            message = f"{expected.fact} gave {rule} {_number(got)}, expected {_number(wanted)}"
            yield Difference(message, expected.line)


def _missed(expected: Expected, holding: Holding, words: _Words) -> str:
    """What a member has in place of what is expected; empty when it is that."""
    if isinstance(expected, Held):
        return _missed_points(expected, holding, words)
    if isinstance(expected, Stood | StoodUntil):
        return _missed_place(expected, holding)
    if isinstance(expected, Lots):
        lots = [lot for lot in holding.lots if lot.unit in expected.units]
        if not _same(expected.lots, lots):
            return f"has {words.lots(lots)}, expected {words.sketches(expected.lots)}"
    elif isinstance(expected, Enjoyed):
        left = holding.benefits.get(expected.benefit, 0)
        if left != expected.left:
            return f"can have {expected.benefit} {left} times, expected {expected.left}"
    else:
        return _missed_redemption(expected, holding, words)
    return ""


def _missed_points(expected: Held, holding: Holding, words: _Words) -> str:
    got = getattr(holding.figures.get(expected.unit, Figures()), expected.figure)
    if got == expected.points:
        return ""
    wanted = _number(words.whole(expected.points, expected.unit))
    figure = "" if expected.figure == "usable" else f" {expected.figure}"
    return f"has {words.points(got, expected.unit)}{figure}, expected {wanted}"


def _missed_place(expected: Stood | StoodUntil, holding: Holding) -> str:
    place = holding.places.get(expected.ladder, Place(""))
    if isinstance(expected, Stood):
        if place.tier == expected.tier:
            return ""
        return f"is {place.tier or NOTHING} on {expected.ladder}, expected {expected.tier}"
    if place.until == expected.until:
        return ""
    until, wanted = _day(place.until), _day(expected.until)
    return f"is {place.tier or NOTHING} until {until}, expected {wanted}"


def _missed_redemption(expected: Redeemed, holding: Holding, words: _Words) -> str:
    own = expected.redemption
    found = holding.redemptions.get(own)
    if found is None:
        return f"has no redemption {own}"
    if expected.state not in (None, found.state):
        return f"has {own} {found.state}, expected {expected.state}"
    if expected.amount not in (None, found.amount):
        wanted = words.money(expected.amount or 0)
        return f"has {own} worth {words.money(found.amount)}, expected {wanted}"
    for name in ("points", "captured", "back"):
        asked, got = getattr(expected, name), words.whole(getattr(found, name), found.unit)
        if asked not in (None, got):
            return f"has {own} with {_number(got)} {name}, expected {_number(asked)}"
    return ""


def _same(sketches: Iterable[LotSketch], lots: Iterable[OpenLot]) -> bool:
    """Whether each sketch is of another lot, and none is left over."""
    left = list(lots)
    # What is said of a lot most exactly chooses first.
    for sketch in sorted(sketches, key=_blanks):
        lot = next((lot for lot in left if _is(sketch, lot)), None)
        if lot is None:
            return False
        left.remove(lot)
    return not left


def _blanks(sketch: LotSketch) -> int:
    ends = sketch.never or sketch.expires is not None
    return (not ends) + (sketch.earned is None) + (sketch.pending is None)


def _is(sketch: LotSketch, lot: OpenLot) -> bool:
    ends = date.max if sketch.never else sketch.expires
    return (
        (sketch.unit, sketch.points) == (lot.unit, lot.points)
        and ends in (None, lot.expires)
        and sketch.earned in (None, lot.earned)
        and sketch.pending in (None, lot.pending)
    )


def _day(day: date | None) -> str:
    return "never" if day in (None, date.max) else str(day)


def _number(number: Decimal) -> str:
    return format(number.normalize(), "f")


class _Words:
    """What came out, in words, in whole points."""

    def __init__(self, story: Story) -> None:
        self.units: Mapping[str, Unit] = story.units
        self.currency = story.editions[0].blueprint.currency

    def whole(self, points: int, unit: str) -> Decimal:
        return to_major(points, places=self.units[unit].decimals)

    def points(self, points: int, unit: str) -> str:
        return f"{_number(self.whole(points, unit))} {unit}"

    def money(self, amount: int) -> str:
        whole = to_major(amount, places=exponent(self.currency))
        return f"{_number(whole)} {self.currency}"

    def came(self, came: Came | None) -> str:
        if came is None:
            return "no such fact"
        if came.refused:
            return f"refused it: {came.refused}"
        given = [f"{one.rule} {self.points(one.points, one.unit)}" for one in came.given]
        return ", ".join(given) or NOTHING

    def lots(self, lots: Iterable[OpenLot]) -> str:
        told = [
            f"{self.points(lot.points, lot.unit)} of {lot.earned} until {_day(lot.expires)}"
            f"{' pending' if lot.pending else ''}"
            for lot in lots
        ]
        return f"the lots [{', '.join(told)}]" if told else "no lots"

    def sketches(self, sketches: Iterable[LotSketch]) -> str:
        told = []
        for sketch in sketches:
            text = self.points(sketch.points, sketch.unit)
            text += f" of {sketch.earned}" if sketch.earned else ""
            text += f" until {_day(sketch.expires)}" if sketch.expires or sketch.never else ""
            text += " pending" if sketch.pending else ""
            told.append(text)
        return f"[{', '.join(told)}]" if told else "none"

    def holding(self, holding: Holding) -> Iterator[str]:
        """Each part of a holding in words: always as many parts, in the same order."""
        for unit in self.units:
            figures = holding.figures.get(unit, Figures())
            yield (
                f"{self.points(figures.usable, unit)}, {figures.pending} pending,"
                f" {figures.owed} owed, {figures.held} held"
            )
        places = [
            f"{place.tier} on {ladder} until {_day(place.until)}"
            for ladder, place in holding.places.items()
        ]
        yield ", ".join(places) or "no tier"
        yield self.lots(holding.lots)
        benefits = [f"{code} {left}" for code, left in holding.benefits.items()]
        yield f"the benefits {', '.join(benefits) or 'none'}"
        redemptions = [
            f"{own} {one.quantity} {one.reward} {one.slot} {one.state}, {one.points} points for"
            f" {self.money(one.amount)}, {one.captured} captured, {one.back} back"
            for own, one in sorted(holding.redemptions.items())
        ]
        yield f"the redemptions {'; '.join(redemptions) or 'none'}"
