"""`pointbook approve`: what waits for a second person; approve it or refuse it.

Raises ProposalNotFound, OwnApproval, PersonNeeded, DecidedAlready, PermissionRefused, UserUnknown
and what the approval itself raises.
"""

from __future__ import annotations

import argparse

from pointbook.interfaces.cli.database import database
from pointbook.interfaces.cli.tabular import FORMATS, Report
from pointbook.interfaces.cli.team import actor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """NUMBER, --refuse, --reason, --entity, --as."""
    parser.add_argument(
        "number", metavar="NUMBER", type=int, nargs="?", help="without it, list what waits"
    )
    parser.add_argument("--refuse", action="store_true", help="refuse it, or take your own back")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; it is kept")
    parser.add_argument("--entity", default="main", metavar="CODE")
    parser.add_argument("--as", dest="user", metavar="USER", help="who decides; else the owner")


def run(arguments: argparse.Namespace) -> int:
    """Decide about a proposal, or list those that wait."""
    with database():
        if arguments.number is None:
            return _waiting(arguments.entity)
        print(
            decide(
                arguments.number,
                entity=arguments.entity,
                user=arguments.user,
                reason=arguments.reason,
                refused=arguments.refuse,
            )
        )
    return 0


def decide(number: int, *, entity: str, user: str | None, reason: str, refused: bool) -> str:
    """Approve or refuse a proposal; what became of it, in a line.

    :raises ProposalNotFound: no such proposal.
    :raises OwnApproval: the user prepared it, where two persons keep the books.
    :raises DecidedAlready: somebody decided before.
    """
    from pointbook.accounting.operations.proposing import approve, refuse

    done = (refuse if refused else approve)(
        entity_code=entity, number=number, actor=actor(user), reason=reason
    )
    own = ", who prepared it" if done.own else ""
    code = getattr(done.result, "code", "") if done.kind == "journal" else ""
    posted = f" It is posted as {code}." if code else ""
    return (
        f"Proposal {done.number} of {done.entity} ({done.kind}) is {done.outcome} by"
        f" {done.decided_by}{own}.{posted}"
    )


def _waiting(entity: str) -> int:
    from pointbook.accounting.queries.approvals import proposals

    rows = proposals(entity_code=entity, waiting=True)
    FORMATS["table"](
        Report(
            title=f"What waits for a second person, {entity}",
            columns=("number", "kind", "period", "program", "prepared by", "note"),
            rows=[
                (row.number, row.kind, row.period, row.program, row.prepared_by, row.note)
                for row in rows
            ],
        )
    )
    return 0
