"""A member's working copy in a fold: wallets, standings, histories, and what rules may know.

What is not a lot is kept as one small document (`dump`, `Member.load`), so that a fold can be laid
down and taken up again. It holds random ids, amounts and dates; profiles are what `profile` facts
told. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol

from pointbook.engine.ledger.holds import Hold
from pointbook.engine.ledger.lots import Draw, Lot, Shift, Wallet
from pointbook.engine.ledger.transfers import PLAIN, Booked
from pointbook.engine.replay.program import Program, Version
from pointbook.engine.rules.blueprint import Limit, Measure
from pointbook.engine.rules.spans import Each
from pointbook.engine.rules.tiers import Move, Standing
from pointbook.engine.rules.tiers.measures import Histories
from pointbook.engine.rules.who import Who
from pointbook.engine.values.calendar import span_start
from pointbook.engine.values.facts import Fact

Key = tuple[str, str]
KEPT: Final = ("counts", "profile", "used", "head", "company", "merged_into", "bought")


class Budgets(Protocol):
    """What all members together may still be given by a rule."""

    def take(self, rule: str, span: str, most: int, asked: int, /) -> int:
        """Take up to `asked` points of the budget of `most` for a span; answers what was left."""


class Burned(NamedTuple):
    """A burn for an order: its key and unit, what it drew, and the points given back of it.

    `booked` is what it is in the books.
    """

    key: Key
    unit: str
    draws: tuple[Draw, ...]
    given_back: int = 0
    booked: Booked = PLAIN


@dataclass(slots=True)
class Record:
    """A fact that later ones may name: when, what is left of its spend and total, and its awards.

    `kept` and `total` are minor units that have not come back; `whole` is the total it began with.
    `head` is who was given the awards' points at once, `company` who was told of it.
    """

    at: datetime
    kept: int
    lots: list[Lot]
    type: str = "purchase"
    whole: int = 0
    total: int = 0
    burned: list[Burned] = field(default_factory=list)
    head: str = ""
    company: str = ""


@dataclass(slots=True)
class Invitation:
    """Who invited the member, when, and the purchases that counted for it, by their keys."""

    referrer: str
    at: datetime
    counted: list[list[str]] = field(default_factory=list)


class Member:
    """Everything a fold knows of one member.

    `used` counts points and times by limit and span; `active` is the last activity that put the
    ends of a unit's lots off. `head` and `company` are the members whose household or company this
    one belongs to. `unposted` and `shifted` are what time changed and no verdict has told yet.
    """

    __slots__ = (
        "active",
        "bought",
        "company",
        "counts",
        "head",
        "histories",
        "holds",
        "invited",
        "joined_at",
        "later",
        "merged_into",
        "profile",
        "records",
        "segments",
        "shifted",
        "standings",
        "unposted",
        "used",
        "waiting",
        "wallets",
    )

    def __init__(
        self, *, wallets: dict[str, Wallet] | None = None, joined_at: datetime | None = None
    ) -> None:
        self.wallets: dict[str, Wallet] = {} if wallets is None else wallets
        self.joined_at = joined_at
        self.standings: dict[str, Standing] = {}
        self.histories = Histories()
        self.records: dict[Key, Record] = {}
        self.counts: dict[str, int] = {}
        self.profile: dict[str, object] = {}
        self.segments: set[str] = set()
        self.used: dict[str, list[int]] = {}
        self.active: dict[str, datetime] = {}
        self.invited: Invitation | None = None
        self.head = ""
        self.company = ""
        self.merged_into = ""
        self.bought = False
        self.unposted: list[Move] = []
        self.shifted: list[Shift] = []
        # Burns for an order that has not come yet, by its key.
        self.waiting: dict[Key, list[Burned]] = {}
        # Redemptions by the key that reserved them: open ones, and those that may come back.
        self.holds: dict[Key, Hold] = {}
        # Purchases judged before, where late facts may change what later ones earned.
        self.later: list[Fact] = []

    def wallet(self, unit: str, version: Version) -> Wallet:
        """The wallet of a unit in the version's spend order; empty when there was none yet.

        A late fact may move points of a unit that its version did not know.
        """
        terms = version.units.get(unit)
        wallet = self.wallets.get(unit)
        if terms is None:
            return self.wallets.setdefault(unit, Wallet(spend_order="oldest"))
        if wallet is None:
            remembers = timedelta(days=terms.reinstate_days) if terms.reinstate_days else None
            wallet = Wallet(spend_order=terms.spend_order, remembers=remembers)
            self.wallets[unit] = wallet
        else:
            if wallet.spend_order != terms.spend_order:
                wallet.follow(terms.spend_order)
            if terms.reinstate_days:
                wallet.remembers = timedelta(days=terms.reinstate_days)
        return wallet

    def standing(self, ladder: str) -> Standing:
        """The standing on a ladder; nothing reached yet when there was none."""
        standing = self.standings.get(ladder)
        if standing is None:
            standing = self.standings[ladder] = Standing()
        return standing

    def who(self, program: Program, version: Version, at: datetime) -> Who:
        """What rules may know of the member at an instant: the tiers are those held before it."""
        tiers = {}
        for ladder in version.ladders:
            standing = self.standings.get(ladder.code)
            tiers[ladder.code] = (
                ladder.codes[0] if standing is None else ladder.tier_at(standing, at)
            )
        named = {measure.code: measure for measure in version.blueprint.measures}

        def measures(code: str) -> int:
            return self.measure(named[code], at=at, program=program)

        return Who(
            tiers=tiers,
            segments=self.segments,
            profile=self.profile,
            joined_at=self.joined_at,
            counts=self.counts,
            measures=measures,
        )

    def measure(self, measure: Measure, *, at: datetime, program: Program) -> int:
        """The value of a measure in its window that ends with `at`."""
        return self.histories.total(measure, at=at, zone=program.zone, joined_at=self.joined_at)

    def dump(self, program: Program) -> dict[str, Any]:
        """The member without wallets and records, as JSON holds it; empty parts are left out."""
        body: dict[str, Any] = {"shape": program.shape}
        if self.joined_at is not None:
            body["joined"] = self.joined_at.isoformat()
        for name in KEPT:
            value = getattr(self, name)
            if value:
                body[name] = value
        if self.segments:
            body["segments"] = sorted(self.segments)
        if self.active:
            body["active"] = {unit: at.isoformat() for unit, at in self.active.items()}
        if self.invited is not None:
            invited = self.invited
            body["invited"] = [invited.referrer, invited.at.isoformat(), invited.counted]
        histories = self.histories.pack()
        if histories:
            body["histories"] = histories
        if self.standings:
            body["standings"] = {code: one.dump() for code, one in self.standings.items()}
        return body

    @classmethod
    def load(cls, body: Mapping[str, Any], *, wallets: dict[str, Wallet] | None = None) -> Member:
        """The member that `dump` told, with these wallets."""
        joined = body.get("joined")
        member = cls(
            wallets=wallets, joined_at=None if joined is None else datetime.fromisoformat(joined)
        )
        for name in KEPT:
            if name in body:
                setattr(member, name, body[name])
        member.segments = set(body.get("segments", ()))
        member.active = {
            unit: datetime.fromisoformat(at) for unit, at in body.get("active", {}).items()
        }
        if "invited" in body:
            referrer, at, counted = body["invited"]
            member.invited = Invitation(referrer, datetime.fromisoformat(at), counted)
        if "histories" in body:
            member.histories = Histories.unpack(body["histories"])
        member.standings = {
            code: Standing.load(one) for code, one in body.get("standings", {}).items()
        }
        return member

    def due_at(self, program: Program) -> datetime | None:
        """When time alone next changes a standing; None when nothing is due.

        Each version changes what is due while it is in force.
        """
        ends = [*(version.from_at for version in program.versions[1:]), None]
        for version, end in zip(program.versions, ends, strict=True):
            due = [
                max(at, version.from_at)
                for ladder in version.ladders
                if ladder.code in self.standings
                and (at := ladder.due_at(self.standings[ladder.code])) is not None
            ]
            first = min(due, default=None)
            if first is not None and (end is None or first < end):
                return first
        return None


class MemberRoom:
    """What rules may still give this member for a fact: limits, budgets and the highest balance."""

    __slots__ = ("_at", "_budgets", "_member", "_version")

    def __init__(
        self, member: Member, *, version: Version, at: datetime, budgets: Budgets | None
    ) -> None:
        self._member = member
        self._version = version
        self._at = at
        self._budgets = budgets

    def used(self, limit: str, each: Each) -> tuple[int, int]:
        """Points and times that were given under a limit in the span of the fact."""
        points, times = self._member.used.get(self.span(limit, each), (0, 0))
        return points, times

    def span(self, limit: str, each: Each) -> str:
        """The key under which a limit is counted at the time of the fact."""
        start = span_start(
            each, at=self._at, zone=self._version.zone, joined_at=self._member.joined_at
        )
        return f"{limit}|{start.isoformat()}"

    def budget(self, rule: str, each: Each, asked: int) -> int:
        """How many of `asked` points the program's budget for a rule still gives."""
        budget = self._version.rules[rule].budget
        if self._budgets is None or budget is None:
            return asked
        start = span_start(each, at=self._at, zone=self._version.zone, joined_at=None)
        return self._budgets.take(rule, start.isoformat(), budget.points, asked)

    def held(self, unit: str) -> int:
        """The points of a unit that the member holds, pending ones too."""
        wallet = self._member.wallets.get(unit)
        return 0 if wallet is None else wallet.available(self._at) + wallet.pending(self._at)

    def book(self, limits: Iterable[Limit], points: int) -> None:
        """Count an award under these limits; negative points give a voided award's room back."""
        for limit in limits:
            if limit.each == "fact":
                continue
            used = self._member.used.setdefault(self.span(limit.code, limit.each), [0, 0])
            used[0] += points
            used[1] += 1 if points > 0 else -1
