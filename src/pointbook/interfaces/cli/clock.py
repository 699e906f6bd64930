"""`pointbook clock`: show a program's time, or put it on a test clock and move that.

A test clock walks day by day and runs the daily jobs at each midnight, as the worker would have.
"""

from __future__ import annotations

import argparse
from datetime import datetime, tzinfo

from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import instant
from pointbook.interfaces.cli.database import database


class ClockArgument(PointbookError):
    """The time cannot be read."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("program", metavar="CODE")
    parser.add_argument("--to", metavar="TIME", help="ISO 8601, in the program's zone if naive")


def run(arguments: argparse.Namespace) -> int:
    """Show or move the clock."""
    with database():
        from pointbook.controls.actors import SYSTEM
        from pointbook.controls.clock import clock, is_test
        from pointbook.earning.operations.days import set_clock
        from pointbook.programs.queries import compiled, program

        row = program(arguments.program)
        zone = compiled(row.id).zone
        if arguments.to is not None:
            set_clock(program=row.code, at=_read(arguments.to, zone), actor=SYSTEM)
        kind = "test clock" if is_test(row.id) else "real time"
        print(f"{clock(row.id).astimezone(zone):%Y-%m-%d %H:%M:%S %Z} ({kind})")
    return 0


def _read(text: str, zone: tzinfo) -> datetime:
    try:
        return instant(text, zone=zone)
    except PointbookError as error:
        raise ClockArgument(
            f"--to {text!r} is not a time",
            field="to",
            value=text,
            mend="Write ISO 8601, for example 2018-01-01T05:00.",
        ) from error
