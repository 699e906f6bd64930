"""Beside every page of the full books: the periods, and the other pages of the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

State = Literal["open", "soft_closed", "closed", "reopened"]


@dataclass(frozen=True, slots=True)
class Period:
    """A month in the rail; `note` is written when it is not closed: "6 / 7"."""

    first_on: date
    state: State
    note: str
    href: str


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the books; `waiting` counts what somebody has to do there."""

    label: str
    href: str
    current: bool = False
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Rail:
    """`here_on` is the period that is shown, None on pages that are of no period."""

    currency: str
    periods: tuple[Period, ...]
    places: tuple[Place, ...]
    here_on: date | None = None

    @property
    def open_year(self) -> int:
        """The year whose months stand open: the one that is shown, or else the last."""
        if self.here_on is not None:
            return self.here_on.year
        return self.periods[0].first_on.year if self.periods else 0
