"""`pointbook journal`: entries by hand, proposed by one person and approved by another.

Raises EntryRefused, EntryTooLate, EntryNotFound, FileError, and what approving raises.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.cli.approve import decide
from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.team import actor
from pointbook.interfaces.importers.fields import FileError

if TYPE_CHECKING:
    from pointbook.accounting.operations.proposing import Proposed
    from pointbook.accounting.queries.drafts import Written

HEAD: Final = ("program", "period", "posting_on", "memo", "currency", "adjusts")
SIDES: Final = ("debit", "credit")


class LineUnreadable(PointbookError):
    """A line is not written as ACCOUNT SIDE AMOUNT."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Subcommands: new, show, approve, refuse, reverse."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verb = verbs.add_parser("new", help="propose an entry, from a file or line by line")
    verb.add_argument("file", metavar="FILE", type=Path, nargs="?", help=".yaml or .csv")
    verb.add_argument(
        "--line", action="append", default=[], metavar="LINE", help='"6100 debit 12.34"'
    )
    for name in HEAD:
        verb.add_argument(f"--{name.replace('_', '-')}", default="", metavar=name.upper())
    verb.add_argument("--note", default="", metavar="TEXT", help="for who approves it")
    _who(verb)
    verb = verbs.add_parser("show", help="one proposed entry, or all that wait")
    verb.add_argument("number", metavar="NUMBER", type=int, nargs="?")
    verb.add_argument("--entity", default="main", metavar="CODE")
    for name, purpose in (("approve", "post it"), ("refuse", "refuse it, or take it back")):
        verb = verbs.add_parser(name, help=purpose)
        verb.add_argument("number", metavar="NUMBER", type=int)
        verb.add_argument("--reason", default="", metavar="TEXT", help="why; it is kept")
        _who(verb)
    verb = verbs.add_parser("reverse", help="propose to take a posted entry by hand back")
    verb.add_argument("entry", metavar="ENTRY", help="M-2017-02-0003")
    verb.add_argument("--on", metavar="DATE", help="YYYY-MM-DD; else its own day if it is open")
    verb.add_argument("--reason", default="", metavar="TEXT", help="why; it is kept")
    _who(verb)


def _who(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--entity", default="main", metavar="CODE")
    verb.add_argument("--as", dest="user", metavar="USER", help="who does it; else the owner")


def run(arguments: argparse.Namespace) -> int:
    """Do what the verb says."""
    with database():
        return {
            "new": _new,
            "show": _show,
            "approve": _decide,
            "refuse": _decide,
            "reverse": _reverse,
        }[arguments.verb](arguments)


def _new(arguments: argparse.Namespace) -> int:
    from pointbook.accounting.operations.manual import propose_entry

    asked = propose_entry(
        entity_code=arguments.entity,
        written=_written(arguments),
        actor=actor(arguments.user),
        note=arguments.note,
    )
    _say(asked)
    return 0


def _reverse(arguments: argparse.Namespace) -> int:
    from pointbook.accounting.operations.manual import propose_reversal

    try:
        day = date.fromisoformat(arguments.on) if arguments.on else None
    except ValueError:
        raise LineUnreadable(
            f"{arguments.on!r} is no day", field="on", value=arguments.on, mend="Write YYYY-MM-DD."
        ) from None
    asked = propose_reversal(
        entity_code=arguments.entity,
        code=arguments.entry,
        actor=actor(arguments.user),
        reason=arguments.reason,
        posting_on=day,
    )
    _say(asked)
    return 0


def _say(asked: Proposed) -> None:
    print(
        f"Proposal {asked.number} of {asked.entity} by {asked.prepared_by}. Nothing is posted yet:"
        f" pointbook journal approve {asked.number}."
    )


def _decide(arguments: argparse.Namespace) -> int:
    print(
        decide(
            arguments.number,
            entity=arguments.entity,
            user=arguments.user,
            reason=arguments.reason,
            refused=arguments.verb == "refuse",
        )
    )
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from pointbook.accounting.queries.approvals import proposals

    rows = [row for row in proposals(entity_code=arguments.entity) if row.kind == "journal"]
    found = [
        row
        for row in rows
        if (row.number == arguments.number if arguments.number else not row.outcome)
    ]
    for row in found[::-1]:
        body: Mapping[str, Any] = row.body
        state = f"{row.outcome} by {row.decided_by}" if row.outcome else "waits"
        print(
            f"Proposal {row.number} by {row.prepared_by}, {state}: {body['memo']},"
            f" {body['posting_on']}, {row.program}, {body['currency']}"
        )
        for one in body["lines"]:
            side = "debit" if Decimal(one["debit"]) else "credit"
            print(f"  {one['account']:<6} {side:<6} {one[side]:>16}")
        if body.get("adjusts"):
            print(f"  adjusts: {body['adjusts']}")
    if not found:
        print(
            f"There is no proposed entry {arguments.number}."
            if arguments.number
            else "No entry waits."
        )
    return 0


def _written(arguments: argparse.Namespace) -> Written:
    """The entry of a file, with what the command line says of it besides."""
    from pointbook.accounting.queries.drafts import Written

    found = _read(arguments.file) if arguments.file else {}
    said = {name: getattr(arguments, name) or str(found.get(name) or "") for name in HEAD}
    lines = [*_file_lines(found), *(_line(one) for one in arguments.line)]
    return Written(lines=tuple(lines), **said)


def _line(text: str) -> tuple[str, str, str]:
    """A line of the command line: ACCOUNT SIDE AMOUNT."""
    words = text.split()
    if len(words) != 3 or words[1] not in SIDES:  # noqa: PLR2004 - three words
        raise LineUnreadable(
            f"{text!r} is no line", field="line", value=text, mend='Write "6100 debit 12.34".'
        )
    account, side, amount = words
    return (account, amount, "") if side == "debit" else (account, "", amount)


def _file_lines(found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    lines = found.get("lines") or []
    if not isinstance(lines, list) or not all(isinstance(one, Mapping) for one in lines):
        raise FileError(
            "the entry's lines cannot be read.",
            mend="Write a list of {account: 6100, debit: 12.34}.",
        )
    return [
        (
            str(one.get("account") or ""),
            str(one.get("debit") or ""),
            str(one.get("credit") or ""),
        )
        for one in lines
    ]


def _read(path: Path) -> Mapping[str, Any]:
    """The fields of one entry: of a YAML document, or of a CSV file with a row a line.

    :raises FileError: a file that cannot be read as one.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".csv":
            rows = [dict(row) for row in csv.DictReader(text.splitlines())]
            return {**(rows[0] if rows else {}), "lines": rows}
        # Everything is text: an amount is never a binary fraction.
        found = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes text only
    except (OSError, UnicodeDecodeError, csv.Error, yaml.YAMLError) as error:
        reason = getattr(error, "strerror", None) or "it is no YAML or CSV"
        raise FileError(f"{path} cannot be read: {reason}.", mend="Name another file.") from None
    if not isinstance(found, Mapping):
        raise FileError(f"{path} is no journal entry.", mend="Write memo, period and lines.")
    return found
