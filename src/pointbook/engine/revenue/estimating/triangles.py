"""Issue-month triangles: what each month's points did at every age, and what must be true of them.

Ages count months from the month of issue, which is age 0. Raises EstimateError when a triangle
contradicts itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from pointbook.engine.values.calendar import add_months, month_name
from pointbook.engine.values.errors import PointbookError

if TYPE_CHECKING:
    from collections.abc import Sequence


class EstimateError(PointbookError):
    """Expected redemption cannot be estimated from what was given."""

    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """The points issued in one month, in smallest parts, and what became of them month by month.

    `issued_on` is the first day of the month, `issued` net of claw-back (None where a published
    triangle does not tell). `redeemed` has what was used at each age observed so far, net of
    cancelled burns, so an age can be below 0; `expired` likewise, net of what was reinstated, or
    empty where it is not known.

    :raises EstimateError: when more was used than issued, or less than nothing.
    """

    issued_on: date
    issued: int | None
    redeemed: tuple[int, ...]
    expired: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.redeemed:
            raise _wrong(self, "redeemed", "has no age", mend="Give its month of issue as age 0.")
        if self.expired and len(self.expired) != len(self.redeemed):
            raise _wrong(
                self,
                "expired",
                f"has {len(self.redeemed)} ages of redemptions and {len(self.expired)} of expiries",
                mend="Give both for the same ages, or no expiries.",
            )
        if min(self.issued or 0, *self.cumulative, *accumulate(self.expired)) < 0:
            raise _wrong(
                self, "redeemed", "is below 0", mend="Count a cancelled burn when it is cancelled."
            )
        if self.issued is not None and self.used + self.lapsed > self.issued:
            raise _wrong(
                self,
                "redeemed",
                f"lost {self.used + self.lapsed} of {self.issued} points",
                mend="Take issued points net of claw-back and redemptions of the same lots.",
            )

    @property
    def age(self) -> int:
        """The latest age observed; 0 is the month of issue."""
        return len(self.redeemed) - 1

    @property
    def cumulative(self) -> tuple[int, ...]:
        """Points used up to and with each age."""
        return tuple(accumulate(self.redeemed))

    @property
    def used(self) -> int:
        """Points used so far."""
        return sum(self.redeemed)

    @property
    def lapsed(self) -> int:
        """Points expired so far."""
        return sum(self.expired)


def _wrong(cohort: Cohort, field: str, what: str, *, mend: str) -> EstimateError:
    return EstimateError(
        f"the cohort of {month_name(cohort.issued_on)} {what}",
        field=field,
        value=getattr(cohort, field),
        mend=mend,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Triangle:
    """Cohorts seen up to one and the same month, kept in order of issue.

    `life` is the number of ages until contractual expiry is over: nothing can be used at age `life`
    or later. None: the points never expire.

    :raises EstimateError: when cohorts end in different months, share one, or outlive `life`.
    """

    cohorts: tuple[Cohort, ...]
    life: int | None

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.cohorts, key=attrgetter("issued_on")))
        object.__setattr__(self, "cohorts", ordered)
        if self.life is not None and self.life < 1:
            raise EstimateError(
                f"a life of {self.life} ages is none",
                field="life",
                value=self.life,
                mend="Count the month of issue: points of that month only have a life of 1.",
            )
        for earlier, later in pairwise(ordered):
            if earlier.issued_on == later.issued_on:
                raise _wrong(
                    later, "issued_on", "is there twice", mend="Add up cohorts of one month."
                )
        for cohort in ordered:
            self._check(cohort)

    def _check(self, cohort: Cohort) -> None:
        if cohort.issued_on.day != 1:
            raise _wrong(cohort, "issued_on", "starts within the month", mend="Give its first day.")
        if self._seen_to(cohort) != self._seen_to(self.cohorts[0]):
            raise _wrong(
                cohort,
                "redeemed",
                f"is seen to {month_name(self._seen_to(cohort))}, "
                f"the first one to {month_name(self._seen_to(self.cohorts[0]))}",
                mend="Give every cohort up to the same month, with 0 where nothing was used.",
            )
        if self.has_run_off(cohort) and cohort.used > sum(cohort.redeemed[: self.life]):
            raise _wrong(
                cohort,
                "redeemed",
                f"was used after its life of {self.life} ages",
                mend="Give the longest life of its points, or make a triangle for each term.",
            )

    @staticmethod
    def _seen_to(cohort: Cohort) -> date:
        return add_months(cohort.issued_on, cohort.age)

    @classmethod
    def from_cumulative(
        cls,
        rows: Sequence[Sequence[int]],
        *,
        issued: Sequence[int] | None = None,
        life: int | None = None,
        first_on: date = date(2000, 1, 1),
    ) -> Triangle:
        """A published triangle: one row of running totals for each cohort, the oldest first.

        `issued` is each row's exposure where it is known, `life` the number of ages of the first
        row unless told. A year of an insurer's triangle stands as a month.
        """
        known = [None] * len(rows) if issued is None else issued
        cohorts = tuple(
            Cohort(
                issued_on=add_months(first_on, place),
                issued=size,
                redeemed=(row[0], *(after - before for before, after in pairwise(row))),
            )
            for place, (row, size) in enumerate(zip(rows, known, strict=True))
        )
        return cls(cohorts=cohorts, life=len(rows[0]) if life is None else life)

    @property
    def ages(self) -> int:
        """How many ages the oldest cohort was seen at, of those within its life."""
        seen = max((len(cohort.redeemed) for cohort in self.cohorts), default=0)
        return seen if self.life is None else min(seen, self.life)

    @property
    def cumulative(self) -> tuple[tuple[int, ...], ...]:
        """The running totals of each cohort, cut where its life ends."""
        return tuple(cohort.cumulative[: self.life] for cohort in self.cohorts)

    @property
    def latest(self) -> tuple[int, ...]:
        """What each cohort used so far: the last diagonal of running totals."""
        return tuple(cohort.used for cohort in self.cohorts)

    def has_run_off(self, cohort: Cohort) -> bool:
        """Whether the contract leaves nothing to happen: the cohort was seen at all its ages."""
        return self.life is not None and len(cohort.redeemed) >= self.life

    def without_last_diagonal(self) -> Triangle:
        """The triangle as it stood a month earlier.

        Only issued points are still those of now, net of claw-backs since, but never less than
        what was used and expired by then.
        """
        return Triangle(
            cohorts=tuple(_earlier(cohort) for cohort in self.cohorts if cohort.age), life=self.life
        )


def _earlier(cohort: Cohort) -> Cohort:
    redeemed, expired = cohort.redeemed[:-1], cohort.expired[:-1]
    issued = cohort.issued
    if issued is not None:
        issued = max(issued, sum(redeemed) + sum(expired))
    return replace(cohort, issued=issued, redeemed=redeemed, expired=expired)


NEVER: Final = "never"


def data_hash(triangle: Triangle) -> bytes:
    """SHA-256 over the triangle as text: its life, then one line for each cohort, oldest first.

    A line has the month, the points issued, those redeemed and those expired at each age, the last
    two separated by commas: `2026-01 1000 10,20 0,5`.
    """
    lines = [f"life {NEVER if triangle.life is None else triangle.life}"]
    for cohort in triangle.cohorts:
        issued = "-" if cohort.issued is None else cohort.issued
        redeemed, expired = (",".join(map(str, row)) for row in (cohort.redeemed, cohort.expired))
        lines.append(f"{month_name(cohort.issued_on)} {issued} {redeemed} {expired or '-'}")
    return hashlib.sha256("\n".join(lines).encode()).digest()
