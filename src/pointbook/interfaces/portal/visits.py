"""A visit to one program's pages: who it is, kept in a session of the portal's own.

The portal's cookie is not the staff's: signing in or out here changes nothing there. Its session
knows one member for each program, and the address to which a code is on its way. A page for members
sends everybody else to the door; an unknown program is a page of its own (404).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from importlib import import_module
from typing import Any, Final

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from pointbook.controls.clock import clock
from pointbook.engine.replay.program import Version
from pointbook.members.queries import MemberNotFound, MemberRow
from pointbook.members.queries import member as find_member
from pointbook.programs.queries import ProgramNotFound, compiled
from pointbook.programs.queries import program as find_program

COOKIE: Final = "pointbook_card"
PATH: Final = "/card/"
STAYS: Final = int(timedelta(days=180).total_seconds())
# Pages of the portal run no script and load nothing from elsewhere.
POLICY: Final = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:;"
    " manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to a program's pages; `member` is None until they signed in."""

    request: HttpRequest
    program_id: int
    code: str
    name: str
    session: SessionBase
    member: MemberRow | None

    @property
    def at(self) -> datetime:
        """The program's time."""
        return clock(self.program_id)

    @property
    def version(self) -> Version:
        """The version of the program that is in force."""
        return compiled(self.program_id).version_at(self.at)

    @property
    def known(self) -> MemberRow:
        """The member, on pages for members."""
        assert self.member is not None
        return self.member

    @property
    def waiting(self) -> str:
        """The address to which a code is on its way, or ''."""
        return str(self.session.get("waiting", {}).get(self.code, ""))

    @property
    def invites(self) -> bool:
        """Whether members can invite others."""
        return self.version.blueprint.referrals is not None

    @property
    def invited_by(self) -> str:
        """The code of the member whose invitation brought the visitor here, or ''."""
        return str(self.session.get("invited", {}).get(self.code, ""))

    def come_by(self, code: str) -> None:
        """Remember whose invitation brought the visitor here."""
        self.session["invited"] = {**self.session.get("invited", {}), self.code: code}

    def wait_for(self, address: str) -> None:
        """Remember to which address a code is on its way."""
        self.session["waiting"] = {**self.session.get("waiting", {}), self.code: address}

    def enter(self, member_id: object) -> None:
        """Sign a member in, under a new session key."""
        self.session["members"] = {**self.session.get("members", {}), self.code: str(member_id)}
        for name in ("waiting", "invited"):
            self.session[name] = _without(self.session.get(name, {}), self.code)
        self.session.cycle_key()
        self.session.set_expiry(STAYS)

    def leave(self) -> None:
        """Sign the member out of this program."""
        left = _without(self.session.get("members", {}), self.code)
        self.session.flush()
        if left:
            self.session["members"] = left
            self.session.set_expiry(STAYS)

    def page(
        self, template: str, context: dict[str, object] | None = None, status: int = 200
    ) -> HttpResponse:
        """A page of this program."""
        return render(
            self.request,
            f"portal/{template}.html",
            {"visit": self, **(context or {})},
            status=status,
        )

    def go(self, name: str) -> HttpResponse:
        """On to another page of this program."""
        return redirect(f"portal:{name}", self.code)


View = Callable[..., HttpResponse]


def visiting(*methods: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Make a view of a visit into a view of a request."""

    def made(view: View) -> Callable[..., HttpResponse]:
        @require_http_methods([*methods])
        @wraps(view)
        def answer(request: HttpRequest, program: str, **named: str) -> HttpResponse:
            session = session_of(request)
            try:
                found = find_program(program)
            except ProgramNotFound as error:
                return guarded(render(request, "portal/missing.html", {"error": error}, status=404))
            member = _member(session, found.id, program)
            visit = Visit(request, found.id, program, found.name, session, member)
            return _kept(session, guarded(view(visit, **named)))

        return answer

    return made


def members_only(view: View) -> View:
    """Send who is not signed in to the door."""

    @wraps(view)
    def checked(visit: Visit, **named: str) -> HttpResponse:
        return visit.go("join") if visit.member is None else view(visit, **named)

    return checked


def session_of(request: HttpRequest) -> SessionBase:
    """The portal's own session."""
    store: Any = import_module(settings.SESSION_ENGINE)
    return store.SessionStore(request.COOKIES.get(COOKIE))  # type: ignore[no-any-return]


def guarded(response: HttpResponse) -> HttpResponse:
    """Nothing of a card is kept by anybody on the way, and nothing foreign runs in it."""
    add_never_cache_headers(response)
    response["Content-Security-Policy"] = POLICY
    return response


def _member(session: SessionBase, program_id: int, code: str) -> MemberRow | None:
    own = session.get("members", {}).get(code)
    try:
        found = None if own is None else find_member(program_id, own)
    except MemberNotFound:
        return None
    # Who is known by nothing was erased: their card does not open any more.
    return found if found is not None and found.identifiers else None


def _kept(session: SessionBase, response: HttpResponse) -> HttpResponse:
    if not session.modified:
        return response
    if session.is_empty():
        response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
        return response
    session.save()
    response.set_cookie(
        COOKIE,
        session.session_key or "",
        max_age=session.get_expiry_age(),
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _without(entries: dict[str, str], code: str) -> dict[str, str]:
    return {key: value for key, value in entries.items() if key != code}
