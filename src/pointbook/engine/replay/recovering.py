"""Points that are asked back of an award: from its own lot, from others, from who keeps them, owed.

Raises nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pointbook.engine.ledger.lots import Lot, Wallet, share
from pointbook.engine.ledger.transfers import Transfer
from pointbook.engine.replay.cases import Case
from pointbook.engine.replay.heirs import asked_of
from pointbook.engine.replay.member import Record
from pointbook.engine.replay.program import Version
from pointbook.engine.replay.verdicts import Recovery
from pointbook.engine.values.money import half_up, split


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked back of one award: `due` points for `base` more minor units that came."""

    lot: Lot
    base: int
    due: int


@dataclass(frozen=True, slots=True)
class Due:
    """Points due of an award, and the part of its price behind them (`share`, minor units).

    `root` names the award, `lot` is it where that is known. `policy` says what becomes of points
    that cannot be taken; `heir` is asked for them first.
    """

    unit: str
    points: int
    share: int
    policy: str
    root: tuple[str, str, datetime]
    lot: Lot | None
    base: int = 0
    heir: str = ""


def ask(lot: Lot, base: int, *, whole: bool = False) -> Asked | None:
    """What is due for `base` more of an award's base; None when nothing changes."""
    before, lot.returned = lot.returned, min(lot.base, lot.returned + base)
    total = lot.base or 1
    back = total if whole else lot.returned
    due = (2 * lot.points * back + total) // (2 * total) - lot.due
    if due <= 0 and lot.returned == before:
        return None
    return Asked(lot, base, max(due, 0))


def ask_share(lot: Lot, *, back: int, of: int) -> Asked | None:
    """What is due where `back` of the `of` minor units came back that were left of the order.

    For returns that do not say what of the award's base they are.
    """
    if back >= of:
        return ask(lot, lot.base - lot.returned, whole=True)
    base = half_up(numerator=(lot.base - lot.returned) * back, denominator=of)
    due = half_up(numerator=(lot.points - lot.due) * back, denominator=of)
    lot.returned += base
    return Asked(lot, base, due) if base or due else None


def recover(case: Case, version: Version, asked: Asked, *, record: Record | None = None) -> None:
    """Take the points that are due from the award's own lot, then in spend order.

    `version` gave the award, `record` is of the fact that it was given for.
    """
    lot, points = asked.lot, asked.due
    if not points:
        case.recoveries.append(Recovery(lot, asked.base, 0, 0, 0, 0, 0))
        return
    own = share(lot, lot.due + points) - share(lot, lot.due)
    lot.due += points
    due = Due(
        unit=lot.unit,
        points=points,
        share=own,
        policy=version.blueprint.claw_back,
        root=lot.root,
        lot=lot,
        base=asked.base,
        heir=asked_of(case, lot.unit, record),
    )
    collect(case, due, wallet=case.member.wallet(lot.unit, version), first=lot)


def collect(case: Case, due: Due, *, wallet: Wallet, first: Lot | None) -> None:
    """Take what is due from the wallet; what is missing is asked of the heir, owed, or lost."""
    at, unit, points, own = case.at, due.unit, due.points, due.share
    draws = tuple(wallet.take_back(points, at=at, first=first))
    recovered = sum(draw.points for draw in draws)
    missing = points - recovered
    unrecovered = split(total=own, weights=[*(draw.points for draw in draws), missing])[-1]
    if recovered:
        case.transfers.append(Transfer("claw_back", unit, recovered, at, None, draws))
    if missing and due.heir:
        _pass_on(case, due, missing, unrecovered)
        points, own, missing, unrecovered = recovered, own - unrecovered, 0, 0
    owed = 0 if due.policy == "clamp" else missing
    if owed:
        wallet.debt += owed
        if due.policy == "allow_negative":
            wallet.receivable += unrecovered
        case.transfers.append(Transfer("overdraft", unit, owed, at))
    if due.lot is not None:
        carried = owed > 0 and due.policy == "carry_forward"
        case.recoveries.append(
            Recovery(due.lot, due.base, points, recovered, owed, own, unrecovered, carried=carried)
        )


def _pass_on(case: Case, due: Due, points: int, price: int) -> None:
    fact, rule, earned_at = due.root
    passing = case.pass_to(due.heir)
    passing.asked.append(
        {
            "unit": due.unit,
            "points": points,
            "share": price,
            "policy": due.policy,
            "of": [fact, rule],
            "earned_at": earned_at.isoformat(),
        }
    )
    if due.lot is not None:
        passing.lots.append(due.lot)
