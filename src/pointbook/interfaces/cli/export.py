"""`pointbook export`: a period's journal, or all members, for another system.

Raises ExportRefused, FormatUnknown, PeriodError, EntityNotFound, ProgramNotFound and FileError.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.importers.fields import FileError

FORMATS = ("ndjson", "csv")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Two subcommands: journals and people."""
    verbs = parser.add_subparsers(dest="verb", metavar="WHAT", required=True)
    verb = verbs.add_parser("journals", help="the entries of a closed period")
    verb.add_argument("--entity", default="main", metavar="CODE")
    verb.add_argument("--period", required=True, metavar="PERIOD", help="YYYY-MM")
    verb.add_argument("--format", required=True, metavar="FORMAT", help="beancount")
    verb = verbs.add_parser("people", help="all members with everything they have")
    verb.add_argument("--program", required=True, metavar="CODE")
    verb.add_argument("--out", type=Path, metavar="FILE", help="write a file, not standard output")
    verb.add_argument("--format", choices=FORMATS, default="ndjson")


def run(arguments: argparse.Namespace) -> int:
    """Write the export."""
    with database():
        return {"journals": _journals, "people": _people}[arguments.verb](arguments)


def _journals(arguments: argparse.Namespace) -> int:
    from pointbook.accounting.queries.exports import export

    text = export(period=arguments.period, format=arguments.format, entity_code=arguments.entity)
    print(text, end="")
    return 0


def _people(arguments: argparse.Namespace) -> int:
    if arguments.out is None:
        write_people(arguments.program, kind=arguments.format, write=sys.stdout.write)
        return 0
    with _file(arguments.out) as write:
        count = write_people(arguments.program, kind=arguments.format, write=write)
    print(f"{count:,} people written to {arguments.out}.")
    return 0


def write_people(program: str, *, kind: str, write: Callable[[str], object]) -> int:
    """Write all members of a program as they stand at one moment; how many there were.

    :raises ProgramNotFound: no such program.
    """
    from pointbook.analytics.people import everybody
    from pointbook.controls.clock import clock
    from pointbook.interfaces.cli import people_out
    from pointbook.programs.queries import compiled
    from pointbook.programs.queries import program as find_program

    count = 0
    with _one_moment():
        program_id = find_program(program).id
        rules, at = compiled(program_id), clock(program_id)
        writer = people_out.Writer(rules.version_at(at), at)
        text = people_out.FORMATS[kind]
        for page in everybody(program_id=program_id, program=rules, at=at):
            write(text(writer, page, first=not count))
            count += len(page)
        if not count:
            write(text(writer, (), first=True))
    return count


@contextmanager
def _one_moment() -> Iterator[None]:
    """Inside, everything is read as it stood at the beginning, whatever is written meanwhile."""
    from django.db import connection, transaction

    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("set transaction isolation level repeatable read, read only")
        yield


@contextmanager
def _file(path: Path) -> Iterator[Callable[[str], object]]:
    """A file that only its owner can read, there when all of it is written.

    :raises FileError: a place where nothing can be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file.write
        part.replace(path)
    except OSError as error:
        raise FileError(
            f"{path} cannot be written: {error.strerror}.", mend="Name another place."
        ) from None
    finally:
        part.unlink(missing_ok=True)
