"""What a writer is given and what it answers: a period's journal under the entity's own names.

Nothing here knows the database. Raises ExportRefused for what a format cannot hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, TypeVar

from pointbook.accounting.queries.names import Named
from pointbook.engine.values.errors import ConflictError
from pointbook.engine.values.money import exponent, to_major


class ExportRefused(ConflictError):
    """The period has no journal that this format can hold."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an entry, minor units; one of debit and credit is 0."""

    account: str
    named: Named
    debit: int
    credit: int

    @property
    def minor(self) -> int:
        """Its amount; a debit is positive."""
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class Entry:
    """A balanced entry. `reverses` is the code of the one it takes back, '' for most."""

    code: str
    journal: str
    year: int
    number: int
    event: str
    program: str
    policy: str
    other: str
    reverses: str
    description: str
    posting_on: date
    recorded_at: datetime
    currency: str
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        """The sum of its debits, which is that of its credits."""
        return sum(line.debit for line in self.lines)


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands on an account in one currency, minor units; a debit balance is positive."""

    named: Named
    currency: str
    minor: int


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier export of the same period."""

    version: int
    format: str
    by: str
    at: datetime
    entries: int


@dataclass(frozen=True, slots=True)
class Journal:
    """A period of an entity: from `first_on` to before `until_on`, as of a version of its close.

    `home` is the currency of the books. Opening and closing balances are cumulative, merged by
    name. `made_on` is the day of the export, `software` the version of Pointbook. `before` is the
    last export of the period; with `only_new` the entries are those posted since, without balances.
    """

    entity: str
    name: str
    home: str
    period: str
    first_on: date
    until_on: date
    version: int
    status: str
    made_on: date
    software: str
    entries: tuple[Entry, ...]
    opening: tuple[Balance, ...] = ()
    closing: tuple[Balance, ...] = ()
    before: Before | None = None
    only_new: bool = False

    @property
    def again(self) -> bool:
        """Whether these entries of this version were exported before."""
        told = self.before
        return told is not None and told.version == self.version and not self.only_new

    @property
    def stem(self) -> str:
        """What its files' names begin with."""
        return f"{self.entity}-{self.period}-v{self.version}{'-new' if self.only_new else ''}"

    @property
    def currencies(self) -> tuple[str, ...]:
        """All currencies in it, sorted."""
        entries = {row.currency for row in self.entries}
        balances = {row.currency for row in (*self.opening, *self.closing)}
        return tuple(sorted(entries | balances))

    @property
    def currency(self) -> str:
        """The only currency of a part by currency; that of the books where there is none."""
        return next(iter(self.currencies), self.home)

    @property
    def named(self) -> tuple[Named, ...]:
        """All accounts in it, by kind of account and code."""
        lines = {line.named for row in self.entries for line in row.lines}
        balances = {row.named for row in (*self.opening, *self.closing)}
        return tuple(sorted(lines | balances, key=lambda one: (one.code, one.kind, one.name)))

    @property
    def title(self) -> str:
        """Whose journal of which period this is."""
        return f"{self.name} ({self.entity}), {self.period}, version {self.version} of its close"

    @property
    def marks(self) -> tuple[str, ...]:
        """What must be known before it is booked: it may still change, or was exported before."""
        said = [STATUSES[self.status]] if self.status in STATUSES else []
        if self.before is not None:
            said.append(self._told(self.before))
        return tuple(said)

    def _told(self, told: Before) -> str:
        export = f"as {told.format} by {told.by} on {told.at:%Y-%m-%d}"
        if self.only_new:
            return f"Only what was posted since the export {export}."
        if self.again:
            return f"Again: exported before {export}, {told.entries} entries."
        return (
            f"Version {told.version} was exported {export}:"
            f" its {told.entries} entries are in this one too."
        )

    @property
    def tag(self) -> str:
        """The marks in a few words for a description, '' for a first export of a closed period."""
        words = [self.status.replace("_", "-")] if self.status in STATUSES else []
        words += [f"version {self.version}"] if self.version > 1 else []
        words += ["again"] if self.again else []
        return f" [{', '.join(words)}]" if words else ""

    def by_currency(self) -> tuple[Journal, ...]:
        """One journal for each currency, for systems whose files know only one."""
        return tuple(
            replace(
                self,
                entries=_only(self.entries, code),
                opening=_only(self.opening, code),
                closing=_only(self.closing, code),
            )
            for code in self.currencies or (self.home,)
        )


STATUSES: Final = {
    "soft_closed": "Soft-closed: the figures may still change.",
    "reopened": "Reopened: a later version will follow.",
}


Row = TypeVar("Row", Entry, Balance)


def _only(rows: Iterable[Row], currency: str) -> tuple[Row, ...]:
    return tuple(row for row in rows if row.currency == currency)


@dataclass(frozen=True, slots=True)
class File:
    """A file to be handed over."""

    name: str
    text: str
    encoding: str = "utf-8"

    @property
    def data(self) -> bytes:
        """Its bytes; what an older encoding cannot hold becomes a question mark."""
        return self.text.encode(self.encoding, errors="replace")


def amount(minor: int, currency: str) -> str:
    """Minor units as exact text in major units, with all decimals of the currency."""
    return f"{to_major(minor, places=exponent(currency)):f}"


def either(line: Line, currency: str) -> tuple[str, str]:
    """The debit and the credit of a line as text, one of them ''."""
    return (
        amount(line.debit, currency) if line.debit else "",
        amount(line.credit, currency) if line.credit else "",
    )


CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """Text on one line: control characters and line ends become one space."""
    return " ".join(CONTROL.sub(" ", text).split())


def account_name(named: Named) -> str:
    """The name for a system that knows accounts by name; there a colon parts sub-accounts.

    An entity's own name is taken as it stands, colons and all.
    """
    return named.name if named.own else named.name.replace(": ", " - ")
