"""`pointbook codes import|generate|export`: the codes of a reward that has a pool of them.

Raises DocumentNotFound, RewardUnknown, SupplyRefused and ProgramNotFound.
"""

from __future__ import annotations

import argparse
import sys

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.documents import text_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One subcommand each; all take PROGRAM and REWARD."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, purpose in (
        ("import", "put codes that were bought into the pool"),
        ("generate", "make codes that nobody can guess, and print them"),
        ("export", "print all codes as CSV: which state, for which redemption"),
    ):
        verb = verbs.add_parser(name, help=purpose)
        verb.add_argument("program", metavar="PROGRAM")
        verb.add_argument("reward", metavar="REWARD")
    verbs.choices["import"].add_argument("file", metavar="FILE", help="one code a line, UTF-8")
    verbs.choices["generate"].add_argument("count", metavar="COUNT", type=int)


def run(arguments: argparse.Namespace) -> int:
    """Do what the verb says."""
    return {"import": _import, "generate": _generate, "export": _export}[arguments.verb](arguments)


def _import(arguments: argparse.Namespace) -> int:
    text = text_of(arguments.file, mend="Name a file of UTF-8 text with one code a line.")
    with database():
        from pointbook.controls.actors import SYSTEM
        from pointbook.redemption.operations.supplying import import_codes

        done = import_codes(
            program_id=_program(arguments.program),
            reward=arguments.reward,
            codes=text.removeprefix("\ufeff").splitlines(),
            actor=SYSTEM,
        )
    print(f"{done.new:,} new {'code' if done.new == 1 else 'codes'} of {arguments.reward}.")
    for code in done.doubled:
        print(f"{code}: twice in the file, or known before; kept once.")
    return 0


def _generate(arguments: argparse.Namespace) -> int:
    with database():
        from pointbook.controls.actors import SYSTEM
        from pointbook.redemption.operations.supplying import generate_codes

        made = generate_codes(
            program_id=_program(arguments.program),
            reward=arguments.reward,
            count=arguments.count,
            actor=SYSTEM,
        )
    print("\n".join(made))
    return 0


def _export(arguments: argparse.Namespace) -> int:
    with database():
        from pointbook.controls.actors import SYSTEM
        from pointbook.redemption.operations.supplying import export_codes

        text = export_codes(
            program_id=_program(arguments.program), reward=arguments.reward, actor=SYSTEM
        )
    sys.stdout.write(text)
    return 0


def _program(code: str) -> int:
    from pointbook.programs.queries import program

    return program(code).id
