"""Journal entries by hand: somebody writes one, another person approves it, then it is posted.

Read before they are proposed and again when they are approved: accounts, amounts, balance, an open
period. They stand beside what closes derive: an entry on an account that ties to cohorts says what
it adjusts, no tie-out counts it, and every close tells it. Raises EntryRefused and EntryTooLate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from pointbook.accounting.models import JournalEntry, JournalLine, Period, Proposal
from pointbook.accounting.operations.proposing import Proposed, propose
from pointbook.accounting.operations.reversing import REVERSAL, mirrored, next_number
from pointbook.accounting.queries.books import entity, first_open
from pointbook.accounting.queries.drafts import Draft, EntryRefused, Line, Written, read_draft
from pointbook.accounting.queries.journals import EntryNotFound, entry_code, posting_day
from pointbook.controls.actors import Actor
from pointbook.controls.clock import now
from pointbook.engine.values.calendar import month_name
from pointbook.engine.values.errors import ConflictError
from pointbook.engine.values.money import exponent, to_major
from pointbook.programs.models import Entity

BY_HAND: Final = "M"  # the journal of entries by hand
MANUAL: Final = "manual"


class EntryTooLate(ConflictError):
    """The period of the entry is closed."""


class Posted(NamedTuple):
    """An entry by hand that was posted."""

    id: int
    code: str


def propose_entry(*, entity_code: str, written: Written, actor: Actor, note: str = "") -> Proposed:
    """Propose an entry; it is posted once somebody approves it.

    :raises EntityNotFound: no such entity.
    :raises EntryRefused: naming the field, what stood there and what mends it.
    :raises EntryTooLate: its period is closed.
    :raises PersonNeeded: nobody of the team proposes, where two persons keep the books.
    """
    own = entity(entity_code)
    draft = read_draft(own, written)
    _require_open(own, draft.posting_on)
    return propose(
        kind="journal",
        entity_code=own.code,
        body=as_body(draft),
        actor=actor,
        program=draft.program.code,
        note=note,
    )


def propose_reversal(
    *,
    entity_code: str,
    code: str,
    actor: Actor,
    reason: str = "",
    posting_on: date | None = None,
) -> Proposed:
    """Propose to take back an entry by hand: on its own day, or in the first open period.

    :raises EntityNotFound: no such entity.
    :raises EntryNotFound: no such entry.
    :raises EntryRefused: it was derived by a close, or is reversed already.
    :raises EntryTooLate: the day's period is closed.
    """
    own = entity(entity_code)
    entry = _reversible(own, code)
    day = posting_on or _day_back(own, entry)
    _require_open(own, day)
    if day < entry.posting_on:
        raise EntryRefused(
            f"{code} was posted on {entry.posting_on}, so it is not taken back before",
            field="posting_on",
            value=f"{day}",
            mend="Choose that day or a later one.",
        )
    lines = JournalLine.objects.filter(entry=entry).order_by("number")
    adjusts = (entry.proposal.body if entry.proposal else {}).get("adjusts", "")
    body = as_body(
        Draft(
            program=entry.program,
            posting_on=day,
            memo=f"Reversal of {code}",
            currency=entry.currency,
            lines=tuple(Line(line.account, line.credit, line.debit) for line in lines),
            adjusts=adjusts,
        )
    )
    return propose(
        kind="journal",
        entity_code=own.code,
        body=body | {"reverses": code},
        actor=actor,
        program=entry.program.code,
        note=reason,
    )


def _reversible(own: Entity, code: str) -> JournalEntry:
    """The entry by hand with this code, if it can be taken back.

    :raises EntryNotFound: no such entry.
    :raises EntryRefused: it was derived, or is reversed already.
    """
    found = entry_by_code(own, code)
    if found.proposal is None:
        raise EntryRefused(
            f"{code} was derived by a close",
            field="entry",
            value=code,
            mend="Open its period again: pointbook reopen; or post a fact that corrects it.",
        )
    before = JournalEntry.objects.filter(reverses=found).select_related("period").first()
    if before is not None:
        again = entry_code(before.journal, before.period.code, before.number)
        raise EntryRefused(
            f"{code} is reversed already, by {again}",
            field="entry",
            value=code,
            mend="Write a new entry if it is to stand.",
        )
    return found


def entry_by_code(own: Entity, code: str) -> JournalEntry:
    """The entry that is called like this: M-2017-02-0003.

    :raises EntryNotFound: no entry of the entity is.
    """
    journal, _, rest = code.partition("-")
    period, _, number = rest.rpartition("-")
    rows = JournalEntry.objects.select_related("period", "program", "proposal")
    found = None
    if number.isdecimal():
        found = rows.filter(
            entity=own, journal=journal, period__code=period, number=int(number)
        ).first()
    if found is None:
        raise EntryNotFound(
            f"there is no journal entry {code!r}",
            field="entry",
            value=code,
            mend="Name one as the journal does: M-2017-02-0003.",
        )
    return found


def _day_back(own: Entity, entry: JournalEntry) -> date:
    """The entry's own day while its period is open, else the end of the first open period."""
    month = first_open(own)
    if entry.period.status != Period.Status.CLOSED or month is None:
        return entry.posting_on
    return posting_day(month)


