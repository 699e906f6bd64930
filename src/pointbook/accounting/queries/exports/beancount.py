"""Beancount (v3): opened accounts, opening balances, entries and balance assertions.

https://beancount.github.io/docs/beancount_language_syntax.html; `~ 0` and the option below leave no
tolerance at all (https://beancount.github.io/docs/precision_tolerances.html). Raises ExportRefused
when two accounts would have one name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from pointbook.accounting.queries.exports.journal import Entry, File, Journal, amount, plain
from pointbook.accounting.queries.exports.plaintext import comments, labels
from pointbook.accounting.queries.names import Named


def beancount(journal: Journal) -> tuple[File, ...]:
    """Opening balances stand in one entry, so that the file is whole by itself."""
    called = labels(journal)
    lines = [
        *comments(journal),
        'option "tolerance_multiplier" "0"',
        f'option "title" "{_quoted(journal.name)}, {journal.period}"',
        *(f'option "operating_currency" "{code}"' for code in journal.currencies),
        "",
        *_opened(journal, called),
        "",
        *_brought_forward(journal, called),
        *(line for entry in journal.entries for line in _entry(entry, called)),
        *_asserted(journal, called),
        "",
    ]
    return (File(f"{journal.stem}.beancount", "\n".join(lines)),)


def _opened(journal: Journal, called: Mapping[Named, str]) -> Iterator[str]:
    day = journal.first_on - timedelta(days=1)
    for named, label in called.items():
        yield f"{day} open {label}"
        yield f'  name: "{_quoted(named.name)}"'


def _brought_forward(journal: Journal, called: Mapping[Named, str]) -> Iterator[str]:
    if journal.opening:
        yield f'{journal.first_on - timedelta(days=1)} * "Balances brought forward"'
        for one in journal.opening:
            yield _posting(called[one.named], one.minor, one.currency)
        yield ""


def _entry(entry: Entry, called: Mapping[Named, str]) -> Iterator[str]:
    yield f'{entry.posting_on} * "{_quoted(entry.description)}"'
    yield f'  number: "{entry.code}"'
    yield f'  event: "{entry.event}"'
    yield f'  program: "{_quoted(entry.program)}"'
    if entry.other:
        yield f'  other: "{_quoted(entry.other)}"'
    if entry.reverses:
        yield f'  reverses: "{entry.reverses}"'
    for line in entry.lines:
        yield _posting(called[line.named], line.minor, entry.currency)
    yield ""


def _asserted(journal: Journal, called: Mapping[Named, str]) -> Iterator[str]:
    """A balance assertion holds at the beginning of its day."""
    for one in journal.closing:
        stands = amount(one.minor, one.currency)
        yield f"{journal.until_on} balance {called[one.named]}  {stands} ~ 0 {one.currency}"


def _posting(label: str, minor: int, currency: str) -> str:
    return f"  {label:<40} {amount(minor, currency):>18} {currency}"


def _quoted(text: str) -> str:
    return plain(text).replace("\\", "\\\\").replace('"', '\\"')
