"""Exports: a journal in the format of another system, what was handed over, what accounts are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pointbook.interfaces.console.pages.fields import Choice
from pointbook.interfaces.console.pages.rail import Rail


@dataclass(frozen=True, slots=True)
class Format:
    """A format that a journal can be written in."""

    code: str
    label: str
    says: str


@dataclass(frozen=True, slots=True)
class Handed:
    """A journal that was handed over; `again` when the same version was before."""

    period: str
    version: int
    format: str
    entries: int
    by: str
    at: datetime
    digest: str
    again: bool


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the chart, and what it is called in the entity's own system."""

    account: str
    chart: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Exports:
    """The exports of an entity. `period` is the closed one that is chosen, '' when none is."""

    rail: Rail
    entity: str
    program: str
    period: str
    periods: tuple[Choice, ...]
    formats: tuple[Format, ...]
    handed: tuple[Handed, ...]
    accounts: tuple[Account, ...]
    may_export: bool
    may_name: bool
    needs_approval: bool
    before: str = ""
