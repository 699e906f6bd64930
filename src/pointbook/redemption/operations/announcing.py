"""One event into the program's sequence, as the last thing that a write does. Raises nothing."""

from __future__ import annotations

from collections.abc import Mapping

from pointbook.controls.operations import announce, next_seq


def tell(
    program_id: int, kind: str, subject: int, *, body: Mapping[str, object] | None = None
) -> None:
    """Announce one event; every other lock is held by now, for the sequence is the last."""
    announce(program_id=program_id, start=next_seq(program_id), rows=[(kind, subject, body)])
