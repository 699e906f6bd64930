"""Everything for a system that has no format of its own here: a flat CSV, and JSON.

Amounts are exact decimals in major units, as text in JSON; dates are ISO 8601. Nothing here raises.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from pointbook.accounting.queries.exports.journal import (
    Balance,
    Entry,
    File,
    Journal,
    amount,
    either,
)
from pointbook.accounting.queries.exports.tables import table, words

HEADER: Final = (
    "entity",
    "period",
    "version",
    "status",
    "again",
    "entry",
    "posting_on",
    "event",
    "program",
    "policy",
    "other",
    "reverses",
    "description",
    "line",
    "account",
    "code",
    "name",
    "currency",
    "debit",
    "credit",
)


def flat(journal: Journal) -> tuple[File, ...]:
    """One row a line, with everything about its entry; `account` is the chart's, `code` yours."""
    rows = (row for entry in journal.entries for row in _rows(entry, journal))
    return (File(f"{journal.stem}.csv", table(HEADER, rows)),)


def _rows(entry: Entry, journal: Journal) -> Iterator[tuple[str, ...]]:
    for number, line in enumerate(entry.lines, 1):
        yield (
            words(journal.entity),
            journal.period,
            f"{journal.version}",
            journal.status,
            "yes" if journal.again else "no",
            words(entry.code),
            f"{entry.posting_on}",
            entry.event,
            words(entry.program),
            entry.policy,
            words(entry.other),
            words(entry.reverses),
            words(entry.description),
            f"{number}",
            line.account,
            words(line.named.code),
            words(line.named.name),
            entry.currency,
            *either(line, entry.currency),
        )


def as_json(journal: Journal) -> tuple[File, ...]:
    """The journal as one object: entity, period, marks, balances and entries."""
    body = {
        "entity": {"code": journal.entity, "name": journal.name, "currency": journal.home},
        "period": {
            "code": journal.period,
            "from": f"{journal.first_on}",
            "until": f"{journal.until_on}",
            "version": journal.version,
            "status": journal.status,
        },
        "again": journal.again,
        "marks": list(journal.marks),
        "opening": [_balance(one) for one in journal.opening],
        "entries": [_entry(one) for one in journal.entries],
        "closing": [_balance(one) for one in journal.closing],
    }
    text = json.dumps(body, indent=2, ensure_ascii=False)
    return (File(f"{journal.stem}.json", f"{text}\n"),)


def _balance(one: Balance) -> dict[str, str]:
    return {
        "code": one.named.code,
        "name": one.named.name,
        "kind": one.named.kind.value,
        "currency": one.currency,
        "balance": amount(one.minor, one.currency),
    }


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "number": entry.code,
        "posting_on": f"{entry.posting_on}",
        "recorded_at": entry.recorded_at.isoformat(),
        "event": entry.event,
        "program": entry.program,
        "policy": entry.policy,
        "other": entry.other,
        "reverses": entry.reverses,
        "description": entry.description,
        "currency": entry.currency,
        "lines": [
            {
                "account": line.account,
                "code": line.named.code,
                "name": line.named.name,
                "debit": amount(line.debit, entry.currency),
                "credit": amount(line.credit, entry.currency),
            }
            for line in entry.lines
        ],
    }
