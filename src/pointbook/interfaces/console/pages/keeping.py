"""How an entity keeps its books: simple or full, by one person or two, what Pointbook books."""

from __future__ import annotations

from dataclasses import dataclass

from pointbook.interfaces.console.pages.rail import Rail


@dataclass(frozen=True, slots=True)
class Switch:
    """A setting that is on or off."""

    name: str
    label: str
    says: str
    on: bool


@dataclass(frozen=True, slots=True)
class Keeping:
    """The settings in force; `may_switch` says that simple and full may be changed over."""

    rail: Rail
    entity: str
    program: str
    full: bool
    owner_run: bool
    switches: tuple[Switch, ...]
    may_switch: bool
    may_set: bool
    waiting: str = ""
