"""`pointbook rewards`: what a program's points can buy now, what is left of it, how often it went.

Points are whole units. Raises ProgramNotFound.
"""

from __future__ import annotations

import argparse

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.tabular import FORMATS, Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """PROGRAM and --format."""
    parser.add_argument("program", metavar="PROGRAM")
    parser.add_argument("--format", choices=FORMATS, default="table")


def run(arguments: argparse.Namespace) -> int:
    """List the rewards."""
    with database():
        made = _report(arguments.program)
    FORMATS[arguments.format](made)
    return 0


def _report(code: str) -> Report:
    from pointbook.controls.clock import clock
    from pointbook.engine.values.money import to_major
    from pointbook.programs.queries import compiled
    from pointbook.programs.queries import program as find_program
    from pointbook.redemption.queries.shelves import Often, often, standing

    row = find_program(code)
    at = clock(row.id)
    version = compiled(row.id).version_at(at)
    there = standing(row.id, at=at)
    took = often(row.id)
    rows = []
    for reward in version.blueprint.rewards:
        own = took.get(reward.code, Often(reward.code, 0, 0))
        price = to_major(reward.price, places=version.units[reward.unit].decimals)
        slots = reward.gives.slots
        left = there.left(reward)
        if slots:
            left = sum(there.left(reward, one.code) or 0 for one in slots if one.starts_at > at)
        stock = "any number" if left is None else str(left)
        rows.append((reward.code, reward.name, price, reward.unit, stock, own.reserved, own.used))
    return Report(
        title=f"Rewards of {code}",
        columns=("reward", "name", "price", "unit", "left", "reserved", "redeemed"),
        rows=rows,
    )
