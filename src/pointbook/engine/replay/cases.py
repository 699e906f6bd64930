"""One fact on its way through the engine: what it is judged by, and what it has done so far.

The parts of `judging` write into a Case; a Verdict is made of it at the end. Raises nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol

from pointbook.engine.ledger.expiry import Term
from pointbook.engine.ledger.holds import Hold
from pointbook.engine.ledger.lots import Lot, Shift
from pointbook.engine.ledger.transfers import Transfer
from pointbook.engine.replay.lifetimes import end_in_tier
from pointbook.engine.replay.member import Budgets, Key, Member, MemberRoom, Record
from pointbook.engine.replay.program import Program, Version
from pointbook.engine.replay.verdicts import Made, Recovery, Step
from pointbook.engine.rules.catalogue import Reward
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.spans import Each
from pointbook.engine.rules.tiers import Move
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import Fact


class Shelves(Protocol):
    """What all members share of rewards: stock, places, codes, totals, and who must look first."""

    def left(self, reward: Reward, slot: str, at: datetime, /) -> int | None:
        """How many are left at an instant; None for any number."""

    def take(self, hold: Hold, reward: Reward, /) -> None:
        """Take what a hold is for; it is there."""

    def put_back(self, hold: Hold, reward: Reward, /) -> None:
        """Put back what was taken for a hold."""

    def waits_for(self, key: Key, /) -> str:
        """What must happen before a hold may be captured: confirm, review; '' for nothing."""


TICK: Final = timedelta.resolution
# Another member by reference, for checks only; None where members are folded one by one.
Others = Callable[[str], Member | None]


class FactRefused(PointbookError):
    """The rules of the program do not allow this fact."""

    status = 422


@dataclass(slots=True)
class Passing:
    """What is asked of another member, who keeps the points: see `heirs`.

    `lots` are the awards behind what is `asked`, in order, where they are known.
    """

    heir: str
    asked: list[dict[str, Any]] = field(default_factory=list)
    refund: dict[str, Any] = field(default_factory=dict)
    released: list[dict[str, Any]] = field(default_factory=list)
    booked: list[list[object]] = field(default_factory=list)
    counted: list[list[object]] = field(default_factory=list)
    used: list[list[object]] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)


class Case:
    """A fact being judged for a member; lists hold what it did so far. `at` is when it occurred.

    `origins` are the lots behind points that another member handed over, where they are known.
    `record` is what the fact leaves for later ones, `passing` what is asked of another member.
    """

    # One is made for every fact: written by hand it takes half the time of a dataclass.
    __slots__ = (
        *("_room", "at", "budgets", "fact", "member", "origins", "others", "program", "reasons"),
        *("passing", "record", "recoveries", "shelves", "shifts", "spawned", "steps", "transfers"),
        "version",
    )

    def __init__(
        self,
        program: Program,
        version: Version,
        member: Member,
        fact: Fact,
        budgets: Budgets | None = None,
        origins: Sequence[Lot] = (),
        others: Others | None = None,
        shelves: Shelves | None = None,
    ) -> None:
        self.program = program
        self.version = version
        self.member = member
        self.fact = fact
        self.at = fact.occurred_at
        self.budgets = budgets
        self.origins = origins
        self.others = others
        self.shelves = shelves
        self.steps: list[Step] = []
        self.reasons: Sequence[Reason] = ()
        self.transfers: list[Transfer] = []
        self.recoveries: list[Recovery] = []
        self.shifts: list[Shift] = []
        self.spawned: list[Made] = []
        self.record: Record | None = None
        self.passing: Passing | None = None
        self._room: MemberRoom | None = None

    @property
    def key(self) -> Key:
        """The key of the fact."""
        return self.fact.source, self.fact.id

    def term(self, version: Version, unit: str, at: datetime) -> Term:
        """The term of a unit's lots: of the member's country, or of the tier held just before."""
        terms = version.units[unit]
        if terms.expiry_by_country:
            country = str(self.member.profile.get("country", ""))
            own = version.terms_by_country.get((unit, country))
            if own is not None:
                return own
        if not terms.expiry_by_tier:
            return version.terms[unit]
        ladder = next(one for one in version.ladders if one.code == terms.ladder)
        standing = self.member.standings.get(ladder.code)
        tier = ladder.codes[0] if standing is None else ladder.tier_at(standing, at)
        return version.terms_by_tier.get((unit, tier)) or version.terms[unit]

    def pass_to(self, heir: str) -> Passing:
        """What is asked of an heir so far."""
        if self.passing is None:
            self.passing = Passing(heir)
        return self.passing

    @property
    def room(self) -> MemberRoom:
        """What may still be given to the member for this fact; few facts ask for it."""
        if self._room is None:
            self._room = self.room_at(self.at)
        return self._room

    def used(self, limit: str, each: Each) -> tuple[int, int]:
        """See `MemberRoom.used`: a case is the room in which its rules are judged."""
        return self.room.used(limit, each)

    def budget(self, rule: str, each: Each, asked: int) -> int:
        """See `MemberRoom.budget`."""
        return self.room.budget(rule, each, asked)

    def held(self, unit: str) -> int:
        """See `MemberRoom.held`."""
        return self.room.held(unit)

    def room_at(self, at: datetime) -> MemberRoom:
        """What may be given to the member in the spans of an instant."""
        return MemberRoom(self.member, version=self.version, at=at, budgets=self.budgets)


def refuse(message: str, *, field: str, value: object, mend: str) -> FactRefused:
    """The error of a fact that the rules do not allow."""
    return FactRefused(message, field=field, value=value, mend=mend)


def count_earned(case: Case, unit: str, points: int, *, at: datetime) -> None:
    """Count earned points for measures; negative when they were taken back."""
    count_amount(case, f"earned:{unit}", points, at=at)


def count_amount(case: Case, source: str, amount: int, *, at: datetime) -> None:
    """Count an amount where a measure asks for it; a merged member's is the other's."""
    if source not in case.program.sources:
        return
    case.member.histories.add(source, at=at, amount=amount)
    if case.member.merged_into:
        told = [source, at.isoformat(), amount]
        case.pass_to(case.member.merged_into).counted.append(told)


def reviewing(case: Case) -> Version:
    """The version that reviews the standings: that of the latest fact, when this one comes late."""
    if len(case.program.versions) == 1:
        return case.version
    judged = [one.last_at for one in case.member.standings.values() if one.last_at is not None]
    return case.program.version_at(max([case.at, *judged]))


def stand(case: Case, touched: AbstractSet[str] | None = None) -> None:
    """Judge the standings after what the fact counted: those that measure what was `touched`."""
    member, at = case.member, case.at
    for ladder in reviewing(case).ladders:
        if touched is not None and not touched & ladder.sources:
            continue
        standing = member.standings.get(ladder.code) or member.standing(ladder.code)
        moves = ladder.at_fact(standing, member.histories, at=at, joined_at=member.joined_at)
        if moves:
            moved(case.program, member, moves, at=at)


def moved(program: Program, member: Member, moves: Sequence[Move], *, at: datetime) -> None:
    """Note moves, and put off the ends of lots where the new tier has a longer term."""
    member.unposted += moves
    if not program.ends_by_tier:
        return
    for move in moves:
        end = partial(
            end_in_tier, program=program, member=member, ladder=move.ladder, tier=move.after
        )
        for wallet in member.wallets.values():
            member.shifted += wallet.slide(end, at=at)


def pass_time(program: Program, member: Member, at: datetime) -> None:
    """Judge what time alone changes up to `at`: ends of validity, floors and matches.

    What fell due while another version was in force is judged by that one.
    """
    versions = program.versions
    if len(versions) == 1:
        _pass(program, versions[0], member, at)
        return
    for place, version in enumerate(versions):
        until = at
        if place + 1 < len(versions):
            until = min(at, versions[place + 1].from_at - TICK)
        _pass(program, version, member, until)
        if until == at:
            return


def _pass(program: Program, version: Version, member: Member, at: datetime) -> None:
    for ladder in version.ladders:
        standing = member.standings.get(ladder.code)
        if standing is None or ladder.stands_still(standing):
            continue
        due = ladder.due_at(standing)
        if due is not None and due <= at:
            moves = ladder.pass_time(standing, member.histories, at=at, joined_at=member.joined_at)
            moved(program, member, moves, at=at)
