"""What an order in a story is evaluated to: what is asked, and what must come of it.

Amounts are minor units, points the smallest parts of their unit. Nothing here raises: what does not
mean anything is noted in the Checker of the story's Terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any as Raw

from pointbook.engine.replay.scenes import SOURCE, Evaluating
from pointbook.engine.replay.story_terms import Terms, one_of
from pointbook.engine.replay.transcripts import Evaluation
from pointbook.engine.rules.reading.problems import Path
from pointbook.engine.rules.rewards.combining import Settlement
from pointbook.engine.rules.rewards.offers import Offer
from pointbook.engine.rules.rewards.situations import Claim
from pointbook.engine.values.facts import FIELDS, Fact


def evaluation_of(settlement: Settlement, found: Iterable[Offer]) -> Evaluation:
    """What a settlement and what is offered beside it say."""
    granted: dict[str, int] = {}
    for one in settlement.granted:
        amount = granted.get(one.claim.reward, 0)
        granted[one.claim.reward] = amount + one.effect.amount
    return Evaluation(
        due=settlement.due,
        granted=granted,
        paid={one.unit: one.amount for one in settlement.payments},
        refused={one.asked: tuple(lack.code for lack in one.missing) for one in settlement.refused},
        payable={one.unit: one.most for one in settlement.payable},
        offers={one.reward.code: tuple(lack.code for lack in one.missing) for one in found},
    )


def read_evaluating(
    path: Path,
    item: Raw,
    *,
    terms: Terms,
    fact: Callable[[Path, Mapping[str, object]], Fact | None],
) -> Evaluating | None:
    """An evaluation of a story; `fact` makes a fact of a document, or notes why it is none."""
    order = item.get("order", {"total": 0})
    told = {key: value for key, value in order.items() if key in FIELDS}
    told["attributes"] = {key: value for key, value in order.items() if key not in FIELDS}
    own = {"source": SOURCE, "id": f"evaluated-{path[-1]}", "type": "purchase"}
    at = terms.moment((*path, "at"), item["at"])
    made = fact((*path, "order"), {**own, **told, "occurred_at": at, "member": item["member"]})
    claims = [
        _claim((*path, "claims", place), one, terms)
        for place, one in enumerate(item.get("claims", []))
    ]
    wanted = {
        part: {unit: _points((*path, part, unit), number, unit, terms) for unit, number in units}
        for part, units in ((part, item.get(part, {}).items()) for part in ("points", "stored"))
    }
    granted = item.get("granted")
    for part in ("granted", "offers"):
        for reward in item.get(part, {}):
            _known((*path, part, reward), reward, terms)
    if made is None:
        return None
    return Evaluating(
        order=made,
        claims=tuple(claims),
        points=wanted["points"],
        stored=wanted["stored"],
        due=terms.money((*path, "due"), item.get("due")),
        granted=granted
        and {
            code: terms.money((*path, "granted", code), number) or 0
            for code, number in granted.items()
        },
        refused=item.get("refused"),
        payable={
            unit: _points((*path, "payable", unit), number, unit, terms)
            for unit, number in item.get("payable", {}).items()
        },
        offers=item.get("offers", {}),
        line=terms.line(*path),
    )


def _claim(path: Path, item: Raw, terms: Terms) -> Claim:
    told: dict[str, Raw] = {"reward": item} if isinstance(item, str) else dict(item)
    reward = told.pop("reward")
    _known(path, reward, terms)
    return Claim(reward, **told)


def _known(path: Path, reward: str, terms: Terms) -> None:
    if reward not in terms.rewards:
        message = f"{reward} is no reward of the program."
        terms.checker.add(path, reward, message, one_of(reward, terms.rewards))


def _points(path: Path, number: Raw, unit: str, terms: Terms) -> int:
    if unit not in terms.units:
        terms.checker.add(path, number, f"{unit} is no unit here.", one_of(unit, terms.units))
        return 0
    return terms.points(path, number, unit)
