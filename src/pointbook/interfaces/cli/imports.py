"""`pointbook import`: post the facts of a file; what was posted before is not posted again.

With a behaviour, the burns of each month's end are posted between the facts, as `replay` does it.
Exit status 0 also when some rows were refused (the summary counts them, FILE.rejects.ndjson says
why); 2 when all of them were. Raises FileError, BlueprintErrors and ProgramNotFound.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from pointbook.engine.rules.reading import read_behaviour
from pointbook.engine.values.calendar import first_of_month, next_month
from pointbook.engine.values.facts import Fact
from pointbook.interfaces.cli.database import database
from pointbook.interfaces.importers.batches import Batch, Summary
from pointbook.interfaces.importers.options import add_file_arguments, document, request_of
from pointbook.interfaces.importers.reading import Staged, open_facts
from pointbook.interfaces.importers.rejects import Reject, RejectFile
from pointbook.interfaces.importers.telling import Telling

if TYPE_CHECKING:
    import argparse

    from pointbook.earning.operations import Outcome
    from pointbook.engine.rules.blueprint import BurnHabit
    from pointbook.interfaces.importers.fields import Request

COLLECT_EVERY = 20
Post = Callable[[Sequence[Fact]], "Sequence[Outcome]"]
Burn = Callable[[date], "Sequence[Outcome]"]


@dataclass(slots=True)
class Tally:
    """What an import came to: what was read, and how many facts and burns had which outcome."""

    read: Summary = field(default_factory=Summary)
    facts: Counter[str] = field(default_factory=Counter)
    burns: Counter[str] = field(default_factory=Counter)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, --program, --map, --set, --behaviour, --dry-run."""
    add_file_arguments(parser)
    parser.add_argument("--program", required=True, metavar="CODE")
    parser.add_argument(
        "--behaviour", type=Path, metavar="FILE", help="burn at month ends as this document says"
    )
    parser.add_argument("--dry-run", action="store_true", help="read and check, post nothing")


def run(arguments: argparse.Namespace) -> int:
    """Import the file and print what became of it."""
    request = request_of(arguments)
    behaviour = arguments.behaviour and document(arguments.behaviour)
    with database():
        tally = import_file(
            request, program=arguments.program, behaviour=behaviour, dry_run=arguments.dry_run
        )
    Console().print(_table(tally, dry_run=arguments.dry_run))
    return 0


def import_file(
    request: Request, *, program: str, behaviour: str | None = None, dry_run: bool = False
) -> Tally:
    """Post every fact of a file in order of (occurred_at, id); the rooms must be ready.

    :raises FileError: see the module; also when every fact of the file is refused.
    """
    from pointbook.controls.actors import SYSTEM
    from pointbook.earning.operations import burn_by_habit, ingest
    from pointbook.programs.queries import compiled
    from pointbook.programs.queries import program as program_row

    rules = compiled(program_row(program).id)
    habits: Sequence[BurnHabit] = ()
    if behaviour is not None:
        habits = read_behaviour(behaviour, blueprint=rules.versions[-1].blueprint).burns
    with open_facts(request, currency=rules.currency, zone=rules.zone) as staged:
        posting = Posting(
            staged,
            zone=rules.zone,
            post=None
            if dry_run
            else lambda facts: ingest(program=program, facts=facts, actor=SYSTEM),
            burn=None
            if dry_run or not habits
            else lambda month: burn_by_habit(
                program=program, habits=habits, month=month, actor=SYSTEM
            ),
        )
        return posting.run()


def ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The same batches, the next one read while the database is busy with this one."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


def without_collection(batches: Iterator[Batch]) -> Iterator[Batch]:
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
    """Posts a staged file batch by batch, and burns when a month of it has ended."""

    def __init__(
        self, staged: Staged, *, zone: tzinfo, post: Post | None, burn: Burn | None
    ) -> None:
        self.staged = staged
        self.zone = zone
        self.post = post
        self.burn = burn
        self.rejects = RejectFile(staged.stage.path)
        self.tally = Tally()
        self.month: date | None = None

    def run(self) -> Tally:
        """Post everything."""
        read = self.tally.read
        with Telling(self.staged, verb="Importing") as telling:
            for batch in without_collection(ahead(self.staged.batches())):
                read.add(batch)
                self.rejects.add(batch.rejects)
                for month, facts in self._by_month(batch.facts):
                    self._burn_until(month)
                    self._post(facts)
                telling.at(read.facts + read.rejected)
        telling.refused(self.rejects, accepted=self._accepted())
        return self.tally

    def _accepted(self) -> int:
        if self.post is None:
            return self.tally.read.facts
        return self.tally.facts["posted"] + self.tally.facts["duplicate"]

    def _by_month(self, facts: list[Fact]) -> Iterator[tuple[date | None, list[Fact]]]:
        """The facts cut where a month ends; in one piece when nobody burns."""
        if self.burn is None:
            yield None, facts
            return
        for month, group in groupby(facts, lambda f: first_of_month(f.occurred_at, self.zone)):
            yield month, list(group)

    def _burn_until(self, month: date | None) -> None:
        """Burn at the end of every month from the one being posted to the one before `month`."""
        if month is None or self.burn is None:
            return
        ended = self.month or month
        while ended < month:
            self.tally.burns.update(outcome.status for outcome in self.burn(ended))
            ended = next_month(ended)
        self.month = month

    def _post(self, facts: Sequence[Fact]) -> None:
        if self.post is None or not facts:
            return
        outcomes = self.post(facts)
        self.tally.facts.update(outcome.status for outcome in outcomes)
        refused = [outcome for outcome in outcomes if outcome.error is not None]
        lines = self.staged.lines_of([(outcome.source, outcome.id) for outcome in refused])
        self.rejects.add(
            Reject(line, error.field, error.value, error.message, error.mend)
            for line, outcome in zip(lines, refused, strict=True)
            if (error := outcome.error) is not None
        )


def _table(tally: Tally, *, dry_run: bool) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    read = tally.read
    rows: list[tuple[str, object]] = [
        ("Facts read", f"{read.facts:,}"),
        ("Lines", f"{read.lines:,}"),
        ("First", _shown(read.first)),
        ("Last", _shown(read.last)),
        ("Refused while reading", f"{read.rejected:,} facts, {read.rejected_rows:,} rows"),
    ]
    if read.repeated:
        rows.append(("Said twice in the file", f"{read.repeated:,}"))
    if dry_run:
        rows.append(("Posted", "nothing: --dry-run"))
    else:
        rows += [
            ("Posted", f"{tally.facts['posted']:,}"),
            ("Posted before", f"{tally.facts['duplicate']:,}"),
            ("Refused by the program", f"{tally.facts['refused']:,}"),
            ("In conflict with what was posted", f"{tally.facts['conflict']:,}"),
        ]
        if tally.burns:
            rows.append(("Burns simulated", f"{tally.burns['posted']:,}"))
    for label, value in rows:
        table.add_row(label, str(value))
    return table


def _shown(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
