"""Tiers by what is measured of a member: when one is reached, kept, reviewed and lost.

With validity `purchase` the tier is what the measures reach at each purchase, up and down, until
the next one; a purchase that comes late is judged at the time of the latest.

With a dated validity a tier that was reached is kept until its end, and longer when its needs are
met again. At the end (and the days of grace) a review looks back at the windows that ended with the
validity, and at those that end with the grace, whichever is better. A lost tier goes down as the
ladder says. With upgrade `at_review` only reviews raise or renew. Who has no date is then reviewed
at the end of each period of the first measure's window, as are those whose measures begin anew with
each review. Burning points never changes a tier.

A floor and a match are held beside what was earned: the highest counts, and when they end, what
was earned is there still. The end of a match is a review that may raise, and lowers nothing but
the match. A rung above the first that needs nothing is given by hand only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Final, Literal, NamedTuple

from pointbook.engine.rules.blueprint import Tiers
from pointbook.engine.rules.tiers.benefits import BenefitError, Benefits
from pointbook.engine.rules.tiers.measures import EPOCH, TICK, Histories, source_of
from pointbook.engine.rules.tiers.rungs import Reached, Rungs
from pointbook.engine.rules.tiers.standings import Held, Move, Standing
from pointbook.engine.rules.tiers.validity import Tenure
from pointbook.engine.values.calendar import day_of, midnight
from pointbook.engine.values.errors import PointbookError

__all__ = ["BenefitError", "Held", "Ladder", "Move", "Standing", "TierError"]

PLACINGS: Final = frozenset({"floor", "match", "opening"})
# What of a standing names a tier.
LAYERS: Final = ("own", "lasting", "floor", "match")
UNKNOWN: Final = -1


class TierError(PointbookError):
    """A tier that the ladder does not have."""

    status = 422


class Event(NamedTuple):
    """What time alone does next to a standing; events of one instant happen in this order."""

    at: datetime
    order: int
    kind: Literal["adopt", "review", "floor", "match"]


class Ladder:
    """A compiled ladder. `codes` are its tiers, lowest first, `ranks` their places.

    `sources` are the histories that it measures: see `measures.source_of`. `dated` is whether tiers
    are kept for a time rather than judged at each purchase. `from_at` is when this version of the
    ladder came into force: what the version before held without a date gets its date then.
    """

    __slots__ = (
        *("_benefits", "_lifetime", "_moved", "_periodic", "_plain", "_rungs", "_tenure", "_zone"),
        *("code", "codes", "dated", "from_at", "ranks", "sources", "tiers"),
    )

    def __init__(self, tiers: Tiers, *, zone: tzinfo, from_at: datetime | None = None) -> None:
        self.tiers = tiers
        self.code = tiers.code
        self.codes = tuple(rung.code for rung in tiers.ladder)
        self.ranks = {code: rank for rank, code in enumerate(self.codes)}
        self.sources = frozenset(source_of(measure) for measure in tiers.measures)
        self.dated = tiers.validity.kind != "purchase"
        self.from_at = from_at
        self._zone = zone
        self._rungs = Rungs(tiers, zone=zone)
        self._lifetime = tuple(rank for rank, rung in enumerate(tiers.ladder) if rung.lifetime)
        self._periodic = _periodic(tiers)
        self._plain = self._rungs.single and not self.dated and not self._lifetime
        self._moved = _destinations(tiers.moved, self.ranks)
        self._tenure = Tenure(tiers.validity, zone=zone)
        self._benefits = Benefits(tiers, zone=zone)

    def reached(
        self,
        histories: Histories,
        *,
        at: datetime,
        joined_at: datetime | None = None,
        reviewed_at: datetime | None = None,
    ) -> Reached:
        """The highest rung that the windows ending with `at` (included) reach."""
        return self._rungs.reached(histories, at=at, joined_at=joined_at, reviewed_at=reviewed_at)

    def at_fact(
        self,
        standing: Standing,
        histories: Histories,
        *,
        at: datetime,
        joined_at: datetime | None = None,
    ) -> list[Move]:
        """Judge the standing at a fact whose amounts were added; what was due before comes first.

        Where the ladder is not `dated` the tier goes up and down here: the caller asks at purchases
        (or whatever else shall judge), and not at returns.
        """
        if not (self._plain and standing.plain and standing.own not in self._moved):
            moves = self.pass_time(standing, histories, at=at, joined_at=joined_at)
            move = self._judge(standing, histories, at)
            return moves if move is None else [*moves, move]
        # What follows is the hot path of a replay: one measure, judged at each purchase.
        last_at = standing.last_at
        if last_at is not None and at < last_at:
            at = last_at
        standing.last_at = at
        span = self._rungs.span
        if span is not None:
            measure = histories.between(self._rungs.source, after=at - span, until=at)
        else:
            measure = self._rungs.first(histories, at=at, joined_at=joined_at)
        tier = self.codes[self._rungs.rank_of(measure)]
        if tier == standing.tier:
            return []
        standing.own = tier
        if standing.began_at is None:
            standing.began_at = at
        move = self._settle(standing, at, measure, "reached")
        return [] if move is None else [move]

    def pass_time(
        self,
        standing: Standing,
        histories: Histories,
        *,
        at: datetime,
        joined_at: datetime | None = None,
    ) -> list[Move]:
        """Every review, end of a floor or of a match that is due up to `at`, in order.

        Reviews look at what was there before them: amounts of `at` itself may be added already.
        """
        moves: list[Move] = []
        if joined_at is not None and not self.stands_still(standing):
            standing.joined_at = joined_at
        event = self._next(standing)
        while event is not None and event.at <= at:
            move = self._happen(standing, histories, event)
            if move is not None:
                moves.append(move)
            event = self._next(standing)
        return moves

    def stands_still(self, standing: Standing) -> bool:
        """Whether purchases alone change the standing: nothing was given, nothing ends."""
        return self._plain and standing.plain and standing.own not in self._moved

    def due_at(self, standing: Standing) -> datetime | None:
        """When time alone next does something; long ago when this version must still adopt it."""
        if self.stands_still(standing):
            return None
        event = self._next(standing)
        return None if event is None else event.at

    def tier_at(self, standing: Standing, at: datetime) -> str:
        """The tier held just before `at`; the first when there was no standing yet.

        What time changes at midnight holds from midnight on; what a fact changes, just after it.
        """
        tier = standing.tier_before(at) or self.codes[0]
        return self._moved.get(tier, tier) if self._moved else tier

    def place(
        self,
        standing: Standing,
        *,
        tier: str | None,
        at: datetime,
        until: datetime | None,
        kind: str,
        since: datetime | None = None,
        joined_at: datetime | None = None,
    ) -> Move | None:
        """Hold a tier by hand, by status match or as an opening: `kind` floor, match or opening.

        A floor of None ends the floor. `until` is exclusive. An opening without one is valid as if
        it were reached at `at`; `since` is when it was reached elsewhere.

        :raises TierError: the ladder has no such tier.
        """
        if not tier and kind == "floor":
            tier, until = "", None
        elif tier not in self.ranks:
            raise TierError(
                f"no tier {tier!r}",
                field="attributes.tier",
                value=tier,
                mend=f"Use one of: {', '.join(self.codes)}.",
            )
        now = at if standing.last_at is None else max(at, standing.last_at)
        standing.last_at = now
        if joined_at is not None:
            standing.joined_at = joined_at
        if not standing.own:
            standing.own = self.codes[0]
            standing.began_at = since or now
        if kind == "floor":
            standing.floor, standing.floor_until = tier, until
        elif kind == "match":
            standing.match, standing.match_until = tier, until
        else:
            self._earn(
                standing,
                self._rank(tier),
                until or self._tenure.ends(now, joined_at=standing.joined_at),
            )
        move = self._settle(standing, now, 0, kind, held_at=since or now)
        if since is not None and standing.since == now:
            standing.since = min(since, now)
        return move

    def looks_back_to(self, standing: Standing, *, at: datetime) -> datetime:
        """The oldest instant at which a window may still end, for facts at `at` or later."""
        event = self._next(standing)
        ahead = [one for one in (standing.own_until, event and event.at) if one is not None]
        return min(at, *ahead) if ahead else at

    def benefit_left(
        self,
        standing: Standing,
        benefit: str,
        *,
        at: datetime,
        joined_at: datetime | None = None,
    ) -> int:
        """How many of a counted benefit the member has left in the span of time of `at`.

        :raises BenefitError: the ladder has no such benefit.
        """
        tier = self._tier_for_benefits(standing, at)
        return self._benefits.left(standing, benefit, tier=tier, at=at, joined_at=joined_at)

    def use_benefit(
        self,
        standing: Standing,
        benefit: str,
        *,
        at: datetime,
        joined_at: datetime | None = None,
    ) -> int:
        """Use one of a counted benefit; how many are left in the span of time of `at`.

        :raises BenefitError: the ladder has no such benefit, or none is left.
        """
        tier = self._tier_for_benefits(standing, at)
        return self._benefits.use(standing, benefit, tier=tier, at=at, joined_at=joined_at)

    def _tier_for_benefits(self, standing: Standing, at: datetime) -> str:
        if standing.since is None or at < standing.since:
            return self.tier_at(standing, at)
        return self._moved.get(standing.tier, standing.tier)

    def _rank(self, tier: str) -> int:
        return self.ranks.get(self._moved.get(tier, tier), UNKNOWN)

    def _found(self, standing: Standing, histories: Histories, at: datetime) -> Reached:
        return self.reached(
            histories, at=at, joined_at=standing.joined_at, reviewed_at=standing.reviewed_at
        )

    def _judge(self, standing: Standing, histories: Histories, at: datetime) -> Move | None:
        """Set what was earned at a fact; a late one counts at its own time and ever since."""
        now = at if standing.last_at is None else max(at, standing.last_at)
        held = (standing.own, standing.own_until)
        found = self._found(standing, histories, now)
        at_once = self.tiers.upgrade == "at_once"
        if not self.dated:
            self._earn(standing, found.rank, None)
        elif self._rank(standing.own) == UNKNOWN:
            first = found.rank if at_once or standing.own else 0
            self._earn(standing, first, self._tenure.ends(now, joined_at=standing.joined_at))
        elif at_once:
            if at < now:
                since = [at, *histories.moments(self.tiers.measures, after=at, until=now)]
                for moment in since:
                    rank = self._found(standing, histories, moment).rank
                    self._meet(standing, rank, moment, now)
            self._meet(standing, found.rank, now, now)
        if standing.began_at is None:
            standing.began_at = now
        standing.last_at = now
        if held == (standing.own, standing.own_until) and not standing.given:
            return None
        return self._settle(standing, now, found.measure, "reached")

    def _meet(self, standing: Standing, rank: int, at: datetime, now: datetime) -> None:
        """Raise or renew what was earned when the needs of a rung are met."""
        own = self._rank(standing.own)
        if rank < own:
            return
        if rank == own and standing.own_until is None:
            return
        until = self._tenure.ends(at, joined_at=standing.joined_at)
        if rank > own:
            if until is None or self._with_grace(until) > now:
                self._earn(standing, rank, until)
        else:
            standing.own_until = _later(standing.own_until, until)

    def _earn(self, standing: Standing, rank: int, until: datetime | None) -> None:
        """Set the earned tier; who reaches a lifetime tier, or passes it, has it for ever."""
        standing.own = self.codes[rank]
        for lifetime in self._lifetime:
            if self._rank(standing.lasting) < lifetime <= rank:
                standing.lasting = self.codes[lifetime]
        lost = rank > max(0, self._rank(standing.lasting))
        standing.own_until = until if lost and self.dated else None

    def _with_grace(self, until: datetime) -> datetime:
        grace = self.tiers.grace_days
        if not grace:
            return until
        return midnight(day_of(until, self._zone) + timedelta(days=grace), self._zone)

    def _next(self, standing: Standing) -> Event | None:
        if self.stands_still(standing):
            return None
        if self._must_adopt(standing):
            known = [one for one in (standing.last_at, self.from_at) if one is not None]
            return Event(max(known, default=EPOCH), 0, "adopt")
        events = []
        review_at = self._review_at(standing)
        if review_at is not None:
            events.append(Event(review_at, 1, "review"))
        if standing.floor_until is not None:
            events.append(Event(standing.floor_until, 2, "floor"))
        if standing.match_until is not None:
            events.append(Event(standing.match_until, 3, "match"))
        return min(events, default=None)

    def _must_adopt(self, standing: Standing) -> bool:
        """Whether another version left a tier that is gone here, or one without a date."""
        moved = self._moved
        if moved and any(getattr(standing, name) in moved for name in LAYERS):
            return True
        return self._undated(standing)

    def _undated(self, standing: Standing) -> bool:
        validity, lasting = self.tiers.validity.kind, self._rank(standing.lasting)
        return (
            standing.own_until is None
            and validity not in ("purchase", "for_ever")
            and self.tiers.downgrade != "none"
            and self._rank(standing.own) > max(0, lasting)
        )

    def _review_at(self, standing: Standing) -> datetime | None:
        if not self.dated or not standing.own:
            return None
        if standing.own_until is not None:
            return self._with_grace(standing.own_until)
        if not self._periodic or standing.own == self.codes[-1]:
            return None
        window, joined_at, began_at = self.tiers.window, standing.joined_at, standing.began_at
        at = standing.reviewed_at or joined_at or began_at or EPOCH
        end = self._tenure.period_ends(window, at=at, joined_at=joined_at)
        while began_at is not None and end <= began_at:
            end = self._tenure.period_ends(window, at=end, joined_at=joined_at)
        return end

    def _happen(self, standing: Standing, histories: Histories, event: Event) -> Move | None:
        """Let time do one thing; nothing happens before what was judged already."""
        at = event.at if standing.last_at is None else max(event.at, standing.last_at)
        standing.last_at = at
        kind, measure = event.kind, 0
        if kind == "adopt":
            for name in LAYERS:
                tier = getattr(standing, name)
                setattr(standing, name, self._moved.get(tier, tier))
            if self._undated(standing):
                standing.own_until = self._tenure.ends(at, joined_at=standing.joined_at)
        elif kind == "floor":
            standing.floor, standing.floor_until = "", None
        elif kind == "match":
            measure = self._end_match(standing, histories, event.at)
        else:
            measure = self._review(standing, histories, event.at)
        told = "moved" if kind == "adopt" else kind
        return self._settle(standing, at, measure, told, held_at=at - TICK)

    def _review(self, standing: Standing, histories: Histories, at: datetime) -> int:
        """Look back when a validity (with its grace) or a period ends; the first measure."""
        until = standing.own_until
        base = until or at
        found = self._found(standing, histories, base - TICK)
        if base < at:
            later = self._found(standing, histories, at - TICK)
            if later.rank > found.rank:
                found, base = later, at
        standing.reviewed_at = at
        rank, own = found.rank, self._rank(standing.own)
        # Without an end there is nothing to lose, and nothing to renew.
        if until is None and rank <= own:
            return found.measure
        if rank < own and self.tiers.downgrade == "none":
            self._earn(standing, own, None)
            return found.measure
        if rank < own and self.tiers.downgrade == "one_step":
            rank = max(rank, own - 1)
        joined_at = standing.joined_at
        self._earn(standing, rank, self._tenure.ends_after_review(base, joined_at=joined_at))
        return found.measure

    def _end_match(self, standing: Standing, histories: Histories, at: datetime) -> int:
        """Give back a matched status; who meets the needs by then has earned the tier."""
        match, own = self._rank(standing.match), self._rank(standing.own)
        standing.match, standing.match_until = "", None
        found = self._found(standing, histories, at - TICK)
        if not self.dated:
            return found.measure
        until = self._tenure.ends_after_review(at, joined_at=standing.joined_at)
        if found.rank > own:
            self._earn(standing, found.rank, until)
            standing.reviewed_at = at
        elif found.rank == own >= match and standing.own_until is not None:
            standing.own_until = _later(standing.own_until, until)
            standing.reviewed_at = at
        return found.measure

    def _settle(
        self,
        standing: Standing,
        at: datetime,
        measure: int,
        kind: str,
        held_at: datetime | None = None,
    ) -> Move | None:
        """Set what members see to the highest of all that holds; the move it makes, if any."""
        standing.settle_plain()
        best, until = self._rank(standing.own), standing.own_until
        for tier, ends_at in (
            (standing.lasting, None),
            (standing.floor, standing.floor_until),
            (standing.match, standing.match_until),
        ):
            rank = self._rank(tier)
            if rank > best:
                best, until = rank, ends_at
            elif rank == best != UNKNOWN:
                until = _later(until, ends_at)
        after = standing.own if best == UNKNOWN else self.codes[best]
        before, was_until = standing.tier, standing.until
        standing.until = until
        if after == before:
            if until == was_until:
                return None
            told = kind if kind in PLACINGS else "renewed"
            return Move(at, before, after, measure, 0, self.code, told, until)
        standing.tier = after
        standing.since = at
        standing.hold(at if held_at is None else held_at, after)
        ranks = self.ranks
        step = ranks[after] - ranks[before] if before in ranks and after in ranks else 0
        if kind == "reached" and step < 0:
            kind = "review"
        return Move(at, before, after, measure, step, self.code, kind, until)


def _later(first: datetime | None, second: datetime | None) -> datetime | None:
    """The later of two ends; None is no end."""
    return None if first is None or second is None else max(first, second)


def _periodic(tiers: Tiers) -> bool:
    """Whether members without a date are reviewed: to be raised, or to begin to count anew."""
    if tiers.upgrade == "at_review":
        return True
    since_review = any(measure.window.kind == "since_review" for measure in tiers.measures)
    return since_review and tiers.validity.kind != "for_ever"


def _destinations(moved: Mapping[str, str], ranks: Mapping[str, int]) -> dict[str, str]:
    """Where each tier that is gone leads to, over other tiers that are gone; dead ends left out."""
    found = {}
    for code in moved:
        tier, steps = code, len(moved)
        while tier in moved and tier not in ranks and steps:
            tier, steps = moved[tier], steps - 1
        if code not in ranks and tier in ranks:
            found[code] = tier
    return found
