"""The rewards pages: the catalogue with what was redeemed, one reward, and what is changed of them.

Raises RewardUnknown for a reward that the program does not have.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from pointbook.engine.rules.catalogue import Reward, RewardKind
from pointbook.engine.rules.prose import phrases, wording
from pointbook.engine.rules.prose.rewards import terms
from pointbook.engine.values.calendar import midnight
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.console import formats, redeemed
from pointbook.interfaces.console.desk import Desk, page, unit_of
from pointbook.interfaces.console.occasions import draw_of, slots_of
from pointbook.interfaces.console.pages import rewards as pages
from pointbook.redemption.operations import drawing, paying_out, supplying
from pointbook.redemption.queries import counting
from pointbook.redemption.queries.redemptions import Row, redemptions
from pointbook.redemption.queries.rewards import reward_at
from pointbook.redemption.queries.shelves import Stand, Standing, often, standing

SHOWN: Final = 30
MOST_REVIEWS: Final = 50
LONGEST_IMPORT: Final = 2_000_000
KINDS: Final[Mapping[RewardKind, str]] = {
    "access": "Access",
    "buy_get": "Buy and get",
    "cash_back": "Cash back",
    "charity": "Gift to a cause",
    "discount": "Discount",
    "experience": "Experience",
    "partner": "From a partner",
    "percent": "Percent off",
    "product": "Product",
    "quota": "Quota",
    "service": "Service",
    "shipping": "Free delivery",
    "stored_value": "Stored value",
    "sweepstake": "Sweepstake",
}


@page("rewards", "console/rewards.html")
def rewards(desk: Desk) -> pages.Rewards:
    """The catalogue in force, what is to be looked at, and what causes are owed."""
    program, blueprint = desk.program.id, desk.blueprint
    month = desk.today.replace(day=1)
    taken = counting.taken(program, since=midnight(month, desk.zone))
    shelves, held = standing(program, at=desk.at), often(program)
    owed = paying_out.owed(program, at=desk.at) if blueprint.causes else []
    return pages.Rewards(
        program=desk.program.name,
        currency=blueprint.currency,
        month=month,
        answer=_answer(desk, taken),
        rewards=tuple(
            _listed(
                desk,
                one,
                shelves,
                taken=taken.get(one.code, counting.Taken(0, 0)),
                reserved=held[one.code].reserved if one.code in held else 0,
            )
            for one in blueprint.rewards
        ),
        review=redeemed.told(desk, waiting(desk)),
        may_review=desk.may("redemption.review"),
        causes=tuple(
            pages.Cause(
                one.cause.code, one.cause.name, one.gifts, one.given, one.matched, one.fee, one.paid
            )
            for one in owed
        ),
        payouts=tuple(
            pages.Payout(
                one.number, desk.day(one.at), one.owed.cause.name, one.owed.paid, one.reference
            )
            for one in paying_out.payouts(program)[:SHOWN]
        )
        if owed
        else (),
        may_pay=desk.may("cause.pay_out"),
        token=uuid.uuid4().hex,
    )


def waiting(desk: Desk) -> list[Row]:
    """The redemptions that somebody must look at before their time is over."""
    found = redemptions(desk.program.id, state="reserved", review="open", limit=MOST_REVIEWS)
    return [one for one in found if one.until is None or one.until > desk.at]


@page("rewards", "console/reward.html")
def reward(desk: Desk, *, code: str) -> pages.Reward:
    """One reward: what is left, its redemptions, times, codes and its draw."""
    program, blueprint = desk.program.id, desk.blueprint
    own = reward_at(program, code, at=desk.at)
    before = desk.request.GET.get("before", "")
    found = redemptions(
        program,
        reward=code,
        limit=SHOWN + 1,
        before=int(before) if before.isdecimal() and len(before) <= LAST else None,
    )
    month = desk.today.replace(day=1)
    taken = counting.taken(program, since=midnight(month, desk.zone)).get(code)
    taken = taken or counting.Taken(0, 0)
    shelves = standing(program, at=desk.at, rewards=[own])
    stock = next((one for one in shelves.rows if not one.slot and not one.span), None)
    last = f"?before={found[SHOWN - 1].fact_id}" if len(found) > SHOWN else ""
    return pages.Reward(
        code=code,
        name=own.name,
        kind=KINDS[own.gives.kind],
        price=_price(desk, own),
        worth=own.worth if own.gives.kind != "quota" else own.value,
        currency=blueprint.currency,
        unit=unit_of(blueprint.units[own.unit]),
        sentences=tuple(terms(own, blueprint=blueprint)),
        supply=None if stock is None else stock.supply,
        taken=0 if stock is None else stock.taken,
        times=taken.times,
        points=phrases.points(taken.points, unit=blueprint.units[own.unit]),
        month=month,
        redeemed=redeemed.told(desk, found[:SHOWN]),
        older=last,
        may_supply=desk.may("stock.set"),
        may_fulfil=desk.may("redemption.fulfil"),
        slots=slots_of(desk, own, shelves),
        codes=_codes(desk, own),
        draw=draw_of(desk, own),
        token=uuid.uuid4().hex,
    )


LAST: Final = 18  # digits of the largest id


@require_POST
@page("rewards", "console/reward.html")
def supply(desk: Desk, *, code: str) -> HttpResponse:
    """Add to a stock or the places of a time, or take from them."""
    asked = desk.request.POST
    text = asked.get("change", "").strip().replace(formats.MINUS, "-")
    try:
        change = int(text)
    except ValueError:
        messages.error(desk.request, "Write by how many it changes: 10, or -2.")
        return redeemed.back(desk.request)
    try:
        left = supplying.supply(
            program_id=desk.program.id,
            reward=code,
            change_by=change,
            actor=desk.actor,
            slot=asked.get("slot", ""),
            key=f"console:{asked['token']}" if asked.get("token") else "",
        )
    except PointbookError as refusal:
        messages.error(desk.request, wording.opened(str(refusal)))
    else:
        messages.success(desk.request, f"{formats.number(left.left)} are left now.")
    return redeemed.back(desk.request)


@require_POST
@page("rewards", "console/reward.html")
def codes(desk: Desk, *, code: str) -> HttpResponse:
    """Import codes, one on each line."""
    text = desk.request.POST.get("codes", "")[:LONGEST_IMPORT]
    try:
        done = supplying.import_codes(
            program_id=desk.program.id, reward=code, codes=text.splitlines(), actor=desk.actor
        )
    except PointbookError as refusal:
        messages.error(desk.request, wording.opened(str(refusal)))
    else:
        twice = f" {formats.number(len(done.doubled))} were known or came twice."
        new = formats.counted(done.new, "code is", "codes are")
        messages.success(desk.request, f"{new} new.{twice if done.doubled else ''}")
    return redeemed.back(desk.request)


@require_POST
@page("rewards", "console/reward.html")
def export(desk: Desk, *, code: str) -> HttpResponse:
    """All codes of a reward as CSV, written down like a change."""
    try:
        text = supplying.export_codes(program_id=desk.program.id, reward=code, actor=desk.actor)
    except PointbookError as refusal:
        messages.error(desk.request, wording.opened(str(refusal)))
        return redeemed.back(desk.request)
    name = f"{desk.program.code}-{code}-codes.csv"
    return HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
@page("rewards", "console/reward.html")
def draw(desk: Desk, *, code: str) -> HttpResponse:
    """Draw the winners of a sweepstake."""
    try:
        done = drawing.draw(program_id=desk.program.id, reward=code, actor=desk.actor)
    except PointbookError as refusal:
        messages.error(desk.request, wording.opened(str(refusal)))
    else:
        won = formats.counted(len(done.winners), "prize", "prizes")
        messages.success(desk.request, f"Drawn: {won} among {formats.number(done.entries)}.")
    return redeemed.back(desk.request)


@require_POST
@page("rewards", "console/rewards.html")
def pay_out(desk: Desk) -> HttpResponse:
    """Write down that a cause was paid what it is owed."""
    asked = desk.request.POST
    try:
        done = paying_out.pay_out(
            program_id=desk.program.id,
            cause=asked.get("cause", ""),
            actor=desk.actor,
            reference=asked.get("reference", "").strip(),
            key=f"console:{asked['token']}" if asked.get("token") else "",
        )
    except PointbookError as refusal:
        messages.error(desk.request, wording.opened(str(refusal)))
    else:
        paid = formats.cash(done.owed.paid, currency=desk.blueprint.currency)
        name = done.owed.cause.name
        messages.success(desk.request, f"Payout {done.number}: {paid} to {name}.")
    return redeemed.back(desk.request)


def _answer(desk: Desk, taken: Mapping[str, counting.Taken]) -> str:
    """What was redeemed this month, in a sentence."""
    times = sum(one.times for one in taken.values())
    month = date_format(desk.today, "F")
    if not times:
        return f"Nothing was redeemed in {month} yet."
    units: dict[str, int] = {}
    for one in desk.blueprint.rewards:
        if one.code in taken:
            units[one.unit] = units.get(one.unit, 0) + taken[one.code].points
    terms = desk.blueprint.units
    told = [phrases.points(parts, unit=terms[code]) for code, parts in units.items() if parts]
    often = "once" if times == 1 else f"{formats.number(times)} times"
    spent = f", for {wording.listed(told, joined='and')}" if told else ""
    return f"Redeemed {often} in {month}{spent}."


def _listed(
    desk: Desk, own: Reward, shelves: Standing, *, taken: counting.Taken, reserved: int
) -> pages.Listed:
    left, words = _left(own, shelves)
    return pages.Listed(
        href=reverse("console:reward", args=[own.code]),
        name=own.name,
        kind=KINDS[own.gives.kind],
        price=phrases.points(own.price, unit=desk.blueprint.units[own.unit])
        if own.price or not own.cash
        else "",
        cash=phrases.money(own.cash, currency=desk.blueprint.currency) if own.cash else "",
        left=words,
        gone=left == 0,
        times=taken.times,
        points=phrases.points(taken.points, unit=desk.blueprint.units[own.unit]),
        reserved=reserved,
    )


def _left(own: Reward, shelves: Standing) -> tuple[int | None, str]:
    """How many are left, and the words: 7 of 20; 14 of 24 places."""
    if own.gives.slots:
        coming = {one.code for one in own.gives.slots if one.starts_at > shelves.at}
        rows: Sequence[Stand] = [row for row in shelves.rows if row.slot in coming]
        left = sum(row.left for row in rows)
        return left, f"{formats.number(left)} of {_sum(rows)} places"
    rows = list(shelves.of(own))
    if not rows:
        return None, ""
    first = min(rows, key=lambda row: row.left)
    return first.left, f"{formats.number(first.left)} of {formats.number(first.supply)}"


def _sum(rows: Sequence[Stand]) -> str:
    return formats.number(sum(row.supply for row in rows))


def _price(desk: Desk, own: Reward) -> str:
    blueprint = desk.blueprint
    told = [phrases.points(own.price, unit=blueprint.units[own.unit])] if own.price else []
    told += [phrases.money(own.cash, currency=blueprint.currency)] if own.cash else []
    return wording.listed(told, joined="and") or "Free"


def _codes(desk: Desk, own: Reward) -> pages.Codes | None:
    if not own.pool and own.voucher is None:
        return None
    found = counting.codes(desk.program.id, own.code)
    may = desk.may("codes.export")
    return pages.Codes(
        free=found.get("free", 0),
        given=found.get("given", 0),
        used=found.get("used", 0),
        void=found.get("void", 0),
        may_import=own.pool and desk.may("codes.import"),
        export=reverse("console:codes-export", args=[own.code]) if may else "",
    )
