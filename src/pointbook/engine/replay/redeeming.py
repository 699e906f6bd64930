"""Points for rewards: reserved on their lots, captured, released, given back.

A redemption is reserved and captured by two facts, or by one burn that does both: the same checks
hold for every way. Raises FactError for what a fact says wrongly or the program does not know,
FactRefused for what the terms do not allow, BalanceError for more points than can be used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from pointbook.engine.ledger.holds import Hold
from pointbook.engine.ledger.lots import FOREVER, Draw, Lot, Shift
from pointbook.engine.ledger.transfers import PLAIN, Booked, Transfer
from pointbook.engine.replay.awards import credit, end_of, settle_debt
from pointbook.engine.replay.booking import booked
from pointbook.engine.replay.cases import Case, FactRefused, refuse
from pointbook.engine.replay.claiming import (
    AUTOMATIC,
    Asked,
    Span,
    any_span,
    asked_by,
    by_itself,
    reward_of,
    spans_of,
)
from pointbook.engine.replay.member import Burned, Key, Member
from pointbook.engine.replay.points import parts_of, positive
from pointbook.engine.replay.program import Version
from pointbook.engine.replay.verdicts import MAKER, Step, made_id
from pointbook.engine.revenue.policies import FOR_POINTS, Policy
from pointbook.engine.rules.catalogue import AutomaticBurn, Reward, Times
from pointbook.engine.values.calendar import add_months, day_of, midnight
from pointbook.engine.values.facts import Fact, FactError, Returned

# Facts that settle a redemption, which they are about.
SETTLING: Final = frozenset({"capture", "release", "cancel_redemption"})


def reserve(case: Case) -> None:
    """Hold the points of a redemption on their lots, up to the end of the hold."""
    hold = _taken(case, "hold")
    hold.until = _until(case, hold)
    case.steps.append(Step("reserved", hold, hold.points))


def burn(case: Case) -> None:
    """Points are used at once; what was burned for an order can come back with it."""
    hold = _taken(case, "burn")
    if hold.reward:
        case.steps.append(Step("reserved", hold, hold.points))
    _used(case, hold, hold.draws)


def capture(case: Case) -> None:
    """A redemption is used: all its points, or a part of them, while the rest goes back."""
    hold = _open(case)
    waits = "" if case.shelves is None else case.shelves.waits_for(hold.key)
    if waits:
        raise refuse(WAITS[waits][0], field="about", value=hold.key[1], mend=WAITS[waits][1])
    points = hold.points
    if "points" in case.fact.attributes:
        # The version that reserved it knows its unit and its reward, whatever came since.
        unit = case.program.version_at(hold.at).units[hold.unit]
        points = parts_of(case.fact, unit.decimals)
        if points > hold.points:
            raise refuse(
                f"{points} points are more than the {hold.points} that are held",
                field="attributes.points",
                value=case.fact.attributes["points"],
                mend="Capture what is held, or less.",
            )
    if points < hold.points and gave_money(case, hold):
        raise refuse(
            "a part of the points does not buy stored value",
            field="attributes.points",
            value=case.fact.attributes["points"],
            mend="Leave points out.",
        )
    hold.order = hold.order or _used_on(case)
    draws, rest = hold.split(points)
    if draws:
        hold.booked = booked(hold, _reward(case, hold), points)
        capture = Transfer(
            "capture", hold.unit, points, case.at, None, draws, 0, None, *hold.booked
        )
        case.transfers.append(capture)
    _put_back(case, hold, rest, kind="release")
    _used(case, hold, draws)


def _used_on(case: Case) -> Key | None:
    """The order on which a voucher is used, where its capture says so: it comes back with it."""
    told = case.fact.attributes.get("order")
    if told is None:
        return None
    if isinstance(told, Mapping) and told.keys() == {"source", "id"}:
        source, own = told["source"], told["id"]
        if isinstance(source, str) and isinstance(own, str) and source and own:
            return source, own
    raise FactError(
        "order does not name an order",
        field="attributes.order",
        value=told,
        mend='Send {"source": ..., "id": ...} of the purchase.',
    )


WAITS: Final = {
    "confirm": (
        "the redemption was not confirmed with its code",
        "Confirm it with the one-time code that the member was sent.",
    ),
    "review": (
        "somebody of the team must look at the redemption first",
        "Ask for a review; it is in the list of redemptions to look at.",
    ),
}


def release(case: Case) -> None:
    """A redemption is given up, or its time is over: its points go back, or lapse."""
    hold = _open(case)
    timed = case.fact.source == MAKER
    if timed and hold.lapses:
        hold.state = "lapsed"
        if hold.draws:
            lapse = Transfer("lapse", hold.unit, hold.points, case.at, None, hold.draws)
            case.transfers.append(lapse)
    else:
        hold.state = "released"
        _put_back(case, hold, hold.draws, kind="release")
    _give_room(case, hold)
    case.steps.append(Step(hold.state, hold, hold.points))


def cancel(case: Case) -> None:
    """A captured redemption comes back: its points go to the lots they were taken from."""
    hold = _named(case)
    if hold.state != "captured":
        raise refuse(
            f"the redemption was {hold.state}, not captured",
            field="about",
            value=hold.key[1],
            mend="Release what is reserved; only what was captured can be cancelled.",
        )
    if gave_money(case, hold):
        raise refuse(
            "the redemption gave stored value, which may have been used",
            field="about",
            value=hold.key[1],
            mend="Take the stored value off and give the points back, each by an adjustment.",
        )
    draws = hold.left()
    part = hold.booked.between(hold.back, hold.captured, of=hold.captured) if draws else PLAIN
    _put_back(case, hold, draws, kind="refund", part=part)
    points = sum(draw.points for draw in draws)
    hold.back += points
    _noted_back(case.member, hold)
    hold.state = "cancelled"
    _give_room(case, hold)
    case.steps.append(Step("cancelled", hold, points))


def top_up(case: Case) -> Lot:
    """Money becomes stored value of a unit of money: a lot of what was paid for.

    :raises FactError: no amount, or a unit that is no money.
    :raises FactRefused: paid with stored value.
    """
    fact, version = case.fact, case.version
    money = [unit.code for unit in version.units.values() if unit.money]
    unit = str(fact.attributes.get("unit", money[0] if money else ""))
    if unit not in money:
        raise FactError(
            f"{unit!r} is no unit of money",
            field="attributes.unit",
            value=unit,
            mend=f"Use one of: {', '.join(money) or 'none yet; write money: true in the program'}.",
        )
    decimals = version.units[unit].decimals
    points = positive(fact.attributes.get("amount"), decimals, field="attributes.amount")
    if any(tender.kind == "stored_value" for tender in fact.tenders):
        raise refuse(
            "stored value cannot pay for stored value",
            field="tenders",
            value="stored_value",
            mend="Take another payment for the top-up.",
        )
    return _store(case, unit, points, rule="top_up", policy=Policy.STORED_VALUE)


def came_back(case: Case, capture: Key, points: int) -> None:
    """An order came back: so many of the points captured for it have come back by now."""
    hold = next((one for one in case.member.holds.values() if one.capture == capture), None)
    if hold is None:
        return
    moved, hold.back = points - hold.back, points
    if hold.back == hold.captured:
        hold.state = "cancelled"
        _give_room(case, hold)
    case.steps.append(Step(hold.state, hold, moved))


def ended(member: Member, at: datetime, *, name: str) -> list[Fact]:
    """The facts by which holds of a member end by time up to `at`, those first that end first."""
    over = [one for one in member.holds.values() if one.open and one.until <= at]
    return [
        end_of_hold(hold.key, hold.until, member=name)
        for hold in sorted(over, key=lambda one: (one.until, one.key))
    ]


def automatic(version: Version, at: datetime) -> list[AutomaticBurn]:
    """The automatic burns that run at the midnight `at`."""
    first = day_of(at, version.zone).day == 1
    return [one for one in version.blueprint.automatic if one.each == "day" or first]


def automatic_fact(burn: AutomaticBurn, reward: Reward, *, member: str, at: datetime) -> Fact:
    """The fact of an automatic burn: one for each member and midnight."""
    return Fact(
        source=MAKER,
        id=made_id(AUTOMATIC, burn.code, f"{member}@{at.date().isoformat()}"),
        type="burn" if reward.voucher is None else "reserve",
        occurred_at=at,
        member=member,
        attributes={"reward": reward.code, AUTOMATIC: burn.code},
    )


def end_of_hold(key: Key, until: datetime, *, member: str) -> Fact:
    """The fact that a hold ends by time: one for each hold, made by Pointbook at its end."""
    return Fact(
        source=MAKER,
        id=made_id("release", *key),
        type="release",
        occurred_at=until,
        member=member,
        about=Returned(*key),
    )


def _taken(case: Case, kind: Literal["hold", "burn"]) -> Hold:
    """Take the points that a fact asks for off their lots, and what the reward takes with them."""
    asked = asked_by(case)
    if kind == "burn" or asked.reward is None:
        _at_once(case, asked)
    hold = Hold(
        key=case.key,
        reward="" if asked.reward is None else asked.reward.code,
        unit=asked.unit,
        draws=(),
        at=case.at,
        quantity=asked.quantity,
        slot=asked.slot,
        order=None if case.fact.about is None else (case.fact.about.source, case.fact.about.id),
        amount=asked.amount,
        review=_suspicious(case) is not None,
    )
    if asked.points:
        hold.draws = tuple(
            case.member.wallet(asked.unit, case.version).draw(asked.points, at=case.at)
        )
        if kind == "burn":
            hold.booked = booked(hold, asked.reward, asked.points)
        taken = Transfer(
            kind, asked.unit, asked.points, case.at, None, hold.draws, 0, None, *hold.booked
        )
        case.transfers.append(taken)
    case.member.holds[hold.key] = hold
    if asked.reward is not None:
        _book(case, spans_of(asked.reward), hold.quantity)
        if case.shelves is not None:
            case.shelves.take(hold, asked.reward)
    _book(case, [any_span(one) for one in case.version.blueprint.redemption.suspicious], 1)
    return hold


def _at_once(case: Case, asked: Asked) -> None:
    """Refuse what is used at once, or pays for an order, where somebody must say yes first."""
    if asked.reward is not None and asked.reward.confirm and not by_itself(case.fact):
        raise refuse(
            f"{asked.reward.name} must be confirmed by the member first",
            field="attributes.reward",
            value=asked.reward.code,
            mend="Reserve it, and capture it once it is confirmed.",
        )
    times = _suspicious(case)
    if times is not None:
        raise refuse(
            f"{times.times} redemptions in a {times.each} are enough until somebody looked",
            field="member",
            value=case.fact.member,
            mend="Pay without points this time."
            if asked.reward is None
            else "Reserve it; somebody of the team looks at it before it can be captured.",
        )


def _suspicious(case: Case) -> Times | None:
    """The rule by which the member redeems so often that somebody looks first."""
    for times in case.version.blueprint.redemption.suspicious:
        if case.room.used(any_span(times).code, times.each)[1] >= times.times:
            return times
    return None


def _book(case: Case, spans: Iterable[Span], times: int, *, hold: Hold | None = None) -> None:
    """Count a redemption under its limits, in the spans of its own time."""
    room = case.room if hold is None else case.room_at(hold.at)
    for span in spans:
        use_span(case, room.span(span.code, span.times.each), times)


def use_span(case: Case, span: str, times: int) -> None:
    """Count redemptions in a span; what a merged member gives back is given back to their heir."""
    case.member.used.setdefault(span, [0, 0])[1] += times
    if case.member.merged_into:
        case.pass_to(case.member.merged_into).used.append([span, times])


def _until(case: Case, hold: Hold) -> datetime:
    """When a hold ends: after the program's minutes, or with the voucher it is for."""
    version = case.version
    reward = None if not hold.reward else reward_of(version, hold.reward)
    voucher = None if reward is None else reward.voucher
    if voucher is None:
        return case.at + timedelta(minutes=version.blueprint.redemption.hold_minutes)
    hold.lapses = voucher.unused == "gone"
    day = day_of(case.at, version.zone)
    if voucher.days:
        return midnight(day + timedelta(days=voucher.days), version.zone)
    if voucher.months:
        return midnight(add_months(day, voucher.months), version.zone)
    return FOREVER


