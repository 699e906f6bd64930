"""A story played through the database: posted, expired and reviewed like a program's own days.

Each play makes a program of its own, so that many stories share one database, and leaves it there.
Everything told afterwards is read back from the tables. Raises BlueprintErrors for a program that
cannot be published.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from pointbook.controls.actors import SYSTEM
from pointbook.earning.operations import ingest, publish
from pointbook.earning.operations.days import set_clock
from pointbook.earning.orders import Wish, evaluate_order
from pointbook.earning.receipts import receipts
from pointbook.earning.states import states_of
from pointbook.engine.ledger.holds import Hold
from pointbook.engine.replay.playing import (
    benefits_left,
    end_on,
    given,
    held_of,
    redemptions_of,
)
from pointbook.engine.replay.scenes import Evaluating, Person, Story
from pointbook.engine.replay.story_evaluations import evaluation_of
from pointbook.engine.replay.transcripts import Came, Evaluation, Figures, Holding, OpenLot, Place
from pointbook.engine.values import people
from pointbook.engine.values.calendar import day_of
from pointbook.engine.values.facts import Fact
from pointbook.ledger import queries as ledger
from pointbook.members.operations import enrol_person
from pointbook.members.queries import member_ids, resolve
from pointbook.programs.queries import compiled
from pointbook.programs.queries import program as find_program
from pointbook.redemption.operations.shelving import Wanted, read_shelves
from pointbook.redemption.operations.supplying import import_codes
from pointbook.tiers.queries import standings

LONGEST_CODE = 40


class DatabaseStage:
    """The stage of one story: a program of its own on a test clock."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.zone = story.zone
        self.at = story.starts_at
        self.names: dict[str, str] = {}
        self.posted: list[ledger.Key] = []
        self.codes = dict(story.codes)
        ending = f"-{uuid.uuid4().hex[:12]}"
        first = story.editions[0].blueprint
        self.code = first.code[: LONGEST_CODE - len(ending)] + ending
        for edition in story.editions:
            document = _document(edition.document, self.code)
            publish(document=document, actor=SYSTEM, from_on=edition.from_on)
        self.program_id = find_program(self.code).id

    def pass_to(self, at: datetime) -> None:
        """Move the test clock, a day at a time."""
        set_clock(program=self.code, at=at, actor=SYSTEM)
        self.at = at
        while self.codes:
            reward, count = self.codes.popitem()
            codes = [f"{reward}-{place}" for place in range(count)]
            import_codes(program_id=self.program_id, reward=reward, codes=codes, actor=SYSTEM)

    def join(self, person: Person) -> None:
        """Enrol somebody, as of when they joined."""
        enrol_person(
            program_id=self.program_id,
            person=people.Person(member=person.name, birthday=person.birthday),
            at=person.joined_at,
        )
        self._learn()

    def post(self, fact: Fact) -> str:
        """Ingest a fact; why it was refused."""
        (outcome,) = ingest(program=self.code, facts=[fact], actor=SYSTEM)
        self._learn()
        if outcome.error is not None:
            return self._named(str(outcome.error))
        self.posted.append((fact.source, fact.id))
        return ""

    def look(self, member: str) -> Holding:
        """What a member holds now, by the tables."""
        own = resolve(self.program_id, [member]).get(member)
        if own is None:
            return Holding()
        holds = self._holds(own)
        figures: dict[str, Figures] = {}
        lots: list[OpenLot] = []
        for unit in self.story.units:
            usable = ledger.open_lots(own, unit=unit, at=self.at)
            waiting = ledger.pending_lots(own, unit=unit, at=self.at)
            figures[unit] = Figures(
                usable=sum(lot.remaining for lot in usable),
                pending=sum(lot.remaining for lot in waiting),
                owed=ledger.owed(own, unit=unit),
                held=held_of(holds, unit),
            )
            lots += self._lots(unit, usable, pending=False)
            lots += self._lots(unit, waiting, pending=True)
        redemptions = {self._named(key): one for key, one in redemptions_of(holds).items()}
        return Holding(
            figures, self._places(own), tuple(sorted(lots)), self._benefits(own), redemptions
        )

    def left(self, reward: str, slot: str) -> int | None:
        """How many are left of a reward, or of one of its slots, by the tables."""
        found = compiled(self.program_id).version_at(self.at).rewards.get(reward)
        if found is None:
            return None
        wanted = [Wanted(found.reward, slot, self.at)]
        shelves = read_shelves(program_id=self.program_id, zone=self.zone, wanted=wanted)
        return shelves.left(found.reward, slot, self.at)

    def evaluate(self, asked: Evaluating) -> Evaluation:
        """What an order is evaluated to now, by the tables."""
        wish = Wish(claims=asked.claims, points=asked.points, stored=asked.stored)
        found = evaluate_order(self.code, asked.order, wish=wish)
        return evaluation_of(found.settlement, [offer for offer, _ in found.offers])

    def told(self) -> Mapping[str, Came]:
        """What became of every fact of the program."""
        keys = [*dict.fromkeys([*self.posted, *self._keys(member_ids(self.program_id))])]
        return {
            self._named(own): Came(tuple(map(given, receipt.reasons)))
            for (_, own), receipt in receipts(program_id=self.program_id, keys=keys).items()
        }

    def _keys(self, members: Iterable[uuid.UUID]) -> list[ledger.Key]:
        """The keys of all facts of members."""
        rows = ledger.facts([fact.id for fact in ledger.posted_facts([*members])])
        return [(row.source, row.key) for row in rows.values()]

    def _holds(self, member: uuid.UUID) -> list[Hold]:
        """Every hold that the member ever had."""
        keys = self._keys([member])
        found = ledger.holds(self.program_id, members=[member], keys=keys, lots={})
        return [hold for own, hold in found if own == member]

    def _lots(self, unit: str, lots: Iterable[ledger.OpenLot], *, pending: bool) -> list[OpenLot]:
        return [
            OpenLot(
                unit=unit,
                expires=self._end(lot.expires_at) or date.max,
                earned=end_on(lot.earned_at, zone=self.zone),
                points=lot.remaining,
                pending=pending,
            )
            for lot in lots
        ]

    def _end(self, at: datetime | None) -> date | None:
        return None if at is None else end_on(at, zone=self.zone)

    def _places(self, member: uuid.UUID) -> dict[str, Place]:
        places = {}
        for ladder in self.story.blueprint_on(day_of(self.at, self.zone)).ladders:
            latest = next(iter(standings(member, ladder=ladder.code)), None)
            places[ladder.code] = (
                Place(ladder.ladder[0].code)
                if latest is None
                else Place(latest.tier, self._end(latest.until))
            )
        return places

    def _benefits(self, member: uuid.UUID) -> dict[str, int]:
        program = compiled(self.program_id)
        states = states_of(
            program_id=self.program_id, program=program, members=[member], wallets={}
        )
        return benefits_left(states[member], version=program.version_at(self.at), at=self.at)

    def _learn(self) -> None:
        """Remember who is who: a member that is merged into another keeps the name it had."""
        for name, own in resolve(self.program_id, self.story.members).items():
            self.names.setdefault(str(own), name)

    def _named(self, text: str) -> str:
        """A text with the story's names in place of members' random ids."""
        for own, name in self.names.items():
            text = text.replace(own, name)
        return text


def _document(document: Mapping[str, object], code: str) -> str:
    """A blueprint as text (JSON is YAML) under another code."""
    program = document["program"]
    assert isinstance(program, dict), "the document was read before"
    return json.dumps({**document, "program": {**program, "code": code}}, ensure_ascii=False)
