"""`pointbook reopen`: open the last closed period of an entity again; a second person approves it.

Raises ReopenRefused, PeriodError, EntityNotFound, PersonNeeded, PermissionRefused and UserUnknown.
"""

from __future__ import annotations

import argparse

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.team import actor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """PERIOD, --reason, --entity, --as."""
    parser.add_argument("period", metavar="PERIOD", help="YYYY-MM, the last closed one")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; it is kept")
    parser.add_argument("--entity", default="main", metavar="CODE")
    parser.add_argument("--as", dest="user", metavar="USER", help="who asks; else the owner")


def run(arguments: argparse.Namespace) -> int:
    """Propose it, and say whether the period is open or who has to approve."""
    with database():
        from pointbook.accounting.operations.reopening import reopen

        asked = reopen(
            entity_code=arguments.entity,
            period=arguments.period,
            reason=arguments.reason,
            actor=actor(arguments.user),
        )
    if asked.waits:
        print(
            f"Proposal {asked.number} of {asked.entity}: to open {arguments.period} again. Somebody"
            f" else approves it: pointbook approve {asked.number}."
        )
        return 0
    print(
        f"{arguments.period} of {asked.entity} is open again. To close it as its next version:"
        f" pointbook close {arguments.period}."
    )
    return 0
