"""Points that go to other members: gifts, households, companies, merged members.

What leaves is one transfer here and one made fact of type `received` there; lots keep their dates
and the part of the price deferred for them. Raises FactRefused and BalanceError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from pointbook.engine.ledger.lots import AT_ONCE, FOREVER, Lot
from pointbook.engine.ledger.transfers import Transfer
from pointbook.engine.replay.awards import end_of, settle_debt
from pointbook.engine.replay.cases import Case, moved, refuse, reviewing, stand
from pointbook.engine.replay.heirs import hand, leave, now
from pointbook.engine.replay.member import Key, Member, Record
from pointbook.engine.replay.points import parts_of, unit_of
from pointbook.engine.replay.program import Version
from pointbook.engine.replay.verdicts import Made, made
from pointbook.engine.rules.tiers import Ladder, Standing
from pointbook.engine.rules.tiers.measures import Histories
from pointbook.engine.values.facts import Fact

# Facts that take points for rewards or for a bill.
USING: Final = frozenset({"burn", "reserve"})


def transfer(case: Case) -> None:
    """Hand points to another member, up to the sender's limits.

    :raises FactRefused: no transfers, no receiver, oneself, a unit that stays, a limit used up.
    :raises BalanceError: more points than can be used.
    """
    fact, terms = case.fact, case.version.blueprint.transfers
    unit = unit_of(case.version, fact)
    to = now(case, str(fact.attributes.get("to") or ""))
    if terms is None or unit not in terms.units:
        raise refuse(
            f"{unit} cannot be handed to other members",
            field="attributes.unit",
            value=unit,
            mend="Add the unit to transfers in the blueprint.",
        )
    if not to or to == fact.member:
        raise refuse(
            "the transfer names no other member",
            field="attributes.to",
            value=to or None,
            mend="Send the member who receives the points.",
        )
    asked = parts_of(fact, case.version.units[unit].decimals)
    points = _within(case, asked)
    draws = case.member.wallet(unit, case.version).part(points, at=case.at)
    case.room.book(terms.limits, points)
    hand(case, unit, draws, to=to, keep=terms.keep)


def _within(case: Case, asked: int) -> int:
    """What the sender's limits leave of the points asked for."""
    terms = case.version.blueprint.transfers
    assert terms is not None, "asked for only where there are transfers"
    points = asked
    for limit in terms.limits:
        used, times = (0, 0) if limit.each == "fact" else case.room.used(limit.code, limit.each)
        left = points if limit.points is None else min(points, limit.points - used)
        if limit.times is not None and times >= limit.times:
            left = 0
        if left <= 0 or (limit.whole and left < asked):
            raise refuse(
                f"the limit of {limit.code} leaves {max(left, 0)} points",
                field="attributes.points",
                value=case.fact.attributes.get("points"),
                mend="Hand over fewer points, or wait for the next span of the limit.",
            )
        points = left
    return points


def receive(case: Case) -> None:
    """Points from another member: each lot again, with its dates and its part of the price."""
    body = case.fact.attributes
    for place, (parcel, origin) in enumerate(_parcels(case)):
        lot = _lot(case, parcel, place, origin)
        wallet = case.member.wallet(lot.unit, case.version)
        wallet.add(lot)
        case.transfers.append(Transfer("transfer_in", lot.unit, lot.points, case.at, lot))
        settle_debt(case, lot.unit, [lot])
    if "history" in body:
        _become(case.member, body)
        _stand_for(case, body.get("standings", {}))  # type: ignore[arg-type]
        stand(case)


def _become(member: Member, told: Mapping[str, Any]) -> None:
    """What was known of a merged member is known of this one from now on."""
    member.histories.merge(Histories.load(told["history"]))
    for kind, count in told.get("counts", {}).items():
        member.counts[kind] = member.counts.get(kind, 0) + count
    for span, (points, times) in told.get("used", {}).items():
        used = member.used.setdefault(span, [0, 0])
        used[0] += points
        used[1] += times
    member.profile = {**told.get("profile", {}), **member.profile}
    member.segments |= set(told.get("segments", ()))
    member.bought |= told.get("bought", False)


