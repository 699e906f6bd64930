"""A member as somebody supposes them, for what-ifs about one fact.

`read_supposed` reads a document: `joined`, `tier`, `segments`, `profile`, `counts`, `measures`,
`balance`; all may be left out. `suppose` makes such a member in a World. Both raise PersonError
naming the field, the value and the mend.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from pointbook.engine.replay.opening import decimals_of, measures_of
from pointbook.engine.replay.program import Version
from pointbook.engine.replay.verdicts import MAKER
from pointbook.engine.replay.world import World
from pointbook.engine.rules.blueprint import Measure
from pointbook.engine.rules.reading.problems import choice
from pointbook.engine.rules.tiers.measures import TICK, source_of
from pointbook.engine.values.calendar import day_of, midnight
from pointbook.engine.values.facts import Fact
from pointbook.engine.values.money import MoneyError, to_major, to_minor
from pointbook.engine.values.people import PersonError

MAIN: Final = ""  # stands for the program's first ladder and its first unit
FIELDS: Final = ("joined", "tier", "segments", "profile", "counts", "measures", "balance")


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is supposed of a member before the first fact; what is empty was not said.

    `tiers` are by ladder, `balance` in whole points by unit, `measures` in whole points or major
    units by name, `counts` by type of fact.
    """

    joined: date | None = None
    tiers: Mapping[str, str] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    profile: Mapping[str, object] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)
    balance: Mapping[str, str] = field(default_factory=dict)


def read_supposed(raw: object) -> Supposed:
    """Read what is supposed of a member; `tier` and `balance` may be one or several by code.

    :raises PersonError: naming the first field that cannot be read.
    """
    told = _mapping(raw, "")
    for name in told:
        if name not in FIELDS:
            raise _wrong(f"unknown field {name!r}", name, told[name], choice(name, FIELDS))
    segments = told.get("segments", [])
    if not isinstance(segments, list):
        raise _wrong("segments is not a list", "segments", segments, 'Write a list: ["vip"].')
    counts = _mapping(told.get("counts", {}), "counts")
    measures = _mapping(told.get("measures", {}), "measures")
    return Supposed(
        joined=_day(told.get("joined")),
        tiers=_by_code(told.get("tier"), "tier"),
        segments=tuple(_text(one, "segments") for one in segments),
        profile=_mapping(told.get("profile", {}), "profile"),
        counts={kind: _count(value, f"counts.{kind}") for kind, value in counts.items()},
        measures={name: _text(value, f"measures.{name}") for name, value in measures.items()},
        balance=_by_code(told.get("balance"), "balance"),
    )


def suppose(world: World, name: str, supposed: Supposed, *, at: datetime) -> None:
    """Let such a member live in a world in which nothing has happened, from the day of `at` on.

    The balance was earned just now, but counts for no measure. Who is supposed to hold a tier has
    just what it asks for, unless its measures say otherwise.

    :raises PersonError: what the program does not know, or numbers that do not fit.
    """
    version = world.program.version_at(at)
    day = day_of(at, version.zone)
    begins = midnight(day, version.zone)
    if supposed.joined is not None and supposed.joined > day:
        raise _wrong(
            f"joined {supposed.joined} lies after the first fact",
            "joined",
            str(supposed.joined),
            f"Write a day up to {day}.",
        )
    balance, tiers = _balance(version, supposed), _tiers(version, supposed)
    joined = begins if supposed.joined is None else midnight(supposed.joined, version.zone)
    member = world.member(name, at=joined)
    for segment in supposed.segments:
        _known(segment, version.blueprint.segments, kind="segment", at="segments")
        member.segments.add(segment)
    member.profile |= supposed.profile
    member.counts |= supposed.counts
    member.bought = bool(supposed.counts.get("purchase"))
    attributes = {
        "lots": [{"unit": unit, "points": points} for unit, points in balance.items()],
        "tiers": [{"ladder": ladder, "tier": tier} for ladder, tier in tiers.items()],
        "measures": _measures(version, supposed, tiers=tiers, held=balance),
    }
    # The tier held just before the fact is the one that rules ask for.
    opens = begins if begins < at else at - TICK
    world.post(
        Fact(
            source=MAKER,
            id="opening:supposed",
            type="opening",
            occurred_at=opens,
            member=name,
            attributes=attributes,
        )
    )


