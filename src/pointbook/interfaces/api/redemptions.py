"""Redemptions in two phases: reserved, then captured, released or cancelled; and read back.

Raises RedemptionUnknown, RedemptionSettled, MemberNotFound, ParameterError, and what a reward that
cannot be had is refused for.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Final

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status

from pointbook.controls.clock import clock
from pointbook.earning.operations import redeeming
from pointbook.earning.operations.redeeming import Key
from pointbook.engine.ledger.holds import State
from pointbook.engine.replay.cases import FactRefused
from pointbook.engine.replay.points import positive
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.values.documents import known, text_of
from pointbook.engine.values.errors import ConflictError
from pointbook.engine.values.facts import Fact, FactError, normalise
from pointbook.interfaces.api import bodies, redeemed
from pointbook.interfaces.api.acts import SOURCE, Word
from pointbook.interfaces.api.caller import Caller, answer_once, caller
from pointbook.interfaces.api.cursors import cursor_of, place_of
from pointbook.interfaces.api.people import Reference
from pointbook.interfaces.api.text import instant, instant_or_none, money, points
from pointbook.interfaces.api.wishes import ATTRIBUTES, CLAIM, claim, inside, moved
from pointbook.ledger.queries import known as known_facts
from pointbook.members.queries import member as find_member
from pointbook.programs.queries import compiled
from pointbook.redemption.queries.redemptions import (
    PAYMENT,
    Row,
    of_member,
    redemption,
    redemptions,
)

router = Router(tags=["Redemptions"])
members = Router(tags=["Redemptions"])
READ: Final = "redemptions.read"
WRITE: Final = "redemptions.write"
RESERVE: Final = CLAIM | {"source", "id", "member", "pay", "order"}
Document = dict[str, object]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str, Query(description="`next` of the page before.")]
Review = Annotated[
    str, Query(pattern=r"^(open|done|refused)?$", description="Only those looked at like this.")
]
InState = Annotated[
    str,
    Query(
        pattern=r"^(reserved|captured|released|lapsed|cancelled)?$",
        description="Only those in this state.",
    ),
]


class RedemptionSettled(ConflictError):
    """The redemption is in no state in which this can be done."""


@router.post(
    "",
    operation_id="reserve_redemption",
    response={200: redeemed.Redemption, 201: redeemed.Redemption},
)
def reserve(request: HttpRequest, response: HttpResponse) -> Status[Document]:
    """Hold the points of a reward, or points to pay with, until they are captured or released.

    201 when it is new, 200 when it was reserved before under this key. The hold ends by itself
    after the program's minutes, that of a voucher with the voucher.
    """
    who = caller(request, scope=WRITE)
    raw = bodies.document(request)
    answer = answer_once(
        request,
        response,
        actor=who.actor,
        action="redemptions.reserve",
        body=request.body,
        run=lambda: _reserved(who, raw),
    )
    return Status(int(str(answer["status"])), answer["redemption"])  # type: ignore[arg-type]


@router.get("", operation_id="list_redemptions", response=redeemed.Redemptions)
def list_redemptions(
    request: HttpRequest,
    *,
    state: InState = "",
    review: Review = "",
    reward: Annotated[str, Query(description="Only of this reward.")] = "",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Document:
    """The program's redemptions of rewards, the latest first. `review=open`: to be looked at."""
    who = caller(request, scope=READ)
    found = redemptions(
        who.program.id,
        state=state or None,
        review=review or None,
        reward=reward or None,
        limit=limit + 1,
        before=place_of(cursor),
    )
    return _page(who, found, limit)


@router.get("/{source}/{id}", operation_id="read_redemption", response=redeemed.Redemption)
def read_redemption(
    request: HttpRequest,
    source: Word,
    id: Word,  # noqa: A002 - the name in the address
) -> Document:
    """A redemption by the key under which it was reserved or taken."""
    who = caller(request, scope=READ)
    return redemption_document(redemption(who.program.id, (source, id)), program_id=who.program.id)


