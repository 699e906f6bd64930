"""A reward as a member reads it: price, worth, why it stands there, and what is missing to it.

Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.catalogue import ON_ORDERS, Reward
from pointbook.engine.rules.prose import phrases, wording
from pointbook.engine.rules.prose.rewards import terms
from pointbook.engine.rules.ranking import Ranked
from pointbook.engine.rules.rewards.missing import Missing
from pointbook.engine.rules.rewards.offers import Offer
from pointbook.interfaces.portal.cards import money_of, share_of

# What is told by a bar and a number, and what only the till can know.
TOLD_ELSEWHERE: Final = frozenset({"insufficient_balance", "order_needed"})
# What a member chooses on the reward's own page.
CHOSEN_LATER: Final = frozenset({"slot", "options", "cause", "country"})


@dataclass(frozen=True, slots=True)
class Told:
    """One reward in words.

    It costs `points` and `cash`; '' for nothing.
    `ready` says that nothing is missing, `till` that it is asked for when an order is paid. `share`
    is how much of the price is there ('' where all is), `reason` why it stands in its place, and
    `lacks` what is missing beside points.
    """

    code: str
    name: str
    points: str
    cash: str
    why: str
    worth: str
    ready: bool
    till: bool
    share: str
    short: str
    reason: str
    lacks: tuple[str, ...]

    @property
    def price(self) -> str:
        """What it costs in one phrase: 300 points and $10; Free."""
        return wording.listed([one for one in (self.points, self.cash) if one], joined="and") or (
            "Free"
        )


def told(found: tuple[Offer, Ranked], blueprint: Blueprint) -> Told:
    """An offer with its place in the words of a member."""
    offer, ranked = found
    reward, price = offer.reward, offer.price
    unit, currency = blueprint.units[reward.unit], blueprint.currency
    lacks = tuple(lacking(reward, one) for one in offer.missing if one.code not in TOLD_ELSEWHERE)
    ready = not lacks and not offer.short
    return Told(
        code=reward.code,
        name=reward.name,
        points=phrases.points(price.points, unit=unit) if price.points else "",
        cash=money_of(price.cash, currency) if price.cash else "",
        why=price.why,
        worth=f"worth {money_of(price.value, currency)}" if price.value else "",
        ready=ready,
        till=at_till(reward),
        share=share_of(price.points - offer.short, price.points) if offer.short else "",
        short=phrases.points(offer.short, unit=unit) if offer.short else "",
        reason=_reason(ranked, offer),
        lacks=lacks,
    )


def at_till(reward: Reward) -> bool:
    """Whether it is taken off an order, so that it is asked for where that is paid."""
    of_order = reward.gives.kind in ON_ORDERS or (
        reward.gives.kind == "product" and reward.gives.lines is not None
    )
    return of_order and reward.voucher is None


def lacking(reward: Reward, missing: Missing) -> str:
    """One thing that is missing, without the reward's name before it: Only for Gold members."""
    message = missing.message.removeprefix(f"{reward.name}: ")
    return wording.opened(message.removesuffix("."))


def choosable(missing: Sequence[Missing]) -> bool:
    """Whether a member who has enough points could have it after choosing."""
    return all(one.code in TOLD_ELSEWHERE | CHOSEN_LATER for one in missing)


def sentences(reward: Reward, blueprint: Blueprint) -> list[str]:
    """What it gives and when, a sentence each."""
    return terms(reward, blueprint=blueprint)


def _reason(ranked: Ranked, offer: Offer) -> str:
    """Why it stands there, without what the bar or the badge say already."""
    if not offer.short and not ranked.now:
        return ""
    parts = ranked.reason.removesuffix(".").split(", and " if ranked.now else "; ", 1)
    return wording.opened(parts[1]) if len(parts) > 1 else ""