def _require_open(own: Entity, day: date) -> None:
    """Entries are taken until their period is sealed, in one that is drawn up as well.

    :raises EntryTooLate: it is closed.
    """
    code = month_name(month_of(day))
    if Period.objects.filter(entity=own, code=code, status=Period.Status.CLOSED).exists():
        month = first_open(own)
        raise EntryTooLate(
            f"{code} of {own.code} is closed",
            field="posting_on",
            value=f"{day}",
            mend=f"Post it in {month_name(month)} or later." if month else "Post it later.",
        )


def month_of(day: date) -> date:
    """The first day of a day's month, which is a period's."""
    return day.replace(day=1)


def approve_entry(proposal: Proposal, _approver: str) -> Posted:
    """What the approval does: the entry is read again and posted, with the next number.

    :raises EntryRefused: it cannot be posted any more.
    :raises EntryTooLate: its period is closed by now.
    """
    own = proposal.entity
    draft = from_body(own, proposal)
    _require_open(own, draft.posting_on)
    code = str(proposal.body.get("reverses", ""))
    reverses = _reversible(own, code) if code else None
    first_on = month_of(draft.posting_on)
    period, _ = Period.objects.get_or_create(
        entity=own, code=month_name(first_on), defaults={"first_on": first_on}
    )
    entry = JournalEntry.objects.create(
        entity=own,
        program=draft.program,
        period=period,
        proposal=proposal,
        reverses=reverses,
        journal=BY_HAND,
        year=draft.posting_on.year,
        number=next_number(own.id, BY_HAND, draft.posting_on.year),
        event=REVERSAL if reverses else MANUAL,
        description=draft.memo,
        posting_on=draft.posting_on,
        currency=draft.currency,
        recorded_at=now(),
    )
    JournalLine.objects.bulk_create(_lines(entry, draft, reverses))
    return Posted(entry.id, entry_code(entry.journal, period.code, entry.number))


def _lines(
    entry: JournalEntry, draft: Draft, reverses: JournalEntry | None
) -> Sequence[JournalLine]:
    if reverses is not None:
        return mirrored(entry, JournalLine.objects.filter(entry=reverses).order_by("number"))
    return [
        JournalLine(
            entry=entry, number=number, account=line.account, debit=line.debit, credit=line.credit
        )
        for number, line in enumerate(draft.lines, 1)
    ]


def as_body(draft: Draft) -> dict[str, Any]:
    """An entry as the body of a proposal: amounts are exact decimals as text, in major units."""
    places = exponent(draft.currency)
    return {
        "period": month_name(month_of(draft.posting_on)),
        "posting_on": draft.posting_on.isoformat(),
        "memo": draft.memo,
        "currency": draft.currency,
        "adjusts": draft.adjusts,
        "lines": [
            {
                "account": line.account,
                "debit": f"{to_major(line.debit, places=places)}",
                "credit": f"{to_major(line.credit, places=places)}",
            }
            for line in draft.lines
        ],
    }


def from_body(own: Entity, proposal: Proposal) -> Draft:
    """The entry of a proposal, read as it was when it was written.

    :raises EntryRefused: it cannot be any more.
    """
    body: Mapping[str, Any] = proposal.body
    return read_draft(
        own,
        Written(
            program=proposal.program.code if proposal.program else "",
            posting_on=str(body["posting_on"]),
            memo=str(body["memo"]),
            currency=str(body["currency"]),
            adjusts=str(body.get("adjusts", "")),
            lines=tuple(
                (f"chart:{line['account']}", str(line["debit"]), str(line["credit"]))
                for line in body["lines"]
            ),
        ),
    )
