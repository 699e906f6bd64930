"""Open the last closed period again: proposed with a reason, approved by a second person.

Nothing is posted by it. The next close of the period is its next version: it takes back what the
version before derived and posts what follows from the facts known then. Raises ReopenRefused.
"""

from __future__ import annotations

from pointbook.accounting import events
from pointbook.accounting.models import Close, Period, Proposal
from pointbook.accounting.operations.proposing import Proposed, propose_and_approve
from pointbook.accounting.queries.books import entity, period_start, programs_of
from pointbook.controls.actors import Actor
from pointbook.controls.operations import announce, next_seq
from pointbook.engine.values.errors import ConflictError
from pointbook.programs.models import Entity


class ReopenRefused(ConflictError):
    """The period cannot be opened again."""


def reopen(*, entity_code: str, period: str, reason: str, actor: Actor) -> Proposed:
    """Propose to open a closed period again; where the owner keeps the books, it is open at once.

    :raises EntityNotFound: no such entity.
    :raises PeriodError: the text is no period.
    :raises ReopenRefused: it is not the last closed one, or there is no reason.
    :raises PersonNeeded: nobody of the team proposes, where two persons keep the books.
    """
    own = entity(entity_code)
    period_start(period)
    if not reason.strip():
        raise ReopenRefused(
            f"{period} is opened again for a reason only",
            field="reason",
            mend="Say why: --reason TEXT.",
        )
    closed = _require_last(own, period)
    body = {"period": period, "version": closed.version, "reason": reason.strip()}
    return propose_and_approve(
        kind="reopen", entity_code=own.code, body=body, actor=actor, note=reason.strip()
    )


def approve_reopening(proposal: Proposal, _approver: str) -> str:
    """What the approval does: the period stands open again; answers its code.

    :raises ReopenRefused: it is no longer the last closed one, or was closed anew meanwhile.
    """
    own = proposal.entity
    closed = _require_last(own, str(proposal.body["period"]))
    if closed.version != proposal.body["version"]:
        raise ReopenRefused(
            f"{closed.period.code} was closed anew since {proposal.prepared_by} proposed this",
            field="number",
            value=proposal.number,
            mend="Look at the new version and propose it again.",
        )
    period = Period.objects.select_for_update().get(id=closed.period_id)
    period.status = Period.Status.REOPENED
    period.save(update_fields=["status"])
    for program_id in sorted(books.id for books in programs_of(own)):
        announce(
            program_id=program_id,
            start=next_seq(program_id),
            rows=[(events.REOPENED, closed.id, None)],
        )
    return period.code


def _require_last(own: Entity, code: str) -> Close:
    """The last close, if it is of this period and sealed.

    :raises ReopenRefused: saying which period could be opened, if any.
    """
    closes = Close.objects.filter(entity=own).select_related("period")
    last = closes.order_by("-period__first_on", "-version").first()
    if last is not None and last.period.code == code:
        if last.period.status == Period.Status.CLOSED:
            return last
        stands = "open again" if last.period.status == Period.Status.REOPENED else "not sealed yet"
        raise ReopenRefused(
            f"{code} of {own.code} is {stands}",
            field="period",
            value=code,
            mend=f"Close it: pointbook close {code}.",
        )
    if closes.filter(period__code=code).exists() and last is not None:
        raise ReopenRefused(
            f"{code} of {own.code} is not its last closed period, which is {last.period.code}",
            field="period",
            value=code,
            mend="Correct it with new facts or an entry by hand in an open period.",
        )
    raise ReopenRefused(
        f"{code} of {own.code} is not closed", field="period", value=code, mend="Nothing is to do."
    )
