"""The triangle behind an estimate: what each month's points did at every age, as the books say.

Read off the totals that closes wrote down, and for months without a close off the ledger's
movements: the data behind the estimate is the data behind the books, and its cost is that of the
cohorts, not of the lots. What came late stands at the age at which points were used. Raises
EstimateError for totals that contradict each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from django.db.models import Q

from pointbook.accounting.models import CohortTotal, Watermark
from pointbook.accounting.queries.books import ProgramBooks, first_period, program_books
from pointbook.engine.revenue.estimating.lives import life
from pointbook.engine.revenue.estimating.triangles import Cohort, Triangle
from pointbook.engine.revenue.policies import ROLES, Policy
from pointbook.engine.values.calendar import next_month
from pointbook.ledger.lateness import late_uses
from pointbook.ledger.movements import Span, movements
from pointbook.programs.models import Entity, Program

# What is due to a partner at once is owed whatever becomes of the points.
ESTIMATED = tuple(policy for policy, roles in ROLES.items() if roles.measure != "due")
YEAR = 12


class Group(NamedTuple):
    """A cohort of an entity; `policy` is the group's own word for it."""

    entity: str
    unit: str
    currency: str
    issued_on: date
    policy: str
    funder: str


class Step(NamedTuple):
    """What a month changed in a cohort's totals: points in smallest parts."""

    group: Group
    month_on: date
    issued: int
    redeemed: int
    expired: int


@dataclass(frozen=True, slots=True)
class Known:
    """What was known of a program's points at number `seq` of its sequence, to the end of a month.

    `steps` are the changes of every cohort, month by month as they are true, not as they came.
    """

    program: str
    until_on: date
    seq: int
    steps: tuple[Step, ...]
    lives: dict[str, int | None] = field(default_factory=dict)

    @property
    def units(self) -> list[str]:
        """The units that ever had points, in order."""
        return sorted({step.group.unit for step in self.steps})

    def triangle(
        self, unit: str, *, entity: str | None = None, policy: Policy | None = None
    ) -> Triangle:
        """The issue-month triangle of a unit: all entities and policies, or one.

        :raises EstimateError: when the totals contradict each other.
        """
        by_month: dict[date, list[Step]] = defaultdict(list)
        for step in self.steps:
            group = step.group
            own = group.unit == unit and entity in (None, group.entity)
            if own and policy in (None, group.policy):
                by_month[group.issued_on].append(step)
        cohorts = tuple(self._cohort(month, steps) for month, steps in sorted(by_month.items()))
        known = self.lives.get(unit)
        # Points that are given back, or were held, are used after their term.
        seen = max((_last_use(cohort) + 1 for cohort in cohorts), default=1)
        return Triangle(cohorts=cohorts, life=None if known is None else max(known, seen))

    def _cohort(self, issued_on: date, steps: list[Step]) -> Cohort:
        ages = _age(self.until_on, issued_on) + 1
        redeemed, expired = [0] * ages, [0] * ages
        for step in steps:
            redeemed[_age(step.month_on, issued_on)] += step.redeemed
            expired[_age(step.month_on, issued_on)] += step.expired
        return Cohort(
            issued_on=issued_on,
            issued=sum(step.issued for step in steps),
            redeemed=tuple(redeemed),
            expired=tuple(expired),
        )


def _last_use(cohort: Cohort) -> int:
    return max((age for age, points in enumerate(cohort.redeemed) if points > 0), default=0)


def _age(month_on: date, issued_on: date) -> int:
    return (month_on.year - issued_on.year) * YEAR + month_on.month - issued_on.month


def known(*, program: Program, until_on: date, seq: int | None = None) -> Known:
    """What is known of a program's points to the end of the month that begins on `until_on`.

    `seq` cuts at a number of the program's sequence: as it was known then.
    """
    steps: list[Step] = []
    spans: list[Span] = []
    books = [
        program_books(program_code=program.code, entity_code=code)
        for code in Entity.objects.filter(Q(program=program) | Q(store__program=program))
        .order_by("code")
        .distinct()
        .values_list("code", flat=True)
    ]
    up_to = books[0].span(until_on, after=0, up_to=seq).up_to
    for one in books:
        found = _Entity(one, until_on, up_to)
        steps += found.closed()
        steps += found.opened()
        spans += found.spans
    versions = books[0].compiled.versions
    units = {unit for version in versions for unit in version.units}
    blueprints = [version.blueprint for version in versions]
    return Known(
        program=program.code,
        until_on=until_on,
        seq=up_to,
        steps=tuple(_at_true_age(steps, spans, {one.entity_id: one.entity for one in books})),
        lives={unit: life(blueprints, unit) for unit in sorted(units)},
    )