def _stand_for(case: Case, standings: Mapping[str, Any]) -> None:
    """The member holds what a merged one held, where that is more."""
    member, at = case.member, case.at
    for ladder in reviewing(case).ladders:
        if ladder.code not in standings:
            continue
        other, standing = Standing.load(standings[ladder.code]), member.standing(ladder.code)
        for kind, tier, until in (
            ("moved", other.lasting, None),
            ("moved", other.own if ladder.dated else "", other.own_until),
            ("floor", other.floor, other.floor_until),
            ("match", other.match, other.match_until),
        ):
            if tier in ladder.ranks and _is_more(ladder, standing, kind, tier, until):
                move = ladder.place(standing, tier=tier, at=at, until=until, kind=kind)
                moved(case.program, member, [] if move is None else [move], at=at)
        for benefit, spans in other.used.items():
            used = standing.used.setdefault(benefit, {})
            for day, times in spans.items():
                used[day] = used.get(day, 0) + times


def _is_more(
    ladder: Ladder, standing: Standing, kind: str, tier: str, until: datetime | None
) -> bool:
    """Whether a tier is above what is held in the same way, or as high and held for longer."""
    held, ends = {
        "moved": (standing.own, standing.own_until),
        "floor": (standing.floor, standing.floor_until),
        "match": (standing.match, standing.match_until),
    }[kind]
    rank, own = ladder.ranks[tier], ladder.ranks.get(held, -1)
    return rank > own or (rank == own > 0 and ends is not None and (until is None or until > ends))


def _parcels(case: Case) -> list[tuple[Mapping[str, Any], Lot | None]]:
    lots = case.fact.attributes.get("lots")
    assert isinstance(lots, Sequence), "only the engine makes such facts"
    origins: Sequence[Lot | None] = case.origins or [None] * len(lots)
    return list(zip(lots, origins, strict=True))


def _lot(case: Case, parcel: Mapping[str, Any], place: int, origin: Lot | None) -> Lot:
    earned = datetime.fromisoformat(parcel["earned_at"])
    starts = AT_ONCE
    if "starts_at" in parcel:
        begins = parcel["starts_at"]
        starts = FOREVER if begins is None else datetime.fromisoformat(begins)
    ends = FOREVER
    if parcel.get("anew"):
        ends = end_of(case, parcel["unit"], case.at, starts=starts)
    elif "expires_at" in parcel:
        ends = datetime.fromisoformat(parcel["expires_at"])
    points = parcel["points"]
    return Lot(
        case.fact.id,
        f"received:{place + 1}",
        parcel["unit"],
        earned,
        ends,
        points,
        points,
        allocated=parcel.get("allocated", 0),
        policy="" if origin is None else origin.policy,
        funder="" if origin is None else origin.funder,
        starts_at=starts,
        origin=origin,
        of=tuple(parcel["of"]),
    )


def merge(case: Case) -> None:
    """The other member becomes this one: their lots, measures and counts come over.

    :raises FactRefused: nobody named, oneself, or somebody who owes points.
    """
    other = str(case.fact.attributes.get("from") or "")
    problem = ""
    if not other or other == case.fact.member:
        problem = "the merge names no other member"
    state = case.others(other) if case.others is not None and not problem else None
    if state is not None and any(wallet.debt for wallet in state.wallets.values()):
        problem = "the other member owes points"
    if state is not None and state.merged_into:
        problem = "the other member was merged before"
    if problem:
        raise refuse(
            problem,
            field="attributes.from",
            value=other or None,
            mend="Name a member who owes nothing and is still there.",
        )
    if _leads(case, case.member.head, to=other):
        # Nobody keeps points for themselves. A fact says so: a rebuild sees one member only.
        left = made("leave_household", by=case.fact, member=case.fact.member or "", attributes={})
        case.spawned.append(Made(left))
    told = made("merged", by=case.fact, member=other, attributes={"into": case.fact.member or ""})
    case.spawned.append(Made(told))