def _used(case: Case, hold: Hold, draws: tuple[Draw, ...]) -> None:
    """The points of a redemption are gone, and what was bought with them is the member's."""
    hold.state = "captured"
    hold.capture = case.key
    hold.captured = sum(draw.points for draw in draws)
    if hold.reward or hold.capture != hold.key:
        case.steps.append(Step("captured", hold, hold.captured))
    if hold.order is not None and draws:
        burned = Burned(case.key, hold.unit, draws, booked=hold.booked)
        record = case.member.records.get(hold.order)
        if record is not None:
            record.burned.append(burned)
        else:
            case.member.waiting.setdefault(hold.order, []).append(burned)
    reward = _reward(case, hold)
    if reward is not None and reward.gives.kind == "stored_value":
        parts = reward.gives.amount * hold.quantity
        rule, version = f"{FOR_POINTS}{reward.code}", case.program.version_at(hold.at)
        policy = Policy.EXCHANGED_VALUE
        _store(case, reward.gives.unit, parts, rule=rule, policy=policy, version=version)


def gave_money(case: Case, hold: Hold) -> bool:
    """Whether it is stored value that was bought: as that may be used, no points come back."""
    reward = _reward(case, hold)
    return reward is not None and reward.gives.kind == "stored_value"


def _reward(case: Case, hold: Hold) -> Reward | None:
    """The reward that a hold is for, as it was when it was reserved; None where points pay."""
    compiled = case.program.version_at(hold.at).rewards.get(hold.reward)
    return None if compiled is None else compiled.reward


