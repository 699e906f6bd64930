"""What a member can do: join or sign in by a code, look at the card, say who they are, leave.

Errors of the rooms are shown beside the field they belong to, with what mends them.
"""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from pointbook.controls.actors import Actor
from pointbook.controls.operations import change
from pointbook.earning import queries as earning
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.portal import cards, invites, lines, vouchers
from pointbook.interfaces.portal.ladders import benefits_of, ladders_of, until_of
from pointbook.interfaces.portal.mails import MailFailed, send_code
from pointbook.interfaces.portal.purses import held_by
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
from pointbook.members.queries import resolve
from pointbook.members.referrals import inviter, referral_code
from pointbook.members.signin import issue_code, sign_in
from pointbook.programs.queries import programs


class InvitationUnknown(PointbookError):
    """The code of an invitation is nobody's."""

    status = 422


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
    told: dict[str, object] = {
        "terms": cards.terms_of(visit.version.blueprint),
        **_invitation(visit),
    }
    if visit.request.method != "POST":
        return visit.page("join", told)
    email = visit.request.POST.get("email", "").strip()
    by = visit.request.POST.get("by", "").strip()
    try:
        if by and visit.invites:
            _come_by(visit, by)
        address, code = issue_code(program_id=visit.program_id, email=email)
        send_code(address=address, code=code, program=visit.name)
    except (PointbookError, MailFailed) as error:
        told |= {"email": email, "by": by, "error": error}
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
        new = not resolve(visit.program_id, [visit.waiting])
        member = sign_in(
            program_id=visit.program_id,
            email=visit.waiting,
            code=visit.request.POST.get("code", ""),
            at=visit.at,
        )
    except PointbookError as error:
        return visit.page("code", {**told, "error": error}, status=error.status)
    referrer = inviter(program_id=visit.program_id, code=visit.invited_by)
    if new and referrer is not None and visit.invites:
        invites.accept(program=visit.code, member=member, referrer=referrer, at=visit.at)
    visit.enter(member)
    return visit.go("card")


def _invitation(visit: Visit) -> dict[str, object]:
    """What the invitation brings that a visitor came by; nothing for who came without one."""
    if not visit.invited_by or not visit.invites:
        return {}
    return {"invited": True, "gifts": invites.gifts(visit.version.blueprint, to_friend=True)}


@visiting("GET", "HEAD")
def come(visit: Visit, code: str) -> HttpResponse:
    """Somebody follows an invitation: it is remembered until they have joined."""
    if visit.member is not None:
        return visit.go("card")
    with suppress(PointbookError):
        _come_by(visit, code)
    return visit.go("join")


def _come_by(visit: Visit, code: str) -> None:
    """Remember whose invitation it is.

    :raises PointbookError: when it is nobody's.
    """
    if inviter(program_id=visit.program_id, code=code) is None:
        raise InvitationUnknown(
            "Nobody invites with this code.",
            field="by",
            mend="Compare it with your friend's, or leave it out.",
        )
    visit.come_by(code)


@visiting("GET", "HEAD")
@members_only
def invite(visit: Visit) -> HttpResponse:
    """The member's code, its link and its QR code, and what an invitation brings."""
    if not visit.invites:
        return visit.go("card")
    own, blueprint = visit.known, visit.version.blueprint
    code = own.identifiers.get("referral") or change(
        actor=Actor("member", str(own.id), "member"),
        action="members.describe",
        program_id=visit.program_id,
        subject=str(own.id),
        run=lambda: referral_code(program_id=visit.program_id, member_id=own.id),
    )
    link = visit.request.build_absolute_uri(reverse("portal:by", args=[visit.code, code]))
    return visit.page(
        "invite",
        {
            "tab": "invite",
            "code": code,
            "link": link,
            "qr": cards.code_of(link),
            "gifts": invites.gifts(blueprint),
            "terms": [*invites.terms(blueprint)],
            "subject": f"Join {visit.name}",
        },
    )


@visiting("GET", "HEAD")
@members_only
def card(visit: Visit) -> HttpResponse:
    """The card: what there is, what is next, what expires, what happened lately."""
    at, blueprint = visit.at, visit.version.blueprint
    zone, main = cards.zone_of(blueprint), earning.main_unit(blueprint)
    standing = earning.progress(visit.code, visit.known.id, at=at)
    held = held_by(visit, standing)
    units = [one for one in held if one.unit.spendable] or held[:1]
    found = lines.together([_entries(visit, one, LATELY + 1) for one in units])
    ladders = ladders_of(standing, blueprint, at=at, zone=zone)
    return visit.page(
        "card",
        {
            "tab": "card",
            "card": cards.card_of(
                visit.known, held, standing, until_of(standing.until, at=at, zone=zone)
            ),
            "shared": _shares(held, standing, blueprint),
            "voucher": vouchers.next_open(visit),
            "steps": cards.steps_of(standing, held),
            "ladders": ladders,
            "benefits": list(benefits_of(standing)),
            "endings": cards.endings_of(held),
            "pending": cards.pending_of(held),
            "coming": cards.coming_of(held),
            "lines": [
                lines.line_of(one, blueprint=blueprint, zone=zone, main=main)
                for one in found[:LATELY]
            ],
            "more": len(found) > LATELY,
            "empty": _to_begin(blueprint),
        },
    )


def _to_begin(blueprint: Blueprint) -> str:
    """What brings the first points, where that is one thing for all members."""
    kinds = {rule.on for rule in blueprint.earn}
    if "purchase" in kinds:
        return "Show your card when you next buy something."
    return "Invite a friend." if "referral" in kinds else ""


def _shares(held: list[earning.Balance], standing: earning.Progress, blueprint: Blueprint) -> bool:
    """Whether the points on the face of the card are the household's."""
    return standing.head is not None and held[0].unit.code in blueprint.pooled


def _entries(
    visit: Visit, held: earning.Balance, limit: int, before: str = ""
) -> list[lines.Dated]:
    found = earning.history(
        visit.code, visit.known.id, unit=held.unit.code, limit=limit, before=before
    )
    return [lines.Dated(one, held) for one in found]


@visiting("GET", "HEAD")
@members_only
def history(visit: Visit) -> HttpResponse:
    """Every entry of a unit, a page at a time, the latest first; `unit` chooses another unit."""
    asked = visit.request.GET
    before, blueprint = asked.get("before", ""), visit.version.blueprint
    zone = cards.zone_of(blueprint)
    units = earning.ordered(blueprint)
    unit = next((one for one in units if one.code == asked.get("unit")), units[0])
    held = earning.balance(visit.code, visit.known.id, unit=unit.code, at=visit.at)
    found = _entries(visit, held, A_PAGE + 1, before)
    shown = [
        lines.line_of(one, blueprint=blueprint, zone=zone, main=unit)
        for one in lines.news(found[:A_PAGE])
    ]
    return visit.page(
        "history",
        {
            "tab": "history",
            "units": units if len(units) > 1 else [],
            "unit": unit,
            "lines": shown,
            "empty": _to_begin(blueprint),
            "before": place(before) is not None,
            "next": found[A_PAGE - 1].entry.cursor if len(found) > A_PAGE else "",
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
