"""Vouchers by their codes: their status, their QR code, and using them once.

Raises RedemptionUnknown and RedemptionSettled.
"""

from __future__ import annotations

import io
from typing import Final

import segno
from django.http import HttpRequest, HttpResponse
from ninja import Router

from pointbook.controls.clock import clock
from pointbook.earning.operations import redeeming
from pointbook.earning.operations.redeeming import Key
from pointbook.interfaces.api import bodies, redeemed
from pointbook.interfaces.api.acts import Word
from pointbook.interfaces.api.caller import Caller, caller
from pointbook.interfaces.api.redemptions import (
    READ,
    WRITE,
    Document,
    body_of,
    redemption_document,
    settle,
)
from pointbook.interfaces.api.text import instant_or_none
from pointbook.programs.queries import compiled
from pointbook.redemption.queries.redemptions import CodeRow, Row, by_code, spellings

router = Router(tags=["Redemptions"])
SVG: Final = "image/svg+xml"
# What became of a code that nobody can use any more.
STATUSES: Final = {"used": "used", "void": "void"}


@router.get("/{code}", operation_id="read_voucher", response=redeemed.Voucher)
def read_voucher(request: HttpRequest, code: Word) -> Document:
    """A voucher by its code, however it was typed: whether it can be used, and until when."""
    who = caller(request, scope=READ)
    return _voucher(who, code)


@router.post("/{code}/redeem", operation_id="redeem_voucher", response=redeemed.Voucher)
def redeem_voucher(request: HttpRequest, response: HttpResponse, code: Word) -> Document:
    """Use a voucher: once, whoever asks at the same time. The others get a 409."""
    who = caller(request, scope=WRITE)
    raw = body_of(request, bodies.SettleIn.model_fields)
    own = Key(*by_code(who.program.id, code).key)

    def run(key: Key) -> Row:
        return redeeming.capture_code(program=who.program.code, code=code, key=key, actor=who.actor)

    settle(request, response, who, raw=raw, own=own, run=run)
    return _voucher(who, code)


@router.get("/{code}/qr", operation_id="draw_voucher", response={200: None})
def draw_voucher(request: HttpRequest, code: Word) -> HttpResponse:
    """The code as a QR code in SVG, for a till to read."""
    who = caller(request, scope=READ)
    _, own = _found(who, code)
    drawn = io.BytesIO()
    segno.make_qr(own.code, error="m").save(drawn, kind="svg", border=4, scale=4)
    return HttpResponse(drawn.getvalue(), content_type=SVG)


def _found(who: Caller, code: str) -> tuple[Row, CodeRow]:
    """A redemption, and that of its codes which is meant."""
    row = by_code(who.program.id, code)
    typed = spellings(code)
    return row, next(one for one in row.codes if one.code in typed)


def _voucher(who: Caller, code: str) -> Document:
    row, own = _found(who, code)
    blueprint = compiled(who.program.id).versions[-1].blueprint
    names = {reward.code: reward.name for reward in blueprint.rewards}
    told = redemption_document(row, program_id=who.program.id)
    return {
        "code": own.code,
        "status": _status(who, row, own),
        "reward": told["reward"],
        "name": names.get(row.reward, row.reward),
        "amount": told["amount"],
        "until": told["until"],
        "used_at": instant_or_none(own.used_at),
        "redemption": told,
    }


def _status(who: Caller, row: Row, own: CodeRow) -> str:
    if own.state in STATUSES:
        return STATUSES[own.state]
    if row.until is not None and row.until <= clock(who.program.id):
        return "ended"
    return "waiting" if "open" in (row.confirm, row.review) else "open"
