"""What an order earns and what can be redeemed on it, before it is bought. Nothing is written.

Raises ProgramNotFound, and what posting the order would raise.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from pointbook.earning.gather import look
from pointbook.earning.gathered import Gathered
from pointbook.earning.linking import as_id, with_heads
from pointbook.earning.queries import Evaluation, evaluate
from pointbook.earning.shelves import keep_places
from pointbook.engine.replay.cases import Case
from pointbook.engine.replay.claiming import situation
from pointbook.engine.replay.judging import judge
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.program import Program
from pointbook.engine.replay.redeeming import end_of_hold
from pointbook.engine.rules.catalogue import Reward, Times
from pointbook.engine.rules.prose import wording
from pointbook.engine.rules.ranking import Candidate, Ranked, Tastes, rank
from pointbook.engine.rules.rewards.combining import Settlement, as_order, settle
from pointbook.engine.rules.rewards.missing import Missing, missing
from pointbook.engine.rules.rewards.offers import Offer, offers
from pointbook.engine.rules.rewards.paying import Payable
from pointbook.engine.rules.rewards.situations import Claim, Situation
from pointbook.engine.values.calendar import day_of
from pointbook.engine.values.facts import Fact
from pointbook.ledger.queries import ended_holds
from pointbook.members.queries import resolve
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as find_program
from pointbook.redemption.operations.shelving import Wanted, read_shelves
from pointbook.redemption.queries.redemptions import Row, of_member
from pointbook.redemption.queries.tastes import tastes_of

# A member has no more codes to use than so many of the latest redemptions have.
LATEST: Final = 200
ORDER: Final = "purchase"
NOTHING: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a member wants on an order: rewards, voucher codes, points and stored value by unit.

    Points are smallest parts, stored value minor units.
    """

    claims: Sequence[Claim] = ()
    vouchers: Sequence[str] = ()
    points: Mapping[str, int] = field(default_factory=dict)
    stored: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Voucher:
    """A code of the member's that is not used, for which reward, until when, and what it lacks."""

    row: Row
    code: str
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order with everything that a till or a shop needs to know of it.

    `order` is the purchase as it would be posted, `earned` what that would do, `settlement` what
    is left to pay. `offers` are the rewards, the most relevant first, each with why; `payable` is
    what may be paid in points by each unit after the rewards, `stored` the stored value that can be
    used (minor units), `vouchers` the member's open codes.
    """

    member: uuid.UUID | None
    order: Fact
    earned: Evaluation
    settlement: Settlement
    offers: tuple[tuple[Offer, Ranked], ...]
    payable: tuple[Payable, ...]
    stored: Mapping[str, int]
    vouchers: tuple[Voucher, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """An order, its member's working copy, and what its claims are judged by."""

    program: Program
    program_id: int
    member: uuid.UUID | None
    situation: Situation
    vouchers: tuple[Voucher, ...]


def evaluate_order(program: str, order: Fact, *, wish: Wish | None = None) -> Ordered:
    """What an order would earn, and what may be redeemed on it, at its time.

    :raises PointbookError: what the order would be refused for.
    """
    wish = wish or Wish()
    asked = ask(program, order, vouchers=wish.vouchers)
    settlement = settle(asked.situation, wish.claims, points=wish.points, stored=wish.stored)
    # Nothing is redeemed on what is no purchase: it is judged as it is.
    posted = as_order(settlement, order) if order.type == ORDER else order
    own = asked.situation
    found = offers(replace(own, claimed=()))
    units = own.blueprint.units
    return Ordered(
        member=asked.member,
        order=posted,
        earned=evaluate(program, posted),
        settlement=settlement,
        offers=ranked(asked, found),
        payable=settlement.payable,
        stored={code: own.usable.get(code, 0) for code, unit in units.items() if unit.money},
        vouchers=asked.vouchers,
    )


def catalogue(
    program: str, member: str | None, *, at: datetime
) -> tuple[tuple[Offer, Ranked], ...]:
    """Every reward as a member (or, with None, anybody) may have it at an instant, for no order.

    The most relevant first, each with why it stands there and what is missing.
    """
    asked = ask(program, Fact("catalogue", "catalogue", "reserve", at, member))
    return ranked(asked, offers(asked.situation))


def ask(program: str, order: Fact, *, vouchers: Sequence[str] = ()) -> Asked:
    """What the claims of an order are judged by; the rewards of `vouchers` are claimed before."""
    row = find_program(program)
    folded = compiled(row.id)
    over = _over(row.id, order, linked=folded.linked)
    found = look(program_id=row.id, program=folded, facts=[*over, order], everything=True)
    owner = found.owner(folded, order)
    state = Member() if owner is None else found.states[owner]
    for ending in over:
        whose = as_id(ending.member or "")
        if whose is not None:
            judge(folded, found.states[whose], ending)
    own = _situation(row.id, folded, state, order, who=owner)
    own = replace(own, usable=_with_purse(own, folded, state, found))
    held = () if owner is None else of_member(row.id, owner, limit=LATEST)
    codes = tuple(
        Voucher(one, code.code, _applies(own, one))
        for one in held
        if one.receiver in (None, owner)  # what was given away is for others to use
        for code in one.codes
        if code.state == "given"
    )
    claimed = tuple(claimed_by(used_by(codes, vouchers)))
    return Asked(folded, row.id, owner, replace(own, claimed=claimed), codes)


