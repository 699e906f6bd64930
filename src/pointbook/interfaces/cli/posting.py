"""One staged file posted batch by batch, and burned from when a month of it has ended.

Nothing here raises: what is refused is counted, and handed to the rejects with its reason.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, tzinfo
from itertools import groupby
from typing import TYPE_CHECKING, Protocol, TypeVar

from pointbook.engine.rules.blueprint import BurnHabit
from pointbook.engine.values.calendar import first_of_month, next_month
from pointbook.engine.values.facts import Fact
from pointbook.interfaces.importers.batches import Summary
from pointbook.interfaces.importers.reading import Staged
from pointbook.interfaces.importers.rejects import Reject

if TYPE_CHECKING:
    from pointbook.earning.operations import Outcome

COLLECT_EVERY = 20
T = TypeVar("T")


class Rejects(Protocol):
    """Where refused rows go."""

    def add(self, rejects: Iterable[Reject]) -> None:
        """Keep them."""


@dataclass(slots=True)
class Tally:
    """What an import came to: what was read, and how many facts and burns had which outcome."""

    read: Summary = field(default_factory=Summary)
    facts: Counter[str] = field(default_factory=Counter)
    burns: Counter[str] = field(default_factory=Counter)

    def accepted(self, *, dry_run: bool) -> int:
        """How many facts were not refused."""
        return self.read.facts if dry_run else self.facts["posted"] + self.facts["duplicate"]

    def merge(self, other: Tally) -> None:
        """Add what another process came to."""
        self.read.merge(other.read)
        self.facts += other.facts
        self.burns += other.burns


@dataclass(frozen=True, slots=True)
class Doors:
    """The domain calls of an import; a dry run makes none, and burns only out of `habits`."""

    program: str
    habits: Sequence[BurnHabit] = ()
    dry_run: bool = False

    def post(self, facts: Sequence[Fact]) -> Sequence[Outcome]:
        """Post a batch."""
        from pointbook.controls.actors import SYSTEM
        from pointbook.earning.operations import ingest

        if self.dry_run or not facts:
            return ()
        return ingest(program=self.program, facts=facts, actor=SYSTEM)

    def burn(self, month: date) -> Sequence[Outcome]:
        """Burn at the end of a month."""
        from pointbook.controls.actors import SYSTEM
        from pointbook.earning.operations import burn_by_habit

        return burn_by_habit(program=self.program, habits=self.habits, month=month, actor=SYSTEM)


def ahead(batches: Iterator[T]) -> Iterator[T]:
    """The same batches, the next one read while the database is busy with this one."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


def without_collection(batches: Iterator[T]) -> Iterator[T]:
    """The same batches; cycles are looked for between some of them only.

    A batch is a hundred thousand objects without a cycle, and looking through them again and again
    costs a third of the time.
    """
    gc.disable()
    try:
        for number, batch in enumerate(batches, start=1):
            yield batch
            if number % COLLECT_EVERY == 0:
                gc.collect()
    finally:
        gc.enable()


class Posting:
    """Posts a staged file, or the facts at some `positions` of it."""

    def __init__(
        self,
        staged: Staged,
        doors: Doors,
        *,
        zone: tzinfo,
        rejects: Rejects,
        positions: range | None = None,
    ) -> None:
        self.staged = staged
        self.doors = doors
        self.zone = zone
        self.rejects = rejects
        self.positions = positions
        self.tally = Tally()
        self.month: date | None = None

    def run(self, report: Callable[[int], None]) -> Tally:
        """Post everything; `report` is told after each batch how many facts were read."""
        read = self.tally.read
        for batch in without_collection(ahead(self.staged.batches(positions=self.positions))):
            read.add(batch)
            self.rejects.add(batch.rejects)
            for month, facts in self._by_month(batch.facts):
                self._burn_until(month)
                self._post(facts)
            report(read.facts + read.rejected)
        return self.tally

    def _by_month(self, facts: list[Fact]) -> Iterator[tuple[date | None, list[Fact]]]:
        """The facts cut where a month ends; in one piece when nobody burns."""
        if not self.doors.habits:
            yield None, facts
            return
        for month, group in groupby(facts, lambda f: first_of_month(f.occurred_at, self.zone)):
            yield month, list(group)

    def _burn_until(self, month: date | None) -> None:
        """Burn at the end of every month from the one being posted to the one before `month`."""
        if month is None:
            return
        ended = self.month or month
        while ended < month:
            self.tally.burns.update(outcome.status for outcome in self.doors.burn(ended))
            ended = next_month(ended)
        self.month = month

    def _post(self, facts: Sequence[Fact]) -> None:
        outcomes = self.doors.post(facts)
        self.tally.facts.update(outcome.status for outcome in outcomes)
        refused = [outcome for outcome in outcomes if outcome.error is not None]
        lines = self.staged.lines_of([(outcome.source, outcome.id) for outcome in refused])
        self.rejects.add(
            Reject(line, error.field, error.value, error.message, error.mend)
            for line, outcome in zip(lines, refused, strict=True)
            if (error := outcome.error) is not None
        )
