"""What a program would have done: facts folded member by member, in order of occurrence.

`fold` is a what-if: it expires points when their time comes, burns as the behaviour says at each
month's end, and goes on after the last fact until nothing can change any more. A burn that is not
covered is refused as it would be live and counted in `refused`. Nothing here raises otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from operator import attrgetter

from pointbook.engine.ledger.lots import FOREVER
from pointbook.engine.replay.member import Member, Verdict, judge
from pointbook.engine.replay.months import Month, Table
from pointbook.engine.replay.program import Program
from pointbook.engine.rules.blueprint import Behaviour
from pointbook.engine.rules.tiers import Move
from pointbook.engine.values.calendar import first_of_month, last_second, midnight, next_month
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import Fact

Listener = Callable[[Verdict], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a member stands at the end of the last data month; smallest parts and minor units."""

    member: str
    baskets: int
    spend_minor: int
    earned: int
    redeemed: int
    expired: int
    balance: int
    tier: str


@dataclass(slots=True)
class Replay:
    """The month sums and the members of a fold; parts of the members add up with `merge`."""

    tiers: tuple[str, ...]
    last_data: date
    table: Table = field(default_factory=Table)
    members: list[Outcome] = field(default_factory=list)
    refused: int = 0

    def merge(self, other: Replay) -> None:
        """Add the fold of other members."""
        self.table.merge(other.table)
        self.members.extend(other.members)
        self.refused += other.refused

    def months(self) -> list[Month]:
        """The month table's rows."""
        return self.table.rows(tiers=self.tiers, last_data=self.last_data)


def fold(
    facts: Iterable[Fact],
    program: Program,
    *,
    behaviour: Behaviour | None = None,
    last_data: date | None = None,
    listener: Listener | None = None,
) -> Replay:
    """Fold facts under a program; members do not touch each other.

    A return that names no member belongs to the member of the purchase it returns.
    `last_data` (first day of a month) is the month of the last fact of the whole population when
    `facts` are only a part of it. `listener` is told every verdict, with its reasons.
    """
    by_member: dict[str, list[Fact]] = {}
    unclaimed = []
    for fact in facts:
        if fact.member is not None:
            by_member.setdefault(fact.member, []).append(fact)
        elif fact.returns is not None:
            unclaimed.append(fact)
    if unclaimed:
        _claim(unclaimed, by_member)
    if last_data is None:
        latest = max((group[-1].occurred_at for group in _sorted(by_member)), default=None)
        last_data = date.min if latest is None else first_of_month(latest, program.zone)
    else:
        _sorted(by_member)
    ladder = program.versions[-1].ladder
    replay = Replay(tiers=() if ladder is None else ladder.codes, last_data=last_data)
    for member, group in sorted(by_member.items()):
        life = _Life(program, behaviour, replay, member, listener)
        for fact in group:
            life.meet(fact)
        replay.members.append(life.end())
    return replay


def _claim(returns: Iterable[Fact], by_member: dict[str, list[Fact]]) -> None:
    owners = {
        (fact.source, fact.id): member for member, group in by_member.items() for fact in group
    }
    for fact in returns:
        assert fact.returns is not None
        owner = owners.get(fact.returns)
        if owner is not None:
            by_member[owner].append(fact)


def _sorted(by_member: dict[str, list[Fact]]) -> Iterable[list[Fact]]:
    for group in by_member.values():
        group.sort(key=attrgetter("occurred_at", "id"))
    return by_member.values()


