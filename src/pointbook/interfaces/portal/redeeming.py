"""Rewards: all of them, one of them with what can be chosen, and taking it.

What needs no till is used at once; a voucher, and what is paid for beside the points, is kept for
the member. A form has a key of its own, so that tapping twice redeems once. Why a reward is refused
is shown beside the field it belongs to. Nothing here raises.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from pointbook.controls.actors import Actor
from pointbook.earning import queries as earning
from pointbook.earning.operations import redeeming
from pointbook.earning.operations.ingesting import FactConflict
from pointbook.earning.operations.redeeming import Key
from pointbook.earning.orders import catalogue
from pointbook.engine.rules.catalogue import Reward
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.portal import cards, choices, days, offers, vouchers
from pointbook.interfaces.portal.invites import PORTAL, SOURCE
from pointbook.interfaces.portal.lines import USED
from pointbook.interfaces.portal.mails import send_confirmation
from pointbook.interfaces.portal.purses import held_by
from pointbook.interfaces.portal.visits import Visit, members_only, visiting
from pointbook.members.queries import email_of
from pointbook.redemption.operations import confirming, queueing
from pointbook.redemption.queries import bookings
from pointbook.redemption.queries.redemptions import Row
from pointbook.redemption.queries.shelves import standing as shelves_of

AGAIN: Final = "You redeemed this a moment ago with other choices. Press again for one more."
TOKEN: Final = re.compile(r"[0-9a-f]{32}")


@visiting("GET", "HEAD")
@members_only
def rewards(visit: Visit) -> HttpResponse:
    """Every reward in the order that matters to the member, with what is missing."""
    standing = earning.progress(visit.code, visit.known.id, at=visit.at)
    found = catalogue(visit.code, str(visit.known.id), at=visit.at)
    blueprint = visit.version.blueprint
    return visit.page(
        "rewards",
        {
            "tab": "rewards",
            "card": cards.card_of(visit.known, held_by(visit, standing), standing, ""),
            "rewards": sorted(
                (offers.told(one, blueprint) for one in found), key=lambda one: not one.ready
            ),
            "open": vouchers.count(visit),
        },
    )


@visiting("GET", "HEAD", "POST")
@members_only
def reward(visit: Visit, code: str) -> HttpResponse:
    """One reward: what it is, what can be chosen, and the button that takes it."""
    at, blueprint = visit.at, visit.version.blueprint
    found = next(
        (
            one
            for one in catalogue(visit.code, str(visit.known.id), at=at)
            if one[0].reward.code == code
        ),
        None,
    )
    if found is None:
        return visit.go("rewards")
    offer = found[0]
    request = visit.request
    said: Mapping[str, str] = request.POST if request.method == "POST" else {}
    shelves = shelves_of(visit.program_id, at=at, rewards=[offer.reward])
    asked = choices.fields(offer.reward, visit=visit, shelves=shelves, said=said)
    problem, token = "", said.get("token", "")
    if request.method == "POST" and TOKEN.fullmatch(token) and not offers.at_till(offer.reward):
        try:
            row = _take(visit, offer.reward, said, token)
        except FactConflict:
            problem, token = AGAIN, ""
        except PointbookError as error:
            asked, problem = choices.refused(asked, error, offer.reward)
        else:
            return redirect("portal:own", visit.code, row.fact_id)
    told = offers.told(found, blueprint)
    can = told.ready or (not offer.short and offers.choosable(offer.missing))
    can = can and not told.till
    refused = bool(problem) or any(one.error for one in asked)
    return visit.page(
        "reward",
        {
            "tab": "rewards",
            "reward": told,
            "fields": asked,
            "many": can and any(one.name == "quantity" for one in asked),
            "can": can,
            "problem": problem,
            "refused": refused,
            "token": token if TOKEN.fullmatch(token) else uuid.uuid4().hex,
            "sentences": offers.sentences(offer.reward, blueprint),
            "then": vouchers.then(offer.reward, blueprint),
            "waiting": _waiting(visit, offer.reward, asked),
        },
        status=422 if refused else 200,
    )


@visiting("POST")
@members_only
def wait(visit: Visit, code: str) -> HttpResponse:
    """Wait for a place in a slot that is full, or wait no longer."""
    asked = visit.request.POST
    act = queueing.leave if "leave" in asked else queueing.join
    try:
        act(
            program_id=visit.program_id,
            reward=code,
            slot=asked.get("slot", ""),
            member=visit.known.id,
            actor=Actor("member", str(visit.known.id), "member"),
        )
    except PointbookError:
        return redirect("portal:reward", visit.code, code)  # it says how it stands now
    return redirect(reverse("portal:reward", args=[visit.code, code]) + "#waiting")


def _take(visit: Visit, reward: Reward, said: Mapping[str, str], token: str) -> Row:
    """Reserve a reward, and use it at once where nobody has to look, hand over or be paid.

    :raises PointbookError: why it cannot be had.
    """
    key = Key(SOURCE, f"redeem:{visit.known.id.hex}:{token}")
    row = redeeming.reserve(
        program=visit.code,
        key=key,
        member=str(visit.known.id),
        claim=choices.claim_of(reward, said),
        actor=PORTAL,
        at=visit.at,
    )
    if row.confirm == "open":
        mail_code(visit, row)
    return settle(visit, row, reward)


def settle(visit: Visit, row: Row, reward: Reward) -> Row:
    """Use what was reserved, where it needs no till and nothing stands in the way any more."""
    if not settles(visit, row, reward):
        return row
    own = Key(*row.key)
    key = Key(SOURCE, f"{USED}{own.id}")
    return redeeming.capture(program=visit.code, redemption=own, key=key, actor=PORTAL, at=visit.at)


def settles(visit: Visit, row: Row, reward: Reward) -> bool:
    """Whether it can be used at once: reserved here, for no till, and nothing is in the way."""
    waits = row.confirm in ("open", "refused") or row.review in ("open", "refused")
    here = row.key[0] == SOURCE and row.state == "reserved" and not vouchers.over(visit, row)
    return here and not waits and reward.voucher is None and not row.cash


def mail_code(visit: Visit, row: Row) -> str:
    """Send the one-time code of a redemption; '' or what is wrong about that."""
    actor = Actor("member", str(visit.known.id), "member")
    try:
        code = confirming.issue(program_id=visit.program_id, key=Key(*row.key), actor=actor)
        send_confirmation(address=email_of(visit.known.id), code=code, program=visit.name)
    except PointbookError as error:
        return str(error)
    return ""


@dataclass(frozen=True, slots=True)
class Wait:
    """A time that somebody can wait for: whether they do, and how that stands."""

    slot: choices.Choice
    mine: bool
    told: str


def _waiting(visit: Visit, reward: Reward, asked: tuple[choices.Field, ...]) -> list[Wait]:
    """The times that are full, or that the member waits for."""
    if not reward.gives.waiting:
        return []
    slots = next((one.choices for one in asked if one.name == "slot"), ())
    found = []
    for slot in slots:
        turns = bookings.turns(visit.program_id, reward=reward.code, slot=slot.value)
        own = next((one for one in turns if one.member == visit.known.id), None)
        if own is not None:
            found.append(Wait(slot, mine=True, told=_turn(visit, own)))
        elif slot.off:
            found.append(Wait(slot, mine=False, told=""))
    return found


def _turn(visit: Visit, own: bookings.Turn) -> str:
    if own.until is None:
        return f"You are number {own.turn} in line."
    zone = visit.version.zone
    until = days.day_and_time(own.until, zone=zone, today=visit.at)
    return f"A place is kept for you until {until}. Choose it above."
