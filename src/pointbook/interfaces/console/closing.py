"""What is done about a period from its page: drawn up, sealed, closed at once, opened again.

Each answers with the page it came from and a message; twice the same is done once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from pointbook.accounting.operations import closing
from pointbook.accounting.operations.reopening import reopen as reopen_period
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.console import formats
from pointbook.interfaces.console.desk import Desk, page


@require_POST
@page("books", "console/books.html")
def close(desk: Desk, *, code: str) -> HttpResponse:
    """Draw a period up and seal it; where two persons keep the books, another one seals."""
    return _tried(desk, code, partial(closing.close, reason=_reason(desk)))


@require_POST
@page("books", "console/books.html")
def draw_up(desk: Desk, *, code: str) -> HttpResponse:
    """Soft-close a period."""
    return _tried(desk, code, partial(closing.draw_up, reason=_reason(desk)))


@require_POST
@page("books", "console/books.html")
def seal(desk: Desk, *, code: str) -> HttpResponse:
    """Seal a soft-closed period."""
    return _tried(desk, code, closing.seal)


@require_POST
@page("books", "console/books.html")
def reopen(desk: Desk, *, code: str) -> HttpResponse:
    """Ask to open a closed period again; it is open at once where the owner keeps the books."""
    try:
        made = reopen_period(
            entity_code=desk.program.entity,
            period=code,
            reason=desk.request.POST.get("reason", ""),
            actor=desk.actor,
        )
    except PointbookError as refusal:
        messages.error(desk.request, str(refusal))
    else:
        done = "waits for a second person to reopen it" if made.waits else "is open again"
        messages.success(desk.request, f"{_month(code)} {done}.")
    return redirect("console:period", code=code)


def _tried(desk: Desk, code: str, run: Callable[..., closing.Done]) -> HttpResponse:
    try:
        done = run(entity_code=desk.program.entity, period=code, actor=desk.actor)
    except PointbookError as refusal:
        messages.error(desk.request, str(refusal))
    else:
        messages.success(desk.request, _said(done))
    if desk.request.POST.get("simple"):
        return redirect(f"{reverse('console:books')}?month={code}")
    return redirect("console:period", code=code)


def _reason(desk: Desk) -> str:
    return desk.request.POST.get("reason", "").strip()


def _said(done: closing.Done) -> str:
    month = _month(done.period)
    posted = f"{formats.counted(done.posted, 'entry', 'entries')} posted, all tie-outs at zero."
    if done.waits_for_seal:
        return f"{month} is soft-closed. {posted if done.drawn else 'It waits for its seal.'}"
    return f"{month} is sealed. {posted if done.drawn else 'Nothing is posted in it any more.'}"


def _month(code: str) -> str:
    return date_format(date.fromisoformat(f"{code}-01"), "F Y")
