"""Rows as CSV (RFC 4180, https://www.rfc-editor.org/rfc/rfc4180) that a spreadsheet may open.

A text that begins like a formula gets an apostrophe before it (OWASP, CSV injection,
https://owasp.org/www-community/attacks/CSV_Injection). Nothing here raises.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from pointbook.accounting.queries.exports.journal import plain

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def words(text: str) -> str:
    """A text cell: one line, and nothing that a spreadsheet would compute."""
    told = plain(text)
    return f"'{told}" if told.startswith(FORMULA) else told


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A header and rows; cells are text that was made by `words`, figures and dates."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return target.getvalue()