def used_by(found: Sequence[Voucher], codes: Sequence[str]) -> tuple[Voucher, ...]:
    """The vouchers that these codes use, each redemption once: its codes are used together."""
    good = {one.code: one for one in found if not one.missing}
    rows: dict[object, Voucher] = {}
    for code in codes:
        if code in good:
            rows.setdefault(good[code].row.key, good[code])
    return tuple(rows.values())


def claimed_by(vouchers: Sequence[Voucher]) -> Iterator[str]:
    """The rewards of vouchers, each as often as it was redeemed."""
    for one in vouchers:
        yield from [one.row.reward] * one.row.quantity


def _over(program_id: int, order: Fact, *, linked: bool) -> list[Fact]:
    """Holds of the member whose time is over: their points can be used at once."""
    if order.member is None:
        return []
    who = set(resolve(program_id, [order.member]).values())
    if linked:
        who = with_heads(who)
    ended = ended_holds(program_id=program_id, at=order.occurred_at, members=sorted(who))
    return [end_of_hold(one.key, one.until, member=str(one.member)) for one in ended]


def _situation(
    program_id: int, program: Program, state: Member, order: Fact, *, who: uuid.UUID | None
) -> Situation:
    version = program.version_at(order.occurred_at)
    wanted = [
        Wanted(one.reward, slot, order.occurred_at)
        for one in version.rewards.values()
        if one.reward.shelved
        for slot in ("", *(own.code for own in one.reward.gives.slots))
    ]
    shelves = read_shelves(program_id=program_id, zone=program.zone, wanted=wanted)
    keep_places(program_id, shelves, wanted=wanted)
    shelves.asks = who
    case = Case(program, version, state, order, shelves=shelves)
    return situation(program, version, state, fact=order, case=case)


def _with_purse(
    own: Situation, program: Program, state: Member, found: Gathered
) -> Mapping[str, int]:
    """What a member can use: of units that a household shares what its head holds."""
    head = found.now(as_id(state.head))
    purse = None if head is None else found.states.get(head)
    if purse is None:
        return own.usable
    at = own.fact.occurred_at
    version = program.version_at(at)
    pooled = {unit: purse.wallet(unit, version).available(at) for unit in version.blueprint.pooled}
    return {**own.usable, **pooled}


def _applies(own: Situation, row: Row) -> tuple[Missing, ...]:
    """Why a voucher cannot be used on the order; its price and its limits are behind it."""
    reward = own.reward(row.reward)
    if reward is None:
        return ()
    if row.until is not None and row.until <= own.fact.occurred_at:
        day = wording.day(day_of(row.until, own.zone))
        return (_unusable("ended", f"{reward.name}: it ended on {day}", row),)
    if "open" in (row.confirm, row.review):
        return (_unusable("waiting", f"{reward.name}: it was not confirmed yet", row),)
    plenty = dict.fromkeys(own.blueprint.units, 10**15)
    free = replace(own, usable=plenty, used=_never, left=_any_number)
    claim = Claim(row.reward, row.quantity, row.slot, row.options, row.cause, row.country)
    return missing(reward, claim, free)


def _unusable(code: str, message: str, row: Row) -> Missing:
    return Missing(code, message, "vouchers", row.key[1], "Leave it out.")


def _never(_code: str, _times: Times) -> int:
    return 0


def _any_number(_reward: Reward, _slot: str) -> int | None:
    return None


def ranked(asked: Asked, found: Sequence[Offer]) -> tuple[tuple[Offer, Ranked], ...]:
    """The offers, the most relevant to this member first."""
    if asked.member is None:
        liking, chosen, others = Tastes(), NOTHING, NOTHING
    else:
        liking, chosen, others = tastes_of(asked.program_id, asked.member)
    by_code = {one.reward.code: one for one in found}
    candidates = [
        Candidate(
            code=one.reward.code,
            unit=one.reward.unit,
            price=one.price.points,
            short=one.short,
            available=not one.missing,
            labels=one.reward.labels,
            kind=one.reward.gives.kind,
            chosen=chosen.get(one.reward.code, 0),
            others=others.get(one.reward.code, 0),
        )
        for one in found
    ]
    units = asked.situation.blueprint.units
    return tuple(
        (by_code[one.candidate.code], one) for one in rank(candidates, liking, units=units)
    )
