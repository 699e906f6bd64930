"""A field of a form as a page shows it again: what was typed, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values of a field."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A typed value; `choices` makes it a list, `error` stands under it with its mend."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    error: str = ""
    kind: str = "text"
    choices: tuple[Choice, ...] = ()
    required: bool = False
