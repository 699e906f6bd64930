"""The program of a story: a named or a written blueprint, parts of it replaced, later editions.

Nothing here raises: what is wrong is told where the story says it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any as Raw
from typing import Final

from pointbook.engine.replay.scenes import Edition
from pointbook.engine.rules.reading import read_document
from pointbook.engine.rules.reading.documents import parse
from pointbook.engine.rules.reading.problems import BlueprintErrors, Problem
from pointbook.engine.values.errors import PointbookError

KEYS: Final = ("program", "blueprint", "with", "later")


class Programs:
    """Reads the editions of a story's program; `problems` is what is wrong with them.

    `blueprint_of` gives the YAML of a program by what the story names.
    """

    def __init__(self, blueprint_of: Callable[[str], str]) -> None:
        self.blueprint_of = blueprint_of
        self.problems: list[Problem] = []
        self.editions: list[Edition] = []

    def read(self, raw: Raw) -> tuple[Edition, ...]:
        """The first edition and the later ones; those that cannot be read are left out."""
        self._edition(raw, "", None)
        for place, item in enumerate(raw.get("later", [])):
            at = f"later[{place}]."
            try:
                day = date.fromisoformat(item["from"])
            except ValueError:
                message = f"{item['from']} is no day of the calendar."
                self._wrong(f"{at}from", item["from"], message, "Write a day there is.")
                continue
            if self.editions and day <= (self.editions[-1].from_on or date.min):
                message = f"{day} is not after the edition before it."
                self._wrong(f"{at}from", item["from"], message, "Write the editions in order.")
            self._edition(item, at, day)
        return tuple(self.editions)

    def _edition(self, item: Raw, at: str, day: date | None) -> None:
        """One edition; without program and blueprint it is the one before with parts replaced."""
        name, inline, replaced = (item.get(key) for key in KEYS[:3])
        written = (name is not None) + (inline is not None)
        if written > 1 or (day is None and not written):
            mend = "Write program: and the code of a starter, or blueprint: and the document."
            self._wrong(f"{at}program", name, "A story plays in one program.", mend)
            return
        if not written and not self.editions:
            return  # what it stands on has mistakes, which are told
        try:
            document = self._document(name, inline)
            if isinstance(document, dict):
                document = {**document, **(replaced or {})}
                document = {key: part for key, part in document.items() if part is not None}
            edition = Edition(day, read_document(document), document)  # type: ignore[arg-type]
        except BlueprintErrors as error:
            self.problems += [_placed(problem, item, at) for problem in error.problems]
        except PointbookError as error:
            self._wrong(f"{at}program", name, f"{error.message}.", error.mend)
        else:
            self.editions.append(edition)

    def _document(self, name: str | None, inline: Mapping[str, object] | None) -> object:
        if name is not None:
            return parse(self.blueprint_of(name), title=name).value
        return self.editions[-1].document if inline is None else inline

    def _wrong(self, path: str, value: object, message: str, mend: str) -> None:
        self.problems.append(Problem(path, value, message, mend))


def _placed(problem: Problem, item: Raw, at: str) -> Problem:
    """A mistake of a blueprint at the place of the story that brings it."""
    root = re.split(r"[.\[]", problem.path)[0]
    if root in (item.get("with") or {}):
        path, message = f"with.{problem.path}", problem.message
    elif "blueprint" in item:
        path, message = f"blueprint.{problem.path}".removesuffix("."), problem.message
    else:
        told = f"{item['program']}: " if "program" in item else ""
        path, message = "program", f"{told}{problem.path}: {problem.message}"
    return Problem(f"{at}{path}", problem.value, message, problem.mend)
