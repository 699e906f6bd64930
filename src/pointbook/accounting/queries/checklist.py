"""What stands in the way of a close: blockers, which nobody can skip, and warnings.

A warning is accepted with a reason, which is recorded. The same checks are read before a close and
run by it. Raises EntityNotFound and PeriodError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final, NamedTuple

from pointbook.accounting.models import JournalLine, Period
from pointbook.accounting.queries.approvals import ProposalRow, waiting
from pointbook.accounting.queries.books import (
    PeriodError,
    ProgramBooks,
    close_of,
    entity,
    first_open,
    first_period,
    last_close,
    period_start,
    programs_of,
    sharing,
)
from pointbook.accounting.queries.derivation import Derived, preview
from pointbook.accounting.queries.settings import BooksSetting, books_of
from pointbook.engine.revenue.cohorts import CohortState
from pointbook.engine.revenue.policies import ROLES
from pointbook.engine.revenue.recognition import expected, liability
from pointbook.engine.values.calendar import month_name
from pointbook.engine.values.money import exponent, to_major
from pointbook.ledger.evidence import Sales, sales
from pointbook.ledger.queries.waiting import lots_due, unclaimed
from pointbook.programs.models import Entity

# An estimate that is older is looked at again: the age is counted from its first period.
ESTIMATE_MONTHS: Final = 12
# Accounts whose balance Pointbook derives: they tie to cohorts and schedules. What a manual entry
# adjusts on them stands beside the tie-outs and is told by every close.
DERIVED_ACCOUNTS: Final = frozenset({"2100", "2110", "2120", "2130", "2150", "2200", "2300"})


class Finding(NamedTuple):
    """What a check has found; a blocker cannot be accepted."""

    text: str
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class Examined:
    """A period as its checks see it; `expired` says that the close ran the expiry task."""

    entity: Entity
    first_on: date
    derived: Sequence[Derived]
    sold: Sequence[Sales]
    setting: BooksSetting
    expired: bool = False

    @property
    def code(self) -> str:
        """The period's code."""
        return month_name(self.first_on)


