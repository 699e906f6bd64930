"""`pointbook draw`: promise a sweepstake's draw, draw it, or draw it again to check it.

Raises DrawRefused, RewardUnknown and ProgramNotFound.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pointbook.interfaces.cli.database import database

if TYPE_CHECKING:
    from pointbook.redemption.operations.drawing import Drawn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """PROGRAM, REWARD, --open or --verify."""
    parser.add_argument("program", metavar="PROGRAM")
    parser.add_argument("reward", metavar="REWARD")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--open", action="store_true", help="promise the draw, and draw nothing")
    which.add_argument("--verify", action="store_true", help="draw again what was drawn")


def run(arguments: argparse.Namespace) -> int:
    """Do it and print what everybody may know; status 1 when a draw was not right."""
    with database():
        return _verified(arguments) if arguments.verify else _drawn(arguments)


def _drawn(arguments: argparse.Namespace) -> int:
    from pointbook.controls.actors import SYSTEM
    from pointbook.programs.queries import program
    from pointbook.redemption.operations.drawing import draw, open_draw

    do = open_draw if arguments.open else draw
    program_id = program(arguments.program).id
    _tell(do(program_id=program_id, reward=arguments.reward, actor=SYSTEM))
    return 0


def _verified(arguments: argparse.Namespace) -> int:
    from pointbook.programs.queries import program
    from pointbook.redemption.operations.drawing import drawn, verify_draw

    program_id = program(arguments.program).id
    wrong = verify_draw(program_id, arguments.reward)
    _tell(drawn(program_id, arguments.reward))
    print("\n".join(wrong) if wrong else "Drawn again: everything is right.")
    return 1 if wrong else 0


def _tell(found: Drawn) -> None:
    print(f"Promised: {found.commitment} (SHA-256 of the seed)")
    if found.drawn_at is None:
        return
    print(f"Seed:     {found.seed}")
    print(f"Entries:  {found.entries:,}, SHA-256 {found.digest}")
    for one in found.winners:
        print(f"{one.place}. {one.prize}: entry {one.entry} of {one.member}")
