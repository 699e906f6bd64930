"""Whose books, which period: entities, their programs, period codes and how far each was closed.

Raises EntityNotFound, PeriodError and CloseNotFound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from django.db.models import Q

from pointbook.accounting.models import Close, Period, Seal, Watermark
from pointbook.controls.clock import clock
from pointbook.controls.queries import last_seq
from pointbook.engine.replay.program import Program as Compiled
from pointbook.engine.revenue.cohorts import CohortKey
from pointbook.engine.revenue.policies import AT_FACE, MONETARY, ROLES
from pointbook.engine.revenue.recognition import InForce
from pointbook.engine.revenue.treatments import price_of
from pointbook.engine.rules.books import EVERYWHERE, Books
from pointbook.engine.values.calendar import (
    first_of_month,
    last_second,
    midnight,
    month_name,
    month_start,
    next_month,
)
from pointbook.engine.values.errors import NotFoundError, PointbookError
from pointbook.engine.values.money import exponent
from pointbook.ledger.evidence import first_facts
from pointbook.ledger.movements import Span
from pointbook.programs.models import Entity, Program
from pointbook.programs.queries import compiled, program


class EntityNotFound(NotFoundError):
    """There is no entity with this code."""


class PeriodError(PointbookError):
    """The text is no period, or the books know no such period."""

    status = 422


class CloseNotFound(NotFoundError):
    """The period has no close, or none of this version."""


@dataclass(frozen=True)
class ProgramBooks:
    """One program in the books of one entity: its zone, currency and rates."""

    entity_id: int
    entity: str
    id: int
    code: str
    currency: str

    @cached_property
    def compiled(self) -> Compiled:
        """The program's versions and rates."""
        return compiled(self.id)

    def rate(self, period: date) -> Decimal:
        """The expected redemption rate in force in a period; 1 while none was approved."""
        return self.compiled.rate_in(month_name(period))

    def in_force(self, first_on: date, key: CohortKey) -> InForce:
        """What a cohort is measured by in a period.

        Its rate is that of its month where the estimate has one. Stored value is expected to be
        used whole unless an estimate of its own unit says what will not be (IFRS 15 B44-B46).
        """
        period = month_name(first_on)
        estimate = self.compiled.estimate_in(period)
        own = estimate is not None and key.unit in estimate.cohorts
        rate = Decimal(1)
        if key.policy not in AT_FACE or own:
            rate = self.compiled.rate_for(period=period, unit=key.unit, issued_on=key.issued_on)
        terms = self._terms(period)
        unclaimed = terms.unclaimed_in(EVERYWHERE) if key.policy in AT_FACE else Decimal(0)
        return InForce(rate, self._each(period, key), unclaimed)

    def _terms(self, period: str) -> Books:
        """What the books say at the end of a period."""
        at = last_second(month_start(period), self.compiled.zone)
        return self.compiled.version_at(at).blueprint.books

    def _each(self, period: str, key: CohortKey) -> Decimal:
        """The cost or value of one smallest part, minor units; 0 where the policy asks for none.

        A partner's points cost what the books say that the partner asks, or else their value.
        """
        measure = ROLES[key.policy].measure
        if measure not in ("cost", "due"):
            return Decimal(0)
        at_value = measure == "due" or key.policy in MONETARY
        found = self.compiled.value_of if at_value else self.compiled.cost_of
        whole = found(period=period, unit=key.unit)
        if measure == "due":
            terms = self._terms(period)
            price = price_of(terms, policy=key.policy, funder=key.funder, unit=key.unit)
            whole = whole if price is None else price
        return whole.scaleb(exponent(key.currency) - self.decimals(key.unit))

    def known_at(self, estimate: int | None, at: datetime | None = None) -> ProgramBooks:
        """The same books as a close knew them: estimates up to a number, costs approved by `at`."""
        known = replace(self)
        # The cached program of this copy, not of the one it was made from.
        known.__dict__["compiled"] = self.compiled.known_at(estimate or 0, at)
        return known

    def decimals(self, unit: str) -> int:
        """How many decimals a point of a unit has."""
        return self.compiled.versions[-1].units[unit].decimals

    def now(self) -> datetime:
        """The program's clock."""
        return clock(self.id)

    def ends(self, first_on: date) -> datetime:
        """The instant at which a month is over for the program."""
        return midnight(next_month(first_on), self.compiled.zone)

    def span(
        self, first_on: date, *, after: int, until_on: date | None = None, up_to: int | None = None
    ) -> Span:
        """The movements of a month, or of the months before `until_on`, read up to `up_to`."""
        return Span(
            entity_id=self.entity_id,
            entity=self.entity,
            program_id=self.id,
            program=self.code,
            zone=self.compiled.zone,
            first_on=first_on,
            until_on=until_on or next_month(first_on),
            after=after,
            up_to=last_seq(self.id) if up_to is None else up_to,
        )


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A period and how far it is; open periods have no version and no close yet."""

    code: str
    first_on: date
    status: str
    version: int | None = None
    closed_by: str = ""
    closed_at: datetime | None = None
    sealed_at: datetime | None = None
    block: int | None = None


def entity(code: str = "main") -> Entity:
    """The entity with this code.

    :raises EntityNotFound: naming the codes there are.
    """
    found = Entity.objects.filter(code=code).first()
    if found is None:
        known = ", ".join(Entity.objects.order_by("code").values_list("code", flat=True))
        raise EntityNotFound(
            f"there is no entity {code!r}",
            field="entity",
            value=code,
            mend=f"Use one of: {known}." if known else "Publish a program first.",
        )
    return found


def programs_of(own: Entity) -> list[ProgramBooks]:
    """The programs with stores of an entity, in order of code."""
    found = Program.objects.filter(Q(entity=own) | Q(store__entity=own)).distinct()
    return [_books(own, row) for row in found.order_by("code")]


def sharing(own: Entity) -> list[int]:
    """The ids of the entities in whose books a program of this one is, too."""
    ids = [books.id for books in programs_of(own)]
    found = Entity.objects.filter(Q(program__in=ids) | Q(store__program__in=ids)).distinct()
    return sorted(found.exclude(id=own.id).values_list("id", flat=True))


def program_books(*, program_code: str, entity_code: str | None = None) -> ProgramBooks:
    """One program in the books of an entity; its own when none is named.

    :raises ProgramNotFound: no such program.
    :raises EntityNotFound: no such entity.
    """
    row = program(program_code)
    return _books(row.entity if entity_code is None else entity(entity_code), row)


def _books(own: Entity, row: Program) -> ProgramBooks:
    return ProgramBooks(own.id, own.code, row.id, row.code, row.currency)


def period_start(code: str) -> date:
    """The first day of the period with this code.

    :raises PeriodError: when the text is no period.
    """
    try:
        return month_start(code)
    except ValueError:
        raise PeriodError(
            f"{code!r} is not a period", field="period", value=code, mend="Write YYYY-MM."
        ) from None


def first_period(own: Entity) -> date | None:
    """The first day of the entity's first period: its first close's, or of its first fact."""
    known = Close.objects.filter(entity=own).select_related("period").order_by("period__first_on")
    if (first := known.first()) is not None:
        return first.period.first_on
    starts = [first_of_month(at, compiled(one).zone) for one, at in first_facts(own.id).items()]
    return min(starts, default=None)


def last_close(own: Entity, *, before: date | None = None) -> Close | None:
    """The entity's last close that stands, of any period or of those before a day.

    The closes of a reopened period do not: it is open again, until its next version is drawn up.
    """
    found = Close.objects.filter(entity=own).select_related("period")
    found = found.exclude(period__status=Period.Status.REOPENED)
    if before is not None:
        found = found.filter(period__first_on__lt=before)
    return found.order_by("-period__first_on", "-version").first()


def close_of(*, entity_code: str, period: str, version: int | None = None) -> Close:
    """A close of a period: its last version, or the one that is asked for, which never changes.

    :raises EntityNotFound: no such entity.
    :raises PeriodError: when the text is no period.
    :raises CloseNotFound: the period was never drawn up, or has no such version.
    """
    period_start(period)
    closes = Close.objects.filter(entity=entity(entity_code), period__code=period)
    found = closes.select_related("period", "entity").order_by("-version")
    if version is not None:
        found = found.filter(version=version)
    if (close := found.first()) is not None:
        return close
    known = ", ".join(str(number) for number in closes.values_list("version", flat=True))
    raise CloseNotFound(
        f"{period} of {entity_code} has no {f'version {version}' if version else 'close'}",
        field="version" if version else "period",
        value=version or period,
        mend=f"Use one of: {known}." if known else f"Close it first: pointbook close {period}.",
    )


def watermarks(close: Close | None) -> Mapping[int, Watermark]:
    """How far a close has read in each program's sequence, by program id."""
    return {row.program_id: row for row in Watermark.objects.filter(close=close)} if close else {}


