"""The rewards of a document: what points can buy, for whom, when, at which price and how often.

Problems go to the Checker. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any as Raw
from typing import NamedTuple

from pointbook.engine.rules.catalogue import (
    ON_ORDERS,
    SIDES,
    Days,
    Gives,
    Reward,
    RewardKind,
    Season,
    Times,
    Voucher,
)
from pointbook.engine.rules.reading.gives import gives
from pointbook.engine.rules.reading.meaning import Checker
from pointbook.engine.rules.reading.predicates import predicate
from pointbook.engine.rules.reading.problems import Path

# Kinds that may be for an order, so that something can be asked of it.
WITH_ORDERS = ON_ORDERS | {"product", "service", "access"}
OF_ORDERS = ("minimum", "exclusive", "earns")
# Kinds whose `amount` is money, so that it says their value.
AMOUNTS: frozenset[RewardKind] = frozenset({"discount", "cash_back", "stored_value", "charity"})
# Kinds that nobody can be told the value of: it is the order's, or there is none.
UNVALUED: frozenset[RewardKind] = frozenset(
    {"percent", "shipping", "buy_get", "access", "sweepstake", "quota"}
)


class _Prices(NamedTuple):
    """What it costs in smallest parts, by what."""

    price: int
    by_tier: dict[str, int]
    by_segment: dict[str, int]
    seasons: tuple[Season, ...]


def rewards(checker: Checker, raw: Raw) -> tuple[Reward, ...]:
    """What points can buy; from here on the others may refer to it."""
    held = raw.get("rewards", [])
    if isinstance(held, list):
        checker.names["reward"] = [
            str(item.get("reward")) for item in held if isinstance(item, dict)
        ]
    return tuple(
        _reward(checker, path, item) for path, item in checker.items(raw, "rewards", code="reward")
    )


def _reward(checker: Checker, path: Path, item: Raw) -> Reward:
    unit = checker.unit(path, item, spent=True)
    checker.earned((*path, "unit"), unit, "Name a unit of points; stored value pays by itself.")
    ladder = _whom(checker, path, item)
    given = _given(checker, path, item)
    prices = _prices(checker, path, item, unit=unit)
    days = checker.ordered(path, item, what="The reward")
    _fits(checker, path, item, given=given)
    _drawn(checker, path, item, given=given, days=days)
    return Reward(
        code=item["reward"],
        name=item["name"],
        unit=unit,
        price=prices.price,
        value=_value(checker, path, item, given=given),
        gives=given,
        price_by_tier=prices.by_tier,
        price_by_segment=prices.by_segment,
        seasons=prices.seasons,
        cash=_money(checker, path, item, "cash"),
        tiers=tuple(item.get("tiers", ())),
        ladder=ladder,
        segments=tuple(item.get("segments", ())),
        days=days,
        blackouts=tuple(
            checker.ordered(at, one, what="The blackout")
            for at, one in checker.entries(item, "blackouts", above=path)
        ),
        when=predicate(checker, (*path, "when"), item.get("when"), line=False),
        minimum=_money(checker, path, item, "minimum"),
        minimum_with_tax=item.get("minimum_with_tax", False),
        limits=times(item.get("limits", ())),
        totals=times(item.get("totals", ())),
        stock=item.get("stock"),
        pool=item.get("codes") == "pool",
        voucher=_voucher(checker, path, item),
        exclusive=item.get("exclusive", False),
        earns=item.get("earns", False),
        confirm=item.get("confirm", False),
        giftable=item.get("giftable", False),
        side=item.get("side", SIDES[given.kind]),
        cost=_money(checker, path, item, "cost"),
        terms=item.get("terms", ""),
        labels=tuple(map(str, item.get("labels", ()))),
    )


def times(held: Raw) -> tuple[Times, ...]:
    """Sound limits: at most so many for each span of time."""
    return tuple(Times(one["times"], one["each"]) for one in held)


def _whom(checker: Checker, path: Path, item: Raw) -> str:
    """The ladder of the tiers that are named; tiers and segments must be known."""
    by_tier, tiers = item.get("by_tier", {}), item.get("tiers", ())
    ladder = checker.ladder(path, item, needed=bool(by_tier or tiers))
    for tier in by_tier:
        checker.tier((*path, "by_tier", tier), tier, ladder=ladder)
    for n, tier in enumerate(tiers):
        checker.tier((*path, "tiers", n), tier, ladder=ladder)
    for segment in item.get("by_segment", {}):
        checker.known((*path, "by_segment", segment), segment, "segment")
    for n, segment in enumerate(item.get("segments", ())):
        checker.known((*path, "segments", n), segment, "segment")
    return ladder


def _given(checker: Checker, path: Path, item: Raw) -> Gives:
    """What it gives; where nothing is said, its value off the order."""
    if "gives" in item:
        return gives(checker, (*path, "gives"), item["gives"])
    return Gives("discount", amount=checker.money((*path, "value"), item.get("value", 0)))


def _value(checker: Checker, path: Path, item: Raw, *, given: Gives) -> int:
    if "value" in item:
        return checker.money((*path, "value"), item["value"])
    if "gives" in item and given.kind in AMOUNTS:
        return given.amount
    if given.kind not in UNVALUED:
        mend = "Add value: what it is worth, in the program's currency."
        checker.add((*path, "value"), None, "value is missing.", mend)
    return 0


def _prices(checker: Checker, path: Path, item: Raw, *, unit: str) -> _Prices:
    def points(*at: str | int, value: Raw) -> int:
        return checker.points((*path, *at), value, unit=unit, nothing=True)

    seasons = []
    for at, one in checker.entries(item, "seasons", above=path):
        days = checker.ordered(at, one, what="The season")
        if "price" not in one and "value" not in one:
            message = "A season without a price or a value changes nothing."
            checker.add((*at, "price"), None, message, "Add price, such as price: 400, or value.")
        price, value = one.get("price"), one.get("value")
        n = at[-1]
        seasons.append(
            Season(
                days,
                None if price is None else points("seasons", n, "price", value=price),
                None if value is None else checker.money((*at, "value"), value),
            )
        )
    by_tier, by_segment = item.get("by_tier", {}), item.get("by_segment", {})
    return _Prices(
        points("price", value=item["price"]),
        {tier: points("by_tier", tier, value=price) for tier, price in by_tier.items()},
        {code: points("by_segment", code, value=price) for code, price in by_segment.items()},
        tuple(seasons),
    )


def _voucher(checker: Checker, path: Path, item: Raw) -> Voucher | None:
    held = item.get("voucher")
    if held is None:
        return None
    if "never" in held and "unused" in held:
        message = "A voucher that never ends can always be used."
        checker.add(
            (*path, "voucher", "unused"), held["unused"], message, "Leave unused out, or never."
        )
    return Voucher(held.get("days", 0), held.get("months", 0), held.get("unused", "gone"))


def _fits(checker: Checker, path: Path, item: Raw, *, given: Gives) -> None:
    """Note what is asked of an order, or said of a number, where there is none."""
    for key in OF_ORDERS:
        if item.get(key) and given.kind not in WITH_ORDERS:
            message = f"{key} is asked of an order, and it is for none."
            checker.add((*path, key), item[key], message, f"Leave {key} out.")
    if "minimum_with_tax" in item and "minimum" not in item:
        message = "minimum_with_tax says nothing without minimum."
        mend = 'Leave it out, or add minimum, such as minimum: "20.00".'
        checker.add((*path, "minimum_with_tax"), item["minimum_with_tax"], message, mend)
    if "stock" in item and given.kind == "experience":
        message = "The slots say how many places there are."
        checker.add((*path, "stock"), item["stock"], message, "Leave stock out.")


def _drawn(checker: Checker, path: Path, item: Raw, *, given: Gives, days: Days) -> None:
    """Note chances that would be sold after their draw."""
    for key, day in (("from", days.from_on), ("until", days.until_on)):
        if day and given.draws_on and day > given.draws_on:
            message = f"The draw is before that ({given.draws_on})."
            mend = "Write a day that is not after the draw, or draw later."
            checker.add((*path, key), item[key], message, mend)


def _money(checker: Checker, path: Path, item: Raw, key: str) -> int:
    """An amount that may be left out, and is above 0 where it stands."""
    if key not in item:
        return 0
    return checker.money((*path, key), item[key], positive=f"Leave {key} out.")


def asked(reward: Reward, *, causes: int) -> Iterator[str]:
    """What a member must say or pay beside the points to have a reward, of `causes` there are."""
    kind = reward.gives.kind
    on_order = kind in ON_ORDERS or (kind == "product" and reward.gives.of == "lines")
    if (on_order or reward.minimum) and reward.voucher is None:
        yield "an order"
    if kind == "experience":
        yield "a slot"
    if kind == "service" and reward.gives.options:
        yield "a choice of options"
    if kind == "charity" and (len(reward.gives.causes) or causes) != 1:
        yield "a cause"
    if reward.gives.countries:
        yield "a country"
    if reward.cash:
        yield "money"
    if reward.confirm:
        yield "a one-time code"
