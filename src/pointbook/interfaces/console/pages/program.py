"""The program: what it promises in words and as the document, its versions and estimates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

LONG = 4  # sentences that still make one paragraph


@dataclass(frozen=True, slots=True)
class Chapter:
    """Sentences about one side of the program, as members read them."""

    title: str
    sentences: tuple[str, ...]

    @property
    def long(self) -> bool:
        """Whether it is easier to read a sentence at a time."""
        return len(self.sentences) > LONG


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of the document; `mark` says what the version did to it."""

    text: str
    mark: Literal["", "new", "gone"] = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A published version.

    `from_on` is None when it held from the beginning, `until_on` is the first day without it.
    """

    number: int
    from_on: date | None
    until_on: date | None
    by: str
    state: Literal["in force", "coming", "past"]
    href: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """An approved expected redemption rate, from a period on; `period` is its first day."""

    number: int
    rate: Decimal
    period: date
    prepared_by: str
    approved_by: str
    note: str

    @property
    def percent(self) -> Decimal:
        """The rate in per cent."""
        return self.rate * 100


@dataclass(frozen=True, slots=True)
class Program:
    """The version shown.

    `changes` are sentences against the version before, `with_changes` says whether the document is
    shown with its + and - lines.
    """

    name: str
    code: str
    version: Version
    answer: str
    chapters: tuple[Chapter, ...]
    changes: tuple[str, ...]
    lines: tuple[CodeLine, ...]
    with_changes: bool
    versions: tuple[Version, ...]
    estimates: tuple[Estimate, ...]
    download: str
