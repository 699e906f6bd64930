"""What a claim of a reward is judged by: the fact and its basket, the member, what is there.

Raises FactError where a fact does not say properly what it claims.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import NamedTuple

from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.catalogue import Reward, Times
from pointbook.engine.rules.rewards.compiling import CompiledReward, compile_reward
from pointbook.engine.rules.who import Who
from pointbook.engine.values.calendar import day_of
from pointbook.engine.values.documents import text_of
from pointbook.engine.values.facts import Fact, FactError

NO_OPTIONS: Mapping[str, str] = {}
# No code of a slot, a cause or a country is longer, and no words that are worked into a thing.
LONGEST: Mapping[str, int] = {"slot": 100, "cause": 100, "country": 2}
LONGEST_OPTION = 200
# A fact stays for ever: what somebody can be found by does not belong into one.
ADDRESS = re.compile(r"\S@\S+\.\S")
# More of one reward at once is a slip of the keyboard.
MOST_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when a reward is claimed.

    - `fact`: its instant, and the basket that the claim is for (of a reservation, a burn, or the
      order itself). The basket is as it is before the rewards in `claimed`; one that is among its
      coupons or its lines of rewards has been taken off already.
    - `who`: tiers, segments, profile, counts and measures of the member.
    - `usable`: points that can be used, in smallest parts, by unit.
    - `used`: how often this member took a reward in the span of the fact's instant.
    - `left`: how many are left of a reward, of one slot of it; None is any number.
    - `claimed`: rewards claimed for the same order before, in order, each as often as claimed.
    - `beside`: rewards that were redeemed for the same order by other facts.
    - `compiled`: the program's rewards from `compile_rewards`; without, they are compiled anew.
    """

    blueprint: Blueprint
    zone: tzinfo
    fact: Fact
    who: Who
    usable: Mapping[str, int]
    used: Callable[[str, Times], int]
    left: Callable[[Reward, str], int | None]
    claimed: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    compiled: Mapping[str, CompiledReward] | None = None

    @property
    def day(self) -> date:
        """The program's day on which it happens."""
        return day_of(self.fact.occurred_at, self.zone)

    @property
    def ordered(self) -> bool:
        """Whether there is a basket that the claim is for."""
        fact = self.fact
        return bool(fact.lines or fact.total or fact.delivery)

    def asks(self, reward: Reward) -> CompiledReward:
        """What a reward asks, compiled."""
        if self.compiled is not None and reward.code in self.compiled:
            return self.compiled[reward.code]
        return compile_reward(reward, zone=self.zone)

    def reward(self, code: str) -> Reward | None:
        """The reward of that code; None when the program has none."""
        return next((one for one in self.blueprint.rewards if one.code == code), None)


class Claim(NamedTuple):
    """A reward that somebody wants, how often, and what they chose.

    `receiver` is the member who gets it as a gift; empty: whoever claims it.
    """

    reward: str
    quantity: int = 1
    slot: str = ""
    options: Mapping[str, str] = NO_OPTIONS
    cause: str = ""
    country: str = ""
    receiver: str = ""


def claim_of(fact: Fact) -> Claim:
    """The claim that a fact makes by its attributes.

    :raises FactError: no reward, a quantity that is no whole number from 1, a text that is none,
        or options that are no object of texts.
    """
    said = fact.attributes
    for name in ("reward", "slot", "cause", "country", "for"):
        value = said.get(name)
        if value is not None and not isinstance(value, str):
            raise FactError(
                f"{name} is not a text",
                field=f"attributes.{name}",
                value=value,
                mend=f"Send {name} as a text.",
            )
        if len(value or "") > LONGEST.get(name, MOST_AT_ONCE):
            raise FactError(
                f"{name} is longer than {LONGEST[name]} characters",
                field=f"attributes.{name}",
                value=value,
                mend=f"Send the code of the {name}.",
            )
    return Claim(
        reward=text_of(said, "reward", "attributes", required=True),
        quantity=_quantity(said.get("quantity", 1)),
        slot=text_of(said, "slot", "attributes"),
        options=_options(said.get("options")),
        cause=text_of(said, "cause", "attributes"),
        country=text_of(said, "country", "attributes"),
        receiver=text_of(said, "for", "attributes"),
    )


def _quantity(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_AT_ONCE:
        return value
    raise FactError(
        "quantity is not how many are wanted",
        field="attributes.quantity",
        value=value,
        mend=f"Send a whole number from 1 to {MOST_AT_ONCE}.",
    )


def _options(value: object) -> Mapping[str, str]:
    if value is None:
        return NO_OPTIONS
    if isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values()):
        chosen = {str(name): text.strip() for name, text in value.items()}
        for name, text in chosen.items():
            if len(text) > LONGEST_OPTION or ADDRESS.search(text):
                raise FactError(
                    f"{name} is longer than {LONGEST_OPTION} characters, or holds an address",
                    field=f"attributes.options.{name}",
                    value=text[:LONGEST_OPTION],
                    mend="Say only what is worked into it; a fact never says who somebody is.",
                )
        return chosen
    raise FactError(
        "options are not an object of texts",
        field="attributes.options",
        value=value,
        mend='Send what was chosen, such as {"colour": "red"}.',
    )