def merged(case: Case) -> None:
    """Everything that this member holds goes to the member it becomes."""
    member, into = case.member, str(case.fact.attributes["into"])
    member.merged_into = into
    body: dict[str, Any] = {"lots": [], "history": member.histories.dump()}
    told = {
        "counts": dict(member.counts),
        "used": dict(member.used),
        "profile": dict(member.profile),
        "segments": sorted(member.segments),
        "bought": member.bought,
        "standings": {
            code: {name: value for name, value in one.dump().items() if name != "timeline"}
            for code, one in member.standings.items()
        },
    }
    # Nobody stands here any more: time has nothing to review.
    member.standings.clear()
    body |= {name: value for name, value in told.items() if value}
    origins: list[Lot] = []
    for unit, wallet in sorted(member.wallets.items()):
        draws = wallet.part_all(at=case.at)
        if draws:
            body["lots"] += leave(case, unit, draws)
            origins += [draw.lot for draw in draws]
    case.spawned.append(
        Made(made("received", by=case.fact, member=into, attributes=body), tuple(origins))
    )


def join_household(case: Case) -> None:
    """From now on points of pooled units go to the head, beginning with those held now."""
    head = str(case.fact.attributes.get("head") or "")
    pooled = case.version.blueprint.pooled
    if not pooled or not head:
        raise refuse(
            "the program pools nothing" if not pooled else "the household has no head",
            field="attributes.head",
            value=head or None,
            mend="Name the member who keeps the points; say in households what is pooled.",
        )
    if now(case, head) == case.fact.member:
        return  # who keeps the points is in the household without a word
    if _leads(case, head, to=case.fact.member or ""):
        raise refuse(
            f"{head} belongs to the member's own household",
            field="attributes.head",
            value=head,
            mend="Name the member who keeps the points of all.",
        )
    case.member.head = head


def _leads(case: Case, head: str, *, to: str) -> bool:
    """Whether points that go to a head come to this member in the end."""
    seen = set()
    while head and head != to and case.others is not None and head not in seen:
        seen.add(head)
        other = case.others(head)
        head = "" if other is None else other.merged_into or other.head
    return head == to


def leave_household(case: Case) -> None:
    """From now on points stay with the member; those of the household stay there."""
    case.member.head = ""


def join_company(case: Case) -> None:
    """From now on the company is told of the member's purchases."""
    company = str(case.fact.attributes.get("company") or "")
    if (
        not case.version.blueprint.companies
        or not company
        or now(case, company) == case.fact.member
    ):
        raise refuse(
            f"{company or 'nobody'} is no company here",
            field="attributes.company",
            value=company or None,
            mend="Name the company's own member; write companies: true in the blueprint.",
        )
    case.member.company = company


def leave_company(case: Case) -> None:
    """From now on the company is told nothing."""
    case.member.company = ""


def tell_company(case: Case, key: Key, record: Record) -> None:
    """A purchase is told to the company, with the same amounts."""
    company, fact = case.member.company, case.fact
    if not company or not case.version.blueprint.companies:
        return
    record.company = company
    told = made("company_purchase", by=fact, of=key, member=company, attributes=fact.attributes)
    told = replace(
        told,
        channel=fact.channel,
        currency=fact.currency,
        total=fact.total,
        tax=fact.tax,
        delivery=fact.delivery,
        tenders=fact.tenders,
        coupons=fact.coupons,
        lines=fact.lines,
    )
    case.spawned.append(Made(told))


def drawn_from(version: Version, member: Member, fact: Fact) -> str:
    """The head of the household whose points are taken; '' when they are the member's own."""
    pooled = version.blueprint.pooled
    if fact.type not in USING or not member.head or not pooled:
        return ""
    unit = fact.attributes.get("unit", next(iter(version.units)))
    if "points" not in fact.attributes:
        code = fact.attributes.get("reward")
        rewards = version.blueprint.rewards
        unit = next((one.unit for one in rewards if one.code == code), unit)
    return member.head if unit in pooled else ""
