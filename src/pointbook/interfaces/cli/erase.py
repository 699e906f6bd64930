"""`pointbook erase`: forget who a member is; points and books stay as they are.

Raises MemberNotFound, ErasureRefused, ProgramNotFound, PermissionRefused and UserUnknown.
"""

from __future__ import annotations

import argparse

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.team import actor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """MEMBER, --program, --reason, --as."""
    parser.add_argument("member", metavar="MEMBER", help="anything they are known by, or the id")
    parser.add_argument("--program", required=True, metavar="CODE")
    parser.add_argument(
        "--reason", required=True, metavar="TEXT", help="why; it is kept, and names nobody"
    )
    parser.add_argument("--as", dest="user", metavar="USER", help="who erases; else the owner")


def run(arguments: argparse.Namespace) -> int:
    """Erase the member, and say by the random id only what went."""
    with database():
        from pointbook.members.erasing import erase
        from pointbook.programs.queries import program

        done = erase(
            program_id=program(arguments.program).id,
            member=arguments.member,
            actor=actor(arguments.user),
            reason=arguments.reason,
        )
    if not (done.identifiers or done.profiles):
        print(f"Member {done.member} is known by nothing: nothing was left to erase.")
        return 0
    counts = ", ".join(
        f"{count} {name}" for name, count in done._asdict().items() if name != "member" and count
    )
    print(f"Member {done.member} is known by nothing any more. Emptied: {counts}.")
    return 0
