"""`pointbook redemptions`: a program's latest redemptions, or those that somebody must look at.

Members are named by their random id, points are whole units. Raises ProgramNotFound.
"""

from __future__ import annotations

import argparse
from typing import Final

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.tabular import FORMATS, Report

STATES: Final = ("reserved", "captured", "released", "lapsed", "cancelled")
USUALLY: Final = 50
COLUMNS: Final = (
    *("at", "source", "id", "member", "reward", "quantity", "points", "state"),
    *("fulfilment", "review"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """PROGRAM, which of them, how many, and the format."""
    parser.add_argument("program", metavar="PROGRAM")
    parser.add_argument("--review", action="store_true", help="only those to be looked at")
    parser.add_argument("--state", choices=STATES, help="only those of this state")
    parser.add_argument("--reward", metavar="REWARD", help="only those of this reward")
    parser.add_argument("--limit", type=int, default=USUALLY, metavar="N", help="at most so many")
    parser.add_argument("--format", choices=FORMATS, default="table")


def run(arguments: argparse.Namespace) -> int:
    """List them, the latest first."""
    with database():
        made = _report(arguments)
    if not made.rows and arguments.format == "table":
        print("No redemptions.")
        return 0
    FORMATS[arguments.format](made)
    return 0


def _report(arguments: argparse.Namespace) -> Report:
    from pointbook.engine.values.money import to_major
    from pointbook.programs.queries import compiled
    from pointbook.programs.queries import program as find_program
    from pointbook.redemption.queries.redemptions import redemptions

    row = find_program(arguments.program)
    program = compiled(row.id)
    found = redemptions(
        row.id,
        state=arguments.state,
        reward=arguments.reward,
        review="open" if arguments.review else None,
        limit=max(0, arguments.limit),
    )
    return Report(
        title=f"Redemptions of {arguments.program}",
        columns=COLUMNS,
        rows=[
            (
                f"{one.at.astimezone(program.zone):%Y-%m-%d %H:%M}",
                *one.key,
                str(one.member),
                one.reward,
                one.quantity,
                to_major(one.points, places=program.version_at(one.at).units[one.unit].decimals),
                one.state,
                one.fulfilment,
                one.review,
            )
            for one in found
        ],
    )
