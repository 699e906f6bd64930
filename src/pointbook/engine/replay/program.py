"""A program compiled for folding: its versions in force, its ladder, its prices of points.

Nothing here raises. Compile once, judge millions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from pointbook.engine.ledger.expiry import Term
from pointbook.engine.revenue.allocation import point_price
from pointbook.engine.rules.blueprint import Blueprint, Unit
from pointbook.engine.rules.earning import Base, Judge, base_of, compile_rules
from pointbook.engine.rules.tiers import Ladder
from pointbook.engine.values.calendar import first_of_month, month_name
from pointbook.engine.values.money import exponent

EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rate:
    """An approved expected redemption rate (0 to 1), in force from a period (YYYY-MM) on."""

    from_period: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a blueprint, compiled; in force from `from_at` to the next version."""

    number: int
    from_at: datetime
    blueprint: Blueprint
    zone: tzinfo
    judges: dict[str, tuple[Judge, ...]]
    bases: dict[str, Base]
    terms: dict[str, Term]
    ladder: Ladder | None
    allow_negative: bool

    @property
    def units(self) -> Mapping[str, Unit]:
        """The units of points by code."""
        return self.blueprint.units


def zone_of(blueprint: Blueprint) -> tzinfo:
    """The program's time zone; UTC as the standard constant, for which no conversion is made."""
    return UTC if blueprint.time_zone == "UTC" else ZoneInfo(blueprint.time_zone)


def compile_version(blueprint: Blueprint, *, number: int = 1, from_at: datetime = EVER) -> Version:
    """Compile a blueprint; `from_at` is the instant from which it judges."""
    zone = zone_of(blueprint)
    return Version(
        number=number,
        from_at=from_at,
        blueprint=blueprint,
        zone=zone,
        judges=compile_rules(blueprint, zone=zone),
        bases={rule.code: base_of(rule) for rule in blueprint.earn},
        terms={
            code: Term(kind=unit.expiry.kind, n=unit.expiry.n, zone=zone)
            for code, unit in blueprint.units.items()
        },
        ladder=None if blueprint.tiers is None else Ladder(blueprint.tiers, zone=zone),
        allow_negative=blueprint.claw_back == "allow_negative",
    )


class Program:
    """The versions of one program and the rates at which its points are priced.

    A fact is judged by the version in force when it occurred; facts before the first version are
    judged by the first. With `rates` None nothing is allocated (a what-if about points alone).
    """

    __slots__ = ("_froms", "_prices", "_single", "currency", "rates", "tiered", "versions", "zone")

    def __init__(self, versions: Sequence[Version], *, rates: Sequence[Rate] | None = None) -> None:
        self.versions = tuple(sorted(versions, key=lambda version: version.from_at))
        self._froms = [version.from_at for version in self.versions]
        self._single = self.versions[0] if len(self.versions) == 1 else None
        # Spend counts for the tiers of a later version too.
        self.tiered = any(version.ladder is not None for version in self.versions)
        latest = self.versions[-1]
        self.zone = latest.zone
        self.currency = latest.blueprint.currency
        self.rates = None if rates is None else tuple(sorted(rates, key=lambda r: r.from_period))
        self._prices: dict[tuple[int, str, date], tuple[int, int]] = {}

    def version_at(self, at: datetime) -> Version:
        """The version that judges a fact of `at`."""
        if self._single is not None:
            return self._single
        return self.versions[max(0, bisect_right(self._froms, at) - 1)]

    def rate_in(self, period: str) -> Decimal:
        """The expected redemption rate in force in a period; 1 while none was approved."""
        value = Decimal(1)
        for rate in self.rates or ():
            if rate.from_period <= period:
                value = rate.value
        return value

    def price(self, version: Version, unit: str, at: datetime) -> tuple[int, int]:
        """Stand-alone selling price of one smallest part: minor units as (numerator, denominator).

        Value x expected redemption rate in force at the sale (IFRS 15 B42, ASC 606-10-55-44).
        """
        month = first_of_month(at, self.zone)
        key = (version.number, unit, month)
        price = self._prices.get(key)
        if price is None:
            terms = version.blueprint.units[unit]
            price = point_price(
                value=terms.value,
                rate=self.rate_in(month_name(month)),
                places=exponent(self.currency),
                decimals=terms.decimals,
            )
            self._prices[key] = price
        return price
