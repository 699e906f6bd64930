"""One rule compiled: when it matches, what it gives, and how multipliers change that.

Nothing here raises. A rule gives a Reason for a fact; where multipliers touch it, a Stake is made
instead and the reasons come of what each multiplier adds to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from pointbook.engine.rules.blueprint import PLAIN_BASE, Blueprint, EarnRule, GroupMode
from pointbook.engine.rules.earning.awards import MONEY, ROUNDINGS, Rate, RateOf, rate_of
from pointbook.engine.rules.earning.bases import Amount, base_total, costs_of, counts_of, whole_of
from pointbook.engine.rules.earning.choosing import Choice, Choices, Tables, costs_in
from pointbook.engine.rules.earning.limits import Caps, caps_of
from pointbook.engine.rules.earning.matching import Gate, gate_of
from pointbook.engine.rules.earning.reasons import Reason
from pointbook.engine.rules.earning.weights import Stake, Weights
from pointbook.engine.rules.fields import ATTRIBUTES
from pointbook.engine.rules.who import Who
from pointbook.engine.values.facts import Fact

Give = Callable[[Fact, Who, Tables], Reason]
StakeOf = Callable[[Fact, Who, Tables], Stake]
WeightsOf = Callable[[Fact, Tables], Weights]
# Faster than the constructor of a NamedTuple with defaults, which is a function of Python.
_NEW = tuple.__new__


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A compiled rule; `gate` None matches every fact of the rule's type.

    A multiplier has `targets`, the rules it multiplies, and gives nothing of its own. `choice` are
    the lines a rule chooses; a rule that is not `by_lines` has one amount only, whatever the lines.
    With `rewards` it sees the lines that were rewards.
    """

    rule: EarnRule
    code: str
    gate: Gate | None
    rate: RateOf
    caps: Caps | None
    mode: GroupMode
    choice: Choice | None
    by_lines: bool
    rewards: bool
    targets: frozenset[str]
    give: Give
    stake: StakeOf

    @property
    def multiplies(self) -> bool:
        """Whether the rule multiplies what others give."""
        return self.rule.award.kind == "multiply"

    def flags(self, target: Plan, fact: Fact, tables: Tables) -> list[bool] | None:
        """The amounts of a target's weights that this multiplier touches; None for all."""
        if self.choice is None:
            return None
        flags = self.choice.flags(fact, tables)
        return [*flags, False] if target.by_lines else [any(flags)]


def plan_of(rule: EarnRule, *, blueprint: Blueprint, zone: tzinfo, choices: Choices) -> Plan:
    """Compile one rule of a blueprint."""
    rate = rate_of(rule, blueprint=blueprint)
    give, stake = _gives(rule, rate, choices)
    return Plan(
        rule=rule,
        code=rule.code,
        gate=gate_of(rule, rate=rate, zone=zone),
        rate=rate,
        caps=caps_of(rule, blueprint=blueprint),
        mode=blueprint.groups.get(rule.group, "all"),
        choice=None if rule.lines is None else choices.of(rule.lines),
        by_lines=by_lines(rule),
        rewards=rule.base.rewards,
        targets=targets_of(rule, blueprint=blueprint),
        give=give,
        stake=stake,
    )


def by_lines(rule: EarnRule) -> bool:
    """Whether lines of the basket make what the rule gives."""
    award = rule.award
    return award.kind in MONEY or award.each in ("item", "line")


def targets_of(rule: EarnRule, *, blueprint: Blueprint) -> frozenset[str]:
    """The rules that a multiplier multiplies: those it names, or all of its unit with a base."""
    if rule.award.kind != "multiply":
        return frozenset()
    if rule.award.of:
        return frozenset(rule.award.of)
    return frozenset(
        one.code
        for one in blueprint.earn
        if one.award.kind in MONEY and one.unit == rule.unit and one.on == rule.on
    )


def weights_of(rule: EarnRule, *, choices: Choices) -> WeightsOf:
    """The amounts that make the base of a rule for money: its lines, then the rest of the basket.

    The rest is what no line says (delivery, or all of a basket without lines); a rule that chooses
    lines has none.
    """
    whole, costs = whole_of(rule.base), costs_of(rule.base)
    total = base_total(rule.base, rule.lines, choices=choices)
    choice = None if rule.lines is None else choices.of(rule.lines)

    def weights(fact: Fact, tables: Tables) -> Weights:
        amounts: list[Amount] = [*costs_in(costs, fact)]
        if choice is None:
            most = whole(fact)
            amounts.append(max(0, most - sum(amounts)))
            return Weights(amounts, cap=most)
        pairs = zip(amounts, choice.flags(fact, tables), strict=True)
        amounts = [amount if flag else 0 for amount, flag in pairs]
        amounts.append(0)
        return Weights(amounts, cap=total(fact, tables))

    return weights


def count_of(rule: EarnRule, *, choices: Choices) -> Callable[[Fact, Tables], list[Amount]]:
    """What a counted award counts: of each line and then 0, or one number."""
    counts = counts_of(rule.award, None if rule.lines is None else choices.of(rule.lines))
    if rule.award.each.startswith(ATTRIBUTES):
        return counts
    return lambda fact, tables: [*counts(fact, tables), 0]


