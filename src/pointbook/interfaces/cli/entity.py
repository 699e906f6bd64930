"""`pointbook entity list | add | store`: legal persons with books, and whose a store is.

Raises EntityRefused, EntityUnknown and ProgramNotFound.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.tabular import FORMATS, Report
from pointbook.interfaces.cli.team import actor

if TYPE_CHECKING:
    from collections.abc import Callable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Three subcommands: list, add and store."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verb = verbs.add_parser("list", help="the entities, with their programs and stores")
    verb.add_argument("--format", choices=FORMATS, default="table")
    verb = verbs.add_parser("add", help="keep books for another legal person")
    verb.add_argument("code", metavar="CODE")
    verb.add_argument("--name", required=True, help="as it is registered")
    verb.add_argument("--as", dest="user", metavar="USER", help="who adds it; else the owner")
    verb = verbs.add_parser("store", help="whose books the facts of a store are in from now on")
    verb.add_argument("store", metavar="STORE", help="as facts name it")
    verb.add_argument("--program", required=True, metavar="CODE")
    verb.add_argument("--entity", required=True, metavar="CODE")
    verb.add_argument("--as", dest="user", metavar="USER", help="who says so; else the owner")


def run(arguments: argparse.Namespace) -> int:
    """Do what the verb says."""
    with database():
        return VERBS[arguments.verb](arguments)


def _list(arguments: argparse.Namespace) -> int:
    from pointbook.programs.queries import entity_rows

    FORMATS[arguments.format](
        Report(
            title="Entities",
            columns=("entity", "name", "programs", "stores"),
            rows=[(one.code, one.name, one.programs, one.stores) for one in entity_rows()],
        )
    )
    return 0


def _add(arguments: argparse.Namespace) -> int:
    from pointbook.programs.operations.entities import add_entity

    new = add_entity(code=arguments.code, name=arguments.name, actor=actor(arguments.user))
    print(f"{arguments.code} {'has books now' if new else 'had books before'}.")
    return 0


def _store(arguments: argparse.Namespace) -> int:
    from pointbook.programs.operations.entities import place_store

    store, entity = arguments.store, arguments.entity
    new = place_store(
        program=arguments.program, store=store, entity_code=entity, actor=actor(arguments.user)
    )
    since = "are" if new else "were already"
    print(f"The facts of store {store} {since} in the books of {entity}.")
    return 0


VERBS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "list": _list,
    "add": _add,
    "store": _store,
}
