"""`pointbook redemption`: one redemption, by the source and id of its fact, and what is to be done.

Points are whole units. Raises RedemptionUnknown, StepRefused, ReviewRefused and ProgramNotFound.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pointbook.interfaces.cli.database import database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from pointbook.redemption.queries.redemptions import Row


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """PROGRAM, SOURCE, ID, and at most one thing to do."""
    parser.add_argument("program", metavar="PROGRAM")
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("id", metavar="ID")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--next", action="store_true", help="take the next step of its fulfilment")
    what.add_argument("--step", metavar="STEP", help="take this step of its fulfilment")
    what.add_argument("--no-show", action="store_true", help="nobody came to what was booked")
    what.add_argument("--clear", action="store_true", help="it was looked at, and is all right")
    what.add_argument("--refuse", action="store_true", help="it was looked at; let its points go")
    parser.add_argument("--note", default="", metavar="TEXT", help="why")


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked, and print the redemption as it is then."""
    with database():
        from pointbook.programs.queries import program, zone

        row = program(arguments.program)
        found = _done(arguments, row.id)
        lines = list(_lines(found, row.id, zone(row.id)))
    print("\n".join(lines))
    return 0


def _done(arguments: argparse.Namespace, program_id: int) -> Row:
    from pointbook.controls.actors import SYSTEM
    from pointbook.earning.operations import attending
    from pointbook.earning.operations.redeeming import Key
    from pointbook.redemption.operations.fulfilling import proceed
    from pointbook.redemption.operations.reviewing import clear
    from pointbook.redemption.queries.redemptions import redemption

    key, note = Key(arguments.source, arguments.id), arguments.note
    code = arguments.program
    if arguments.next or arguments.step:
        return proceed(program_id=program_id, key=key, actor=SYSTEM, step=arguments.step, note=note)
    if arguments.no_show:
        return attending.no_show(program=code, redemption=key, actor=SYSTEM, note=note)
    if arguments.clear:
        return clear(program_id=program_id, key=key, actor=SYSTEM, note=note)
    if arguments.refuse:
        return attending.refuse(program=code, redemption=key, actor=SYSTEM, note=note)
    return redemption(program_id, key)


def _lines(row: Row, program_id: int, zone: tzinfo) -> Iterator[str]:
    from pointbook.engine.values.codes import shown
    from pointbook.engine.values.money import to_major
    from pointbook.programs.queries import compiled

    unit = compiled(program_id).version_at(row.at).units[row.unit]
    points = to_major(row.points, places=unit.decimals)
    yield f"{row.key[0]}/{row.key[1]}: {row.quantity} x {row.reward or 'points'}, {row.state}"
    yield f"member      {row.member}" + (f", for {row.receiver}" if row.receiver else "")
    yield f"at          {row.at.astimezone(zone):%Y-%m-%d %H:%M}"
    yield f"points      {points} {row.unit}"
    facts = {"slot": row.slot, "cause": row.cause, "fulfilment": row.fulfilment}
    facts |= {"review": row.review, "confirm": row.confirm}
    for name, value in facts.items():
        if value:
            yield f"{name:<11} {value}"
    for one in row.codes:
        yield f"code        {shown(one.code)} {one.state}"
