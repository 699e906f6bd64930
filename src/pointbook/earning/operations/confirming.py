"""Confirm an order with all that was wished for it: posted exactly as evaluated, or not at all.

Raises ProgramNotFound, RedemptionUnknown, EvaluationChanged, and what the facts are refused for.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple

import orjson

from pointbook.controls.actors import Actor
from pointbook.earning.operations.ingesting import FactConflict, Outcome, ingest_together
from pointbook.earning.operations.redeeming import Key, attributes_of
from pointbook.earning.orders import Ordered, Wish, claimed_by, evaluate_order, used_by
from pointbook.earning.queries import BRINGS
from pointbook.engine.ledger.lots import BalanceError
from pointbook.engine.replay.cases import FactRefused
from pointbook.engine.rules.blueprint import Unit
from pointbook.engine.rules.prose import wording
from pointbook.engine.rules.rewards.combining import Granted
from pointbook.engine.rules.rewards.missing import Missing
from pointbook.engine.rules.rewards.pricing import units_of
from pointbook.engine.values.errors import ConflictError
from pointbook.engine.values.facts import FIRST, Fact, Returned, content, restore
from pointbook.ledger.queries import facts, known
from pointbook.members.queries import resolve
from pointbook.programs.queries import program as find_program

# The attribute by which a confirmed order is known to be the same when it is sent again.
CONFIRMS: Final = "confirms"


class EvaluationChanged(ConflictError):
    """The order is no longer what it was evaluated to be: nothing was posted."""

    # What it is now, where that is known.
    found: Ordered | None = None


class Expected(NamedTuple):
    """What a caller was told by an evaluation: minor units due, and parts earned by unit."""

    due: int | None = None
    earned: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A confirmed order: the purchase as it was posted, what that earned, and its redemptions.

    `repeated` says that the same order was confirmed before; `ordered` is None then.
    """

    order: Key
    redemptions: tuple[Key, ...]
    repeated: bool
    ordered: Ordered | None
    outcomes: tuple[Outcome, ...]


def confirm_order(
    *,
    program: str,
    order: Fact,
    actor: Actor,
    wish: Wish | None = None,
    expected: Expected | None = None,
    at: datetime | None = None,
) -> Confirmed:
    """Post an order with everything that was wished for it, exactly as evaluated, or nothing.

    The same order with the same wish again is answered as repeated.

    :raises EvaluationChanged: the order is not what the caller expects any more, with the changes.
    :raises FactConflict: the order's key was posted with another content.
    :raises PointbookError: what cannot be had any more.
    """
    row = find_program(program)
    wish = wish or Wish()
    own = Key(order.source, order.id)
    if own in known(row.id, [own]):
        return _repeated(row.id, order, wish)
    try:
        return _confirmed(program, order, wish, expected=expected, actor=actor, at=at)
    except (EvaluationChanged, FactConflict):
        if own in known(row.id, [own]):  # the same was sent twice, and the other was faster
            return _repeated(row.id, order, wish)
        raise


def _confirmed(
    program: str,
    order: Fact,
    wish: Wish,
    *,
    expected: Expected | None,
    actor: Actor,
    at: datetime | None,
) -> Confirmed:
    own = Key(order.source, order.id)
    found = evaluate_order(program, order, wish=wish)
    captured = _captures(order, wish, found)
    for refused in found.settlement.refused:
        raise _lacking(refused.missing[0], found)
    _compare(found, expected)
    facts = [*_burns(order, wish, found), _posted(found.order, _digest(order, wish))]

    def check(outcomes: Sequence[Outcome]) -> None:
        _compare_earned(found, next(one for one in outcomes if (one.source, one.id) == own))
        _compare_taken(found, wish, outcomes)

    try:
        outcomes = ingest_together(
            program=program, facts=[*captured, *facts], actor=actor, at=at, check=check
        )
    except (FactRefused, BalanceError) as error:
        # It could be had a moment ago: somebody else was faster.
        raise EvaluationChanged(
            error.message, field=error.field, value=error.value, mend=error.mend
        ) from error
    burned = tuple(Key(fact.source, fact.id) for fact in facts[:-1] if "reward" in fact.attributes)
    repeated = outcomes[-1].status == "duplicate"
    return Confirmed(own, burned, repeated=repeated, ordered=found, outcomes=tuple(outcomes))


