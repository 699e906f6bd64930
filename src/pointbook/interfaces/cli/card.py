"""`pointbook card issue|show|top-up`: gift cards, known by their number only.

Amounts are in major units. Raises CardRefused, ProgramNotFound, and what a top-up is refused for.
"""

from __future__ import annotations

import argparse
import uuid
from typing import TYPE_CHECKING

from pointbook.interfaces.cli.database import database

if TYPE_CHECKING:
    from collections.abc import Callable

    from pointbook.earning.operations.cards import Card

SOURCE = "command-line"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One subcommand each; all take PROGRAM."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    issue = verbs.add_parser("issue", help="make a card with an amount on it")
    show = verbs.add_parser("show", help="what is on a card")
    more = verbs.add_parser("top-up", help="put more on a card")
    for verb in (issue, show, more):
        verb.add_argument("program", metavar="PROGRAM")
    for verb in (show, more):
        verb.add_argument("number", metavar="NUMBER")
    for verb in (issue, more):
        verb.add_argument("amount", metavar="AMOUNT", help="such as 25.00")
        verb.add_argument("--id", metavar="ID", help="of the sale; the same id again does nothing")
    for verb in (issue, show, more):
        verb.add_argument("--unit", metavar="UNIT", help="which money, where there are several")


def run(arguments: argparse.Namespace) -> int:
    """Do what the verb says, and print the card."""
    with database():
        found = VERBS[arguments.verb](arguments)
        print(_told(found))
    return 0


def _issue(arguments: argparse.Namespace) -> Card:
    from pointbook.controls.actors import SYSTEM
    from pointbook.earning.operations.cards import issue_card
    from pointbook.earning.operations.redeeming import Key

    return issue_card(
        program=arguments.program,
        key=Key(SOURCE, arguments.id or str(uuid.uuid4())),
        amount=arguments.amount,
        unit=arguments.unit,
        actor=SYSTEM,
    )


def _top_up(arguments: argparse.Namespace) -> Card:
    from pointbook.controls.actors import SYSTEM
    from pointbook.earning.operations.cards import top_up_card
    from pointbook.earning.operations.redeeming import Key

    return top_up_card(
        program=arguments.program,
        key=Key(SOURCE, arguments.id or str(uuid.uuid4())),
        number=arguments.number,
        amount=arguments.amount,
        unit=arguments.unit,
        actor=SYSTEM,
    )


def _show(arguments: argparse.Namespace) -> Card:
    from pointbook.earning.operations.cards import card

    return card(arguments.program, arguments.number, unit=arguments.unit)


def _told(found: Card) -> str:
    from pointbook.engine.values.codes import shown
    from pointbook.engine.values.money import to_major

    held = found.balance
    amount = to_major(held.points, places=held.unit.decimals)
    ends = held.next_ending
    until = "" if ends is None else f", the first of it ends on {ends.on:%Y-%m-%d}"
    return f"{shown(found.number)}: {amount} {held.currency}{until}"


VERBS: dict[str, Callable[[argparse.Namespace], Card]] = {
    "issue": _issue,
    "show": _show,
    "top-up": _top_up,
}
