"""What points can buy by its paths, in words: rewards, paying with points, causes and the rest.

Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.catalogue import AutomaticBurn, Cause, Paying, Reward, Side
from pointbook.engine.rules.prose import naming, phrases
from pointbook.engine.rules.prose import rewards as told
from pointbook.engine.rules.prose.entries import Part, Terms
from pointbook.engine.rules.prose.giving import gives, slots
from pointbook.engine.rules.prose.wording import counted, days, listed, number, plain

SIDES: Mapping[Side, str] = {
    "own_goods": "goods of our own",
    "principal": "bought by us from others",
    "agent": "sold by us for others",
    "cash": "money",
    "charity": "a gift to a cause",
    "none": "nothing that the books see",
}
FLAGS = ("minimum_with_tax", "exclusive", "earns", "confirm", "giftable")


def rewards(blueprint: Blueprint) -> Iterator[Part]:
    """Each reward, then on which terms points are used besides."""
    for item in blueprint.rewards:
        yield _reward(item, blueprint)
    for terms in blueprint.paying:
        yield _paying(terms, blueprint)
    for cause in blueprint.causes:
        yield _cause(cause)
    sentences = told.automatic(blueprint)
    for burn, sentence in zip(blueprint.automatic, sentences, strict=True):
        yield _automatic(burn, sentence, blueprint)
    yield Part("redemption", "Redemption", "", _redemption(blueprint))


def _reward(item: Reward, blueprint: Blueprint) -> Part:
    terms = {
        **_price(item, blueprint),
        **_whom(item, blueprint),
        **_bounds(item),
        **_staff(item, blueprint),
    }
    sentence = told.reward(item, blueprint=blueprint)
    return Part(f"rewards[{item.code}]", f"Reward {item.code}", sentence, terms)


def _price(item: Reward, blueprint: Blueprint) -> Terms:
    unit, currency = blueprint.units[item.unit], blueprint.currency
    terms: dict[str, str | None] = {
        "name": item.name,
        "unit": item.unit,
        "price": phrases.points(item.price, unit=unit),
        "value": phrases.money(item.value, currency=currency),
        "gives": "; ".join(gives(item, blueprint=blueprint)) or None,
        "cash": phrases.money(item.cash, currency=currency) if item.cash else None,
    }
    for code, slot in slots(item, blueprint=blueprint).items():
        terms[f"gives.slots.{code}"] = slot
    ladder = naming.ladder(item.ladder, blueprint=blueprint)
    terms["ladder"] = ladder.name if ladder and (item.price_by_tier or item.tiers) else None
    for code, price in item.price_by_tier.items():
        terms[f"by_tier.{code}"] = phrases.points(price, unit=unit)
    for code, price in item.price_by_segment.items():
        terms[f"by_segment.{code}"] = phrases.points(price, unit=unit)
    seasons = []
    for one in item.seasons:
        changed = [] if one.price is None else [phrases.points(one.price, unit=unit)]
        if one.value is not None:
            changed.append(f"worth {phrases.money(one.value, currency=currency)}")
        seasons.append(f"{listed(changed, joined='and')} {told.between(one.days)}")
    terms["seasons"] = listed(seasons, joined="and") or None
    return terms


def _whom(item: Reward, blueprint: Blueprint) -> Terms:
    """For whom it is, and when."""
    currency = blueprint.currency
    asked = None
    if item.when is not None:
        asked = phrases.condition(item.when, currency=currency, on="purchase", blueprint=blueprint)
    return {
        "tiers": listed(item.tiers) or None,
        "segments": listed([plain(code) for code in item.segments]) or None,
        "from": phrases.day(item.days.from_on),
        "until": phrases.day(item.days.until_on),
        "blackouts": listed([told.between(one) for one in item.blackouts], joined="and") or None,
        "when": asked,
        "minimum": phrases.money(item.minimum, currency=currency) if item.minimum else None,
    }


def _bounds(item: Reward) -> Terms:
    """Up to where it is had, and how."""
    flags = {flag: "yes" if getattr(item, flag) else "no" for flag in FLAGS}
    return {
        "limits": told.at_most(item.limits) if item.limits else None,
        "totals": told.at_most(item.totals) if item.totals else None,
        "stock": None if item.stock is None else number(item.stock),
        "voucher": told.voucher(item.voucher) if item.voucher else None,
        "codes": "imported" if item.pool else None,
        **flags,
        "terms": item.terms or None,
    }


def _staff(item: Reward, blueprint: Blueprint) -> Terms:
    """What members are not told."""
    return {
        "side": SIDES[item.side],
        "cost": phrases.money(item.cost, currency=blueprint.currency) if item.cost else None,
        "labels": listed(item.labels, joined="and") or None,
    }


def _paying(item: Paying, blueprint: Blueprint) -> Part:
    unit, currency = blueprint.units[item.unit], blueprint.currency
    terms = {
        "minimum": phrases.points(item.minimum, unit=unit) if item.minimum else None,
        "step": phrases.points(item.step, unit=unit),
        "share": told.share(item),
        "leave": phrases.money(item.leave, currency=currency) if item.leave else None,
    }
    sentence = " ".join(told.paying(item, blueprint=blueprint))
    return Part(f"pay_with_points[{item.unit}]", f"Paying with {unit.name}", sentence, terms)


def _cause(one: Cause) -> Part:
    terms = {
        "name": one.name,
        "payee": one.payee,
        "match": f"{number(one.match)}%" if one.match else None,
        "matched_by": one.matched_by or None,
        "fee": f"{number(one.fee)}%" if one.fee else None,
    }
    return Part(f"causes[{one.code}]", f"Cause {one.code}", told.cause(one), terms)


def _automatic(one: AutomaticBurn, sentence: str, blueprint: Blueprint) -> Part:
    item = next(item for item in blueprint.rewards if item.code == one.reward)
    terms = {
        "reward": item.name,
        "at_least": phrases.points(one.least, unit=blueprint.units[item.unit]),
        "each": one.each,
        "unless": plain(one.unless) or None,
    }
    return Part(f"automatic[{one.code}]", f"Automatic reward {one.code}", sentence, terms)


def _redemption(blueprint: Blueprint) -> Terms:
    held = blueprint.redemption
    return {
        "hold_minutes": counted(held.hold_minutes, "minute", "minutes"),
        "returned_for_days": days(held.returned_for) if held.returned_for else None,
        "suspicious": told.at_most(held.suspicious) if held.suspicious else None,
    }
