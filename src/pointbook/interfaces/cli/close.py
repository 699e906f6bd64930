"""`pointbook close`: close a month of an entity's books; repeated, it posts nothing.

Raises CloseBlocked, PeriodError, EntityNotFound, OwnSeal, PersonNeeded, PermissionRefused and
UserUnknown.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.team import actor

if TYPE_CHECKING:
    from pointbook.accounting.operations.closing import Done


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """PERIOD, --check or --soft, --entity, --as, --reason."""
    parser.add_argument("period", metavar="PERIOD", help="YYYY-MM")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="say what stands in the way, no more")
    how.add_argument("--soft", action="store_true", help="draw the figures up, without the seal")
    parser.add_argument("--entity", default="main", metavar="CODE")
    parser.add_argument("--as", dest="user", metavar="USER", help="who closes; else the owner")
    parser.add_argument(
        "--reason", default="", help="why warnings are accepted; full books ask for it"
    )


def run(arguments: argparse.Namespace) -> int:
    """Close and say what every stage found."""
    with database():
        if arguments.check:
            return _check(arguments)
        from pointbook.accounting.operations.closing import close, draw_up

        done = (draw_up if arguments.soft else close)(
            entity_code=arguments.entity,
            period=arguments.period,
            actor=actor(arguments.user),
            reason=arguments.reason or _plain(arguments.entity),
        )
        _tell(done)
    return 0


def _plain(entity: str) -> str:
    """Simple books accept a warning by closing; full books do with a reason of their own."""
    from pointbook.accounting.queries.settings import books_of

    return "" if books_of(entity).full else "accepted on the command line"


def _tell(done: Done) -> None:
    from pointbook.accounting.queries.closes import stages

    if not done.drawn and not done.sealed:
        already = "drawn up" if done.waits_for_seal else "closed"
        print(f"{done.period} of {done.entity} is {already} already; nothing was posted.")
        return
    for stage in stages(period=done.period, entity_code=done.entity):
        if stage.status != "waiting":
            print(f"{stage.number} {stage.name:<13} {stage.summary}")
    entries = "entry" if done.posted == 1 else "entries"
    again = f", version {done.version}" if done.version > 1 else ""
    if done.waits_for_seal:
        print(
            f"{done.period} of {done.entity} is drawn up by {done.closed_by}{again}; {done.posted}"
            f" {entries} posted. To seal it: pointbook close {done.period}."
        )
        return
    print(f"{done.period} of {done.entity} is closed{again}; {done.posted} {entries} posted.")


def _check(arguments: argparse.Namespace) -> int:
    """The checklist; status 1 when something blocks."""
    from pointbook.accounting.queries.checklist import checklist

    found = checklist(period=arguments.period, entity_code=arguments.entity)
    print(
        f"{found.period} of {found.entity} is {found.status.replace('_', ' ')}:"
        f" {found.passed} of {found.checks} checks pass."
    )
    _list("Waits", found.waiting)
    _list("Blocks", found.blockers)
    _list("Warns", found.warnings)
    return 1 if found.blockers else 0


def _list(word: str, texts: Sequence[str]) -> None:
    for text in texts:
        print(f"{word:<7} {text}")
