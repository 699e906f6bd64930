"""The unit of account: a cohort of points, its running totals, and what moved in a period.

The points ledger is the only source: draws say which cohort a burn, an expiry or a claw-back
belongs to. `claw_back` turns one return into movements; `merge` adds up movements, so that no
figure depends on the order of members, lots or facts. Raises CohortError when totals contradict
each other (more taken from a cohort than it holds, a rate beyond 0 to 1).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from pointbook.engine.revenue.policies import Policy
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.money import split

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date


class CohortError(PointbookError):
    """A cohort's totals contradict each other."""

    status = 500


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class CohortKey:
    """Entity x program x unit x currency x issue month x policy x funder; read off the lot.

    `issued_on` is the first day of the month (program's zone) in which the award occurred.
    """

    entity: str
    program: str
    unit: str
    currency: str
    issued_on: date
    policy: Policy = Policy.DEFERRED_REVENUE
    funder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortState:
    """A cohort's totals since its first award: points in smallest parts, money in minor units.

    `issued` (I) and `allocated` (A) are net of claw-back and repayment, `redeemed` (R) is net of
    cancelled burns, `expired` (X) of what was reinstated, `rate` (u) is the expected redemption
    rate in force, `each` what one smallest part costs or is worth in minor units, where the policy
    asks for it.

    :raises CohortError: on a negative total, more used than issued, or a rate beyond 0 to 1.
    """

    key: CohortKey
    rate: Decimal
    issued: int = 0
    redeemed: int = 0
    expired: int = 0
    allocated: int = 0
    each: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        lowest = min(self.redeemed, self.expired, self.allocated, self.outstanding)
        if lowest < 0 or not 0 <= self.rate <= 1:
            raise CohortError(
                f"the totals of cohort {self.key} contradict each other: {self}",
                field="cohort",
                value=self,
                mend="Run pointbook verify: the movements do not belong to this cohort.",
            )

    @property
    def outstanding(self) -> int:
        """O = I - R - X: the points that can still be used."""
        return self.issued - self.redeemed - self.expired


