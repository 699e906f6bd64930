"""Starters: whole programs to begin with, each a blueprint that says on what it is modelled.

Needs no database. Raises StarterNotFound, and StarterUnfit for a head that cannot be.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Final

from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.reading import read
from pointbook.engine.rules.reading.problems import BlueprintErrors
from pointbook.engine.values.errors import NotFoundError, PointbookError

FOLDER: Final = Path(__file__).parent / "starters"
# Beside the programs there are behaviours.
PROGRAM: Final = "\nblueprint: 1\n"
# What stands in YAML as it is; anything else is quoted.
PLAIN: Final = re.compile(r"[A-Za-z](?:[A-Za-z0-9 /_-]*[A-Za-z0-9])?")


class StarterNotFound(NotFoundError):
    """There is no starter with this name."""


class StarterUnfit(PointbookError):
    """A starter cannot have this code, name, currency or time zone."""


@dataclass(frozen=True)
class Starter:
    """A program to begin with: its name and its document, whose first comment says what it is."""

    name: str
    document: str

    @property
    def line(self) -> str:
        """What it is, in one sentence without its own name."""
        paragraph = self.document.split("\n#\n")[0].replace("\n#", "")
        return paragraph.partition(": ")[2]

    @cached_property
    def blueprint(self) -> Blueprint:
        """The program."""
        return read(self.document)

    def adapted(
        self, *, code: str = "", name: str = "", currency: str = "", time_zone: str = ""
    ) -> str:
        """The document with what is given of its head, and everything else as it is.

        Amounts keep their figures in another currency.

        :raises StarterUnfit: what no program can have, or amounts that the currency cannot be.
        """
        text = self.document
        for key, value in (
            ("code", code),
            ("name", name),
            ("currency", currency),
            ("time_zone", time_zone),
        ):
            # The head comes first, so the first line of that key is its own.
            found = re.search(rf"(?m)^  {key}: (.*)$", text)
            if value and found is not None:
                told = value if PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
                text = text[: found.start(1)] + told + text[found.end(1) :]
        try:
            read(text)
        except BlueprintErrors as error:
            problem = error.problems[0]
            raise StarterUnfit(
                problem.message.removesuffix("."),
                field=problem.path,
                value=problem.value,
                mend=problem.mend,
            ) from error
        return text


def starters() -> list[Starter]:
    """Every starter, by name."""
    held = ((path.stem, path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.yaml"))
    return [Starter(name, text) for name, text in sorted(held) if PROGRAM in text]


def starter(name: str) -> Starter:
    """The starter of a name.

    :raises StarterNotFound: naming the nearest one.
    """
    known = {one.name: one for one in starters()}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"Did you mean {near[0]}?" if near else "pointbook new lists them all."
    raise StarterNotFound(f"there is no starter {name!r}", field="starter", value=name, mend=hint)
