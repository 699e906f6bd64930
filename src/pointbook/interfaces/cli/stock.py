"""`pointbook stock`: how many there are of a reward or of a slot's places, and a change of it.

Raises StockUnreadable, RewardUnknown, SupplyRefused and ProgramNotFound.
"""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Final

from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.cli.database import database

if TYPE_CHECKING:
    from pointbook.redemption.queries.shelves import Stand

SIGNED: Final = re.compile(r"[+-][0-9]{1,9}")


class StockUnreadable(PointbookError):
    """The change of a stock is no signed number."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """PROGRAM, REWARD, a change, and --slot."""
    parser.add_argument("program", metavar="PROGRAM")
    parser.add_argument("reward", metavar="REWARD")
    parser.add_argument("change", metavar="CHANGE", nargs="?", help="+n or -n; without it, show")
    parser.add_argument("--slot", default="", metavar="SLOT", help="places of this slot")


def run(arguments: argparse.Namespace) -> int:
    """Change the stock when it is asked for, and say what is left."""
    told = arguments.change
    if told is not None and not SIGNED.fullmatch(told):
        raise StockUnreadable(
            f"{told!r} is no change of a stock",
            field="change",
            value=told,
            mend="Write how many come (+12) or go (-3).",
        )
    with database():
        found = _shown(arguments) if told is None else [_changed(arguments, int(told))]
    what = " ".join(part for part in (arguments.reward, arguments.slot) if part)
    for one in found:
        name = " codes" if one.span == "codes" else f" ({one.span})" if one.span else ""
        print(f"{what}{name}: {one.left} left of {one.supply}.")
    if not found:
        print(f"{what}: any number.")
    return 0


def _changed(arguments: argparse.Namespace, change: int) -> Stand:
    from pointbook.controls.actors import SYSTEM
    from pointbook.programs.queries import program
    from pointbook.redemption.operations.supplying import supply

    return supply(
        program_id=program(arguments.program).id,
        reward=arguments.reward,
        slot=arguments.slot,
        change_by=change,
        actor=SYSTEM,
    )


def _shown(arguments: argparse.Namespace) -> list[Stand]:
    from pointbook.controls.clock import clock
    from pointbook.programs.queries import program
    from pointbook.redemption.queries.rewards import reward_at, slot_of
    from pointbook.redemption.queries.shelves import standing

    row = program(arguments.program)
    at = clock(row.id)
    reward = reward_at(row.id, arguments.reward, at=at)
    if arguments.slot:
        slot_of(reward, arguments.slot)
    return list(standing(row.id, at=at, rewards=[reward]).of(reward, arguments.slot))
