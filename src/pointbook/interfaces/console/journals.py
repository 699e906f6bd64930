"""Manual journals: what people posted by hand, what waits, a new one, and taking one back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from pointbook.accounting.operations.approving import PERMITS
from pointbook.accounting.operations.manual import propose_entry, propose_reversal
from pointbook.accounting.queries.approvals import ProposalRow, proposal, proposals
from pointbook.accounting.queries.books import periods
from pointbook.accounting.queries.by_hand import by_hand
from pointbook.accounting.queries.drafts import Written
from pointbook.accounting.queries.names import ACCOUNTS
from pointbook.accounting.queries.settings import books_of
from pointbook.engine.revenue.accounts import Kind
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.money import exponent, to_minor
from pointbook.interfaces.console.desk import Desk, page
from pointbook.interfaces.console.pages import journals as pages
from pointbook.interfaces.console.pages.books import JournalLine
from pointbook.interfaces.console.pages.fields import Choice, Field
from pointbook.interfaces.console.rail import rail

LINES: Final = 4
MOST: Final = 40
_PLACE: Final = re.compile(r"lines\[(\d+)\]")


@page("books", "console/journals.html")
def journals(desk: Desk) -> pages.Journals:
    """The manual journals, the latest first."""
    return _page(desk)


@require_POST
@page("books", "console/journals.html")
def new(desk: Desk) -> object:
    """Propose a journal; what is wrong stands under its field."""
    asked = desk.request.POST
    columns = (asked.getlist(name)[:MOST] for name in ("account", "debit", "credit"))
    typed = [
        pages.TypedLine(place, *(one.strip() for one in row))
        for place, row in enumerate(zip(*columns, strict=False), 1)
    ]
    # Empty rows are not meant; the numbers of the others are kept for the errors.
    meant = [one for one in typed if one.account or one.debit or one.credit]
    written = Written(
        memo=asked.get("memo", ""),
        program=desk.program.code,
        period=asked.get("period", ""),
        adjusts=asked.get("adjusts", ""),
        lines=tuple((_account(one), one.debit, one.credit) for one in meant),
    )
    try:
        made = propose_entry(
            entity_code=desk.program.entity,
            written=written,
            actor=desk.actor,
            note=asked.get("note", "").strip(),
        )
    except PointbookError as refusal:
        return _page(desk, refusal=refusal, typed=typed, meant=meant)
    messages.success(desk.request, f"Journal proposed as number {made.number}. Approve it to post.")
    return redirect(f"{reverse('console:journals')}#m-{made.number}")


def _account(line: pages.TypedLine) -> str:
    return f"chart:{line.account}" if line.account else ""


@require_POST
@page("books", "console/journals.html")
def reverse_entry(desk: Desk, *, number: int) -> HttpResponse:
    """Propose to take back what the proposal of this number posted."""
    entity = desk.program.entity
    found = proposal(number=number, entity_code=entity)
    try:
        made = propose_reversal(
            entity_code=entity,
            code=by_hand(entity_code=entity).codes.get(number, "") if found else "",
            actor=desk.actor,
            reason=desk.request.POST.get("note", "").strip(),
        )
    except PointbookError as refusal:
        messages.error(desk.request, str(refusal))
        return redirect("console:journals")
    messages.success(desk.request, f"The reversal is proposed as number {made.number}.")
    return redirect(f"{reverse('console:journals')}#m-{made.number}")


def _page(
    desk: Desk,
    *,
    refusal: PointbookError | None = None,
    typed: Sequence[pages.TypedLine] = (),
    meant: Sequence[pages.TypedLine] = (),
) -> pages.Journals:
    entity = desk.program.entity
    hand = by_hand(entity_code=entity)
    rows = [one for one in proposals(entity_code=entity) if one.kind == "journal"]
    wrong, where = (str(refusal), str(refusal.field)) if refusal else ("", "")
    place = _PLACE.match(where)
    bad = meant[int(place[1]) - 1].place if place and int(place[1]) <= len(meant) else 0
    shown = list(typed) + [pages.TypedLine(n) for n in range(len(typed) + 1, LINES + 1)]
    fields = _fields(desk, where, wrong)
    said = bool(bad) or any(one.error for one in fields)
    return pages.Journals(
        rail=rail(desk, here="Journals"),
        entity=entity,
        program=desk.program.name,
        currency=desk.program.currency,
        owner_run=not books_of(entity).second_person,
        entries=tuple(
            _manual(desk, row, code=hand.codes.get(row.number, ""), taken=hand.reversed)
            for row in rows
        ),
        may_propose=desk.may(PERMITS["journal"].propose),
        fields=fields,
        accounts=tuple(
            Choice(one.code, f"{one.code} {one.name}")
            for one in ACCOUNTS.values()
            if one.kind is not Kind.MEMO
        ),
        rows=tuple(
            pages.TypedLine(
                one.place, one.account, one.debit, one.credit, wrong if one.place == bad else ""
            )
            for one in shown
        ),
        error="" if said else wrong,
    )


def _fields(desk: Desk, where: str, wrong: str) -> tuple[Field, ...]:
    asked = desk.request.POST
    over = [one for one in periods(entity_code=desk.program.entity) if one.status != "closed"]
    period = asked.get("period") or (over[-1].code if over else "")

    def field(
        name: str, label: str, *, hint: str = "", value: str = "", kind: str = "text"
    ) -> Field:
        error = wrong if where == name or (name == "period" and where == "posting_on") else ""
        return Field(name, label, value or asked.get(name, ""), hint, error, kind)

    return (
        field("period", "Period", value=period, kind="month", hint="Posted on its last day."),
        field("memo", "What it is for"),
        field("note", "Note", hint="Read by whoever approves."),
        field(
            "adjusts",
            "What it adjusts",
            hint="Only where an account is touched that follows from points: 2100, 2300.",
        ),
    )


def _manual(desk: Desk, row: ProposalRow, *, code: str, taken: frozenset[str]) -> pages.Manual:
    body: Mapping[str, Any] = row.body
    places = exponent(str(body["currency"]))
    state = {"": "waiting", "refused": "refused"}.get(row.outcome, "posted")
    if code in taken:
        state = "reversed"
    lines = [
        JournalLine(
            one["account"],
            ACCOUNTS[one["account"]].name,
            to_minor(one["debit"], places=places),
            to_minor(one["credit"], places=places),
        )
        for one in body["lines"]
    ]
    return pages.Manual(
        number=row.number,
        code=code,
        description=str(body["memo"]),
        period=row.period,
        currency=str(body["currency"]),
        lines=tuple(sorted(lines, key=lambda line: line.credit > 0)),
        by=row.prepared_by,
        on=desk.day(row.prepared_at),
        state=state,
        decided_by=row.decided_by,
        own=row.own and row.outcome == "approved",
        mine=row.prepared_by == desk.actor.name,
        may_decide=not row.outcome and desk.may(PERMITS["journal"].decide),
        may_reverse=state == "posted" and desk.may(PERMITS["journal"].propose),
        reverses=str(body.get("reverses", "")),
    )