Check = Callable[[Examined], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Checklist:
    """A period before its close: what waits for somebody, what blocks it, what it warns of."""

    entity: str
    period: str
    status: str
    checks: int
    passed: int
    waiting: tuple[str, ...]
    blockers: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def needs_reason(self) -> bool:
        """Whether a close would have to accept something."""
        return bool(self.warnings)


def in_the_way(own: Entity, first_on: date) -> list[str]:
    """Why a period cannot be drawn up yet, whatever is in it: not over, or not its turn.

    :raises PeriodError: when it lies before the entity's first fact.
    """
    first, code = first_period(own), month_name(first_on)
    if first is None or first_on < first:
        raise PeriodError(
            f"entity {own.code} has no facts in {code} or before",
            field="period",
            value=code,
            mend=f"The first period is {month_name(first)}." if first else "Import facts first.",
        )
    return [*_not_over(own, first_on), *_not_in_turn(own, first_on)]


def _not_over(own: Entity, first_on: date) -> list[str]:
    return [
        f"it is not over for program {books.code}, whose clock stands at"
        f" {books.now().astimezone(books.compiled.zone):%Y-%m-%d %H:%M}"
        for books in programs_of(own)
        if books.now() < books.ends(first_on)
    ]


def _not_in_turn(own: Entity, first_on: date) -> list[str]:
    turn, last = first_open(own), last_close(own)
    if last is not None and last.period.status != Period.Status.CLOSED:
        return [f"{last.period.code} is drawn up but not sealed"]
    return [f"{month_name(turn)} is not closed yet"] if turn and turn < first_on else []


def checklist(*, period: str, entity_code: str = "main") -> Checklist:
    """What a close of the period would find now; nothing is written.

    :raises EntityNotFound: no such entity.
    :raises PeriodError: no period, or one before the entity's first fact.
    """
    own, first_on = entity(entity_code), period_start(period)
    known = Period.objects.filter(entity=own, first_on=first_on).first()
    status = known.status if known else Period.Status.OPEN.value
    if status in (Period.Status.CLOSED, Period.Status.SOFT_CLOSED):
        return _drawn_up(own, period, status)
    stopped = in_the_way(own, first_on)
    books = programs_of(own)
    derived = [months[-1] for one in books if (months := preview(books=one, until=first_on))]
    examined = Examined(
        entity=own,
        first_on=first_on,
        derived=derived,
        sold=[sales(one.span) for one in derived],
        setting=books_of(own.code),
    )
    found = run(examined)
    return Checklist(
        entity=own.code,
        period=period,
        status=status,
        checks=len(CHECKS),
        passed=sum(not findings for findings in found),
        waiting=(*_due(derived), *(said(row) for row in waiting(own))),
        blockers=(*stopped, *blockers(found)),
        warnings=tuple(warnings(found)),
    )


def _drawn_up(own: Entity, period: str, status: str) -> Checklist:
    """A period that was drawn up has been checked; it may still wait for its seal."""
    blocking = undecided_journals(own, period_start(period))
    unsealed = status == Period.Status.SOFT_CLOSED
    by = close_of(entity_code=own.code, period=period).closed_by
    seal = [f"the seal: {by} drew it up"] if unsealed else []
    return Checklist(
        entity=own.code,
        period=period,
        status=status,
        checks=len(CHECKS),
        passed=len(CHECKS),
        waiting=(*seal, *(said(row) for row in waiting(own))),
        blockers=tuple(one.text for one in blocking) if unsealed else (),
        warnings=(),
    )


def _due(derived: Sequence[Derived]) -> list[str]:
    """What the close does first: points that have ended leave."""
    return [
        f"{count:,} lots of {one.books.code} that ended are expired by the close"
        for one in derived
        if (count := lots_due(one.span))
    ]


def said(row: ProposalRow) -> str:
    """A proposal in a line."""
    about = f" for {row.period}" if row.period else ""
    return f"proposal {row.number} ({row.kind}{about}) by {row.prepared_by}"


def run(examined: Examined) -> list[list[Finding]]:
    """What every check finds, in the order of the table."""
    return [list(check(examined)) for check in CHECKS]


def blockers(found: Iterable[Sequence[Finding]]) -> list[str]:
    """What nobody can skip."""
    return [one.text for findings in found for one in findings if one.blocks]


def warnings(found: Iterable[Sequence[Finding]]) -> list[str]:
    """What has to be accepted."""
    return [one.text for findings in found for one in findings if not one.blocks]


def undecided_journals(own: Entity, first_on: date) -> list[Finding]:
    """Manual entries of a period, or of one before it, that nobody has decided about."""
    return [
        Finding(f"{said(row)} waits for an approval or a refusal", blocks=True)
        for row in waiting(own)
        if row.kind == "journal" and row.period <= month_name(first_on)
    ]


def _journals(examined: Examined) -> Iterable[Finding]:
    return undecided_journals(examined.entity, examined.first_on)


def _proposals(examined: Examined) -> Iterable[Finding]:
    """Of other kinds: an estimate, a cost or a rate would count only if it were approved now."""
    return (
        Finding(f"{said(row)} is not approved, so this close does not know it")
        for row in waiting(examined.entity)
        if row.kind not in ("journal", "reopen") and row.period <= examined.code
    )


def _estimated(examined: Examined) -> Iterable[Finding]:
    return (
        Finding(
            f"no approved estimate for {one.books.code} in {examined.code}, every point is"
            " expected to be redeemed"
        )
        for one in examined.derived
        if one.books.compiled.estimate_in(examined.code) is None
    )


def _aged(examined: Examined) -> Iterable[Finding]:
    """In full books an estimate is looked at again every year."""
    if not examined.setting.full:
        return
    for one in examined.derived:
        estimate = one.books.compiled.estimate_in(examined.code)
        if estimate is None:
            continue
        begun = period_start(estimate.from_period)
        months = _months(examined.first_on) - _months(begun)
        if months >= ESTIMATE_MONTHS:
            yield Finding(
                f"estimate {estimate.number} for {one.books.code} is of {estimate.from_period},"
                f" {months} months ago"
            )


def _months(day: date) -> int:
    return day.year * 12 + day.month


def _fresh(examined: Examined) -> Iterable[Finding]:
    return (
        Finding(
            f"the estimate for {one.books.code} is stale for points of"
            f" {', '.join(month_name(key.issued_on) for key in one.stale)}:"
            " as many were used as were ever expected"
        )
        for one in examined.derived
        if one.stale
    )


def _open(derived: Derived, measure: str) -> dict[str, list[CohortState]]:
    """The open cohorts of a measure after the period, by unit."""
    found: dict[str, list[CohortState]] = {}
    for state in derived.after.values():
        if state.outstanding and ROLES[state.key.policy].measure == measure:
            found.setdefault(state.key.unit, []).append(state)
    return found


def _costed(books: ProgramBooks, code: str, unit: str) -> bool:
    return any(one.unit == unit and one.from_period <= code for one in books.compiled.costs)


def _costs(examined: Examined) -> Iterable[Finding]:
    """Provisions are measured at cost; without an approved one the face value stands in."""
    return (
        Finding(
            f"no approved cost per point for {unit} of {one.books.code}, its face value stands in"
        )
        for one in examined.derived
        for unit in sorted(_open(one, "cost"))
        if not _costed(one.books, examined.code, unit)
    )


def _onerous(examined: Examined) -> Iterable[Finding]:
    """Expected cost of what is owed against what is owed, by unit (IAS 37.66-69).

    Only where a cost was approved: a face value is no cost.
    """
    for one in examined.derived:
        for unit, states in sorted(_open(one, "share").items()):
            if not _costed(one.books, examined.code, unit):
                continue
            cost, owed = _to_serve(one.books, examined.code, unit, states)
            if cost > owed:
                places = exponent(one.books.currency)
                yield Finding(
                    f"{unit} of {one.books.code} are onerous: to serve what is owed is expected to"
                    f" cost {to_major(cost, places=places):,}, and"
                    f" {to_major(owed, places=places):,} is owed"
                )


def _to_serve(
    books: ProgramBooks, code: str, unit: str, states: Sequence[CohortState]
) -> tuple[int, int]:
    """What cohorts are expected to cost yet, and what is owed for them, minor units."""
    whole = books.compiled.cost_of(period=code, unit=unit)
    each = whole.scaleb(exponent(books.currency) - books.decimals(unit))
    points = sum((expected(state) - state.redeemed for state in states), Fraction(0))
    return round(points * Fraction(each)), sum(liability(state) for state in states)


def _late(examined: Examined) -> Iterable[Finding]:
    """In full books somebody looks at what came after its month was closed."""
    late = sum(one.late for one in examined.sold)
    if late and examined.setting.full:
        yield Finding(f"{late:,} facts of earlier months came after their close")


def _others(examined: Examined) -> Iterable[Finding]:
    """Pairs of two entities meet only when the other is closed as far."""
    if not examined.setting.full:
        return
    for other in Entity.objects.filter(id__in=sharing(examined.entity)).order_by("code"):
        turn = first_open(other)
        if turn is not None and turn < examined.first_on:
            yield Finding(f"entity {other.code} has not closed {month_name(turn)} yet")


def _claimed(examined: Examined) -> Iterable[Finding]:
    """In full books: purchases kept for somebody who was not known, and who may claim them."""
    if not examined.setting.full:
        return
    for one in examined.derived:
        if count := unclaimed(one.span):
            yield Finding(f"{count:,} purchases of {one.books.code} wait for somebody's claim")


def _expired(examined: Examined) -> Iterable[Finding]:
    """Points that ended while the close was at work leave in the next period, late."""
    if not examined.expired:
        return
    for one in examined.derived:
        if count := lots_due(one.span):
            yield Finding(f"{count:,} lots of {one.books.code} have ended and are not expired")


def _adjusted(examined: Examined) -> Iterable[Finding]:
    """What manual entries adjust on accounts that tie to cohorts stays until it is reversed."""
    lines = JournalLine.objects.filter(
        entry__entity=examined.entity,
        entry__proposal__isnull=False,
        entry__period__first_on__lte=examined.first_on,
        account__in=DERIVED_ACCOUNTS,
    ).select_related("entry__program")
    balances: dict[tuple[str, str], int] = {}
    for line in lines:
        place = line.account, line.entry.currency
        balances[place] = balances.get(place, 0) + line.credit - line.debit
    return [
        Finding(
            f"manual entries adjust account {account} by"
            f" {to_major(amount, places=exponent(currency)):,} {currency} beside its cohorts"
        )
        for (account, currency), amount in sorted(balances.items())
        if amount
    ]


CHECKS: Final[tuple[Check, ...]] = (
    _journals,
    _proposals,
    _estimated,
    _aged,
    _fresh,
    _costs,
    _onerous,
    _late,
    _others,
    _claimed,
    _expired,
    _adjusted,
)
