"""`pointbook new`: a running program from a starter, in one command. Safe to repeat.

Writes the blueprint to a file, makes the home where there is none, and publishes the program. The
file is left as it was when that is refused. Raises FileTaken and what publishing raises.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from pointbook.engine.values.errors import ConflictError, PointbookError
from pointbook.interfaces.cli import home
from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.init import OPERATOR, set_up
from pointbook.programs.starting import Starter, StarterNotFound, starter, starters

UNKNOWN: Final = 2


class FileTaken(ConflictError):
    """A file of this name is there and says something else."""


class ProgramTaken(ConflictError):
    """The home has another program of this code."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--starter, --code, --name, --currency, --time-zone, --entity, --out."""
    parser.add_argument("--starter", metavar="NAME", help="which one; left out, all are listed")
    parser.add_argument("--code", default="", help="the program's code; the starter's by default")
    parser.add_argument("--name", default="", help="the program's name; the starter's by default")
    parser.add_argument("--currency", default="", help="such as EUR; amounts keep their figures")
    parser.add_argument("--time-zone", default="", metavar="ZONE", help="such as Europe/Paris")
    parser.add_argument("--entity", metavar="CODE", help="whose books it is in; main by default")
    parser.add_argument("--out", metavar="FILE", help="where to write it; CODE.yaml by default")


def run(arguments: argparse.Namespace) -> int:
    """List the starters, or make one of them a program here."""
    if arguments.starter is None:
        _list()
        print("\nBegin with one: pointbook new --starter NAME [--code CODE] [--name NAME]")
        return 0
    try:
        chosen = starter(arguments.starter)
    except StarterNotFound as error:
        _list()
        print(f"pointbook: {error}", file=sys.stderr)
        return UNKNOWN
    _begin(chosen, arguments)
    return 0


def _list() -> None:
    held = starters()
    wide = max(len(one.name) for one in held)
    for one in held:
        print(f"{one.name:<{wide}}  {one.line}")


def _begin(chosen: Starter, arguments: argparse.Namespace) -> None:
    document = chosen.adapted(
        code=arguments.code,
        name=arguments.name,
        currency=arguments.currency,
        time_zone=arguments.time_zone,
    )
    code = arguments.code or chosen.blueprint.code
    out = Path(arguments.out or f"{code}.yaml")
    written = _write(out, document)
    try:
        if not home.current().exists():
            set_up(operator=OPERATOR)
        state = _publish(document, code=code, entity=arguments.entity)
    except PointbookError:
        if written:
            out.unlink()
        raise
    print(f"{'Wrote' if written else 'Kept'} {out}.")
    print(state)
    print(f"Read it: pointbook program explain {out}")
    print("Start it: pointbook run")


def _write(out: Path, document: str) -> bool:
    """Write a new file; False when it says the same already.

    :raises FileTaken: it says something else.
    """
    try:
        if out.exists():
            if out.read_text(encoding="utf-8") == document:
                return False
            raise FileTaken(
                f"{out} is there and says something else",
                field="out",
                value=str(out),
                mend=f"Name another --out, or publish it: pointbook program publish {out}.",
            )
        out.write_text(document, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise FileTaken(
            f"{out}: {reason}", field="out", value=str(out), mend="Name another --out."
        ) from error
    return True


def _publish(document: str, *, code: str, entity: str | None) -> str:
    with database():
        from pointbook.controls.actors import SYSTEM
        from pointbook.earning.operations import publish
        from pointbook.programs.queries import ProgramNotFound, versions

        try:
            before = [one.document for one in versions(code)]
        except ProgramNotFound:
            before = []
        if before and document not in before:
            raise ProgramTaken(
                f"there is another program {code} here",
                field="code",
                value=code,
                mend="Choose another --code.",
            )
        if before:
            return f"{code} was published before."
        publish(document=document, actor=SYSTEM, entity_code=entity)
    return f"{code} version 1 is published, in force since ever."
