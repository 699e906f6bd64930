"""Why each rule of a program gave or did not give for one fact, in plain sentences.

The fact is judged as ever; then every rule is asked what it missed first. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import NamedTuple

from pointbook.engine.rules.blueprint import Blueprint, EarnRule
from pointbook.engine.rules.earning.awards import ladder_of
from pointbook.engine.rules.earning.judging import Run, schedules_of
from pointbook.engine.rules.earning.limits import Room
from pointbook.engine.rules.earning.matching import begin_of, end_of, in_hours
from pointbook.engine.rules.earning.plans import Plan
from pointbook.engine.rules.earning.reasons import BUDGET, Reason
from pointbook.engine.rules.earning.reward_lines import without_rewards
from pointbook.engine.rules.explaining.explanation import cap, explain, limit_of
from pointbook.engine.rules.explaining.unmet import Asked, unmet
from pointbook.engine.rules.fields import WEEKDAYS
from pointbook.engine.rules.prose import naming, phrases, wording
from pointbook.engine.rules.who import Who
from pointbook.engine.values.calendar import day_of
from pointbook.engine.values.facts import Fact


class Trace(NamedTuple):
    """What one rule did for a fact: whether its questions held, what it gave, and why.

    `points` are smallest parts of the rule's unit; a multiplier's are those it added.
    """

    rule: str
    name: str
    matched: bool
    points: int
    why: str


def trace(
    blueprint: Blueprint, fact: Fact, who: Who, *, room: Room, zone: tzinfo, kind: str = ""
) -> tuple[Trace, ...]:
    """One trace for each rule of the blueprint, in the order in which rules are tried.

    The fact is judged as one of type `kind`, its own when left out. The room is asked as a judge
    asks it, so a budget that is taken by asking must be one that may be lost.
    """
    kind = kind or fact.type
    schedule = schedules_of(blueprint, zone=zone).get(kind)
    run = Run() if schedule is None else schedule.run(fact, who, room)
    plans = {} if schedule is None else {plan.code: plan for plan in schedule.plans}
    whole, bare = (Asked(seen, who, zone, blueprint) for seen in (fact, without_rewards(fact)))
    rules = sorted(blueprint.earn, key=lambda rule: -rule.priority)
    return tuple(
        _trace(rule, plans.get(rule.code), run, whole if rule.base.rewards else bare, kind)
        for rule in rules
    )


def _trace(rule: EarnRule, plan: Plan | None, run: Run, asked: Asked, kind: str) -> Trace:
    if plan is None:
        heard = wording.article(wording.happening(kind))
        why = f"It listens to {wording.happening(rule.on)}, this is {heard}."
        return Trace(rule.code, rule.name, False, 0, why)
    if plan not in run.matched:
        missed = next(_missed(plan, asked), None)
        stopped = f"{_name(run.stopped, asked)} matched before and stopped the others."
        return Trace(rule.code, rule.name, False, 0, missed or stopped)
    reasons = [reason for reason in run.reasons if reason.rule == rule.code]
    lost = run.lost.get(rule.code)
    if lost is not None:
        name = _name(lost.to, asked)
        why = f"{name} of {rule.group} matched before, and only the first counts."
        if plan.mode == "best_of":
            gives = "gives as much and comes first" if lost.tied else "gives more"
            why = f"{name} {gives}, and of {rule.group} only the best counts."
        return Trace(rule.code, rule.name, plan.mode == "best_of", 0, why)
    why = " ".join(_why(rule, reason, asked.blueprint) for reason in reasons)
    points = sum(reason.points for reason in reasons)
    return Trace(rule.code, rule.name, True, points, why or _changed(plan, run, asked))


def _name(code: str, asked: Asked) -> str:
    return wording.quoted(naming.rule(code, blueprint=asked.blueprint))


def _why(rule: EarnRule, reason: Reason, blueprint: Blueprint) -> str:
    """What a reason says, or why nothing was left of it."""
    if reason.points or not reason.asked:
        return explain(reason, blueprint=blueprint)
    most = cap(rule, reason, blueprint=blueprint)
    limit = limit_of(rule, reason, blueprint=blueprint)
    told = most.removeprefix("at most ")
    if limit is not None and limit.whole:
        return f"It would go above the limit of {told}, and less is not given."
    if limit is None and reason.limit != BUDGET:
        return f"The balance is full: {most}."
    return f"The {'budget' if limit is None else 'limit'} of {told} is used up."


def _changed(plan: Plan, run: Run, asked: Asked) -> str:
    """What a multiplier did that added no points of its own."""
    rate = plan.rate(asked.who)
    assert rate is not None, "a rule does not match where it has no rate"
    touched = [
        _name(one.code, asked)
        for one in run.matched
        if one.code in plan.targets and one.code not in run.lost
    ]
    if not touched:
        return "None of the rules that it multiplies gave anything."
    if rate.num > rate.den or (plan.choice and not any(plan.choice.flags(asked.fact, {}))):
        return "There is nothing in the basket that it multiplies."
    award = plan.rule.award
    factor = phrases.number(award.by_tier.get(rate.tier, award.points))
    return f"What it chooses counts {factor} times for {wording.listed(touched, joined='and')}."


def _missed(plan: Plan, asked: Asked) -> Iterator[str]:
    """Sentences on what a rule asks and the fact does not answer, as the judge asks."""
    rule, fact, zone = plan.rule, asked.fact, asked.zone
    at = fact.occurred_at
    day = phrases.day(day_of(at, zone))
    if rule.from_on is not None and at < begin_of(rule.from_on, zone):
        yield f"It began on {phrases.day(rule.from_on)}; this was on {day}."
    if rule.until_on is not None and at >= end_of(rule.until_on, zone):
        yield f"It ended on {phrases.day(rule.until_on)}; this was on {day}."
    for word, wanted, found in (
        ("store", rule.stores, fact.store),
        ("channel", rule.channels, fact.channel),
    ):
        if wanted and found not in wanted:
            here = f"this is {word} {found}" if found else f"this names no {word}"
            yield f"Only in {word} {wording.listed(wanted)}; {here}."
    local = at.astimezone(zone)
    if rule.weekdays and local.weekday() not in rule.weekdays:
        name = WEEKDAYS[local.weekday()].capitalize()
        yield f"Only {phrases.weekdays(rule.weekdays)}; {day} is a {name}."
    if rule.hours is not None:
        begin, end = rule.hours
        if not in_hours(at, begin=begin, end=end, zone=zone):
            yield f"Only {phrases.hours(rule.hours)}; it was {local:%H:%M}."
    if rule.when is not None and not asked.holds(rule.when):
        yield unmet(rule.when, asked=asked)
    if plan.rate(asked.who) is None:
        ladder = ladder_of(rule.award, blueprint=asked.blueprint)
        tier = asked.who.tiers.get(ladder, "")
        name = naming.tier(tier, on=ladder, blueprint=asked.blueprint)
        yield f"It gives nothing to {name}." if tier else "It gives nothing without a tier."
