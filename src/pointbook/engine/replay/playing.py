"""A story played: its steps in order of time on any stage, and the engine's own stage.

A stage is where facts can be told and days can pass: the engine's world here, a database elsewhere.
The same steps are taken on each. Raises nothing for a fact that is refused: that is what came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from typing import Protocol

from pointbook.engine.ledger.holds import Hold
from pointbook.engine.ledger.lots import FOREVER
from pointbook.engine.replay.cases import Case
from pointbook.engine.replay.claiming import situation
from pointbook.engine.replay.links import linked_to
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.program import EVER, Program, Version, compile_version
from pointbook.engine.replay.scenes import Evaluating, Person, Story
from pointbook.engine.replay.story_evaluations import evaluation_of
from pointbook.engine.replay.transcripts import (
    Came,
    Evaluation,
    Figures,
    Given,
    Holding,
    OpenLot,
    Place,
    Redemption,
    Shelved,
    Transcript,
)
from pointbook.engine.replay.verdicts import Verdict
from pointbook.engine.replay.world import World, kept_for_nobody
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.rewards.combining import settle
from pointbook.engine.rules.rewards.offers import offers
from pointbook.engine.rules.tiers import Standing
from pointbook.engine.values.calendar import day_of, midnight
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import Fact


class Stage(Protocol):
    """Where a story is played; every call is at the instant that `pass_to` reached last."""

    def pass_to(self, at: datetime, /) -> None:
        """Let the days pass up to `at`, each with its daily jobs."""

    def join(self, person: Person, /) -> None:
        """Let somebody join, as of when they joined."""

    def post(self, fact: Fact, /) -> str:
        """Tell a fact; why it was refused, '' when it was not."""

    def look(self, member: str, /) -> Holding:
        """What a member holds now; nothing for who is not there."""

    def left(self, reward: str, slot: str, /) -> int | None:
        """How many are left of a reward, or of one of its slots; None for any number."""

    def evaluate(self, asked: Evaluating, /) -> Evaluation:
        """What an order is evaluated to now; nothing is posted."""

    def told(self) -> Mapping[str, Came]:
        """What became of every fact that was posted, also by the days and by other facts, by id."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is done at an instant: somebody joins, a fact is told, or an order is evaluated.

    When it `looks`, all members are looked at.
    """

    at: datetime
    person: Person | None = None
    fact: Fact | None = None
    asked: Evaluating | None = None
    looks: bool = False


def steps(story: Story) -> Iterator[Step]:
    """The steps of a story in order of time; at one instant who joins comes first, a look last."""
    found = [Step(story.starts_at)]
    for person in story.people:
        at = max(person.joined_at, story.starts_at)
        found.append(Step(at, person=person, fact=person.opening))
    found += _told(story)
    looks = {story.ends_at, *(one.at for one in story.checkpoints)}
    looks |= {one.at for one in story.stock}
    found += [Step(one.at, asked=one) for one in story.evaluated]
    found += [Step(at, looks=True) for at in looks]
    return iter(sorted(found, key=lambda step: step.at))


def _told(story: Story) -> Iterator[Step]:
    """The facts, and before each of them the joining of everybody whom none has named so far."""
    known = {person.name for person in story.people}
    for one in story.happenings:
        fact = one.fact
        if fact is not None:
            # Whose own fact it is joins by the program itself, where it enrols newcomers.
            blueprint = story.blueprint_on(day_of(one.arrives_at, story.zone))
            if fact.member is not None and blueprint.unknown_members == "enrol":
                known.add(fact.member)
            for name in (fact.member, linked_to(fact)):
                if name is not None and name not in known:
                    known.add(name)
                    person = Person(name, fact.occurred_at, None, None, one.line)
                    yield Step(one.arrives_at, person=person)
        yield Step(one.arrives_at, fact=fact)


def play(story: Story, *, stage: Stage) -> Transcript:
    """Play a story on a stage."""
    refused: dict[str, Came] = {}
    holdings: dict[tuple[str, datetime], Holding] = {}
    asked = dict.fromkeys((one.reward, one.slot) for one in story.stock)
    stock: dict[Shelved, int | None] = {}
    evaluated = []
    for step in steps(story):
        stage.pass_to(step.at)
        if step.person is not None:
            stage.join(step.person)
        if step.fact is not None and (refusal := stage.post(step.fact)):
            refused[step.fact.id] = Came(refused=refusal)
        if step.asked is not None:
            evaluated.append(stage.evaluate(step.asked))
        if step.looks:
            holdings |= {(name, step.at): stage.look(name) for name in story.members}
            stock |= {Shelved(*one, step.at): stage.left(*one) for one in asked}
    return Transcript({**stage.told(), **refused}, holdings, stock, tuple(evaluated))


class WorldStage:
    """The engine's own stage: a world in memory."""

    def __init__(self, story: Story) -> None:
        self.program = Program(
            [
                compile_version(
                    edition.blueprint,
                    number=number,
                    from_at=midnight(edition.from_on, story.zone) if edition.from_on else EVER,
                )
                for number, edition in enumerate(story.editions, 1)
            ]
        )
        self.world = _Heard(self.program)
        self.world.shelves.codes |= story.codes
        self.at = story.starts_at

    def pass_to(self, at: datetime) -> None:
        """Let the days pass up to `at`."""
        self.world.pass_to(at)
        self.at = at

    def join(self, person: Person) -> None:
        """Let somebody join, as of when they joined."""
        self.world.join(person.name, at=person.joined_at, birthday=person.birthday)

    def post(self, fact: Fact) -> str:
        """Tell a fact; why it was refused. A stranger's is refused or kept as the program says."""
        known = self.world.members
        strange = fact.member is not None and self.world.become(fact.member) not in known
        policy = self.program.version_at(self.at).blueprint.unknown_members
        if strange and policy != "enrol":
            if policy == "refuse" or not kept_for_nobody(fact):
                return f"there is no member {fact.member!r}. Enrol the member first."
            fact = replace(fact, member=None)
        try:
            self.world.post(fact)
        except PointbookError as error:
            return str(error)
        return ""

    def told(self) -> Mapping[str, Came]:
        """What became of every fact that was posted."""
        return self.world.heard

    def look(self, member: str) -> Holding:
        """What a member holds now."""
        found = self.world.members.get(self.world.become(member))
        if found is None:
            return Holding()
        return holding(found, version=self.program.version_at(self.at), at=self.at)

    def left(self, reward: str, slot: str) -> int | None:
        """How many are left of a reward, or of one of its slots."""
        found = self.program.version_at(self.at).rewards.get(reward)
        return None if found is None else self.world.shelves.left(found.reward, slot, self.at)

    def evaluate(self, asked: Evaluating) -> Evaluation:
        """What an order is evaluated to now."""
        order, shelves = asked.order, self.world.shelves
        name = self.world.become(order.member or "")
        member = self.world.members.get(name) or Member()
        version = self.program.version_at(self.at)
        case = Case(self.program, version, member, order, shelves=shelves)
        own = situation(self.program, version, member, fact=order, case=case)
        purse = self.world.members.get(self.world.become(member.head))
        if purse is not None:
            wallets = {unit: purse.wallet(unit, version) for unit in version.blueprint.pooled}
            pooled = {unit: wallet.available(self.at) for unit, wallet in wallets.items()}
            own = replace(own, usable={**own.usable, **pooled})
        settled = settle(own, asked.claims, points=asked.points, stored=asked.stored)
        return evaluation_of(settled, offers(own))


