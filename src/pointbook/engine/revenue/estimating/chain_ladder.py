"""The chain ladder with Mack's standard errors: how a cohort's redemptions develop with its age.

Thomas Mack, "Distribution-free calculation of the standard error of chain ladder reserve
estimates", ASTIN Bulletin 23(2), 1993, 213-225. Nothing here raises: where the data say nothing,
the developed share is 0 and a prior has to speak.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from pointbook.engine.revenue.estimating.precision import ONE, ZERO, exact, held

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pointbook.engine.revenue.estimating.triangles import Triangle

# How many ages after the oldest age seen points that never expire can still be used.
NEVER_TAIL: Final = 60
# The newest factors that the tail follows: a year of them, so that seasons even out.
FITTED: Final = 12
# A tail at most doubles what was used.
MOST_TAIL: Final = Decimal(2)
# Points that never expire count as known once the oldest cohort was seen at so many ages...
SETTLED_AGES: Final = 24
# ...and so much of what will be used is used by then.
SETTLED_SHARE: Final = Decimal("0.99")


class Link(NamedTuple):
    """The development from `age` to the next: what it was at both, for cohorts seen at both.

    `factor` is volume-weighted, after / before (1 where nothing was used before), `variance` Mack's
    sigma squared, `before` what stands behind the factor. `seen` is False where the tail begins.
    """

    age: int
    before: int
    after: int
    factor: Decimal
    variance: Decimal
    seen: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """How redemptions develop: `links` from age 0 to the last age at which points can be used.

    `shares` has the share of all redemptions that is used by each age (1 / the product of the
    factors still to come); 0 where the data say nothing. `settled` says that the end of the
    pattern was seen and not only extrapolated.
    """

    links: tuple[Link, ...]
    shares: tuple[Decimal, ...]
    settled: bool

    @property
    def end(self) -> int:
        """The number of ages; nothing is used at age `end` or later."""
        return len(self.shares)

    @property
    def tail(self) -> Decimal:
        """The product of the factors that were not seen."""
        with exact():
            return _product(link.factor for link in self.links if not link.seen)

    def share(self, age: int) -> Decimal:
        """The share of all redemptions that is used by an age, 0 to 1."""
        return self.shares[age] if age < self.end else ONE


def fit(triangle: Triangle) -> Pattern:
    """The volume-weighted development of a triangle, to the end of its points' life.

    Factors: f(k) = sum C(i, k+1) / sum C(i, k) over the cohorts seen at both ages (Mack 1993, 2).
    Ages that no cohort has reached get a tail: factor - 1 is extrapolated log-linearly from the
    last 12 factors above 1, never rising, the whole tail at most 2. It ends with contractual
    expiry, or 60 ages after the oldest age seen for points that never expire.
    """
    seen = triangle.ages
    end = triangle.life or max(seen, 1) + NEVER_TAIL
    with exact():
        links = _seen_links(triangle.cumulative, seen)
        links += _tail(links, end=end)
        shares = _shares(links) if seen > 1 or end == 1 else [ZERO] * end
    # A cohort without points tells nothing, however old it is.
    telling = [cohort for cohort in triangle.cohorts if cohort.issued != 0]
    settled = any(map(triangle.has_run_off, telling))
    if triangle.life is None and telling and seen >= SETTLED_AGES:
        settled = shares[seen - 1] >= SETTLED_SHARE
    return Pattern(links=tuple(links), shares=tuple(shares), settled=settled)


def _seen_links(rows: Sequence[Sequence[int]], seen: int) -> list[Link]:
    links: list[Link] = []
    for age in range(seen - 1):
        pairs = [(row[age], row[age + 1]) for row in rows if len(row) > age + 1]
        before, after = (sum(side) for side in zip(*pairs, strict=True))
        factor = Decimal(after) / before if before else ONE
        # Cohorts that had used nothing have no factor of their own.
        errors = [(then - factor * now) ** 2 / now for now, then in pairs if now]
        variance = sum(errors, ZERO) / (len(errors) - 1) if len(errors) > 1 else _sigma(links)
        links.append(Link(age, before, after, factor, variance))
    return links


def _sigma(links: Sequence[Link]) -> Decimal:
    """Sigma squared where one cohort tells nothing of it (Mack 1993, after theorem 3).

    min(s(n-2)^4 / s(n-3)^2, min(s(n-3)^2, s(n-2)^2)); the last known one of a shorter triangle.
    """
    last = [link.variance for link in links[-2:]]
    if not last:
        return ZERO
    ratios = [last[1] ** 2 / last[0]] if len(last) > 1 and last[0] else []
    return min([*last, *ratios])


def _tail(links: Sequence[Link], *, end: int) -> list[Link]:
    """Links that nobody has seen: falling factors, and sigma squared that falls with factor - 1."""
    missing = range(len(links), end - 1)
    if not links or not missing:
        return [Link(age, 0, 0, ONE, ZERO, seen=False) for age in missing]
    last = links[-1]
    rising = [(link.age, link.factor - 1) for link in links[-FITTED:] if link.factor > 1]
    rises = _extrapolated(rising, missing)
    made: list[Link] = []
    whole = ONE
    for age, rise in zip(missing, rises, strict=True):
        factor = min(1 + rise, MOST_TAIL / whole)
        whole *= factor
        shrunk = (factor - 1) / rises[0] if rises[0] else ZERO
        made.append(Link(age, last.before, last.after, factor, last.variance * shrunk, seen=False))
    return made


def _extrapolated(rising: Sequence[tuple[int, Decimal]], ages: Iterable[int]) -> list[Decimal]:
    """Factor - 1 at further ages: exp of the least-squares line through its logarithms."""
    if not rising:
        return [ZERO for _ in ages]
    points = [(Decimal(age), rise.ln()) for age, rise in rising]
    middle = sum((x for x, _ in points), ZERO) / len(points)
    height = sum((y for _, y in points), ZERO) / len(points)
    spread = sum(((x - middle) ** 2 for x, _ in points), ZERO)
    slope = sum(((x - middle) * (y - height) for x, y in points), ZERO)
    # A tail that would rise stays level: what grows without end is no tail.
    slope = min(slope / spread, ZERO) if spread else ZERO
    return [(height + slope * (age - middle)).exp() for age in ages]


def _shares(links: Sequence[Link]) -> list[Decimal]:
    """The developed share of each age, from the end back: 0 before the first redemptions."""
    shares = [ONE]
    for link in reversed(links):
        nothing = not link.before and link.after > 0
        share = ZERO if nothing else shares[-1] / link.factor if link.factor else ONE
        shares.append(held(share, least=ZERO, most=ONE))
    return shares[::-1]


def _product(factors: Iterable[Decimal]) -> Decimal:
    whole = ONE
    for factor in factors:
        whole *= factor
    return whole


def ultimates(*, triangle: Triangle, pattern: Pattern) -> tuple[Decimal, ...]:
    """What each cohort will have used in the end: C x the product of the factors still to come.

    Not rounded, and not bounded by the points issued.
    """
    with exact():
        onward = [*accumulate((link.factor for link in reversed(pattern.links)), Decimal.__mul__)]
        onward = [*onward[::-1], ONE]
        return tuple(
            cohort.used * onward[min(cohort.age, pattern.end - 1)] for cohort in triangle.cohorts
        )


class Standing(NamedTuple):
    """Where a cohort stands: its latest age, and what it is expected to have used in the end."""

    age: int
    ultimate: Decimal


class StandardErrors(NamedTuple):
    """The standard error of each cohort's ultimate, and of their sum (points, not rounded)."""

    cohorts: tuple[Decimal, ...]
    total: Decimal


