"""Members: enrol with one field, read who they are, what they hold and why.

Raises PersonError, IdentifierTaken, MemberNotFound, and ParameterError for a unit or a cursor that
is none.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Annotated, Final

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Status

from pointbook.controls.clock import clock
from pointbook.controls.operations import change
from pointbook.earning import queries as earning
from pointbook.engine.rules.blueprint import Unit
from pointbook.engine.values.people import read_person
from pointbook.interfaces.api import answers, bodies
from pointbook.interfaces.api.caller import Caller, ParameterError, answer_once, caller
from pointbook.interfaces.api.ladders import standing
from pointbook.interfaces.api.text import instant, instant_or_none, money, points
from pointbook.ledger.cursors import place
from pointbook.ledger.queries import OpenLot
from pointbook.members import operations as members
from pointbook.members.queries import MemberRow
from pointbook.members.queries import member as find_member
from pointbook.programs.queries import ProgramRow, compiled

router = Router(tags=["Members"])
READ: Final = "members.read"
WRITE: Final = "members.write"
ACTION: Final = "members.enrol"
Reference = Annotated[
    str,
    Path(
        min_length=1,
        max_length=255,
        pattern=r"^[^\x00]+$",
        description="The member's id, number, card, phone or e-mail address.",
    ),
]
UnitCode = Annotated[str, Query(description="A unit of points; left out: the first to spend.")]


@router.post("", operation_id="enrol_member", response={200: answers.Member, 201: answers.Member})
def enrol_member(request: HttpRequest, response: HttpResponse) -> Status[dict[str, object]]:
    """Enrol a member: an e-mail address, a phone, a card or a member number is enough.

    201 when they are new; 200 when one is known by it already: what is new about them is added.
    """
    who = caller(request, scope=WRITE)
    raw = bodies.document(request)

    def run() -> dict[str, object]:
        person = read_person(raw)
        at = clock(who.program.id)
        own, new = change(
            actor=who.actor,
            action=ACTION,
            program_id=who.program.id,
            body=raw,
            run=lambda: members.enrol_person(program_id=who.program.id, person=person, at=at),
        )
        found = find_member(who.program.id, str(own))
        return {"status": 201 if new else 200, "member": _member(who.program, found)}

    answer = answer_once(
        request, response, actor=who.actor, action=ACTION, body=request.body, run=run
    )
    return Status(int(str(answer["status"])), answer["member"])  # type: ignore[arg-type]


@router.get("/{reference}", operation_id="read_member", response=answers.Member)
def read_member(request: HttpRequest, reference: Reference) -> dict[str, object]:
    """Who a member is, and where they stand."""
    who = caller(request, scope=READ)
    return _member(who.program, find_member(who.program.id, reference))


@router.get("/{reference}/balance", operation_id="read_balance", response=answers.Balance)
def read_balance(
    request: HttpRequest, reference: Reference, unit: UnitCode = ""
) -> dict[str, object]:
    """What a member holds, what it is worth, and which points end when."""
    who = caller(request, scope=READ)
    terms = _unit(who, unit)
    held = earning.balance(who.program.code, reference, unit=terms.code)
    return {
        "at": instant(held.at),
        "unit": terms.code,
        "points": points(held.points, unit=terms),
        "pending": points(held.pending, unit=terms),
        "owed": points(held.owed, unit=terms),
        "worth": money(held.worth, currency=held.currency),
        "currency": held.currency,
        "calendar": [
            {"on": one.on, "points": points(one.points, unit=terms)} for one in held.calendar
        ],
        "lots": [_lot(lot, terms) for lot in held.lots],
        "coming": [
            {
                "on": one.on,
                "event": one.pending and (one.pending.on or None),
                "days": one.pending.days if one.pending else 0,
                "points": points(one.points, unit=terms),
            }
            for one in held.coming
        ],
        "waiting": [_lot(lot, terms) for lot in held.waiting],
    }


@router.get("/{reference}/entries", operation_id="read_entries", response=answers.Entries)
def read_entries(
    request: HttpRequest,
    reference: Reference,
    unit: UnitCode = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str, Query(description="`next` of the page before.")] = "",
) -> dict[str, object]:
    """A member's history, the latest first, with the reason for every entry."""
    who = caller(request, scope=READ)
    terms = _unit(who, unit)
    found = earning.history(
        who.program.code, reference, unit=terms.code, limit=limit + 1, before=_place(cursor)
    )
    page = found[:limit]
    return {
        "unit": terms.code,
        "entries": [_entry(one, terms) for one in page],
        "next": _cursor(page[-1].cursor) if len(found) > limit else None,
    }


def _member(program: ProgramRow, found: MemberRow) -> dict[str, object]:
    at = clock(program.id)
    way = earning.progress(program.code, found.id, at=at)
    blueprint = compiled(program.id).version_at(at).blueprint
    return {
        "id": str(found.id),
        "name": found.name,
        "identifiers": dict(found.identifiers),
        "enrolled_at": instant(found.enrolled_at),
        "birthday": found.birthday and found.birthday.isoformat(),
        "consent": found.consent,
        "balances": [_held(one) for one in earning.balances(program.code, found.id, at=at)],
        "standings": [standing(one, blueprint=blueprint) for one in way.standings],
        "household": way.head and str(way.head),
        "company": way.company and str(way.company),
    }


def _held(one: earning.Balance) -> dict[str, object]:
    return {
        "unit": one.unit.code,
        "name": one.unit.name,
        "spendable": one.unit.spendable,
        "points": points(one.points, unit=one.unit),
        "pending": points(one.pending, unit=one.unit),
        "owed": points(one.owed, unit=one.unit),
        "worth": money(one.worth, currency=one.currency),
    }


def _lot(lot: OpenLot, unit: Unit) -> dict[str, object]:
    return {
        "rule": lot.rule,
        "earned_at": instant(lot.earned_at),
        "starts_at": instant_or_none(lot.starts_at),
        "expires_at": instant_or_none(lot.expires_at),
        "points": points(lot.points, unit=unit),
        "remaining": points(lot.remaining, unit=unit),
    }


def _entry(one: earning.Entry, unit: Unit) -> dict[str, object]:
    fact = one.fact
    return {
        "kind": one.kind,
        "at": instant(one.at),
        "points": points(one.points, unit=unit),
        "balance": points(one.balance, unit=unit),
        "why": list(one.why),
        "fact": fact
        and {
            "source": fact.source,
            "id": fact.key,
            "type": fact.type,
            "total": money(fact.total, currency=fact.currency) if fact.currency else None,
            "simulated": fact.simulated,
        },
        "program_version": one.version,
    }


def _unit(who: Caller, code: str) -> Unit:
    units = compiled(who.program.id).versions[-1].units
    if not code:
        return earning.main_unit(compiled(who.program.id).versions[-1].blueprint)
    if code not in units:
        raise ParameterError(
            f"there is no unit {code!r}", field="unit", mend=f"Use one of: {', '.join(units)}."
        )
    return units[code]


def _cursor(text: str) -> str:
    """A place in a history as a word for addresses; what it says is ours to change."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(cursor: str) -> str:
    """The place behind a cursor; the start for an empty one.

    :raises ParameterError: when it is not one of ours.
    """
    if not cursor:
        return ""
    with suppress(ValueError):  # binascii.Error is one
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        if place(text) is not None:
            return text
    raise ParameterError(
        "the cursor is not one of ours", field="cursor", mend="Send `next` as it was answered."
    )
