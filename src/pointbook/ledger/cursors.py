"""A place in a member's history, as it stands in addresses. Nothing here raises."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, NamedTuple

SEQ: Final = re.compile(r"[0-9]{1,18}")


class Place(NamedTuple):
    """The line of an event: when it happened, its number and its kind."""

    at: datetime
    seq: int
    kind: str

    @property
    def cursor(self) -> str:
        """The place as text."""
        return f"{self.at.isoformat()}|{self.seq}|{self.kind}"


def place(cursor: str) -> Place | None:
    """The place behind a cursor; None for text that is none of ours."""
    at, seq, kind = (*cursor.split("|", 2), "", "", "")[:3]
    try:
        on = datetime.fromisoformat(at)
    except ValueError:
        return None
    ours = on.tzinfo is not None and SEQ.fullmatch(seq) and kind.isprintable()
    return Place(on, int(seq), kind) if ours else None
