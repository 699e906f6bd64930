"""What an order does as a list of typed effects, each with its sentence. Nothing here raises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pointbook.earning.orders import Ordered, Wish
from pointbook.earning.orders import Voucher as OpenVoucher
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.catalogue import ON_ORDERS, Reward, RewardKind
from pointbook.engine.rules.prose import wording
from pointbook.engine.rules.rewards.combining import Granted, Payment
from pointbook.engine.rules.rewards.missing import Missing
from pointbook.engine.rules.rewards.offers import Offer
from pointbook.engine.rules.rewards.paying import Payable
from pointbook.engine.rules.rewards.pricing import units_of
from pointbook.engine.values.facts import Fact
from pointbook.interfaces.api.text import instant_or_none, money, points

Effect = dict[str, object]
ATTRIBUTES: Final = "attributes."
# Fields of a refusal that is about a unit to pay with; the others are about a reward.
UNITS: Final = ("attributes.points", "attributes.unit", "stored.")
ON_BILLS: Final[dict[RewardKind, str]] = {
    "discount": "discount",
    "percent": "discount",
    "buy_get": "discount",
    "product": "free_item",
    "shipping": "free_shipping",
}
NOTHING: Final[Effect] = {
    "pointer": "",
    "rule": None,
    "reward": None,
    "kind": None,
    "unit": None,
    "points": None,
    "amount": None,
    "cash": None,
    "lines": [],
    "missing": [],
}


def lacks_a_member(name: str) -> Missing:
    """Only members redeem."""
    return Missing("member", f"{name}: only members can have it", "member", None, "Name a member.")


def effects(found: Ordered, wish: Wish) -> list[Effect]:
    """What an order earns, then what becomes of each wish, in the order of the body."""
    wishes = [*_vouchers(found, wish), *_claims(found, wish), *_payments(found, wish)]
    return [*_earned(found), *(_told(one) for one in wishes)]


def refused_to_nobody(wish: Wish, blueprint: Blueprint) -> list[Effect]:
    """What is wished for, when there is no member who could have it."""
    names = {reward.code: reward.name for reward in blueprint.rewards}
    wishes: list[tuple[str, str, Effect]] = [
        (code, f"/vouchers/{place}", {}) for place, code in enumerate(wish.vouchers)
    ]
    wishes += [
        (names.get(one.reward, one.reward), f"/redeem/{place}", {"reward": one.reward})
        for place, one in enumerate(wish.claims)
    ]
    wishes += [(unit, f"/pay/points/{unit}", {"unit": unit}) for unit in wish.points]
    wishes += [(unit, f"/pay/stored_value/{unit}", {"unit": unit}) for unit in wish.stored]
    return [
        {**NOTHING, **told, **_refusal((lacks_a_member(name),)), "pointer": pointer}
        for name, pointer, told in wishes
    ]


def discounts(found: Ordered) -> list[dict[str, object]]:
    """What each reward takes off the bill."""
    currency = found.earned.blueprint.currency
    return [
        {"reward": one.claim.reward, "amount": money(one.effect.amount, currency=currency)}
        for one in found.settlement.granted
        if _off_the_bill(_reward(found, one), found.order)
    ]


def payable(can: Payable, blueprint: Blueprint) -> dict[str, object]:
    """What points of a unit may pay."""
    unit = blueprint.units[can.unit]
    return {
        "unit": can.unit,
        "least": points(can.least, unit=unit),
        "most": points(can.most, unit=unit),
        "step": points(can.step, unit=unit),
        "amount": money(can.amount, currency=blueprint.currency),
        "missing": [missing(one) for one in can.missing],
    }


def voucher(own: OpenVoucher) -> dict[str, object]:
    """A code of the member's, and whether it can be used on the order."""
    return {
        "code": own.code,
        "reward": own.row.reward,
        "until": instant_or_none(own.row.until),
        "applies": not own.missing,
        "missing": [missing(one) for one in own.missing],
    }