def _store(
    case: Case, unit: str, parts: int, *, rule: str, policy: Policy, version: Version | None = None
) -> Lot:
    """A lot of stored value at its face."""
    ends = end_of(case, unit, case.at, starts=case.at, version=version)
    lot = Lot(case.fact.id, rule, unit, case.at, ends, parts, parts, parts, policy=policy.value)
    credit(case, lot)
    return lot


def _put_back(
    case: Case,
    hold: Hold,
    draws: tuple[Draw, ...],
    *,
    kind: Literal["release", "refund"],
    part: Booked = PLAIN,
) -> None:
    if draws:
        undoes = hold.capture if kind == "refund" else None
        put_back(case, hold.unit, draws, kind=kind, undoes=undoes, part=part)


def put_back(
    case: Case,
    unit: str,
    draws: Sequence[Draw],
    *,
    kind: Literal["release", "refund"],
    undoes: Key | None,
    part: Booked = PLAIN,
) -> None:
    """Points go back to their lots; those of lots that ended meanwhile as the program says.

    `part` is what of their use in the books comes back with them.
    """
    wallet = case.member.wallet(unit, case.version)
    days = case.version.blueprint.redemption.returned_for
    if days:
        _revive(case, [draw.lot for draw in draws], days)
    back = tuple(wallet.put_back(draws, at=case.at))
    points = sum(draw.points for draw in back)
    case.transfers.append(Transfer(kind, unit, points, case.at, None, back, 0, undoes, *part))
    settle_debt(case, unit, [draw.lot for draw in back])


