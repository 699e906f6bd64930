"""What a schema cannot see: names that must be known, decimals that must fit, codes used twice.

A Checker collects the problems while the sound parts of a document are built; a part that has a
problem already is not looked into again. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any as Raw
from typing import Literal

from pointbook.engine.rules.blueprint import Measure
from pointbook.engine.rules.catalogue import Days
from pointbook.engine.rules.predicates import Condition
from pointbook.engine.rules.reading.problems import Path, Problem, choice, mistake
from pointbook.engine.values.money import MoneyError, to_minor

Name = Literal["rule", "group", "condition", "measure", "segment", "benefit", "cause", "reward"]
# What to do about a name of which the document has none at all.
NONE_YET: Mapping[Name, str] = {
    "rule": "Write rules under earn.",
    "group": "Add it under groups, such as groups: {{{0}: best_of}}.",
    "condition": "Add it under conditions, such as conditions: {{{0}: {{field: store, is: S1}}}}.",
    "measure": "Add it under measures, such as"
    " measures: {{{0}: {{measure: visits, window: lifetime}}}}.",
    "segment": "Add it under segments, such as segments: [{0}].",
    "benefit": "Add it under benefits, such as"
    " benefits: [{{benefit: {0}, name: {0}, each: year}}].",
    "cause": "Add it under causes, such as causes: [{{cause: {0}, name: {0}}}].",
    "reward": "Write rewards under rewards.",
}


class Checker:
    """The problems found so far, and the names that the rest of the document refers to."""

    def __init__(self, problems: dict[Path, Problem]) -> None:
        self.problems = problems
        # Left None while the place that says so is broken: then nothing is held against it.
        self.places: int | None = None
        self.zone: tzinfo | None = None
        self.units: Mapping[str, int] | None = None
        self.ladders: Mapping[str, Collection[str]] | None = None
        self.names: dict[Name, Collection[str]] = {}
        self.unspendable: set[str] = set()
        self.worthless: set[str] = set()
        self.stored: set[str] = set()
        self.measures: Mapping[str, Measure] = {}
        self.conditions: Mapping[str, Raw] = {}
        self.named: dict[str, Condition] = {}
        self.extents: dict[str, tuple[int, int]] = {}

    def add(self, path: Path, value: object, message: str, mend: str) -> None:
        """Note a problem; of several at one place the first stays."""
        self.problems.setdefault(path, mistake(path, value, message, mend=mend))

    def sound(self, *path: str | int) -> bool:
        """Whether no problem is known at this place, inside it or around it."""
        return not any(
            all(a == b for a, b in zip(known, path, strict=False)) for known in self.problems
        )

    def entries(self, raw: Raw, key: str, *, above: Path = ()) -> Iterator[tuple[Path, Raw]]:
        """Path and value of each sound entry of the mapping or list at `key`."""
        held = raw.get(key) if isinstance(raw, dict) else None
        pairs: list[tuple[str | int, Raw]] = []
        if isinstance(held, dict):
            pairs = list(held.items())
        elif isinstance(held, list):
            pairs = list(enumerate(held))
        for name, item in pairs:
            path = (*above, key, name)
            if self.sound(*path):
                yield path, item

    def items(
        self, raw: Raw, key: str, *, above: Path = (), code: str = ""
    ) -> Iterator[tuple[Path, Raw]]:
        """The sound entries of a list; what stands under `code` may stand there once."""
        seen: set[str] = set()
        for path, item in self.entries(raw, key, above=above):
            name = item.get(code)
            if name in seen:
                self.add((*path, code), name, f"{name} stands here twice.", "Write another code.")
            if code:
                seen.add(name)
            yield path, item

    def known(self, path: Path, word: str, kind: Name) -> bool:
        """Whether a name of that kind is known, or cannot be held against the document."""
        names = self.names.get(kind)
        if names is None or word in names:
            return True
        mend = choice(word, names) if names else NONE_YET[kind].format(word)
        self.add(path, word, f"{word} is no {kind} here.", mend)
        return False

    def unit(self, path: Path, item: Mapping[str, str], *, spent: bool = False) -> str:
        """The unit that an entry names, or the `only_unit`; `spent` where it must buy."""
        known = self.units
        if known is None:
            return ""
        at = (*path, "unit")
        named = item.get("unit", self.only_unit())
        if not named:
            self.add(at, None, "unit is missing.", f"Write one of: {', '.join(known)}.")
            return ""
        if self.is_unit(at, named) and spent:
            self.spendable(at, named)
        return named

    def only_unit(self) -> str:
        """The unit that need not be named: the only one, or the only one besides stored value."""
        known = list(self.units or ())
        points = [code for code in known if code not in self.stored]
        return next((codes[0] for codes in (known, points) if len(codes) == 1), "")

    def is_unit(self, path: Path, named: str) -> bool:
        """Whether a unit is known, or cannot be held against the document."""
        if self.units is None or named in self.units:
            return True
        self.add(path, named, f"{named} is no unit here.", choice(named, self.units))
        return False

    def spendable(self, path: Path, named: str) -> None:
        """Note where status points stand that can never be used."""
        if named in self.unspendable:
            message = f"{named} are status points (spendable: false)."
            self.add(path, named, message, "Name a unit that can be used.")

    def earned(self, path: Path, named: str, mend: str) -> None:
        """Note where stored value stands in the place of points."""
        if named in self.stored:
            self.add(path, named, f"{named} is stored value (money: true), not points.", mend)

    def units_of(self, path: Path, named: Iterable[str]) -> tuple[str, ...]:
        """The units in a list, all of which must be known and must buy something."""
        for n, code in enumerate(named):
            if self.is_unit((*path, n), code):
                self.spendable((*path, n), code)
        return tuple(named)

    def ladder(self, path: Path, item: Raw, *, needed: bool) -> str:
        """The ladder that an entry names, or means where it speaks of tiers; else ""."""
        named = item.get("ladder")
        at = (*path, "ladder")
        if not needed:
            if named is not None:
                self.add(at, named, "ladder says nothing without tiers.", "Leave ladder out.")
            return ""
        if self.ladders is None:
            return ""
        if named is None:
            return next(iter(self.ladders), "")
        if named not in self.ladders:
            self.add(at, named, f"{named} is no ladder here.", _ladders(named, self.ladders))
        return str(named)

    def tier(self, path: Path, word: str, *, ladder: str) -> None:
        """Note a tier that the ladder does not have."""
        if self.ladders is None:
            return
        if not self.ladders:
            mend = "Add tiers, or leave this out."
            self.add(path, word, f"{word} is no tier here.", mend)
        elif ladder in self.ladders and word not in self.ladders[ladder]:
            mend = choice(word, self.ladders[ladder])
            self.add(path, word, f"{word} is no tier of the ladder {ladder}.", mend)

    def points(self, path: Path, value: Raw, *, unit: str, nothing: bool = False) -> int:
        """A number of points in the unit's smallest parts, above 0 unless `nothing` may stand."""
        if self.units is None or unit not in self.units:
            return 0
        places = self.units[unit]
        try:
            points = to_minor(value, places=places)
        except MoneyError:
            self.add(path, value, f"{value} has more decimals than {unit}.", _fewer(places))
            return 0
        if not points and not nothing:
            self.add(path, value, f"{value} is too small.", "Write a number above 0.")
        return points

    def whole(self, path: Path, value: Raw, *, least: int = 0) -> int:
        """A whole number of things, `least` or more."""
        try:
            number = to_minor(value, places=0)
        except MoneyError:
            self.add(path, value, f"{value} is not a whole number.", _fewer(0))
            return least
        if number < least:
            self.add(path, value, f"{value} is too small.", f"Write {least} or more.")
        return number

    def money(self, path: Path, value: Raw, *, positive: str = "") -> int:
        """An amount in minor units; `positive` is the mend where it must be above 0."""
        if self.places is None:
            return 0
        try:
            minor = to_minor(value, places=self.places)
        except MoneyError:
            message = f"{value} has more decimals than the currency."
            self.add(path, value, message, _fewer(self.places))
            return 0
        if positive and not minor:
            self.add(path, value, f"{value} is too small.", positive)
        return minor

    def percent(self, path: Path, value: Raw, *, most: int = 100, nothing: bool = False) -> Decimal:
        """A number of percent, above 0 unless `nothing` may stand, and `most` at most."""
        rate = Decimal(value)
        if rate > most:
            self.add(path, value, f"{value} is too large.", f"Write {most} or less.")
        if not rate and not nothing:
            self.add(path, value, f"{value} is too small.", "Write a number above 0.")
        return rate

    def amount(self, path: Path, value: Raw, *, measure: Measure) -> int:
        """How much of what is measured: minor units, parts of points, or a whole number."""
        if measure.kind == "spend":
            return self.money(path, value)
        if measure.kind == "earned":
            return self.points(path, value, unit=measure.unit, nothing=True)
        return self.whole(path, value)

    def date(self, path: Path, value: str | None) -> date | None:
        """The day that a text of the right pattern names."""
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.add(path, value, f"{value} is no day of the calendar.", "Write a day there is.")
            return None

    def moment(self, path: Path, value: str) -> datetime | None:
        """The instant (UTC) of a day and a time in the program's zone."""
        try:
            told = datetime.fromisoformat(value)
        except ValueError:
            self.add(path, value, f"{value} is no day of the calendar.", "Write a day there is.")
            return None
        if self.zone is None:
            return None
        instant = told.replace(tzinfo=self.zone).astimezone(UTC)
        if instant.astimezone(self.zone).replace(tzinfo=None) != told:
            message = f"The clocks are put forward over {value}."
            self.add(path, value, message, "Write a time there is.")
            return None
        return instant

    def ordered(self, path: Path, item: Raw, *, what: str) -> Days:
        """The days `from` and `until` of an entry, in their order; `what` begins the message."""
        start = self.date((*path, "from"), item.get("from"))
        end = self.date((*path, "until"), item.get("until"))
        if start and end and start > end:
            self.add(
                (*path, "until"),
                item["until"],
                f"{what} would end before it begins ({item['from']}).",
                "Write a last day that is not before the first.",
            )
        return Days(start, end)


def _ladders(named: object, known: Collection[str]) -> str:
    return choice(named, known) if known else "Add tiers, or leave ladder out."


def _fewer(places: int) -> str:
    if not places:
        return "Write a whole number."
    return f"Write at most {places} decimal{'' if places == 1 else 's'}."