def offer(found: Offer, *, reason: str, blueprint: Blueprint, known: bool) -> dict[str, object]:
    """A reward as a member could have it; `known` says whether there is one."""
    reward, price, currency = found.reward, found.price, blueprint.currency
    unit = blueprint.units[reward.unit]
    lacks = found.missing if known else (lacks_a_member(reward.name), *found.missing)
    return {
        "reward": reward.code,
        "name": reward.name,
        "kind": reward.gives.kind,
        "unit": reward.unit,
        "price": points(price.points, unit=unit),
        "price_why": price.why,
        "cash": money(price.cash, currency=currency),
        "value": money(price.value, currency=currency),
        "amount": money(found.effect.amount, currency=currency),
        "affordable": not lacks,
        "short": points(found.short, unit=unit),
        "missing": [missing(one) for one in lacks],
        "reason": reason,
    }


def missing(lack: Missing) -> dict[str, object]:
    """One thing that is missing."""
    name = lack.field.removeprefix(ATTRIBUTES)
    return {
        "code": lack.code,
        "message": lack.message,
        "field": "stored_value" if name.startswith("stored.") else name,
        "mend": lack.mend,
    }


def refusals(found: Ordered, wish: Wish) -> Iterator[tuple[str, tuple[Missing, ...]]]:
    """Every wish that is refused: its pointer, and what is missing."""
    for one in [*_vouchers(found, wish), *_claims(found, wish), *_payments(found, wish)]:
        lacks = one.get("lacks")
        if isinstance(lacks, tuple):
            yield str(one["pointer"]), lacks


def _earned(found: Ordered) -> Iterator[Effect]:
    units = found.earned.blueprint.units
    verdict = found.earned.verdict
    for reason, sentence in zip(verdict.reasons, found.earned.why, strict=True):
        yield {
            **NOTHING,
            "type": "earn",
            "rule": reason.rule,
            "unit": reason.unit,
            "points": points(reason.points, unit=units[reason.unit]),
            "reason": sentence,
        }


def _vouchers(found: Ordered, wish: Wish) -> Iterator[Effect]:
    own = {one.code: one for one in found.vouchers}
    claims = {id(claim) for claim in wish.claims}
    granted = [one for one in found.settlement.granted if id(one.claim) not in claims]
    used: dict[object, str] = {}
    for place, code in enumerate(wish.vouchers):
        pointer, voucher = f"/vouchers/{place}", own.get(code)
        if voucher is None:
            yield {"pointer": pointer, "lacks": (_no_voucher(code),)}
            continue
        before = used.setdefault(voucher.row.key, code)
        count = voucher.row.quantity
        lacks = voucher.missing
        if not lacks and (before != code or len(granted) < count):
            lacks = (_used_already(code, before),)
        if lacks:
            yield {"pointer": pointer, "reward": voucher.row.reward, "lacks": lacks}
        else:
            yield {"pointer": pointer, **_granted(found, _together(granted[:count]), code=code)}
            del granted[:count]


def _together(several: Sequence[Granted]) -> Granted:
    """One redemption of several of a reward, as if it were of one."""
    lines = tuple(line for one in several for line in one.effect.lines)
    amount = sum(one.effect.amount for one in several)
    return several[0]._replace(effect=several[0].effect._replace(amount=amount, lines=lines))


def _no_voucher(code: str) -> Missing:
    message = f"the member has no voucher {code!r} to use"
    mend = "Leave it out, or compare it with the voucher."
    return Missing("voucher", message, "vouchers", code, mend)


def _used_already(code: str, before: str) -> Missing:
    """What a code is for is off the basket already, or comes off with another code of it."""
    message = f"what {code} is for is off the order already"
    if code != before:
        message = f"{code} is used together with {before}"
    return Missing("voucher", message, "vouchers", code, "Leave it out.")


def _claims(found: Ordered, wish: Wish) -> Iterator[Effect]:
    """Granted claims and refused ones, each in the order of the claims."""
    granted = {id(one.claim): one for one in found.settlement.granted}
    refused = iter([one for one in found.settlement.refused if not _about_a_unit(one.missing)])
    for place, claim in enumerate(wish.claims):
        pointer, own = f"/redeem/{place}", granted.get(id(claim))
        if own is not None:
            yield {"pointer": pointer, **_granted(found, own)}
        else:
            yield {"pointer": pointer, "reward": claim.reward, "lacks": next(refused).missing}


