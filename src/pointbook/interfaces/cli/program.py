"""`pointbook program check | explain | diff | simulate | publish | show`: the document itself.

Only published versions need a database. Exit status 2 with every mistake of a document, one a line.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from typing import TYPE_CHECKING, Final

from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.cli import simulate
from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.documents import PROGRAM, SUBJECT, find, published, text_of
from pointbook.interfaces.cli.team import person

if TYPE_CHECKING:
    from collections.abc import Callable

    Verb = Callable[[argparse.Namespace], int]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommands and their options."""
    verbs = parser.add_subparsers(metavar="VERB", required=True, dest="verb")
    check = verbs.add_parser("check", help="say whether a blueprint is sound, or every mistake")
    check.add_argument("file", metavar=SUBJECT)
    explain = verbs.add_parser("explain", help="read a program out as members could read it")
    explain.add_argument("program", metavar=PROGRAM)
    diff = verbs.add_parser("diff", help="what changes for members between two programs")
    diff.add_argument("before", metavar="A", help=PROGRAM)
    diff.add_argument("after", metavar="B", help=PROGRAM)
    simulate.add_arguments(
        verbs.add_parser("simulate", help="what one fact would earn and why, rule by rule")
    )
    publish = verbs.add_parser("publish", help="make a blueprint a version of its program")
    publish.add_argument("file", metavar=SUBJECT)
    publish.add_argument("--from", dest="from_on", metavar="DATE", help="first day of a version")
    publish.add_argument(
        "--approved-by", metavar="USER", help="who agrees to a change of the books"
    )
    publish.add_argument("--entity", metavar="CODE", help="whose books a new program is in")
    show = verbs.add_parser("show", help="print a published version")
    show.add_argument("code", metavar="CODE")
    show.add_argument("--version", type=int, metavar="N", help="the latest by default")


def run(arguments: argparse.Namespace) -> int:
    """Do what the verb says."""
    return VERBS[arguments.verb](arguments)


def _check(arguments: argparse.Namespace) -> int:
    from pointbook.engine.rules.reading import read
    from pointbook.interfaces.cli.prose import sound

    print(sound(read(text_of(arguments.file))))
    return 0


def _explain(arguments: argparse.Namespace) -> int:
    from pointbook.interfaces.cli.prose import explained

    print(explained(find(arguments.program).blueprint))
    return 0


def _diff(arguments: argparse.Namespace) -> int:
    from pointbook.interfaces.cli.prose import changed

    print(changed(find(arguments.before).blueprint, find(arguments.after).blueprint))
    return 0


def _publish(arguments: argparse.Namespace) -> int:
    document = text_of(arguments.file)
    from_on = None if arguments.from_on is None else _day(arguments.from_on)
    with database():
        from pointbook.controls.actors import SYSTEM
        from pointbook.earning.operations import publish

        named = arguments.approved_by
        approver = None if named is None else person(named, field="approved-by")
        done = publish(
            document=document,
            actor=SYSTEM,
            from_on=from_on,
            approved_by=approver,
            entity_code=arguments.entity,
        )
    began = "since ever" if done.number == 1 else f"from {done.from_at:%Y-%m-%d %H:%M} UTC"
    state = "published" if done.new else "was published before"
    print(f"{done.program} version {done.number} {state}, in force {began}.")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    with database():
        version = published(arguments.code, arguments.version)
    sys.stdout.write(version.document)
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise PointbookError(
            f"--from {text!r} is not a date", field="from", value=text, mend="Write YYYY-MM-DD."
        ) from error


VERBS: Final[dict[str, Verb]] = {
    "check": _check,
    "explain": _explain,
    "diff": _diff,
    "simulate": simulate.run,
    "publish": _publish,
    "show": _show,
}
