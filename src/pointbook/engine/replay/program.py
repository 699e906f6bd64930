"""A program compiled for folding: its versions in force, its ladders, its prices of points.

Nothing here raises. Compile once, judge millions.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pointbook.engine.ledger.expiry import Term
from pointbook.engine.revenue.allocation import point_price
from pointbook.engine.revenue.policies import Policy
from pointbook.engine.revenue.treatments import (
    PRICED_ALONE,
    SALE,
    SHARING,
    price_of,
    reasons_of,
    treatment,
)
from pointbook.engine.rules.blueprint import Blueprint, EarnRule, Expiry, Limit, Measure, Unit
from pointbook.engine.rules.earning import Judge, base_of, compile_earning, measured
from pointbook.engine.rules.predicates import All, Any, Condition, Named, Not, Test
from pointbook.engine.rules.rewards.compiling import CompiledReward, compile_rewards
from pointbook.engine.rules.tiers import Ladder
from pointbook.engine.rules.tiers.measures import source_of
from pointbook.engine.values.calendar import (
    first_of_month,
    last_second,
    month_name,
    month_start,
)
from pointbook.engine.values.facts import Fact
from pointbook.engine.values.money import exponent

EVER = datetime.min.replace(tzinfo=UTC)
COUNTS = "count."
# How members are kept; members kept in another way are folded again from their facts.
KEPT_AS = 2
Base = Callable[[Fact], "int | None"]


# Points of every month of a unit that an estimate does not name.
OTHER_MONTHS = "*"


@dataclass(frozen=True, slots=True)
class Rate:
    """An approved expected redemption rate (0 to 1), in force from a period (YYYY-MM) on.

    `value` is for all points; `cohorts` are the rates of some, by unit and month of issue, where a
    method gave them (OTHER_MONTHS: the unit's months to come). `number` is that of the estimate.
    """

    from_period: str
    value: Decimal
    cohorts: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    number: int = 0

    def of(self, unit: str, month: str = OTHER_MONTHS) -> Decimal:
        """The rate of a unit's points of a month, or of months to come."""
        own = self.cohorts.get(unit, {})
        return own.get(month, own.get(OTHER_MONTHS, self.value))


@dataclass(frozen=True, slots=True)
class Cost:
    """What a whole point of a unit is expected to cost, major units, from a period (YYYY-MM) on.

    `recorded_at` is when it was approved.
    """

    unit: str
    from_period: str
    amount: Decimal
    recorded_at: datetime = EVER


class Given(NamedTuple):
    """What an award of a rule in a unit is in the books, and its term.

    `term` is None where more than the time of the award matters.
    """

    term: Term | None
    policy: str
    funder: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a blueprint, compiled; in force from `from_at` to the next version.

    `bases` answer what a return took of a rule's base, None where it does not say; `measured` are
    the rules whose base is taken of the purchase in the same way. `terms` are the ends of lots: by
    unit, by unit and tier or country, and by rule. `given` says what an award of a rule in a unit
    is; `alone` whether some have a price of their own, or none where a sale has one to share.
    `limits` are those that hold for a rule.
    """

    number: int
    from_at: datetime
    blueprint: Blueprint
    zone: tzinfo
    units: Mapping[str, Unit]
    judges: Mapping[str, Judge]
    bases: Mapping[str, Base]
    measured: frozenset[str]
    terms: Mapping[str, Term]
    terms_by_tier: Mapping[tuple[str, str], Term]
    terms_by_country: Mapping[tuple[str, str], Term]
    terms_by_rule: Mapping[str, Term]
    given: Mapping[tuple[str, str], Given]
    alone: bool
    rules: Mapping[str, EarnRule]
    limits: Mapping[str, tuple[Limit, ...]]
    ladders: tuple[Ladder, ...]
    releasing: frozenset[str]
    sliding: Mapping[str, tuple[str, ...]]
    asks: bool
    rewards: Mapping[str, CompiledReward]

    @property
    def ladder(self) -> Ladder | None:
        """The ladder that members see; None when there is none."""
        return self.ladders[0] if self.ladders else None


def zone_of(blueprint: Blueprint) -> tzinfo:
    """The program's time zone; UTC as the standard constant, for which no conversion is made."""
    return UTC if blueprint.time_zone == "UTC" else ZoneInfo(blueprint.time_zone)


def compile_version(blueprint: Blueprint, *, number: int = 1, from_at: datetime = EVER) -> Version:
    """Compile a blueprint; `from_at` is the instant from which it judges."""
    zone = zone_of(blueprint)
    units = blueprint.units.values()

    def term(expiry: Expiry) -> Term:
        return Term(expiry, zone=zone)

    terms = {unit.code: term(unit.expiry) for unit in units}
    by_rule = {rule.code: term(rule.expiry) for rule in blueprint.earn if rule.expiry is not None}
    given = {
        (rule.code, unit.code): _given(
            blueprint, rule, unit, own=by_rule.get(rule.code), usual=terms[unit.code]
        )
        for rule in blueprint.earn
        for unit in units
    }
    return Version(
        number=number,
        from_at=from_at,
        blueprint=blueprint,
        zone=zone,
        units=blueprint.units,
        judges=compile_earning(blueprint, zone=zone),
        bases={rule.code: base_of(rule, blueprint=blueprint) for rule in blueprint.earn},
        measured=frozenset(
            rule.code for rule in blueprint.earn if measured(rule, blueprint=blueprint)
        ),
        terms=terms,
        terms_by_country={
            (unit.code, country): term(expiry)
            for unit in units
            for country, expiry in unit.expiry_by_country.items()
        },
        terms_by_tier={
            (unit.code, tier): term(expiry)
            for unit in units
            for tier, expiry in unit.expiry_by_tier.items()
        },
        terms_by_rule=by_rule,
        given=given,
        alone=any(_alone(rule, given[rule.code, rule.unit]) for rule in blueprint.earn),
        rules={rule.code: rule for rule in blueprint.earn},
        limits=_limits(blueprint),
        ladders=tuple(Ladder(tiers, zone=zone, from_at=from_at) for tiers in blueprint.ladders),
        releasing=frozenset(
            rule.pending.on for rule in blueprint.earn if rule.pending and rule.pending.on
        ),
        sliding=_sliding(blueprint),
        asks=_asks(blueprint),
        rewards=compile_rewards(blueprint, zone=zone),
    )


def _given(
    blueprint: Blueprint, rule: EarnRule, unit: Unit, *, own: Term | None, usual: Term
) -> Given:
    """What an award of a rule in a unit is; `own` is the rule's term, `usual` the unit's."""
    fixed = treatment(
        blueprint.books,
        rule=rule.code,
        unit=unit.code,
        sale=rule.on == SALE,
        reasons=reasons_of(rule.on),
    )
    term = own or usual
    varies = own is None and (unit.expiry_by_tier or unit.expiry_by_country)
    straight = not (varies or rule.pending or term.expiry.sliding)
    return Given(term if straight else None, fixed.policy.value, fixed.funder)


def _alone(rule: EarnRule, given: Given) -> bool:
    """Whether a rule's awards have a price of their own, or none where a sale has one to share."""
    return given.policy in PRICED_ALONE or (rule.on == SALE and given.policy not in SHARING)


def _limits(blueprint: Blueprint) -> dict[str, tuple[Limit, ...]]:
    """The limits of each rule that has any: its own, then those it shares."""
    found = {}
    for rule in blueprint.earn:
        shared = tuple(limit for limit in blueprint.limits if rule.code in limit.rules)
        if rule.limits or shared:
            found[rule.code] = (*rule.limits, *shared)
    return found


def _sliding(blueprint: Blueprint) -> dict[str, tuple[str, ...]]:
    """The units whose lots' ends a type of fact puts off, by that type."""
    found: dict[str, tuple[str, ...]] = {}
    for unit in blueprint.units.values():
        if _slides(unit, blueprint):
            for kind in unit.activity:
                found[kind] = (*found.get(kind, ()), unit.code)
    return found


def _slides(unit: Unit, blueprint: Blueprint) -> bool:
    """Whether activity puts off the ends of a unit's points, of all or of those of a rule."""
    own = (rule.expiry for rule in blueprint.earn if rule.unit == unit.code and rule.expiry)
    return any(term.sliding for term in (unit.expiry, *unit.expiry_by_tier.values(), *own))


def _asks(blueprint: Blueprint) -> bool:
    """Whether a rule needs to know anything of the member."""
    named = ("member.", COUNTS, "measures.")
    return any(
        rule.award.by_tier or any(test.field.startswith(named) for test in tests_in(rule.when))
        for rule in blueprint.earn
    )


def tests_in(condition: Condition | None) -> Iterator[Test]:
    """Every test of a condition on facts; lines have no members."""
    if isinstance(condition, Test):
        yield condition
    elif isinstance(condition, All | Any):
        for part in condition.parts:
            yield from tests_in(part)
    elif isinstance(condition, Not | Named):
        yield from tests_in(condition.part)


def _measures(blueprint: Blueprint) -> Iterator[Measure]:
    yield from blueprint.measures
    for ladder in blueprint.ladders:
        yield from ladder.measures


def _counted(blueprint: Blueprint) -> Iterator[str]:
    asked = [rule.when for rule in blueprint.earn] + [one.when for one in blueprint.rewards]
    for condition in asked:
        for test in tests_in(condition):
            if test.field.startswith(COUNTS):
                yield test.field.removeprefix(COUNTS)


class Program:
    """The versions of one program and the rates at which its points are priced.

    A fact is judged by the version in force when it occurred; facts before the first version are
    judged by the first. With `rates` None nothing is allocated (a what-if about points alone).
    """

    __slots__ = (
        "_froms",
        "_paid",
        "_prices",
        "_single",
        "costs",
        "counted",
        "currency",
        "earned",
        "ends_by_tier",
        "ladder",
        "linked",
        "measures",
        "rates",
        "re_evaluates",
        "rewarding",
        "shape",
        "shared",
        "sliding",
        "sources",
        "tallied",
        "tiered",
        "unit",
        "versions",
        "walletbound",
        "zone",
    )

    def __init__(
        self,
        versions: Sequence[Version],
        *,
        rates: Sequence[Rate] | None = None,
        costs: Sequence[Cost] = (),
    ) -> None:
        self.versions = tuple(sorted(versions, key=lambda version: version.from_at))
        self._froms = [version.from_at for version in self.versions]
        self._single = self.versions[0] if len(self.versions) == 1 else None
        latest = self.versions[-1]
        blueprints = [version.blueprint for version in self.versions]
        self.tiered = any(blueprint.ladders for blueprint in blueprints)
        # What one version counts is counted from the start: a later version may ask for it.
        self.measures = tuple(dict.fromkeys(chain.from_iterable(map(_measures, blueprints))))
        self.sources = frozenset(source_of(measure) for measure in self.measures)
        # The sources that earned points and facts of a type are counted under, by unit and by type.
        self.earned = _named(self.sources, "earned:")
        self.tallied = _named(self.sources, "count:")
        self.counted = frozenset(chain.from_iterable(map(_counted, blueprints)))
        self.re_evaluates = any(blueprint.late_facts == "re_evaluate" for blueprint in blueprints)
        self.linked = any(
            blueprint.referrals or blueprint.transfers or blueprint.pooled or blueprint.companies
            for blueprint in blueprints
        )
        self.rewarding = any(blueprint.rewards for blueprint in blueprints)
        self.shared = any(rule.budget for blueprint in blueprints for rule in blueprint.earn)
        # Lots of an older version slide by it, whatever a newer one says.
        kinds = {kind for version in self.versions for kind in version.sliding}
        self.sliding = {
            kind: tuple(
                dict.fromkeys(
                    unit for version in self.versions for unit in version.sliding.get(kind, ())
                )
            )
            for kind in kinds
        }
        self.ends_by_tier = any(
            unit.expiry_by_tier for blueprint in blueprints for unit in blueprint.units.values()
        )
        # Whether any fact may move any lot: sliding points, highest balances, terms by tier.
        self.walletbound = self.re_evaluates or any(
            unit.most is not None or unit.expiry_by_tier or _slides(unit, blueprint)
            for blueprint in blueprints
            for unit in blueprint.units.values()
        )
        self.unit = next(iter(latest.blueprint.units))
        self.ladder = latest.ladders[0].tiers.code if latest.ladders else ""
        self.shape = _shape(self.sources, self.counted, blueprints)
        self.zone = latest.zone
        self.currency = latest.blueprint.currency
        self.rates = None if rates is None else tuple(sorted(rates, key=lambda r: r.from_period))
        self.costs = tuple(sorted(costs, key=lambda cost: cost.from_period))
        self._prices: dict[tuple[int, str, date], tuple[int, int]] = {}
        self._paid: dict[tuple[int, str, str], tuple[int, int]] = {}

    def version_at(self, at: datetime) -> Version:
        """The version that judges a fact of `at`."""
        if self._single is not None:
            return self._single
        return self.versions[max(0, bisect_right(self._froms, at) - 1)]

    def estimate_in(self, period: str) -> Rate | None:
        """The estimate in force in a period; None while none was approved.

        The one with the latest first period counts, of two for the same the one approved later.
        """
        found = None
        for rate in self.rates or ():
            if rate.from_period <= period:
                found = rate
        return found

    def rate_in(self, period: str) -> Decimal:
        """The expected redemption rate in force in a period; 1 while none was approved."""
        found = self.estimate_in(period)
        return Decimal(1) if found is None else found.value

    def rate_for(self, *, period: str, unit: str, issued_on: date) -> Decimal:
        """The rate in force in a period for a unit's points of a month; 1 while none was approved.

        That of their cohort where the estimate has one, else the estimate's own.
        """
        found = self.estimate_in(period)
        return Decimal(1) if found is None else found.of(unit, month_name(issued_on))

    def cost_of(self, *, period: str, unit: str) -> Decimal:
        """What a whole point is expected to cost in a period, major units.

        Its value by the version in force at the end of the period while no cost was approved.
        """
        amount = None
        for cost in self.costs:
            if cost.unit == unit and cost.from_period <= period:
                amount = cost.amount
        return self.value_of(period=period, unit=unit) if amount is None else amount

    def value_of(self, *, period: str, unit: str) -> Decimal:
        """What a whole point buys at the end of a period, major units."""
        units = self.version_at(last_second(month_start(period), self.zone)).units
        return (units[unit] if unit in units else self.versions[-1].units[unit]).value

    def known_at(self, number: int, at: datetime | None = None) -> Program:
        """The same program as it was known once.

        With its estimates up to a number, and the costs that were approved by `at`.
        """
        known = [rate for rate in self.rates or () if rate.number <= number]
        costs = [cost for cost in self.costs if at is None or cost.recorded_at <= at]
        return Program(self.versions, rates=known, costs=costs)

    def price(self, version: Version, unit: str, at: datetime) -> tuple[int, int]:
        """Stand-alone selling price of one smallest part: minor units as (numerator, denominator).

        Value x expected redemption rate in force at the sale (IFRS 15 B42, ASC 606-10-55-44), that
        of points to come: what a cohort's own experience says of it does not price another's.
        """
        month = first_of_month(at, self.zone)
        key = (version.number, unit, month)
        price = self._prices.get(key)
        if price is None:
            terms = version.blueprint.units[unit]
            found = self.estimate_in(month_name(month))
            price = point_price(
                value=terms.value,
                rate=found.of(unit) if found else Decimal(1),
                places=exponent(self.currency),
                decimals=terms.decimals,
            )
            self._prices[key] = price
        return price

    def paid(self, version: Version, unit: str, funder: str) -> tuple[int, int]:
        """What a partner pays for one smallest part: minor units as (numerator, denominator)."""
        key = (version.number, unit, funder)
        paid = self._paid.get(key)
        if paid is None:
            blueprint = version.blueprint
            price = price_of(blueprint.books, policy=Policy.FUNDED, funder=funder, unit=unit)
            paid = self._paid[key] = point_price(
                value=price or Decimal(0),
                rate=Decimal(1),
                places=exponent(self.currency),
                decimals=version.units[unit].decimals,
            )
        return paid


def _named(sources: Iterable[str], kind: str) -> dict[str, str]:
    """Sources of a kind by what comes after it."""
    return {one.removeprefix(kind): one for one in sources if one.startswith(kind)}


def _shape(sources: Iterable[str], counted: Iterable[str], blueprints: Iterable[Blueprint]) -> str:
    """What is kept of members, as a digest: a member's kept state is of use for the same only."""
    blueprints = list(blueprints)
    counted_of = {limit.code for blueprint in blueprints for limit in _all_limits(blueprint)}
    counted_of |= {code for blueprint in blueprints for code in _counted_redemptions(blueprint)}
    limits = sorted(counted_of)
    ladders = sorted({ladder.code for blueprint in blueprints for ladder in blueprint.ladders})
    told = json.dumps([KEPT_AS, sorted(sources), sorted(counted), limits, ladders])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _all_limits(blueprint: Blueprint) -> Iterator[Limit]:
    yield from blueprint.limits
    for rule in blueprint.earn:
        yield from rule.limits
    if blueprint.transfers is not None:
        yield from blueprint.transfers.limits


def _counted_redemptions(blueprint: Blueprint) -> Iterator[str]:
    """What is counted of members' redemptions, as it is kept of them."""
    for one in blueprint.redemption.suspicious:
        yield f"redemption:{one.each}"
    for reward in blueprint.rewards:
        for limit in reward.limits:
            yield f"reward:{reward.code}:{limit.each}"
