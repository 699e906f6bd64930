"""One request of a person of the team: who, which program, what time it is there.

`page` makes a view of a function from a Desk to a page model: it asks for a sign-in and the right
to read, renders in the program's time zone, and gives htmx only the panel it asked for. What a room
refuses becomes a page: 404 for what is not there, 403 for what the role may not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from pointbook.controls.actors import Actor
from pointbook.controls.clock import clock, is_test, now
from pointbook.controls.permissions import ACTIONS, PermissionRefused, require
from pointbook.earning.queries import main_unit
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.blueprint import Unit as UnitTerms
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.console.pages.frame import Choice, Frame, Unit
from pointbook.programs.queries import ProgramRow, compiled, programs


@dataclass(frozen=True, slots=True)
class Desk:
    """`at` is the program's time, `zone` its calendar."""

    request: HttpRequest
    actor: Actor
    program: ProgramRow
    at: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The program's day."""
        return self.day(self.at)

    def day(self, at: datetime) -> date:
        """The program's day of an instant."""
        return at.astimezone(self.zone).date()

    @property
    def blueprint(self) -> Blueprint:
        """The version of the program that is in force."""
        return compiled(self.program.id).version_at(self.at).blueprint

    @property
    def terms(self) -> UnitTerms:
        """The unit that the address names (`unit`), the program's main one without a name."""
        units = self.blueprint.units
        return units.get(self.request.GET.get("unit", "")) or main_unit(self.blueprint)

    @property
    def unit(self) -> Unit:
        """How the program's main unit is written."""
        return unit_of(main_unit(self.blueprint))

    def may(self, action: str) -> bool:
        """Whether the person's role allows it."""
        return self.actor.role in ACTIONS[action]


def unit_of(terms: UnitTerms) -> Unit:
    """How a unit of points is written."""
    return Unit(terms.name, terms.singular, terms.decimals)


Answer = object | HttpResponse
View = Callable[..., HttpResponse]


def page(here: str, template: str, *, part: str = "") -> Callable[[Callable[..., Answer]], View]:
    """Show the model that a function makes of a Desk; `part` is the panel for htmx."""

    def decorate(build: Callable[..., Answer]) -> View:
        @login_required
        @wraps(build)
        def view(request: HttpRequest, **named: Any) -> HttpResponse:
            try:
                return _answer(request, named)
            except PermissionRefused as refusal:
                return render(request, "403.html", {"refusal": str(refusal)}, status=403)
            except PointbookError as refusal:
                if request.method == "GET" and refusal.status in (404, 422):
                    raise Http404 from refusal
                raise

        def _answer(request: HttpRequest, named: dict[str, Any]) -> HttpResponse:
            actor = _actor(request)
            require(actor=actor, action="console.read")
            known = programs()
            if not known:
                frame = _frame(here, request, actor, None, now())
                return render(request, "console/start.html", {"frame": frame})
            desk = _desk(request, actor, known)
            with timezone.override(desk.zone):
                made = build(desk, **named)
                if isinstance(made, HttpResponse):
                    return made
                frame = _frame(here, request, actor, desk, desk.at, known)
                asked = part if part and request.headers.get("HX-Request") else template
                return render(request, asked, {"frame": frame, "page": made, "part": part})

        return cast("View", view)

    return decorate


def _actor(request: HttpRequest) -> Actor:
    user = cast("Any", request.user)
    return Actor("user", user.get_username(), user.role)


def _desk(request: HttpRequest, actor: Actor, known: list[ProgramRow]) -> Desk:
    asked = request.GET.get("program")
    if asked is not None and any(one.code == asked for one in known):
        request.session["program"] = asked
    chosen = request.session.get("program")
    program = next((one for one in known if one.code == chosen), known[0])
    return Desk(request, actor, program, clock(program.id), ZoneInfo(program.time_zone))


def _frame(
    here: str,
    request: HttpRequest,
    actor: Actor,
    desk: Desk | None,
    at: datetime,
    known: list[ProgramRow] | None = None,
) -> Frame:
    full = cast("Any", request.user).get_full_name()
    return Frame(
        here=here,
        program="" if desk is None else desk.program.name,
        at=at,
        test_clock=desk is not None and is_test(desk.program.id),
        person=full or actor.name,
        role=actor.role,
        choices=tuple(Choice(one.code, one.name) for one in known or ()),
    )
