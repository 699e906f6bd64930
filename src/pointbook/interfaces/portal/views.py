"""What a member can do: join or sign in by a code, look at the card, say who they are, leave.

Errors of the rooms are shown beside the field they belong to, with what mends them.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from pointbook.controls.actors import Actor
from pointbook.controls.operations import change
from pointbook.earning import queries as earning
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.portal import cards
from pointbook.interfaces.portal.mails import MailFailed, send_code
from pointbook.interfaces.portal.visits import (
    PATH,
    Visit,
    guarded,
    members_only,
    session_of,
    visiting,
)
from pointbook.ledger.cursors import place
from pointbook.members.operations import describe
from pointbook.members.signin import issue_code, sign_in
from pointbook.programs.queries import programs

LATELY = 4
A_PAGE = 30
LONGEST_NAME = 200


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Where there is one program, its card; else a choice."""
    found = programs()
    if len(found) == 1:
        return redirect("portal:card", found[0].code)
    cards_here = session_of(request).get("members", {})
    return guarded(render(request, "portal/choose.html", {"programs": found, "cards": cards_here}))


@visiting("GET", "HEAD", "POST")
def join(visit: Visit) -> HttpResponse:
    """Ask for the address and send a code there, whoever it belongs to."""
    if visit.member is not None:
        return visit.go("card")
    terms = cards.terms_of(visit.version.blueprint)
    if visit.request.method != "POST":
        return visit.page("join", {"terms": terms})
    email = visit.request.POST.get("email", "").strip()
    try:
        address, code = issue_code(program_id=visit.program_id, email=email)
        send_code(address=address, code=code, program=visit.name)
    except (PointbookError, MailFailed) as error:
        told = {"terms": terms, "email": email, "error": error}
        return visit.page("join", told, status=error.status)
    visit.wait_for(address)
    return visit.go("code")


@visiting("GET", "HEAD", "POST")
def code(visit: Visit) -> HttpResponse:
    """Ask for the code that was sent; the right one opens the card, and enrols who is new."""
    if visit.member is not None:
        return visit.go("card")
    if not visit.waiting:
        return visit.go("join")
    told: dict[str, object] = {
        "mail_is_printed": settings.EMAIL_BACKEND.endswith("console.EmailBackend")
    }
    if visit.request.method != "POST":
        return visit.page("code", told)
    try:
        member = sign_in(
            program_id=visit.program_id,
            email=visit.waiting,
            code=visit.request.POST.get("code", ""),
            at=visit.at,
        )
    except PointbookError as error:
        return visit.page("code", {**told, "error": error}, status=error.status)
    visit.enter(member)
    return visit.go("card")


@visiting("GET", "HEAD")
@members_only
def card(visit: Visit) -> HttpResponse:
    """The card: what there is, what is next, what expires, what happened lately."""
    at, version = visit.at, visit.version
    own = visit.known
    held = earning.balance(visit.code, own.id, at=at)
    standing = earning.progress(visit.code, own.id, at=at)
    entries = earning.history(visit.code, own.id, limit=LATELY + 1)
    blueprint, zone = version.blueprint, cards.zone_of(version.blueprint)
    return visit.page(
        "card",
        {
            "tab": "card",
            "card": cards.card_of(own, held, standing),
            "steps": cards.steps_of(standing, held),
            "ladder": cards.ladder_of(standing, blueprint),
            "endings": cards.endings_of(held),
            "lines": [cards.line_of(one, held, blueprint, zone) for one in entries[:LATELY]],
            "more": len(entries) > LATELY,
        },
    )


@visiting("GET", "HEAD")
@members_only
def rewards(visit: Visit) -> HttpResponse:
    """Every reward, its price, and what is missing to it."""
    held = earning.balance(visit.code, visit.known.id, at=visit.at)
    standing = earning.progress(visit.code, visit.known.id, at=visit.at)
    return visit.page(
        "rewards",
        {
            "tab": "rewards",
            "card": cards.card_of(visit.known, held, standing),
            "rewards": cards.rewards_of(standing, held),
        },
    )


@visiting("GET", "HEAD")
@members_only
def history(visit: Visit) -> HttpResponse:
    """Every entry, a page at a time, the latest first."""
    before = visit.request.GET.get("before", "")
    held = earning.balance(visit.code, visit.known.id, at=visit.at)
    entries = earning.history(visit.code, visit.known.id, limit=A_PAGE + 1, before=before)
    blueprint = visit.version.blueprint
    zone = cards.zone_of(blueprint)
    lines = [cards.line_of(one, held, blueprint, zone) for one in entries[:A_PAGE]]
    return visit.page(
        "history",
        {
            "tab": "history",
            "lines": lines,
            "before": place(before) is not None,
            "next": entries[A_PAGE - 1].cursor if len(entries) > A_PAGE else "",
        },
    )


@visiting("GET", "HEAD", "POST")
@members_only
def you(visit: Visit) -> HttpResponse:
    """The member's name and whether we may write to them."""
    own = visit.known
    known = cards.known_by(own, cards.zone_of(visit.version.blueprint))
    told: dict[str, object] = {"tab": "you", "known": known, "saved": "saved" in visit.request.GET}
    if visit.request.method != "POST":
        return visit.page("you", told)
    name = " ".join(visit.request.POST.get("name", "").replace("\x00", "").split())
    if len(name) > LONGEST_NAME:
        error = PointbookError(
            f"This name has {len(name)} characters.",
            field="name",
            mend=f"Shorten it to {LONGEST_NAME}.",
        )
        return visit.page("you", {**told, "name": name, "error": error}, status=422)
    change(
        actor=Actor("member", str(own.id), "member"),
        action="members.describe",
        program_id=visit.program_id,
        subject=str(own.id),
        run=lambda: describe(
            member_id=own.id, name=name, consent="consent" in visit.request.POST, at=visit.at
        ),
    )
    return redirect(reverse("portal:you", args=[visit.code]) + "?saved")


@visiting("POST")
def sign_out(visit: Visit) -> HttpResponse:
    """Forget who this is, on this device."""
    visit.leave()
    return visit.go("join")


@visiting("GET", "HEAD")
def manifest(visit: Visit) -> HttpResponse:
    """What a phone needs to keep the card among its apps."""
    start = reverse("portal:card", args=[visit.code])
    return JsonResponse(
        {
            "id": start,
            "name": visit.name,
            "short_name": visit.name[:12].strip(),
            "start_url": start,
            "scope": PATH,
            "display": "standalone",
            "background_color": "#F3F5EF",
            "theme_color": "#0B4A42",
            "icons": [
                {"src": static(f"portal/{name}.png"), "sizes": f"{size}x{size}", **more}
                for name, size, more in (
                    ("icon-192", 192, {}),
                    ("icon-512", 512, {}),
                    ("icon-maskable-512", 512, {"purpose": "maskable"}),
                )
            ],
        },
        content_type="application/manifest+json",
    )