def _gives(rule: EarnRule, rate: RateOf, choices: Choices) -> tuple[Give, StakeOf]:
    kind = rule.award.kind
    if kind in MONEY:
        stake = _money_stake(rule, rate, choices)
        by_order = rule.rounding_of == "order"
        return _money(rule, rate, choices) if by_order else _money_by_line(rule, stake), stake
    if kind == "counted":
        counts = count_of(rule, choices=choices)
        give = _counted(rule, rate, counts)
    else:
        counts = _once
        give = _fixed(rule, rate, choices)
    return give, _stake(rule, give, counts)


def _once(_: Fact, __: Tables) -> list[Amount]:
    return [1]


def _money(rule: EarnRule, rate: RateOf, choices: Choices) -> Give:
    """Points for the base as a whole: by far the most rules, so the commonest have fewest calls."""
    code, unit, rounded = rule.code, rule.unit, ROUNDINGS[rule.rounding]
    total = base_total(rule.base, rule.lines, choices=choices)
    fixed = None if rule.award.by_tier else rate(Who())
    if fixed is None:

        def by_tier(fact: Fact, who: Who, tables: Tables) -> Reason:
            base = total(fact, tables)
            num, den, tier = held_rate(rate, who)
            points = rounded(base, num, den)
            return _NEW(Reason, (code, unit, base, points, 0, "", tier, ""))

        return by_tier
    num, den, _ = fixed
    if rule.rounding == "floor" and rule.lines is None and rule.base == PLAIN_BASE:

        def plain(fact: Fact, _: Who, __: Tables) -> Reason:
            base = fact.spend
            return _NEW(Reason, (code, unit, base, base * num // den, 0, "", "", ""))

        return plain

    def give(fact: Fact, _: Who, tables: Tables) -> Reason:
        base = total(fact, tables)
        return _NEW(Reason, (code, unit, base, rounded(base, num, den), 0, "", "", ""))

    return give


def held_rate(rate: RateOf, who: Who) -> Rate:
    """The rate of a rule that matched."""
    found = rate(who)
    assert found is not None, "a rule does not match where it has no rate"
    return found


def _money_by_line(rule: EarnRule, stake: StakeOf) -> Give:
    code, unit = rule.code, rule.unit

    def give(fact: Fact, who: Who, tables: Tables) -> Reason:
        made = stake(fact, who, tables)
        return Reason(code, unit, made.part(None), made.points(), tier=made.rate.tier)

    return give


def _money_stake(rule: EarnRule, rate: RateOf, choices: Choices) -> StakeOf:
    rounded, by_line = ROUNDINGS[rule.rounding], rule.rounding_of == "line"
    weights = weights_of(rule, choices=choices)

    def stake(fact: Fact, who: Who, tables: Tables) -> Stake:
        made, held = weights(fact, tables), held_rate(rate, who)
        return Stake(made, base=None, rate=held, rounded=rounded, by_line=by_line)

    return stake


def _fixed(rule: EarnRule, rate: RateOf, choices: Choices) -> Give:
    """Points once; the base is told all the same, so that a return takes its part of them."""
    code, unit, rounded = rule.code, rule.unit, ROUNDINGS[rule.rounding]
    total = base_total(rule.base, rule.lines, choices=choices)

    def give(fact: Fact, who: Who, tables: Tables) -> Reason:
        num, den, tier = held_rate(rate, who)
        base = total(fact, tables)
        return _NEW(Reason, (code, unit, base, rounded(1, num, den), 0, "", tier, ""))

    return give


def _counted(
    rule: EarnRule, rate: RateOf, counts: Callable[[Fact, Tables], Sequence[Amount]]
) -> Give:
    """Points for what is counted; part of a step is rounded as the rule says."""
    code, unit, rounded = rule.code, rule.unit, ROUNDINGS[rule.rounding]
    per = rule.award.per or 1

    def give(fact: Fact, who: Who, tables: Tables) -> Reason:
        count = max(0, sum(counts(fact, tables)))
        num, den, tier = held_rate(rate, who)
        points = rounded(rounded(count, 1, per), num, den)
        return Reason(code, unit, rounded(count, 1, 1), points, tier=tier)

    return give


def _stake(
    rule: EarnRule, give: Give, counts: Callable[[Fact, Tables], Sequence[Amount]]
) -> StakeOf:
    """What multipliers work on where no money is: the award, in the parts of what was counted."""
    rounded = ROUNDINGS[rule.rounding]
    lined = by_lines(rule)

    def stake(fact: Fact, who: Who, tables: Tables) -> Stake:
        own = give(fact, who, tables)
        amounts = counts(fact, tables)
        count = max(0, sum(amounts))
        num, den = count.as_integer_ratio()
        # Each of the count's parts brings the award divided by the count.
        rate = Rate(own.points * den, num, own.tier) if count else Rate(0, 1, own.tier)
        base = None if lined else own.base
        weights = Weights(amounts, cap=count)
        return Stake(weights, base=base, rate=rate, rounded=rounded, by_line=False)

    return stake
