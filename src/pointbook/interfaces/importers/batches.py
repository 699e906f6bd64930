"""Facts as they are read, with what was refused among them. Nothing here raises."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from pointbook.engine.values.facts import Fact
    from pointbook.interfaces.importers.rejects import Reject


@dataclass(slots=True)
class Batch:
    """Facts that follow each other; `repeated` counts rows that say again what another says."""

    facts: list[Fact] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    rejected: int = 0
    repeated: int = 0


@dataclass(slots=True)
class Summary:
    """What reading has come to so far; `rejected` counts facts, `rejected_rows` their rows."""

    facts: int = 0
    lines: int = 0
    repeated: int = 0
    rejected: int = 0
    rejected_rows: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def add(self, batch: Batch) -> None:
        """Count a batch."""
        times = [fact.occurred_at for fact in batch.facts]
        lines = sum([len(fact.lines) for fact in batch.facts])
        self.merge(
            Summary(
                facts=len(batch.facts),
                lines=lines,
                repeated=batch.repeated,
                rejected=batch.rejected,
                rejected_rows=len(batch.rejects),
                first=min(times, default=None),
                last=max(times, default=None),
            )
        )

    def merge(self, other: Summary) -> None:
        """Add what else was read."""
        self.facts += other.facts
        self.lines += other.lines
        self.repeated += other.repeated
        self.rejected += other.rejected
        self.rejected_rows += other.rejected_rows
        self.first = min((at for at in (self.first, other.first) if at), default=None)
        self.last = max((at for at in (self.last, other.last) if at), default=None)
