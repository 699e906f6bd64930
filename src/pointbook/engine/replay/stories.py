"""Stories from YAML: what happens to a few members of a program, and what must come of it.

A file holds one story or several, separated by lines of `---`. Text, then shape (story.schema.json
beside the other schemas), then meaning: names that must be known, ids that must have happened,
days of the calendar. Raises BlueprintErrors with every mistake, its path, value, line and mend.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any as Raw
from typing import Final

from pointbook.engine.replay.links import linked_to
from pointbook.engine.replay.scenes import (
    SOURCE,
    Edition,
    Evaluating,
    Happening,
    Person,
    Story,
)
from pointbook.engine.replay.story_endings import Endings
from pointbook.engine.replay.story_evaluations import read_evaluating
from pointbook.engine.replay.story_programs import KEYS, Programs
from pointbook.engine.replay.story_terms import ONE_DAY, Terms
from pointbook.engine.rules.reading.documents import Document, parse
from pointbook.engine.rules.reading.problems import BlueprintErrors, Path, Problem, choice, located
from pointbook.engine.rules.reading.shape import mistakes
from pointbook.engine.values.calendar import ONE_SECOND, day_of, midnight
from pointbook.engine.values.facts import FIELDS, FIRST, Fact, FactError, normalise

TITLE: Final = "the story"
MARK: Final = re.compile(r"---\s*(#.*)?")
SILENT: Final = re.compile(r"\s*(#.*)?")
ENDS: Final = ("until", "expires")
# What stands in `happened` without being an attribute of the fact.
OWN_KEYS: Final = (FIELDS - {"occurred_at"}) | {"at", "arrives", "of", "nothing"}


def read_stories(text: str, *, blueprint_of: Callable[[str], str]) -> list[Story]:
    """The stories of a file; `blueprint_of` gives the YAML of a program by what the story names.

    :raises BlueprintErrors: with every mistake of every story.
    """
    stories: list[Story] = []
    problems: list[Problem] = []
    for part in _parts(text):
        try:
            document = parse(part, title=TITLE)
            stories.append(_story(document, blueprint_of))
        except BlueprintErrors as error:
            problems += error.problems
    if not stories and not problems:
        problems.append(
            Problem("", None, "There is no story here.", "Begin with story: and what it shows.")
        )
    if problems:
        raise BlueprintErrors(problems, title=TITLE)
    return stories


def _parts(text: str) -> Iterator[str]:
    """Each document of the text, moved down by empty lines so that its lines keep their numbers."""
    lines = text.splitlines()
    marks = [n for n, line in enumerate(lines) if MARK.fullmatch(line)]
    for start, end in zip([-1, *marks], [*marks, len(lines)], strict=True):
        part = lines[start + 1 : end]
        if not all(SILENT.fullmatch(line) for line in part):
            yield "\n" * (start + 1) + "\n".join(part) + "\n"


def _story(document: Document, blueprint_of: Callable[[str], str]) -> Story:
    raw: Raw = document.value
    breaches = mistakes(raw, name="story")
    found = list(breaches.values())
    if isinstance(raw, dict) and not any(path[0] in KEYS for path in breaches if path):
        programs = Programs(blueprint_of)
        editions = programs.read(raw)
        found += programs.problems
        if not found:
            return _Reader(document, editions).story()
    raise BlueprintErrors(located(found, lines=document.lines), title=TITLE)


class _Reader:
    """Builds one story whose shape is sound, and collects what does not mean anything."""

    def __init__(self, document: Document, editions: tuple[Edition, ...]) -> None:
        self.raw: Raw = document.value
        self.editions = editions
        self.terms = Terms([one.blueprint for one in editions], lines=document.lines)
        self.checker = self.terms.checker
        self.starts_at = self.ends_at = FIRST

    def story(self) -> Story:
        """The story.

        :raises BlueprintErrors: with everything that does not mean anything.
        """
        happenings = self._happenings()
        asked = sorted(self._evaluated(), key=lambda one: one.at)
        self._frame(happenings, asked)
        given = self.checker.items(self.raw, "given", code="member")
        people = [self._person(path, item) for path, item in given]
        members = _members(people, happenings)
        for one in asked:
            self._knows(one, members)
        endings = Endings(self.terms, members=members, ends_at=self.ends_at)
        told = self.raw.get("matched", {}).items()
        matched = [endings.matched(("matched", fact), fact, value) for fact, value in told]
        left = self.checker.items(self.raw, "left")
        checkpoints = [endings.checkpoint(path, item) for path, item in left]
        endings.pools(("codes",), self.raw.get("codes", {}))
        shelves = self.checker.items(self.raw, "stock")
        stock = [endings.stocked(path, item) for path, item in shelves]
        if self.checker.problems:
            found = located(self.checker.problems.values(), lines=dict(self.terms.lines))
            raise BlueprintErrors(found, title=TITLE)
        return Story(
            title=self.raw["story"],
            source=self.raw["source"],
            line=self.terms.line("story"),
            editions=self.editions,
            people=tuple(sorted(people, key=lambda person: person.joined_at)),
            happenings=tuple(sorted(happenings, key=lambda one: one.arrives_at)),
            matched=tuple(matched),
            checkpoints=tuple(checkpoints),
            stock=tuple(stock),
            members=members,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            codes=self.raw.get("codes", {}),
            evaluated=tuple(asked),
        )

    def _evaluated(self) -> Iterator[Evaluating]:
        for path, item in self.checker.items(self.raw, "evaluated"):
            found = read_evaluating(path, item, terms=self.terms, fact=self._normalised)
            if found is not None:
                yield found

    def _knows(self, asked: Evaluating, members: Sequence[str]) -> None:
        name = asked.order.member
        if name not in members:
            path = ("evaluated", int(asked.order.id.rpartition("-")[2]), "member")
            message = f"{name} is not in this story."
            self.checker.add(path, name, message, choice(str(name), members))

    def _happenings(self) -> list[Happening]:
        entries: list[Raw] = self.raw["happened"]
        for place, item in enumerate(entries):
            own = item.get("id", f"f{place + 1}")
            if own in self.terms.sources:
                self.checker.add(
                    ("happened", place, "id"), own, f"{own} happens twice.", "Write another id."
                )
            self.terms.sources[own] = str(item.get("source", SOURCE))
        return [self._happening(place, item) for place, item in enumerate(entries)]

    def _happening(self, place: int, item: Raw) -> Happening:
        path: Path = ("happened", place)
        at = self.terms.moment((*path, "at"), item["at"])
        arrives = (
            self.terms.moment((*path, "arrives"), item["arrives"]) if "arrives" in item else at
        )
        if arrives < at:
            self.checker.add(
                (*path, "arrives"),
                item["arrives"],
                "It would arrive before it happened.",
                "Write a later time, or leave arrives out.",
            )
        fact = None if "nothing" in item else self._fact(path, place, item, at)
        return Happening(arrives, fact, self.terms.line(*path))

    def _fact(self, path: Path, place: int, item: Raw, at: datetime) -> Fact | None:
        told = {key: value for key, value in item.items() if key in FIELDS}
        told["source"] = item.get("source", SOURCE)
        told["id"] = item.get("id", f"f{place + 1}")
        told["type"] = item.get("type", "purchase")
        told["occurred_at"] = at
        extra = {key: value for key, value in item.items() if key not in OWN_KEYS}
        told["attributes"] = {**extra, **item.get("attributes", {})}
        if "of" in item:
            key = "returns" if told["type"] == "return" else "about"
            told[key] = self.terms.key((*path, "of"), item["of"])
        return self._normalised(path, told)

    def _normalised(self, path: Path, told: Mapping[str, object]) -> Fact | None:
        try:
            return normalise(told, currency=self.terms.currency, zone=self.terms.zone)
        except FactError as error:
            field = error.field.removeprefix("attributes.")
            place = (*path, "at" if field == "occurred_at" else field)
            self.checker.add(place, error.value, f"{error.message}.", error.mend)
            return None

    def _frame(self, happenings: Iterable[Happening], asked: Iterable[Evaluating]) -> None:
        """The first and the last instant of the story."""
        times = [one.arrives_at for one in happenings] + [one.at for one in asked]
        times += [one.fact.occurred_at for one in happenings if one.fact is not None]
        for part in ("left", "stock"):
            for place, item in enumerate(self.raw.get(part, [])):
                if "at" in item:
                    times.append(self.terms.looked_at((part, place, "at"), item["at"]))
        self.starts_at = midnight(day_of(min(times), self.terms.zone), self.terms.zone)
        last = day_of(max(times), self.terms.zone)
        ends = self.checker.date(("ends",), self.raw.get("ends")) or last
        if ends < last:
            message = f"The story goes on up to {last}."
            self.checker.add(("ends",), self.raw["ends"], message, "Write that day or a later one.")
        self.ends_at = midnight(max(ends, last) + ONE_DAY, self.terms.zone) - ONE_SECOND

    def _person(self, path: Path, item: Raw) -> Person:
        joined = self.terms.midnight((*path, "joined"), item.get("joined")) or self.starts_at
        opening = None
        if item.keys() & {"tier", "lots", "measures"}:
            opening = self._opening(path, item, max(joined, self.starts_at))
        elif item.keys() & {"since", "until"}:
            message = "since and until are of a tier."
            self.checker.add((*path, "tier"), None, message, "Write the tier.")
        birthday = self.checker.date((*path, "birthday"), item.get("birthday"))
        return Person(item["member"], joined, birthday, opening, self.terms.line(*path))

    def _opening(self, path: Path, item: Raw, at: datetime) -> Fact | None:
        told: dict[str, Raw] = {
            "lots": [
                self._given_lot((*path, "lots", place), lot)
                for place, lot in enumerate(item.get("lots", []))
            ]
        }
        if "tier" in item:
            self.terms.tier((*path, "tier"), item["tier"], self.terms.main_ladder((*path, "tier")))
        told |= {key: item[key] for key in ("tier", "measures") if key in item}
        told |= self._dates(path, item, {"since": "since", "until": "until"})
        return self._normalised(
            path,
            {
                "source": SOURCE,
                "id": f"opening-{item['member']}",
                "type": "opening",
                "occurred_at": at,
                "member": item["member"],
                "attributes": told,
            },
        )

    def _given_lot(self, path: Path, item: Raw) -> Mapping[str, str]:
        unit = self.checker.unit(path, item)
        self.terms.points((*path, "points"), item["points"], unit)
        lot = {"unit": unit, "points": str(item["points"])}
        return lot | self._dates(path, item, {"earned": "earned_on", "expires": "expires_on"})

    def _dates(self, path: Path, item: Raw, names: Mapping[str, str]) -> dict[str, str]:
        """Days under their names in a fact, where an end is the last day and not the one after."""
        found = {}
        for key, name in names.items():
            day = self.checker.date((*path, key), item.get(key))
            if day is not None:
                found[name] = str(day - ONE_DAY if key in ENDS else day)
        return found


def _members(people: Iterable[Person], happenings: Iterable[Happening]) -> tuple[str, ...]:
    """Everybody whom the story names, each once."""
    names = dict.fromkeys(person.name for person in people)
    for fact in (one.fact for one in happenings):
        if fact is not None:
            both = (fact.member, linked_to(fact))
            names |= dict.fromkeys(name for name in both if name is not None)
    return tuple(names)
