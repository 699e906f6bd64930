"""What a member redeemed: the list, one of them with its code, and giving it back.

Somebody else's leads back to the list. Errors of the rooms are shown on the page they belong to.
"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect

from pointbook.controls.actors import Actor
from pointbook.earning.operations import redeeming
from pointbook.earning.operations.redeeming import Key
from pointbook.engine.rules.catalogue import Reward
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.portal import vouchers
from pointbook.interfaces.portal.invites import PORTAL, SOURCE
from pointbook.interfaces.portal.redeeming import mail_code, settle, settles
from pointbook.interfaces.portal.visits import Visit, members_only, visiting
from pointbook.redemption.operations import confirming, paying_out
from pointbook.redemption.queries import bookings
from pointbook.redemption.queries.redemptions import Row, by_facts
from pointbook.redemption.queries.rewards import reward_at


@visiting("GET", "HEAD")
@members_only
def yours(visit: Visit) -> HttpResponse:
    """Everything the member redeemed: what is open first."""
    found = vouchers.own_of(visit)
    return visit.page(
        "yours",
        {
            "tab": "rewards",
            "now": [one for one in found if one.going],
            "before": [one for one in found if not one.going],
            "open": sum(one.going for one in found),
        },
    )


@visiting("GET", "HEAD", "POST")
@members_only
def own(visit: Visit, number: int) -> HttpResponse:
    """One redemption: its code, what is chosen, where it is, and how to give it back."""
    row = _row(visit, number)
    if row is None:
        return visit.go("yours")
    error: PointbookError | None = None
    if visit.request.method == "POST":
        try:
            _act(visit, row)
        except PointbookError as refused:
            error = refused
        else:
            return redirect("portal:own", visit.code, number)
        row = by_facts([number])[number]
    mine = vouchers.told(visit, row)
    return visit.page(
        "own",
        {
            "tab": "rewards",
            "own": mine,
            "error": error,
            "take": settles(visit, row, _reward(visit, row)),
            "gift": row.kind == "charity" and row.state == "captured",
            "draw": vouchers.draw_of(visit, row),
        },
        status=200 if error is None else error.status,
    )


@visiting("GET", "HEAD")
@members_only
def calendar(visit: Visit, number: int) -> HttpResponse:
    """The booking as a file that every calendar takes in."""
    row = _row(visit, number)
    if row is None:
        return visit.go("yours")
    try:
        text = bookings.invite(visit.program_id, Key(*row.key), at=visit.at)
    except PointbookError:
        return redirect("portal:own", visit.code, number)
    headers = {"Content-Disposition": f'attachment; filename="{row.reward}.ics"'}
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)


def _act(visit: Visit, row: Row) -> None:
    """Give it back, confirm it, or send another code.

    :raises PointbookError: why that cannot be.
    """
    asked, key = visit.request.POST, Key(*row.key)
    if "back" in asked:
        redeeming.release(
            program=visit.code,
            redemption=key,
            key=Key(SOURCE, f"back:{row.fact_id}"),
            actor=PORTAL,
            at=visit.at,
        )
    elif "again" in asked:
        told = mail_code(visit, row)
        if told:
            raise PointbookError(told, field="code")
    elif "code" in asked:
        found = confirming.confirm(
            program_id=visit.program_id,
            key=key,
            code=asked.get("code", ""),
            actor=Actor("member", str(visit.known.id), "member"),
        )
        settle(visit, found, _reward(visit, row))
    elif "take" in asked:
        settle(visit, row, _reward(visit, row))


@visiting("GET", "HEAD")
@members_only
def receipt(visit: Visit, number: int) -> HttpResponse:
    """What was given to a cause, as a text to keep."""
    row = _row(visit, number)
    try:
        text = "" if row is None else paying_out.receipt(visit.program_id, Key(*row.key))
    except PointbookError:
        text = ""
    if not text:
        return visit.go("yours")
    headers = {"Content-Disposition": f'attachment; filename="receipt-{number}.txt"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


def _reward(visit: Visit, row: Row) -> Reward:
    return reward_at(visit.program_id, row.reward, at=row.at)


def _row(visit: Visit, number: int) -> Row | None:
    """A redemption of this member, or one that they were given."""
    row = by_facts([number]).get(number)
    if row is None or not row.reward or visit.known.id not in (row.member, row.receiver):
        return None
    return row