class _Life:
    """One member's fold: state, month sums and the totals up to the last data month."""

    def __init__(
        self,
        program: Program,
        behaviour: Behaviour | None,
        replay: Replay,
        member: str,
        listener: Listener | None,
    ) -> None:
        self.program = program
        self.habits = () if behaviour is None else behaviour.burns
        self.replay = replay
        self.name = member
        self.listener = listener
        self.state = Member()
        self.zone: tzinfo = program.zone
        self.month: date | None = None
        self.month_ends = FOREVER
        self.active = False
        self.burned_in: date | None = None
        self.baskets = self.spend = self.earned = self.redeemed = self.expired = self.taken = 0

    def meet(self, fact: Fact) -> None:
        """Judge one fact and count what it did."""
        at = fact.occurred_at
        if self.month is None:
            self._begin(first_of_month(at, self.zone))
            self.replay.table.flows[self.month].enrolled += 1  # type: ignore[index]
        elif at >= self.month_ends:
            while at >= self.month_ends:
                self._month_end()
        try:
            verdict = judge(self.program, self.state, fact)
        except PointbookError:
            self.replay.refused += 1
            return
        self._count(fact, verdict)
        if self.listener is not None:
            self.listener(verdict)

    def end(self) -> Outcome:
        """Live on until nothing can change, then say where the member stood at the data's end."""
        assert self.month is not None, "whoever is folded has a fact"
        while self.month <= self.replay.last_data:
            self._month_end()
        outcome = self._outcome()
        while self._can_change():
            self._month_end()
        return outcome

    def _outcome(self) -> Outcome:
        return Outcome(
            member=self.name,
            baskets=self.baskets,
            spend_minor=self.spend,
            earned=self.earned,
            redeemed=self.redeemed,
            expired=self.expired,
            balance=self.earned - self.redeemed - self.expired - self.taken,
            tier=self.state.standing.tier or next(iter(self.replay.tiers), ""),
        )

    def _begin(self, month: date) -> None:
        self.month = month
        self.month_ends = midnight(next_month(month), self.zone)
        self.active = False
        self.flow = self.replay.table.flows[month]

    def _month_end(self) -> None:
        """Expire what is due, burn out of habit, begin the next month."""
        assert self.month is not None
        at = last_second(self.month, self.zone)
        self._expire(at)
        for habit in self.habits:
            wallet = self.state.wallets.get(habit.unit)
            held = 0 if wallet is None else wallet.available(at)
            points = held // habit.step * habit.step
            if wallet is not None and points and held >= habit.threshold:
                wallet.draw(points, at=at)
                self._redeem(points)
        self._begin(next_month(self.month))

    def _can_change(self) -> bool:
        """Whether time alone can still move points: habits took all they can at the month's end."""
        return any(wallet.next_expiry < FOREVER for wallet in self.state.wallets.values())

    def _expire(self, at: datetime) -> None:
        for wallet in self.state.wallets.values():
            for lot, points, _ in wallet.expire(at):
                month = first_of_month(lot.expires_at, self.zone)
                self.replay.table.flows[month].expired += points
                self.expired += points

    def _redeem(self, points: int) -> None:
        self.flow.redeemed += points
        self.redeemed += points
        if self.burned_in != self.month:
            self.burned_in = self.month
            self.flow.redeeming_members += 1

    def _count(self, fact: Fact, verdict: Verdict) -> None:
        flow = self.flow
        if fact.type == "purchase":
            spend = fact.spend
            flow.baskets += 1
            flow.spend += spend
            self.baskets += 1
            self.spend += spend
            if not self.active:
                self.active = True
                flow.active_members += 1
        for transfer in verdict.transfers:
            kind, points = transfer.kind, transfer.points
            if kind == "award":
                flow.earned += points
                self.earned += points
            elif kind == "burn":
                self._redeem(points)
            elif kind in ("claw_back", "overdraft"):
                flow.clawed_back += points
                self.taken += points
        for recovery in verdict.recoveries:
            flow.shortfall += recovery.shortfall
        if verdict.move is not None:
            self._stand(verdict.move)

    def _stand(self, move: Move) -> None:
        assert self.month is not None
        self.replay.table.arrive(self.month, move.before, move.after)
        if move.step > 0:
            self.flow.tier_ups += 1
        elif move.step < 0:
            self.flow.tier_downs += 1
