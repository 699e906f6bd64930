"""`pointbook payout`: what causes are owed, and a payout of it, as CSV on standard output.

Raises CauseUnknown, NothingOwed and ProgramNotFound.
"""

from __future__ import annotations

import argparse
import sys

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.tabular import FORMATS, Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """PROGRAM, CAUSE and --reference."""
    parser.add_argument("program", metavar="PROGRAM")
    parser.add_argument("cause", metavar="CAUSE", nargs="?", help="without it, show what is owed")
    parser.add_argument("--reference", default="", metavar="TEXT", help="that of the bank")


def run(arguments: argparse.Namespace) -> int:
    """Pay out and print the payout's file; without a cause, say what each is owed."""
    with database():
        if arguments.cause is None:
            made = _owed(arguments.program)
            FORMATS["table"](made)
            return 0
        text = _paid(arguments)
    sys.stdout.write(text)
    return 0


def _paid(arguments: argparse.Namespace) -> str:
    from pointbook.controls.actors import SYSTEM
    from pointbook.programs.queries import program
    from pointbook.redemption.operations.paying_out import pay_out, payout_file

    row = program(arguments.program)
    done = pay_out(
        program_id=row.id, cause=arguments.cause, reference=arguments.reference, actor=SYSTEM
    )
    return payout_file(row.id, [done])


def _owed(code: str) -> Report:
    from pointbook.engine.values.money import exponent, to_major
    from pointbook.programs.queries import program
    from pointbook.redemption.operations.paying_out import owed

    row = program(code)
    places = exponent(row.currency)
    return Report(
        title=f"What causes are owed, {row.currency}",
        columns=("cause", "name", "gifts", "given", "matched", "fee", "paid"),
        rows=[
            (
                one.cause.code,
                one.cause.name,
                one.gifts,
                *(
                    to_major(sum_, places=places)
                    for sum_ in (one.given, one.matched, one.fee, one.paid)
                ),
            )
            for one in owed(row.id)
        ],
    )
