"""The program as one immutable document: what a parsed blueprint holds.

Everything is in whole smallest parts: money in minor units of the program's currency, points in
the smallest part of their unit. `engine.rules.reading` makes a Blueprint of a YAML document and
names every mistake by path; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from pointbook.engine.rules.books import Books
from pointbook.engine.rules.catalogue import (
    USUAL,
    AutomaticBurn,
    Cause,
    Paying,
    Redemption,
    Reward,
)
from pointbook.engine.rules.predicates import (
    Condition,
)
from pointbook.engine.rules.spans import Each
from pointbook.engine.values.money import exponent

UnknownMembers = Literal["enrol", "refuse", "keep"]
ExpiryKind = Literal[
    "never",
    "days",
    "months",
    "end_of_month",
    "end_of_year",
    "membership_year",
    "on_date",
    "on_day",
    "inactivity_days",
    "inactivity_months",
]
SpendOrder = Literal["oldest", "soonest_expiry"]
Rounding = Literal["floor", "nearest", "ceiling"]
RoundingOf = Literal["order", "line"]
AwardKind = Literal["per_amount", "fixed", "counted", "percent", "multiply"]
GroupMode = Literal["all", "best_of", "first_match"]
WindowKind = Literal[
    "rolling_days",
    "calendar_year",
    "calendar_month",
    "membership_year",
    "lifetime",
    "since_review",
]
MeasureKind = Literal["spend", "earned", "visits", "count"]
ValidityKind = Literal[
    "purchase", "end_of_year", "end_of_month", "days", "months", "membership_year", "for_ever"
]
Upgrade = Literal["at_once", "at_review"]
Downgrade = Literal["none", "one_step", "full"]
ClawBack = Literal["clamp", "allow_negative", "carry_forward"]
Burned = Literal["pro_rata", "whole", "keep"]
LateFacts = Literal["leave", "re_evaluate"]
Trigger = Literal["sign_up", "first_purchase", "every_purchase"]


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long the points of a lot live.

    `n` counts days, months or years by `kind`; `month` and `day` are those of `on_date` (the nth
    such date after the award: n 0 is the next) and of `on_day` (day `day` of the nth month after
    the award's). `membership_year` and `end_of_year` end with the nth year after the award's own.
    Inactivity counts from the member's last activity. The end is then put off to the end of the
    month or year of `rounded_up_to`. `since` release counts from the end of the pending time.
    """

    kind: ExpiryKind = "never"
    n: int = 0
    month: int = 0
    day: int = 0
    rounded_up_to: Literal["", "month", "year"] = ""
    since: Literal["award", "release"] = "award"

    @property
    def sliding(self) -> bool:
        """Whether activity puts the end off."""
        return self.kind in ("inactivity_days", "inactivity_months")


@dataclass(frozen=True, slots=True)
class Unit:
    """A currency of points. `value` is what one whole point is worth, in major units.

    Status units are not `spendable`. A unit of `money` is stored value: gift cards and wallets, of
    which one part is one minor unit that somebody paid for. `most` is the highest balance in
    smallest parts (None: no limit). `expiry_by_tier` replaces `expiry` for members in those tiers
    of `ladder`, `expiry_by_country` for whose profile names that country, as the law of gift cards
    may ask; `activity` are the types of facts that put the end of sliding points off. Points
    that expired come back within `reinstate_days` and then live `reinstated_for` days.
    """

    code: str
    name: str
    singular: str
    decimals: int
    value: Decimal
    expiry: Expiry
    spend_order: SpendOrder
    spendable: bool = True
    money: bool = False
    most: int | None = None
    expiry_by_tier: Mapping[str, Expiry] = field(default_factory=dict)
    expiry_by_country: Mapping[str, Expiry] = field(default_factory=dict)
    ladder: str = ""
    activity: tuple[str, ...] = ("purchase",)
    reinstate_days: int = 0
    reinstated_for: int = 0

    def worth(self, points: int, *, currency: str) -> int:
        """What smallest parts are worth in minor units, rounded down."""
        return int(self.value * points * Decimal(10) ** (exponent(currency) - self.decimals))


