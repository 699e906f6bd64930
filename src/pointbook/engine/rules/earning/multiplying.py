"""What multipliers add to the rules they touch, one after another. Nothing here raises."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pointbook.engine.rules.earning.awards import Rate
from pointbook.engine.rules.earning.plans import Plan, held_rate
from pointbook.engine.rules.earning.reasons import Reason
from pointbook.engine.rules.earning.reward_lines import Sights
from pointbook.engine.rules.earning.weights import Stake
from pointbook.engine.rules.who import Who


def multiplied(
    multipliers: Iterable[Plan],
    stakes: Sequence[tuple[Plan, Stake]],
    *,
    sights: Sights,
    who: Who,
) -> dict[str, list[Reason]]:
    """The reasons of multipliers and of the rules they touch, by rule.

    Factors up to 1 come first and make bases smaller, whatever their order. Then each factor above
    1 gives what it adds to the points so far, rounded as the rule it touches rounds.
    """
    given: dict[str, list[Reason]] = {}
    above: list[tuple[Plan, Rate]] = []
    for plan in multipliers:
        given[plan.code] = []
        rate = held_rate(plan.rate, who)
        if rate.num > rate.den:
            above.append((plan, rate))
            continue
        for target, stake in stakes:
            if target.code in plan.targets:
                flags = plan.flags(target, *sights[target.rewards])
                stake.weights.multiply(flags, num=rate.num, den=rate.den)
    for target, stake in stakes:
        code, unit = target.code, target.rule.unit
        sofar = stake.points()
        tier = stake.rate.tier
        given[code] = [Reason(code, unit, stake.part(None), sofar, tier=tier)]
        touching = [
            (plan, rate, flags, stake.part(flags))
            for plan, rate in above
            if code in plan.targets
            for flags in [plan.flags(target, *sights[target.rewards])]
        ]
        for plan, rate, flags, base in touching:
            stake.weights.multiply(flags, num=rate.num, den=rate.den)
            # Where a coupon moves to other lines, rounding line by line may lose a part again.
            points = max(sofar, stake.points())
            if base or points > sofar:
                extra = Reason(plan.code, unit, base, points - sofar, tier=rate.tier, of=code)
                given[plan.code].append(extra)
            sofar = points
    return given
