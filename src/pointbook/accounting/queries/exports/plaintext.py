"""Plain text accounting: hledger and ledger, and what the three such formats share.

hledger: https://hledger.org/hledger.html#journal (strict mode: accounts and commodities declared;
balance assertions `= AMOUNT`). ledger: https://ledger-cli.org/doc/ledger3.html (--pedantic).
A period's file is whole by itself: opening balances as one entry, which balances as every one does,
the entries, and closing balances as assertions. Raises ExportRefused when two accounts would have
one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from pointbook.accounting.queries.exports.journal import (
    Balance,
    Entry,
    ExportRefused,
    File,
    Journal,
    amount,
    plain,
)
from pointbook.accounting.queries.names import Named
from pointbook.engine.revenue.accounts import Kind
from pointbook.engine.values.money import exponent

# The five roots; contra accounts stay where the chart has them.
ROOTS: Final[Mapping[Kind, str]] = {
    Kind.ASSET: "Assets",
    Kind.LIABILITY: "Liabilities",
    Kind.EQUITY: "Equity",
    Kind.INCOME: "Income",
    Kind.EXPENSE: "Expenses",
}
UNFIT: Final = re.compile(r"[^\w]|_")


def labels(journal: Journal) -> dict[Named, str]:
    """What each account is called where names are parted by colons: Liabilities:2100-TheName.

    :raises ExportRefused: when two accounts would be called the same.
    """
    made: dict[str, Named] = {}
    for named in journal.named:
        label = _label(named)
        if label in made:
            raise ExportRefused(
                f"the accounts {made[label].code} and {named.code} would both be {label}",
                field="accounts",
                value=named.code,
                mend="Give one of them another name: pointbook export accounts --read FILE.",
            )
        made[label] = named
    return {named: label for label, named in made.items()}


def _label(named: Named) -> str:
    code = "-".join(part for part in UNFIT.split(named.code) if part)
    name = "".join(part[0].upper() + part[1:] for part in UNFIT.split(named.name) if part)
    return f"{ROOTS[named.kind]}:{code[:1].upper()}{code[1:]}-{name}"


def comments(journal: Journal) -> Iterator[str]:
    """The first lines: whose journal this is and what must be known before it is booked."""
    for line in (f"{journal.title}.", *journal.marks):
        yield f"; {plain(line)}"


def hledger(journal: Journal) -> tuple[File, ...]:
    """A journal that `hledger check --strict` accepts."""
    declared = (f"commodity {'1000.' + '0' * exponent(code)} {code}" for code in journal.currencies)
    lines = [*comments(journal), "decimal-mark .", "", *declared, "", *_body(journal)]
    return (File(f"{journal.stem}.hledger", "\n".join(lines) + "\n"),)


def ledger(journal: Journal) -> tuple[File, ...]:
    """A journal that `ledger --pedantic --strict` accepts."""
    declared = (
        f"commodity {code}\n    format {amount(10 ** (3 + exponent(code)), code)} {code}"
        for code in journal.currencies
    )
    lines = [*comments(journal), "", *declared, "", *_body(journal)]
    return (File(f"{journal.stem}.ledger", "\n".join(lines) + "\n"),)


def _body(journal: Journal) -> Iterator[str]:
    called = labels(journal)
    for label in sorted(called.values()):
        yield f"account {label}"
    yield ""
    if journal.opening:
        yield f"{journal.first_on - timedelta(days=1)} * Balances brought forward"
        for one in journal.opening:
            yield _posting(called[one.named], f"{amount(one.minor, one.currency)} {one.currency}")
        yield ""
    for entry in journal.entries:
        yield from _entry(entry, called)
    if journal.closing:
        yield f"{journal.until_on - timedelta(days=1)} * Closing balances"
        for balance in journal.closing:
            yield _posting(called[balance.named], _asserted(balance))


def _entry(entry: Entry, called: Mapping[Named, str]) -> Iterator[str]:
    text = plain(entry.description).translate(str.maketrans(";|", ",/"))
    yield f"{entry.posting_on} * ({entry.code}) {text}"
    yield f"    ; {entry.event} of {plain(entry.program)}{_about(entry)}"
    for line in entry.lines:
        yield _posting(called[line.named], f"{amount(line.minor, entry.currency)} {entry.currency}")
    yield ""


def _about(entry: Entry) -> str:
    other = f", with {plain(entry.other)}" if entry.other else ""
    return f"{other}, takes back {entry.reverses}" if entry.reverses else other


def _asserted(balance: Balance) -> str:
    nothing, stands = amount(0, balance.currency), amount(balance.minor, balance.currency)
    return f"{nothing} {balance.currency} = {stands} {balance.currency}"


def _posting(label: str, figures: str) -> str:
    return f"    {label:<44}  {figures}"
