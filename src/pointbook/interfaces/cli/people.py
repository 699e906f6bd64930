"""`pointbook import-people`: enrol the people of a file, or complete the members they are.

Exit status 0 also when some rows were refused (FILE.rejects.ndjson says why); 2 when all were.
Raises FileError and ProgramNotFound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.importers.fields import FileError, Request
from pointbook.interfaces.importers.options import add_file_arguments, request_of
from pointbook.interfaces.importers.people import FIELDS, columns_of, read_people
from pointbook.interfaces.importers.rejects import Reject, RejectFile
from pointbook.interfaces.importers.telling import warn_of_columns

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from datetime import datetime

    from pointbook.engine.values.people import Person


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, --program, --map."""
    add_file_arguments(parser, constants=False)
    parser.add_argument("--program", required=True, metavar="CODE")


def run(arguments: argparse.Namespace) -> int:
    """Import the people and print how many there were."""
    request = request_of(arguments, fields=FIELDS)
    with database():
        new, known, rejects = import_people_file(request, program=arguments.program)
    print(f"{new:,} enrolled, {known:,} known before, {rejects.count:,} rows refused.")
    if rejects.count:
        print(f"See {rejects.path}")
    return 0


def import_people_file(request: Request, *, program: str) -> tuple[int, int, RejectFile]:
    """Enrol everybody in the file: how many were new, how many known, and who was refused.

    :raises FileError: also when every row is refused.
    """
    from pointbook.controls.clock import clock
    from pointbook.programs.queries import program as program_row

    row = program_row(program)
    chosen = columns_of(request)
    warn_of_columns(request.path.name, chosen.ignored)
    rejects = RejectFile(request.path)
    at = clock(row.id)
    new = known = 0
    for people in read_people(request, chosen):
        rejects.add(people.rejects)
        for is_new in _enrol(row.id, people.persons, at, rejects):
            new, known = new + is_new, known + (not is_new)
    if rejects.count and not new + known:
        raise FileError(
            f"All {rejects.count:,} rows of {request.path.name} were refused.",
            mend=f"See {rejects.path}.",
        )
    return new, known, rejects


def _enrol(
    program_id: int, persons: Sequence[tuple[int, Person]], at: datetime, rejects: RejectFile
) -> list[bool]:
    """Enrol a batch, halved until who cannot be enrolled stands alone; says who was new."""
    from pointbook.controls.actors import SYSTEM
    from pointbook.controls.operations import change
    from pointbook.members.operations import IdentifierTaken, import_people

    if not persons:
        return []
    people = [person for _, person in persons]
    try:
        enrolled = change(
            actor=SYSTEM,
            action="members.import",
            program_id=program_id,
            subject=f"{len(people)} people",
            body=[repr(person) for person in people],
            run=lambda: import_people(program_id=program_id, people=people, at=at),
        )
        return [new for _, new in enrolled]
    except IdentifierTaken as error:
        if len(persons) == 1:
            line = persons[0][0]
            rejects.add([Reject(line, error.field, error.value, error.message, error.mend)])
            return []
    half = len(persons) // 2
    first = _enrol(program_id, persons[:half], at, rejects)
    return first + _enrol(program_id, persons[half:], at, rejects)
