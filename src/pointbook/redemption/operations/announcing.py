"""One event into the program's sequence, as the last thing that a write does. Raises nothing.

Whoever locks holds, redemptions or draws takes the sequence before them, as facts do it: accounts,
shelves, the sequence, holds, redemptions, codes.
"""

from __future__ import annotations

from collections.abc import Mapping

from pointbook.controls.operations import announce, next_seq


def tell(
    program_id: int, kind: str, subject: int, *, body: Mapping[str, object] | None = None
) -> None:
    """Announce one event; accounts and shelves are locked by now, and none will be any more."""
    announce(program_id=program_id, start=next_seq(program_id), rows=[(kind, subject, body)])