class _Heard(World):
    """A world that remembers what rules gave, for facts that the days make too."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.heard: dict[str, Came] = {}

    def post(self, fact: Fact) -> list[Verdict]:
        """Post a fact and listen."""
        verdicts = super().post(fact)
        for verdict in verdicts:
            self.heard[verdict.fact.id] = Came(tuple(map(given, verdict.reasons)))
        return verdicts


def given(reason: Reason) -> Given:
    """What a rule gave, without why."""
    return Given(reason.rule, reason.unit, reason.points)


def holding(member: Member, *, version: Version, at: datetime) -> Holding:
    """What a member of the engine holds at an instant up to which time was passed."""
    zone = version.zone
    wallets = member.wallets
    lots = [
        OpenLot(
            unit=unit,
            expires=end_on(lot.expires_at, zone=zone),
            earned=day_of(lot.earned_at, zone),
            points=lot.remaining,
            pending=lot.starts_at > at,
        )
        for unit, wallet in wallets.items()
        for lot in wallet.lots
        if lot.remaining and lot.expires_at > at
    ]
    places = {}
    for ladder in version.ladders:
        standing = member.standings.get(ladder.code, Standing())
        until = None if standing.until is None else end_on(standing.until, zone=zone)
        places[ladder.code] = Place(standing.tier or ladder.codes[0], until)
    return Holding(
        figures={
            unit: Figures(
                usable=wallet.available(at),
                pending=wallet.pending(at),
                owed=wallet.debt,
                held=held_of(member.holds.values(), unit),
            )
            for unit, wallet in wallets.items()
        },
        places=places,
        lots=tuple(sorted(lots)),
        benefits=benefits_left(member, version=version, at=at),
        redemptions=redemptions_of(member.holds.values()),
    )


def held_of(holds: Iterable[Hold], unit: str) -> int:
    """The points of a unit that open redemptions hold."""
    return sum(hold.points for hold in holds if hold.open and hold.unit == unit)


def redemptions_of(holds: Iterable[Hold]) -> dict[str, Redemption]:
    """What became of redemptions; points that were burned for no reward are none."""
    return {
        hold.key[1]: Redemption(
            reward=hold.reward,
            unit=hold.unit,
            state=hold.state,
            quantity=hold.quantity,
            slot=hold.slot,
            points=hold.points,
            captured=hold.captured,
            back=hold.back,
            amount=hold.amount,
        )
        for hold in holds
        if hold.reward or hold.capture != hold.key
    }


def benefits_left(member: Member, *, version: Version, at: datetime) -> dict[str, int]:
    """How often a member can have each benefit yet in the span of an instant."""
    return {
        benefit.code: ladder.benefit_left(
            member.standings.get(ladder.code, Standing()),
            benefit.code,
            at=at,
            joined_at=member.joined_at,
        )
        for ladder, terms in zip(version.ladders, version.blueprint.ladders, strict=True)
        for benefit in terms.benefits
    }


def end_on(end: datetime, *, zone: tzinfo) -> date:
    """The first day that begins at an end or after it; date.max for what never ends."""
    return date.max if end == FOREVER else day_of(end, zone)
