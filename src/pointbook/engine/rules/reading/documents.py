"""YAML text to plain values, without YAML's surprises, and the line on which each stands.

Only true and false are flags (`on` is a word), 2026-03-01 is text, a number with a point is kept as
the shortest text of that number, so that no binary float comes near money. Aliases, tags, doubled
keys and several documents in one text are refused. Raises BlueprintErrors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any as Raw
from typing import NoReturn

import yaml

from pointbook.engine.rules.reading.problems import (
    BlueprintErrors,
    Path,
    Problem,
    dotted,
    mistake,
    shown,
)

LARGEST = 1_000_000
DEEPEST = 40
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
POINTED = re.compile(r"-?[0-9]{1,18}\.[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Document:
    """The plain value of a text and the line (from 1) of each path in it."""

    value: object
    lines: dict[str, int]


def parse(text: str | bytes, *, title: str) -> Document:
    """Read one YAML document; `title` names it in errors.

    :raises BlueprintErrors: when it is not one plain YAML document.
    """
    if len(text) > LARGEST:
        _refuse("is longer than 1,000,000 characters.", "Shorten it.", title=title)
    try:
        plain = text if isinstance(text, str) else text.decode("utf-8-sig")
        reader = _Reader(yaml.parse(plain, Loader=LOADER))
        value = reader.document()
    except UnicodeError:
        _refuse("is not UTF-8 text.", "Save it as UTF-8.", title=title)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "control characters are not allowed"
        _refuse(
            f"is not YAML: {reason}.",
            "Mend the indentation, quotes or brackets here.",
            title=title,
            line=mark.line + 1 if mark else None,
        )
    if reader.problems:
        raise BlueprintErrors(reader.problems, title=title)
    return Document(value, reader.lines)


def _refuse(message: str, mend: str, *, title: str, line: int | None = None) -> NoReturn:
    raise BlueprintErrors([Problem("", None, f"It {message}", mend, line)], title=title) from None


class _Reader:
    """Folds parser events to values; depth is bounded, so no text can exhaust the stack."""

    def __init__(self, events: Iterator[Raw]) -> None:
        self.events = events
        self.problems: list[Problem] = []
        self.lines: dict[str, int] = {}

    def document(self) -> object:
        value: object = None
        starts = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                starts += 1
                if starts > 1:
                    self._problem(event, (), None, "A second document begins.", "Keep only one.")
                    break
            elif isinstance(event, yaml.NodeEvent):
                value = self._value(event, ())
        return value

    def _value(self, event: Raw, path: Path) -> object:
        self.lines[dotted(path)] = event.start_mark.line + 1
        if len(path) > DEEPEST:
            raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            value = f"*{event.anchor}"
            self._problem(event, path, value, f"{value} is an alias.", "Write the value out here.")
            return None
        if event.tag is not None:
            value = event.tag
            self._problem(event, path, value, f"{shown(value)} is a tag.", "Leave it out.")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return _scalar(event)

    def _mapping(self, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._problem(event, path, None, "A key is not a word.", "Write a plain key.")
                self._value(event, path)
                key = ""
            else:
                key = event.value
            if key in found:
                self._problem(
                    event, (*path, key), key, f"{key} stands here twice.", "Keep one of them."
                )
            found[key] = self._value(next(self.events), (*path, key))
        return found

    def _sequence(self, path: Path) -> list[object]:
        found: list[object] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self._value(event, (*path, len(found))))
        return found

    def _problem(self, event: Raw, path: Path, value: object, message: str, mend: str) -> None:
        line = event.start_mark.line + 1
        self.problems.append(mistake(path, value, message, mend=mend, line=line))


def _scalar(event: Raw) -> object:
    text = event.value
    if not event.implicit[0]:  # quoted, or a block of text
        return text
    if text in WORDS:
        return WORDS[text]
    if WHOLE.fullmatch(text):
        return int(text)
    if POINTED.fullmatch(text):
        return format(Decimal(text), "f").rstrip("0").removesuffix(".")
    return text
