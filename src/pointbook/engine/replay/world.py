"""A small world of members that lives through days: facts come, daily jobs run, time passes.

What the database does with tables, a World does in memory: it finds the member of a fact, judges
it and the facts it makes, and runs the jobs of every midnight. Raises what `judge` raises; nothing
has changed then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from pointbook.engine.ledger.lots import Draw
from pointbook.engine.replay.cases import pass_time, refuse
from pointbook.engine.replay.handing import drawn_from
from pointbook.engine.replay.heirs import follows
from pointbook.engine.replay.judging import KINDS, judge
from pointbook.engine.replay.member import Key, Member
from pointbook.engine.replay.program import Program
from pointbook.engine.replay.redeeming import SETTLING, automatic, automatic_fact, ended, unknown
from pointbook.engine.replay.shelves import Stock
from pointbook.engine.replay.verdicts import MAKER, Verdict
from pointbook.engine.rules.tiers import Move
from pointbook.engine.values.calendar import anniversary, day_of, midnight
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import Fact, FactError

ONE_DAY: Final = timedelta(days=1)
# Facts by which an order comes back.
RETURNING: Final = frozenset({"return", "cancel", "payment_expired"})
# Facts of the engine's own types that are nothing without a member.
PERSONAL: Final = KINDS.keys() - {"purchase", *RETURNING}


@dataclass(frozen=True, slots=True)
class Expired:
    """Points that left a member's lot at its end."""

    member: str
    unit: str
    draw: Draw


class Counter:
    """Budgets counted in memory: what all members were given of each, by rule and span."""

    def __init__(self) -> None:
        self.used: dict[tuple[str, str], int] = {}

    def take(self, rule: str, span: str, most: int, asked: int, /) -> int:
        """Take up to `asked` points of what is left of `most`."""
        used = self.used.get((rule, span), 0)
        granted = max(0, min(asked, most - used))
        self.used[rule, span] = used + granted
        return granted