def standard_errors(*, pattern: Pattern, standings: Sequence[Standing]) -> StandardErrors:
    """Mack's standard errors of ultimates at their ages, and of the sum of them.

    mse(i) = U(i)^2 x sum over k of s(k)^2 / f(k)^2 x (1 / C(i, k) + 1 / S(k)), S(k) being what
    stands behind f(k) (Mack 1993, theorem 3); the sum adds 2 x U(i) x U(j) x the part with S(k),
    which all cohorts share (corollary). C(i, k) is the ultimate x the developed share of the age:
    the chain ladder's own value, and for other ultimates what the pattern makes of them.
    """
    with exact():
        own, common = [ZERO], [ZERO]
        for link in reversed(pattern.links):
            weight = link.variance / link.factor**2 if link.factor else ZERO
            share = pattern.shares[link.age]
            own.append(own[-1] + (weight / share if share else ZERO))
            common.append(common[-1] + (weight / link.before if link.before else ZERO))
        own, common = own[::-1], common[::-1]
        spread = [ZERO] * len(standings)
        total = further = ZERO
        # The youngest first: a pair shares the ages that the older of the two has still to reach.
        for place in sorted(range(len(standings)), key=lambda place: standings[place].age):
            age, ultimate = min(standings[place].age, len(own) - 1), standings[place].ultimate
            error = ultimate * own[age] + ultimate**2 * common[age]
            spread[place] = error.sqrt()
            total += error + 2 * ultimate * further * common[age]
            further += ultimate
        return StandardErrors(tuple(spread), total.sqrt())


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLadder:
    """A triangle developed to its end: ultimates and reserve in points, not rounded."""

    pattern: Pattern
    ultimates: tuple[Decimal, ...]
    reserve: Decimal
    errors: StandardErrors


def chain_ladder(triangle: Triangle) -> ChainLadder:
    """The chain ladder of a triangle with its standard errors; the reserve is what is to come."""
    pattern = fit(triangle)
    reached = ultimates(triangle=triangle, pattern=pattern)
    with exact():
        return ChainLadder(
            pattern=pattern,
            ultimates=reached,
            reserve=sum(reached, ZERO) - sum(triangle.latest),
            errors=standard_errors(
                pattern=pattern,
                standings=[
                    Standing(cohort.age, ultimate)
                    for cohort, ultimate in zip(triangle.cohorts, reached, strict=True)
                ],
            ),
        )
