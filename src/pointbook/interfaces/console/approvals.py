"""Approvals: everything that waits for a second person, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from pointbook.accounting.operations.approving import PERMITS
from pointbook.accounting.operations.proposing import approve, refuse
from pointbook.accounting.queries.approvals import ProposalRow, proposals
from pointbook.accounting.queries.settings import books_of
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.console import formats
from pointbook.interfaces.console.desk import Desk, page
from pointbook.interfaces.console.pages import approvals as pages
from pointbook.interfaces.console.rail import rail

SHOWN: Final = 100
METHODS: Final = {
    "flat": "Flat rate",
    "chain_ladder": "Chain ladder",
    "bornhuetter_ferguson": "Bornhuetter-Ferguson",
    "cape_cod": "Cape Cod",
    "hazard": "Discrete hazards",
}
SETTINGS: Final = {
    "full": "full books",
    "owner_run": "owner approves own work",
    "costs": "cost of own goods",
    "sales": "full sale",
    "gross_tender": "points as a tender",
}


@page("books", "console/approvals.html")
def approvals(desk: Desk) -> pages.Approvals:
    """What waits, the oldest first, and what was decided, the latest first."""
    rows = [_told(desk, row) for row in proposals(entity_code=desk.program.entity)]
    return pages.Approvals(
        rail=rail(desk, here="Approvals"),
        entity=desk.program.entity,
        program=desk.program.name,
        owner_run=not books_of(desk.program.entity).second_person,
        waiting=tuple(row for row in rows[::-1] if not row.outcome),
        decided=tuple(row for row in rows if row.outcome)[:SHOWN],
    )


@require_POST
@page("books", "console/approvals.html")
def decide(desk: Desk, *, number: int) -> HttpResponse:
    """Approve or refuse a proposal; a second click finds it decided and says so."""
    asked = desk.request.POST
    run = approve if asked.get("outcome") == "approve" else refuse
    try:
        made = run(
            entity_code=desk.program.entity,
            number=number,
            actor=desk.actor,
            reason=asked.get("reason", "").strip(),
        )
    except PointbookError as refusal:
        messages.error(desk.request, str(refusal))
    else:
        own = ", as your own work" if made.own and made.outcome == "approved" else ""
        messages.success(desk.request, f"Proposal {number} is {made.outcome}{own}.")
    to = asked.get("next", "")
    hosts = {desk.request.get_host()}
    safe = url_has_allowed_host_and_scheme(to, allowed_hosts=hosts)
    return redirect(to if safe else reverse("console:approvals"))


def _told(desk: Desk, row: ProposalRow) -> pages.Proposal:
    what, details, href = _WORDS.get(row.kind, _other)(row.body, row)
    return pages.Proposal(
        number=row.number,
        kind=row.kind,
        what=what,
        details=details,
        note=row.note,
        by=row.prepared_by,
        on=desk.day(row.prepared_at),
        href=href,
        may_decide=not row.outcome and desk.may(PERMITS[row.kind].decide),
        mine=row.prepared_by == desk.actor.name,
        outcome=row.outcome,
        decided_by=row.decided_by,
        decided_on=desk.day(row.decided_at) if row.decided_at else None,
        reason=row.reason,
        own=row.own,
    )


Body = Mapping[str, Any]
Words = tuple[str, tuple[str, ...], str]


def percent(rate: Decimal | str) -> str:
    """A rate from 0 to 1 in per cent: 87.5%."""
    return f"{formats.number(Decimal(rate) * 100, places=1)}%"


def _estimate(body: Body, row: ProposalRow) -> Words:
    method = METHODS.get(str(body["method"]), str(body["method"]))
    around = ""
    if body.get("low") != body.get("high"):
        around = f", {percent(body['low'])} to {percent(body['high'])}"
    detail = f"{percent(body['rate'])}{around}, from {body['period']} on"
    return f"Estimate: {method}", (detail,), f"{reverse('console:estimate')}?paper={row.number}"


def _cost(body: Body, _row: ProposalRow) -> Words:
    what = f"Cost of a point of {body['unit']}: {body['amount']}"
    return what, (f"from {body['period']} on",), ""


def _journal(body: Body, row: ProposalRow) -> Words:
    href = f"{reverse('console:journals')}#m-{row.number}"
    return f"Journal: {body.get('memo', '')}", (f"in {row.period}",), href


def _reopen(body: Body, _row: ProposalRow) -> Words:
    code = str(body["period"])
    return f"Reopen {code}", (), reverse("console:period", args=[code])


def _settings(body: Body, _row: ProposalRow) -> Words:
    on = [label for name, label in SETTINGS.items() if body.get(name)]
    return "Settings of the books", (", ".join(on) or "everything off",), ""


def _accounts(body: Body, _row: ProposalRow) -> Words:
    rows = body["names"]
    told = tuple(f"{one['account']}: {one['code']} {one['name']}".strip() for one in rows[:6])
    return f"Names of {formats.counted(len(rows), 'account', 'accounts')}", told, ""


def _exchange(body: Body, _row: ProposalRow) -> Words:
    return f"Rate of {body['currency']} for {body['period']}: {body['rate']}", (), ""


def _other(_body: Body, row: ProposalRow) -> Words:
    return row.kind, (), ""


_WORDS: Final = {
    "estimate": _estimate,
    "cost": _cost,
    "journal": _journal,
    "reopen": _reopen,
    "settings": _settings,
    "accounts": _accounts,
    "exchange": _exchange,
}