class World:
    """The members of a program by name, and the time up to which the daily jobs have run."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.members: dict[str, Member] = {}
        self.birthdays: dict[str, date] = {}
        self.owners: dict[Key, str] = {}
        self.kept: dict[Key, Fact] = {}
        self.expired: list[Expired] = []
        self.moves: list[tuple[str, Move]] = []
        self.budgets = Counter()
        self.shelves = Stock(program.zone)
        self.day: date | None = None

    def join(self, name: str, *, at: datetime, birthday: date | None = None) -> None:
        """Enrol a member; whoever is named by a fact first joins with it."""
        self.member(name, at=at)
        if birthday is not None:
            self.birthdays[name] = birthday

    def member(self, name: str, *, at: datetime | None = None) -> Member:
        """The member of a name, enrolled at `at` when there was none."""
        name = self.become(name)
        member = self.members.get(name)
        if member is None:
            member = self.members[name] = Member(joined_at=at)
        return member

    def become(self, name: str) -> str:
        """Who a name stands for now: a merged member is the one they became."""
        known = self.members.get(name)
        while known is not None and known.merged_into:
            name = known.merged_into
            known = self.members.get(name)
        return name

    def post(self, fact: Fact) -> list[Verdict]:
        """Judge a fact and those it makes, in order; a fact of nobody is kept.

        :raises PointbookError: what `judge` raises for the fact itself.
        """
        if self.day is None:
            self.day = day_of(fact.occurred_at, self.program.zone)
        fact = self._claimed(fact)
        name = self._owner(fact)
        if name is None:
            if fact.type in SETTLING:
                raise unknown(fact)
            if fact.type in PERSONAL:
                raise FactError("the fact names no member", field="member", mend="Send the member.")
            self.kept[fact.source, fact.id] = fact
            return [Verdict(fact, self.program.version_at(fact.occurred_at).number)]
        return list(self._judged(replace(fact, member=name)))

    def _judged(self, fact: Fact, origins: tuple[object, ...] = ()) -> Iterator[Verdict]:
        name = fact.member or ""
        verdict = judge(
            self.program,
            self.members.get(name) or self.member(name, at=fact.occurred_at),
            fact,
            budgets=self.budgets,
            origins=origins,  # type: ignore[arg-type]
            others=self.members.get,
            shelves=self.shelves,
        )
        self.owners[fact.source, fact.id] = name
        if self.program.re_evaluates and fact.type == "purchase":
            self.members[name].later.append(verdict.fact)
        self.moves += [(name, move) for move in verdict.moves]
        self._put_off(verdict)
        yield verdict
        for one in verdict.spawned:
            own = replace(one.fact, member=self._owner(one.fact))
            yield from self._judged(own, tuple(one.origins))

    def _put_off(self, verdict: Verdict) -> None:
        """Note what must happen first to a reward that was reserved."""
        rewards = self.program.version_at(verdict.fact.occurred_at).rewards
        for step in verdict.steps:
            reward = rewards.get(step.hold.reward)
            if step.what != "reserved" or reward is None:
                continue
            if step.hold.review:
                self.shelves.waiting[step.hold.key] = "review"
            elif reward.reward.confirm and verdict.fact.type == "reserve":
                self.shelves.waiting[step.hold.key] = "confirm"

    def _owner(self, fact: Fact) -> str | None:
        """Whose fact it is: whom it names, who bought what it is about, or who keeps the points."""
        name = fact.member
        if fact.type == "merged":
            return name
        whose = None if fact.refers is None else self.owners.get(fact.refers)
        version = self.program.version_at(fact.occurred_at)
        if whose is not None and follows(fact, version):
            if name is None or self.become(name) == self.become(whose):
                return whose
        elif name is None:
            name = whose
        if name is None:
            return None
        head = name = self.become(name)
        while head in self.members:
            name, head = head, self.become(drawn_from(version, self.members[head], fact))
        return name

    def _claimed(self, fact: Fact) -> Fact:
        """A claim carries what the kept purchase said, at the purchase's own time."""
        if fact.type != "claim" or fact.about is None:
            return fact
        key = fact.about
        if key in self.owners:
            raise refuse(
                "the purchase already has its points",
                field="about",
                value=fact.about.id,
                mend="Nothing is left to do.",
            )
        kept = self.kept.get(key)
        if kept is None:
            raise refuse(
                "there is no such purchase",
                field="about",
                value=fact.about.id,
                mend="Send the source and id of a purchase that nobody has.",
            )
        if any(one.refers == key and one.type in RETURNING for one in self.kept.values()):
            raise refuse(
                "the purchase came back, or a part of it",
                field="about",
                value=fact.about.id,
                mend="Give points by hand for what was kept of it.",
            )
        self.owners[key] = fact.member or ""
        return claim_of(fact, kept)

    def pass_to(self, at: datetime) -> None:
        """Let time pass up to `at`: the jobs of every midnight on the way run at it."""
        zone = self.program.zone
        last = day_of(at, zone)
        if self.day is None:
            self.day = last
        while self.day < last:
            self.day += ONE_DAY
            self._jobs(midnight(self.day, zone))
        self._settle(at)

    def _jobs(self, at: datetime) -> None:
        self._settle(at)
        for fact in self._dates(at):
            self.post(fact)
        self._burn_by_themselves(at)

    def _burn_by_themselves(self, at: datetime) -> None:
        """Automatic burns, last of all at a midnight; what the terms refuse is left out."""
        version = self.program.version_at(at)
        for one in automatic(version, at):
            reward = next(own for own in version.blueprint.rewards if own.code == one.reward)
            for name, member in sorted(self.members.items()):
                wallet = member.wallets.get(reward.unit)
                held = 0 if wallet is None else wallet.available(at)
                if held < one.least or one.unless in member.segments:
                    continue
                with suppress(PointbookError):
                    self.post(automatic_fact(one, reward, member=name, at=at))

    def _settle(self, at: datetime) -> None:
        """Expire what has ended, end holds, then judge what time alone changes."""
        for name, member in sorted(self.members.items()):
            for unit, wallet in member.wallets.items():
                self.expired += [Expired(name, unit, draw) for draw in wallet.expire(at)]
            for fact in ended(member, at, name=name):
                self.post(fact)
            before = len(member.unposted)
            pass_time(self.program, member, at)
            self.moves += [(name, move) for move in member.unposted[before:]]
            member.unposted.clear()
            member.shifted.clear()

    def _dates(self, at: datetime) -> list[Fact]:
        """The facts of birthdays and anniversaries of the day that begins at `at`."""
        zone = self.program.zone
        day = day_of(at, zone)
        wanted = self.program.version_at(at).judges
        found = []
        for name, member in sorted(self.members.items()):
            if member.merged_into:
                continue
            born = self.birthdays.get(name)
            if born is not None and "birthday" in wanted and anniversary(born, day.year) == day:
                found.append(dated_fact("birthday", name, at=at, year=day.year))
            joined = member.joined_at
            if joined is None or "anniversary" not in wanted:
                continue
            since = day_of(joined, zone)
            if since < day and anniversary(since, day.year) == day:
                found.append(dated_fact("anniversary", name, at=at, year=day.year))
        return found


def kept_for_nobody(fact: Fact) -> bool:
    """Whether a stranger's fact may be kept until somebody claims the purchase it is or names.

    What only a member can do or be told is for members.
    """
    if fact.type in RETURNING or fact.type == "purchase":
        return True
    return fact.refers is not None and fact.type not in KINDS


def dated_fact(kind: str, member: str, *, at: datetime, year: int) -> Fact:
    """The fact of a birthday or an anniversary: one a year for each member."""
    return Fact(
        source=MAKER,
        id=f"{kind}:{member}:{year}",
        type=kind,
        occurred_at=at,
        member=member,
    )


def claim_of(fact: Fact, kept: Fact) -> Fact:
    """A claim with what the purchase said that it claims, dated like it."""
    return replace(
        fact,
        occurred_at=kept.occurred_at,
        store=kept.store,
        channel=kept.channel,
        currency=kept.currency,
        total=kept.total,
        tax=kept.tax,
        delivery=kept.delivery,
        tenders=kept.tenders,
        coupons=kept.coupons,
        lines=kept.lines,
        attributes={**kept.attributes, **fact.attributes},
        simulated=kept.simulated,
    )
