"""What a fact gives: the rules' reasons become lots, allocated, and counted under limits.

Raises nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final

from pointbook.engine.ledger.lots import AT_ONCE, FOREVER, Lot, Wallet
from pointbook.engine.ledger.transfers import Transfer
from pointbook.engine.replay.cases import Case, count_earned
from pointbook.engine.replay.program import Program, Version
from pointbook.engine.revenue.allocation import PointsPromise, allocate
from pointbook.engine.revenue.policies import Policy
from pointbook.engine.revenue.treatments import SHARING, treatment
from pointbook.engine.rules.blueprint import EarnRule
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.who import Who
from pointbook.engine.values.calendar import day_of, midnight
from pointbook.engine.values.facts import Fact
from pointbook.engine.values.money import half_up, split

# Faster than the constructor of a NamedTuple with defaults, which is a function of Python.
_NEW: Final = tuple.__new__
NOBODY: Final = Who()
# Facts whose price is shared with the points they give (IFRS 15.74).
PRICED: Final = frozenset({"purchase", "claim"})


def award(case: Case, *, kind: str = "") -> list[Lot]:
    """Give what the rules for facts of type `kind` (the fact's own) say; answers the lots."""
    version, fact = case.version, case.fact
    judge = version.judges.get(kind or fact.type)
    if judge is None:
        return []
    who = case.member.who(case.program, version, case.at) if version.asks else NOBODY
    case.reasons = reasons = judge(fact, who, case)
    if len(reasons) > 1:
        reasons = _by_rule(reasons)
    lots = []
    for reason in reasons:
        if reason.points:
            lots.append(_lot(case, reason))  # noqa: PERF401 -- most facts have one reason
    if lots and case.program.rates is not None:
        if version.alone:
            _allocate_each(case, lots)
        elif fact.type in PRICED:
            _allocate(case, lots, price=fact.spend)
    for lot in lots:
        credit(case, lot)
        if lot.rule in version.limits:
            case.room.book(version.limits[lot.rule], lot.points)
    return lots


def _by_rule(reasons: list[Reason]) -> list[Reason]:
    """One award a rule: a multiplier of several rules gives a reason for each of them."""
    if len({reason.rule for reason in reasons}) == len(reasons):
        return reasons
    merged: dict[str, Reason] = {}
    for reason in reasons:
        known = merged.get(reason.rule)
        merged[reason.rule] = (
            reason if known is None else known._replace(points=known.points + reason.points)
        )
    return list(merged.values())


def credit(case: Case, lot: Lot) -> None:
    """Put an award into the wallet; it repays what is owed."""
    wallet = case.member.wallet(lot.unit, case.version)
    wallet.add(lot)
    transfer = ("award", lot.unit, lot.points, case.at, lot, (), 0, None, "", 0, None)
    case.transfers.append(_NEW(Transfer, transfer))
    if case.program.earned:
        count_earned(case, lot.unit, lot.points, at=case.at)
    if wallet.debt:
        case.transfers.append(repay(wallet, lot, case.at))


def base_in(version: Version, reason: Reason, fact: Fact) -> int:
    """The base of which a return will take its part: the reason's, or as returns measure it."""
    if reason.rule not in version.measured:
        return reason.base
    taken = version.bases[reason.rule](fact)
    return reason.base if taken is None else taken


def _lot(case: Case, reason: Reason) -> Lot:
    at, version = case.at, case.version
    code, unit, _, points = reason[:4]
    base = base_in(version, reason, case.fact)
    term, policy, funder = version.given[code, unit]
    if term is not None:
        ends = term(at, joined_at=case.member.joined_at) or FOREVER
        starts = AT_ONCE
    else:
        rule = version.rules[code]
        starts = AT_ONCE if rule.pending is None else start_of(rule, at, zone=version.zone)
        ends = end_of(case, unit, at, starts=starts, rule=rule)
    # By position, as each award comes by here: nothing of it came back yet, and it has no id.
    fact = case.fact.id
    return Lot(
        fact, code, unit, at, ends, points, points, 0, base, 0, 0, 0, 0, policy, funder, starts
    )


def start_of(rule: EarnRule, at: datetime, *, zone: tzinfo) -> datetime:
    """When points that a rule gives at an instant can be used; FOREVER while they wait."""
    pending = rule.pending
    if pending is None or pending.on:
        return FOREVER
    return midnight(day_of(at, zone) + timedelta(days=pending.days), zone)


def end_of(
    case: Case,
    unit: str,
    at: datetime,
    *,
    starts: datetime,
    rule: EarnRule | None = None,
    version: Version | None = None,
) -> datetime:
    """The end of a lot earned at `at` and usable from `starts`; FOREVER when it has none.

    `version` is that which gives it, the fact's own when left out.
    """
    version, member = version or case.version, case.member
    term = None if rule is None else version.terms_by_rule.get(rule.code)
    if term is None:
        term = case.term(version, unit, at)
    if term.expiry.sliding:
        at = max(at, member.active.get(unit, at))
    if term.expiry.since == "release":
        if starts == FOREVER:
            return FOREVER
        at = max(at, starts)
    return term(at, joined_at=member.joined_at) or FOREVER


def repay(wallet: Wallet, lot: Lot, at: datetime) -> Transfer:
    """Pay owed points out of what came into a lot, and settle as much of the receivable."""
    points = min(wallet.debt, lot.remaining)
    draws = tuple(wallet.take_back(points, at=at, first=lot))
    settled = half_up(numerator=wallet.receivable * points, denominator=wallet.debt)
    wallet.debt -= points
    wallet.receivable -= settled
    return Transfer("repayment", lot.unit, points, at, None, draws, settled)


def settle_debt(case: Case, unit: str, lots: Sequence[Lot]) -> None:
    """Repay what the member owes out of points that came into these lots."""
    wallet = case.member.wallet(unit, case.version)
    for lot in lots:
        if wallet.debt and lot.remaining and lot.expires_at > case.at:
            case.transfers.append(repay(wallet, lot, case.at))


def treat(case: Case, lot: Lot, *, reasons: tuple[str, ...]) -> None:
    """Fix what an award is in the books that no rule gave, and that no sale gave."""
    version = case.version
    own = treatment(version.blueprint.books, rule="", unit=lot.unit, sale=False, reasons=reasons)
    lot.policy, lot.funder = own.policy.value, own.funder
    if own.policy is Policy.FUNDED and case.program.rates is not None:
        lot.allocated = funding(case.program, version, lot)


def _allocate(case: Case, lots: Sequence[Lot], *, price: int) -> None:
    """Share a price with the points by relative stand-alone selling prices."""
    at = case.at
    promises = [
        PointsPromise(lot.points, case.program.price(case.version, lot.unit, at)) for lot in lots
    ]
    parts = allocate(price=price, stand_alone=price, points=promises)
    for lot, part in zip(lots, parts, strict=True):
        lot.allocated = part


def _allocate_each(case: Case, lots: Sequence[Lot]) -> None:
    """Give each award the amount that its policy asks for.

    Points that were bought take the price of what bought them first, funded ones what the partner
    pays. A sale shares what is left of its price with points that are a part of it; an expense has
    no share.
    """
    bought = [lot for lot in lots if lot.policy == Policy.BOUGHT]
    left = case.fact.spend
    if bought:
        left -= _sell(case, bought)
    for lot in lots:
        if lot.policy == Policy.FUNDED:
            lot.allocated = funding(case.program, case.version, lot)
    sharing = [lot for lot in lots if lot.policy in SHARING]
    if sharing and case.fact.type in PRICED:
        _allocate(case, sharing, price=left)


def _sell(case: Case, lots: Sequence[Lot]) -> int:
    """Allocate what was paid for bought points; answers how much that is of the whole price.

    It is the price of the lines that their rules choose, else the whole price.
    """
    spend, rules = case.fact.spend, case.version.rules
    bases = [lot.base for lot in lots]
    paid = spend
    if all(bases) and all(rules[lot.rule].lines is not None for lot in lots):
        paid = min(spend, sum(bases))
    weights = bases if all(bases) else [lot.points for lot in lots]
    parts = split(total=paid, weights=weights)
    for lot, part in zip(lots, parts, strict=True):
        lot.allocated = part
    return paid


def funding(program: Program, version: Version, lot: Lot) -> int:
    """What the partner behind an award pays for its points, in minor units, half up."""
    numerator, denominator = program.paid(version, lot.unit, lot.funder)
    return half_up(numerator=lot.points * numerator, denominator=denominator)
