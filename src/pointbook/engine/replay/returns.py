"""What comes back: returned and cancelled orders, and awards that were a mistake.

Points are asked back pro rata to what came back of the base, never more than was given, once.
Points burned on the order go back to their lots. Raises nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pointbook.engine.ledger.lots import Draw, Lot, share
from pointbook.engine.ledger.transfers import Transfer
from pointbook.engine.replay.awards import settle_debt
from pointbook.engine.replay.cases import Case, count_earned, refuse
from pointbook.engine.replay.member import Burned, Key, Record
from pointbook.engine.replay.program import Version
from pointbook.engine.replay.referring import reverse
from pointbook.engine.replay.verdicts import MAKER, Made, Recovery, made, made_id
from pointbook.engine.values.facts import Returned
from pointbook.engine.values.money import half_up, split


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked back of one award: `points` in all for `base` more minor units that came."""

    lot: Lot
    base: int
    due: int


def give_back(case: Case) -> None:
    """A return by lines or by amount."""
    _come_back(case, whole=False)


def undo(case: Case) -> None:
    """The whole order comes back: it was cancelled, or its payment expired."""
    _come_back(case, whole=True)


def _come_back(case: Case, *, whole: bool) -> None:
    fact, member = case.fact, case.member
    key = fact.refers
    record = None if key is None else member.records.get((key.source, key.id))
    if key is None or record is None:
        return
    version = case.program.version_at(record.at)
    for lot in record.lots:
        if lot.rule not in version.bases:
            continue  # given by hand or brought along: no order came back
        base = lot.base - lot.returned if whole else version.bases[lot.rule](fact)
        asked = ask(lot, base, whole=whole or not lot.base)
        if asked is not None:
            recover(case, version, asked)
            count_earned(case, lot.unit, -asked.due, at=record.at)
    taken = record.kept if whole else min(fact.spend, record.kept)
    record.kept -= taken
    record.total -= record.total if whole else min(fact.total, record.total)
    if "spend" in case.program.sources and taken:
        member.histories.add("spend", at=record.at, amount=-taken)
    _refund(case, version, record, whole=whole or not record.total)
    reverse(case, (key.source, key.id), record)
    company = member.company
    if company and record.type == "purchase" and version.blueprint.companies:
        _tell_company(case, key=(key.source, key.id), company=company, whole=whole)


def ask(lot: Lot, base: int, *, whole: bool = False) -> _Asked | None:
    """What is due for `base` more of an award's base; None when nothing changes."""
    before, lot.returned = lot.returned, min(lot.base, lot.returned + base)
    total = lot.base or 1
    back = total if whole else lot.returned
    due = (2 * lot.points * back + total) // (2 * total) - lot.due
    if due <= 0 and lot.returned == before:
        return None
    return _Asked(lot, base, max(due, 0))


def recover(case: Case, version: Version, asked: _Asked) -> None:
    """Take the points that are due from the award's own lot, then in spend order."""
    lot, points = asked.lot, asked.due
    if not points:
        case.recoveries.append(Recovery(lot, asked.base, 0, 0, 0, 0, 0))
        return
    own = share(lot, lot.due + points) - share(lot, lot.due)
    lot.due += points
    at, unit = case.at, lot.unit
    wallet = case.member.wallet(unit, version)
    draws = tuple(wallet.take_back(points, at=at, first=lot))
    recovered = sum(draw.points for draw in draws)
    missing = points - recovered
    unrecovered = split(total=own, weights=[*(draw.points for draw in draws), missing])[-1]
    if recovered:
        case.transfers.append(Transfer("claw_back", unit, recovered, at, None, draws))
    policy = version.blueprint.claw_back
    owed = 0 if policy == "clamp" else missing
    if owed:
        wallet.debt += owed
        if policy == "allow_negative":
            wallet.receivable += unrecovered
        case.transfers.append(Transfer("overdraft", unit, owed, at))
    case.recoveries.append(
        Recovery(
            lot,
            asked.base,
            points,
            recovered,
            owed,
            own,
            unrecovered,
            carried=owed > 0 and policy == "carry_forward",
        )
    )


def _refund(case: Case, version: Version, record: Record, *, whole: bool) -> None:
    """Give points burned on the order back to their lots, as the terms of the order say."""
    policy = version.blueprint.burned
    if policy == "keep" or (policy == "whole" and not whole):
        return
    for place, burned in enumerate(record.burned):
        points = sum(draw.points for draw in burned.draws)
        back = points
        if not whole and record.whole:
            back = half_up(
                numerator=points * (record.whole - record.total), denominator=record.whole
            )
        draws = _first(burned, back)
        if draws:
            wallet = case.member.wallet(burned.unit, case.version)
            done = tuple(wallet.put_back(draws, at=case.at))
            case.transfers.append(
                Transfer(
                    "refund",
                    burned.unit,
                    back - burned.given_back,
                    case.at,
                    None,
                    done,
                    undoes=burned.key,
                )
            )
            record.burned[place] = burned._replace(given_back=back)
            settle_debt(case, burned.unit, [draw.lot for draw in done])


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
        recover(case, version, one)
        count_earned(case, one.lot.unit, -one.due, at=record.at)
        limits = version.limits.get(one.lot.rule)
        if limits is not None and one.due:
            case.room_at(record.at).book(limits, -one.due)
