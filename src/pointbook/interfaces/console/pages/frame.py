"""What surrounds every page: the program, its clock, the person. Nothing here raises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the navigation: `view` is the name of an address, `icon` is for phones."""

    word: str
    view: str
    icon: str


NAV = (
    Word("Overview", "overview", "home"),
    Word("Members", "members", "users"),
    Word("Program", "program", "list-details"),
    Word("Rewards", "rewards", "gift"),
    Word("Books", "books", "book-2"),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """How a unit of points is written."""

    name: str = "points"
    singular: str = "point"
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class UnitTab:
    """A unit of the program, what is held of it, and the address that shows it."""

    name: str
    points: int
    decimals: int
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A program that the person may look at instead."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Frame:
    """`here` is the view name of the current word; `program` is '' before the first one."""

    here: str
    program: str
    at: datetime
    test_clock: bool
    person: str
    role: str
    choices: tuple[Choice, ...] = ()
    nav: tuple[Word, ...] = NAV

    @property
    def initials(self) -> str:
        """Two letters for the person."""
        words = self.person.replace(".", " ").split() or ["?"]
        return "".join(
            word[0] for word in (words if len(words) == 1 else words[:: len(words) - 1])
        )[:2].upper()
