"""A late fact that changes the tiers of its time: what later facts earned is judged again.

Only where the program says so (`late_facts: re_evaluate`). The standings are set to what they would
have been, and each later purchase that another tier earns otherwise makes a fact `re_evaluated`,
which takes back the awards that change and gives the new ones; what the price deferred for them
goes along. Raises nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pointbook.engine.ledger.lots import Lot
from pointbook.engine.ledger.transfers import Transfer
from pointbook.engine.replay.awards import end_of
from pointbook.engine.replay.cases import Case, count_earned, moved
from pointbook.engine.replay.member import MemberRoom, Record
from pointbook.engine.replay.program import EVER, Version
from pointbook.engine.replay.recovering import ask, recover
from pointbook.engine.replay.verdicts import Made, made
from pointbook.engine.rules.blueprint import EarnRule
from pointbook.engine.rules.earning import Reason
from pointbook.engine.rules.fields import TIER
from pointbook.engine.rules.tiers import Ladder, Move, Standing
from pointbook.engine.values.facts import Fact, Returned


def re_evaluate(case: Case) -> None:
    """Judge again what came after a late fact of this member, as far as its tiers changed."""
    version, member = case.version, case.member
    if version.blueprint.late_facts != "re_evaluate":
        return
    changed = False
    for ladder in version.ladders:
        standing = member.standings.get(ladder.code)
        if standing is None or standing.last_at is None or standing.last_at <= case.at:
            continue
        changed |= _restand(case, ladder, standing)
    if not changed:
        return
    for place, later in enumerate(sorted(member.later, key=lambda one: one.order)):
        if later.occurred_at > case.at:
            _rejudge(case, later, place)


def _restand(case: Case, ladder: Ladder, standing: Standing) -> bool:
    """Let the standing live through all its facts again; says whether a tier changed."""
    member = case.member
    if standing.floor or standing.match or standing.last_at is None:
        return False  # what was given by hand is not taken up again
    fresh = Standing()
    moments = member.histories.moments(ladder.tiers.measures, after=EVER, until=standing.last_at)
    for moment in moments:
        ladder.at_fact(fresh, member.histories, at=moment, joined_at=member.joined_at)
    before, timeline = standing.tier, list(standing.timeline)
    if fresh.timeline == timeline:
        return False
    fresh.used = standing.used
    member.standings[ladder.code] = fresh
    if fresh.tier != before:
        step = ladder.ranks[fresh.tier] - ladder.ranks.get(before, 0)
        move = Move(
            standing.last_at, before, fresh.tier, 0, step, ladder.code, "moved", fresh.until
        )
        moved(case.version, member, [move], at=case.at)
    return True


def _rejudge(case: Case, later: Fact, place: int) -> None:
    """Tell a fact of the awards of a later purchase that its tier gives otherwise."""
    program, member = case.program, case.member
    version = program.version_at(later.occurred_at)
    record = member.records.get((later.source, later.id))
    judge = version.judges.get("purchase")
    if record is None or judge is None:
        return
    at = later.occurred_at
    room = MemberRoom(member, version=version, at=at, budgets=None)
    reasons = judge(later, member.who(program, version, at), room)
    awards = []
    for rule in version.rules.values():
        if not _by_tier(rule):
            continue
        given = sum(one.points for one in reasons if one.rule == rule.code)
        held = sum(lot.points - lot.due for lot in record.lots if lot.rule == rule.code)
        whole = all(not lot.due for lot in record.lots)
        if whole and given != held:
            awards.append(_award(rule, reasons, given))
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


def _by_tier(rule: EarnRule) -> bool:
    """Whether the tier may change what a rule gives."""
    return bool(rule.award.by_tier) or TIER in str(rule.when)


def _award(rule: EarnRule, reasons: list[Reason], points: int) -> dict[str, object]:
    found = next((one for one in reasons if one.rule == rule.code), None)
    return {
        "rule": rule.code,
        "unit": rule.unit,
        "points": points,
        "base": 0 if found is None else found.base,
        "tier": "" if found is None else found.tier,
    }


def again(case: Case) -> None:
    """Take back the awards of a purchase that were judged again, and give the new ones."""
    about = case.fact.about
    assert about is not None, "only the engine makes such facts"
    record = case.member.records.get((about.source, about.id))
    if record is None:
        return
    awards: list[Mapping[str, Any]] = list(case.fact.attributes["awards"])  # type: ignore[call-overload]
    version = case.program.version_at(record.at)
    reasons = []
    for told in awards:
        allocated = _reverse(case, version, record, str(told["rule"]))
        reasons.append(
            Reason(told["rule"], told["unit"], told["base"], told["points"], tier=told["tier"])
        )
        if told["points"]:
            _give(case, record, told, allocated)
    case.reasons = reasons


def _reverse(case: Case, version: Version, record: Record, rule: str) -> int:
    """Take back what a rule gave; answers the part of the price that stood behind it."""
    allocated = 0
    for lot in [one for one in record.lots if one.rule == rule]:
        asked = ask(lot, lot.base - lot.returned, whole=True)
        if asked is not None:
            recover(case, version, asked, record=record)
            count_earned(case, lot.unit, -asked.due, at=record.at)
            allocated += lot.allocated
        record.lots.remove(lot)
    return allocated


def _give(case: Case, record: Record, told: Mapping[str, Any], allocated: int) -> None:
    at: datetime = record.at
    version = case.program.version_at(at)
    ends = end_of(case, told["unit"], at, starts=at, rule=version.rules.get(told["rule"]))
    points = told["points"]
    lot = Lot(
        case.fact.id,
        told["rule"],
        told["unit"],
        at,
        ends,
        points,
        points,
        allocated=allocated,
        base=told["base"],
    )
    case.member.wallet(lot.unit, case.version).add(lot)
    record.lots.append(lot)
    case.transfers.append(Transfer("award", lot.unit, points, case.at, lot))
    count_earned(case, lot.unit, points, at=at)
