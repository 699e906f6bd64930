"""`pointbook`: one table of commands; only the module of the command that is called is imported.

A command's module has `add_arguments(parser)` and `run(arguments) -> exit status`. Expected
errors (`PointbookError`) become one line on stderr and status 2; Ctrl-C and a closed pipe leave
no traceback.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from pointbook.engine.values.errors import PointbookError

_HERE = "pointbook.interfaces.cli"
COMMANDS = {
    "init": (f"{_HERE}.init", "make a home, its database and the first operator"),
    "new": (f"{_HERE}.new", "begin a program from a starter: its file, its home, published"),
    "run": (f"{_HERE}.supervisor", "start database, web and worker; Ctrl-C stops them"),
    "backup": (f"{_HERE}.backup", "write everything into one file"),
    "restore": (f"{_HERE}.restore", "fill an empty home from a backup"),
    "verify": (f"{_HERE}.verify", "check every invariant and rebuild all balances"),
    "program": (
        f"{_HERE}.program",
        "check, explain, compare, simulate, publish or show blueprints",
    ),
    "import": (f"{_HERE}.imports", "post the facts of a file"),
    "import-people": (f"{_HERE}.people", "enrol the people of a file"),
    "erase": (f"{_HERE}.erase", "forget who a member is; points and books stay as they are"),
    "story": (f"{_HERE}.story", "play stories of a program and say what does not hold"),
    "replay": (f"{_HERE}.replay", "what a blueprint would do to a file, without a database"),
    "rewards": (f"{_HERE}.rewards", "what points can buy, and what is left of it"),
    "stock": (f"{_HERE}.stock", "show or change how many there are of a reward"),
    "codes": (f"{_HERE}.codes", "import, make or export the codes of a reward"),
    "redemptions": (f"{_HERE}.redemptions", "the latest redemptions, or those to look at"),
    "redemption": (f"{_HERE}.redemption", "one redemption, and what is to be done with it"),
    "card": (f"{_HERE}.card", "issue, show or top up gift cards"),
    "payout": (f"{_HERE}.payout", "what causes are owed, and pay it"),
    "draw": (f"{_HERE}.draw", "promise, draw or verify a sweepstake"),
    "entity": (f"{_HERE}.entity", "legal persons with books, and whose a store is"),
    "estimate": (f"{_HERE}.estimate", "set the expected redemption rate"),
    "books": (f"{_HERE}.books", "show or set how an entity keeps its books"),
    "close": (f"{_HERE}.close", "close a month's books"),
    "reopen": (f"{_HERE}.reopen", "open the last closed month again"),
    "journal": (f"{_HERE}.journal", "entries by hand: propose, approve, refuse, reverse"),
    "approve": (f"{_HERE}.approve", "what waits for a second person, and decide about it"),
    "report": (f"{_HERE}.report", "figures by month"),
    "export": (f"{_HERE}.export", "journals for another system"),
    "key": (f"{_HERE}.keys", "create, list or revoke API keys"),
    "clock": (f"{_HERE}.clock", "show or move a program's test clock"),
    "version": (f"{_HERE}.version", "print the version"),
}


class _Parser(argparse.ArgumentParser):
    """Words that make no command are refused like everything else: one line, with the mend."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"pointbook: {message}. Try: {self.prog} --help\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        arguments = _parser(words).parse_args(words)
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except PointbookError as error:
        print(f"pointbook: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader went away: nothing to say, and nothing may be said at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return status


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="pointbook", description="A customer loyalty platform whose books balance."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (module, purpose) in COMMANDS.items():
        command = commands.add_parser(name, help=purpose, description=f"{purpose.capitalize()}.")
        if name in words[:1]:
            implementation = importlib.import_module(module)
            implementation.add_arguments(command)
            command.set_defaults(run=implementation.run)
    return parser
