"""Points that another member keeps: the head of a household, or the member that this one became.

Whatever comes into such a member's wallets goes on to the heir at once. What is asked back of
points that went there, what comes back of a burn, and what is set free, is asked of the heir by a
made fact `passed_on`. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pointbook.engine.ledger.lots import FOREVER, Draw
from pointbook.engine.ledger.transfers import Transfer
from pointbook.engine.replay.cases import Case
from pointbook.engine.replay.member import Member, Record
from pointbook.engine.replay.program import Version
from pointbook.engine.replay.verdicts import Made, made
from pointbook.engine.values.facts import Fact

# Facts about an order, an award or a redemption.
FOLLOWING: Final = frozenset(
    {
        *("return", "cancel", "payment_expired", "void", "company_return"),
        *("capture", "release", "cancel_redemption"),
    }
)


def follows(fact: Fact, version: Version) -> bool:
    """Whether the fact belongs to whose fact it is about, also when that one was merged."""
    return fact.type in FOLLOWING or fact.type in version.releasing


def now(case: Case, name: str) -> str:
    """Whom a name stands for by now: who was merged is the member they became."""
    find = case.others
    while find is not None and (other := find(name)) is not None and other.merged_into:
        name = other.merged_into
    return name


def heir_of(member: Member, version: Version, unit: str) -> str:
    """Who keeps the member's points of a unit; '' when it is the member."""
    if member.merged_into:
        return member.merged_into
    return member.head if unit in version.blueprint.pooled else ""


def asked_of(case: Case, unit: str, record: Record | None = None) -> str:
    """Who is asked for points of an award that the member has no more; '' for nobody.

    Who left a household asks it for what it was given.
    """
    heir = heir_of(case.member, case.version, unit)
    if heir or record is None or unit not in case.version.blueprint.pooled:
        return heir
    return record.head


def keeper(case: Case, record: Record | None = None) -> str:
    """Who keeps the member's points, whatever their unit; '' when it is the member."""
    member = case.member
    return member.merged_into or member.head or ("" if record is None else record.head)


def hand(case: Case, unit: str, draws: Sequence[Draw], *, to: str, keep: bool = True) -> None:
    """Let points leave for another member: one transfer here, one made fact there."""
    lots = leave(case, unit, draws, keep=keep)
    place = sum(one.fact.type == "received" for one in case.spawned)
    fact = made("received", by=case.fact, member=to, attributes={"lots": lots}, place=place)
    case.spawned.append(Made(fact, tuple(draw.lot for draw in draws)))


def leave(
    case: Case, unit: str, draws: Sequence[Draw], *, keep: bool = True
) -> list[dict[str, object]]:
    """Let points leave the member; answers them as they stand in a `received` fact."""
    points = sum(draw.points for draw in draws)
    case.transfers.append(Transfer("transfer_out", unit, points, case.at, None, tuple(draws)))
    return [_parcel(draw, keep=keep) for draw in draws]


def _parcel(draw: Draw, *, keep: bool) -> dict[str, object]:
    """Drawn points as they stand in a `received` fact; without `keep` their ends begin anew."""
    lot = draw.lot
    body: dict[str, object] = {
        "unit": lot.unit,
        "points": draw.points,
        "earned_at": lot.earned_at.isoformat(),
        "of": lot.root[:2],
    }
    if draw.allocated:
        body["allocated"] = draw.allocated
    if lot.starts_at > lot.earned_at:
        body["starts_at"] = None if lot.starts_at == FOREVER else lot.starts_at.isoformat()
    if keep and lot.expires_at != FOREVER:
        body["expires_at"] = lot.expires_at.isoformat()
    if not keep:
        body["anew"] = True
    return body


def send_on(case: Case) -> None:
    """Hand whatever the member holds to the heir, and ask the heir what was left to ask."""
    member = case.member
    if member.head or member.merged_into:
        for unit, wallet in sorted(member.wallets.items()):
            heir = heir_of(member, case.version, unit)
            draws = wallet.part_all(at=case.at) if heir else []
            if draws:
                hand(case, unit, draws, to=heir)
                if case.record is not None:
                    case.record.head = heir
    passing = case.passing
    if passing is None:
        return
    told = {
        "asked": passing.asked,
        "refund": passing.refund,
        "released": passing.released,
        "booked": passing.booked,
        "counted": passing.counted,
        "used": passing.used,
    }
    body = {name: value for name, value in told.items() if value}
    if body:
        fact = made("passed_on", by=case.fact, member=passing.heir, attributes=body)
        case.spawned.append(Made(fact, tuple(passing.lots)))