class Use(NamedTuple):
    """Points redeemed in one way: their side, and the entity where, '' for the one that gave them.

    Of the `burned` points and the `back` ones (of cancelled burns), `uncosted` and `uncosted_back`
    have no known cost; that of the others is `cost` and `cost_back`, minor units.
    """

    side: str = ""
    other: str = ""
    burned: int = 0
    back: int = 0
    cost: int = 0
    cost_back: int = 0
    uncosted: int = 0
    uncosted_back: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What happened to one cohort in one period, gross and never negative.

    Points in smallest parts, money in minor units. Each field and where it comes from:

    - issued, allocated: lots of the cohort awarded in the period: their points, and their shares
      of the price.
    - burned: points of draws of burns from the cohort's lots.
    - cancelled_burns: points that cancelled burns put back into the cohort's lots.
    - expired: points of draws of expiries and deductions from the cohort's lots.
    - reinstated: points that had expired and came back into the cohort's lots.
    - clawed_back, clawed_back_allocated: draws of claw-backs from the cohort's lots: their points,
      and the drawn lots' shares, which leave A.
    - returned_share: the returned awards' own share of the price for the points in `clawed_back`;
      revenue gets it back. It differs from clawed_back_allocated when the points came out of lots
      of another price than the returned award.
    - owed_share, forgone_share: in the cohort of the returned award: its own share for points that
      could not be recovered, owed by the member (terms allow a negative balance) or by nobody.
    - repaid, repaid_allocated: draws of repayments from the cohort's lots: the points with which an
      award repaid owed ones, and the drawn lots' shares, which leave A.
    - settled: the receivable that those points repaid: of what is left of the member's owed shares,
      the part of repaid in owed points, half up, so that the last point settles the rest.
    - uses: burned and cancelled_burns by how they were redeemed; what they leave is plain.

    :raises CohortError: when a field is negative.
    """

    key: CohortKey
    issued: int = 0
    allocated: int = 0
    burned: int = 0
    cancelled_burns: int = 0
    expired: int = 0
    reinstated: int = 0
    clawed_back: int = 0
    clawed_back_allocated: int = 0
    returned_share: int = 0
    owed_share: int = 0
    forgone_share: int = 0
    repaid: int = 0
    repaid_allocated: int = 0
    settled: int = 0
    uses: tuple[Use, ...] = ()

    def __post_init__(self) -> None:
        if min(_figures(self)) < 0:
            raise CohortError(
                f"a movement is negative: {self}",
                field="movement",
                value=self,
                mend="Movements are gross; what comes back has fields of its own.",
            )

    @property
    def by_use(self) -> tuple[Use, ...]:
        """All of its redemptions: the uses, and what they leave as a plain one."""
        burned = self.burned - sum(use.burned for use in self.uses)
        back = self.cancelled_burns - sum(use.back for use in self.uses)
        plain = Use(burned=burned, back=back, uncosted=burned, uncosted_back=back)
        return together((plain, *self.uses))


def together(uses: Iterable[Use]) -> tuple[Use, ...]:
    """One use for each side and entity, in their order; none where nothing was redeemed."""
    found: dict[tuple[str, str], Use] = {}
    for use in uses:
        known = found.get(use[:2])
        found[use[:2]] = (
            use
            if known is None
            else Use(use.side, use.other, *map(int.__add__, known[2:], use[2:]))
        )
    return tuple(found[place] for place in sorted(found) if any(found[place][2:]))


FIGURES: Final = tuple(
    field.name for field in fields(Movement) if field.name not in ("key", "uses")
)
_figures = attrgetter(*FIGURES)


class Drawn(NamedTuple):
    """Points drawn from lots of one cohort, and the shares of those lots that leave with them."""

    key: CohortKey
    points: int
    allocated: int


def claw_back(
    *, award: CohortKey, share: int, points: int, draws: Sequence[Drawn], owed: bool
) -> tuple[Movement, ...]:
    """The movements of taking back `points` of one returned award.

    `award` is the cohort of the award's own lot, `share` the part of that lot's allocated amount
    which stands behind `points` (minor units, rounded on the running total of the points returned
    of the lot), `draws` what was recovered, wherever the spend order found it. The own share is
    divided over the draws and the points not recovered by points, largest remainder, so that
    revenue gets back exactly `share`. `owed` says whether the terms let the member owe the rest.

    :raises CohortError: when more was drawn than was to be taken back.
    """
    shortfall = points - sum(drawn.points for drawn in draws)
    if shortfall < 0:
        raise CohortError(
            f"{-shortfall} points more were drawn than were to be taken back",
            field="draws",
            value=draws,
            mend="Draw no more than the return asks for.",
        )
    *recovered, missing = split(
        total=share, weights=[*(drawn.points for drawn in draws), shortfall]
    )
    movements = [
        Movement(
            key=drawn.key,
            clawed_back=drawn.points,
            clawed_back_allocated=drawn.allocated,
            returned_share=part,
        )
        for drawn, part in zip(draws, recovered, strict=True)
    ]
    if missing:
        owing, forgone = (missing, 0) if owed else (0, missing)
        movements.append(Movement(key=award, owed_share=owing, forgone_share=forgone))
    return tuple(movements)


def merge(movements: Iterable[Movement]) -> tuple[Movement, ...]:
    """One movement per cohort, in order of keys: the sums of all its movements."""
    totals: dict[CohortKey, tuple[int, ...]] = {}
    uses: dict[CohortKey, tuple[Use, ...]] = {}
    for movement in movements:
        figures = _figures(movement)
        known = totals.get(movement.key)
        totals[movement.key] = figures if known is None else tuple(map(int.__add__, known, figures))
        if movement.uses:
            uses[movement.key] = uses.get(movement.key, ()) + movement.uses
    return tuple(
        Movement(
            key=key,
            uses=together(uses.get(key, ())),
            **dict(zip(FIGURES, totals[key], strict=True)),
        )
        for key in sorted(totals)
    )
