"""A late fact that changes the tiers of its time: what later facts earned is judged again.

Only where the program says so (`late_facts: re_evaluate`). The standings are set to what they would
have been, and each later purchase that another tier earns otherwise makes a fact `re_evaluated`,
which gives the new awards and takes back those that change; what the price deferred for them goes
along, and what came back of the purchase comes back of the new awards too. Left as they are: awards
that asked more of the member than their tier (nobody knows any more what was so then), and those
of a budget that others may have used since. Raises nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pointbook.engine.ledger.lots import AT_ONCE, Lot
from pointbook.engine.ledger.transfers import Transfer
from pointbook.engine.replay.awards import base_in, end_of, funding, repay, start_of
from pointbook.engine.replay.cases import TICK, Case, count_earned, moved, reviewing
from pointbook.engine.replay.member import Member, MemberRoom, Record
from pointbook.engine.replay.program import EVER, Version, tests_in
from pointbook.engine.replay.recovering import Asked, ask, recover
from pointbook.engine.replay.verdicts import Made, made
from pointbook.engine.revenue.policies import Policy
from pointbook.engine.rules.blueprint import Blueprint, EarnRule
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.earning.plans import targets_of
from pointbook.engine.rules.fields import COUNT, DAYS, MEASURES, MEMBER, TIER
from pointbook.engine.rules.spans import Each
from pointbook.engine.rules.tiers import Ladder, Move, Standing
from pointbook.engine.values.facts import Fact, Returned
from pointbook.engine.values.money import half_up


class _Before(MemberRoom):
    """What may be given to a member as if some awards had not been given yet."""

    __slots__ = ("_lots",)

    def __init__(
        self, lots: Iterable[Lot], member: Member, *, version: Version, at: datetime
    ) -> None:
        super().__init__(member, version=version, at=at, budgets=None)
        self._lots = tuple(lots)

    def used(self, limit: str, each: Each) -> tuple[int, int]:
        """Points and times that others were given under a limit in the span of the fact."""
        points, times = super().used(limit, each)
        for lot in self._lots:
            if any(one.code == limit for one in self._version.limits.get(lot.rule, ())):
                points, times = points - lot.points, times - 1
        return points, times

    def held(self, unit: str) -> int:
        """The points of a unit that the member holds of other awards."""
        own = sum(lot.remaining for lot in self._lots if lot.unit == unit)
        return max(0, super().held(unit) - own)


def re_evaluate(case: Case) -> None:
    """Judge again what came after a late fact of this member, as far as its tiers changed."""
    version, member = case.version, case.member
    if version.blueprint.late_facts != "re_evaluate":
        return
    changed = False
    for ladder in reviewing(case).ladders:
        standing = member.standings.get(ladder.code)
        if standing is not None and standing.last_at is not None and standing.last_at > case.at:
            changed |= _restand(case, ladder, standing, until=standing.last_at)
    if not changed:
        return
    # Counted from the late fact on: not everybody remembers what was before it.
    after = [later for later in member.later if later.occurred_at > case.at]
    for place, later in enumerate(sorted(after, key=lambda one: one.order)):
        _rejudge(case, later, place)


def _restand(case: Case, ladder: Ladder, standing: Standing, *, until: datetime) -> bool:
    """Let the standing live through all its facts again; says whether a tier changed.

    What was given by hand, matched or brought along is not taken up again: a purchase more never
    lowers a tier, so where it would, somebody had given it.
    """
    member = case.member
    if standing.floor or standing.match:
        return False
    fresh = _lived(case, ladder.code, until)
    known = {held.at + TICK for held in (*fresh.timeline, *standing.timeline)}
    steps = [
        one.ranks.get(one.tier_at(fresh, at), 0) - one.ranks.get(one.tier_at(standing, at), 0)
        for at in known
        for one in case.program.version_at(at).ladders
        if one.code == ladder.code
    ]
    if not any(steps) or min(steps) < 0:
        return False
    fresh.used = standing.used
    member.standings[ladder.code] = fresh
    if (fresh.tier, fresh.until) != (standing.tier, standing.until):
        step = ladder.ranks.get(fresh.tier, 0) - ladder.ranks.get(standing.tier, 0)
        kind = "renewed" if fresh.tier == standing.tier else "moved"
        move = Move(until, standing.tier, fresh.tier, 0, step, ladder.code, kind, fresh.until)
        moved(case.program, member, [move], at=case.at)
    return True


def _lived(case: Case, code: str, until: datetime) -> Standing:
    """The standing on a ladder of who did what this member did, each time by the edition then."""
    member, program = case.member, case.program
    measures = {
        measure
        for version in program.versions
        for ladder in version.ladders
        if ladder.code == code
        for measure in ladder.tiers.measures
    }
    fresh = Standing()
    for moment in member.histories.moments(measures, after=EVER, until=until):
        for ladder in program.version_at(moment).ladders:
            if ladder.code == code:
                ladder.at_fact(fresh, member.histories, at=moment, joined_at=member.joined_at)
    return fresh


def _rejudge(case: Case, later: Fact, place: int) -> None:
    """Tell a fact of the awards of a later purchase that its tier gives otherwise."""
    program, member = case.program, case.member
    version = program.version_at(later.occurred_at)
    record = member.records.get((later.source, later.id))
    judge = version.judges.get("purchase")
    if record is None or judge is None:
        return
    at = later.occurred_at
    given = {lot.rule: lot for lot in record.lots}
    room = _Before(_standing(record), member, version=version, at=at)
    reasons = judge(later, member.who(program, version, at), room)
    awards = []
    for rule in _retold(version.blueprint):
        lot = given.get(rule.code)
        if lot is not None and lot.due == lot.points:
            continue  # all of it came back
        own = [one for one in reasons if one.rule == rule.code]
        points = sum(one.points for one in own)
        if points != (0 if lot is None else lot.points):
            awards.append(_award(version, rule, own, points, later))
    if awards:
        told = made(
            "re_evaluated",
            by=case.fact,
            member=case.fact.member or "",
            attributes={"awards": awards},
            place=place,
        )
        about = Returned(later.source, later.id)
        case.spawned.append(Made(replace(told, about=about)))


def _standing(record: Record) -> list[Lot]:
    """The awards of which something was left to the member."""
    return [lot for lot in record.lots if lot.due < lot.points]


def _retold(blueprint: Blueprint) -> list[EarnRule]:
    """The rules that another tier may change and that ask nothing else of the member."""
    rules = [rule for rule in blueprint.earn if rule.on == "purchase"]
    left = {rule.code for rule in rules if rule.budget or _asks_more(rule)}
    changed = {
        rule.code for rule in rules if rule.award.by_tier or any(map(_is_tier, _fields(rule)))
    }
    if any(rule.stop for rule in rules if rule.code in left):
        return []
    if any(rule.stop for rule in rules if rule.code in changed):
        changed = {rule.code for rule in rules}
    changed = _spread(rules, changed, blueprint)
    kept = changed - _spread(rules, left, blueprint)
    return [rule for rule in rules if rule.code in kept]


def _spread(rules: Iterable[EarnRule], codes: set[str], blueprint: Blueprint) -> set[str]:
    """These rules, those of their groups, and what they multiply or are multiplied by."""
    found = set(codes)
    for rule in rules:
        targets = targets_of(rule, blueprint=blueprint)
        if rule.code in codes:
            found |= targets
            found |= {one.code for one in rules if rule.group and one.group == rule.group}
        elif targets & codes:
            found.add(rule.code)
    return found if found == codes else _spread(rules, found, blueprint)


def _fields(rule: EarnRule) -> list[str]:
    return [test.field for test in tests_in(rule.when)]


def _is_tier(field: str) -> bool:
    return field.startswith(TIER)


def _asks_more(rule: EarnRule) -> bool:
    """Whether a rule asks of the member what is not known of a time that is over."""
    return any(
        field.startswith((MEMBER, COUNT, MEASURES)) and not _is_tier(field) and field != DAYS
        for field in _fields(rule)
    )


def _award(
    version: Version, rule: EarnRule, reasons: list[Reason], points: int, fact: Fact
) -> dict[str, object]:
    first = reasons[0] if reasons else None
    return {
        "rule": rule.code,
        "unit": rule.unit,
        "points": points,
        "base": 0 if first is None else base_in(version, first, fact),
        "tier": "" if first is None else first.tier,
    }


def again(case: Case) -> None:
    """Give the new awards of a purchase that was judged again, and take back the old ones."""
    about = case.fact.about
    assert about is not None, "only the engine makes such facts"
    record = case.member.records.get((about.source, about.id))
    if record is None:
        return
    awards: list[Mapping[str, Any]] = list(case.fact.attributes["awards"])  # type: ignore[call-overload]
    reasons = []
    for told in awards:
        reasons.append(
            Reason(told["rule"], told["unit"], told["base"], told["points"], tier=told["tier"])
        )
        old = next((lot for lot in _standing(record) if lot.rule == told["rule"]), None)
        lot = _give(case, record, told, old) if told["points"] else None
        if old is not None:
            _replace(case, record, old, lot)
    case.reasons = reasons


def _give(case: Case, record: Record, told: Mapping[str, Any], old: Lot | None) -> Lot:
    """The new award: waiting, and ending, as the old one did, never sooner."""
    at: datetime = record.at
    version = case.program.version_at(at)
    rule = version.rules[told["rule"]]
    starts = _starts(version, record, rule)
    ends = end_of(case, told["unit"], at, starts=starts, rule=rule, version=version)
    points = told["points"]
    given = version.given[rule.code, told["unit"]]
    lot = Lot(
        case.fact.id,
        rule.code,
        told["unit"],
        at,
        ends if old is None else max(ends, old.expires_at),
        points,
        points,
        allocated=0 if old is None else old.allocated,
        base=told["base"],
        policy=given.policy,
        funder=given.funder,
        starts_at=starts,
    )
    if lot.policy == Policy.FUNDED and case.program.rates is not None:
        lot.allocated = funding(case.program, version, lot)
    wallet = case.member.wallet(lot.unit, case.version)
    wallet.add(lot)
    record.lots.append(lot)
    case.transfers.append(Transfer("award", lot.unit, points, case.at, lot))
    count_earned(case, lot.unit, points, at=at)
    case.room_at(at).book(version.limits.get(rule.code, ()), points)
    if wallet.debt:
        case.transfers.append(repay(wallet, lot, case.at))
    return lot


def _starts(version: Version, record: Record, rule: EarnRule) -> datetime:
    """When points can be used: as others that wait for the same, which may have come already."""
    if rule.pending is None:
        return AT_ONCE
    for lot in record.lots:
        like = version.rules.get(lot.rule)
        if like is not None and like.pending == rule.pending:
            return lot.starts_at
    return start_of(rule, record.at, zone=version.zone)


def _replace(case: Case, record: Record, old: Lot, new: Lot | None) -> None:
    """Take an award back for which there is a new one, and of that what came back already."""
    version = case.program.version_at(record.at)
    due, returned = old.due, old.returned
    case.room_at(record.at).book(version.limits.get(old.rule, ()), -old.points)
    parts = [ask(old, old.base - old.returned, whole=True)]
    record.lots.remove(old)
    if new is not None and due:
        base = half_up(numerator=new.base * returned, denominator=old.base or 1)
        new.returned = base
        parts.append(Asked(new, base, half_up(numerator=new.points * due, denominator=old.points)))
    for asked in parts:
        assert asked is not None, "something was left of it"
        recover(case, version, asked, record=record)
        count_earned(case, asked.lot.unit, -asked.due, at=record.at)
