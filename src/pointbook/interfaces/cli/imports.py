"""`pointbook import`: post the facts of a file; what was posted before is not posted again.

With a behaviour, the burns of each month's end are posted between the facts, as `replay` does it.
Exit status 0 also when some rows were refused (the summary counts them, FILE.rejects.ndjson says
why); 2 when all of them were. Raises FileError, BlueprintErrors and ProgramNotFound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from pointbook.engine.rules.reading import read_behaviour
from pointbook.interfaces.cli import crew
from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.paper import Paper
from pointbook.interfaces.cli.posting import Doors, Posting, Tally
from pointbook.interfaces.importers.options import add_file_arguments, document, request_of
from pointbook.interfaces.importers.reading import Staged, open_facts
from pointbook.interfaces.importers.rejects import RejectFile
from pointbook.interfaces.importers.telling import Telling

if TYPE_CHECKING:
    import argparse

    from pointbook.engine.rules.blueprint import BurnHabit
    from pointbook.interfaces.importers.fields import Request


Run = Callable[..., Tally]


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
    Paper().print(_table(tally, dry_run=arguments.dry_run))
    return 0


def import_file(
    request: Request, *, program: str, behaviour: str | None = None, dry_run: bool = False
) -> Tally:
    """Post every fact of a file in order of (occurred_at, id); the rooms must be ready.

    Where no fact can depend on another member's, several processes post a part of the members
    each: the order holds within a member.

    :raises FileError: see the module; also when every fact of the file is refused.
    """
    from pointbook.programs.queries import compiled
    from pointbook.programs.queries import program as program_row

    rules = compiled(program_row(program).id)
    habits: Sequence[BurnHabit] = ()
    if behaviour is not None:
        habits = read_behaviour(behaviour, blueprint=rules.versions[-1].blueprint).burns
    alone = habits or dry_run or rules.linked or rules.shared
    parts = 1 if alone else crew.size(request)
    reading = partial(open_facts, request, currency=rules.currency, zone=rules.zone)
    if parts > 1:
        with reading(parts=parts) as staged:
            if crew.may_share(staged) and staged.facts > crew.WORTHWHILE:
                return _posted(staged, partial(crew.post, staged, program=program))
    with reading() as staged:
        doors = Doors(program, habits, dry_run=dry_run)
        posting = partial(Posting, staged, doors, zone=rules.zone)
        return _posted(
            staged,
            lambda rejects, report: posting(rejects=rejects).run(report),
            dry_run=dry_run,
        )


def _posted(staged: Staged, run: Run, *, dry_run: bool = False) -> Tally:
    """Run a posting of a staged file, telling how far it is and what was refused."""
    rejects = RejectFile(staged.stage.path)
    with Telling(staged, verb="Importing") as telling:
        tally = run(rejects=rejects, report=telling.at)
    telling.refused(rejects, accepted=tally.accepted(dry_run=dry_run))
    return tally


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
