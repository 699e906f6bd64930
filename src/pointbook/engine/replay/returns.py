"""What comes back: returned and cancelled orders, and awards that were a mistake.

Points are asked back pro rata to what came back of the base, never more than was given, once.
Points burned on the order go back to their lots. Raises nothing itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pointbook.engine.ledger.lots import Draw, Lot
from pointbook.engine.replay.cases import Case, count_amount, count_earned, refuse
from pointbook.engine.replay.heirs import keeper
from pointbook.engine.replay.member import Burned, Key, Record
from pointbook.engine.replay.program import Base, Version
from pointbook.engine.replay.recovering import Asked, ask, ask_share, recover
from pointbook.engine.replay.redeeming import came_back, gave_money, put_back
from pointbook.engine.replay.referring import reverse
from pointbook.engine.replay.verdicts import MAKER, Made, made, made_id
from pointbook.engine.values.facts import Fact, Returned
from pointbook.engine.values.money import half_up


def give_back(case: Case) -> None:
    """A return by lines or by amount."""
    _come_back(case, whole=False)


def undo(case: Case) -> None:
    """The whole order comes back: it was cancelled, or its payment expired."""
    _come_back(case, whole=True)


def _come_back(case: Case, *, whole: bool) -> None:
    fact = case.fact
    key = fact.refers
    record = None if key is None else case.member.records.get(key)
    if key is None or record is None:
        return
    version = case.program.version_at(record.at)
    everything = whole or 0 < record.total <= fact.total
    for lot in record.lots:
        base = version.bases.get(lot.rule)
        if base is None:
            continue  # given by hand or brought along: no order came back
        asked = _asked(lot, record, fact, base=base, whole=everything)
        if asked is not None:
            recover(case, version, asked, record=record)
            count_earned(case, lot.unit, -asked.due, at=record.at)
    taken = record.kept if whole else min(fact.spend, record.kept)
    record.kept -= taken
    record.total -= record.total if whole else min(fact.total, record.total)
    if record.type != "purchase":
        return  # nothing was spent by this member
    if taken:
        count_amount(case, "spend", -taken, at=record.at)
    _refund(case, version, key, record, whole=whole or not record.total)
    reverse(case, key, record)
    if record.company:
        _tell_company(case, key=key, company=record.company, whole=whole)


def _asked(lot: Lot, record: Record, fact: Fact, *, base: Base, whole: bool) -> Asked | None:
    """What a return asks back of one award: by what it says of the base, else by its amount."""
    if whole:
        return ask(lot, lot.base - lot.returned, whole=True)
    taken = base(fact) if lot.base else None
    if taken is not None:
        return ask(lot, taken)
    return ask_share(lot, back=min(fact.total, record.total), of=record.total)


def _refund(case: Case, version: Version, key: Key, record: Record, *, whole: bool) -> None:
    """Give points burned on the order back to their lots, as the terms of the order say."""
    policy = version.blueprint.burned
    if policy == "keep" or (policy == "whole" and not whole):
        return
    back, of = record.whole - record.total, record.whole
    if whole or not of:
        back = of = 1
    refund(case, record.burned, back=back, of=of)
    heir = keeper(case, record)
    other = case.others(heir) if heir and case.others is not None else None
    if heir and (other is None or key in other.waiting or other.head or other.merged_into):
        # Whoever keeps the points has burned them for the order.
        source, own = key
        case.pass_to(heir).refund = {"source": source, "id": own, "back": back, "of": of}


def refund(case: Case, burns: list[Burned], *, back: int, of: int) -> None:
    """Put as much of burned points as `back` of `of` back into their lots; `burns` say so then.

    Points that bought stored value stay used: it is there, and may be spent.
    """
    money = {one.capture for one in case.member.holds.values() if gave_money(case, one)}
    for place, burned in enumerate(burns):
        if burned.key in money:
            continue
        points = sum(draw.points for draw in burned.draws)
        due = half_up(numerator=points * back, denominator=of)
        draws = _first(burned, due)
        if draws:
            part = burned.booked.between(burned.given_back, due, of=points)
            put_back(case, burned.unit, draws, kind="refund", undoes=burned.key, part=part)
            burns[place] = burned._replace(given_back=due)
            came_back(case, burned.key, due)


def _first(burned: Burned, back: int) -> list[Draw]:
    """The draws up to `back` points without those that were given back before."""
    draws, seen = [], 0
    for lot, points, _ in burned.draws:
        low, high = max(seen, burned.given_back), min(seen + points, back)
        if high > low:
            draws.append(Draw(lot, high - low))
        seen += points
    return draws


def _tell_company(case: Case, *, key: Key, company: str, whole: bool) -> None:
    """The company's points for the purchase go back as far as the purchase did."""
    fact = case.fact
    told = made("company_return", by=fact, member=company, attributes={"whole": whole})
    bought = made_id("company_purchase", *key)
    told = replace(
        told,
        about=Returned(MAKER, bought),
        currency=fact.currency,
        total=fact.total,
        tax=fact.tax,
        delivery=fact.delivery,
        tenders=fact.tenders,
        coupons=fact.coupons,
        lines=fact.lines,
    )
    case.spawned.append(Made(told))


def company_returns(case: Case) -> None:
    """A return by somebody of the company, told to the company."""
    _come_back(case, whole=bool(case.fact.attributes.get("whole")))


def give_room(case: Case, rule: str, points: int, *, at: datetime) -> None:
    """Give back what a voided award took of its limits; a merged member's are the other's."""
    limits = case.program.version_at(at).limits.get(rule)
    if limits is None:
        return
    case.room_at(at).book(limits, -points)
    if case.member.merged_into:
        case.pass_to(case.member.merged_into).booked.append([rule, points, at.isoformat()])


def void(case: Case) -> None:
    """Take back what a fact was given by mistake: all of it, or what one rule gave."""
    fact, member = case.fact, case.member
    key = fact.about
    record = None if key is None else member.records.get((key.source, key.id))
    rule = fact.attributes.get("rule")
    lots = [] if record is None else [lot for lot in record.lots if rule in (None, lot.rule)]
    if not lots and fact.source == MAKER:
        return  # the fact that is reversed gave nothing, for it met a limit
    if key is None or record is None or not lots:
        named = None if key is None else f"{key.source}/{key.id}"
        raise refuse(
            f"{named} gave nothing that could be taken back",
            field="about",
            value=named,
            mend="Name a fact of this member that gave points, and a rule that gave them.",
        )
    version = case.program.version_at(record.at)
    asked = [one for lot in lots if (one := ask(lot, lot.base - lot.returned, whole=True))]
    if not asked and fact.source != MAKER:
        raise refuse(
            f"what {key.source}/{key.id} gave was taken back before",
            field="about",
            value=f"{key.source}/{key.id}",
            mend="Nothing is left to do.",
        )
    for one in asked:
        recover(case, version, one, record=record)
        count_earned(case, one.lot.unit, -one.due, at=record.at)
        if one.due:
            give_room(case, one.lot.rule, one.due, at=record.at)
