"""One fact judged for one member: points that move, why, and the standing after it.

`judge` is the only place where rules and the ledger of points meet. It changes the member's state
in place (the working copy of a fold) and answers with a verdict that says everything that changed.
It raises FactError for a burn that cannot be read and BalanceError for one that is not covered;
the state is unchanged then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from pointbook.engine.ledger.lots import FOREVER, Lot, Wallet, share
from pointbook.engine.ledger.transfers import Transfer
from pointbook.engine.replay.program import Program, Version
from pointbook.engine.revenue.allocation import PointsPromise, allocate
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.tiers import Move, Spend, Standing
from pointbook.engine.values.facts import Fact, FactError
from pointbook.engine.values.money import MoneyError, half_up, split, to_minor

NO_REASONS: Final[tuple[Reason, ...]] = ()


class Recovery(NamedTuple):
    """What a return asks back of one award: `points` due for `base` minor units returned.

    No points may be due yet: what came back is kept all the same, for the next return of it.
    `recovered` points came from lots, `owed` became a debt, the rest is lost to the program.
    `share` is the award's own part of the allocated price for the points due, `unrecovered` the
    part of it behind points that could not be taken (both minor units).
    """

    lot: Lot
    base: int
    points: int
    recovered: int
    owed: int
    share: int
    unrecovered: int

    @property
    def shortfall(self) -> int:
        """Points asked back that were neither recovered nor owed."""
        return self.points - self.recovered - self.owed


class Verdict(NamedTuple):
    """Everything that one fact did to its member, under the version that judged it."""

    fact: Fact
    version: int
    reasons: Sequence[Reason] = ()
    transfers: Sequence[Transfer] = ()
    move: Move | None = None
    recoveries: Sequence[Recovery] = ()


@dataclass(slots=True)
class Sale:
    """A purchase that a return may name: when, what was not returned yet, and its awards' lots."""

    at: datetime
    kept: int
    lots: list[Lot]


class Member:
    """A member's wallets by unit, standing and returnable sales; the working copy of a fold."""

    __slots__ = ("sales", "standing", "wallets")

    def __init__(
        self, *, wallets: dict[str, Wallet] | None = None, standing: Standing | None = None
    ) -> None:
        self.wallets: dict[str, Wallet] = {} if wallets is None else wallets
        self.standing = standing if standing is not None else Standing()
        self.sales: dict[tuple[str, str], Sale] = {}

    def wallet(self, unit: str, version: Version) -> Wallet:
        """The wallet of a unit in the version's spend order; empty when there was none yet."""
        order = version.units[unit].spend_order
        wallet = self.wallets.get(unit)
        if wallet is None:
            wallet = self.wallets[unit] = Wallet(spend_order=order)
        else:
            wallet.follow(order)
        return wallet


def judge(program: Program, member: Member, fact: Fact) -> Verdict:
    """Judge a fact of this member by the version in force when it occurred.

    :raises FactError: a burn or reward that the program does not know.
    :raises BalanceError: a burn of more points than can be used.
    """
    version = program.version_at(fact.occurred_at)
    return KINDS.get(fact.type, _earn)(program, version, member, fact)


def _purchase(program: Program, version: Version, member: Member, fact: Fact) -> Verdict:
    reasons, transfers, lots = _award(program, version, member, fact)
    at, spend = fact.occurred_at, fact.spend
    member.sales[fact.source, fact.id] = Sale(at, spend, lots)
    move = None
    if program.tiered:
        member.standing.add(Spend(at, spend))
    if version.ladder is not None:
        move = member.standing.review(at, version.ladder)
    return Verdict(fact, version.number, reasons, transfers, move)


def _earn(program: Program, version: Version, member: Member, fact: Fact) -> Verdict:
    reasons, transfers, _ = _award(program, version, member, fact)
    return Verdict(fact, version.number, reasons, transfers)


def _award(
    program: Program, version: Version, member: Member, fact: Fact
) -> tuple[Sequence[Reason], list[Transfer], list[Lot]]:
    judges = version.judges.get(fact.type)
    if judges is None:
        return NO_REASONS, [], []
    at = fact.occurred_at
    reasons = [reason for one in judges if (reason := one(fact)) is not None]
    lots = []
    for rule, unit, base, points in reasons:
        if points:
            ends = version.terms[unit](at) or FOREVER
            lots.append(Lot(fact.id, rule, unit, at, ends, points, points, base=base))
    if lots and program.rates is not None:
        _allocate(program, version, fact, lots)
    transfers = []
    for lot in lots:
        wallet = member.wallet(lot.unit, version)
        wallet.add(lot)
        transfers.append(Transfer("award", lot.unit, lot.points, at, lot))
        if wallet.debt:
            transfers.append(_repay(wallet, lot, at))
    return reasons, transfers, lots


