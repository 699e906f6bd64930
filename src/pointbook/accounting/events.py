"""What the books announce in a program's sequence (outbox kinds); the subject is the close's id."""

from __future__ import annotations

from typing import Final

SOFT_CLOSED: Final = "books.soft_closed"
SEALED: Final = "books.sealed"
REOPENED: Final = "books.reopened"
