"""What a program would have done: facts folded member by member, in order of occurrence.

`fold` is a what-if: it expires points when their time comes, burns as the behaviour says at each
month's end, and goes on after the last fact until nothing can change any more. Members who touch
each other (referrals, gifts, households, merges) are folded together, all others one by one. A fact
that is refused live is refused here too and counted in `refused`. Nothing here raises otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from operator import attrgetter, lt

from pointbook.engine.ledger.lots import FOREVER, Lot
from pointbook.engine.replay.cases import Others, pass_time
from pointbook.engine.replay.handing import drawn_from
from pointbook.engine.replay.heirs import follows
from pointbook.engine.replay.judging import judge
from pointbook.engine.replay.links import LINKS, groups, linked_to
from pointbook.engine.replay.member import Budgets, Member
from pointbook.engine.replay.months import Month, Table
from pointbook.engine.replay.program import Program
from pointbook.engine.replay.redeeming import automatic, automatic_fact, ended
from pointbook.engine.replay.verdicts import Verdict
from pointbook.engine.replay.world import Counter
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
    """Fold facts under a program; the table counts the points of its first unit.

    A return that names no member belongs to the member of the purchase it returns.
    `last_data` (first day of a month) is the month of the last fact of the whole population when
    `facts` are only a part of it. `listener` is told every verdict, with its reasons.
    """
    by_member: defaultdict[str, list[Fact]] = defaultdict(list)
    unclaimed = []
    linking: list[tuple[str, Fact]] = []
    for fact in facts:
        member = fact.member
        if member is not None:
            by_member[member].append(fact)
            if fact.type in LINKS:
                linking.append((member, fact))
        elif fact.refers is not None:
            unclaimed.append(fact)
    if unclaimed:
        linking += _claim(unclaimed, by_member)
    if last_data is None:
        latest = max((group[-1].occurred_at for group in _sorted(by_member)), default=None)
        last_data = date.min if latest is None else first_of_month(latest, program.zone)
    else:
        _sorted(by_member)
    ladder = program.versions[-1].ladder
    replay = Replay(tiers=() if ladder is None else ladder.codes, last_data=last_data)
    population = _Population(program, behaviour, replay, listener)
    pairs = [(name, other) for name, fact in linking if (other := linked_to(fact)) is not None]
    for names in groups(by_member, pairs, together=program.shared):
        population.fold(names, by_member)
    return replay


def _claim(facts: Iterable[Fact], by_member: dict[str, list[Fact]]) -> Iterator[tuple[str, Fact]]:
    """Give facts to the members of those they refer to; answers whose each is."""
    owners = {
        (fact.source, fact.id): member for member, group in by_member.items() for fact in group
    }
    for fact in facts:
        assert fact.refers is not None
        owner = owners.get(fact.refers)
        if owner is not None:
            by_member[owner].append(fact)
            yield owner, fact


def _sorted(by_member: dict[str, list[Fact]]) -> Iterable[list[Fact]]:
    for group in by_member.values():
        times = [fact.occurred_at for fact in group]
        # Most come in order, and to see that is ten times faster than to sort them.
        if not all(map(lt, times, times[1:])):
            group.sort(key=attrgetter("occurred_at", "id"))
    return by_member.values()


class _Population:
    """Members being folded, those who touch each other at one time."""

    def __init__(
        self,
        program: Program,
        behaviour: Behaviour | None,
        replay: Replay,
        listener: Listener | None,
    ) -> None:
        self.program = program
        self.behaviour = behaviour
        self.replay = replay
        self.listener = listener
        self.lives: dict[str, _Life] = {}
        self.budgets = Counter() if program.shared else None

    def fold(self, names: Sequence[str], by_member: dict[str, list[Fact]]) -> None:
        """Fold members who touch each other, in order of occurrence."""
        self.lives = {name: self._born(name) for name in names}
        if len(names) == 1:
            self._alone(self.lives[names[0]], by_member[names[0]])
        else:
            facts = [(fact, name) for name in names for fact in by_member.get(name, ())]
            facts.sort(key=lambda one: (one[0].occurred_at, one[0].id))
            for fact, name in facts:
                self._meet(self.lives[name], fact)
        for life in self.lives.values():
            if life.month is not None:
                self.replay.members.append(life.end())

    def _alone(self, life: _Life, facts: Iterable[Fact]) -> None:
        """Fold a member who touches nobody: nearly all there are."""
        if self.program.linked:
            for fact in facts:
                self._meet(life, fact)
            return
        listener, other = self.listener, self._other
        for fact in facts:
            verdict = life.meet(fact, (), other)
            if verdict is None:
                continue
            if listener is not None:
                listener(verdict)
            if verdict.spawned:
                self._make(verdict)

    def _born(self, name: str) -> _Life:
        return _Life(self.program, self.behaviour, self.replay, name, self.budgets)

    def _meet(self, life: _Life, fact: Fact, origins: Sequence[Lot] = ()) -> None:
        """Judge a fact of a life, and the facts it makes."""
        life = self._whose(life, fact)
        if self.program.linked and fact.member != life.name:
            fact = replace(fact, member=life.name)
        verdict = life.meet(fact, origins, self._other)
        if verdict is None:
            return
        if self.listener is not None:
            self.listener(verdict)
        if verdict.spawned:
            self._make(verdict)

    def _make(self, verdict: Verdict) -> None:
        for made in verdict.spawned:
            self._meet(self._life(made.fact.member or ""), made.fact, made.origins)

    def _whose(self, life: _Life, fact: Fact) -> _Life:
        """The life for which a fact is judged: whom it names now, or whose order it is about."""
        if fact.type == "merged":
            return life
        life = self._now(life)
        version, refers = self.program.version_at(fact.occurred_at), fact.refers
        if refers is not None and refers not in life.state.records and follows(fact, version):
            for other in self.lives.values():
                if refers in other.state.records and self._now(other) is life:
                    return other
        while head := drawn_from(version, life.state, fact):
            life = self._now(self._life(head))
        return life

    def _now(self, life: _Life) -> _Life:
        while life.state.merged_into:
            life = self._life(life.state.merged_into)
        return life

    def _life(self, name: str) -> _Life:
        life = self.lives.get(name)
        if life is None:
            life = self.lives[name] = self._born(name)
        return life

    def _other(self, name: str) -> Member | None:
        life = self.lives.get(name)
        return None if life is None else life.state


class _Life:
    """One member's fold: state, month sums and the totals up to the last data month."""

    def __init__(
        self,
        program: Program,
        behaviour: Behaviour | None,
        replay: Replay,
        member: str,
        budgets: Budgets | None,
    ) -> None:
        self.program = program
        self.habits = () if behaviour is None else behaviour.burns
        self.replay = replay
        self.name = member
        self.budgets = budgets
        self.state = Member()
        self.unit = program.unit
        self.ladder = program.ladder
        self.zone: tzinfo = program.zone
        self.month: date | None = None
        self.month_ends = FOREVER
        self.active = False
        self.burned_in: date | None = None
        self.baskets = self.spend = self.earned = self.redeemed = self.expired = self.taken = 0

    def meet(self, fact: Fact, origins: Sequence[Lot], others: Others) -> Verdict | None:
        """Judge one fact and count what it did; None when it was refused."""
        at = fact.occurred_at
        if self.month is None:
            self._begin(first_of_month(at, self.zone))
            self.state.joined_at = at
            self.replay.table.flows[self.month].enrolled += 1  # type: ignore[index]
        elif at >= self.month_ends:
            while at >= self.month_ends:
                self._month_end()
        if self.state.holds:
            self._end_holds(at)
        try:
            verdict = judge(
                self.program,
                self.state,
                fact,
                budgets=self.budgets,
                origins=origins,
                others=others,
            )
        except PointbookError:
            self.replay.refused += 1
            return None
        if self.program.re_evaluates and fact.type == "purchase":
            self.state.later.append(fact)
        self._count(fact, verdict)
        return verdict

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
            tier=self._tier(),
        )

    def _tier(self) -> str:
        standing = self.state.standings.get(self.ladder)
        first = next(iter(self.replay.tiers), "")
        return first if standing is None else standing.tier or first

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
        if self.state.holds:
            self._end_holds(at)
        if self.program.tiered:
            pass_time(self.program, self.state, at)
            for move in self.state.unposted:
                self._stand(move)
            self.state.unposted.clear()
            self.state.shifted.clear()
        for habit in self.habits:
            wallet = self.state.wallets.get(habit.unit)
            held = 0 if wallet is None else wallet.available(at)
            points = held // habit.step * habit.step
            if wallet is not None and points and held >= habit.threshold:
                wallet.draw(points, at=at)
                if habit.unit == self.unit:
                    self._redeem(points)
        self._burn_by_itself(self.month_ends)
        self._begin(next_month(self.month))

    def _end_holds(self, at: datetime) -> None:
        """Let go what was reserved and not captured in time."""
        for fact in ended(self.state, at, name=self.name):
            self._count(fact, judge(self.program, self.state, fact))

    def _burn_by_itself(self, at: datetime) -> None:
        """Automatic burns: a fold lives from month to month, so those of every day run there."""
        version = self.program.version_at(at)
        for one in automatic(version, at):
            reward = next(own for own in version.blueprint.rewards if own.code == one.reward)
            wallet = self.state.wallets.get(reward.unit)
            held = 0 if wallet is None else wallet.available(at)
            if held < one.least or one.unless in self.state.segments:
                continue
            fact = automatic_fact(one, reward, member=self.name, at=at)
            with suppress(PointbookError):
                self._count(fact, judge(self.program, self.state, fact))

    def _can_change(self) -> bool:
        """Whether time alone can still move points: habits took all they can at the month's end."""
        return any(wallet.next_expiry < FOREVER for wallet in self.state.wallets.values())

    def _expire(self, at: datetime) -> None:
        for unit, wallet in self.state.wallets.items():
            if at < wallet.next_expiry:
                continue
            points = sum(draw.points for draw in wallet.expire(at))
            if points and unit == self.unit:
                self.flow.expired += points
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
            if transfer.unit != self.unit:
                continue
            if transfer.kind == "award":
                self.earned += transfer.points
                flow.earned += transfer.points
            else:
                self._move(transfer.kind, transfer.points)
        for recovery in verdict.recoveries:
            if recovery.lot.unit == self.unit:
                flow.shortfall += recovery.shortfall
        for move in verdict.moves:
            self._stand(move)

    def _move(self, kind: str, points: int) -> None:
        """Count a transfer; what moves between members is nothing to the program as a whole."""
        flow = self.flow
        if kind in ("award", "transfer_in"):
            self.earned += points
            if kind == "award":
                flow.earned += points
        elif kind in ("burn", "capture"):
            self._redeem(points)
        elif kind == "refund":
            flow.redeemed -= points
            self.redeemed -= points
        elif kind == "reinstatement":
            flow.expired -= points
            self.expired -= points
        elif kind == "lapse":
            flow.expired += points
            self.expired += points
        elif kind in ("claw_back", "overdraft", "deduction"):
            flow.clawed_back += points
            self.taken += points
        elif kind == "transfer_out":
            self.taken += points

    def _stand(self, move: Move) -> None:
        assert self.month is not None
        if move.ladder not in ("", self.ladder) or move.before == move.after:
            return
        self.replay.table.arrive(self.month, move.before, move.after)
        if move.step > 0:
            self.flow.tier_ups += 1
        elif move.step < 0:
            self.flow.tier_downs += 1
