"""`pointbook estimate set`: the expected redemption rate of a program from a period on.

Raises EstimateRefused, PeriodClosed and ProgramNotFound.
"""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation

from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.cli.database import database


class RateUnreadable(PointbookError):
    """The rate is not a number."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One subcommand: set."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verb = verbs.add_parser("set", help="write the next version of the estimate")
    verb.add_argument("rate", metavar="RATE", help="share of points that will be used, 0 to 1")
    verb.add_argument("--program", required=True, metavar="CODE")
    verb.add_argument(
        "--from", required=True, dest="start", metavar="PERIOD", help="YYYY-MM, still open"
    )
    verb.add_argument("--note", default="", help="why this rate")


def run(arguments: argparse.Namespace) -> int:
    """Write the estimate; the owner who runs the command prepares and approves it."""
    try:
        rate = Decimal(arguments.rate)
    except InvalidOperation:
        raise RateUnreadable(
            f"{arguments.rate!r} is not a number",
            field="rate",
            value=arguments.rate,
            mend="Give a share from 0 to 1, for example 0.88.",
        ) from None
    with database():
        from pointbook.accounting.operations.estimating import set_estimate
        from pointbook.controls.actors import SYSTEM

        done = set_estimate(
            program=arguments.program,
            rate=rate,
            from_period=arguments.start,
            actor=SYSTEM,
            note=arguments.note,
        )
    print(
        f"Estimate {done.number} of {done.program}: {done.rate} from {done.from_period},"
        " prepared and approved by the owner who ran this."
    )
    return 0
