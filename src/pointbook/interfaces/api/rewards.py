"""Rewards: the catalogue with what is left of it, for everybody or for one member.

Raises MemberNotFound.
"""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from pointbook.controls.clock import clock
from pointbook.earning.orders import catalogue
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.catalogue import Reward
from pointbook.interfaces.api import redeemed
from pointbook.interfaces.api.caller import caller
from pointbook.interfaces.api.effects import offer
from pointbook.interfaces.api.people import READ as MEMBERS
from pointbook.interfaces.api.promises import SCOPE as READ
from pointbook.interfaces.api.text import instant, money, points
from pointbook.members.queries import member as find_member
from pointbook.programs.queries import compiled
from pointbook.redemption.queries.shelves import Standing, standing

router = Router(tags=["Rewards"])
Document = dict[str, object]


@router.get("", operation_id="list_rewards", response=redeemed.Catalogue)
def list_rewards(
    request: HttpRequest,
    member: Annotated[
        str,
        Query(
            max_length=255,
            pattern=r"^[^\x00]*$",
            description="Any identifier of a member: the rewards come as offers to them. Needs"
            " the scope members.read, too.",
        ),
    ] = "",
) -> Document:
    """What points can buy, with its terms and what is left; for a member ranked, with reasons."""
    who = caller(request, scope=READ)
    at = clock(who.program.id)
    blueprint = compiled(who.program.id).version_at(at).blueprint
    left = standing(who.program.id, at=at)
    if not member:
        told = [_reward(one, blueprint, left) for one in blueprint.rewards]
        return {"at": instant(at), "member": None, "rewards": told}
    own = find_member(caller(request, scope=MEMBERS).program.id, member).id
    found = catalogue(who.program.code, str(own), at=at)
    return {
        "at": instant(at),
        "member": str(own),
        "rewards": [
            {
                **_reward(one.reward, blueprint, left),
                "offer": offer(one, reason=place.reason, blueprint=blueprint, known=True),
            }
            for one, place in found
        ],
    }


def _reward(reward: Reward, blueprint: Blueprint, left: Standing) -> Document:
    gives, currency = reward.gives, blueprint.currency
    causes = gives.causes or tuple(one.code for one in blueprint.causes)
    return {
        "reward": reward.code,
        "name": reward.name,
        "kind": gives.kind,
        "unit": reward.unit,
        "price": points(reward.price, unit=blueprint.units[reward.unit]),
        "cash": money(reward.cash, currency=currency),
        "value": money(reward.value, currency=currency),
        "left": left.left(reward),
        "slots": [
            {
                "slot": slot.code,
                "starts_at": instant(slot.starts_at),
                "ends_at": instant(slot.ends_at),
                "place": slot.place,
                "capacity": slot.capacity,
                "left": left.left(reward, slot.code) or 0,
            }
            for slot in gives.slots
        ],
        "options": {name: list(choices) for name, choices in gives.options.items()},
        "causes": list(causes) if gives.kind == "charity" else [],
        "tiers": list(reward.tiers),
        "minimum": money(reward.minimum, currency=currency),
        "voucher": reward.voucher is not None,
        "giftable": reward.giftable,
        "confirm": reward.confirm,
        "labels": list(reward.labels),
        "terms": reward.terms,
        "offer": None,
    }
