"""What came out when a story was played, and whether that is what it said. Nothing here raises.

The engine and the database answer the same Transcript, so that they can be compared with each
other and each of them with the story. Points are smallest parts of their unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from pointbook.engine.replay.scenes import (
    Expected,
    Held,
    Lots,
    LotSketch,
    Matched,
    Refused,
    Stood,
    StoodUntil,
    Story,
)
from pointbook.engine.rules.blueprint import Unit
from pointbook.engine.values.money import to_major

NOTHING = "nothing"


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
class Holding:
    """All that a member is left with at an instant: figures by unit, places by ladder.

    `lots` are sorted; `benefits` are the times that each can be had yet.
    """

    figures: Mapping[str, Figures] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    lots: tuple[OpenLot, ...] = ()
    benefits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Transcript:
    """What became of every fact by its id, and what each member held at each checkpoint."""

    facts: Mapping[str, Came]
    holdings: Mapping[tuple[str, datetime], Holding]


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
    return found


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
        figures = holding.figures.get(expected.unit, Figures())
        got = getattr(figures, expected.figure)
        if got != expected.points:
            wanted = _number(words.whole(expected.points, expected.unit))
            figure = "" if expected.figure == "usable" else f" {expected.figure}"
            held = words.points(got, expected.unit)
            return f"has {held}{figure}, expected {wanted}"
    elif isinstance(expected, Stood):
        place = holding.places.get(expected.ladder, Place(""))
        if place.tier != expected.tier:
            return f"is {place.tier or NOTHING} on {expected.ladder}, expected {expected.tier}"
    elif isinstance(expected, StoodUntil):
        place = holding.places.get(expected.ladder, Place(""))
        if place.until != expected.until:
            until, wanted = _day(place.until), _day(expected.until)
            return f"is {place.tier or NOTHING} until {until}, expected {wanted}"
    elif isinstance(expected, Lots):
        lots = [lot for lot in holding.lots if lot.unit in expected.units]
        if not _same(expected.lots, lots):
            return f"has {words.lots(lots)}, expected {words.sketches(expected.lots)}"
    elif holding.benefits.get(expected.benefit, 0) != expected.left:
        left = holding.benefits.get(expected.benefit, 0)
        return f"can have {expected.benefit} {left} times, expected {expected.left}"
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

    def whole(self, points: int, unit: str) -> Decimal:
        return to_major(points, places=self.units[unit].decimals)

    def points(self, points: int, unit: str) -> str:
        return f"{_number(self.whole(points, unit))} {unit}"

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
                f" {figures.owed} owed"
            )
        places = [
            f"{place.tier} on {ladder} until {_day(place.until)}"
            for ladder, place in holding.places.items()
        ]
        yield ", ".join(places) or "no tier"
        yield self.lots(holding.lots)
        benefits = [f"{code} {left}" for code, left in holding.benefits.items()]
        yield f"the benefits {', '.join(benefits) or 'none'}"
