"""Everything that a member could have: each reward with its price, its effect and what is missing.

Nothing here raises.
"""

from __future__ import annotations

from typing import NamedTuple

from pointbook.engine.rules.catalogue import Reward
from pointbook.engine.rules.rewards.bills import Bill
from pointbook.engine.rules.rewards.effects import Effect, bill_before, take
from pointbook.engine.rules.rewards.missing import Missing, missing_on
from pointbook.engine.rules.rewards.pricing import Price, price_of
from pointbook.engine.rules.rewards.situations import Claim, Situation


class Offer(NamedTuple):
    """One of a reward: its `price`, what is `missing` (nothing: it may be had), its `effect`.

    The effect is that on the basket of the situation. `short` is how many smallest parts of its
    unit the member has too few.
    """

    reward: Reward
    price: Price
    missing: tuple[Missing, ...]
    effect: Effect
    short: int


def offers(situation: Situation) -> tuple[Offer, ...]:
    """The rewards of the program: by unit in the document's order, then by price, then by code.

    What a member chooses only when they claim it (a slot, options, a cause) is not missing: the
    first choice that there is stands for it.
    """
    bill = bill_before(situation)
    found = [_offer(reward, situation, bill) for reward in situation.blueprint.rewards]
    units = list(situation.blueprint.units)

    def place(offer: Offer) -> tuple[int, int, str]:
        return units.index(offer.reward.unit), offer.price.points, offer.reward.code

    return tuple(sorted(found, key=place))


def _offer(reward: Reward, situation: Situation, bill: Bill) -> Offer:
    claim = _usual(reward, situation)
    price = price_of(reward, situation)
    return Offer(
        reward,
        price,
        missing_on(reward, claim, situation, bill=bill),
        take(reward, Claim(reward.code, slot=claim.slot), situation, bill=bill).effect,
        max(0, price.points - situation.usable.get(reward.unit, 0)),
    )


def _usual(reward: Reward, situation: Situation) -> Claim:
    """A claim for one, with the first choices that there are."""
    gives = reward.gives
    causes = gives.causes or tuple(one.code for one in situation.blueprint.causes)
    return Claim(
        reward.code,
        slot=_slot(reward, situation),
        options={name: choices[0] if choices else name for name, choices in gives.options.items()},
        cause=next(iter(causes), ""),
    )


def _slot(reward: Reward, situation: Situation) -> str:
    """The next slot with a free place; else the next one, else the last."""
    slots, at = reward.gives.slots, situation.fact.occurred_at
    to_come = sorted((slot for slot in slots if slot.starts_at > at), key=lambda one: one.starts_at)
    free = (slot for slot in to_come if situation.left(reward, slot.code) != 0)
    chosen = next(free, None) or next(iter(to_come or slots[-1:]), None)
    return chosen.code if chosen else ""
