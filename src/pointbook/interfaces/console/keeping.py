"""How an entity keeps its books: simple or full, and what Pointbook books."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from pointbook.accounting.operations.settings import keep_books
from pointbook.accounting.queries.approvals import proposals
from pointbook.accounting.queries.settings import BooksSetting, books_of
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.console.desk import Desk, page
from pointbook.interfaces.console.pages import keeping as pages
from pointbook.interfaces.console.rail import rail

SWITCHES: Final = (
    (
        "owner_run",
        "The owner approves own work",
        "Each such approval stands in the close pack. Otherwise a second person approves.",
    ),
    (
        "costs",
        "Pointbook books the cost of own goods",
        "Account 5000 against 1400 when a reward is given, unless your shop system does.",
    ),
    (
        "sales",
        "Pointbook books the full sale",
        "Account 1000 against 4000, tax and liability, unless your shop system does.",
    ),
    (
        "gross_tender",
        "The shop books what points pay as a tender",
        "Account 4090 against 1000 at the value that was paid with points.",
    ),
)


@page("books", "console/keeping.html")
def settings(desk: Desk) -> object:
    """The settings in force; a POST changes them, or proposes to."""
    own = books_of(desk.program.entity)
    if desk.request.method == "POST":
        asked = desk.request.POST
        wanted = replace(
            own,
            owner_run=not own.full or "owner_run" in asked,
            costs="costs" in asked,
            sales="sales" in asked,
            gross_tender="gross_tender" in asked,
        )
        return _keep(desk, wanted)
    waiting = [
        one
        for one in proposals(entity_code=desk.program.entity, waiting=True)
        if one.kind == "settings"
    ]
    return pages.Keeping(
        rail=rail(desk, here="Settings"),
        entity=desk.program.entity,
        program=desk.program.name,
        full=own.full,
        owner_run=own.owner_run,
        switches=tuple(
            pages.Switch(name, label, says, getattr(own, name))
            for name, label, says in SWITCHES
            if own.full or name != "owner_run"
        ),
        may_switch=desk.actor.role == "owner",
        may_set=desk.may("settings.set"),
        waiting=f"{waiting[0].prepared_by} proposed other settings. A second person decides."
        if waiting
        else "",
    )


@require_POST
@page("books", "console/keeping.html")
def view(desk: Desk) -> HttpResponse:
    """Change from simple to full books, or back; the owner's to say."""
    if desk.actor.role != "owner":
        messages.error(desk.request, "The owner says whether books are simple or full.")
        return redirect("console:books-settings")
    own, full = books_of(desk.program.entity), desk.request.POST.get("view") == "full"
    return _keep(desk, replace(own, full=full, owner_run=own.owner_run or not full), to="books")


def _keep(desk: Desk, wanted: BooksSetting, *, to: str = "books-settings") -> HttpResponse:
    try:
        made = keep_books(wanted=wanted, actor=desk.actor)
    except PointbookError as refusal:
        messages.error(desk.request, str(refusal))
        return redirect("console:books-settings")
    if made.waits:
        messages.success(desk.request, "Proposed. It is in force once a second person approves.")
        return redirect("console:books-settings")
    kept = "Full books" if wanted.full else "Simple books"
    messages.success(desk.request, f"{kept}. The settings are in force.")
    return redirect(f"console:{to}")