def _revive(case: Case, lots: Iterable[Lot], days: int) -> None:
    """Lots that have ended live on for the points that come back; what was left in them is gone."""
    until = midnight(day_of(case.at, case.version.zone) + timedelta(days=days), case.version.zone)
    for lot in lots:
        if lot.expires_at > case.at:
            continue
        wallet = case.member.wallet(lot.unit, case.version)
        if lot.remaining:
            gone = wallet.expire_lot(lot)
            expiry = Transfer("expiry", lot.unit, gone.points, lot.expires_at, None, (gone,))
            case.transfers.append(expiry)
        lot.expires_at = until
        case.shifts.append(Shift(lot, lot.starts_at, until))


def _give_room(case: Case, hold: Hold) -> None:
    """What was taken of limits and shelves is free again."""
    reward = _reward(case, hold)
    if reward is None:
        return
    _book(case, spans_of(reward), -hold.quantity, hold=hold)
    if case.shelves is not None and reward.shelved:
        case.shelves.put_back(hold, reward)


def _noted_back(member: Member, hold: Hold) -> None:
    """The order that it was for does not give the same points back again."""
    burns = [] if hold.order is None else list(member.waiting.get(hold.order, ()))
    record = None if hold.order is None else member.records.get(hold.order)
    for known in (burns, [] if record is None else record.burned):
        for place, burned in enumerate(known):
            if burned.key == hold.capture:
                known[place] = burned._replace(given_back=hold.back)
    if hold.order is not None and burns:
        member.waiting[hold.order] = burns


def _open(case: Case) -> Hold:
    hold = _named(case)
    if hold.open and (case.at < hold.until or case.fact.source == MAKER):
        return hold
    if hold.open:
        raise refuse(
            "the time of the redemption is over",
            field="about",
            value=hold.key[1],
            mend=f"It ended at {hold.until.isoformat()}; reserve again.",
        )
    raise refuse(
        f"the redemption was {hold.state}",
        field="about",
        value=hold.key[1],
        mend="Reserve again; a redemption is settled once.",
    )


def unknown(fact: Fact) -> FactRefused:
    """The refusal of a fact about a redemption that there is not."""
    return refuse(
        "there is no such redemption",
        field="about",
        value=None if fact.about is None else fact.about.id,
        mend="Send the source and id of the fact that reserved it.",
    )


def _named(case: Case) -> Hold:
    about = case.fact.about
    if about is None:
        raise FactError(
            "the fact names no redemption",
            field="about",
            value=None,
            mend='Send "about": {"source": ..., "id": ...} of the reservation.',
        )
    hold = case.member.holds.get((about.source, about.id))
    if hold is None:
        raise unknown(case.fact)
    return hold