class _Entity:
    """The books of one entity, read from their first month to a last one."""

    def __init__(self, books: ProgramBooks, until_on: date, up_to: int) -> None:
        self.books, self.until_on, self.up_to = books, until_on, up_to
        self.spans: list[Span] = []
        self.marks = self._marks()

    def _marks(self) -> list[Watermark]:
        """How far each month was read, by its latest version that was drawn up by the cut."""
        rows = (
            Watermark.objects.filter(
                program_id=self.books.id,
                close__entity_id=self.books.entity_id,
                close__period__first_on__lte=self.until_on,
                seq__lte=self.up_to,
            )
            .select_related("close__period")
            .order_by("close__period__first_on", "-close__version")
            .distinct("close__period__first_on")
        )
        return list(rows)

    def closed(self) -> Iterator[Step]:
        """What the totals of each close changed of those before."""
        months = {mark.close_id: mark.close.period.first_on for mark in self.marks}
        after = 0
        for mark in self.marks:
            self._read(months[mark.close_id], after=after, up_to=mark.seq)
            after = mark.seq
        rows = CohortTotal.objects.filter(
            close_id__in=list(months), program_id=self.books.id, policy__in=ESTIMATED
        ).values_list(
            "close_id",
            *("unit", "currency", "issued_on", "policy", "funder"),
            *("issued", "redeemed", "expired"),
        )
        before: dict[Group, tuple[int, ...]] = {}
        for close_id, *columns in sorted(rows, key=lambda row: months[row[0]]):
            group = Group(self.books.entity, *columns[:5])
            was, now = before.get(group, (0, 0, 0)), tuple(columns[5:])
            before[group] = now
            if was != now:
                yield Step(group, months[close_id], *map(int.__sub__, now, was))

    def opened(self) -> Iterator[Step]:
        """What the ledger says of the months after the last close."""
        own = Entity.objects.get(id=self.books.entity_id)
        last = self.marks[-1] if self.marks else None
        month = next_month(last.close.period.first_on) if last else first_period(own)
        after = last.seq if last else 0
        while month is not None and month <= self.until_on:
            span = self._read(month, after=after, up_to=self.up_to)
            for moved in movements(span).by_cohort:
                key = moved.key
                if key.policy not in ESTIMATED:
                    continue
                yield Step(
                    Group(
                        key.entity,
                        key.unit,
                        key.currency,
                        key.issued_on,
                        key.policy.value,
                        key.funder,
                    ),
                    month,
                    moved.issued - moved.clawed_back - moved.repaid,
                    moved.burned - moved.cancelled_burns,
                    moved.expired - moved.reinstated,
                )
            month, after = next_month(month), self.up_to

    def _read(self, month: date, *, after: int, up_to: int) -> Span:
        span = self.books.span(month, after=after, up_to=up_to)
        self.spans.append(span)
        return span


def _at_true_age(steps: list[Step], spans: list[Span], entities: dict[int, str]) -> Iterator[Step]:
    """Redemptions that came late, in the month in which they occurred.

    A cohort that would then have used less than nothing at some age stays as it was booked.
    """
    by_group: dict[Group, list[Step]] = defaultdict(list)
    for step in steps:
        by_group[step.group].append(step)
    moved: dict[Group, list[Step]] = defaultdict(list)
    for late in late_uses(spans):
        group = Group(entities[late.entity_id], *late[1:6])
        if group.policy in ESTIMATED:
            moved[group] += [
                Step(group, late.booked_on, 0, -late.points, 0),
                Step(group, late.month_on, 0, late.points, 0),
            ]
    for group, own in by_group.items():
        yield from own if _below_nothing([*own, *moved[group]]) else [*own, *moved[group]]


def _below_nothing(steps: Iterable[Step]) -> bool:
    months: dict[date, int] = defaultdict(int)
    for step in steps:
        months[step.month_on] += step.redeemed
    return min(accumulate(points for _, points in sorted(months.items())), default=0) < 0