def first_open(own: Entity) -> date | None:
    """The first day of the first period without a close that stands; None without facts."""
    last = last_close(own)
    return first_period(own) if last is None else next_month(last.period.first_on)


def periods(*, entity_code: str = "main") -> list[PeriodRow]:
    """The periods from the entity's first to the month of its slowest program's clock, last first.

    A month is over for an entity when it is for all its programs.

    :raises EntityNotFound: no such entity.
    """
    own = entity(entity_code)
    month = first_period(own)
    if month is None:
        return []
    closes = {row.period.first_on: row for row in _closes(own)}
    seals = {row.close_id: row for row in Seal.objects.filter(close__entity=own)}
    clocks = [first_of_month(one.now(), one.compiled.zone) for one in programs_of(own)]
    last = max([month, *closes, min(clocks, default=month)])
    found = []
    while month <= last:
        close = closes.get(month)
        found.append(_period_row(month, close, seals.get(close.id) if close else None))
        month = next_month(month)
    return found[::-1]


def _closes(own: Entity) -> list[Close]:
    return list(Close.objects.filter(entity=own).select_related("period").order_by("version"))


def _period_row(month: date, close: Close | None, seal: Seal | None) -> PeriodRow:
    if close is None:
        return PeriodRow(month_name(month), month, Period.Status.OPEN.value)
    return PeriodRow(
        code=close.period.code,
        first_on=month,
        status=close.period.status,
        version=close.version,
        closed_by=close.closed_by,
        closed_at=close.closed_at,
        sealed_at=seal.sealed_at if seal else None,
        block=seal.number if seal else None,
    )


def span_of_close(close: Close, books: ProgramBooks) -> Span:
    """What a close has read of a program: the movements behind its entries."""
    first_on = close.period.first_on
    own = watermarks(close).get(books.id)
    before = watermarks(last_close(close.entity, before=first_on)).get(books.id)
    return books.span(
        first_on,
        after=before.seq if before else 0,
        up_to=own.seq if own else 0,
    )