def _burns(order: Fact, wish: Wish, found: Ordered) -> Iterator[Fact]:
    """The burns of a confirmed order: each reward, then points and stored value that pay."""
    about = Returned(order.source, order.id)
    claimed = [*claimed_by(used_by(found.vouchers, wish.vouchers))]
    for place, one in enumerate(_granted(wish, found), 1):
        body = attributes_of(one.claim)
        if claimed:
            body["claimed"] = list(claimed)
        claimed.append(one.claim.reward)
        yield replace(
            order,
            id=f"{order.id}:{place}",
            type="burn",
            attributes=body,
            about=about,
            tenders=(),
        )
    units = found.earned.blueprint.units
    for paid in found.settlement.payments:
        yield replace(
            found.order,
            id=f"{order.id}:{paid.unit}",
            type="burn",
            attributes={
                "unit": paid.unit,
                "points": _text(paid.points, units[paid.unit].decimals),
            },
            about=about,
            tenders=(),
        )


def _granted(wish: Wish, found: Ordered) -> list[Granted]:
    """The rewards that are burned for the order: not those of vouchers."""
    asked = {id(claim) for claim in wish.claims}
    return [one for one in found.settlement.granted if id(one.claim) in asked]


def _captures(order: Fact, wish: Wish, found: Ordered) -> list[Fact]:
    """The facts that use the vouchers, one for each redemption however many codes it has."""
    facts: dict[Returned | None, Fact] = {}
    for place, code in enumerate(wish.vouchers, 1):
        fact = _capture_of(order, code, found, place=place)
        facts.setdefault(fact.about, fact)
    return list(facts.values())


def _capture_of(order: Fact, code: str, found: Ordered, *, place: int) -> Fact:
    voucher = next((one for one in found.vouchers if one.code == code), None)
    if voucher is None:
        message, mend = f"the member has no voucher {code!r} to use", "Leave it out, or check it."
        raise _lacking(Missing("voucher", message, "vouchers", code, mend), found)
    if voucher.missing:
        raise _lacking(voucher.missing[0]._replace(field="vouchers", value=code), found)
    return Fact(
        source=order.source,
        id=f"{order.id}:voucher:{place}",  # its code is as good as money, and stands in no fact
        type="capture",
        occurred_at=order.occurred_at,
        attributes={"order": {"source": order.source, "id": order.id}},
        about=Returned(*voucher.row.key),
    )


def _lacking(lack: Missing, found: Ordered) -> EvaluationChanged:
    """Something that was wished for cannot be had."""
    error = EvaluationChanged(lack.message, field=lack.field, value=lack.value, mend=lack.mend)
    error.found = found
    return error


def _text(parts: int, decimals: int) -> str:
    whole, part = divmod(parts, 10**decimals)
    return f"{whole}.{part:0{decimals}}" if decimals else str(whole)


def _posted(order: Fact, digest: str) -> Fact:
    return replace(order, attributes={**order.attributes, CONFIRMS: digest})


def _digest(order: Fact, wish: Wish) -> str:
    """What tells the same order with the same wish from another one, whenever it is sent."""
    body = {
        "order": content(replace(order, occurred_at=FIRST)).decode(),
        "claims": [attributes_of(one) for one in wish.claims],
        "vouchers": sorted(wish.vouchers),
        "points": dict(wish.points),
        "stored": dict(wish.stored),
    }
    text = orjson.dumps(body, default=str, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:16]