def _balance(version: Version, supposed: Supposed) -> dict[str, str]:
    """The points that are held, by unit; none of a unit is left out."""
    found = {}
    for code, points in supposed.balance.items():
        unit = code or next(iter(version.units))
        at = f"balance.{unit}" if code else "balance"
        _known(unit, version.units, kind="unit", at=at)
        if _parts(points, places=version.units[unit].decimals, at=at):
            found[unit] = points
    return found


def _tiers(version: Version, supposed: Supposed) -> dict[str, str]:
    """The tiers that are held, by ladder."""
    ladders = {ladder.code: ladder for ladder in version.ladders}
    found = {}
    for code, tier in supposed.tiers.items():
        ladder = code or next(iter(ladders), code)
        at = f"tier.{ladder}" if code else "tier"
        _known(ladder, ladders, kind="ladder", at=at)
        _known(tier, ladders[ladder].codes, kind="tier", at=at)
        found[ladder] = tier
    return found


def _measures(
    version: Version,
    supposed: Supposed,
    *,
    tiers: Mapping[str, str],
    held: Iterable[str],
) -> dict[str, str]:
    """What is measured, by name: what is told, what the tiers ask for, nothing for what is held."""
    known = measures_of(version)
    found = {}
    for name, value in supposed.measures.items():
        at = f"measures.{name}"
        _known(name, known, kind="measure", at=at)
        _parts(value, places=decimals_of(known[name], version), at=at)
        found[name] = value
    told = {source_of(known[name]) for name in found}
    implied = {
        name: least
        for name, least in _implied(version, known, tiers)
        if source_of(known[name]) not in told
    }
    told |= {source_of(known[name]) for name in implied}
    earned = {f"earned:{unit}" for unit in held} - told
    none = {name: "0" for name, measure in known.items() if source_of(measure) in earned}
    return none | implied | found


def _implied(
    version: Version, known: Mapping[str, Measure], tiers: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """What the tiers ask for that are held, by the names of the measures."""
    names = {measure: name for name, measure in known.items()}
    for ladder in version.blueprint.ladders:
        for rung in ladder.ladder:
            if rung.code == tiers.get(ladder.code):
                for measure in ladder.measures:
                    if measure.code in rung.needs:
                        places = decimals_of(measure, version)
                        least = to_major(rung.needs[measure.code], places=places)
                        yield names[measure], str(least)


def _known(word: str, known: Iterable[str], *, kind: str, at: str) -> None:
    words = list(known)
    if word not in words:
        mend = choice(word, words) if words else "Leave it out: the program has none."
        message = f"{word!r} is no {kind} of the program" if word else f"there is no {kind}"
        raise _wrong(message, at, word, mend)


def _parts(value: str, *, places: int, at: str) -> int:
    try:
        parts = to_minor(value, places=places)
    except MoneyError:
        decimals = f" with at most {places} decimals" if places else ""
        raise _wrong(
            f"{value!r} is no {'number' if places else 'whole number'}{decimals}",
            at,
            value,
            "Write digits, for example 120.",
        ) from None
    if parts < 0:
        raise _wrong(f"{value} is less than nothing", at, value, "Write 0 or more.")
    return parts


def _mapping(value: object, at: str) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    where = at or "the member"
    raise _wrong(f"{where} is not an object", at, value, 'Write a JSON object: {"name": value}.')


def _by_code(value: object, at: str) -> dict[str, str]:
    """One text or number for the main one, or several by code."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return {str(code): _text(one, f"{at}.{code}") for code, one in value.items()}
    return {MAIN: _text(value, at)}


def _text(value: object, at: str) -> str:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value)
    raise _wrong(f"{at} is no text or number", at, value, "Write a text or a number.")


def _count(value: object, at: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise _wrong(f"{at} is no count", at, value, "Write a whole number from 0 on.")


def _day(value: object) -> date | None:
    try:
        return None if value is None else date.fromisoformat(str(value))
    except ValueError:
        raise _wrong(f"{value!r} is not a date", "joined", value, "Write YYYY-MM-DD.") from None


def _wrong(message: str, at: str, value: object, mend: str) -> PersonError:
    return PersonError(message, field=at, value=value, mend=mend)