@dataclass(frozen=True, slots=True)
class Award:
    """What a rule gives.

    - per_amount: `points` (whole points, any decimals) for every `per` minor units of the base.
    - fixed: `points` once.
    - counted: `points` for every `per` of what `each` counts: item (quantities of the chosen
      lines), line, or attributes.NAME (a number of the fact).
    - percent: `points` percent of the base, paid in the unit at its value.
    - multiply: the base of the rules in `of` (empty: of every rule of its unit that has a base)
      counts `points` times, on the lines this rule chooses.

    `by_tier` replaces `points` by the tier the member holds on `ladder`.
    """

    kind: AwardKind
    points: Decimal
    per: int = 0
    each: str = ""
    by_tier: Mapping[str, Decimal] = field(default_factory=dict)
    ladder: str = ""
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Base:
    """What of a sale counts: each part in (True) or out; `discounts` in is the price before them.

    `stored_value` and `points` are what was paid with gift cards and with points, `rewards` the
    lines that were rewards.
    """

    tax: bool = False
    delivery: bool = False
    discounts: bool = False
    stored_value: bool = False
    points: bool = False
    rewards: bool = False


PLAIN_BASE = Base()


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `points` (smallest parts) or `times` a member for each span of time, over `rules`.

    What is above is cut off, or with `whole` the award that would pass it is not given at all.
    """

    code: str
    each: Each
    points: int | None = None
    times: int | None = None
    whole: bool = False
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `points` (smallest parts) that a rule gives to all members for each span of time."""

    points: int
    each: Each = "ever"


@dataclass(frozen=True, slots=True)
class Pending:
    """When points can be used: from 00:00 of the day `days` after, or from a fact of type `on`.

    With both it is the day so many days after that fact.
    """

    days: int = 0
    on: str = ""


@dataclass(frozen=True, slots=True)
class EarnRule:
    """One rule: the facts it listens to, what it asks of them, what it gives, and up to where.

    `when` is asked of the fact and the member, `lines` picks the lines whose amounts make the base.
    Dates are the program's days; `until_on` is the last day included. `weekdays` 0 is Monday,
    `hours` are minutes of the program's day from (included) and to (excluded); empty is any.
    Rules run by `priority` (highest first), then in document order; `stop` ends them when the rule
    matched; `group` is a key of Blueprint.groups.
    """

    code: str
    name: str
    on: str
    unit: str
    award: Award
    rounding: Rounding = "floor"
    rounding_of: RoundingOf = "order"
    base: Base = PLAIN_BASE
    when: Condition | None = None
    lines: Condition | None = None
    from_on: date | None = None
    until_on: date | None = None
    weekdays: tuple[int, ...] = ()
    hours: tuple[int, int] | None = None
    stores: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    budget: Budget | None = None
    priority: int = 0
    stop: bool = False
    group: str = ""
    pending: Pending | None = None
    expiry: Expiry | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Over which time a measure counts; `days` only for rolling windows."""

    kind: WindowKind
    days: int = 0


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted of a member.

    spend (minor units), earned (smallest parts of `unit`), visits (purchases), count (facts of
    `type`).
    """

    code: str
    kind: MeasureKind
    window: Window
    unit: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class Rung:
    """One tier: reached when any or all (`every`) of its `needs` (measure -> least) are met.

    The first rung needs nothing. A `lifetime` tier is never lost. `benefits` are entitlements for
    each span of the ladder's benefit of that code.
    """

    code: str
    name: str
    needs: Mapping[str, int] = field(default_factory=dict)
    every: bool = False
    lifetime: bool = False
    benefits: Mapping[str, int] = field(default_factory=dict)

    @property
    def threshold(self) -> int:
        """The least of the first measure it names; 0 when it needs nothing."""
        return next(iter(self.needs.values()), 0)


