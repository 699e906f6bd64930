"""What is earned as time passes: cumulative by day, exact at the end.

Membership fees, marketing services and status are promises to stand ready (IFRS 15.35(a), B18;
606-10-25-27(a)). What is earned by a day is rounded on the running total, so months add up to the
amount. Raises ScheduleError for a span without days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pointbook.engine.values.calendar import add_months
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.money import half_up

if TYPE_CHECKING:
    from datetime import date


class ScheduleError(PointbookError):
    """Something is to be earned over no days at all."""

    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An amount (minor units; below 0: given back) from `from_on` to before `until_on`.

    :raises ScheduleError: when it ends before it began.
    """

    amount: int
    from_on: date
    until_on: date

    def __post_init__(self) -> None:
        if self.days <= 0:
            raise ScheduleError(
                f"from {self.from_on} to before {self.until_on} there is no day",
                field="until",
                value=self.until_on,
                mend="Name a day after the first one.",
            )

    @property
    def days(self) -> int:
        """How many days it runs."""
        return (self.until_on - self.from_on).days

    def earned(self, by_on: date) -> int:
        """What is earned before a day: 0 up to the first, all of it from the end on."""
        passed = min(max((by_on - self.from_on).days, 0), self.days)
        return part(amount=self.amount, passed=passed, whole=self.days)

    def between(self, first_on: date, until_on: date) -> int:
        """What is earned from a day to before another."""
        return self.earned(until_on) - self.earned(first_on)

    def left(self, by_on: date) -> int:
        """What is not earned yet."""
        return self.amount - self.earned(by_on)

    def given_back(self, on: date) -> Span | None:
        """The span that takes back the days left from a day on; None when there are none.

        Both together earn from then on nothing but a difference of rounding, which is gone at the
        end: they come to what was earned before that day.
        """
        start = max(on, self.from_on)
        if start >= self.until_on:
            return None
        return Span(amount=-self.left(start), from_on=start, until_on=self.until_on)


def by_years(*, value: int, from_on: date, until_on: date) -> int:
    """What days are worth at a value of a year: whole years, and of the last the days there are."""
    years = 0
    while (end := add_months(from_on, 12 * (years + 1))) <= until_on:
        years += 1
    begun = add_months(from_on, 12 * years)
    rest = part(amount=value, passed=(until_on - begun).days, whole=(end - begun).days)
    return value * years + rest


def part(*, amount: int, passed: int, whole: int) -> int:
    """The part of an amount for `passed` of `whole` equal steps (days, months), half up."""
    return half_up(numerator=amount * passed, denominator=whole)
