"""What a schema cannot see: names that must be known, decimals that must fit, codes used twice.

A Checker collects the problems while the sound parts of a document are built; a part that has a
problem already is not looked into again. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any as Raw

from pointbook.engine.rules.problems import Path, Problem, choice, dotted
from pointbook.engine.values.money import MoneyError, to_minor


class Checker:
    """The problems found so far, and the names that the rest of the document refers to."""

    def __init__(self, problems: dict[Path, Problem]) -> None:
        self.problems = problems
        # Left None while the place that says so is broken: then nothing is held against it.
        self.places: int | None = None
        self.units: Mapping[str, int] | None = None

    def add(self, path: Path, value: object, message: str, mend: str) -> None:
        """Note a problem; of several at one place the first stays."""
        self.problems.setdefault(path, Problem(dotted(path), value, message, mend))

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

    def unit(self, path: Path, item: Mapping[str, str]) -> str:
        """The unit that an entry names, or the only one there is."""
        known = self.units
        if known is None:
            return ""
        named = item.get("unit")
        if named is None and len(known) == 1:
            return next(iter(known))
        if named is None:
            self.add(
                (*path, "unit"), None, "unit is missing.", f"Write one of: {', '.join(known)}."
            )
        elif named not in known:
            self.add((*path, "unit"), named, f"{named} is no unit here.", choice(named, known))
        return named or ""

    def points(self, path: Path, value: Raw, *, unit: str) -> int:
        """A number of points, above 0, in the unit's smallest parts."""
        if self.units is None or unit not in self.units:
            return 0
        places = self.units[unit]
        try:
            points = to_minor(value, places=places)
        except MoneyError:
            self.add(path, value, f"{value} has more decimals than {unit}.", _fewer(places))
            return 0
        if not points:
            self.add(path, value, f"{value} is too small.", "Write a number above 0.")
        return points

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

    def date(self, path: Path, value: str | None) -> date | None:
        """The day that a text of the right pattern names."""
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.add(path, value, f"{value} is no day of the calendar.", "Write a day there is.")
            return None


def _fewer(places: int) -> str:
    if not places:
        return "Write a whole number."
    return f"Write at most {places} decimal{'' if places == 1 else 's'}."
