"""What a person brings from another system: since when they belong, tiers, points by lot, measures.

`read_opening` reads it from a document or a row, `join` makes one of several rows, and
`Opening.attributes` is what a fact of type `opening` says. All raise PersonError naming the field,
the value and the mend. Whether the program knows the units and tiers is judged with the fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from pointbook.engine.values.people import LONGEST, PersonError, unlike

NEVER: Final = "never"
WAITING: Final = "waiting"
DIGITS: Final = 18
YEARS: Final = range(1900, 2200)
LOT: Final = ("unit", "points", "earned_on", "expires_on", "usable_from", "deferred")
TIER: Final = ("ladder", "tier", "since", "until")
# The names of a tier's parts where they stand beside those of the person.
FLAT_TIER: Final = dict(zip(("ladder", "tier", "tier_since", "tier_until"), TIER, strict=True))
FIELDS: Final = ("joined_on", *FLAT_TIER, "tiers", "lots", *LOT, "measures", "owed")


@dataclass(frozen=True, slots=True)
class BroughtLot:
    """Points of one age: `points` as a decimal text, the last day or `never`, and from when.

    What is empty is told by the program: its first unit, the term of the unit, usable at once.
    `deferred` is what the books carried for them, in major units.
    """

    unit: str
    points: str
    earned_on: str = ""
    expires_on: str = ""
    usable_from: str = ""
    deferred: str = ""

    @property
    def told(self) -> dict[str, object]:
        """As it stands in a fact."""
        return {name: value for name in LOT if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class BroughtTier:
    """A tier of a ladder ('' is the program's main one), its first and its last day or ''."""

    ladder: str
    tier: str
    since: str = ""
    until: str = ""

    @property
    def told(self) -> dict[str, object]:
        """As it stands in a fact."""
        return {name: value for name in TIER if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Opening:
    """Everything that one person brings; `measures` and `owed` are pairs of a name and a number."""

    joined_on: date | None = None
    tiers: tuple[BroughtTier, ...] = ()
    lots: tuple[BroughtLot, ...] = ()
    measures: tuple[tuple[str, str], ...] = ()
    owed: tuple[tuple[str, str], ...] = ()

    @property
    def brings(self) -> bool:
        """Whether there is more than the day on which they joined."""
        return bool(self.tiers or self.lots or self.measures or self.owed)

    @property
    def attributes(self) -> dict[str, object]:
        """What the fact says: one tier by itself, several as a list."""
        body: dict[str, object] = {}
        if self.joined_on is not None:
            body["joined_on"] = self.joined_on.isoformat()
        if len(self.tiers) == 1:
            body |= self.tiers[0].told
        elif self.tiers:
            body["tiers"] = [tier.told for tier in self.tiers]
        if self.lots:
            body["lots"] = [lot.told for lot in self.lots]
        if self.measures:
            body["measures"] = dict(self.measures)
        if self.owed:
            body["owed"] = dict(self.owed)
        return body


def read_opening(raw: Mapping[str, object]) -> Opening:
    """Read what a person brings; what is empty is not told, and no points are no lot.

    :raises PersonError: naming the first field that cannot be read.
    """
    joined = _day(raw, "joined_on", "joined_on")
    return Opening(
        joined_on=None if not joined else date.fromisoformat(joined),
        tiers=_tiers(raw),
        lots=_lots(raw),
        measures=_numbers(raw, "measures"),
        owed=tuple(pair for pair in _numbers(raw, "owed") if Decimal(pair[1])),
    )


def join(first: Opening, second: Opening) -> Opening:
    """What two rows of one person bring together: lots add up, the rest is said once.

    :raises PersonError: when the second says something else than the first.
    """
    if first.joined_on and second.joined_on and first.joined_on != second.joined_on:
        raise unlike("joined_on", first.joined_on, second.joined_on)
    tiers = {one.ladder: one for one in first.tiers}
    for one in second.tiers:
        tiers[one.ladder] = _one_tier(tiers.get(one.ladder, one), one)
    return replace(
        first,
        joined_on=first.joined_on or second.joined_on,
        tiers=tuple(tiers.values()),
        lots=first.lots + second.lots,
        measures=_united("measures", first.measures, second.measures),
        owed=_united("owed", first.owed, second.owed),
    )


def _one_tier(first: BroughtTier, second: BroughtTier) -> BroughtTier:
    for field, name in FLAT_TIER.items():
        before, now = getattr(first, name), getattr(second, name)
        if before and now and before != now:
            raise unlike(field, before, now)
    return replace(first, since=first.since or second.since, until=first.until or second.until)


def _united(
    field: str, first: tuple[tuple[str, str], ...], second: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    found = dict(first)
    for name, value in second:
        if found.setdefault(name, value) != value:
            raise unlike(f"{field}.{name}", found[name], value)
    return tuple(sorted(found.items()))


def _tiers(raw: Mapping[str, object]) -> tuple[BroughtTier, ...]:
    flat = {name: raw.get(field) for field, name in FLAT_TIER.items()}
    found = [_tier(flat, {name: field for field, name in FLAT_TIER.items()})]
    for place, one in enumerate(_objects(raw, "tiers")):
        at = f"tiers[{place}]"
        _known(one, TIER, at)
        found.append(_tier(one, {name: f"{at}.{name}" for name in TIER}))
        if found[-1] is None:
            raise PersonError(
                f"{at} names no tier", field=f"{at}.tier", mend="Write the tier, or leave it out."
            )
    held = [tier for tier in found if tier is not None]
    if len({tier.ladder for tier in held}) < len(held):
        raise PersonError(
            "there are two tiers of one ladder",
            field="tiers",
            value=", ".join(tier.tier for tier in held),
            mend="Write one tier for each ladder.",
        )
    return tuple(held)


def _tier(raw: Mapping[str, object], fields: Mapping[str, str]) -> BroughtTier | None:
    """The tier, None when nothing is said of one; `fields` are the names for errors."""
    found = BroughtTier(
        ladder=_word(raw, "ladder", fields["ladder"]),
        tier=_word(raw, "tier", fields["tier"]),
        since=_day(raw, "since", fields["since"]),
        until=_day(raw, "until", fields["until"]),
    )
    if not found.tier and (found.since or found.until):
        name = "since" if found.since else "until"
        raise PersonError(
            f"{fields[name]} without a tier",
            field=fields[name],
            value=getattr(found, name),
            mend=f"Write {fields['tier']}, too.",
        )
    return found if found.tier else None


def _lots(raw: Mapping[str, object]) -> tuple[BroughtLot, ...]:
    lots = [_lot(raw, {name: name for name in LOT})]
    for place, one in enumerate(_objects(raw, "lots")):
        at = f"lots[{place}]"
        _known(one, LOT, at)
        lots.append(_lot(one, {name: f"{at}.{name}" for name in LOT}, required=True))
    return tuple(lot for lot in lots if lot is not None)


def _lot(
    raw: Mapping[str, object], fields: Mapping[str, str], *, required: bool = False
) -> BroughtLot | None:
    points = _number(raw.get("points"), fields["points"])
    lot = BroughtLot(
        unit=_word(raw, "unit", fields["unit"]),
        points=points,
        earned_on=_day(raw, "earned_on", fields["earned_on"]),
        expires_on=_day(raw, "expires_on", fields["expires_on"], word=NEVER),
        usable_from=_day(raw, "usable_from", fields["usable_from"], word=WAITING),
        deferred=_number(raw.get("deferred"), fields["deferred"]),
    )
    told = (lot.earned_on, lot.expires_on, lot.usable_from, lot.deferred)
    if not points and (required or any(told)):
        raise PersonError(
            f"{fields['points']} is missing",
            field=fields["points"],
            mend="Write the points of the lot, or leave the lot out.",
        )
    return lot if points and Decimal(points) else None


def _objects(raw: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    held = raw.get(name)
    if held is None or held == "":
        return []
    if isinstance(held, list | tuple) and all(isinstance(one, Mapping) for one in held):
        return list(held)
    raise PersonError(
        f"{name} is not a list of objects", field=name, value=held, mend="Write a JSON list."
    )


def _known(raw: Mapping[str, object], names: tuple[str, ...], at: str) -> None:
    unknown = sorted(map(str, raw.keys() - set(names)))
    if unknown:
        raise PersonError(
            f"unknown field {at}.{unknown[0]}",
            field=f"{at}.{unknown[0]}",
            value=raw.get(unknown[0]),
            mend=f"Use one of: {', '.join(names)}.",
        )


def _numbers(raw: Mapping[str, object], name: str) -> tuple[tuple[str, str], ...]:
    held = raw.get(name)
    if held is None or held == "":
        return ()
    if not isinstance(held, Mapping):
        raise PersonError(
            f"{name} is not an object of numbers",
            field=name,
            value=held,
            mend='Write it like {"spend": "340.00"}.',
        )
    found = ((str(key), _number(value, f"{name}.{key}")) for key, value in held.items())
    return tuple(sorted(pair for pair in found if pair[1]))


def _number(value: object, field: str) -> str:
    """A number that is not negative as plain decimal text without idle zeros; '' for nothing."""
    text = "" if value is None else str(value).strip()
    if not text:
        return ""
    try:
        number = Decimal("NaN" if isinstance(value, bool) else text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0 or abs(number.adjusted()) >= DIGITS:
        raise PersonError(
            f"{field} {text[:40]!r} is not a number from 0 on",
            field=field,
            value=text[:40],
            mend="Write digits and a decimal point, for example 1200 or 12.50.",
        )
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _word(raw: Mapping[str, object], name: str, field: str) -> str:
    value = raw.get(name)
    text = "" if value is None else str(value).strip()
    if len(text) > LONGEST or not text.isprintable():
        raise PersonError(
            f"{field} is too long or not text",
            field=field,
            value=ascii(text[:40]),
            mend="Write a code of the program.",
        )
    return text


def _day(raw: Mapping[str, object], name: str, field: str, *, word: str = "") -> str:
    """A day as ISO text, the `word` that may stand for none, or '' for nothing."""
    value = raw.get(name)
    text = "" if value is None else str(value).strip()
    if not text or (word and text.lower() == word):
        return text.lower()
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        raise PersonError(
            f"{field} {text[:40]!r} is not a date",
            field=field,
            value=text[:40],
            mend=f"Write YYYY-MM-DD{f', or {word}' if word else ''}.",
        )
    return day.isoformat()
