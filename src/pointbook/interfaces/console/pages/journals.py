"""Manual journals: what people posted by hand, what waits, and the form of a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pointbook.interfaces.console.pages.books import JournalLine
from pointbook.interfaces.console.pages.fields import Choice, Field
from pointbook.interfaces.console.pages.rail import Rail


@dataclass(frozen=True, slots=True)
class Manual:
    """A manual entry, waiting or posted; `number` is its proposal, `code` the entry's once posted.

    `state` is waiting, posted, reversed or refused.
    """

    number: int
    code: str
    description: str
    period: str
    currency: str
    lines: tuple[JournalLine, ...]
    by: str
    on: date
    state: str
    decided_by: str = ""
    own: bool = False
    mine: bool = False
    may_decide: bool = False
    may_reverse: bool = False
    reverses: str = ""


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A row of the form, as it was typed."""

    place: int
    account: str = ""
    debit: str = ""
    credit: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Journals:
    """The manual journals of an entity, and the form with what was typed and what is wrong."""

    rail: Rail
    entity: str
    program: str
    currency: str
    owner_run: bool
    entries: tuple[Manual, ...]
    may_propose: bool
    fields: tuple[Field, ...] = ()
    accounts: tuple[Choice, ...] = ()
    rows: tuple[TypedLine, ...] = ()
    error: str = ""
