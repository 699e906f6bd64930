"""`pointbook key create|list|revoke`: let other systems in, and shut them out again.

Raises ProgramNotFound and what pointbook.controls.keys raises.
"""

from __future__ import annotations

import argparse

from pointbook.interfaces.cli.database import database


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One subcommand each; all take --program, or --all-programs."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    create = verbs.add_parser("create", help="make a key and print its secret, once")
    create.add_argument("--name", required=True, help="who will use it")
    create.add_argument(
        "--scope",
        action="append",
        default=[],
        help="what it may do; again for more; without it all that tills and shops need",
    )
    verbs.add_parser("list", help="print the keys of a program")
    revoke = verbs.add_parser("revoke", help="close a key for ever")
    revoke.add_argument("prefix", metavar="PREFIX", help="as list shows it")
    for verb in verbs.choices.values():
        whose = verb.add_mutually_exclusive_group(required=True)
        whose.add_argument("--program", metavar="CODE", help="the program that it opens")
        whose.add_argument(
            "--all-programs", action="store_true", help="it publishes any program, also new ones"
        )


def run(arguments: argparse.Namespace) -> int:
    """Do what the verb says."""
    with database():
        VERBS[arguments.verb](arguments)
    return 0


def _create(arguments: argparse.Namespace) -> None:
    from pointbook.controls.actors import SYSTEM
    from pointbook.controls.keys import create

    key, secret = create(
        program_id=_program(arguments),
        name=arguments.name,
        scopes=arguments.scope,
        actor=SYSTEM,
    )
    print(f"Key {key.prefix} of {key.name} may: {', '.join(key.scopes)}.")
    print("Its secret (shown only now):")
    print(secret)


def _list(arguments: argparse.Namespace) -> None:
    from pointbook.controls.keys import keys

    found = keys(_program(arguments))
    for key in found:
        until = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "in use"
        scopes = ", ".join(key.scopes)
        print(f"{key.prefix}  {key.created_at:%Y-%m-%d}  {until}  {key.name}: {scopes}")
    if not found:
        print("No keys yet. Create one: pointbook key create --program CODE --name NAME.")


def _revoke(arguments: argparse.Namespace) -> None:
    from pointbook.controls.actors import SYSTEM
    from pointbook.controls.keys import revoke

    key = revoke(program_id=_program(arguments), prefix=arguments.prefix, actor=SYSTEM)
    print(f"Key {key.prefix} of {key.name} is revoked.")


def _program(arguments: argparse.Namespace) -> int | None:
    """The id of the program; None for all of them."""
    if arguments.all_programs:
        return None
    from pointbook.programs.queries import program

    return program(arguments.program).id


VERBS = {"create": _create, "list": _list, "revoke": _revoke}
