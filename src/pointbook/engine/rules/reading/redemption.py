"""How a document lets points be used: paying with them, causes, automatic burns, holds.

Problems go to the Checker. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any as Raw

from pointbook.engine.rules.catalogue import (
    USUAL,
    AutomaticBurn,
    Cause,
    Paying,
    Redemption,
    Reward,
)
from pointbook.engine.rules.reading.meaning import Checker
from pointbook.engine.rules.reading.problems import Path
from pointbook.engine.rules.reading.rewards import asked, times

MOST_MATCH = 1000  # percent that somebody may add to what a member gives
COUNTED = ("tax", "delivery")


def causes(checker: Checker, raw: Raw) -> tuple[Cause, ...]:
    """The charities; from here on the rewards may refer to them."""
    held = raw.get("causes", [])
    if isinstance(held, list):
        checker.names["cause"] = [str(item.get("cause")) for item in held if isinstance(item, dict)]
    return tuple(
        _cause(checker, path, item) for path, item in checker.items(raw, "causes", code="cause")
    )


def paying(checker: Checker, raw: Raw) -> tuple[Paying, ...]:
    """On which terms part of an order is paid in points, unit by unit."""
    held = raw.get("pay_with_points", [])
    if not checker.sound("pay_with_points"):
        return ()
    if isinstance(held, dict):
        return (_paying(checker, ("pay_with_points",), held),)
    found: dict[str, Paying] = {}
    for path, item in checker.entries(raw, "pay_with_points"):
        terms = _paying(checker, path, item)
        if terms.unit in found:
            message = f"{terms.unit} stands here twice."
            checker.add((*path, "unit"), terms.unit, message, "Write one entry for each unit.")
        found[terms.unit] = terms
    return tuple(found.values())


def automatic(checker: Checker, raw: Raw, rewards: Sequence[Reward]) -> tuple[AutomaticBurn, ...]:
    """What members get without asking; `rewards` are those that could be read."""
    by_code = {reward.code: reward for reward in rewards}
    found = []
    for path, item in checker.items(raw, "automatic", code="code"):
        checker.known((*path, "reward"), item["reward"], "reward")
        reward = by_code.get(item["reward"])
        if "unless" in item:
            checker.known((*path, "unless"), item["unless"], "segment")
        if reward is None:
            continue
        _by_itself(checker, path, reward=reward)
        least = reward.price
        if "at_least" in item:
            least = checker.points((*path, "at_least"), item["at_least"], unit=reward.unit)
        each, unless = item.get("each", "day"), item.get("unless", "")
        found.append(AutomaticBurn(item["code"], reward.code, least, each, unless))
    return tuple(found)


def redemption(checker: Checker, raw: Raw) -> Redemption:
    """How every reward is taken."""
    if "redemption" not in raw or not checker.sound("redemption"):
        return USUAL
    held = raw["redemption"]
    return Redemption(
        hold_minutes=held.get("hold_minutes", USUAL.hold_minutes),
        returned_for=held.get("returned_for_days", USUAL.returned_for),
        suspicious=times(held.get("suspicious", ())),
    )


def _cause(checker: Checker, path: Path, item: Raw) -> Cause:
    if "matched_by" in item and "match" not in item:
        message = "Nothing is added that somebody could pay."
        mend = "Add match, such as match: 50, or leave matched_by out."
        checker.add((*path, "matched_by"), item["matched_by"], message, mend)
    match, fee = item.get("match", 0), item.get("fee", 0)
    return Cause(
        code=item["cause"],
        name=item["name"],
        payee=item.get("payee", item["name"]),
        match=checker.percent((*path, "match"), match, most=MOST_MATCH, nothing=True),
        matched_by=item.get("matched_by", ""),
        fee=checker.percent((*path, "fee"), fee, nothing=True),
    )


def _paying(checker: Checker, path: Path, item: Raw) -> Paying:
    unit = checker.unit(path, item, spent=True)
    at = (*path, "unit")
    checker.earned(at, unit, "Name a unit of points; stored value pays by itself.")
    if unit in checker.worthless:
        message = f"{unit} are worth nothing, so they pay nothing."
        checker.add(at, unit, message, "Give the unit a value above 0, or leave this out.")
    share, counted = item.get("share", 100), item.get("of", COUNTED)
    return Paying(
        unit=unit,
        minimum=checker.points((*path, "minimum"), item.get("minimum", 0), unit=unit, nothing=True),
        step=checker.points((*path, "step"), item["step"], unit=unit) if "step" in item else 1,
        share=checker.percent((*path, "share"), share),
        leave=checker.money((*path, "leave"), item.get("leave", 0)),
        tax="tax" in counted,
        delivery="delivery" in counted,
    )


def _by_itself(checker: Checker, path: Path, *, reward: Reward) -> None:
    """Note a reward that nobody can have without asking for it, or that would never end."""
    at = (*path, "reward")
    wants = list(asked(reward, causes=len(checker.names.get("cause", ()))))
    if wants:
        mend = "Name a reward that can be had without asking."
        if wants == ["an order"]:
            mend = "Give it a voucher, or name a reward that is for no order."
        message = f"{reward.code} asks for {wants[0]}, and nobody is asked."
        checker.add(at, reward.code, message, mend)
    seasons = (one.price for one in reward.seasons if one.price is not None)
    prices = (*reward.price_by_tier.values(), *reward.price_by_segment.values(), *seasons)
    readable = reward.unit in (checker.units or ()) and checker.sound("rewards")
    if readable and 0 in (reward.price, *prices):
        message = f"{reward.code} can cost nothing, so it would be had without end."
        checker.add(at, reward.code, message, "Name a reward that always has a price.")