def _payments(found: Ordered, wish: Wish) -> Iterator[Effect]:
    paid = {(str(one.kind), one.unit): one for one in found.settlement.payments}
    refused = iter([one for one in found.settlement.refused if _about_a_unit(one.missing)])
    wanted = [("points", unit) for unit in wish.points]
    wanted += [("stored_value", unit) for unit in wish.stored]
    for kind, unit in wanted:
        pointer = f"/pay/{kind}/{unit}"
        payment = paid.get((kind, unit))
        if payment is not None:
            yield {"pointer": pointer, **_paid(payment, found.earned.blueprint)}
        else:
            yield {"pointer": pointer, "unit": unit, "lacks": next(refused).missing}


def _about_a_unit(lacks: Sequence[Missing]) -> bool:
    return lacks[0].field.startswith(UNITS)


def _granted(found: Ordered, one: Granted, *, code: str = "") -> Effect:
    """A reward that is had; by a voucher its points were paid before."""
    blueprint, reward = found.earned.blueprint, _reward(found, one)
    currency, count = blueprint.currency, units_of(reward, one.claim)
    kind, unit = one.effect.kind, blueprint.units[reward.unit]
    costs = 0 if code else one.price.points * count
    for_what = f"by the voucher {code}" if code else f"for {wording.points(costs, unit=unit)}"
    if one.price.why and not code:
        for_what += f", {one.price.why}"
    on_bill = _off_the_bill(reward, found.order)
    worth = wording.money(one.effect.amount, currency=currency)
    if on_bill:
        does = f"{worth} off"
    else:
        does = ", ".join(part for part in (one.effect.text, f"worth {worth}") if part)
    return {
        "type": ON_BILLS.get(kind, "give") if on_bill else "give",
        "reward": reward.code,
        "kind": kind,
        "unit": reward.unit,
        "points": points(costs, unit=unit),
        "amount": money(one.effect.amount, currency=currency),
        "cash": money(one.price.cash * count, currency=currency),
        "lines": [
            {
                "line": line.place,
                "quantity": format(line.quantity, "f"),
                "amount": money(line.amount, currency=currency),
            }
            for line in one.effect.lines
        ],
        "reason": f"{reward.name}: {does} {for_what}.",
    }


def _paid(payment: Payment, blueprint: Blueprint) -> Effect:
    unit, currency = blueprint.units[payment.unit], blueprint.currency
    pays = wording.money(payment.amount, currency=currency)
    held = wording.points(payment.points, unit=unit)
    stored = payment.kind == "stored_value"
    return {
        "type": "pay_with_stored_value" if stored else "pay_with_points",
        "unit": payment.unit,
        "points": points(payment.points, unit=unit),
        "amount": money(payment.amount, currency=currency),
        "reason": f"{pays} is paid with {unit.name}." if stored else f"{held} pay {pays}.",
    }


def _told(one: Effect) -> Effect:
    """An effect with every field; `lacks` is what a refused one misses."""
    lacks = one.pop("lacks", None)
    return {**NOTHING, **one, **(_refusal(lacks) if isinstance(lacks, tuple) else {})}


def _refusal(lacks: tuple[Missing, ...]) -> Effect:
    return {
        "type": "refused",
        "missing": [missing(lack) for lack in lacks],
        "reason": f"{wording.opened(lacks[0].message)}.",
    }


def _reward(found: Ordered, one: Granted) -> Reward:
    rewards = found.earned.blueprint.rewards
    return next(own for own in rewards if own.code == one.claim.reward)


def _off_the_bill(reward: Reward, order: Fact) -> bool:
    """Whether a reward takes something off this order, and does not give something beside it."""
    gives = reward.gives
    on_orders = gives.kind in ON_ORDERS or (gives.kind == "product" and gives.lines is not None)
    return on_orders and bool(order.lines or order.total or order.delivery)
