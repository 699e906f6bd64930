"""`pointbook close`: close a month of an entity's books; repeated, it posts nothing.

Raises CloseBlocked, PeriodError, EntityNotFound, PermissionRefused and UserUnknown.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.team import person

if TYPE_CHECKING:
    from pointbook.controls.actors import Actor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """PERIOD, --entity, --as, --reason."""
    parser.add_argument("period", metavar="PERIOD", help="YYYY-MM")
    parser.add_argument("--entity", default="main", metavar="CODE")
    parser.add_argument("--as", dest="user", metavar="USER", help="who closes; else the owner")
    parser.add_argument(
        "--reason", default="accepted on the command line", help="why warnings are accepted"
    )


def run(arguments: argparse.Namespace) -> int:
    """Close and say what every stage found."""
    with database():
        from pointbook.accounting.operations.closing import close
        from pointbook.accounting.queries.closes import stages

        done = close(
            entity_code=arguments.entity,
            period=arguments.period,
            actor=_actor(arguments.user),
            reason=arguments.reason,
        )
        if not done.sealed:
            print(f"{done.period} of {done.entity} is closed already; nothing was posted.")
            return 0
        for stage in stages(period=done.period, entity_code=done.entity):
            print(f"{stage.number} {stage.name:<13} {stage.summary}")
        entries = "entry" if done.posted == 1 else "entries"
        print(f"{done.period} of {done.entity} is closed; {done.posted} {entries} posted.")
    return 0


def _actor(name: str | None) -> Actor:
    from pointbook.controls.actors import SYSTEM

    return SYSTEM if name is None else person(name, field="as")