def _repeated(program_id: int, order: Fact, wish: Wish) -> Confirmed:
    own = Key(order.source, order.id)
    before = known(program_id, [own])[own]
    told = restore(facts([before.id])[before.id].content, member=None)
    names = [str(one) for one in (order.member, before.member) if one is not None]
    people = resolve(program_id, names)
    same = before.member is None or (
        order.member is not None
        and people.get(order.member) == people.get(str(before.member), before.member)
    )
    if not same or told.attributes.get(CONFIRMS) != _digest(order, wish):
        raise FactConflict(
            f"order {own.source}/{own.id} was confirmed before with other content",
            field="id",
            value=own.id,
            mend="Send another order under its own id.",
        )
    return Confirmed(own, (), repeated=True, ordered=None, outcomes=())


def _compare(found: Ordered, expected: Expected | None) -> None:
    """Say what changed since the caller was told.

    :raises EvaluationChanged: anything did.
    """
    if expected is None:
        return
    changes = []
    if expected.due is not None and expected.due != found.settlement.due:
        changes.append(f"due was {expected.due}, is {found.settlement.due} (minor units)")
    for unit, parts in (expected.earned or {}).items():
        now = found.earned.earned.get(unit, 0)
        if parts != now:
            changes.append(f"{unit} earned were {parts}, are {now} (smallest parts)")
    if changes:
        error = EvaluationChanged(
            f"the order changed since it was evaluated: {'; '.join(changes)}",
            field="expected",
            value=changes,
            mend="Evaluate it again, show it, and confirm what is shown.",
        )
        error.found = found
        raise error


def _compare_earned(found: Ordered, outcome: Outcome) -> None:
    """What is about to be posted earns what was evaluated a moment ago.

    :raises EvaluationChanged: somebody else changed it in between.
    """
    if outcome.verdict is None:
        return
    earned: dict[str, int] = {}
    for transfer in outcome.verdict.transfers:
        if transfer.kind == "transfer_out":
            continue  # the household's all the same
        points = transfer.points if transfer.kind in BRINGS else -transfer.points
        earned[transfer.unit] = earned.get(transfer.unit, 0) + points
    if found.member is None and not earned:
        return  # nobody owns the order yet: what it would earn is told, and nobody earns it
    if earned != found.earned.earned:
        units = found.earned.blueprint.units
        now, told = (_said(one, units) for one in (earned, found.earned.earned))
        raise EvaluationChanged(
            f"the order earns {now} now, not {told}",
            field="expected",
            value=earned,
            mend="Evaluate it again, show it, and confirm what is shown.",
        )


def _compare_taken(found: Ordered, wish: Wish, outcomes: Sequence[Outcome]) -> None:
    """What is about to be burned costs what was evaluated a moment ago.

    :raises EvaluationChanged: a price changed in between.
    """
    told, taken = Counter[str](), Counter[str]()
    rewards = {one.code: one for one in found.earned.blueprint.rewards}
    for one in _granted(wish, found):
        reward = rewards[one.claim.reward]
        told[reward.unit] += one.price.points * units_of(reward, one.claim)
    for paid in found.settlement.payments:
        told[paid.unit] += paid.points
    for outcome in outcomes:
        for transfer in () if outcome.verdict is None else outcome.verdict.transfers:
            if transfer.kind == "burn":
                taken[transfer.unit] += transfer.points
    if +taken != +told:
        units = found.earned.blueprint.units
        raise EvaluationChanged(
            f"the order costs {_said(+taken, units)} now, not {_said(+told, units)}",
            field="expected",
            value=dict(taken),
            mend="Evaluate it again, show it, and confirm what is shown.",
        )


def _said(earned: Mapping[str, int], units: Mapping[str, Unit]) -> str:
    told = [wording.points(parts, unit=units[code]) for code, parts in earned.items()]
    return wording.listed(told, joined="and") or "nothing"
