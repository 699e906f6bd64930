"""What a fact asks for of the catalogue: a reward at its price, or points to pay with.

Raises FactError for what a fact says wrongly or the program does not know, FactRefused for what the
terms do not allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pointbook.engine.replay.cases import Case, FactRefused, refuse
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.points import parts_of, unit_of
from pointbook.engine.replay.program import Program, Version
from pointbook.engine.replay.verdicts import MAKER
from pointbook.engine.rules.catalogue import SINGLE, Reward, Times
from pointbook.engine.rules.rewards.effects import effect_of
from pointbook.engine.rules.rewards.missing import MOST_CODES, Missing, missing
from pointbook.engine.rules.rewards.paying import amount_for, payable
from pointbook.engine.rules.rewards.pricing import price_of
from pointbook.engine.rules.rewards.situations import Claim, Situation, claim_of
from pointbook.engine.values.facts import Fact, FactError

# A burn that Pointbook makes by itself takes the reward as often as the balance allows.
AUTOMATIC: Final = "automatic"
# How all redemptions of a member are counted, whatever the reward.
ANY_REWARD: Final = "redemption"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a fact asks for: points of a unit for a reward, or to pay with (no reward)."""

    unit: str
    points: int
    amount: int
    quantity: int = 1
    reward: Reward | None = None
    slot: str = ""


def asked_by(case: Case) -> Asked:
    fact, version = case.fact, case.version
    code = fact.attributes.get("reward")
    if code is not None and "points" in fact.attributes and fact.type == "reserve":
        # A burn may say so: an old one names what it was for beside its points.
        raise FactError(
            "a reservation is of a reward or of points, not of both",
            field="attributes.points",
            value=fact.attributes["points"],
            mend="Leave points out: the reward has its price.",
        )
    if code is None or "points" in fact.attributes:
        return _payment(case)
    reward = reward_of(version, code)
    claim = claim_of(fact)
    own = situation(case.program, version, case.member, fact=fact, case=case)
    if by_itself(fact):
        claim = _as_often_as_possible(reward, claim, own)
    # Points that are not there are told by the wallet, for rewards and payments alike.
    lacking = [one for one in missing(reward, claim, own) if one.code != "insufficient_balance"]
    if lacking:
        raise _refusal(lacking[0])
    quantity = 1 if reward.gives.kind in SINGLE else claim.quantity
    price = price_of(reward, own)
    return Asked(
        unit=reward.unit,
        points=price.points * quantity,
        amount=effect_of(reward, claim, own).amount,
        quantity=quantity,
        reward=reward,
        slot=claim.slot,
    )


def by_itself(fact: Fact) -> bool:
    """Whether a burn is one of Pointbook's own: nobody else can call theirs automatic."""
    return fact.source == MAKER and AUTOMATIC in fact.attributes


def _as_often_as_possible(reward: Reward, claim: Claim, own: Situation) -> Claim:
    """As the balance, the limits and what is left allow; once, where the terms say why not."""
    price = price_of(reward, own).points
    often = [own.usable.get(reward.unit, 0) // price if price else 1]
    often += [times.times - own.used(reward.code, times) for times in reward.limits]
    left = own.left(reward, claim.slot)
    if left is not None:
        often.append(left)
    if reward.pool or reward.voucher is not None:
        often.append(MOST_CODES)
    return claim._replace(quantity=max(1, min(often)))


def _payment(case: Case) -> Asked:
    """Points of a unit, as many as the fact says; within the terms of paying, where there are."""
    fact, version = case.fact, case.version
    unit = unit_of(version, fact)
    terms = version.units[unit]
    if not terms.spendable:
        raise FactError(
            f"{terms.name} cannot be spent",
            field="attributes.unit",
            value=unit,
            mend="Name a unit that can be spent.",
        )
    points = parts_of(fact, terms.decimals)
    paying = next((one for one in version.blueprint.paying if one.unit == unit), None)
    if paying is None:
        return Asked(unit, points, terms.worth(points, currency=case.program.currency))
    own = situation(case.program, version, case.member, fact=fact, case=case)
    can = payable(paying, own)
    told = case.fact.attributes["points"]
    if can.missing:
        raise _refusal(can.missing[0])
    if points < can.least or points % can.step or (fact.total and points > can.most):
        raise refuse(
            f"{told} {terms.name} cannot pay for this",
            field="attributes.points",
            value=told,
            mend=f"Pay with {can.least} to {can.most}, in steps of {can.step}.",
        )
    return Asked(unit, points, amount_for(paying, points, blueprint=version.blueprint))


def reward_of(version: Version, code: object) -> Reward:
    reward = next((one for one in version.blueprint.rewards if one.code == code), None)
    if reward is None:
        known = ", ".join(one.code for one in version.blueprint.rewards) or "none yet"
        raise FactError(
            f"no reward {code!r}",
            field="attributes.reward",
            value=code,
            mend=f"Use one of: {known}.",
        )
    return reward


def _refusal(lacking: Missing) -> FactRefused:
    return refuse(lacking.message, field=lacking.field, value=lacking.value, mend=lacking.mend)


def situation(
    program: Program, version: Version, member: Member, *, fact: Fact, case: Case | None = None
) -> Situation:
    """What a claim of this member is judged by, at the time of a fact with its basket."""
    at = fact.occurred_at
    own = case or Case(program, version, member, fact)
    shelves = own.shelves

    def used(code: str, times: Times) -> int:
        return own.room.used(span_of(code, times).code, times.each)[1]

    def left(reward: Reward, slot: str) -> int | None:
        return None if shelves is None else shelves.left(reward, slot, at)

    usable = {
        unit: wallet.available(at)
        for unit, wallet in member.wallets.items()
        if unit in version.units
    }
    return Situation(
        blueprint=version.blueprint,
        zone=version.zone,
        fact=fact,
        who=member.who(program, version, at),
        usable={unit: usable.get(unit, 0) for unit in version.units},
        used=used,
        left=left,
        claimed=_claimed_before(fact),
        beside=tuple(
            hold.reward
            for hold in member.holds.values()
            if hold.order is not None and hold.order == fact.about and hold.reward
            if hold.state in ("reserved", "captured")
        ),
        compiled=version.rewards,
    )


def _claimed_before(fact: Fact) -> tuple[str, ...]:
    """The rewards that were claimed for the same order before, as the fact tells them."""
    told = fact.attributes.get("claimed")
    return tuple(map(str, told)) if isinstance(told, Sequence) and not isinstance(told, str) else ()


@dataclass(frozen=True, slots=True)
class Span:
    """A count of a member's redemptions, as limits are counted."""

    code: str
    times: Times


def any_span(times: Times) -> Span:
    return Span(f"{ANY_REWARD}:{times.each}", times)


def span_of(code: str, times: Times) -> Span:
    return Span(f"reward:{code}:{times.each}", times)


def spans_of(reward: Reward) -> list[Span]:
    return [span_of(reward.code, one) for one in reward.limits]
