"""Say what the accounts are called in an entity's own system, for exports and reports.

Names are proposed and approved like all that changes the books. Raises NameRefused for a row that
cannot be, EntityNotFound and PermissionRefused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pointbook.accounting.models import AccountName, Proposal
from pointbook.accounting.operations.locking import lock_books
from pointbook.accounting.operations.proposing import Proposed, propose_and_approve
from pointbook.accounting.queries.exports.tables import FORMULA
from pointbook.accounting.queries.names import ACCOUNTS, NameRow, account_names
from pointbook.controls.actors import Actor
from pointbook.controls.clock import now
from pointbook.engine.revenue.accounts import Kind
from pointbook.engine.values.errors import PointbookError
from pointbook.programs.models import Entity, Program

LONGEST_CODE, LONGEST_NAME = 60, 120


class NameRefused(PointbookError):
    """An account cannot be called like this."""

    status = 422


def name_accounts(*, rows: Sequence[NameRow], actor: Actor, entity_code: str = "main") -> Proposed:
    """Propose names, approved at once where the owner keeps the books.

    A row without a code takes a name back. `result` of an approval is how many rows were new.

    :raises NameRefused: no such account or program, or a code or name that no system can hold.
    :raises EntityNotFound: no such entity.
    :raises PersonNeeded: nobody of the team proposes, where two persons keep the books.
    """
    check_names(rows)
    return propose_and_approve(
        kind="accounts", entity_code=entity_code, body=body_of(rows), actor=actor
    )


def approve_names(proposal: Proposal, approver: str) -> int:
    """What the approval of a proposal of kind `accounts` does: write its names; how many are new.

    :raises NameRefused: names that cannot be in force any more.
    """
    rows = rows_of(proposal.body)
    check_names(rows)
    return _write(proposal.entity, rows, approver)


def body_of(rows: Sequence[NameRow]) -> dict[str, object]:
    """The rows as the body of a proposal."""
    names = [
        {"account": row.account, "code": row.code, "name": row.name, "split": row.split}
        for row in rows
    ]
    return {"names": names}


def rows_of(body: Mapping[str, Sequence[Mapping[str, str]]]) -> tuple[NameRow, ...]:
    """The rows of a proposal's body."""
    return tuple(
        NameRow(one["account"], one["code"], one.get("name", ""), one.get("split", ""))
        for one in body["names"]
    )


def check_names(rows: Sequence[NameRow]) -> None:
    """Let the rows pass, or raise.

    :raises NameRefused: naming the account, and what is wrong with its row.
    """
    programs = set(Program.objects.values_list("code", flat=True))
    seen: set[tuple[str, str]] = set()
    for row in rows:
        chart = ACCOUNTS.get(row.account)
        if chart is None or chart.kind is Kind.MEMO:
            raise _refused(row, "is no account of the chart that has money on it")
        if row.split and row.split not in programs:
            raise _refused(row, f"cannot be split by {row.split!r}: there is no such program")
        if (row.account, row.split) in seen:
            raise _refused(row, "is named twice")
        seen.add((row.account, row.split))
        for text, longest in ((row.code, LONGEST_CODE), (row.name, LONGEST_NAME)):
            if len(text) > longest or not text.isprintable() or text != text.strip():
                raise _refused(row, f"cannot be called {text!r}")
            if text.startswith(FORMULA):
                raise _refused(row, f"cannot be called {text!r}: a spreadsheet would compute it")
        if not any(letter.isalnum() for letter in row.code) and row.code:
            raise _refused(row, f"cannot have the code {row.code!r}")


def _refused(row: NameRow, what: str) -> NameRefused:
    return NameRefused(
        f"{row.account} {what}",
        field="accounts",
        value=row.account,
        mend=f"Write account, code (at most {LONGEST_CODE} characters), name ({LONGEST_NAME})"
        " and, for lines of one program only, split.",
    )


def _write(own: Entity, rows: Sequence[NameRow], by: str) -> int:
    lock_books([own.id])
    known = {(row.account, row.split): row for row in account_names(own.code).rows}
    new = [row for row in rows if known.get((row.account, row.split), _none(row)) != row]
    at = now()
    AccountName.objects.bulk_create(
        AccountName(
            entity=own,
            account=row.account,
            split=row.split,
            code=row.code,
            name=row.name,
            recorded_by=by,
            recorded_at=at,
        )
        for row in new
    )
    return len(new)


def _none(row: NameRow) -> NameRow:
    """What stands in place of a row that was never written: a row without a code."""
    return NameRow(row.account, "", row.name if not row.code else "", row.split)