@router.post(
    "/{source}/{id}/capture", operation_id="capture_redemption", response=redeemed.Redemption
)
def capture(
    request: HttpRequest,
    response: HttpResponse,
    source: Word,
    id: Word,  # noqa: A002 - the name in the address
) -> Document:
    """Use what was reserved: all of it, or so many `points`, and the rest goes back."""
    who = caller(request, scope=WRITE)
    raw = body_of(request, bodies.CaptureIn.model_fields)
    own = Key(source, id)

    def run(key: Key) -> Row:
        told = None if raw.get("points") is None else str(raw["points"])
        return redeeming.capture(
            program=who.program.code, redemption=own, key=key, actor=who.actor, points=told
        )

    return settle(request, response, who, raw=raw, own=own, run=run)


@router.post(
    "/{source}/{id}/release", operation_id="release_redemption", response=redeemed.Redemption
)
def release(
    request: HttpRequest,
    response: HttpResponse,
    source: Word,
    id: Word,  # noqa: A002 - the name in the address
) -> Document:
    """Give up what was reserved: its points can be used at once."""
    who = caller(request, scope=WRITE)
    raw = body_of(request, bodies.GiveBackIn.model_fields)
    own, reason = Key(source, id), text_of(raw, "reason")

    def run(key: Key) -> Row:
        return redeeming.release(
            program=who.program.code, redemption=own, key=key, actor=who.actor, reason=reason
        )

    return settle(request, response, who, raw=raw, own=own, run=run)


@router.post(
    "/{source}/{id}/cancel", operation_id="cancel_redemption", response=redeemed.Redemption
)
def cancel(
    request: HttpRequest,
    response: HttpResponse,
    source: Word,
    id: Word,  # noqa: A002 - the name in the address
) -> Document:
    """Undo what was captured: its points go back to the lots that they came from."""
    who = caller(request, scope=WRITE)
    raw = body_of(request, bodies.GiveBackIn.model_fields)
    own, reason = Key(source, id), text_of(raw, "reason")

    def run(key: Key) -> Row:
        return redeeming.cancel(
            program=who.program.code, redemption=own, key=key, actor=who.actor, reason=reason
        )

    return settle(request, response, who, raw=raw, own=own, run=run, before="captured")


@members.get(
    "/{reference}/redemptions",
    operation_id="read_redemptions",
    response=redeemed.Redemptions,
)
def read_redemptions(
    request: HttpRequest, reference: Reference, limit: Limit = 50, cursor: Cursor = ""
) -> Document:
    """What a member redeemed, payments in points too, and what others gave them."""
    who = caller(request, scope=READ)
    own = find_member(who.program.id, reference).id
    found = of_member(who.program.id, own, limit=limit + 1, before=place_of(cursor))
    return _page(who, found, limit)


def settle(
    request: HttpRequest,
    response: HttpResponse,
    who: Caller,
    *,
    raw: Mapping[str, object],
    own: Key,
    run: Callable[[Key], Row],
    before: State = "reserved",
) -> Document:
    """Settle a redemption under the key of the body, or a new one.

    :raises RedemptionSettled: it is not as it was `before` any more.
    """
    key = Key(SOURCE, text_of(raw, "id") or uuid.uuid4().hex)

    def settled() -> Document:
        redemption(who.program.id, own)
        try:
            with moved(ATTRIBUTES, ""):
                row = run(key)
        except FactRefused as error:
            found = redemption(who.program.id, own)
            over = found.until is not None and found.until <= clock(who.program.id)
            if found.state == before and not (before == "reserved" and over):
                raise
            raise RedemptionSettled(
                error.message, field="redemption", value=found.state, mend=error.mend
            ) from error
        return redemption_document(row, program_id=who.program.id)

    return answer_once(
        request, response, actor=who.actor, action=request.path, body=request.body, run=settled
    )


def body_of(request: HttpRequest, fields: Sequence[str] | Mapping[str, object]) -> Document:
    """The body, which may be empty, with these fields at most."""
    raw = dict(bodies.document(request)) if request.body else {}
    known(raw, frozenset(fields))
    return raw