def _repay(wallet: Wallet, lot: Lot, at: datetime) -> Transfer:
    """Pay owed points out of a new award, and settle as much of the receivable for them."""
    points = min(wallet.debt, lot.points)
    draws = tuple(wallet.take_back(points, at=at, first=lot))
    settled = half_up(numerator=wallet.receivable * points, denominator=wallet.debt)
    wallet.debt -= points
    wallet.receivable -= settled
    return Transfer("repayment", lot.unit, points, at, None, draws, settled)


def _allocate(program: Program, version: Version, fact: Fact, lots: list[Lot]) -> None:
    spend = fact.spend
    at = fact.occurred_at
    promises = [PointsPromise(lot.points, program.price(version, lot.unit, at)) for lot in lots]
    parts = allocate(price=spend, stand_alone=spend, points=promises)
    for lot, part in zip(lots, parts, strict=True):
        lot.allocated = part


def _return(program: Program, version: Version, member: Member, fact: Fact) -> Verdict:
    assert fact.returns is not None, "normalise refuses a return that names no fact"
    sale = member.sales.get((fact.returns.source, fact.returns.id))
    if sale is None:
        return Verdict(fact, version.number)
    judged_by = program.version_at(sale.at)
    transfers: list[Transfer] = []
    recoveries = []
    for lot in sale.lots:
        base = judged_by.bases[lot.rule](fact)
        recovery = _recover(judged_by, member, fact, lot, base, transfers)
        if recovery is not None:
            recoveries.append(recovery)
    if program.tiered:
        taken = min(fact.spend, sale.kept)
        sale.kept -= taken
        member.standing.add(Spend(sale.at, -taken))
    return Verdict(fact, version.number, NO_REASONS, transfers, None, recoveries)


def _recover(
    version: Version,
    member: Member,
    fact: Fact,
    lot: Lot,
    base: int,
    transfers: list[Transfer],
) -> Recovery | None:
    """Ask back the points of one award, pro rata to what was returned of its base so far."""
    before, lot.returned = lot.returned, min(lot.base, lot.returned + base)
    total = lot.base or 1
    due = (2 * lot.points * (lot.returned if lot.base else 1) + total) // (2 * total)
    asked = due - lot.due
    if asked <= 0:
        return Recovery(lot, base, 0, 0, 0, 0, 0) if lot.returned > before else None
    own = share(lot, due) - share(lot, lot.due)
    lot.due = due
    at, unit = fact.occurred_at, lot.unit
    wallet = member.wallet(unit, version)
    draws = tuple(wallet.take_back(asked, at=at, first=lot))
    recovered = sum(draw.points for draw in draws)
    missing = asked - recovered
    unrecovered = split(total=own, weights=[*(draw.points for draw in draws), missing])[-1]
    if recovered:
        transfers.append(Transfer("claw_back", unit, recovered, at, None, draws))
    owed = missing if version.allow_negative else 0
    if owed:
        wallet.debt += owed
        wallet.receivable += unrecovered
        transfers.append(Transfer("overdraft", unit, owed, at))
    return Recovery(lot, base, asked, recovered, owed, own, unrecovered)


def _burn(_: Program, version: Version, member: Member, fact: Fact) -> Verdict:
    unit, points = burn_terms(version, fact)
    at = fact.occurred_at
    draws = tuple(member.wallet(unit, version).draw(points, at=at))
    return Verdict(
        fact, version.number, NO_REASONS, (Transfer("burn", unit, points, at, None, draws),)
    )


def burn_terms(version: Version, fact: Fact) -> tuple[str, int]:
    """The unit and the smallest parts that a burn takes: a reward's price or points of a unit.

    :raises FactError: no such reward or unit, or points that are no positive amount of the unit.
    """
    asked = fact.attributes
    code = asked.get("reward")
    if code is not None and "points" not in asked:
        for reward in version.blueprint.rewards:
            if reward.code == code:
                return reward.unit, reward.price
        known = ", ".join(reward.code for reward in version.blueprint.rewards) or "none yet"
        raise FactError(
            f"no reward {code!r}",
            field="attributes.reward",
            value=code,
            mend=f"Use one of: {known}.",
        )
    unit = str(asked.get("unit", next(iter(version.units))))
    if unit not in version.units:
        raise FactError(
            f"no unit {unit!r}",
            field="attributes.unit",
            value=unit,
            mend=f"Use one of: {', '.join(version.units)}.",
        )
    return unit, _parts(asked.get("points"), version.units[unit].decimals)


def _parts(value: object, decimals: int) -> int:
    try:
        parts = to_minor(value, places=decimals)
    except MoneyError:
        parts = 0
    if parts > 0:
        return parts
    raise FactError(
        f"{value!r} is not a positive number of points",
        field="attributes.points",
        value=value,
        mend=f"Send a positive number with at most {decimals} decimals.",
    )


Kind = Callable[[Program, Version, Member, Fact], Verdict]
KINDS: Final[dict[str, Kind]] = {"purchase": _purchase, "return": _return, "burn": _burn}
