"""Orders before they are bought, and confirmed: what they earn, what is redeemed, what is due.

Raises what posting the order would raise, and OrderChanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from pointbook.controls.clock import clock
from pointbook.earning.operations.confirming import Confirmed, EvaluationChanged, confirm_order
from pointbook.earning.operations.redeeming import Key
from pointbook.earning.orders import ORDER, Ordered, Wish
from pointbook.earning.orders import evaluate_order as evaluated
from pointbook.earning.receipts import receipts
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.values.facts import HELD_BY_MEMBERS, Fact, FactError, normalise, restore
from pointbook.interfaces.api import bodies, redeemed, wishes
from pointbook.interfaces.api.caller import Caller, answer_once, caller
from pointbook.interfaces.api.changes import order_changed
from pointbook.interfaces.api.documents import document_of
from pointbook.interfaces.api.effects import (
    discounts,
    effects,
    offer,
    payable,
    refused_to_nobody,
    voucher,
)
from pointbook.interfaces.api.postings import posted
from pointbook.interfaces.api.redemptions import redemption_document
from pointbook.interfaces.api.text import money, moves, points, reasons
from pointbook.ledger.queries import fact_ids, facts
from pointbook.programs.queries import compiled
from pointbook.redemption.queries.redemptions import by_code, by_facts

router = Router(tags=["Orders"])
EVALUATE: Final = "orders.evaluate"
CONFIRM: Final = "orders.confirm"
NOWHERE: Final = "order"


@router.post("/evaluate", operation_id="evaluate_order", response=redeemed.EvaluatedOrder)
def evaluate_order(request: HttpRequest, response: HttpResponse) -> dict[str, object]:
    """What an order would earn and what can be redeemed on it; nothing is posted.

    Send what you would post as a fact; source, id, type and occurred_at may be left out. `redeem`,
    `vouchers` and `pay` say what is wished for: each is an effect of its own, granted or refused
    with what is missing. The trace has every rule, also those that do not match, and says why.
    Points that the order would earn and that can be used at once are counted towards `rewards`.
    """
    who = caller(request, scope=EVALUATE)
    raw = bodies.document(request)
    return answer_once(
        request,
        response,
        actor=who.actor,
        action=EVALUATE,
        body=request.body,
        run=lambda: _evaluated(who, raw),
    )


@router.post(
    "",
    operation_id="confirm_order",
    response={200: redeemed.ConfirmedOrder, 201: redeemed.ConfirmedOrder},
)
def confirm(request: HttpRequest, response: HttpResponse) -> Status[dict[str, object]]:
    """Post an order with all that is redeemed on it, exactly as it was evaluated, or nothing.

    201 when it is new, 200 when the same order was confirmed before. What a wish lacks by now, and
    what differs from `expected`, is a 409 with every change in `errors`.
    """
    who = caller(request, scope=CONFIRM)
    raw = bodies.document(request)
    answer = answer_once(
        request,
        response,
        actor=who.actor,
        action=CONFIRM,
        body=request.body,
        run=lambda: _confirmed(who, raw),
    )
    return Status(int(str(answer["status"])), answer["order"])  # type: ignore[arg-type]


def _evaluated(who: Caller, raw: Mapping[str, object]) -> dict[str, object]:
    order, wish, blueprint = _read(who, raw, {"source": NOWHERE, "id": NOWHERE})
    known = order.member is not None
    found = evaluated(who.program.code, order, wish=wish if known else Wish())
    told = effects(found, wish if known else Wish())
    refused = [] if known else refused_to_nobody(wish, blueprint)
    return {**_earned(found), "effects": [*told, *refused], **_settled(found, known=known)}


def _read(
    who: Caller, raw: Mapping[str, object], now: Mapping[str, object]
) -> tuple[Fact, Wish, Blueprint]:
    """The order of a body, what is wished for, and the terms of its time."""
    program = compiled(who.program.id)
    usual = {"type": ORDER, "occurred_at": clock(who.program.id), **now}
    own = {name: value for name, value in raw.items() if name not in wishes.FIELDS}
    order = normalise({**usual, **own}, currency=program.currency, zone=program.zone)
    blueprint = program.version_at(order.occurred_at).blueprint
    wish = wishes.wish_of(raw, blueprint=blueprint, program_id=who.program.id)
    return order, wish, blueprint


def _earned(found: Ordered) -> dict[str, object]:
    """What an order would earn, rule by rule."""
    earned = found.earned
    blueprint = earned.blueprint
    units, currency = blueprint.units, blueprint.currency
    rules = {rule.code: rule for rule in blueprint.earn}
    return {
        "member": found.member and str(found.member),
        "program_version": earned.verdict.version,
        "earned": [
            {"unit": unit, "points": points(parts, unit=units[unit])}
            for unit, parts in earned.earned.items()
        ],
        "reasons": reasons(earned.verdict.reasons, why=earned.why, blueprint=blueprint),
        "trace": [
            {
                "rule": one.rule,
                "name": one.name,
                "matched": one.matched,
                "unit": unit,
                "points": points(one.points, unit=units[unit]),
                "why": one.why,
            }
            for one in earned.traces
            for unit in [rules[one.rule].unit]
        ],
        "moves": moves(earned.verdict.moves),
        "rewards": [
            {
                "reward": step.reward.code,
                "name": step.reward.name,
                "unit": step.reward.unit,
                "price": points(step.reward.price, unit=units[step.reward.unit]),
                "value": money(step.reward.value, currency=currency),
                "affordable": not step.missing,
                "missing": points(step.missing, unit=units[step.reward.unit]),
            }
            for step in earned.rewards
        ],
    }


def _settled(found: Ordered, *, known: bool) -> dict[str, object]:
    """What an order comes to, and what else can be had."""
    blueprint, settlement = found.earned.blueprint, found.settlement
    currency = blueprint.currency
    return {
        "before": money(settlement.before, currency=currency),
        "discounts": discounts(found),
        "total": money(settlement.total, currency=currency),
        "tax": money(settlement.tax, currency=currency),
        "due": money(settlement.due, currency=currency),
        "payable": [payable(one, blueprint) for one in found.payable],
        "stored_value": [
            {"unit": unit, "amount": money(amount, currency=currency)}
            for unit, amount in found.stored.items()
        ],
        "vouchers": [voucher(one) for one in found.vouchers],
        "offers": [
            offer(one, reason=place.reason, blueprint=blueprint, known=known)
            for one, place in found.offers
        ],
        "order": document_of(found.order, currency=currency),
    }


def _confirmed(who: Caller, raw: Mapping[str, object]) -> dict[str, object]:
    own = {name: value for name, value in raw.items() if name != "expected"}
    order, wish, blueprint = _read(who, own, {})
    expected = wishes.expected_of(raw.get("expected"), blueprint=blueprint)
    if order.type != ORDER:
        raise FactError(
            f"an order is no {order.type}",
            field="type",
            value=order.type,
            mend="Leave type out, or post it as a fact.",
        )
    if order.member is None and (wish.claims or wish.vouchers or wish.points or wish.stored):
        raise FactError("only members redeem", field="member", value=None, mend="Name the member.")
    try:
        done = confirm_order(
            program=who.program.code,
            order=order,
            wish=wish,
            expected=expected,
            actor=who.actor,
        )
    except EvaluationChanged as error:
        raise order_changed(error, wish, expected) from error
    answer = _posted(who, done, wish, blueprint)
    return {"status": 200 if done.repeated else 201, "order": answer}


def _posted(who: Caller, done: Confirmed, wish: Wish, blueprint: Blueprint) -> dict[str, object]:
    """A confirmed order as it was recorded: the first answer and its repetition."""
    own = done.order
    receipt = receipts(program_id=who.program.id, keys=[own])[own]
    (fact_id,) = fact_ids(who.program.id, [own]).values()
    order = restore(facts([fact_id])[fact_id].content, member=None)
    held = sum(one.amount for one in order.tenders if one.kind in HELD_BY_MEMBERS)
    earned: dict[str, int] = {}
    for one in receipt.moved:
        earned[one.unit] = earned.get(one.unit, 0) + one.points
    return {
        "order": {"source": own.source, "id": own.id},
        "fact": posted(receipt),
        "earned": [
            {"unit": unit, "points": points(parts, unit=blueprint.units[unit])}
            for unit, parts in earned.items()
        ],
        "total": money(order.total, currency=blueprint.currency),
        "due": money(max(0, order.total - held), currency=blueprint.currency),
        "redemptions": _redemptions(who, own, wish),
    }


def _redemptions(who: Caller, own: Key, wish: Wish) -> list[dict[str, object]]:
    """The redemptions of a confirmed order: its rewards, then its vouchers."""
    keys = [Key(own.source, f"{own.id}:{place}") for place in range(1, len(wish.claims) + 1)]
    ids = fact_ids(who.program.id, keys) if keys else {}
    rows = by_facts(sorted(ids.values()))
    taken = [rows[ids[key]] for key in keys if ids.get(key) in rows]
    used = {row.key: row for row in (by_code(who.program.id, code) for code in wish.vouchers)}
    taken += used.values()
    return [redemption_document(row, program_id=who.program.id) for row in taken]
