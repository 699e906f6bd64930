"""What the accounts are called in an entity's own system: the names in force, by account and split.

Rows only grow; the last one of an account and split counts, and one without a code gives the chart
back its place. Raises EntityNotFound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pointbook.accounting.models import AccountName
from pointbook.accounting.queries.books import entity
from pointbook.engine.revenue.accounts import CHART, Kind

ACCOUNTS: Final = {account.code: account for account in CHART}


@dataclass(frozen=True, slots=True)
class Named:
    """An account as another system knows it; `own` says that the entity named it itself."""

    kind: Kind
    code: str
    name: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class NameRow:
    """One row of a mapping: what lines on `account` go to; `split` only those of one program."""

    account: str
    code: str
    name: str = ""
    split: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class AccountNames(Mapping[str, Named]):
    """The names of all accounts of the chart; `of` knows the splits too."""

    rows: tuple[NameRow, ...] = ()

    def of(self, account: str, *, program: str = "") -> Named:
        """What lines of a program on an account are booked to: its split, or the account's own."""
        chart = ACCOUNTS[account]
        for split in (program, ""):
            for row in self.rows:
                if (row.account, row.split) == (account, split):
                    return Named(chart.kind, row.code, row.name or chart.name, own=True)
        return Named(chart.kind, chart.code, chart.name)

    def __getitem__(self, account: str) -> Named:
        return self.of(account)

    def __iter__(self) -> Iterator[str]:
        return iter(ACCOUNTS)

    def __len__(self) -> int:
        return len(ACCOUNTS)


def account_names(entity_code: str = "main") -> AccountNames:
    """The names in force of an entity's accounts, in order of account and split.

    :raises EntityNotFound: no such entity.
    """
    found = AccountName.objects.filter(entity=entity(entity_code)).order_by("id")
    last = {
        (row.account, row.split): NameRow(row.account, row.code, row.name, row.split)
        for row in found
    }
    return AccountNames(tuple(row for _, row in sorted(last.items()) if row.code))
