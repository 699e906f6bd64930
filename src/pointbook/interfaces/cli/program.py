"""`pointbook program check | publish | show | diff`: the program as a document.

`check` and `diff` need no database. Exit status 2 with every mistake of a document, one a line.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pointbook.engine.values.errors import NotFoundError, PointbookError
from pointbook.interfaces.cli.database import database

if TYPE_CHECKING:
    from pointbook.engine.rules.blueprint import Blueprint

SUBJECT = "FILE"


class DocumentNotFound(NotFoundError):
    """There is no such file to read."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommands and their options."""
    verbs = parser.add_subparsers(metavar="VERB", required=True, dest="verb")
    check = verbs.add_parser("check", help="say every mistake of a blueprint, or read it out")
    check.add_argument("file", metavar=SUBJECT)
    publish = verbs.add_parser("publish", help="make a blueprint a version of its program")
    publish.add_argument("file", metavar=SUBJECT)
    publish.add_argument("--from", dest="from_on", metavar="DATE", help="first day of a version")
    show = verbs.add_parser("show", help="print a published version")
    show.add_argument("code", metavar="CODE")
    show.add_argument("--version", type=int, metavar="N", help="the latest by default")
    diff = verbs.add_parser("diff", help="what changes for members between two blueprints")
    diff.add_argument("before", metavar="A")
    diff.add_argument("after", metavar="B")


def run(arguments: argparse.Namespace) -> int:
    """Do what the verb says."""
    return VERBS[arguments.verb](arguments)


def _check(arguments: argparse.Namespace) -> int:
    from pointbook.engine.rules.prose import tell

    for paragraph in tell(_blueprint(arguments.file)):
        print(paragraph.title)
        for sentence in paragraph.sentences:
            print(f"  {sentence}")
    return 0


def _publish(arguments: argparse.Namespace) -> int:
    document = _read(arguments.file)
    from_on = None if arguments.from_on is None else _day(arguments.from_on)
    with database():
        from pointbook.controls.actors import SYSTEM
        from pointbook.earning.operations import publish

        done = publish(document=document, actor=SYSTEM, from_on=from_on)
    began = "since ever" if done.number == 1 else f"from {done.from_at:%Y-%m-%d %H:%M} UTC"
    state = "published" if done.new else "was published before"
    print(f"{done.program} version {done.number} {state}, in force {began}.")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    with database():
        from pointbook.programs.queries import versions

        found = versions(arguments.code)
    for version in found:
        if arguments.version in (None, version.number):
            sys.stdout.write(version.document)
            return 0
    raise NotFoundError(
        f"{arguments.code} has no version {arguments.version}",
        field="version",
        value=arguments.version,
        mend=f"Use 1 to {len(found)}.",
    )


def _diff(arguments: argparse.Namespace) -> int:
    from pointbook.engine.rules.differences import compare

    changes = compare(_blueprint(arguments.before), _blueprint(arguments.after))
    for change in changes:
        print(f"{change.path}: {change.sentence}")
    if not changes:
        print("Nothing changes.")
    return 0


def _blueprint(name: str) -> Blueprint:
    from pointbook.engine.rules.reading import read

    return read(_read(name))


def _read(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise DocumentNotFound(
            f"{name}: {reason}", field="file", value=name, mend="Name a blueprint in YAML."
        ) from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise PointbookError(
            f"--from {text!r} is not a date", field="from", value=text, mend="Write YYYY-MM-DD."
        ) from error


VERBS = {"check": _check, "publish": _publish, "show": _show, "diff": _diff}
