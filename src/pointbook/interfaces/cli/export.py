"""`pointbook export`: a period's journal, the accounts' names, or all members, for another system.

Raises ExportRefused, FormatUnknown, NameRefused, PeriodError, EntityNotFound, ProgramNotFound,
UserUnknown, PermissionRefused and FileError.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pointbook.interfaces.cli import tabular
from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.team import person
from pointbook.interfaces.importers.fields import FileError

if TYPE_CHECKING:
    from pointbook.controls.actors import Actor

FORMATS = ("ndjson", "csv")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Three subcommands: journals, accounts and people."""
    verbs = parser.add_subparsers(dest="verb", metavar="WHAT", required=True)
    verb = verbs.add_parser("journals", help="the entries of a closed period")
    verb.add_argument("--entity", default="main", metavar="CODE")
    verb.add_argument("--period", required=True, metavar="PERIOD", help="YYYY-MM")
    verb.add_argument("--format", required=True, metavar="FORMAT", help="for example xero")
    verb.add_argument("--out", metavar="FILE|DIR", help="else standard output")
    verb.add_argument("--new", action="store_true", help="only what this format did not have yet")
    verb.add_argument("--as", dest="user", metavar="USER", help="who exports; else the owner")
    verb = verbs.add_parser("accounts", help="what the accounts are called in your system")
    verb.add_argument("--entity", default="main", metavar="CODE")
    verb.add_argument("--read", type=Path, metavar="FILE", help="CSV or YAML with other names")
    verb.add_argument("--as", dest="user", metavar="USER", help="who names; else the owner")
    verb.add_argument("--format", choices=tabular.FORMATS, default="table")
    verb = verbs.add_parser("people", help="all members with everything they have")
    verb.add_argument("--program", required=True, metavar="CODE")
    verb.add_argument("--out", type=Path, metavar="FILE", help="write a file, not standard output")
    verb.add_argument("--format", choices=FORMATS, default="ndjson")


def run(arguments: argparse.Namespace) -> int:
    """Write the export."""
    verbs = {"journals": _journals, "accounts": _accounts, "people": _people}
    with database():
        return verbs[arguments.verb](arguments)


def _journals(arguments: argparse.Namespace) -> int:
    from pointbook.accounting.operations.exporting import export_journal

    out = None if arguments.out is None else _place(arguments.out)
    handed = export_journal(
        period=arguments.period,
        format=arguments.format,
        entity_code=arguments.entity,
        actor=_actor(arguments.user),
        one_file=out is None or not out.is_dir(),
        only_new=arguments.new,
    )
    for mark in handed.marks:
        print(mark, file=sys.stderr)
    if out is None:
        print(handed.files[0].text, end="")
        return 0
    entries = "1 entry" if handed.entries == 1 else f"{handed.entries:,} entries"
    for file in handed.files:
        target = out / file.name if out.is_dir() else out
        with _file(target, encoding=file.encoding) as write:
            write(file.text)
        print(f"{entries} of {handed.period} written to {target}.")
    return 0


def _place(text: str) -> Path:
    """A folder, which is made, where the name ends with a slash; else a file in a folder.

    :raises FileError: a folder that cannot be made, or is not there.
    """
    out = Path(text)
    try:
        if text.endswith("/"):
            out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(
            f"{text} cannot be made: {error.strerror}.", mend="Name another place."
        ) from None
    if not out.is_dir() and not out.parent.is_dir():
        raise FileError(f"There is no folder {out.parent}.", mend="Name another place.")
    return out


def _accounts(arguments: argparse.Namespace) -> int:
    from pointbook.accounting.queries.names import account_names

    if arguments.read is not None:
        return _named(arguments)
    names = account_names(arguments.entity)
    split = [(row.account, row.split) for row in names.rows if row.split]
    rows = []
    for account, program in sorted([*((account, "") for account in names), *split]):
        named = names.of(account, program=program)
        if named.kind.value != "memo":
            rows.append((account, named.code, named.name, program))
    tabular.FORMATS[arguments.format](
        tabular.Report(
            title=f"Accounts of {arguments.entity}",
            columns=("account", "code", "name", "split"),
            rows=rows,
        )
    )
    return 0


def _named(arguments: argparse.Namespace) -> int:
    from pointbook.accounting.operations.naming import name_accounts
    from pointbook.accounting.queries.names import NameRow
    from pointbook.interfaces.importers.accounts import read_accounts

    rows = [NameRow(**row) for row in read_accounts(arguments.read)]
    done = name_accounts(rows=rows, actor=_actor(arguments.user), entity_code=arguments.entity)
    if done.waits:
        print(f"Proposal {done.number} of {done.entity}: {len(rows)} names wait for approval.")
    else:
        print(f"{done.result} of {len(rows)} names of {done.entity} are new.")
    return 0


def _actor(name: str | None) -> Actor:
    from pointbook.controls.actors import SYSTEM

    return SYSTEM if name is None else person(name, field="as")


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
def _file(path: Path, *, encoding: str = "utf-8") -> Iterator[Callable[[str], object]]:
    """A file that only its owner can read, there when all of it is written.

    :raises FileError: a place where nothing can be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding=encoding, errors="replace", newline="") as file:
            yield file.write
        part.replace(path)
    except OSError as error:
        raise FileError(
            f"{path} cannot be written: {error.strerror}.", mend="Name another place."
        ) from None
    finally:
        part.unlink(missing_ok=True)
