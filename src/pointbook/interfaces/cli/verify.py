"""`pointbook verify`: every named invariant, and all points rebuilt from the facts.

Exit status 0 when everything holds, 1 when something does not.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.table import Table

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.paper import Paper

if TYPE_CHECKING:
    from pointbook.controls.invariants import Invariant

SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument(
        "--books",
        action="store_true",
        help="only what the books stand on: the sequence, the ledger, every close and its seal",
    )
    parser.add_argument("--list", action="store_true", help="say what is checked, check nothing")


def invariants(*, books: bool = False) -> Iterator[Invariant]:
    """Every invariant of every room, or of the books and the points, in the order of the layers."""
    from pointbook.accounting import invariants as accounting
    from pointbook.controls import invariants as controls
    from pointbook.earning import invariants as earning
    from pointbook.ledger import invariants as ledger
    from pointbook.redemption import invariants as redemption

    rooms = (controls, ledger, accounting)
    for room in rooms if books else (controls, ledger, redemption, earning, accounting):
        yield from room.ALL


def run(arguments: argparse.Namespace) -> int:
    """Check everything and say what does not hold."""
    console = Paper(highlight=False)
    broken = 0
    with database():
        if arguments.list:
            _tell(console, books=arguments.books)
            return 0
        for invariant in invariants(books=arguments.books):
            began = time.monotonic()
            violations = invariant.check()
            took = time.monotonic() - began
            state = f"{len(violations)} broken" if violations else "holds"
            console.print(f"{state:>10}  {invariant.name:<24} {took:6.1f} s", soft_wrap=True)
            for violation in violations[:SHOWN]:
                console.print(f"            {violation.where}: {violation.what}", soft_wrap=True)
            broken += len(violations)
    console.print(f"{broken} violations." if broken else "Everything holds.")
    return 1 if broken else 0


def _tell(console: Paper, *, books: bool) -> None:
    table = Table("Invariant", "What must hold", "What it cannot see")
    for invariant in invariants(books=books):
        table.add_row(invariant.name, invariant.says, invariant.blind_to)
    console.print(table)