@dataclass(frozen=True, slots=True)
class Validity:
    """How long a tier that was reached is kept.

    purchase: until the next purchase that judges otherwise (no date). The others name a date: the
    end of the nth year or month after, `n` days or months later, the end of the nth membership
    year after; `plus_days` are added to it.
    """

    kind: ValidityKind = "purchase"
    n: int = 0
    plus_days: int = 0


@dataclass(frozen=True, slots=True)
class Benefit:
    """Something a tier gives that is counted: `each` span of time anew."""

    code: str
    name: str
    each: Each


@dataclass(frozen=True, slots=True)
class Tiers:
    """A ladder, lowest rung first, with what it measures.

    `moved` says where members of a tier go that this version no longer has.
    """

    code: str
    name: str
    measures: tuple[Measure, ...]
    ladder: tuple[Rung, ...]
    upgrade: Upgrade = "at_once"
    validity: Validity = Validity()
    downgrade: Downgrade = "full"
    grace_days: int = 0
    benefits: tuple[Benefit, ...] = ()
    moved: Mapping[str, str] = field(default_factory=dict)

    @property
    def window(self) -> Window:
        """The window of the first measure."""
        return self.measures[0].window


@dataclass(frozen=True, slots=True)
class Referrals:
    """When a referral counts: rules listen on referral (who invited) and referred (the friend).

    `minimum` minor units of spend make a purchase count, within `within_days` of the invitation (0:
    any time). `checks` are the identifiers that two people may not share.
    """

    trigger: Trigger
    minimum: int = 0
    within_days: int = 0
    checks: tuple[str, ...] = ("email", "phone", "card")


@dataclass(frozen=True, slots=True)
class Transfers:
    """Which units members may hand to each other; `keep` the lots' ends or begin anew.

    `limits` are a sender's.
    """

    units: tuple[str, ...]
    keep: bool = True
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Corrections:
    """Manual plus and minus: the `reasons` there are; above `most` parts a second person is asked.

    `negative` says what a minus above the balance does: refuse it, clamp it, or allow a debt.
    """

    reasons: tuple[str, ...] = ()
    most: Mapping[str, int] = field(default_factory=dict)
    negative: Literal["refuse", "clamp", "allow"] = "refuse"


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One version of a program. `document` is the parsed YAML it was read from.

    `ladders` are parallel; the first is the one that members see. `limits` are shared by rules.
    `pooled` are the units that households share; with `companies` a company is told of the
    purchases of its people by facts of type company_purchase.
    """

    code: str
    name: str
    currency: str
    time_zone: str
    unknown_members: UnknownMembers
    units: Mapping[str, Unit]
    earn: tuple[EarnRule, ...]
    ladders: tuple[Tiers, ...]
    rewards: tuple[Reward, ...]
    claw_back: ClawBack
    books: Books
    burned: Burned = "pro_rata"
    late_facts: LateFacts = "leave"
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    groups: Mapping[str, GroupMode] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    referrals: Referrals | None = None
    transfers: Transfers | None = None
    pooled: tuple[str, ...] = ()
    companies: bool = False
    corrections: Corrections = Corrections()
    paying: tuple[Paying, ...] = ()
    causes: tuple[Cause, ...] = ()
    automatic: tuple[AutomaticBurn, ...] = ()
    redemption: Redemption = USUAL
    document: Mapping[str, object] = field(repr=False, compare=False, default_factory=dict)

    @property
    def tiers(self) -> Tiers | None:
        """The ladder that members see; None when there is none."""
        return self.ladders[0] if self.ladders else None


@dataclass(frozen=True, slots=True)
class BurnHabit:
    """What simulated members do at 23:59:59 of each month's last day (program's zone).

    If the balance is at least `threshold`, they burn as many whole `step`s as they hold.
    """

    unit: str
    threshold: int
    step: int


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How members burn in a what-if; the burns it makes are facts marked simulated."""

    name: str
    burns: tuple[BurnHabit, ...]