def redemption_document(row: Row, *, program_id: int) -> Document:
    """A redemption as the API answers it."""
    blueprint = compiled(program_id).versions[-1].blueprint
    unit, currency = blueprint.units[row.unit], blueprint.currency
    return {
        "source": row.key[0],
        "id": row.key[1],
        "member": str(row.member),
        "receiver": row.receiver and str(row.receiver),
        "reward": None if row.kind == PAYMENT else row.reward,
        "kind": row.kind,
        "state": row.state,
        "unit": row.unit,
        "points": points(row.points, unit=unit),
        "captured": points(row.captured, unit=unit),
        "back": points(row.back, unit=unit),
        "quantity": row.quantity,
        "amount": money(row.amount, currency=currency),
        "cash": money(row.cash, currency=currency),
        "slot": row.slot,
        "options": dict(row.options),
        "cause": row.cause,
        "country": row.country,
        "at": instant(row.at),
        "until": instant_or_none(row.until),
        "order": row.order and {"source": row.order[0], "id": row.order[1]},
        "fulfilment": row.fulfilment,
        "confirm": row.confirm,
        "review": row.review,
        "codes": [
            {"code": one.code, "state": one.state, "used_at": instant_or_none(one.used_at)}
            for one in row.codes
        ],
    }


def _reserved(who: Caller, raw: Mapping[str, object]) -> Document:
    known(raw, RESERVE)
    key = Key(text_of(raw, "source", required=True), text_of(raw, "id", required=True))
    member = text_of(raw, "member", required=True)
    new = key not in known_facts(who.program.id, [key])
    order = _basket(who, raw.get("order"), member)
    pay = raw.get("pay")
    if pay is not None:
        if not isinstance(pay, Mapping):
            raise FactError(
                "pay is not an object", field="pay", value=pay, mend='Send {"points": "300"}.'
            )
        row = _paying(who, key, member, pay, order)
    else:
        wanted = {name: value for name, value in raw.items() if name in CLAIM}
        with moved(ATTRIBUTES, ""):
            row = redeeming.reserve(
                program=who.program.code,
                key=key,
                member=member,
                claim=claim(wanted),
                order=order,
                actor=who.actor,
            )
    told = redemption_document(row, program_id=who.program.id)
    return {"status": 201 if new else 200, "redemption": told}


def _paying(
    who: Caller, key: Key, member: str, pay: Mapping[str, object], order: Fact | None
) -> Row:
    known(pay, frozenset(bodies.PayPartIn.model_fields), "pay")
    blueprint = _terms(who)
    code = text_of(pay, "unit", "pay") or next(iter(blueprint.units))
    unit = blueprint.units.get(code)
    if unit is not None:
        positive(pay.get("points"), unit.decimals, field="pay.points")
    with moved(ATTRIBUTES, "pay."):
        return redeeming.pay_with_points(
            program=who.program.code,
            key=key,
            member=member,
            unit=code,
            points=str(pay.get("points")),
            order=order,
            actor=who.actor,
        )


def _basket(who: Caller, raw: object, member: str) -> Fact | None:
    """The order that a redemption is for; without a key where it says none."""
    if raw is None:
        return None
    if not isinstance(raw, Mapping):
        raise FactError(
            "order is not an object", field="order", value=raw, mend='Send {"total": "45.99"}.'
        )
    program = compiled(who.program.id)
    usual = {
        "source": "order",
        "id": "order",
        "type": "purchase",
        "occurred_at": clock(who.program.id),
    }
    known(raw, frozenset(bodies.BasketIn.model_fields), "order")
    with inside("order"):
        order = normalise(
            {**raw, **usual, "member": member}, currency=program.currency, zone=program.zone
        )
    return replace(order, source=text_of(raw, "source", "order"), id=text_of(raw, "id", "order"))


def _terms(who: Caller) -> Blueprint:
    return compiled(who.program.id).version_at(clock(who.program.id)).blueprint


def _page(who: Caller, found: Sequence[Row], limit: int) -> Document:
    page = found[:limit]
    return {
        "redemptions": [redemption_document(row, program_id=who.program.id) for row in page],
        "next": cursor_of(page[-1].fact_id) if len(found) > limit else None,
    }
