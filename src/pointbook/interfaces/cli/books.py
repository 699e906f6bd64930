"""`pointbook books`: how an entity keeps its books, and to keep them otherwise.

Raises SettingRefused, EntityNotFound, PersonNeeded, PermissionRefused and UserUnknown.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.team import actor

if TYPE_CHECKING:
    from pointbook.accounting.queries.settings import BooksSetting

YES_NO: Final = ("yes", "no")
SWITCHES: Final = {
    "owner_run": "whether the owner may approve their own work",
    "costs": "whether Pointbook books the cost of own goods",
    "sales": "whether Pointbook books the full sale",
    "gross_tender": "whether the shop books what points pay as a tender",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Two subcommands: show and set."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verb = verbs.add_parser("show", help="how the books are kept")
    verb.add_argument("--entity", default="main", metavar="CODE")
    verb = verbs.add_parser("set", help="keep them otherwise, from now on")
    kind = verb.add_mutually_exclusive_group()
    kind.add_argument("--full", action="store_true", help="reasons for warnings, estimates of age")
    kind.add_argument("--simple", action="store_true", help="kept by the owner alone")
    for name, purpose in SWITCHES.items():
        verb.add_argument(f"--{name.replace('_', '-')}", choices=YES_NO, help=purpose)
    verb.add_argument("--currency", metavar="CODE", help="the functional one, ISO 4217")
    verb.add_argument("--note", default="", metavar="TEXT", help="why; it is kept")
    verb.add_argument("--entity", default="main", metavar="CODE")
    verb.add_argument("--as", dest="user", metavar="USER", help="who asks; else the owner")


def run(arguments: argparse.Namespace) -> int:
    """Show or change how the books are kept."""
    with database():
        from pointbook.accounting.queries.settings import books_of

        if arguments.verb == "show":
            _show(books_of(arguments.entity))
            return 0
        from pointbook.accounting.operations.settings import keep_books

        asked = keep_books(
            wanted=_wanted(arguments, books_of(arguments.entity)),
            actor=actor(arguments.user),
            note=arguments.note,
        )
        if asked.waits:
            print(
                f"Proposal {asked.number} of {asked.entity}. Somebody else approves it:"
                f" pointbook approve {asked.number}."
            )
            return 0
        _show(books_of(arguments.entity))
    return 0


def _wanted(arguments: argparse.Namespace, before: BooksSetting) -> BooksSetting:
    from dataclasses import replace

    changed: dict[str, object] = {
        name: getattr(arguments, name) == "yes" for name in SWITCHES if getattr(arguments, name)
    }
    if arguments.full or arguments.simple:
        changed["full"] = arguments.full
    if arguments.simple:
        changed.setdefault("owner_run", True)
    if arguments.currency is not None:
        changed["currency"] = arguments.currency.upper()
    return replace(before, **changed)  # type: ignore[arg-type]


def _show(found: BooksSetting) -> None:
    by = "two persons: nobody approves their own work" if found.second_person else "their owner"
    print(f"{'Full' if found.full else 'Simple'} books of {found.entity}, kept by {by}.")
    for name, purpose in SWITCHES.items():
        said = "yes" if getattr(found, name) else "no"
        print(f"{name.replace('_', '-'):<13} {said:<4} {purpose}")
    print(f"{'currency':<13} {found.currency or 'that of the program'}")
