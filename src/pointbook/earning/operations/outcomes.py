"""What becomes of one fact that is sent. Nothing here raises."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal

from pointbook.engine.replay.verdicts import Verdict
from pointbook.engine.values.errors import ConflictError, PointbookError

Status = Literal["posted", "duplicate", "conflict", "refused"]


class FactConflict(ConflictError):
    """The key was posted before with another content."""


class MadeRefused(PointbookError):
    """A fact that another fact makes cannot be: the one that makes it is refused."""

    status = 422


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one fact: `verdict` when it was posted, `error` when it was not."""

    status: Status
    source: str
    id: str
    fact_id: int | None = None
    member: uuid.UUID | None = None
    verdict: Verdict | None = None
    error: PointbookError | None = None
