"""Redemptions in the words of staff, and what somebody of the team does about one.

Raises what the rooms raise of a redemption.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from pointbook.earning.operations import attending, redeeming
from pointbook.earning.operations.redeeming import Key
from pointbook.engine.rules.catalogue import FULFILMENT
from pointbook.engine.rules.prose import phrases, wording
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.console.desk import Desk, page
from pointbook.interfaces.console.pages.rewards import Redeemed
from pointbook.members.queries import rows as member_rows
from pointbook.redemption.operations import fulfilling, reviewing
from pointbook.redemption.operations.fulfilling import NOT_BY_HAND
from pointbook.redemption.queries.redemptions import Row, redemption

TEAM: Final = "team"
STATES: Final[Mapping[str, str]] = {
    "reserved": "Reserved",
    "captured": "Redeemed",
    "released": "Released",
    "lapsed": "Lapsed",
    "cancelled": "Cancelled",
}
# What a step is called when it is to be done, and once it was.
STEPS: Final[Mapping[str, str]] = {
    "attended": "came",
    "booked": "booked",
    "collected": "collected",
    "confirmed": "confirmed by the partner",
    "delivered": "delivered",
    "drawn": "drawn",
    "entered": "in the draw",
    "handed_over": "handed over",
    "in_work": "in work",
    "no_show": "did not come",
    "ordered": "ordered",
    "packed": "packed",
    "paid_out": "paid out",
    "ready": "ready",
    "sent": "sent",
}


def told(desk: Desk, rows: Sequence[Row]) -> tuple[Redeemed, ...]:
    """Redemptions as lines of a table, with the people in one read."""
    people = {one.id: one.shown_as for one in member_rows([row.member for row in rows])}
    rewards = {one.code: one.name for one in desk.blueprint.rewards}
    return tuple(_line(desk, row, people.get(row.member, ""), rewards) for row in rows)


def _line(desk: Desk, row: Row, member: str, rewards: Mapping[str, str]) -> Redeemed:
    over = row.state == "reserved" and row.until is not None and row.until <= desk.at
    live = row.state == "reserved" and not over
    held = {"open": "to be looked at", "refused": "refused"}.get(row.review, "")
    held = held or ("not confirmed yet" if row.confirm == "open" and live else "")
    undoes = "release" if live else "cancel" if row.state == "captured" else ""
    return Redeemed(
        source=row.key[0],
        key=row.key[1],
        on=desk.day(row.at),
        reward=rewards.get(row.reward, row.reward) or "Paid with points",
        reward_href=reverse("console:reward", args=[row.reward]) if row.reward in rewards else "",
        member=member,
        member_href=reverse("console:member", args=[row.member]),
        quantity=row.quantity,
        points=phrases.points(row.points, unit=desk.blueprint.units[row.unit]),
        state="Time is over" if over else STATES[row.state],
        open=live,
        note=held or STEPS.get(row.fulfilment, wording.plain(row.fulfilment)),
        step=_next(row),
        undoes=undoes,
        ends=row.until if live else None,
    )


def _next(row: Row) -> str:
    """The next step that is taken by hand; who came is said where the time stands."""
    path = next((own for kind, own in FULFILMENT.items() if kind == row.kind), ())
    if row.state != "captured" or row.fulfilment not in path[:-1] or row.kind == "experience":
        return ""
    step = path[path.index(row.fulfilment) + 1]
    return "" if (row.kind, step) in NOT_BY_HAND else STEPS[step]


@require_POST
@page("rewards", "console/rewards.html")
def act(desk: Desk) -> HttpResponse:
    """Do what a button says about one redemption, and go back to where it was pressed."""
    asked = desk.request.POST
    key = Key(asked.get("source", ""), asked.get("key", ""))
    doing = ACTS.get(asked.get("act", ""))
    if doing is not None:
        try:
            messages.success(desk.request, doing(desk, key, asked.get("reason", "").strip()[:500]))
        except PointbookError as refusal:
            messages.error(desk.request, wording.opened(str(refusal)))
    return back(desk.request)


def back(request: HttpRequest) -> HttpResponse:
    """To the page of this site that a form was on."""
    asked = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()})
    return redirect(asked if own else reverse("console:rewards"))


def _clear(desk: Desk, key: Key, reason: str) -> str:
    reviewing.clear(program_id=desk.program.id, key=key, actor=desk.actor, note=reason)
    return "Cleared. It can be used now."


def _refuse(desk: Desk, key: Key, reason: str) -> str:
    attending.refuse(program=desk.program.code, redemption=key, actor=desk.actor, note=reason)
    return "Refused. The points are the member\u2019s again."


def _proceed(desk: Desk, key: Key, reason: str) -> str:
    row = fulfilling.proceed(program_id=desk.program.id, key=key, actor=desk.actor, note=reason)
    return f"Written down: {STEPS.get(row.fulfilment, row.fulfilment)}."


def _came(desk: Desk, key: Key, reason: str) -> str:
    fulfilling.attend(program_id=desk.program.id, key=key, actor=desk.actor, note=reason)
    return "Written down: came."


def _stayed_away(desk: Desk, key: Key, reason: str) -> str:
    row = attending.no_show(
        program=desk.program.code, redemption=key, actor=desk.actor, note=reason
    )
    returned = " The points came back to them." if row.state == "cancelled" else ""
    return f"Written down: did not come.{returned}"


def _release(desk: Desk, key: Key, reason: str) -> str:
    own = redemption(desk.program.id, key).fact_id
    redeeming.release(
        program=desk.program.code,
        redemption=key,
        key=Key(TEAM, f"release:{own}"),
        actor=desk.actor,
        reason=reason,
    )
    return "Released. The points can be used again."


def _cancel(desk: Desk, key: Key, reason: str) -> str:
    own = redemption(desk.program.id, key).fact_id
    redeeming.cancel(
        program=desk.program.code,
        redemption=key,
        key=Key(TEAM, f"cancel:{own}"),
        actor=desk.actor,
        reason=reason,
    )
    return "Cancelled. The points are back on their lots."


ACTS: Final[Mapping[str, Callable[[Desk, Key, str], str]]] = {
    "clear": _clear,
    "refuse": _refuse,
    "proceed": _proceed,
    "came": _came,
    "stayed_away": _stayed_away,
    "release": _release,
    "cancel": _cancel,
}
