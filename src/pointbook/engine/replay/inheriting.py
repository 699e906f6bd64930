"""What a member is asked for whose points another one keeps: judged for the one who keeps them.

The head of a household, or the member that a merged one became, gets a made fact `passed_on`: it
takes back what is due, gives burned points back to their lots, and sets points free that waited.
What it does not have either is asked of its own heir. Raises nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pointbook.engine.ledger.lots import FOREVER, Lot
from pointbook.engine.replay.cases import Case, count_amount
from pointbook.engine.replay.heirs import asked_of, keeper
from pointbook.engine.replay.recovering import Due, collect
from pointbook.engine.replay.redeeming import use_span
from pointbook.engine.replay.returns import give_room, refund


def inherit(case: Case) -> None:
    """Do what is asked, in the order in which a return does it."""
    body = case.fact.attributes
    asked: Sequence[Mapping[str, Any]] = body.get("asked", ())  # type: ignore[assignment]
    lots: Sequence[Lot | None] = case.origins or [None] * len(asked)
    for told, lot in zip(asked, lots, strict=True):
        _take_back(case, told, lot)
    for source, at, amount in body.get("counted", ()):  # type: ignore[attr-defined]
        count_amount(case, source, amount, at=datetime.fromisoformat(at))
    for rule, points, at in body.get("booked", ()):  # type: ignore[attr-defined]
        give_room(case, rule, points, at=datetime.fromisoformat(at))
    for span, times in body.get("used", ()):  # type: ignore[attr-defined]
        use_span(case, span, times)
    if "refund" in body:
        _refund(case, body["refund"])  # type: ignore[arg-type]
    for told in body.get("released", ()):  # type: ignore[attr-defined]
        _release(case, told)


def _take_back(case: Case, told: Mapping[str, Any], lot: Lot | None) -> None:
    unit = told["unit"]
    wallet = case.member.wallet(unit, case.version)
    root = _root(told)
    due = Due(
        unit=unit,
        points=told["points"],
        share=told["share"],
        policy=told["policy"],
        root=root,
        lot=lot,
        heir=asked_of(case, unit),
    )
    first = next((one for one in wallet.lots if one.root == root), None)
    collect(case, due, wallet=wallet, first=first)


def _refund(case: Case, told: Mapping[str, Any]) -> None:
    burns = case.member.waiting.get((told["source"], told["id"]))
    if burns:
        refund(case, burns, back=told["back"], of=told["of"])
    elif heir := keeper(case):
        case.pass_to(heir).refund = dict(told)


def _release(case: Case, told: Mapping[str, Any]) -> None:
    unit, root = told["unit"], _root(told)
    wallet = case.member.wallet(unit, case.version)
    waiting = [lot for lot in wallet.lots if lot.root == root and lot.starts_at == FOREVER]
    for lot in waiting:
        ends = None if told["ends"] is None else datetime.fromisoformat(told["ends"])
        starts = datetime.fromisoformat(told["starts"])
        case.shifts.append(wallet.release(lot, starts_at=starts, expires_at=ends))
    if not waiting and (heir := asked_of(case, unit)):
        case.pass_to(heir).released.append(dict(told))


def _root(told: Mapping[str, Any]) -> tuple[str, str, datetime]:
    fact, rule = told["of"]
    return fact, rule, datetime.fromisoformat(told["earned_at"])
