"""Random programs, and worlds in which random lives are lived and everything is remembered."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from pointbook.engine.ledger.lots import Lot
from pointbook.engine.replay.member import Member
from pointbook.engine.replay.program import Program, Rate, compile_version
from pointbook.engine.replay.verdicts import Verdict
from pointbook.engine.replay.world import World
from pointbook.engine.rules.reading.blueprints import read_document
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import Fact
from tests.engine.replay.lives import START, Life, lives
from tests.engine.rules.documents import blueprints

DATED = ("birthday", "anniversary")


def compiled(document):
    """The program of one document, with prices of points."""
    rates = [Rate("2025-01", Decimal("0.8"))]
    return Program([compile_version(read_document(document))], rates=rates)


@st.composite
def programs_and_lives(draw, *, alone=False, dated=True, late=False, without=frozenset()):
    """A program's document and a life under it.

    `alone` leaves out budgets, which all members share; without `dated` no rule listens to what
    the days tell by themselves.
    """
    document = draw(blueprints())
    for rule in document["earn"]:
        if alone:
            rule.pop("budget", None)
        if not dated and rule["on"] in DATED:
            rule["on"] = "review"
    return document, draw(lives(read_document(document), late=late, without=without))


class Watched(World):
    """A world that remembers what was said of every fact, in order, and what was refused.

    `heard` are the verdicts, with those of made facts and of what the days told; `lots` is every
    lot that there ever was, with its owner.
    """

    def __init__(self, program):
        super().__init__(program)
        self.heard: list[Verdict] = []
        self.refused: dict[str, PointbookError] = {}
        self.lots: list[tuple[str, Lot]] = []

    def live(self, life: Life, *, daily=True, until: datetime | None = None):
        """Everybody joins and everything happens; daily jobs run on the way or at the end."""
        self.gather(life)
        for one in life.happenings:
            if daily:
                self.pass_to(one.at)
            self.tell(one.fact, at=one.at)
        self.pass_to(life.ends_at if until is None else until)
        return self

    def gather(self, life: Life):
        """Let everybody join, and the days begin."""
        self.pass_to(START)
        for person in life.people:
            self.join(person.name, at=person.joined_at, birthday=person.birthday)

    def tell(self, fact: Fact, *, at: datetime):
        """Post a fact; strangers are met as the program says."""
        policy = self.program.version_at(at).blueprint.unknown_members
        strange = fact.member is not None and self.become(fact.member) not in self.members
        if strange and policy == "refuse":
            self.refused[fact.id] = PointbookError(f"there is no member {fact.member!r}")
            return
        if strange and policy == "keep":
            fact = replace(fact, member=None)
        try:
            self.post(fact)
        except PointbookError as error:
            self.refused[fact.id] = error

    def post(self, fact: Fact) -> list[Verdict]:
        """Post a fact and remember."""
        verdicts = super().post(fact)
        self.heard += verdicts
        for verdict in verdicts:
            owner = verdict.fact.member or ""
            self.lots += [(owner, one.lot) for one in verdict.transfers if one.lot is not None]
        return verdicts


def shown(lot: Lot) -> tuple[Any, ...]:
    """Everything that a lot says of itself."""
    return (
        *(lot.fact, lot.rule, lot.unit, lot.earned_at, lot.starts_at, lot.expires_at),
        *(lot.points, lot.remaining, lot.allocated, lot.base, lot.due, lot.drawn_back),
    )


def held(member: Member, program: Program) -> Mapping[str, Any]:
    """Everything that is known of a member."""
    wallets = {
        unit: (wallet.debt, wallet.receivable, [shown(lot) for lot in wallet.lots])
        for unit, wallet in member.wallets.items()
        if wallet.debt or wallet.lots
    }
    return {"wallets": wallets, "kept": member.dump(program)}


def moved(verdict: Verdict) -> tuple[Any, ...]:
    """What a verdict says, without whose lots they are."""
    return (
        verdict.fact.id,
        list(verdict.reasons),
        [(one.kind, one.unit, one.points, one.at, one.settled) for one in verdict.transfers],
        list(verdict.moves),
    )
